package web

import (
	"time"

	"otklik/incidents"
)

// copyLine is a message elsewhere that repeats the one of the case.
type copyLine struct {
	Net    netIcon
	Author string
	Source string
	Link   string
	Repost bool
	At     stamp
}

func (s *server) copies(list []incidents.Copy, now time.Time) []copyLine {
	var out []copyLine
	for _, c := range list {
		out = append(out, copyLine{iconOfNet(c.Network), authorName(c.Author), c.Source, webLink(c.Permalink), c.Repost, s.stamp(c.At, now)})
	}
	return out
}
