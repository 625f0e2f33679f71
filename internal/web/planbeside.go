package web

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/publisher"
)

// draftsBeside bounds the drafts that stand beside the calendar.
const draftsBeside = 12

// norm is how the week's norm stands.
type norm struct {
	Week  string // «23–29 ноября»
	Rows  []normRow
	Short string // for a telephone: «Паркам до нормы не хватает 1 поста»
}

type normRow struct {
	Page    string
	Net     netIcon
	Have    string // «2 из 3»
	Filled  int    // percent
	Lacking bool
	Words   string
}

// stopBox offers the emergency stop.
type stopBox struct {
	May  bool
	Text string
}

// haltNote is a stop that holds.
type haltNote struct {
	ID     string
	Title  string
	Who    string
	At     stamp
	Reason string
	Pages  string
	Held   string // «Держит 9 постов»
	May    bool
	// Own says that the program stopped by itself.
	Own bool
}

// planBeside fills the pane: the norm, the drafts, the stop.
func (s *server) planBeside(ctx context.Context, q planQuery, pages []publisher.Page, halts []publisher.Halt, page *planPage, v *visit) error {
	var err error
	if page.Norm, err = s.norm(ctx, pages, v.now); err != nil {
		return err
	}
	f := q.filter(pages)
	f.Undated, f.Limit = true, draftsBeside
	f.States = []publisher.State{publisher.Draft, publisher.Review, publisher.Approved}
	drafts, err := s.Planning.Plan.Plan(ctx, f)
	if err != nil {
		return err
	}
	page.Drafts, page.More = s.cards(drafts.Posts, pages, nil, v), drafts.Total-len(drafts.Posts)
	scheduled, err := s.Planning.Plan.Plan(ctx, publisher.Filter{States: []publisher.State{publisher.Scheduled}, Limit: 1})
	if err != nil {
		return err
	}
	page.Stop = stopBox{May: v.person.Actor().Can(rights.StopPublishing), Text: stopWords(scheduled.Total)}
	page.Halts, err = s.haltNotes(ctx, pages, halts, v)
	return err
}

func stopWords(n int) string {
	if n == 0 {
		return "Ничего не уйдёт до вашего решения. Сейчас ничего не запланировано."
	}
	return ru.Plural(n, "Запланирован ", "Запланированы ", "Запланировано ") + ru.Count(n, "пост", "поста", "постов") +
		ru.Plural(n, ": он замрёт", ": они замрут", ": они замрут") + " до\u00a0вашего решения. Уже опубликованное останется."
}

// norm foresees the present week of every page.
func (s *server) norm(ctx context.Context, pages []publisher.Page, now time.Time) (norm, error) {
	first := publisher.WeekOf(now, s.Zone)
	out := norm{Week: ru.Days(first.Start, first.End.Add(-time.Hour))}
	// Pages may live in other zones: the week of the easternmost begins earlier.
	const around = 14 * time.Hour
	list, err := s.Planning.Plan.Plan(ctx, publisher.Filter{
		From: first.Start.Add(-around), To: first.End.Add(around), Limit: plannedAtOnce,
		States: []publisher.State{publisher.Scheduled, publisher.Published, publisher.Failed, publisher.Check},
	})
	if err != nil {
		return out, err
	}
	for _, p := range pages {
		if p.Norm == 0 || p.Silent {
			continue
		}
		o := foresee(p, list.Posts, now, s.zoneOf(p))
		have := o.Out + o.Planned
		row := normRow{Page: p.Title, Net: iconOfNet(p.Network), Have: strconv.Itoa(have) + " из " + strconv.Itoa(o.Norm), Filled: min(100, have*100/o.Norm), Lacking: o.Missing > 0, Words: ru.Capital(o.Words()) + "."}
		if row.Lacking && out.Short == "" {
			out.Short = p.Title + ": " + o.Words()
		}
		out.Rows = append(out.Rows, row)
	}
	slices.SortStableFunc(out.Rows, func(a, b normRow) int { return cmp.Compare(btoi(b.Lacking), btoi(a.Lacking)) })
	return out, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func foresee(p publisher.Page, posts []publisher.Post, now time.Time, zone *time.Location) publisher.Outlook {
	var out, planned []time.Time
	for _, x := range posts {
		t, ok := x.Target(p.ID)
		switch {
		case !ok:
		case t.State == publisher.Out && !t.OutAt.IsZero():
			out = append(out, t.OutAt)
		case x.State == publisher.Scheduled && (t.State == publisher.Waiting || t.State == publisher.Leaving):
			planned = append(planned, x.At)
		}
	}
	return publisher.Foresee(p.Norm, out, planned, now, zone)
}

// zoneOf is the page's own zone, or the agency's.
func (s *server) zoneOf(p publisher.Page) *time.Location {
	if p.Zone != nil {
		return p.Zone
	}
	return s.Zone
}
