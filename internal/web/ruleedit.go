package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"otklik/index"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/rules"
)

// ruleEdit is the chosen rule: its form, its words, its history, its trial.
type ruleEdit struct {
	ID, URL     string
	New         bool
	Title       string
	State       string // «Версия 14 работает с 18 ноября.»
	CanWrite    bool
	Problem     string
	Behind      []segmentDiff // what somebody else has changed meanwhile
	Form        ruleForm
	Topics      []choice
	Desks       []choice
	Importances []choice
	Check       ruleCheck
	Scan        *scanView
	Found       int // messages that a scan found and nobody has looked at
	Quality     ruleRow
	Order       ruleOrder
	Trial       *trialView
}

// ruleCheck is what the condition means, or what is wrong with it.
type ruleCheck struct {
	Problem string
	// Before, At and After are the condition cut at the mistake.
	Before, At, After string
	Words             []wordView
	Lists             []string
}

// wordView is one word of a condition with the forms that were met.
type wordView struct {
	Text, Term string
	Excluded   bool
	List       string
	Forms      []formView
	Tried      bool
}

type formView struct {
	Text  string
	Count int
}

// segmentDiff is a stretch of a comparison of two versions.
type segmentDiff struct {
	Text  string
	Class string // add, del or ""
}

func diffView(before, after string) []segmentDiff {
	var out []segmentDiff
	for _, p := range rules.Diff(before, after) {
		d := segmentDiff{Text: p.Text}
		switch {
		case p.Added:
			d.Class = "add"
		case p.Removed:
			d.Class = "del"
		}
		out = append(out, d)
	}
	return out
}

// scanView is how far a scan of history is.
type scanView struct {
	Open   bool
	Share  float64 // percent
	Text   string
	Result string
}

func (s *server) rule(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, set, err := s.rulesFrame(r, v, r.PathValue("id"), "Правила")
	if err != nil {
		return err
	}
	x, err := chosenRule(set, r)
	if err != nil {
		return err
	}
	if page.Edit, err = s.ruleEdit(r, v, &page, set, x, s.ruleFormOf(x)); err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "rules", page)
	return nil
}

// chosenRule is the rule of the address; a new one where there is none.
func chosenRule(set rules.Set, r *http.Request) (rules.Rule, error) {
	id := r.PathValue("id")
	if id == "" || id == "new" {
		return rules.Rule{Active: true, TopicID: r.URL.Query().Get("topic")}, nil
	}
	x, ok := set.Rule(id)
	if !ok {
		return x, errs.New(errs.NotFound, "Такого правила нет. Проверьте адрес или откройте список правил.")
	}
	return x, nil
}

func (s *server) ruleEdit(r *http.Request, v *visit, page *rulesPage, set rules.Set, x rules.Rule, f ruleForm) (*ruleEdit, error) {
	e := &ruleEdit{ID: x.ID, New: x.Version == 0, Title: x.Name, Form: f, CanWrite: page.CanWrite, URL: "/rules/new"}
	if e.New {
		e.Title, e.State = "Новое правило", "Пока не сохранено и ничего не ищет."
	} else {
		e.URL, e.Order = "/rules/"+url.PathEscape(x.ID), orderOf(set, x.ID)
		e.State = s.versionState(x, v.now)
	}
	for _, t := range page.Topics[1:] {
		e.Topics = append(e.Topics, choice{Title: t.Title, Value: t.Value, Checked: t.Value == f.Topic})
	}
	desks, err := s.Directory.Departments(r.Context())
	if err != nil {
		return e, err
	}
	e.Desks = []choice{{Title: "Как у темы", Checked: f.Desk == ""}}
	for _, d := range desks {
		e.Desks = append(e.Desks, choice{Title: d.Name, Value: d.ID, Checked: d.ID == f.Desk})
	}
	for _, i := range rules.Importances() {
		e.Importances = append(e.Importances, choice{Title: i.Title(), Value: strconv.Itoa(int(i)), Checked: strconv.Itoa(int(i)) == f.Importance})
	}
	e.Check = checkRule(set, f.Spelled, nil)
	for _, row := range page.Rows {
		if row.Current {
			e.Quality = row
		}
	}
	if e.New {
		return e, nil
	}
	if e.Scan, err = s.scanOf(r.Context(), x.ID, v.now); err != nil {
		return e, err
	}
	if v.person.Actor().Can(rights.ViewCases) {
		_, e.Found, err = s.Rules.Offers.Offered(r.Context(), x.ID, 1)
	}
	return e, err
}

func (s *server) versionState(x rules.Rule, now time.Time) string {
	text := "Версия " + strconv.Itoa(x.Version)
	if !x.Active {
		text += ", выключена"
	} else {
		text += " работает"
	}
	if !x.At.IsZero() {
		text += " с " + s.clock.Moment(x.At, now)
	}
	if x.ByName != "" {
		text += ", автор — " + x.ByName
	}
	return text + "."
}

