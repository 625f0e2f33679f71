package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"otklik/incidents"
	"otklik/index"
	"otklik/internal/errs"
	"otklik/internal/finding"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/social"
)

const (
	searchPerPage = 30
	// facetValues is how many values of a property are shown.
	facetValues = 8
)

// searchPage is the page Поиск.
type searchPage struct {
	Shell   shell
	Query   searchQuery
	Total   string
	Window  string
	Wrong   string // what is wrong with the words
	Place   string // what is wrong with the territory
	Rows    []foundRow
	Facets  []facet
	Orders  []tab
	Saved   []savedRow
	Next    string
	First   string // the address of the first page, "" on it
	Widen   string // the address without a window
	Files   files
	TooMany string
	May     bool
	Empty   emptyState
}

type foundRow struct {
	ID     string
	Net    netIcon
	Text   []segment
	Author string
	// ByAuthor is the address of all that the author wrote, "" for nobody.
	ByAuthor string
	Source   string
	Topic    string
	Kind     string
	Case     int64
	At       stamp
	Deleted  bool
	Edited   bool
}

// facet is one property with the numbers of its values.
type facet struct {
	Title  string
	Values []facetValue
}

type facetValue struct {
	Title, URL string
	Count      int
	Chosen     bool
}

type savedRow struct {
	ID, Name, URL string
	New           int
	Mine          bool
	Shared        bool
	Owner         string
}

func (s *server) search(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parseSearch(r.URL.Query())
	page := searchPage{Shell: s.shell(r, v, "search", "Поиск"), Query: q, May: v.person.Actor().Can(rights.AcceptCase)}
	ask := q.ask(s.Zone, v.now)
	var err error
	if page.Place, err = s.searchedPlace(r, &ask); err != nil {
		return err
	}
	found, err := s.Searching.Archive.Search(r.Context(), ask)
	switch {
	case errs.CodeOf(err) == errs.Invalid:
		page.Wrong = errs.MessageOf(err)
	case err != nil:
		return err
	}
	if err := s.fillSearch(r.Context(), v, &page, found); err != nil {
		return err
	}
	if ask.To.IsZero() && q.From == "" && !q.All {
		page.Window = "за " + strconv.Itoa(searchDays) + " дней"
		page.Widen = q.with(func(q *searchQuery) { q.All = true }).url()
	}
	for _, o := range [][2]string{{"", "Сначала новые"}, {"old", "Сначала старые"}, {"best", "По близости к словам"}} {
		page.Orders = append(page.Orders, tab{Title: o[1], URL: q.with(func(q *searchQuery) { q.Order = o[0] }).url(), Current: q.Order == o[0]})
	}
	page.Files = filesAt(q.with(func(*searchQuery) {}).at("/search/export"))
	if found.Total > searchExport {
		page.TooMany = "В файл войдут первые " + ru.Number(searchExport) + ": сузьте срок, чтобы выгрузить всё."
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "search", page)
	return nil
}

func (s *server) fillSearch(ctx context.Context, v *visit, page *searchPage, found index.Found) error {
	q := page.Query
	page.Total = ru.Number(found.Total)
	if found.AtLeast {
		page.Total = "не меньше " + page.Total
	}
	rows, err := s.foundRows(ctx, v, found.Hits)
	if err != nil {
		return err
	}
	page.Rows = rows
	if page.Facets, err = s.facets(ctx, q, found.Facets); err != nil {
		return err
	}
	if page.Saved, err = s.savedSearches(ctx, v); err != nil {
		return err
	}
	if found.Next != "" {
		page.Next = q.with(func(q *searchQuery) { q.After = found.Next }).url()
	}
	if q.After != "" {
		page.First = q.with(func(*searchQuery) {}).url()
	}
	page.Empty = emptyState{Title: "Ничего не нашлось", Text: "Проверьте слова, снимите часть отбора или ищите за всё время.", URL: "/search?all=1&q=" + url.QueryEscape(q.Text), Button: "Искать за всё время без отбора"}
	return nil
}

func (s *server) foundRows(ctx context.Context, v *visit, hits []index.Hit) ([]foundRow, error) {
	ids := make([]string, len(hits))
	marks := make(map[string][]incidents.Span, len(hits))
	texts := make(map[string]string, len(hits))
	for i, h := range hits {
		ids[i], texts[h.ID] = h.ID, h.Text
		for _, x := range h.Spans {
			marks[h.ID] = append(marks[h.ID], incidents.Span{Start: x.Start, End: x.End})
		}
	}
	items, err := s.Searching.Items.FoundItems(ctx, ids)
	rows := make([]foundRow, len(items))
	for i, x := range items {
		at := marks[x.ID]
		if texts[x.ID] != x.Message.Text {
			at = nil // it has changed since the archive read it
		}
		rows[i] = s.foundRow(x, v)
		rows[i].Text = lead(x.Message.Text, at, rowText)
	}
	return rows, err
}

