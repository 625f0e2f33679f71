package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"otklik/index/places"
	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/sheet"
)

// mostPlaces bounds the rows of a gazetteer.
const mostPlaces = 50_000

// placesPage is the page «Территории».
type placesPage struct {
	Shell   shell
	Edit    bool
	Total   int
	Find    string
	Rows    []listedPlace
	Pager   []tab
	Files   files
	Pages   []pagePlace
	Try     string // the text that is tried
	Tried   []triedPlace
	TriedAt string // where it would be
	Problem string
	Bad     []string
	Hidden  string
	Columns string
	Empty   emptyState
}

type listedPlace struct{ URL, Title, Kind, In, Houses, Others string }

// pagePlace is a page with its territory.
type pagePlace struct {
	ID    string
	Net   netIcon
	Title string
	Place string
}

// triedPlace is one place found in a text.
type triedPlace struct{ Title, Words, Known string }

func (s *server) placesPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.placesView(r, v)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "places", page)
	return nil
}

func (s *server) placesView(r *http.Request, v *visit) (*placesPage, error) {
	finder, err := s.Guide.Atlas.Finder(r.Context())
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	page := &placesPage{
		Shell: s.shell(r, v, "places", "Территории"), Edit: mayGuide(v), Total: finder.Len(), Find: ru.Cut(q.Get("q"), maxFind),
		Files: filesAt("/places/export"), Try: ru.Cut(q.Get("text"), 2000), Columns: strings.Join(places.Columns(), ", "),
		Empty: emptyState{Title: "Справочника мест пока нет", Text: "Без него программа находит только то, что написано полностью: «ул. Гоголя, 12». Загрузите таблицу своих улиц и районов, и она узнает «на Гоголя» и «в Заречье»."},
	}
	list := finder.Places()
	if page.Find != "" {
		list = finder.Suggest(page.Find, len(list))
	}
	s.placeRows(page, finder, list, q)
	if page.Try != "" {
		page.try(finder)
	}
	return page, s.pagePlaces(r, page, finder)
}

// placeRows fills the part of the list that the address asks for.
func (s *server) placeRows(page *placesPage, finder *places.Finder, list []places.Place, q url.Values) {
	const part = 100
	at, _ := strconv.Atoi(q.Get("page"))
	last := max(1, (len(list)+part-1)/part)
	at = min(max(at, 1), last)
	for _, p := range list[(at-1)*part : min(at*part, len(list))] {
		row := listedPlace{URL: "/places/" + url.PathEscape(p.ID), Title: p.Title(), Kind: p.Kind.Title(), Houses: p.Houses, Others: strings.Join(p.Synonyms, ", ")}
		if up, ok := finder.Place(p.ParentID); ok {
			row.In = up.Title()
		}
		page.Rows = append(page.Rows, row)
	}
	link := func(n int) string {
		v := url.Values{"page": {strconv.Itoa(n)}}
		if page.Find != "" {
			v.Set("q", page.Find)
		}
		return "/places?" + v.Encode()
	}
	for n := 1; last > 1 && n <= last; n++ {
		if n == 1 || n == last || n >= at-2 && n <= at+2 {
			page.Pager = append(page.Pager, tab{Title: ru.Number(n), URL: link(n), Current: n == at})
		}
	}
}

// try shows what is found in a text.
func (p *placesPage) try(finder *places.Finder) {
	for _, x := range finder.Find(nil, p.Try) {
		t := triedPlace{Title: x.Title, Words: p.Try[x.Start:x.End], Known: "нет в справочнике"}
		if len(x.IDs) > 0 {
			t.Known = ""
		}
		if len(x.IDs) > 1 {
			t.Known = ru.Count(len(x.IDs), "место с таким названием", "места с таким названием", "мест с таким названием")
		}
		p.Tried = append(p.Tried, t)
	}
	if spot, ok := finder.Locate(p.Try); ok {
		p.TriedAt = spot.Title
	}
}

