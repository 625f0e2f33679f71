package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/publisher"
)

// writeSeries carries out what a button of the series' editor asks.
func (s *server) writeSeries(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := uploadForm(w, r)
	if err != nil {
		return err
	}
	defer dropFiles(r)
	x, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	e := seriesEdit{edit{server: s, w: w, r: r, v: v, f: f, form: readPostForm(f), seen: number(f.Get("version"))}, x}
	return e.carryOut(f.Get("do"))
}

// keepSeries keeps what a person is writing and answers with what follows.
func (s *server) keepSeries(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := uploadForm(w, r)
	if err != nil {
		return err
	}
	defer dropFiles(r)
	x, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	e := seriesEdit{edit{server: s, w: w, r: r, v: v, f: f, form: readPostForm(f), seen: number(f.Get("version"))}, x}
	if err := e.keep(); err != nil {
		return err
	}
	if r.Header.Get(partHeader) == "" {
		http.Redirect(w, r, e.home(), http.StatusSeeOther)
		return nil
	}
	page, err := s.seriesEditor(r, v, x)
	if err != nil {
		return err
	}
	page.Saved = s.stamp(v.now, v.now)
	if err := s.fillSeries(r, v, page, x, e.form); err != nil {
		return err
	}
	s.part(w, v, "post", "live", page)
	return nil
}

// seriesEdit is one request of the series' editor.
type seriesEdit struct {
	edit
	series publisher.Series
}

func (e *seriesEdit) home() string {
	if e.series.ID == "" {
		return "/series/new"
	}
	return "/series/" + e.series.ID
}

func (e *seriesEdit) keep() error {
	u := publisher.Unsaved{PostID: seriesDraft(e.series.ID), PersonID: e.v.person.ID, Version: e.seen, Fields: e.form.fields()}
	return e.Planning.Editing.SaveUnsaved(e.r.Context(), u, e.v.now)
}

func (e *seriesEdit) carryOut(do string) error {
	what, arg, _ := strings.Cut(do, ":")
	var err error
	switch what {
	case "", "save":
		return e.save()
	case "forget":
		if err := e.forgetSeries(); err != nil {
			return err
		}
		http.Redirect(e.w, e.r, e.home(), http.StatusSeeOther)
		return nil
	case "upload":
		err = e.upload()
	case "link":
		err = e.addLink()
	default:
		e.reshape(what, number(arg))
	}
	if err != nil {
		return e.refuse(err)
	}
	if err := e.keep(); err != nil {
		return err
	}
	http.Redirect(e.w, e.r, e.home(), http.StatusSeeOther)
	return nil
}

func (e *seriesEdit) forgetSeries() error {
	return e.Planning.Editing.SaveUnsaved(e.r.Context(), publisher.Unsaved{PostID: seriesDraft(e.series.ID), PersonID: e.v.person.ID}, e.v.now)
}

func (e *seriesEdit) save() error {
	ctx := e.r.Context()
	pages, err := e.Planning.Register.Pages(ctx)
	if err != nil {
		return err
	}
	kept, err := e.Planning.Editing.Uploads(ctx, e.form.hashes())
	if err != nil {
		return err
	}
	rule, err := e.form.Rule.rule()
	if err != nil {
		return e.refuse(err)
	}
	facts := publisher.Facts{Now: e.v.now, Pages: pages}
	x := publisher.SeriesForm{
		Write: e.form.write(kept), Rule: rule, Zone: e.zoneFor(e.form.Pages, pages).String(), LateBy: time.Duration(e.form.Late) * time.Minute, Active: e.form.Rule.Active,
	}
	done, err := e.Planning.Series.ChangeSeries(ctx, e.series.ID, e.seen, e.v.now, func(was publisher.Series) (publisher.Series, error) {
		return publisher.ChangeSeries(was, x, e.v.person.Actor(), facts)
	})
	if err != nil {
		return e.refuse(err)
	}
	if err := e.forgetSeries(); err != nil {
		e.Logger.WarnContext(ctx, "a draft that was saved is still kept", "err", err)
	}
	if err := e.unfold(ctx, done.ID, facts); err != nil {
		return err
	}
	e.setFlash(e.w, "series-saved", 0)
	http.Redirect(e.w, e.r, "/series/"+done.ID, http.StatusSeeOther)
	return nil
}

// unfold makes the occurrences at once, so that the calendar shows them.
func (s *server) unfold(ctx context.Context, id string, facts publisher.Facts) error {
	if _, err := s.Planning.Series.UnfoldSeries(ctx, id, s.Planning.Days, facts, publisher.Horizon); err != nil {
		return err
	}
	s.Hub.Publish(live.Posts)
	s.Planning.Changed()
	return nil
}

func (e *seriesEdit) refuse(cause error) error {
	code := errs.CodeOf(cause)
	switch code {
	case errs.Invalid, errs.TooLarge, errs.Conflict, errs.Forbidden:
	default:
		return cause
	}
	if err := e.keep(); err != nil {
		e.Logger.WarnContext(e.r.Context(), "the text of a refused series is not kept", "err", err)
	}
	x := e.series
	if x.ID != "" {
		if fresh, err := e.Planning.Series.Series(e.r.Context(), x.ID); err == nil {
			x = fresh
		}
	}
	page, err := e.seriesEditor(e.r, e.v, x)
	if err != nil {
		return cause
	}
	page.Problem = &problem{Title: "Не получилось", Text: errs.MessageOf(cause)}
	if code == errs.Conflict {
		page.Problem.Title, page.Problem.Text = "Пока вы писали, повтор изменили", "Ваш текст цел и стоит в полях. Сравните и сохраните, если он нужнее."
		if parts := differences(e.form.content(nil), withoutMedia(x.Content)); len(parts) > 0 {
			page.Theirs = &theirs{Who: x.Author, Parts: parts}
		}
	}
	if err := e.fillSeries(e.r, e.v, page, x, e.form); err != nil {
		return cause
	}
	page.Shell.Here = e.home()
	e.show(e.w, e.v, statusOf(code), "post", page)
	return nil
}

// approveSeries consents to all occurrences to come.
func (s *server) approveSeries(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	facts := publisher.Facts{Now: v.now, Pages: pages}
	done, err := s.Planning.Series.ChangeSeries(r.Context(), r.PathValue("id"), number(f.Get("version")), v.now, func(x publisher.Series) (publisher.Series, error) {
		return publisher.ApproveSeries(x, f.Get("hash"), v.person.Actor(), facts)
	})
	if err != nil {
		return s.seriesFailed(w, r, v, err)
	}
	if err := s.unfold(r.Context(), done.ID, facts); err != nil {
		return err
	}
	s.setFlash(w, "series-approved", 0)
	http.Redirect(w, r, fmt.Sprintf("/series/%s", done.ID), http.StatusSeeOther)
	return nil
}

func (s *server) seriesFailed(w http.ResponseWriter, r *http.Request, v *visit, cause error) error {
	x, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	e := seriesEdit{edit{server: s, w: w, r: r, v: v, f: url.Values{}}, x}
	page, err := s.seriesEditor(r, v, x)
	if err != nil {
		return cause
	}
	e.form = page.Form
	page.Problem = &problem{Title: "Не получилось", Text: errs.MessageOf(cause)}
	if err := s.fillSeries(r, v, page, x, page.Form); err != nil {
		return cause
	}
	page.Shell.Here = e.home()
	s.show(w, v, statusOf(errs.CodeOf(cause)), "post", page)
	return nil
}
