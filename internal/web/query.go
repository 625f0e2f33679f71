package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/social"
)

const (
	rowsPerPage = 50
	maxFind     = 200
)

// query is the queue's filter as it stands in the address. Whatever the
// address holds beside it is ignored.
type query struct {
	Stages   []incidents.Stage
	Topics   []string
	Depts    []string // "-" stands for none chosen
	Places   []string // ids of the gazetteer; "-" stands for none known
	Networks []social.Network
	Due      incidents.DueFilter
	Mine     bool
	Closed   bool
	Mass     int64 // of one mass incident by its number
	Apart    bool  // members of mass incidents each in their own line
	Text     string
	Sort     incidents.Sort
	Page     int // from 1
}

func parseQuery(v url.Values) query {
	q := query{
		Topics: some(v["topic"]), Depts: some(v["dept"]), Places: some(v["place"]), Mine: v.Get("mine") == "1", Closed: v.Get("closed") == "1", Apart: v.Get("apart") == "1",
		Text: ru.Cut(v.Get("q"), maxFind), Page: 1, Sort: incidents.ByDue,
	}
	q.Mass, _ = caseNumber(v.Get("mass"))
	for _, stage := range incidents.Stages() {
		if slices.Contains(v["stage"], string(stage)) {
			q.Stages = append(q.Stages, stage)
		}
	}
	for _, n := range networks() {
		if slices.Contains(v["net"], string(n)) {
			q.Networks = append(q.Networks, n)
		}
	}
	if due := incidents.DueFilter(v.Get("due")); slices.Contains(dueFilters(), due) {
		q.Due = due
	}
	if order := incidents.Sort(v.Get("sort")); slices.Contains(sorts(), order) {
		q.Sort = order
	}
	if n, err := strconv.Atoi(v.Get("page")); err == nil && n > 1 && n < 10_000 {
		q.Page = n
	}
	return q
}

func dueFilters() []incidents.DueFilter {
	return []incidents.DueFilter{incidents.DueOverdue, incidents.DueToday, incidents.DueWeek, incidents.DueStands}
}

func networks() []social.Network { return []social.Network{social.VK, social.Telegram} }

func sorts() []incidents.Sort {
	return []incidents.Sort{incidents.ByDue, incidents.Newest, incidents.ByChance, incidents.ByStage, incidents.ByClosed}
}

func sortTitle(s incidents.Sort) string {
	switch s {
	case incidents.Newest:
		return "Сначала новые"
	case incidents.ByChance:
		return "Сначала вероятные"
	case incidents.ByStage:
		return "По стадиям"
	case incidents.ByClosed:
		return "Сначала закрытые недавно"
	}
	return "Сначала срочные"
}

// some drops empty and repeated values, and keeps an address from asking for
// a list without end.
func some(list []string) []string {
	var out []string
	for _, x := range list {
		if x != "" && len(x) <= 100 && len(out) < 50 && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// url is the address of the queue with this filter, always written the same way.
func (q query) url() string {
	v := url.Values{}
	for _, s := range q.Stages {
		v.Add("stage", string(s))
	}
	for _, t := range q.Topics {
		v.Add("topic", t)
	}
	for _, d := range q.Depts {
		v.Add("dept", d)
	}
	for _, p := range q.Places {
		v.Add("place", p)
	}
	for _, n := range q.Networks {
		v.Add("net", string(n))
	}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("due", string(q.Due))
	set("q", q.Text)
	if q.Mine {
		v.Set("mine", "1")
	}
	if q.Closed {
		v.Set("closed", "1")
	}
	if q.Mass != 0 {
		v.Set("mass", strconv.FormatInt(q.Mass, 10))
	}
	if q.Apart {
		v.Set("apart", "1")
	}
	if q.Sort != incidents.ByDue {
		set("sort", string(q.Sort))
	}
	if q.Page > 1 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	if len(v) == 0 {
		return "/inbox"
	}
	return "/inbox?" + v.Encode()
}

// same says that both filters choose the same cases, in whatever order.
func (q query) same(other query) bool {
	q.Page, q.Sort, other.Page, other.Sort = 1, incidents.ByDue, 1, incidents.ByDue
	return q.url() == other.url()
}

func (q query) with(change func(*query)) query {
	q.Stages, q.Topics = slices.Clone(q.Stages), slices.Clone(q.Topics)
	q.Depts, q.Networks, q.Places = slices.Clone(q.Depts), slices.Clone(q.Networks), slices.Clone(q.Places)
	q.Page = 1
	change(&q)
	return q
}

func without[T comparable](list []T, x T) []T {
	return slices.DeleteFunc(list, func(y T) bool { return y == x })
}

// filter is what the queue is asked for.
func (q query) filter(clock ru.Clock, by rights.Actor, now time.Time) incidents.Filter {
	f := incidents.Filter{
		Stages: q.Stages, Topics: q.Topics, Departments: q.Depts, Places: q.Places, Networks: q.Networks, Due: q.Due,
		Text: q.Text, Closed: q.Closed, Mass: q.Mass, Fold: q.Mass == 0 && !q.Apart, Sort: q.Sort, By: by, TodayEnds: clock.DayEnd(now), Now: now,
		Limit: rowsPerPage, Offset: (q.Page - 1) * rowsPerPage,
	}
	if q.Mine {
		f.ExecutorID = by.ID
	}
	return f
}

// caseNumber reads «4127» or «№ 4127», the way people name a case.
func caseNumber(text string) (int64, bool) {
	digits := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "№"))
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && n > 0
}
