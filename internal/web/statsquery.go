package web

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"otklik/internal/social"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// statsQuery is what the page Статистика shows, as it stands in the address.
type statsQuery struct {
	View     string // pages, posts, norm, score
	From, To workcal.Date
	Pages    []string
	Networks []social.Network
	Sort     sorting
	Number   int // of the part of a long table, from 1
	today    workcal.Date
}

func statsViews() []string { return []string{"pages", "posts", "norm", "score"} }

func statsViewTitle(view string) string {
	switch view {
	case "posts":
		return "По постам"
	case "norm":
		return "Норма"
	case "score":
		return "Показатели"
	}
	return "По страницам"
}

// weeksBack is how many whole weeks the page shows unless it is asked for others.
const weeksBack = 4

func usualFrom(today workcal.Date) workcal.Date { return monday(today).Add(-7 * weeksBack) }

// longest is the most days that are summed up at once.
const longest = 732

func parseStatsQuery(v url.Values, today workcal.Date) statsQuery {
	q := statsQuery{View: "pages", From: usualFrom(today), To: today, Pages: some(v["page"]), Number: 1, today: today}
	if slices.Contains(statsViews(), v.Get("view")) {
		q.View = v.Get("view")
	}
	read := func(name string, into *workcal.Date) {
		if d, err := optionalDate(v.Get(name)); err == nil && d.Year >= 2000 && d.Year < 2100 {
			*into = d
		}
	}
	read("from", &q.From)
	read("to", &q.To)
	if q.To.Before(q.From) {
		q.From, q.To = q.To, q.From
	}
	if q.From.Before(q.To.Add(-longest)) {
		q.From = q.To.Add(-longest)
	}
	for _, n := range networks() {
		if slices.Contains(v["net"], string(n)) {
			q.Networks = append(q.Networks, n)
		}
	}
	if q.View == "posts" {
		q.Sort = parseSorting(v.Get("sort"), "-at", "-views", "-likes", "-comments", "-reposts", "-rate")
	} else {
		q.Sort = parseSorting(v.Get("sort"), "title", "-posts", "-views", "-likes", "-comments", "-reposts", "-rate", "-followers")
	}
	if n, err := strconv.Atoi(v.Get("n")); err == nil && n > 1 && n < 10_000 {
		q.Number = n
	}
	return q
}

func (q statsQuery) url(path string) string {
	v := url.Values{}
	if q.View != "pages" {
		v.Set("view", q.View)
	}
	if q.From != usualFrom(q.today) {
		v.Set("from", q.From.String())
	}
	if q.To != q.today {
		v.Set("to", q.To.String())
	}
	v["page"] = q.Pages
	for _, n := range q.Networks {
		v.Add("net", string(n))
	}
	if first := map[bool]string{true: "-at", false: "title"}[q.View == "posts"]; q.Sort.String() != first {
		v.Set("sort", q.Sort.String())
	}
	if q.Number > 1 {
		v.Set("n", strconv.Itoa(q.Number))
	}
	if encoded := v.Encode(); encoded != "" {
		return path + "?" + encoded
	}
	return path
}

func (q statsQuery) with(change func(*statsQuery)) string {
	q.Pages, q.Networks = slices.Clone(q.Pages), slices.Clone(q.Networks)
	q.Number = 1
	change(&q)
	return q.url("/stats")
}

// look is the address of another view of the same days and pages.
func (q statsQuery) look(view string) string {
	return q.with(func(q *statsQuery) {
		if q.View != view {
			q.View = view
			q.Sort = parseSorting("", map[bool]string{true: "-at", false: "title"}[view == "posts"])
		}
	})
}

// span is the days as moments in a zone, the end excluded.
func (q statsQuery) span(zone *time.Location) (from, to time.Time) {
	return begin(q.From, zone), begin(q.To.Add(1), zone)
}

// wants says that a page is among those that are looked at.
func (q statsQuery) wants(p publisher.Page) bool {
	return (len(q.Pages) == 0 || slices.Contains(q.Pages, p.ID)) && (len(q.Networks) == 0 || slices.Contains(q.Networks, p.Network))
}

// presets are spans that people ask for often.
func (q statsQuery) presets() []tab {
	day := q.today
	month := workcal.Date{Year: day.Year, Month: day.Month, Day: 1}
	last := month.Add(-1)
	list := []struct {
		title    string
		from, to workcal.Date
	}{
		{"Эта неделя", monday(day), day},
		{"4 недели", usualFrom(day), day},
		{"Этот месяц", month, day},
		{"Прошлый месяц", workcal.Date{Year: last.Year, Month: last.Month, Day: 1}, last},
		{"С начала года", workcal.Date{Year: day.Year, Month: time.January, Day: 1}, day},
	}
	var out []tab
	for _, x := range list {
		out = append(out, tab{Title: x.title, Current: q.From == x.from && q.To == x.to, URL: q.with(func(q *statsQuery) { q.From, q.To = x.from, x.to })})
	}
	return out
}
