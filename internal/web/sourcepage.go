package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
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
	Can      []ability  // where there are no keys
	Shelf    *shelfView // nil where the network needs none
	Hook     *hookView  // nil where the network knows no webhooks
	Paused   bool
	FromFile bool
	Manage   bool // pauses and checks
	Edit     bool // changes keys and removes
	Problem  string
	Opened   string // the form in which the problem is
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
		Manage: by.Can(rights.ManageSources), Can: abilitiesOf(x.Abilities),
	}
	page.Edit = page.Manage && !page.FromFile
	all, err := s.readSources(r.Context(), v.now)
	if err != nil {
		return page, err
	}
	if i := slices.IndexFunc(all, func(y collectors.SourceStatus) bool { return y.ID == x.ID }); i >= 0 {
		page.Class, page.Dot, page.State = s.state(all[i], v.now)
		page.Notes, page.Facts = s.sourceNotes(all[i], v.now), s.sourceFacts(all[i])
	}
	stand, err := s.keyStand(r.Context(), v.now)
	if err != nil {
		return page, err
	}
	page.Notes = append(page.Notes, s.keyNotes(x, v.now)...)
	page.Keys, page.Hook = s.keyRows(x, stand, v.now), s.hookView(x)
	if x.Kind == sources.TelegramChannel {
		page.Shelf = &shelfView{On: x.Settings.Shelf.ID != 0, Title: cmp.Or(x.Settings.Shelf.Title, strconv.FormatInt(x.Settings.Shelf.ID, 10))}
	}
	return page, nil
}

// shelfView is the chat in which the files of a channel wait for their posts.
type shelfView struct {
	On    bool
	Title string
}

// setShelf makes a chat the shelf of a channel, or takes the shelf away.
func (s *server) setShelf(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := s.Registry.SetShelf(r.Context(), v.person.Actor(), id, f.Get("chat")); err != nil {
		return s.sourceProblem(w, r, v, id, "shelf", err)
	}
	return s.sourceDone(w, r, "source-shelf", "/sources/"+url.PathEscape(id))
}

// hookView is how the updates of a channel of Telegram come in.
type hookView struct {
	On      bool
	Address string
	Why     string // why Telegram cannot send them itself
	Sealed  bool   // its word does not open on this machine
}

func (s *server) hookView(x sources.Source) *hookView {
	if x.Kind != sources.TelegramChannel {
		return nil
	}
	h := &hookView{}
	k, on := x.Key(sources.WebhookSecret)
	h.On, h.Sealed = on, on && !s.Registry.Readable(x.ID, k)
	var err error
	if h.Address, err = s.Registry.Webhook(x.ID); err != nil {
		h.Why = errs.MessageOf(err)
	}
	return h
}

// sourceDeed is one thing that an administrator does to a source: a name for
// the address and the notice, and the call.
type sourceDeed struct {
	name string
	do   func(ctx context.Context, by rights.Actor, id string) error
}

func (s *server) sourceDeeds() []sourceDeed {
	return []sourceDeed{
		{"check", s.Registry.CheckAgain},
		{"pause", s.Registry.Pause},
		{"resume", s.Registry.Resume},
		{"remove", s.Registry.Remove},
		{"webhook", s.Registry.TurnOnWebhook},
		{"polling", s.Registry.TurnOffWebhook},
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