func (s *server) pagePlaces(r *http.Request, page *placesPage, finder *places.Finder) error {
	connected, err := s.Press.Pages.Registry(r.Context())
	if err != nil {
		return err
	}
	had, err := s.Guide.Atlas.PagePlaces(r.Context())
	if err != nil {
		return err
	}
	for _, x := range connected {
		page.Pages = append(page.Pages, pagePlace{ID: x.ID, Net: iconOfNet(x.Kind.Network()), Title: x.Title, Place: finder.Label(had[x.ID])})
	}
	return nil
}

func (s *server) placesExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	finder, err := s.Guide.Atlas.Finder(r.Context())
	if err != nil {
		return err
	}
	return s.download(w, textTable("Места", places.Columns(), places.Table(finder.Places())), "Территории "+s.clock.Date(v.now), r.URL.Query().Get("format"))
}

// textTable is a table of texts.
func textTable(name string, columns []string, rows [][]string) sheet.Table {
	t := sheet.Table{Name: name, Columns: columns}
	for _, row := range rows {
		cells := make([]sheet.Cell, len(row))
		for i, text := range row {
			cells[i] = sheet.Text(text)
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// importPlaces replaces the gazetteer by a file. A file with mistakes changes
// nothing, unless the person says that its other rows are enough.
func (s *server) importPlaces(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, bad, err := s.readPlaces(r)
	if err == nil && len(bad) > 0 && r.FormValue("partial") != "1" {
		err = errs.New(errs.Invalid, "В файле есть ошибки, поэтому ничего не изменилось. Исправьте их или отметьте «Пропустить строки с ошибками».")
	}
	if err == nil {
		err = s.Guide.Atlas.SaveGazetteer(r.Context(), v.person.Actor(), list, v.now)
	}
	if err == nil {
		s.setFlash(w, "places-saved", 0)
		http.Redirect(w, r, "/places", http.StatusSeeOther)
		return nil
	}
	return s.placesFailed(w, r, v, err, bad)
}

func (s *server) readPlaces(r *http.Request) ([]places.Place, []places.BadCell, error) {
	data, err := upload(r)
	if err != nil {
		return nil, nil, err
	}
	table, err := sheet.ReadUpTo(data, mostPlaces)
	if err != nil {
		return nil, nil, err
	}
	list, bad := places.Read(table.Header, tableRows(table.Rows))
	return list, bad, nil
}

// placesFailed shows the page with what is wrong.
func (s *server) placesFailed(w http.ResponseWriter, r *http.Request, v *visit, cause error, bad []places.BadCell) error {
	code := errs.CodeOf(cause)
	if code != errs.Invalid && code != errs.TooLarge {
		return cause
	}
	r.URL.RawQuery = ""
	page, err := s.placesView(r, v)
	if err != nil {
		return err
	}
	page.Shell.Here, page.Problem = "/places", errs.MessageOf(cause)
	const shown = 50
	for _, b := range bad[:min(len(bad), shown)] {
		page.Bad = append(page.Bad, b.Error())
	}
	if more := len(bad) - shown; more > 0 {
		page.Hidden = "И ещё " + ru.Count(more, "ошибка", "ошибки", "ошибок") + "."
	}
	s.show(w, v, statusOf(code), "places", page)
	return nil
}

func (s *server) savePagePlace(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	place, err := s.placeOfForm(r, f.Get("place"), false)
	if err == nil {
		err = s.Guide.Atlas.SavePagePlace(r.Context(), v.person.Actor(), f.Get("page"), place.ID, v.now)
	}
	if err != nil {
		return s.placesFailed(w, r, v, err, nil)
	}
	s.setFlash(w, "page-place", 0)
	http.Redirect(w, r, "/places#pages", http.StatusSeeOther)
	return nil
}

// placeChoices are the wide places, for filters.
func placeChoices(finder *places.Finder, chosen []string) []choice {
	const most = 60
	var out []choice
	for _, p := range finder.Places() {
		picked := slices.Contains(chosen, p.ID)
		if picked || p.Kind != places.Street && len(out) < most {
			out = append(out, choice{Title: p.Title(), Value: p.ID, Checked: picked})
		}
	}
	return out
}
