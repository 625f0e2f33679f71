package web

import (
	"net/http"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/publisher"
)

// datesShown is how many of the next occurrences the form tells.
const datesShown = 10

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
	page.Action, page.Approve = "/series/"+x.ID+"/write", "/series/"+x.ID+"/approve"
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
