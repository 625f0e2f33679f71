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
	"otklik/internal/sheet"
)

const (
	searchPerPage = 30
	// facetValues is how many values of a property are shown.
	facetValues = 8
	// searchExport bounds a file.
	searchExport = 100_000
)

// searchPage is the page Поиск.
type searchPage struct {
	Shell   shell
	Query   searchQuery
	Total   string
	Window  string
	Wrong   string // what is wrong with the words
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
	ID      string
	Net     netIcon
	Text    []segment
	Author  string
	Source  string
	Topic   string
	Kind    string
	Case    int64
	At      stamp
	Deleted bool
	Edited  bool
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

// upkeep is what an administrator sees of the archive.
type upkeep struct {
	State  string
	Months int
	Checks []string
	Busy   bool
}

func (s *server) search(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parseSearch(r.URL.Query())
	page := searchPage{Shell: s.shell(r, v, "search", "Поиск"), Query: q, May: v.person.Actor().Can(rights.AcceptCase)}
	ask := q.ask(s.Zone, v.now)
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

func (s *server) foundRow(x finding.Item, v *visit) foundRow {
	return foundRow{
		ID: x.ID, Net: iconOfNet(x.Message.Ref.Network), Author: authorName(x.Message.Author.Name), Source: x.Source, Topic: x.Topic, Kind: kindTitle(string(x.Message.Kind)),
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

func (s *server) upkeep(ctx context.Context) (*upkeep, error) {
	_, months, newest, err := s.Searching.Upkeep.ArchiveWishes(ctx)
	if err != nil {
		return nil, err
	}
	u := &upkeep{Months: months, State: "Архив построен."}
	if _, cursor, busy := s.Searching.Archive.Rebuilding(); busy {
		done, _ := strconv.ParseInt(cursor, 10, 64) // an empty cursor is the beginning
		u.Busy, u.State = true, "Архив перестраивается: "+strconv.FormatInt(100*done/max(newest, 1), 10)+"\u00a0%. Поиск всё это время работает по прежнему."
	}
	checks, err := s.Searching.Upkeep.ArchiveChecks(ctx, 5)
	for _, c := range checks {
		line := s.clock.Exact(c.Begun) + ": сверено " + ru.Count(c.Items, "сообщение", "сообщения", "сообщений")
		if c.Differs() {
			line += ", исправлено " + ru.Number(c.Missing+c.Stale+c.Extra)
		} else {
			line += ", расхождений нет"
		}
		u.Checks = append(u.Checks, line)
	}
	return u, err
}

// itemPage is one message with all its texts.
type itemPage struct {
	Shell    shell
	Row      foundRow
	Text     string
	Link     string
	Gone     stamp
	Versions []itemVersion
	May      bool
	Here     string
}

type itemVersion struct {
	Title string
	At    stamp
	Text  string
}

func (s *server) foundItem(w http.ResponseWriter, r *http.Request, v *visit) error {
	x, versions, err := s.Searching.Items.FoundItem(r.Context(), r.PathValue("item"))
	if err != nil {
		return err
	}
	page := itemPage{
		Shell: s.shell(r, v, "search", "Сообщение"), Row: s.foundRow(x, v), Text: x.Message.Text, Link: webLink(x.Message.Permalink),
		Gone: s.stamp(x.DeletedAt, v.now), May: v.person.Actor().Can(rights.AcceptCase) && x.CaseNumber == 0 && !x.Message.Author.Own, Here: "/search/items/" + x.ID,
	}
	for i, old := range versions {
		if i == len(versions)-1 && old.Text == x.Message.Text {
			continue
		}
		title := "Исправлено"
		at := s.stamp(old.EditedAt, v.now)
		if i == 0 {
			title, at = "Сначала было так", s.stamp(x.Message.PublishedAt, v.now)
		}
		page.Versions = append(page.Versions, itemVersion{title, at, old.Text})
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "item", page)
	return nil
}

// searchFile writes all that was found, a part at a time; who closes the
// page ends it.
func (s *server) searchFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	const part = 500
	q := parseSearch(r.URL.Query())
	ask := q.ask(s.Zone, v.now)
	ask.After, ask.Facets, ask.Limit = "", false, part
	t := sheet.Table{Name: "Поиск", Columns: []string{"Опубликовано", "Сеть", "Вид", "Источник", "Автор", "Тема", "Карточка", "Текст", "Удалено автором", "Ссылка"}}
	for len(t.Rows) < searchExport {
		found, err := s.Searching.Archive.Search(r.Context(), ask)
		if err != nil {
			return err
		}
		ids := make([]string, len(found.Hits))
		for i, h := range found.Hits {
			ids[i] = h.ID
		}
		items, err := s.Searching.Items.FoundItems(r.Context(), ids)
		if err != nil {
			return err
		}
		for _, x := range items {
			t.Rows = append(t.Rows, s.foundCells(x))
		}
		if ask.After = found.Next; ask.After == "" {
			break
		}
	}
	return s.download(w, t, "otklik-search-"+v.now.In(s.Zone).Format(time8601), r.URL.Query().Get("format"))
}

const time8601 = "2006-01-02"

func (s *server) foundCells(x finding.Item) []sheet.Cell {
	number, deleted := sheet.Text(""), ""
	if x.CaseNumber > 0 {
		number = sheet.Int(int(x.CaseNumber))
	}
	if !x.DeletedAt.IsZero() {
		deleted = s.clock.Exact(x.DeletedAt)
	}
	return []sheet.Cell{
		sheet.Text(s.clock.Exact(x.Message.PublishedAt)), sheet.Text(x.Message.Ref.Network.Title()), sheet.Text(kindTitle(string(x.Message.Kind))), sheet.Text(x.Source),
		sheet.Text(authorName(x.Message.Author.Name)), sheet.Text(x.Topic), number, sheet.Text(x.Message.Text), sheet.Text(deleted), sheet.Text(x.Message.Permalink),
	}
}
