package web

import (
	"net/url"
	"slices"
	"time"

	"otklik/internal/ru"
	"otklik/internal/social"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// planView is how the plan is laid out.
type planView string

const (
	monthView planView = "month"
	weekView  planView = "week"
	listView  planView = "list"
)

// planQuery is the plan's filter as it stands in the address. Whatever the
// address holds beside it is ignored.
type planQuery struct {
	View     planView
	At       workcal.Date // a day of the month or week that is shown
	Pages    []string
	Networks []social.Network
	States   []publisher.State
	Rubrics  []string
	Authors  []string
	Text     string
	today    workcal.Date
}

func parsePlanQuery(v url.Values, today workcal.Date) planQuery {
	q := planQuery{
		View: monthView, At: today, today: today, Pages: some(v["page"]), Rubrics: some(v["rubric"]), Authors: some(v["author"]),
		Text: ru.Cut(v.Get("q"), maxFind),
	}
	if view := planView(v.Get("view")); view == weekView || view == listView {
		q.View = view
	}
	if d, err := workcal.ParseDate(v.Get("at")); err == nil && d.Year > 2000 && d.Year < 2100 {
		q.At = d
	}
	for _, n := range networks() {
		if slices.Contains(v["net"], string(n)) {
			q.Networks = append(q.Networks, n)
		}
	}
	for _, st := range publisher.States() {
		if slices.Contains(v["state"], string(st)) {
			q.States = append(q.States, st)
		}
	}
	return q
}

// url is the address of the plan with this filter, always written the same way.
func (q planQuery) url() string {
	v := url.Values{}
	if q.View != monthView {
		v.Set("view", string(q.View))
	}
	if q.At != q.today {
		v.Set("at", q.At.String())
	}
	v["page"], v["rubric"], v["author"] = q.Pages, q.Rubrics, q.Authors
	for _, n := range q.Networks {
		v.Add("net", string(n))
	}
	for _, st := range q.States {
		v.Add("state", string(st))
	}
	if q.Text != "" {
		v.Set("q", q.Text)
	}
	if encoded := v.Encode(); encoded != "" {
		return "/plan?" + encoded
	}
	return "/plan"
}

func (q planQuery) with(change func(*planQuery)) planQuery {
	q.Pages, q.Rubrics, q.Authors = slices.Clone(q.Pages), slices.Clone(q.Rubrics), slices.Clone(q.Authors)
	q.Networks, q.States = slices.Clone(q.Networks), slices.Clone(q.States)
	change(&q)
	return q
}

// narrowed says that the filter leaves something out.
func (q planQuery) narrowed() bool {
	return len(q.Pages)+len(q.Networks)+len(q.States)+len(q.Rubrics)+len(q.Authors) > 0 || q.Text != ""
}

// span is the days that are shown, the last one excluded. A list begins today
// and looks three months ahead.
func (q planQuery) span() (from, to workcal.Date) {
	switch q.View {
	case weekView:
		from = monday(q.At)
		return from, from.Add(7)
	case listView:
		return q.At, q.At.Add(92)
	}
	first := workcal.Date{Year: q.At.Year, Month: q.At.Month, Day: 1}
	next := workcal.On(time.Date(q.At.Year, q.At.Month+1, 1, 0, 0, 0, 0, time.UTC))
	return monday(first), monday(next.Add(-1)).Add(7)
}

// step is the plan a month, a week or a list's length further.
func (q planQuery) step(by int) planQuery {
	return q.with(func(q *planQuery) {
		switch q.View {
		case weekView:
			q.At = q.At.Add(7 * by)
		case listView:
			q.At = q.At.Add(30 * by)
		default:
			q.At = workcal.On(time.Date(q.At.Year, q.At.Month+time.Month(by), 1, 0, 0, 0, 0, time.UTC))
		}
		if q.View == monthView && q.At.Year == q.today.Year && q.At.Month == q.today.Month {
			q.At = q.today
		}
	})
}

// filter is what the plan is asked for. A network stands for its pages.
func (q planQuery) filter(pages []publisher.Page) publisher.Filter {
	f := publisher.Filter{States: q.States, PageIDs: q.Pages, Rubrics: q.Rubrics, AuthorIDs: q.Authors, Text: q.Text, Limit: plannedAtOnce}
	if len(q.Networks) == 0 {
		return f
	}
	f.PageIDs = nil
	for _, p := range pages {
		if slices.Contains(q.Networks, p.Network) && (len(q.Pages) == 0 || slices.Contains(q.Pages, p.ID)) {
			f.PageIDs = append(f.PageIDs, p.ID)
		}
	}
	if len(f.PageIDs) == 0 {
		// No page of the network: nothing can be there.
		f.PageIDs = []string{"-"}
	}
	return f
}

func monday(d workcal.Date) workcal.Date { return d.Add(-((int(d.Weekday()) + 6) % 7)) }

// begin is the first moment of a day in a zone.
func begin(d workcal.Date, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}
