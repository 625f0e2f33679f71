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
	"otklik/internal/rights"
	"otklik/publisher"
)

const (
	// seriesAhead is how far ahead the occurrences of a series are made.
	seriesAhead = 60 * 24 * time.Hour
	// datesShown is how many of the next occurrences the form tells.
	datesShown = 10
)

// seriesPart is what a post's page says of its series, or the series itself.
type seriesPart struct {
	ID      string
	Title   string
	Touched bool // the occurrence goes its own way
	// Rule is the form of the rule, for the page of a series.
	Rule     *ruleView
	Active   bool
	Approved bool
	Words    string
}

// ruleView is the rule's form with its choices.
type ruleView struct {
	ruleFields
	Repeats, Days, Offs, Nths, NthDays []choice
	Zones                              string
	Words                              string
	Dates                              []string
	Trouble                            string
}

// seriesPage is the list of what repeats.
type seriesPage struct {
	Shell    shell
	Rows     []seriesRow
	CanWrite bool
	Empty    emptyState
}

type seriesRow struct {
	ID, Title, Words, Next, Author string
	Active, Approved               bool
	Nets                           []netIcon
}

func (s *server) seriesList(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, err := s.Planning.Series.AllSeries(r.Context())
	if err != nil {
		return err
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	page := seriesPage{
		Shell: s.shell(r, v, "series", "Повторы"), CanWrite: v.person.Actor().Can(rights.WritePost),
		Empty: emptyState{Title: "Ничего не повторяется", Text: "Повтор — это пост, который выходит по расписанию: сводка по утрам, напоминание раз в месяц."},
	}
	if page.CanWrite {
		page.Empty.URL, page.Empty.Button = "/series/new", "Новый повтор"
	}
	for _, x := range list {
		row := seriesRow{ID: x.ID, Title: titleOf(x.Title, x.Content), Words: x.Rule.Words(), Author: x.Author, Active: x.Active, Approved: x.Approved()}
		for _, n := range zoneOfNetwork(pages, x.PageIDs) {
			row.Nets = append(row.Nets, iconOfNet(n))
		}
		if dates := nextDates(x.Rule, s.zoneNamed(x.Zone), s.Planning.Days, v.now, 1); len(dates) > 0 && x.Active {
			row.Next = dates[0]
		}
		page.Rows = append(page.Rows, row)
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "series", page)
	return nil
}

func (s *server) zoneNamed(name string) *time.Location {
	if z, err := time.LoadLocation(name); err == nil && name != "" {
		return z
	}
	return s.Zone
}

// seriesOf finds the series that the address names; a new one has no id.
func (s *server) seriesOf(r *http.Request) (publisher.Series, error) {
	id := r.PathValue("id")
	if id == "" {
		return publisher.Series{}, nil
	}
	return s.Planning.Series.Series(r.Context(), id)
}

func (s *server) seriesView(w http.ResponseWriter, r *http.Request, v *visit) error {
	x, err := s.seriesOf(r)
	if err != nil {
		return err
	}
	if x.ID == "" && !v.person.Actor().Can(rights.WritePost) {
		return errs.New(errs.Forbidden, "Для этого нужна другая роль. Обратитесь к администратору, если она должна быть у вас.")
	}
	page, err := s.seriesEditor(r, v, x)
	if err != nil {
		return err
	}
	form := page.Form
	if page.Mode == writeMode {
		u, found, err := s.Planning.Editing.Unsaved(r.Context(), seriesDraft(x.ID), v.person.ID)
		if err != nil {
			return err
		}
		if found {
			form, page.Saved, page.Note = readPostForm(u.Fields), s.stamp(u.At, v.now), "В повтор это ещё не записано."
		}
	}
	if err := s.fillSeries(r, v, page, x, form); err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "post", page)
	return nil
}

// seriesDraft is the name under which what is written of a series is kept.
func seriesDraft(id string) string { return "series/" + id }

