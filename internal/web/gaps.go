package web

import (
	"context"
	"time"

	"otklik/collectors"
)

// readSources returns the sources as people see them.
func (s *server) readSources(ctx context.Context, now time.Time) ([]collectors.SourceStatus, error) {
	list, err := s.Sources.Sources(ctx, now)
	for i := range list {
		list[i].Gaps = joined(list[i].Gaps)
	}
	return list, err
}

// joined makes one gap of those that follow each other within a minute and have
// met the same end: people read minutes, and a stream that stutters leaves many.
// The list is sorted by its beginnings, and so is the answer.
func joined(gaps []collectors.SourceGap) []collectors.SourceGap {
	var out []collectors.SourceGap
	for _, g := range gaps {
		if n := len(out); n > 0 && follows(out[n-1], g) {
			last := &out[n-1]
			if g.To.After(last.To) {
				last.To = g.To
			}
			if g.FilledAt.After(last.FilledAt) {
				last.FilledAt = g.FilledAt
			}
			continue
		}
		out = append(out, g)
	}
	return out
}

func follows(a, b collectors.SourceGap) bool {
	alike := a.Reason == b.Reason && a.Hopeless == b.Hopeless && a.FilledAt.IsZero() == b.FilledAt.IsZero()
	return alike && !b.From.Truncate(time.Minute).After(a.To.Truncate(time.Minute))
}
