package alarm

import (
	"math"
	"math/bits"
)

// From when complaints of a topic are a surge: least of them at all, and more
// than usual by so many times the spread that independent complaints would have.
const (
	surgeLeast            = 6
	surgeBad, surgeCalm   = 4, 2
	surgeGrave, massGrave = 10, 50
)

// masses tells of each growing incident once, and again whenever it has doubled.
func masses(list []Mass) []Finding {
	var out []Finding
	for _, x := range list {
		g := Warning
		if x.Members >= massGrave {
			g = Grave
		}
		out = append(out, Finding{
			Kind: MassGrows, Subject: x.ID, Grade: g, Mark: int64(bits.Len(uint(max(x.Members, 0)))), level: bad,
			Detail: Detail{Name: x.Title, Count: int64(x.Members), Limit: x.Number, Since: x.At, Muted: x.Muted},
		})
	}
	return out
}

// surges finds topics with far more complaints than the hour of the week
// usually brings. What one place explains is not told for everywhere once more.
func surges(list []Surge) []Finding {
	explained := map[string]bool{}
	for _, x := range list {
		if x.PlaceID != "" && x.level() == bad {
			explained[x.TopicID] = true
		}
	}
	var out []Finding
	for _, x := range list {
		l := x.level()
		if l == calm || x.PlaceID == "" && explained[x.TopicID] {
			continue
		}
		g := Warning
		if x.excess() >= surgeGrave {
			g = Grave
		}
		out = append(out, Finding{
			Kind: TopicSurges, Subject: x.TopicID + ":" + x.PlaceID, Grade: g, Mark: int64(g), level: l,
			Detail: Detail{Name: x.Topic, Source: x.Place, Count: int64(x.Count), Usual: x.Usual, Muted: x.Muted},
		})
	}
	return out
}

// excess is by how many times the usual spread the count is above the usual. A
// topic of which nobody has complained yet is taken for one of one complaint.
func (x Surge) excess() float64 {
	usual := max(x.Usual, 1)
	return (float64(x.Count) - usual) / math.Sqrt(usual)
}

func (x Surge) level() level {
	switch e := x.excess(); {
	case x.Count >= surgeLeast && e >= surgeBad:
		return bad
	case x.Count >= surgeLeast/2 && e >= surgeCalm:
		return uneasy
	}
	return calm
}
