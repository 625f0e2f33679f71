package app

import (
	"context"
	"slices"
	"sync"

	"otklik/incidents"
	"otklik/index"
	"otklik/index/places"
	"otklik/internal/detect"
	"otklik/internal/store"
)

// atlas knows the territory: its gazetteer, compiled anew when somebody has
// changed it, and the territories of pages.
type atlas struct {
	*store.Store
	analyzer *index.Analyzer

	mu       sync.Mutex
	revision int64
	finder   *places.Finder
	pages    map[string]string
}

func newAtlas(s *store.Store, analyzer *index.Analyzer) *atlas {
	return &atlas{Store: s, analyzer: analyzer, revision: -1}
}

// Finder returns what finds places by the present gazetteer.
func (a *atlas) Finder(ctx context.Context) (*places.Finder, error) {
	f, _, err := a.look(ctx)
	return f, err
}

func (a *atlas) look(ctx context.Context) (*places.Finder, map[string]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	list, revision, changed, err := a.Gazetteer(ctx, a.revision)
	if err != nil || !changed {
		return a.finder, a.pages, err
	}
	pages, err := a.PagePlaces(ctx)
	if err != nil {
		return nil, nil, err
	}
	a.finder, a.pages, a.revision = places.New(a.analyzer, list), pages, revision
	return a.finder, a.pages, nil
}

// Locate implements detect.Locator: the place of the message, else that of the
// post under which it stands, else that of the page.
func (a *atlas) Locate(ctx context.Context, items []detect.Item) ([]detect.Place, error) {
	finder, pages, err := a.look(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]detect.Place, len(items))
	var silent []string
	for i, it := range items {
		spot, ok := finder.Locate(it.Text, pages[it.SourceID])
		if ok {
			out[i] = placeOf(finder, spot, incidents.FromMessage)
			out[i].Marks = []incidents.Span{{Start: spot.Start, End: spot.End}}
			continue
		}
		silent = append(silent, it.ID)
	}
	posts, err := a.ThreadPosts(ctx, silent)
	if err != nil {
		return nil, err
	}
	for i, it := range items {
		if out[i].Title != "" {
			continue
		}
		if spot, ok := finder.Locate(posts[it.ID], pages[it.SourceID]); ok {
			out[i] = placeOf(finder, spot, incidents.FromPost)
		} else if page, ok := finder.Place(pages[it.SourceID]); ok {
			out[i] = detect.Place{Territory: page.ID, Title: page.Title(), From: incidents.FromPage, Path: finder.Path(page.ID), Names: finder.Names(page.ID)}
		}
	}
	return out, nil
}

func placeOf(f *places.Finder, s places.Spot, from incidents.PlaceFrom) detect.Place {
	return detect.Place{Territory: s.PlaceID, Title: s.Title, From: from, Path: f.Path(s.PlaceID), Names: s.Names, Words: []string{s.Words}}
}

// territories are what the archive calls the places of items: that of the case
// if it has one, which people may have corrected, else what Locate says.
func (a *atlas) territories(ctx context.Context, items []store.Changed) ([][]string, error) {
	finder, err := a.Finder(ctx)
	if err != nil {
		return nil, err
	}
	out := make([][]string, len(items))
	var rest []detect.Item
	var at []int
	for i, x := range items {
		if x.Place.Known() {
			out[i] = namesOf(finder, x.Place)
			continue
		}
		rest, at = append(rest, detect.Item{ID: x.ID, SourceID: x.SourceID, Item: x.Item}), append(at, i)
	}
	found, err := a.Locate(ctx, rest)
	if err != nil {
		return nil, err
	}
	for n, i := range at {
		out[i] = found[n].Names
	}
	return out, nil
}

// namesOf are the names of a case's place and of all in which it lies; what has
// left the gazetteer since is known by its title.
func namesOf(f *places.Finder, p incidents.Place) []string {
	names := []string{p.Title}
	for _, id := range append([]string{p.ID}, p.Path...) {
		for _, name := range f.Names(id) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
