package web

import (
	"net/http"
	"net/url"

	"otklik/incidents"
	"otklik/index/places"
	"otklik/internal/errs"
	"otklik/internal/ru"
)

// placeEditPage is one entry of the gazetteer.
type placeEditPage struct {
	Shell   shell
	URL     string
	New     bool
	Title   string
	Entry   places.Entry
	Parents []choice
	Uses    string // what goes with the place when it is dropped
	Problem string
}

const newPlace = "new"

func (s *server) placePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.placeEdit(r, v)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "place", page)
	return nil
}

// placeEdit is the page of the place of the address, or of a new one.
func (s *server) placeEdit(r *http.Request, v *visit) (*placeEditPage, error) {
	finder, err := s.Guide.Atlas.Finder(r.Context())
	if err != nil {
		return nil, err
	}
	id := r.PathValue("id")
	page := &placeEditPage{URL: "/places/" + newPlace, New: id == "" || id == newPlace, Title: "Новое место"}
	if !page.New {
		p, ok := finder.Place(id)
		if !ok {
			return nil, errs.New(errs.NotFound, "Такого места в справочнике нет. Найдите его в «Территориях».")
		}
		page.URL, page.Title, page.Entry = "/places/"+url.PathEscape(id), p.Title(), places.EntryOf(p)
		uses, err := s.Guide.Places.PlaceUses(r.Context(), id)
		if err != nil {
			return nil, err
		}
		page.Uses = usesText(uses)
	}
	page.Shell = s.shell(r, v, "place", page.Title)
	page.parents(finder)
	return page, nil
}

func (p *placeEditPage) parents(finder *places.Finder) {
	p.Parents = []choice{{Title: "Никуда: верхний уровень", Checked: p.Entry.Parent == ""}}
	for _, x := range finder.Places() {
		if x.Kind != places.Street {
			p.Parents = append(p.Parents, choice{Title: finder.Label(x.ID), Value: x.ID, Checked: x.ID == p.Entry.Parent})
		}
	}
}

// usesText says what depends on a place.
func usesText(u incidents.PlaceUses) string {
	var out string
	add := func(n int, text string) {
		if n > 0 && out != "" {
			out += ", "
		}
		if n > 0 {
			out += text
		}
	}
	add(u.Inside, ru.Count(u.Inside, "место внутри", "места внутри", "мест внутри"))
	add(u.Routes, ru.Count(u.Routes, "маршрут", "маршрута", "маршрутов"))
	add(u.Pages, ru.Count(u.Pages, "территория страницы", "территории страниц", "территорий страниц"))
	return out
}

func (s *server) savePlace(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if id == newPlace {
		id = ""
	}
	e := places.Entry{Type: f.Get("type"), Name: f.Get("name"), Parent: f.Get("parent"), Houses: f.Get("houses"), Synonyms: f.Get("synonyms")}
	id, err = s.Guide.Places.SavePlace(r.Context(), v.person.Actor(), id, e, v.now)
	if code := errs.CodeOf(err); err != nil && (code == errs.Invalid || code == errs.Conflict) {
		page, failed := s.placeEdit(r, v)
		if failed != nil {
			return failed
		}
		page.Shell.Here, page.Entry, page.Problem = page.URL, e, errs.MessageOf(err)
		for i := range page.Parents {
			page.Parents[i].Checked = page.Parents[i].Value == e.Parent
		}
		s.show(w, v, statusOf(code), "place", page)
		return nil
	}
	if err != nil {
		return err
	}
	s.setFlash(w, "place-saved", 0)
	http.Redirect(w, r, "/places/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

func (s *server) dropPlace(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Guide.Places.DropPlace(r.Context(), v.person.Actor(), r.PathValue("id"), v.now); err != nil {
		return err
	}
	s.setFlash(w, "place-dropped", 0)
	http.Redirect(w, r, "/places", http.StatusSeeOther)
	return nil
}
