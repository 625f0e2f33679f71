package markup

import (
	"net/url"
	"strings"
	"unicode"
)

// Bounds of a link, in bytes; what is longer stays as it was typed.
const (
	maxWords   = 1000
	maxAddress = 2048
)

// link reads [words](address) or [club1|words] at the beginning of s. It
// returns the length of what it read, 0 where there is no link.
func link(s string) (words, target string, size int) {
	end := strings.IndexByte(s[:min(len(s), maxWords)], ']')
	if end < 0 {
		return "", "", 0
	}
	inside := s[1:end]
	if page, name, ok := strings.Cut(inside, "|"); ok && isPage(page) && strings.TrimSpace(name) != "" {
		return name, vkHome + page, end + 1
	}
	rest := s[end+1:]
	if !strings.HasPrefix(rest, "(") || strings.TrimSpace(inside) == "" {
		return "", "", 0
	}
	last := strings.IndexByte(rest[:min(len(rest), maxAddress)], ')')
	if last < 0 || !IsAddress(rest[1:last]) {
		return "", "", 0
	}
	return inside, rest[1:last], end + 1 + last + 1
}

const vkHome = "https://vk.com/"

// isPage says that s names a person or a community of VK by its number.
func isPage(s string) bool {
	for _, kind := range []string{"id", "club", "public", "event"} {
		if digits, ok := strings.CutPrefix(s, kind); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			return true
		}
	}
	return false
}

// IsAddress says that s is a whole web address, such as a link may lead to.
func IsAddress(s string) bool {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// isAddress says that an address that is written out begins here.
func isAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// addressLength is how far an address that is written out goes.
func addressLength(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>\\\"«»[]", r) })
	if end < 0 {
		end = len(s)
	}
	// Signs at its end belong to the sentence, or close a mark around it.
	return len(strings.TrimRight(s[:end], ".,;:!?*_)"))
}
