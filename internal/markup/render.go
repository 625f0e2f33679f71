package markup

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"otklik/internal/social"
)

// Telegram renders the text with its entities, which never cross each other.
func (t Text) Telegram() (string, []social.Entity) {
	var list []social.Entity
	list = append(list, t.entities(social.Bold, func(s Style) int { return s.bold })...)
	list = append(list, t.entities(social.Italic, func(s Style) int { return s.italic })...)
	list = append(list, t.entities(social.Linked, func(s Style) int { return s.link })...)
	sortEntities(list)
	return t.Plain(), list
}

// entities covers each stretch of runs that stands in one pair.
func (t Text) entities(kind social.EntityKind, pair func(Style) int) []social.Entity {
	var list []social.Entity
	at, last := 0, 0
	for _, r := range t {
		size, n := Units(r.Text), pair(r.Style)
		switch {
		case n != 0 && n == last:
			list[len(list)-1].Length += size
		case n != 0:
			e := social.Entity{Kind: kind, Offset: at, Length: size}
			if kind == social.Linked {
				e.URL = r.Link
			}
			list = append(list, e)
		}
		last, at = n, at+size
	}
	return list
}

// sortEntities puts outer entities before inner ones.
func sortEntities(list []social.Entity) {
	slices.SortStableFunc(list, func(a, b social.Entity) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length))
	})
}

// VK renders the text for a wall: VK knows no styles, and words may lead only to
// its own pages; any other address stands in brackets after its words.
func (t Text) VK() string {
	var b strings.Builder
	for i := 0; i < len(t); {
		address, link := t[i].Link, t[i].link
		var words strings.Builder
		for ; i < len(t) && t[i].link == link; i++ {
			words.WriteString(t[i].Text)
		}
		b.WriteString(vkLink(words.String(), address))
	}
	return b.String()
}

func vkLink(words, address string) string {
	if address == "" || words == address {
		return words
	}
	bare := strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
	if words == bare {
		return address
	}
	for _, host := range []string{"vk.com/", "vk.ru/", "m.vk.com/"} {
		path, ok := strings.CutPrefix(bare, host)
		if !ok || path == "" || strings.ContainsAny(words, "[]|") || strings.ContainsAny(path, "[]|") {
			continue
		}
		if isPage(path) {
			return "[" + path + "|" + words + "]"
		}
		return "[" + address + "|" + words + "]"
	}
	return words + " (" + address + ")"
}

// Units is the length of a text as Telegram counts.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// Runes is the length of a text as VK counts.
func Runes(s string) int { return utf8.RuneCountInString(s) }
