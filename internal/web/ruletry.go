package web

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/rules"
)

// trialWait is how long a request waits for a trial, so that most are shown at
// once; a longer one shows how far it is.
const trialWait = 1500 * time.Millisecond

// trialView is a trial over the last thirty days, as far as it is.
type trialView struct {
	ID      string
	Running bool
	Problem string
	State   string
	Tried   string
	Gained  string
	Lost    string
	New     bool // there is no saved version to compare with
	Chart   chart
	All     []hitView
	Changed []hitView
	Tab     string // "all" or "changed"
	AllN    int
	ChangeN int
	Quality []qualityRow
	Decided int
}

type hitView struct {
	Class, Sign, Hint string
	Net               netIcon
	Text              []segment
	Source            string
	At                stamp
	Link              string
}

type qualityRow struct {
	Title, Before, After string
}

// tryRule runs what is in the form over the last thirty days and shows the form
// as it was sent beside what was found. The same form asks how far it is.
func (s *server) tryRule(w http.ResponseWriter, r *http.Request, v *visit) error {
	values, err := form(r)
	if err != nil {
		return err
	}
	f := readRuleForm(values)
	page, set, err := s.rulesFrame(r, v, r.PathValue("id"), "Правила")
	if err != nil {
		return err
	}
	saved, err := chosenRule(set, r)
	if err != nil {
		return err
	}
	if page.Edit, err = s.ruleEdit(r, v, &page, set, saved, f); err != nil {
		return err
	}
	id, trial, err := s.trial(v, values.Get("trial"), values.Get("act"), set, saved, f)
	switch errs.CodeOf(err) {
	case errs.Invalid, errs.Unavailable:
		page.Edit.Problem = errs.MessageOf(err)
		s.show(w, v, statusOf(errs.CodeOf(err)), "rules", page)
		return nil
	}
	if err != nil {
		return err
	}
	if trial != nil {
		wait := time.NewTimer(trialWait)
		defer wait.Stop()
		select {
		case <-trial.Done():
		case <-wait.C:
		case <-r.Context().Done():
		}
		result := trial.Result()
		page.Edit.Trial = s.trialView(id, result, saved.Version == 0, v.now)
		page.Edit.Trial.Tab = cmp.Or(values.Get("tab"), "changed")
		if saved.Version == 0 || result.Gained+result.Lost == 0 {
			page.Edit.Trial.Tab = "all"
		}
		page.Edit.Check = checkRule(set, f.Spelled, &result)
	}
	s.show(w, v, http.StatusOK, "rules", page)
	return nil
}

// trial goes on with the person's trial or begins one; none where only the
// condition was to be looked at.
func (s *server) trial(v *visit, id, act string, set rules.Set, saved rules.Rule, f ruleForm) (string, *rules.Trial, error) {
	if act == "check" {
		return "", nil, nil
	}
	if t, ok := s.Rules.Trials.Find(v.person.ID, id, v.now); ok && act != "try" {
		if act == "stop" {
			t.Stop()
		}
		return id, t, nil
	}
	tried, err := s.ruleFrom(saved.ID, f)
	if err != nil {
		return "", nil, err
	}
	expr, err := set.Lexicon().Parse(f.Spelled)
	if err != nil {
		return "", nil, err
	}
	tried.Expr = expr.String()
	return s.Rules.Trials.Begin(v.person.ID, rules.NewAttempt(saved, tried, s.Zone), v.now)
}

func (s *server) trialView(id string, x rules.Result, fresh bool, now time.Time) *trialView {
	t := &trialView{
		ID: id, Running: !x.Done, New: fresh, Tried: ru.Number(x.Tried), Gained: "+" + ru.Number(x.Gained), Lost: "−" + ru.Number(x.Lost),
		AllN: x.Tried, ChangeN: x.Gained + x.Lost, Decided: x.Decided,
	}
	read := ru.Count(x.Seen, "сообщение", "сообщения", "сообщений")
	switch {
	case !x.Done:
		t.State = "Проверяется: прочитано " + read + "."
	case x.Err != nil:
		t.Problem = errs.MessageOf(x.Err)
		t.State = "Прочитано " + read + "."
	default:
		t.State = "Прочитано " + read + " за " + ru.Decimal(max(x.Took.Seconds(), .01), 2) + "\u00a0с."
	}
	points, was := curve{Title: "правка", Class: "c1"}, curve{Title: "сейчас", Class: "c4"}
	for _, d := range x.Days {
		points.Points = append(points.Points, point{d.Begins, float64(d.Tried)})
		was.Points = append(was.Points, point{d.Begins, float64(d.Saved)})
	}
	t.Chart = s.drawBars(points, "Сообщений за день по этой правке")
	if !fresh && x.Gained+x.Lost > 0 {
		t.Chart = s.draw([]curve{points, was}, "сообщений за день", dayAxis)
	}
	t.All, t.Changed = s.samples(x.All, now), s.samples(x.Changed, now)
	if x.Decided > 0 {
		t.Quality = qualityRows(x.Before, x.After)
	}
	return t
}

func qualityRows(before, after rules.Quality) []qualityRow {
	share := func(p float64, ok bool) string {
		if !ok {
			return "—"
		}
		return percent(100*p, 0)
	}
	return []qualityRow{
		{"Точность", share(before.Precision()), share(after.Precision())},
		{"Полнота", share(before.Recall()), share(after.Recall())},
		{"Ложных", ru.Number(before.False), ru.Number(after.False)},
	}
}

// sampleText bounds what is shown of a message, in bytes.
const sampleText = 320

// around is a text of at most some limit bytes near its first mark.
func around(text string, marks []incidents.Span, limit int) []segment {
	if len(marks) == 0 || marks[0].Start <= limit/2 || marks[0].Start > len(text) {
		return lead(text, marks, limit)
	}
	from := marks[0].Start - limit/3
	for from > 0 && !onRune(text, from) {
		from--
	}
	if i := strings.IndexByte(text[from:marks[0].Start], ' '); i >= 0 {
		from += i + 1
	}
	moved := make([]incidents.Span, len(marks))
	for i, m := range marks {
		moved[i] = incidents.Span{Start: m.Start - from, End: m.End - from}
	}
	return append([]segment{{Text: "…"}}, lead(text[from:], moved, limit)...)
}

func (s *server) samples(list []rules.Sample, now time.Time) []hitView {
	var out []hitView
	for _, x := range list {
		v := hitView{Net: iconOfNet(x.Item.Ref.Network), Text: around(x.Item.Text, x.Marks, sampleText), At: s.stamp(x.Item.PublishedAt, now), Link: webLink(x.Item.Permalink)}
		switch {
		case x.Gained:
			v.Class, v.Sign, v.Hint = "add", "+", "появится"
		case x.Lost:
			v.Class, v.Sign, v.Hint = "del", "−", "пропадёт"
		}
		out = append(out, v)
	}
	return out
}
