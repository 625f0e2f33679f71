package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/sources"
)

// chooseSource is the first step of connecting a page: what it is.
type chooseSource struct {
	Shell shell
	Kinds []kindWords
}

func (s *server) newSource(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := chooseSource{Shell: s.shell(r, v, "source-new", "Подключить страницу")}
	for _, k := range sources.Kinds() {
		if words, ok := wordsOfKind(k); ok {
			page.Kinds = append(page.Kinds, words)
		}
	}
	s.show(w, v, http.StatusOK, "source-new", page)
	return nil
}

// connectSource is the form of a page's keys, and what the network said of them.
type connectSource struct {
	Shell   shell
	Words   kindWords
	Address string
	Title   string
	Kept    string // the checked draft, sealed
	Keys    []keyField
	Error   string
	Checked bool
	Ready   bool
	Found   string   // the page's name in the network
	Missing []string // what is not possible for want of a key
}

// keyField is the field of one key. It never carries the key.
type keyField struct {
	Kind    string
	Words   keyWords
	Needed  bool
	Kept    bool // it was typed before, so the field may stay empty
	Dated   bool // whoever gives it knows until when it is good
	Expires string
	Trouble string
	Can     []ability
}

func (s *server) connectView(r *http.Request, v *visit, kind sources.Kind) (connectSource, error) {
	words, ok := wordsOfKind(kind)
	if !ok {
		return connectSource{}, errs.New(errs.NotFound, "Таких страниц программа не подключает. Выберите из списка в «Источниках».")
	}
	page := connectSource{Shell: s.shell(r, v, "source-connect", words.Heading), Words: words}
	for _, k := range kind.Typed() {
		page.Keys = append(page.Keys, keyField{Kind: string(k), Words: wordsOfKey(k), Needed: kind.Needs(k), Dated: k == sources.AdminKey})
	}
	return page, nil
}

func (s *server) sourceForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.connectView(r, v, sources.Kind(r.PathValue("kind")))
	if err != nil {
		return err
	}
	s.show(w, v, http.StatusOK, "source-connect", page)
	return nil
}

// checkSource asks the network about what was typed and shows the form again
// with what was found. Nothing is stored.
func (s *server) checkSource(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	kind := sources.Kind(r.PathValue("kind"))
	page, err := s.connectView(r, v, kind)
	if err != nil {
		return err
	}
	page.Address, page.Title = f.Get("address"), f.Get("title")
	draft := sources.Draft{
		Kind: kind, Address: page.Address, Title: page.Title, Kept: f.Get("kept"),
		Secrets: map[sources.KeyKind]string{}, Expires: map[sources.KeyKind]time.Time{},
	}
	var checked sources.Checked
	for i, k := range page.Keys {
		key := sources.KeyKind(k.Kind)
		draft.Secrets[key] = f.Get("key-" + k.Kind)
		page.Keys[i].Expires = f.Get("expires-" + k.Kind)
		if draft.Expires[key], err = s.endOfDay(page.Keys[i].Expires); err != nil {
			break
		}
	}
	if err == nil {
		checked, err = s.Registry.CheckDraft(r.Context(), v.person.Actor(), draft)
	}
	if code := errs.CodeOf(err); err != nil && code != errs.Internal && code != errs.Forbidden {
		page.Error = errs.MessageOf(err)
		page.hold(checked)
		s.show(w, v, statusOf(code), "source-connect", page)
		return nil
	}
	if err != nil {
		return err
	}
	page.tell(checked)
	status := http.StatusOK
	if !checked.Ready {
		status = http.StatusUnprocessableEntity
	}
	s.show(w, v, status, "source-connect", page)
	return nil
}

// tell puts into the form what the network said.
func (p *connectSource) tell(c sources.Checked) {
	p.hold(c)
	p.Checked, p.Ready, p.Found = true, c.Ready, c.Found.Title
	for i, k := range p.Keys {
		found, ok := c.Found.Keys[sources.KeyKind(k.Kind)]
		if !ok {
			p.Missing = append(p.Missing, k.Words.Missing)
			continue
		}
		p.Keys[i].Trouble = found.Trouble
		p.Keys[i].Can = abilitiesOf(found.Abilities)
	}
}

// hold spares the person what they have typed already.
func (p *connectSource) hold(c sources.Checked) {
	p.Kept = c.Kept
	for i, k := range p.Keys {
		p.Keys[i].Kept = c.Holds[sources.KeyKind(k.Kind)]
	}
}

func abilitiesOf(list []collectors.Ability) []ability {
	var out []ability
	for _, a := range list {
		out = append(out, ability{Name: strings.TrimSuffix(a.Name, "."), Can: a.Can, Missing: !a.Can && a.Why != "", Why: a.Why})
	}
	return out
}

// saveSource connects the page of a checked draft.
func (s *server) saveSource(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id, err := s.Registry.ConnectDraft(r.Context(), v.person.Actor(), f.Get("kept"))
	if err != nil {
		return err
	}
	s.Hub.Publish(live.Sources)
	s.setFlash(w, "source-connected", 0)
	http.Redirect(w, r, "/sources/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

// endOfDay reads a day of the agency's calendar (ДД.ММ.ГГГГ), to its last moment; an empty
// text is the zero time. Errors: Invalid.
func (s *server) endOfDay(text string) (time.Time, error) {
	if text = strings.TrimSpace(text); text == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation("2.1.2006", text, s.Zone)
	if err != nil || day.Year() > 2200 {
		return time.Time{}, errs.Wrap(errs.Invalid, "Такого дня нет. Укажите, до какого дня действует ключ, например 31.12.2026, или оставьте поле пустым.", err)
	}
	return s.clock.DayEnd(day), nil
}