func checkRule(set rules.Set, spelled string, forms map[string][]rules.Form) ruleCheck {
	var c ruleCheck
	if strings.TrimSpace(spelled) == "" {
		return c
	}
	if _, err := set.Lexicon().Parse(spelled); err != nil {
		c.Problem = errs.MessageOf(err)
		if at := index.PlaceOf(err); at > 0 {
			runes := []rune(spelled)
			at = min(at-1, len(runes)-1)
			end := at + 1
			for end < len(runes) && runes[end] != ' ' && runes[end] != '\n' && runes[end] != ')' {
				end++
			}
			c.Before, c.At, c.After = string(runes[max(at-40, 0):at]), string(runes[at:end]), string(runes[end:min(end+40, len(runes))])
		}
	}
	for _, p := range index.Parts(spelled) {
		w := wordView{Text: p.Text, Term: strings.Join(p.Terms, " "), Excluded: p.Excluded, List: p.List, Tried: forms != nil}
		for _, f := range forms[p.Text] {
			w.Forms = append(w.Forms, formView{f.Text, f.Count})
		}
		c.Words = append(c.Words, w)
	}
	return c
}

func (s *server) scanOf(ctx context.Context, ruleID string, now time.Time) (*scanView, error) {
	x, ok, err := s.Rules.Scans.LastScan(ctx, ruleID)
	if err != nil || !ok {
		return nil, err
	}
	out := &scanView{Open: x.State.Open(), Text: "Проверено " + ru.Number(x.Seen) + " из " + ru.Number(max(x.Total, x.Seen))}
	if x.Total > 0 {
		out.Share = min(100, 100*float64(x.Seen)/float64(x.Total))
	}
	found := ru.Count(x.Found, "сообщение", "сообщения", "сообщений")
	switch x.State {
	case rules.ScanDone:
		out.Text = "История с " + s.clock.Date(x.Since) + " проверена " + s.clock.Moment(x.EndedAt, now)
		out.Result = "Подошло " + found + ", перестало подходить " + ru.Number(x.Lost) + "."
	case rules.ScanCancelled:
		out.Text = "Проверка истории остановлена " + s.clock.Moment(x.EndedAt, now)
		out.Result = "Успели посмотреть " + ru.Number(x.Seen) + " из " + ru.Number(x.Total) + ", подошло " + found + "."
	case rules.ScanOutdated:
		out.Text = "Проверку истории прервало новое сохранение."
	default:
		out.Result = "Подошло " + found + ". Можно закрыть страницу: проверка идёт сама."
	}
	return out, nil
}

func (s *server) saveRule(w http.ResponseWriter, r *http.Request, v *visit) error {
	values, err := form(r)
	if err != nil {
		return err
	}
	f, id := readRuleForm(values), r.PathValue("id")
	if id == "new" {
		id = "r-" + uuid.NewString()
	}
	x, err := s.ruleFrom(id, f)
	var change rules.Change
	if err == nil {
		change, err = s.Rules.Book.ChangeRules(r.Context(), scanSince(f, v.now), v.now, func(set rules.Set) (rules.Change, error) {
			return set.Save(x, f.Version, v.person.Actor(), v.now)
		})
	}
	switch errs.CodeOf(err) {
	case errs.Invalid, errs.Conflict:
		return s.ruleAgain(w, r, v, f, err)
	}
	if err != nil {
		return err
	}
	s.ruleSaved(w, change, f.ScanDays)
	http.Redirect(w, r, "/rules/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

func (s *server) ruleSaved(w http.ResponseWriter, c rules.Change, days int) {
	switch {
	case len(c.Rules)+len(c.Lists) == 0:
		s.setFlash(w, "rule-same", 0)
		return
	case days > 0:
		s.setFlash(w, "rule-scan", 0)
	default:
		s.setFlash(w, "rule-saved", 0)
	}
	s.Hub.Publish(live.Rules)
	s.Rules.Changed()
}

// scanSince is how far back history is met with what is saved.
func scanSince(f ruleForm, now time.Time) time.Time {
	if f.ScanDays == 0 {
		return time.Time{}
	}
	return now.AddDate(0, 0, -f.ScanDays)
}

// ruleAgain shows the form as it was sent, with what is wrong.
func (s *server) ruleAgain(w http.ResponseWriter, r *http.Request, v *visit, f ruleForm, problem error) error {
	page, set, err := s.rulesFrame(r, v, r.PathValue("id"), "Правила")
	if err != nil {
		return err
	}
	x, err := chosenRule(set, r)
	if err != nil {
		return err
	}
	if errs.CodeOf(problem) == errs.Conflict {
		// Saving once more is a decision made with the other's text in sight.
		f.Version = x.Version
	}
	if page.Edit, err = s.ruleEdit(r, v, &page, set, x, f); err != nil {
		return err
	}
	page.Edit.Problem = errs.MessageOf(problem)
	if errs.CodeOf(problem) == errs.Conflict {
		page.Edit.Behind = diffView(f.Spelled, x.Spelled)
	}
	s.show(w, v, statusOf(errs.CodeOf(problem)), "rules", page)
	return nil
}

func (s *server) stopScan(w http.ResponseWriter, r *http.Request, v *visit) error {
	id := r.PathValue("id")
	if err := s.Rules.Scans.CancelScan(r.Context(), v.person.Actor(), id, v.now); err != nil && errs.CodeOf(err) != errs.Conflict {
		return err
	}
	s.Hub.Publish(live.Scans)
	s.setFlash(w, "rule-stopped", 0)
	http.Redirect(w, r, "/rules/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}
