package web

import (
	"slices"
	"unicode/utf8"

	"otklik/incidents"
	"otklik/internal/social"
)

// segment is a piece of a text, highlighted or not.
type segment struct {
	Text string
	Mark bool
}

// segments cuts a text at the marks. Marks may overlap and come in any order;
// one that does not fit the text, because the text has changed since, is
// left out rather than shown in the wrong place.
func segments(text string, marks []incidents.Span) []segment {
	marks = slices.Clone(marks)
	slices.SortFunc(marks, func(a, b incidents.Span) int { return a.Start - b.Start })
	var list []segment
	at := 0
	for _, m := range marks {
		if m.Start < 0 || m.End > len(text) || m.End <= m.Start || !onRune(text, m.Start) || !onRune(text, m.End) {
			continue
		}
		start := max(m.Start, at)
		if start >= m.End {
			continue
		}
		if start > at {
			list = append(list, segment{Text: text[at:start]})
		}
		if n := len(list); n > 0 && list[n-1].Mark && start == at {
			list[n-1].Text += text[start:m.End]
		} else {
			list = append(list, segment{Text: text[start:m.End], Mark: true})
		}
		at = m.End
	}
	if at < len(text) {
		list = append(list, segment{Text: text[at:]})
	}
	for i := range list {
		// A mention shows as the name that people see in the network.
		list[i].Text = social.ReplaceMentions(list[i].Text, func(name string) string { return name })
	}
	return list
}

func onRune(text string, i int) bool {
	return i == len(text) || utf8.RuneStart(text[i])
}

// lead is the beginning of a text of at most limit bytes with those marks that
// fall into it, for a line of the queue.
func lead(text string, marks []incidents.Span, limit int) []segment {
	if len(text) <= limit {
		return segments(text, marks)
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return append(segments(text[:limit], marks), segment{Text: "…"})
}
