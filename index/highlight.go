package index

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// Segment is a part of a text, marked or not.
type Segment struct {
	Text   string
	Marked bool
}

// Highlight cuts text at the spans: joined, the segments give text again. The
// spans may come in any order and overlap; what lies outside of the text is
// passed over, so spans of an older version do no harm.
func Highlight(text string, spans []Span) []Segment {
	var segments []Segment
	at := 0
	for _, s := range merge(slices.Clone(spans)) {
		s.Start, s.End = max(s.Start, at), min(s.End, len(text))
		if s.Start >= s.End || !utf8.RuneStart(text[s.Start]) || s.End < len(text) && !utf8.RuneStart(text[s.End]) {
			continue
		}
		if s.Start > at {
			segments = append(segments, Segment{Text: text[at:s.Start]})
		}
		segments = append(segments, Segment{Text: text[s.Start:s.End], Marked: true})
		at = s.End
	}
	if at < len(text) {
		segments = append(segments, Segment{Text: text[at:]})
	}
	return segments
}

// merge sorts spans and joins those that overlap. It reuses the slice.
func merge(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}
