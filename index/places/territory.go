package places

import (
	"slices"
	"strings"
)

// Spot is where something happens: the most exact place of a text.
type Spot struct {
	// PlaceID is the entry of the gazetteer, "" when the gazetteer knows none.
	PlaceID string
	// Title is the place for people: «улица Ленина, 15 (Заречный район)».
	Title string
	// Words are the words of the text, Start and End where they stand, in bytes.
	Words      string
	Start, End int
	// Names are what rules may call the place and all in which it lies.
	Names []string
}

// Locate finds the most exact place of a text, the first of those that are
// equally exact. Between streets of one name other places of the text decide,
// and then what is known besides: the ids of places that are around. False when
// the text names no place.
func (f *Finder) Locate(text string, around ...string) (Spot, bool) {
	var few [8]Found
	found := f.Find(few[:0], text)
	if len(found) == 0 {
		return Spot{}, false
	}
	best := 0
	for i := range found {
		if found[i].Kind.rank() > found[best].Kind.rank() || found[i].Kind == found[best].Kind && len(found[best].IDs) == 0 && len(found[i].IDs) > 0 {
			best = i
		}
	}
	b := found[best]
	spot := Spot{Title: b.Title, Words: text[b.Start:b.End], Start: b.Start, End: b.End}
	spot.PlaceID = f.resolve(found, best, around)
	if spot.PlaceID == "" && len(b.IDs) == 0 {
		spot.PlaceID = f.wider(found, best)
	}
	if parent := f.context(spot.PlaceID, b); parent != "" {
		spot.Title += " (" + parent + ")"
	}
	if spot.PlaceID != "" {
		spot.Names = f.Names(spot.PlaceID)
	}
	spot.Names = append(spot.Names, b.Title)
	return spot, true
}

// resolve chooses between the entries that a place may be: those that lie in
// another place of the text, and else what all of them lie in.
func (f *Finder) resolve(found []Found, at int, around []string) string {
	ids := found[at].IDs
	if len(ids) > 1 {
		if within := f.within(found, at); len(within) > 0 {
			ids = within
		}
	}
	for _, id := range around {
		near := slices.DeleteFunc(slices.Clone(ids), func(x string) bool { return !slices.Contains(f.Path(x), id) })
		if len(ids) > 1 && len(near) > 0 {
			ids = near
		}
	}
	if len(ids) == 0 {
		return ""
	}
	path := f.Path(ids[0])
	for _, id := range ids[1:] {
		other := f.Path(id)
		path = slices.DeleteFunc(path, func(x string) bool { return !slices.Contains(other, x) })
	}
	if len(path) == 0 {
		return ""
	}
	return path[0]
}

func (f *Finder) within(found []Found, at int) []string {
	var out []string
	for _, id := range found[at].IDs {
		path := f.Path(id)
		for i, other := range found {
			if i != at && slices.ContainsFunc(other.IDs, func(x string) bool { return x != id && slices.Contains(path, x) }) {
				out = append(out, id)
				break
			}
		}
	}
	return out
}

// wider is the most exact known place beside one that the gazetteer does not
// know: in «Заречный район, ул. Новая 5» it is the district.
func (f *Finder) wider(found []Found, at int) string {
	best := -1
	for i := range found {
		known := i != at && len(found[i].IDs) > 0 && found[i].Kind.rank() < found[at].Kind.rank()
		if known && (best < 0 || found[i].Kind.rank() > found[best].Kind.rank()) {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return f.resolve(found, best, nil)
}

// context names in what a place lies, where its title does not say so. The only
// town of the gazetteer need not be named.
func (f *Finder) context(id string, b Found) string {
	for _, x := range f.Path(id) {
		p := f.list[f.byID[x]]
		if strings.HasPrefix(b.Title, p.Title()) || p.Kind == Street {
			continue
		}
		if p.ParentID == "" && f.tops == 1 {
			return ""
		}
		return p.Title()
	}
	return ""
}

// Label is a place as it is chosen from a list: with what it lies in, and the
// houses of a part of a street. It is "" for an id that is not known.
func (f *Finder) Label(id string) string {
	p, ok := f.Place(id)
	if !ok {
		return ""
	}
	label := p.Title()
	if up, ok := f.Place(p.ParentID); ok {
		label += " (" + up.Title() + ")"
	}
	if p.Houses != "" {
		label += ", дома " + p.Houses
	}
	return label
}

// Resolve reads a place that a person has typed or chosen: a label, an address,
// or the beginning of a name that only one place has. False when no text of that
// kind is known; a Spot without PlaceID is an address outside the gazetteer.
func (f *Finder) Resolve(text string) (Spot, bool) {
	asked := folded(text)
	if asked == "" {
		return Spot{}, false
	}
	chosen := func(p Place) (Spot, bool) {
		return Spot{PlaceID: p.ID, Title: f.Label(p.ID), Names: f.Names(p.ID)}, true
	}
	for _, p := range f.list {
		if folded(f.Label(p.ID)) == asked {
			return chosen(p)
		}
	}
	var same []Place
	for _, p := range f.list {
		if folded(p.Title()) == asked || folded(p.Name) == asked {
			same = append(same, p)
		}
	}
	if len(same) == 1 {
		return chosen(same[0])
	}
	if spot, ok := f.Locate(text); ok {
		return spot, true
	}
	if few := f.Suggest(text, 2); len(few) == 1 {
		return chosen(few[0])
	}
	return Spot{}, false
}

// Suggest lists places whose title or synonym has a word that begins as the
// words of the text do, wider places first, at most limit.
func (f *Finder) Suggest(text string, limit int) []Place {
	asked := strings.Fields(folded(text))
	if len(asked) == 0 {
		return nil
	}
	var out []Place
	for _, p := range f.list {
		all := strings.Fields(folded(p.Title() + " " + strings.Join(p.Synonyms, " ")))
		fits := true
		for _, a := range asked {
			fits = fits && slices.ContainsFunc(all, func(w string) bool { return strings.HasPrefix(w, a) })
		}
		if fits {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Place) int { return a.Kind.rank() - b.Kind.rank() })
	return out[:min(limit, len(out))]
}
