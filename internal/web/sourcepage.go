package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/sources"
)

// sourcePage is one source: how it is, its keys, and what can be done with it.
type sourcePage struct {
	Shell    shell
	ID       string
	Path     string
	Net      netIcon
	Title    string
	Kind     string
	URL      string
	Class    string
	Dot      string
	State    string
	Notes    []sourceNote
	Facts    string
	Keys     []keyRow
	Paused   bool
	FromFile bool
	Manage   bool // pauses and checks
	Edit     bool // changes keys and removes
	Problem  string
	Opened   string // the form in which the problem is
}

// keyRow is one key with what it can do. It never carries the key.
type keyRow struct {
	Kind    string
	Title   string
	Where   []string
	There   bool
	Typed   bool
	Needed  bool
	Class   string
	Icon    string
	State   string
	Text    string // what is wrong, or what is not possible without it
	Facts   string
	Can     []ability
	Expires string // for the field of its date
}

func (s *server) source(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.sourceView(r, v, r.PathValue("id"))
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "source", page)
	return nil
}

func (s *server) sourceView(r *http.Request, v *visit, id string) (sourcePage, error) {
	x, err := s.Registry.View(r.Context(), id)
	if err != nil {
		return sourcePage{}, err
	}
	by := v.person.Actor()
	page := sourcePage{
		Shell: s.shell(r, v, "source", x.Title), ID: x.ID, Path: "/sources/" + url.PathEscape(x.ID), Net: iconOfNet(x.Kind.Network()),
		Title: x.Title, Kind: titleOfKind(string(x.Kind)), URL: webLink(x.URL), Paused: x.Paused, FromFile: x.Origin == sources.FromFile,
		Manage: by.Can(rights.ManageSources),
	}
	page.Edit = page.Manage && !page.FromFile
	all, err := s.Sources.Sources(r.Context(), v.now)
	if err != nil {
		return page, err
	}
	if i := slices.IndexFunc(all, func(y collectors.SourceStatus) bool { return y.ID == x.ID }); i >= 0 {
		page.Class, page.Dot, page.State = s.state(all[i], v.now)
		page.Notes, page.Facts = s.sourceNotes(all[i], v.now), s.sourceFacts(all[i])
	}
	for _, kind := range keyKinds(x) {
		page.Keys = append(page.Keys, s.keyRow(x, kind, v.now))
	}
	return page, nil
}

// keyKinds are the keys that a page can have, and those that it has besides.
func keyKinds(x sources.Source) []sources.KeyKind {
	out := x.Kind.Typed()
	for _, k := range x.Keys {
		if !slices.Contains(out, k.Kind) {
			out = append(out, k.Kind)
		}
	}
	return out
}

// expiresSoon is how many days ahead the end of a key is told.
const expiresSoon = 14 * 24 * time.Hour

func (s *server) keyRow(x sources.Source, kind sources.KeyKind, now time.Time) keyRow {
	words := wordsOfKey(kind)
	row := keyRow{Kind: string(kind), Title: words.Title, Where: words.Where, Needed: x.Kind.Needs(kind), Typed: slices.Contains(x.Kind.Typed(), kind)}
	k, ok := x.Key(kind)
	if !ok {
		row.Class, row.Icon, row.State, row.Text = "", "x", "Нет ключа", words.Missing
		return row
	}
	row.There, row.Can, row.Facts = true, abilitiesOf(k.Abilities), s.keyFacts(k)
	if !k.ExpiresAt.IsZero() {
		row.Expires = s.clock.Date(k.ExpiresAt.Add(-time.Second))
	}
	left := k.ExpiresAt.Sub(now)
	switch {
	case !s.Registry.Readable(x.ID, k):
		row.Class, row.Icon, row.State = "bad", "lock", "Не расшифровывается"
		row.Text = "На этой машине нет ключа шифрования, под которым он записан. Верните его в файл ключей шифрования или впишите ключ страницы заново."
	case k.Trouble != "":
		row.Class, row.Icon, row.State, row.Text = "bad", "alert", "Не подходит", k.Trouble
	case !k.ExpiresAt.IsZero() && left <= 0:
		row.Class, row.Icon, row.State, row.Text = "bad", "clock", "Истёк", "Срок ключа прошёл. Выпустите новый и замените его."
	case !k.ExpiresAt.IsZero() && left < expiresSoon:
		row.Class, row.Icon, row.State = "warn", "clock", "Истекает через "+ru.Span(left)
	case k.CheckedAt.IsZero():
		row.Class, row.Icon, row.State = "", "clock", "Ещё не проверен"
		if len(words.Where) == 0 {
			row.Icon, row.State = "lock", "Есть"
		}
	default:
		row.Class, row.Icon, row.State = "ok", "check", "Работает"
	}
	return row
}