// seriesEditor is the editor of a series as the base has it.
func (s *server) seriesEditor(r *http.Request, v *visit, x publisher.Series) (*postPage, error) {
	by := v.person.Actor()
	page := &postPage{
		Shell: s.shell(r, v, "post", "Повтор"), Version: x.Version, Heading: "Новый повтор", Mark: postMark{"ref", "po-dr", "Новый"}, Mode: readMode,
		Action: "/series/new", Can: map[string]bool{}, Hash: x.Hash(), Back: "/series",
	}
	page.Form = formOf(publisher.Write{Content: x.Content, PageIDs: x.PageIDs, Title: x.Title, Rubric: x.Rubric, Tags: x.Tags})
	page.Form.Late, page.Form.Zone = int(x.LateBy/time.Minute), x.Zone
	page.Form.Rule = ruleFieldsOf(x.Rule, x.Active)
	if by.Can(rights.WritePost) {
		page.Mode = writeMode
	}
	page.Series = &seriesPart{ID: x.ID, Title: titleOf(x.Title, x.Content), Active: x.Active, Approved: x.Approved()}
	if x.ID == "" {
		page.Form.Rule = ruleFields{Repeat: string(publisher.Weekly), Weekdays: []string{"1"}, Clock: "10:00", DayOff: string(publisher.Keep), MonthDate: "1", Nth: "1", NthDay: "1", Active: true}
		return page, nil
	}
	page.Action = "/series/" + x.ID + "/write"
	page.Heading = page.Series.Title
	page.Mark = seriesMark(x)
	page.People = []personLine{{Name: x.Author, Role: "автор", Done: true}}
	wrote := wrote(publisher.Post{AuthorID: x.AuthorID, Writers: x.Writers}, by)
	switch {
	case x.Approved():
		page.People = append(page.People, personLine{Name: x.Approval.ByName, Role: "согласовал все выходы", Done: true})
	default:
		page.People = append(page.People, personLine{Name: "Руководитель", Role: "ждём согласования", Waits: true})
		page.Can["approved"] = by.Can(rights.ReviewPost) && !wrote
		page.Own = by.Can(rights.ReviewPost) && wrote
	}
	return page, nil
}

func seriesMark(x publisher.Series) postMark {
	switch {
	case !x.Active:
		return postMark{"x", "po-off", "Остановлен"}
	case !x.Approved():
		return postMark{"half", "po-app", "Ждёт согласования"}
	}
	return postMark{"okc", "po-ok", "Выходит"}
}

// fillSeries makes all that follows from what is written of a series.
func (s *server) fillSeries(r *http.Request, v *visit, page *postPage, x publisher.Series, form postForm) error {
	p := publisher.Post{ID: "series/" + x.ID, State: publisher.Draft, Content: x.Content, Title: x.Title, Rubric: x.Rubric, Tags: x.Tags}
	for _, id := range x.PageIDs {
		p.Targets = append(p.Targets, publisher.Target{PageID: id, State: publisher.Waiting})
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	zone := s.zoneFor(form.Pages, pages)
	form.Date, form.Time, form.Zone = "", "", zone.String()
	if err := s.fill(r, v, page, p, form); err != nil {
		return err
	}
	f := form.Rule
	view := &ruleView{ruleFields: f, Repeats: repeatChoices(f.Repeat), Days: weekdayChoices(f.Weekdays), Offs: dayOffChoices(f.DayOff), Nths: nthChoices(f.Nth), NthDays: nthDayChoices(f.NthDay), Zones: zoneName(zone, v.now)}
	rule, err := f.rule()
	if err != nil {
		view.Trouble = errs.MessageOf(err)
	} else {
		view.Words, view.Dates = rule.Words(), nextDates(rule, zone, s.Planning.Days, v.now, datesShown)
	}
	page.Series.Rule = view
	return nil
}

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
	if _, err := s.Planning.Series.UnfoldSeries(ctx, id, s.Planning.Days, facts, seriesAhead); err != nil {
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
