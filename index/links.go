package index

import (
	"strings"
	"unicode/utf8"
)

// maxLinkRun bounds how far the scanner looks ahead for a link, in bytes of
// its host or its local part; longer ones do not exist.
const maxLinkRun = 256

// link returns the end of the URL, host name or e-mail address that starts
// here, 0 if none does.
func (s *scanner) link() int {
	if s.at < s.plainTo {
		return 0
	}
	rest := s.text[s.at:]
	if n := schemeLen(rest); n > 0 {
		return s.at + n + untilSpace(rest[n:])
	}
	run := hostRun(rest)
	if run == 0 {
		return 0
	}
	if run < len(rest) && rest[run] == '@' {
		if host := hostRun(rest[run+1:]); strings.Contains(rest[run+1:run+1+host], ".") {
			return s.at + run + 1 + host
		}
	}
	host := strings.TrimRight(rest[:run], ".-_")
	if !isHost(host) {
		s.plainTo = s.at + foreignEnd(rest[:run])
		return 0
	}
	end := len(host)
	if end < len(rest) && (rest[end] == '/' || rest[end] == '?') {
		end += untilSpace(rest[end:])
	}
	return s.at + end
}

// foreignEnd is the end of the part of a run that cannot belong to a latin
// host name: in «см.vk.com» the host begins after the Russian word.
func foreignEnd(run string) int {
	for i := len(run); i > 0; i-- {
		if run[i-1] >= utf8.RuneSelf {
			return i
		}
	}
	return len(run)
}

func schemeLen(s string) int {
	for _, scheme := range []string{"https://", "http://", "tg://", "www."} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return len(scheme)
		}
	}
	return 0
}

// untilSpace measures the rest of a URL: up to white space or a sign that
// people put around links, less the punctuation that ends the sentence.
func untilSpace(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || strings.ContainsRune("\u00a0()[]<>«»\"|", r) || r == utf8.RuneError
	})
	if n < 0 {
		n = len(s)
	}
	return len(strings.TrimRight(s[:n], ".,;:!?…"))
}

// hostRun measures the run of signs that host names and local parts of e-mail
// addresses are made of. Russian letters take part for the sake of names in
// the zone рф.
func hostRun(s string) int {
	n := 0
	for n < len(s) && n < maxLinkRun {
		r, size := utf8.DecodeRuneInString(s[n:])
		if class := classOf(r); class != classLetter && class != classDigit && class != classCyrillic &&
			!strings.ContainsRune(".-_+%", r) || r == utf8.RuneError {
			break
		}
		n += size
	}
	return n
}

// isHost decides whether a run such as «vk.com» is a host name. A Russian
// sentence glued to the next («дома.Когда») is not: only latin hosts in known
// zones and small-letter hosts in the zone рф are taken.
func isHost(run string) bool {
	dot := strings.LastIndexByte(run, '.')
	if dot <= 0 || strings.Contains(run, "..") {
		return false
	}
	zone := run[dot+1:]
	if zone == "рф" {
		return true
	}
	for i := range len(run) {
		if run[i] >= utf8.RuneSelf {
			return false
		}
	}
	switch strings.ToLower(zone) {
	case "ru", "su", "com", "net", "org", "me", "info", "gov", "io", "online", "site", "pro", "cc",
		"app", "biz", "tv", "club", "shop", "store", "ly", "be", "eu", "ua", "by", "kz", "dev", "moscow":
		return true
	}
	return false
}

// vkMention returns the length of a mention as VK writes it into texts,
// «[id1|Имя]», «[club1|Имя]», «[id1:bp-1_2|Имя]»; 0 for any other bracket.
// The name inside is whom somebody speaks to, not what about.
func vkMention(s string) int {
	const maxMention = 300
	s = s[:min(len(s), maxMention)]
	rest := s[1:]
	for _, kind := range []string{"id", "club", "public", "event"} {
		after, ok := strings.CutPrefix(rest, kind)
		if !ok {
			continue
		}
		bar := strings.IndexByte(after, '|')
		end := strings.IndexByte(after, ']')
		if bar <= 0 || end < bar || after[0] < '0' || after[0] > '9' || strings.ContainsAny(after[:bar], " \n[") {
			return 0
		}
		return len(s) - len(after) + end + 1
	}
	return 0
}

// nameEnd measures the body of a hashtag or of a mention from i on: letters,
// digits, their marks and underscores.
func (s *scanner) nameEnd(i int) int {
	start := i
	for i < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		class := classOf(r)
		if class == classMark && i == start || class == classOther && r != '_' || class == classEmoji {
			break
		}
		i += size
	}
	return i
}

// dottedEnd lets a mention go on over «@name.surname» and «@club@topic».
func (s *scanner) dottedEnd(i int) int {
	for i < len(s.text) && (s.text[i] == '.' || s.text[i] == '@') {
		end := s.nameEnd(i + 1)
		if end == i+1 || asciiClass(s.text[i+1]) == classOther {
			break
		}
		i = end
	}
	return i
}