// searchedPlace puts the place of the gazetteer that is meant into the question.
// What the gazetteer does not have is still a name that messages may have.
func (s *server) searchedPlace(r *http.Request, ask *index.Query) (wrong string, err error) {
	if len(ask.Territories) == 0 {
		return "", nil
	}
	p, err := s.placeOfForm(r, ask.Territories[0], true)
	if err != nil {
		return "", err
	}
	if p.ID == "" {
		return "Места «" + p.Title + "» в справочнике нет, ищем его по названию. Выберите место из подсказок, чтобы найти и всё, что в нём.", nil
	}
	ask.Territories = []string{p.ID}
	return "", nil
}

func byAuthor(it social.Item) string {
	if it.Author.ID == "" {
		return ""
	}
	return searchQuery{Author: it.Author.ID, Networks: []string{string(it.Ref.Network)}, All: true}.url()
}

func (s *server) foundRow(x finding.Item, v *visit) foundRow {
	return foundRow{
		ByAuthor: byAuthor(x.Message),
		ID:       x.ID, Net: iconOfNet(x.Message.Ref.Network), Author: authorName(x.Message.Author.Name), Source: x.Source, Topic: x.Topic, Kind: kindTitle(string(x.Message.Kind)),
		Case: x.CaseNumber, At: s.stamp(x.Message.PublishedAt, v.now), Deleted: !x.DeletedAt.IsZero(), Edited: x.Versions > 1,
	}
}

func kindTitle(kind string) string {
	if kind == "post" {
		return "пост"
	}
	return "комментарий"
}

// facets shows the values that would find most; those that are chosen always stay.
func (s *server) facets(ctx context.Context, q searchQuery, f index.Facets) ([]facet, error) {
	topics, err := s.Directory.Topics(ctx)
	if err != nil {
		return nil, err
	}
	sources, err := s.sourceTitles(ctx)
	if err != nil {
		return nil, err
	}
	topicNames := map[string]string{}
	for _, t := range topics {
		topicNames[t.ID] = t.Name
	}
	nets := map[string]string{}
	for _, n := range networks() {
		nets[string(n)] = n.Title()
	}
	list := []facet{
		q.facet("Сеть", "net", f.Networks, nets, q.Networks), q.facet("Вид", "kind", f.Kinds, map[string]string{"post": "посты", "comment": "комментарии"}, q.Kinds),
		q.facet("Источник", "source", f.Sources, sources, q.Sources), q.facet("Тема", "topic", f.Topics, topicNames, q.Topics),
	}
	chosen := some([]string{q.Case})
	cases := q.facet("Карточка", "case", map[string]int{"yes": f.WithCase}, map[string]string{"yes": "есть"}, chosen)
	cases.Values = append(cases.Values, facetValue{Title: "нет", URL: q.toggled("case", "no").url(), Count: -1, Chosen: q.Case == "no"})
	return append(list, cases), nil
}

// sourceTitles names the sources by their ids.
func (s *server) sourceTitles(ctx context.Context) (map[string]string, error) {
	list, err := s.Keys.Registry(ctx)
	names := map[string]string{}
	for _, x := range list {
		names[x.ID] = x.Title
	}
	return names, err
}

func (q searchQuery) facet(title, name string, counted map[string]int, names map[string]string, chosen []string) facet {
	f := facet{Title: title}
	for value, n := range counted {
		f.Values = append(f.Values, facetValue{Title: cmp.Or(names[value], value), URL: q.toggled(name, value).url(), Count: n, Chosen: slices.Contains(chosen, value)})
	}
	for _, value := range chosen {
		if _, ok := counted[value]; !ok && value != "no" {
			f.Values = append(f.Values, facetValue{Title: cmp.Or(names[value], value), URL: q.toggled(name, value).url(), Chosen: true})
		}
	}
	slices.SortFunc(f.Values, func(a, b facetValue) int {
		if a.Chosen != b.Chosen {
			if a.Chosen {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), byRussian(a.Title, b.Title))
	})
	f.Values = f.Values[:min(len(f.Values), facetValues)]
	return f
}

func (s *server) savedSearches(ctx context.Context, v *visit) ([]savedRow, error) {
	list, err := s.Searching.Saved.SavedSearches(ctx, v.person.ID)
	rows := make([]savedRow, len(list))
	for i, x := range list {
		rows[i] = savedRow{ID: x.ID, Name: x.Name, URL: "/search/saved/" + x.ID, New: x.New, Mine: x.OwnerID == v.person.ID, Shared: x.Shared, Owner: x.OwnerName}
	}
	return rows, err
}
