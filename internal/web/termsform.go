package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	terms "otklik/incidents/deadline"
	"otklik/internal/errs"
)

const (
	// rungs is how many rungs of the ladder the form has room for.
	rungs         = 6
	mostNameRunes = 120
)

// termsForm is the form of deadlines as shown.
type termsForm struct {
	Name         string
	Steps        []stepFields
	AfterInterim termFields
	Longest      termFields
	Strict       bool
	WaitAuthor   bool
	WaitOther    bool
	Ladder       []rungFields
}

type stepFields struct {
	Title  string
	Start  string // the name of the field
	Starts []choice
	Terms  []termFields // normal, raised, fast
}

// termFields is one term: a number and a unit.
type termFields struct {
	Label, Name, N string
	Units          []choice
}

type rungFields struct {
	Name, Percent string
	Whom          []choice
}

func unitTitle(u terms.Unit) string {
	switch u {
	case terms.WorkHour:
		return "раб. часов"
	case terms.WorkDay:
		return "раб. дней"
	case terms.Hour:
		return "часов"
	}
	return "дней"
}

func whoms() []terms.Whom {
	return []terms.Whom{terms.ToExecutor, terms.ToCoordinator, terms.ToHead, terms.ToCurator}
}

// fieldsOf writes a policy into the fields of the form.
func fieldsOf(p terms.Policy) url.Values {
	f := url.Values{"name": {p.Name}}
	strict := false
	put := func(name string, t terms.Term) {
		if t.None() {
			return
		}
		f.Set(name, strconv.Itoa(t.N))
		f.Set(name+"_unit", string(t.Unit))
		strict = strict || t.Strict
	}
	for step, r := range p.Rules {
		f.Set(string(step)+"_start", string(r.Start))
		put(string(step)+"_normal", r.Normal)
		put(string(step)+"_raised", r.Raised)
		put(string(step)+"_fast", r.Fast)
	}
	put("after", p.AfterInterim)
	put("longest", p.Longest)
	if strict {
		f.Set("strict", "1")
	}
	for _, r := range p.PauseOn {
		f.Set("wait_"+string(r), "1")
	}
	for i, r := range p.Ladder {
		f.Set("rung"+strconv.Itoa(i), strconv.Itoa(r.Percent))
		f.Set("rung"+strconv.Itoa(i)+"_to", string(r.To))
	}
	return f
}

func formOfTerms(f url.Values) termsForm {
	form := termsForm{
		Name: f.Get("name"), Strict: f.Get("strict") == "1", WaitAuthor: f.Get("wait_author") == "1", WaitOther: f.Get("wait_other") == "1",
		AfterInterim: termOf(f, "Окончательный ответ после промежуточного, если дата не обещана", "after"),
		Longest:      termOf(f, "Самая дальняя дата, которую можно обещать", "longest"),
	}
	for _, step := range terms.Steps() {
		x := stepFields{Title: step.Title(), Start: string(step) + "_start"}
		for _, s := range terms.Starts() {
			x.Starts = append(x.Starts, choice{Title: s.Title(), Value: string(s), Checked: f.Get(x.Start) == string(s) || f.Get(x.Start) == "" && s == terms.FromFound})
		}
		for _, kind := range [][2]string{{"Обычно", "normal"}, {"Повышенная важность", "raised"}, {"Фаст-трек", "fast"}} {
			x.Terms = append(x.Terms, termOf(f, kind[0], string(step)+"_"+kind[1]))
		}
		form.Steps = append(form.Steps, x)
	}
	for i := range rungs {
		name := "rung" + strconv.Itoa(i)
		x := rungFields{Name: name, Percent: f.Get(name)}
		for _, w := range whoms() {
			x.Whom = append(x.Whom, choice{Title: asWhom(w), Value: string(w), Checked: f.Get(name+"_to") == string(w)})
		}
		form.Ladder = append(form.Ladder, x)
	}
	return form
}

func termOf(f url.Values, label, name string) termFields {
	x := termFields{Label: label, Name: name, N: f.Get(name)}
	for _, u := range terms.Units() {
		x.Units = append(x.Units, choice{Title: unitTitle(u), Value: string(u), Checked: f.Get(name+"_unit") == string(u)})
	}
	return x
}

// readTerms reads the form. A step without a term is not timed.
// Errors: errs.Invalid.
func readTerms(f url.Values) (terms.Policy, error) {
	p := terms.Policy{Name: strings.TrimSpace(f.Get("name")), Rules: map[terms.Step]terms.Rule{}}
	if p.Name == "" || utf8.RuneCountInString(p.Name) > mostNameRunes {
		return p, errs.New(errs.Invalid, "Назовите эти сроки, до 120 знаков: по названию их узнают коллеги.")
	}
	r := termReader{f: f, strict: f.Get("strict") == "1"}
	for _, step := range terms.Steps() {
		name := string(step)
		rule := terms.Rule{
			Start: terms.Start(f.Get(name + "_start")), Normal: r.term(step.Title(), name+"_normal"),
			Raised: r.term(step.Title(), name+"_raised"), Fast: r.term(step.Title(), name+"_fast"),
		}
		if r.err != nil {
			return p, r.err
		}
		if !rule.Normal.None() {
			p.Rules[step] = rule
		} else if !rule.Raised.None() || !rule.Fast.None() {
			return p, errs.New(errs.Invalid, "Шаг «"+step.Title()+"»: укажите сначала обычный срок.")
		}
	}
	p.AfterInterim, p.Longest = r.term("После промежуточного ответа", "after"), r.term("Самая дальняя дата", "longest")
	for _, w := range []terms.Reason{terms.WaitAuthor, terms.WaitOther} {
		if f.Get("wait_"+string(w)) == "1" {
			p.PauseOn = append(p.PauseOn, w)
		}
	}
	for i := range rungs {
		name := "rung" + strconv.Itoa(i)
		n := r.number("Напоминания", name)
		rung := terms.Rung{Percent: n, To: terms.Whom(f.Get(name + "_to"))}
		if n != 0 && !slices.Contains(p.Ladder, rung) {
			p.Ladder = append(p.Ladder, rung)
		}
	}
	return p, r.err
}

// termReader keeps the first thing that is wrong.
type termReader struct {
	f      url.Values
	strict bool
	err    error
}

func (r *termReader) number(what, name string) int {
	text := strings.TrimSpace(r.f.Get(name))
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if (err != nil || n < 1) && r.err == nil {
		r.err = errs.New(errs.Invalid, what+": «"+text+"» — не целое число больше нуля.")
	}
	return n
}

func (r *termReader) term(what, name string) terms.Term {
	n := r.number(what, name)
	if n == 0 {
		return terms.Term{}
	}
	t := terms.Term{N: n, Unit: terms.Unit(r.f.Get(name + "_unit"))}
	t.Strict = r.strict && t.Unit == terms.Day
	return t
}
