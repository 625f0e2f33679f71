package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
)

// command is one thing a form can do to a case.
type command struct {
	name   string
	action rights.Action
	read   func(r *http.Request, v *visit, f url.Values) (incidents.Command, error)
}

// plain makes a command whose form needs no look-up.
func plain(make func(f url.Values) incidents.Command) func(*http.Request, *visit, url.Values) (incidents.Command, error) {
	return func(_ *http.Request, _ *visit, f url.Values) (incidents.Command, error) { return make(f), nil }
}

func (s *server) commands() []command {
	return append([]command{
		{"accept", rights.AcceptCase, plain(func(url.Values) incidents.Command { return incidents.Accept{} })},
		{"reject", rights.RejectCase, plain(func(f url.Values) incidents.Command {
			return incidents.Reject{Ground: incidents.Ground(f.Get("ground")), Reason: f.Get("reason")}
		})},
		{"classify", rights.ClassifyCase, func(r *http.Request, v *visit, f url.Values) (incidents.Command, error) {
			return s.classify(r, v, f.Get("topic"), f.Get("fact"))
		}},
		{"locate", rights.ClassifyCase, s.locate},
		{"assign", rights.AssignCase, s.readAssign},
		{"uncoordinate", rights.AcceptCase, plain(func(url.Values) incidents.Command { return incidents.Uncoordinate{} })},
		{"return", rights.ReturnCase, plain(func(f url.Values) incidents.Command { return incidents.Return{Reason: f.Get("reason")} })},
		{"submit", rights.WriteAnswer, plain(func(f url.Values) incidents.Command { return incidents.Submit{Text: f.Get("text")} })},
		{"interim", rights.WriteAnswer, s.readInterim},
		{"agree", rights.AgreeAnswer, plain(func(f url.Values) incidents.Command { return incidents.Agree{Hash: f.Get("hash")} })},
		{"disagree", rights.AgreeAnswer, plain(func(f url.Values) incidents.Command { return incidents.Disagree{Reason: f.Get("reason")} })},
		{"redirect", rights.RedirectCase, s.readRedirect},
		{"merge", rights.MergeCase, s.readMerge},
		{"split", rights.MergeCase, s.readSplit},
		{"rate", rights.RateCase, plain(readRating)},
		{"rework", rights.ReviewAnswer, plain(func(f url.Values) incidents.Command { return incidents.Rework{Reason: f.Get("reason")} })},
		{"approve", rights.ReviewAnswer, plain(func(f url.Values) incidents.Command { return incidents.Approve{Hash: f.Get("hash")} })},
		{"withdraw", rights.ResolveDelivery, plain(func(f url.Values) incidents.Command { return incidents.Withdraw{Reason: f.Get("reason")} })},
		{"by-hand", rights.PublishByHand, plain(func(f url.Values) incidents.Command { return incidents.ByHand{Link: f.Get("link")} })},
		{"note", rights.WriteNote, plain(func(f url.Values) incidents.Command { return incidents.Note{Text: f.Get("text")} })},
	}, timingCommands()...)
}

// readAssign reads «dept» or «dept/person» and takes the names from the
// directory, never from the form.
func (s *server) readAssign(r *http.Request, _ *visit, f url.Values) (incidents.Command, error) {
	deptID, personID, _ := strings.Cut(f.Get("to"), "/")
	departments, err := s.Directory.Departments(r.Context())
	if err != nil {
		return nil, err
	}
	var cmd incidents.Assign
	for _, d := range departments {
		if d.ID == deptID {
			cmd.DepartmentID, cmd.DepartmentName, cmd.OrganisationID = d.ID, d.Name, d.OrganisationID
		}
	}
	if cmd.DepartmentID == "" {
		return nil, errs.New(errs.Invalid, "Выберите ведомство или исполнителя из списка.")
	}
	if personID == "" {
		return cmd, nil
	}
	people, err := s.Directory.Executors(r.Context(), deptID)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if p.ID == personID && p.DepartmentID == deptID {
			cmd.ExecutorID, cmd.ExecutorName = p.ID, p.Name
			return cmd, nil
		}
	}
	return nil, errs.New(errs.Invalid, "Этот исполнитель больше не работает в выбранном ведомстве. Выберите другого.")
}

// command carries out a form and comes back to the page, or shows the page
// again with what was written and why it did not go through.
func (s *server) command(c command) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		f, err := form(r)
		if err != nil {
			return err
		}
		id, err := s.caseID(r, v)
		if err != nil {
			return err
		}
		seen, err := seenVersion(f, c.name)
		if err != nil {
			return s.commandFailed(w, r, v, id, c.name, f, 0, err)
		}
		cmd, err := c.read(r, v, f)
		if err != nil {
			return s.commandFailed(w, r, v, id, c.name, f, seen, err)
		}
		done, err := s.Desk.Do(r.Context(), v.person.Actor(), id, seen, cmd)
		if err != nil {
			return s.commandFailed(w, r, v, id, c.name, f, seen, err)
		}
		if c.name == "submit" || c.name == "interim" {
			if err := s.Drafts.SaveDraft(r.Context(), id, v.person.ID, "", v.now); err != nil {
				s.Logger.WarnContext(r.Context(), "a draft that was handed in is still kept", "err", err)
			}
		}
		s.Hub.Publish(live.Cases)
		name := c.name
		if name == "approve" && done.Foreign {
			name = "approve-foreign"
		}
		if name == "rate" && done.Stage != incidents.Done {
			name = "rate-repeat"
		}
		s.setFlash(w, name, done.Number)
		http.Redirect(w, r, backTo(f, done.Number), http.StatusSeeOther)
		return nil
	}
}

