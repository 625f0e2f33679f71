package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"otklik/index"
	"otklik/internal/ru"
	"otklik/internal/social"
)

// maxWords bounds the words of a search, in letters.
const maxWords = 500

// searchQuery is the search as it stands in the address. Whatever the address
// holds beside it is ignored.
type searchQuery struct {
	Text     string
	Networks []string
	Kinds    []string
	Sources  []string
	Topics   []string
	Author   string
	Place    string
	Case     string // "yes", "no" or "" for both
	From, To string // days of the agency's zone, both inclusive
	All      bool   // all times; otherwise thirty days where no day is named
	Order    string // "", "old", "best"
	After    string
}

const searchDays = 30

func parseSearch(v url.Values) searchQuery {
	q := searchQuery{
		Text: ru.Cut(v.Get("q"), maxWords), Networks: some(v["net"]), Kinds: some(v["kind"]), Sources: some(v["source"]), Topics: some(v["topic"]),
		Author: authorOf(v.Get("author")), Place: oneLine(ru.Cut(v.Get("place"), 200)), All: v.Get("all") == "1", After: v.Get("after"),
	}
	if c := v.Get("case"); c == "yes" || c == "no" {
		q.Case = c
	}
	if o := v.Get("order"); o == "old" || o == "best" {
		q.Order = o
	}
	for to, name := range map[*string]string{&q.From: "from", &q.To: "to"} {
		if _, err := time.Parse(time.DateOnly, v.Get(name)); err == nil {
			*to = v.Get(name)
		}
	}
	return q
}

// authorOf is the number of an author, from the number or from a link to their
// page: «vk.com/id501» is 501, «vk.com/club7» is -7.
func authorOf(text string) string {
	text = ru.Cut(strings.TrimSpace(text), 100)
	name := text[strings.LastIndex(strings.TrimRight(text, "/"), "/")+1:]
	for prefix, sign := range map[string]string{"id": "", "club": "-", "public": "-", "event": "-"} {
		if n, ok := strings.CutPrefix(strings.TrimRight(name, "/"), prefix); ok && strings.Trim(n, "0123456789") == "" && n != "" {
			return sign + n
		}
	}
	return text
}

// values are the address of the search, always written the same way.
func (q searchQuery) values() url.Values {
	v := url.Values{}
	for name, list := range map[string][]string{"net": q.Networks, "kind": q.Kinds, "source": q.Sources, "topic": q.Topics} {
		if len(list) > 0 {
			v[name] = list
		}
	}
	for name, value := range map[string]string{
		"q": q.Text, "author": q.Author, "place": q.Place, "case": q.Case, "from": q.From, "to": q.To, "order": q.Order, "after": q.After,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.All {
		v.Set("all", "1")
	}
	return v
}

func (q searchQuery) at(path string) string {
	if v := q.values(); len(v) > 0 {
		return path + "?" + v.Encode()
	}
	return path
}

func (q searchQuery) url() string { return q.at("/search") }

func (q searchQuery) with(change func(*searchQuery)) searchQuery {
	q.Networks, q.Kinds, q.Sources, q.Topics = slices.Clone(q.Networks), slices.Clone(q.Kinds), slices.Clone(q.Sources), slices.Clone(q.Topics)
	q.After = ""
	change(&q)
	return q
}

// list is the filter of a name.
func (q *searchQuery) list(name string) *[]string {
	switch name {
	case "net":
		return &q.Networks
	case "kind":
		return &q.Kinds
	case "source":
		return &q.Sources
	}
	return &q.Topics
}

// toggled chooses a value, or lets it go.
func (q searchQuery) toggled(name, value string) searchQuery {
	return q.with(func(q *searchQuery) {
		if name == "case" {
			if q.Case == value {
				value = ""
			}
			q.Case = value
			return
		}
		list := q.list(name)
		if slices.Contains(*list, value) {
			*list = without(*list, value)
			return
		}
		*list = append(*list, value)
	})
}

// ask is what the archive is asked. A search without days asks for the last
// thirty, and the page says so.
func (q searchQuery) ask(zone *time.Location, now time.Time) index.Query {
	x := index.Query{
		Text: q.Text, Sources: q.Sources, Topics: q.Topics, Author: q.Author, After: q.After, Facets: true, Limit: searchPerPage,
		WithCase: q.Case == "yes", WithoutCase: q.Case == "no",
	}
	for _, n := range q.Networks {
		x.Networks = append(x.Networks, social.Network(n))
	}
	for _, k := range q.Kinds {
		x.Kinds = append(x.Kinds, social.Kind(k))
	}
	if q.Place != "" {
		x.Territories = []string{q.Place}
	}
	switch q.Order {
	case "old":
		x.Order = index.Oldest
	case "best":
		x.Order = index.Relevant
	}
	if t, err := time.ParseInLocation(time.DateOnly, q.From, zone); err == nil {
		x.From = t
	}
	if t, err := time.ParseInLocation(time.DateOnly, q.To, zone); err == nil {
		x.To = t.AddDate(0, 0, 1)
	}
	if x.From.IsZero() && x.To.IsZero() && !q.All {
		today := now.In(zone)
		x.From = time.Date(today.Year(), today.Month(), today.Day()-searchDays, 0, 0, 0, 0, zone)
	}
	return x
}

// Encoded is the address without its path, for a form.
func (q searchQuery) Encoded() string { return q.values().Encode() }

// SearchOf is what a saved search asks the archive, without a window where it
// names no day: what comes in is new.
func SearchOf(saved string, zone *time.Location) (index.Query, error) {
	values, err := url.ParseQuery(saved)
	if err != nil {
		return index.Query{}, err
	}
	q := parseSearch(values)
	q.All = true
	return q.ask(zone, time.Time{}), nil
}
