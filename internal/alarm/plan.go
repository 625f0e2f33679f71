package alarm

import "time"

// vanished asks for a person again with every post that a network deletes.
func vanished(x Vanished) Finding {
	return Finding{
		Kind: PostVanished, Subject: x.PageID, Grade: Grave, Mark: x.Newest.UnixMicro(), level: bad,
		Detail: Detail{SourceID: x.PageID, Source: x.Title, Since: x.Oldest, Count: int64(x.Count), Limit: x.Number},
	}
}

// hindering is grave when a post is due within a day.
func hindering(x Hindered, now time.Time) Finding {
	g := Warning
	if x.First.Sub(now) <= day {
		g = Grave
	}
	return Finding{
		Kind: PostHindered, Subject: x.PageID, Grade: g, Mark: int64(g), level: bad,
		Detail: Detail{SourceID: x.PageID, Source: x.Title, Until: x.First, Count: int64(x.Count), Limit: x.Number, Trouble: x.Why},
	}
}

// held finds a stop by the program itself at once, since nobody knows of it,
// and one by a person when posts have waited for it for long: it may have been
// forgotten.
func held(h Halt, now time.Time) []Finding {
	g := Grave
	if h.ByPerson {
		g = Warning
		if h.Held == 0 || now.Sub(h.At) < heldLong {
			return nil
		}
	}
	return []Finding{{
		Kind: PlanHeld, Subject: h.ID, Grade: g, Mark: 1, level: bad,
		Detail: Detail{Since: h.At, Count: int64(h.Held), Trouble: h.Why},
	}}
}