// seenVersion is the version the person saw. Only a note goes without.
func seenVersion(f url.Values, name string) (int, error) {
	n, err := strconv.Atoi(f.Get("version"))
	if name != "note" && (err != nil || n < 1) {
		return 0, errs.New(errs.Invalid, "Форма устарела. Проверьте карточку и повторите действие.")
	}
	return n, nil
}

// backTo is where a form leads: the list it was sent from, or the case.
func backTo(f url.Values, number int64) string {
	own := fmt.Sprintf("/cases/%d", number)
	if back := localPath(f.Get("back"), own); strings.HasPrefix(back, "/inbox") {
		return back
	}
	return own
}

// commandFailed shows the case as it is now with what the person wrote. What
// is not about this case or this input is an ordinary error page.
func (s *server) commandFailed(w http.ResponseWriter, r *http.Request, v *visit, id, name string, f url.Values, seen int, cause error) error {
	code := errs.CodeOf(cause)
	switch code {
	case errs.Invalid, errs.TooLarge, errs.Conflict, errs.Forbidden:
	default:
		return cause
	}
	page, err := s.casePage(r, v, id)
	if err != nil {
		return cause
	}
	page.Shell.Here = fmt.Sprintf("/cases/%d", page.Number)
	page.Problem = &problem{Title: "Не получилось", Text: errs.MessageOf(cause)}
	page.Kept = kept{Command: name, Text: f.Get("reason"), Link: f.Get("link"), Choice: f.Get("to"), Day: f.Get("day")}
	switch name {
	case "classify":
		choose(page.Topics, f.Get("topic"))
		page.Kept.Choice = f.Get("fact")
	case "reject":
		page.Kept.Choice = f.Get("ground")
	case "locate":
		page.Kept.Choice = f.Get("place")
	}
	if name == "note" || name == "rate" {
		page.Kept.Text = f.Get("text")
	}
	if code == errs.Conflict {
		s.tellChanges(r, v, page, seen)
	}
	if name == "submit" || name == "interim" {
		s.keepAnswer(r, v, page, f.Get("text"))
	}
	s.show(w, v, statusOf(code), "case", page)
	return nil
}

// choose marks the value that the person chose, if it is still in the list.
func choose(list []choice, value string) {
	if !slices.ContainsFunc(list, func(c choice) bool { return c.Value == value }) {
		return
	}
	for i := range list {
		list[i].Checked = list[i].Value == value
	}
}

// tellChanges lists what happened since the version the person saw.
func (s *server) tellChanges(r *http.Request, v *visit, page *casePage, seen int) {
	events, err := s.Changes.Since(r.Context(), page.ID, seen)
	if err != nil {
		s.Logger.WarnContext(r.Context(), "no list of changes for a conflict", "err", err)
	}
	for _, e := range events {
		page.Problem.Changes = append(page.Problem.Changes, s.line(e, v.now))
	}
	if len(events) > 0 {
		page.Problem.Title = "Пока вы работали, карточку изменили"
		page.Problem.Text = "Ничего не потеряно. Посмотрите, что изменилось, и повторите действие, если оно ещё нужно."
	}
}

// keepAnswer puts the text back into the field, or beside it where the case
// has no field any more, and keeps it as a draft in either case.
func (s *server) keepAnswer(r *http.Request, v *visit, page *casePage, text string) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if strings.TrimSpace(text) == "" {
		return
	}
	if page.Editor.Mode == "write" {
		page.Editor.Text, page.Editor.Length = text, page.Network.Length(strings.TrimSpace(text))
		page.Check = page.checked(text)
	} else {
		page.Problem.Orphan = text
	}
	if err := s.Drafts.SaveDraft(r.Context(), page.ID, v.person.ID, text, v.now); err != nil {
		s.Logger.WarnContext(r.Context(), "the text of a refused answer is not kept as a draft", "err", err)
	}
}

// draft keeps an answer that is not handed in. Scripts send it while the
// person writes and want no page back.
func (s *server) draft(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id, err := s.caseID(r, v)
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(f.Get("text"), "\r\n", "\n")
	if err := s.Drafts.SaveDraft(r.Context(), id, v.person.ID, text, v.now); err != nil {
		return err
	}
	if r.Header.Get(partHeader) != "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err := fmt.Fprint(w, s.clock.Time(v.now))
		return err
	}
	n, _ := caseNumber(r.PathValue("number"))
	s.setFlash(w, "draft", n)
	http.Redirect(w, r, fmt.Sprintf("/cases/%d", n), http.StatusSeeOther)
	return nil
}

// sample puts a text to begin with under what the person has written.
func (s *server) sample(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id, err := s.caseID(r, v)
	if err != nil {
		return err
	}
	view, err := s.Queue.View(r.Context(), id, v.person.Actor(), v.now)
	if err != nil {
		return err
	}
	begin, err := s.sampleText(r, view, f.Get("sample"))
	if err != nil {
		return err
	}
	text := strings.TrimSpace(strings.ReplaceAll(f.Get("text"), "\r\n", "\n"))
	if text != "" {
		text += "\n\n"
	}
	if err := s.Drafts.SaveDraft(r.Context(), id, v.person.ID, text+begin, v.now); err != nil {
		return err
	}
	s.setFlash(w, "sample", view.Case.Number)
	http.Redirect(w, r, fmt.Sprintf("/cases/%d", view.Case.Number), http.StatusSeeOther)
	return nil
}