func (s *server) keyFacts(k sources.Key) string {
	facts := "Из файла настроек"
	if k.SetBy != "" {
		facts = "Вписан " + s.clock.Full(k.SetAt) + ", " + k.SetByName
	}
	if !k.CheckedAt.IsZero() {
		facts += ". Проверен " + s.clock.Full(k.CheckedAt)
	}
	if !k.ExpiresAt.IsZero() {
		facts += ". Действует до " + s.clock.Date(k.ExpiresAt.Add(-time.Second))
	}
	return facts
}

// sourceDeed is one thing that an administrator does to a source: a name for
// the address and the notice, and the call.
type sourceDeed struct {
	name string
	do   func(ctx context.Context, by rights.Actor, id string) error
}

func (s *server) sourceDeeds() []sourceDeed {
	return []sourceDeed{
		{"check", s.Registry.CheckAgain}, {"pause", s.Registry.Pause}, {"resume", s.Registry.Resume}, {"remove", s.Registry.Remove},
	}
}

func (s *server) sourceDeed(d sourceDeed) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		id := r.PathValue("id")
		if err := d.do(r.Context(), v.person.Actor(), id); err != nil {
			return s.sourceProblem(w, r, v, id, "", err)
		}
		to := "/sources/" + url.PathEscape(id)
		if d.name == "remove" {
			to = "/sources"
		}
		return s.sourceDone(w, r, "source-"+d.name, to)
	}
}

func (s *server) sourceDone(w http.ResponseWriter, r *http.Request, flash, to string) error {
	s.Hub.Publish(live.Sources)
	s.setFlash(w, flash, 0)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// sourceProblem shows the source again with what went wrong.
func (s *server) sourceProblem(w http.ResponseWriter, r *http.Request, v *visit, id, opened string, err error) error {
	code := errs.CodeOf(err)
	if code == errs.Internal || code == errs.NotFound || code == errs.Forbidden || gone(r.Context(), err) {
		return err
	}
	page, viewErr := s.sourceView(r, v, id)
	if viewErr != nil {
		return err
	}
	page.Problem, page.Opened = errs.MessageOf(err), opened
	s.show(w, v, statusOf(code), "source", page)
	return nil
}

// keyDeed carries out what was decided about one key: put another in its place,
// note its last day, or take it away.
func (s *server) keyDeed(name string) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		f, err := form(r)
		if err != nil {
			return err
		}
		id, kind, by := r.PathValue("id"), sources.KeyKind(r.PathValue("key")), v.person.Actor()
		until, err := s.endOfDay(f.Get("expires"))
		if err == nil {
			switch name {
			case "replace":
				err = s.Registry.ReplaceKey(r.Context(), by, id, kind, f.Get("secret"), until)
			case "expiry":
				err = s.Registry.SetExpiry(r.Context(), by, id, kind, until)
			case "remove":
				err = s.Registry.RemoveKey(r.Context(), by, id, kind)
			}
		}
		if err != nil {
			return s.sourceProblem(w, r, v, id, name+"-"+string(kind), err)
		}
		return s.sourceDone(w, r, "key-"+name, "/sources/"+url.PathEscape(id))
	}
}
