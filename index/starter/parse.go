package starter

import (
	"fmt"
	"strconv"
	"strings"

	"otklik/index"
	"otklik/index/classify"
	"otklik/internal/errs"
)

// Parse reads a dictionary. The format, a line each:
//
//	# a remark
//	список имя = слово | слово        a list; @имя in what follows stands for it
//	отдел slug = Название
//	тема slug = Название; slug отдела; срок в часах
//	правило slug = Название           of the topic above; "; вес" may follow: by
//	    how much it changes the log odds of a complaint when it fires; then
//	    its condition, in indented lines
//	признак slug = Название; вес      speaks for a complaint, below zero against;
//	    its condition, in indented lines
//
// Errors have the code errs.Invalid and name the line.
func Parse(text string) (Dictionary, error) {
	p := reader{seen: map[string]bool{}, out: Dictionary{Weights: map[string]float64{}, Spelled: map[string]string{}}}
	for line := range strings.Lines(text) {
		p.line++
		if err := p.read(strings.TrimRight(line, " \t\r\n")); err != nil {
			return Dictionary{}, err
		}
	}
	if err := p.finish(); err != nil {
		return Dictionary{}, err
	}
	return p.out, nil
}

type reader struct {
	out   Dictionary
	line  int
	lists index.Lists
	seen  map[string]bool
	// rule or signal is what the condition that is being read belongs to.
	rule   *index.Rule
	signal *classify.Signal
	expr   []string
	// listing says that the words of the last list are being read.
	listing bool
}

func (r *reader) read(line string) error {
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	if line[0] == ' ' || line[0] == '\t' {
		return r.indented(strings.TrimSpace(line))
	}
	if err := r.finish(); err != nil {
		return err
	}
	head, value, ok := strings.Cut(line, "=")
	kind, slug, ok2 := strings.Cut(strings.TrimSpace(head), " ")
	value, slug = strings.TrimSpace(value), strings.TrimSpace(slug)
	if !ok || !ok2 || slug == "" {
		return r.fail("нужно «вид имя = значение»")
	}
	if r.seen[kind+" "+slug] {
		return r.fail("«%s %s» встречается второй раз", kind, slug)
	}
	r.seen[kind+" "+slug] = true
	return r.entry(kind, slug, value)
}

func (r *reader) entry(kind, slug, value string) error {
	switch kind {
	case "список":
		r.out.Lists, r.listing = append(r.out.Lists, index.List{Name: slug, Expr: value}), true
		return nil
	case "отдел":
		r.out.Departments = append(r.out.Departments, Department{ID: slug, Name: value})
		return nil
	case "тема":
		return r.topic(slug, value)
	case "правило":
		if len(r.out.Topics) == 0 {
			return r.fail("правило стоит до первой темы")
		}
		return r.beginRule(slug, value)
	case "признак":
		return r.beginSignal(slug, value)
	}
	return r.fail("непонятное слово «%s»", kind)
}

func (r *reader) topic(slug, value string) error {
	parts := strings.Split(value, ";")
	if len(parts) != 3 {
		return r.fail("у темы нужны название, отдел и срок через точку с запятой")
	}
	t := Topic{ID: slug, Name: strings.TrimSpace(parts[0]), DepartmentID: strings.TrimSpace(parts[1])}
	hours, err := strconv.Atoi(strings.TrimSpace(parts[2]))
	if err != nil || hours < 1 {
		return r.fail("срок темы — число часов")
	}
	if !r.seen["отдел "+t.DepartmentID] {
		return r.fail("нет отдела «%s»", t.DepartmentID)
	}
	t.DeadlineHours = hours
	r.out.Topics = append(r.out.Topics, t)
	return nil
}

func (r *reader) beginRule(slug, value string) error {
	name, weight, weighed := strings.Cut(value, ";")
	if weighed {
		w, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
		if err != nil {
			return r.fail("после названия правила может стоять только вес, например «; 0.5»")
		}
		r.out.Weights[slug] = w
	}
	topic := r.out.Topics[len(r.out.Topics)-1].ID
	r.rule = &index.Rule{ID: slug, TopicID: topic, Version: 1, Name: strings.TrimSpace(name)}
	return nil
}

func (r *reader) beginSignal(slug, value string) error {
	name, weight, ok := strings.Cut(value, ";")
	w, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
	if !ok || err != nil {
		return r.fail("у признака нужны название и вес через точку с запятой, например «Просит; 0.8»")
	}
	r.signal = &classify.Signal{ID: slug, Title: strings.TrimSpace(name), Weight: w}
	return nil
}

func (r *reader) indented(text string) error {
	switch {
	case r.rule != nil, r.signal != nil:
		r.expr = append(r.expr, text)
	case r.listing:
		l := &r.out.Lists[len(r.out.Lists)-1]
		l.Expr = strings.TrimSpace(l.Expr + " " + text)
	default:
		return r.fail("отступ без правила или списка над ним")
	}
	return nil
}

// finish completes the rule or list that was being read.
func (r *reader) finish() error {
	if r.listing {
		lists, wrong := index.ReadLists(r.out.Lists)
		if len(wrong) > 0 {
			return errs.Wrap(errs.Invalid, fmt.Sprintf("Словарь, список «%s»: %s", wrong[0].Name, errs.MessageOf(wrong[0].Err)), wrong[0])
		}
		r.lists, r.listing = lists, false
	}
	if r.rule == nil && r.signal == nil {
		return nil
	}
	spelled := strings.Join(r.expr, " ")
	expr, err := r.lists.Parse(spelled)
	if r.rule != nil {
		if err != nil {
			return errs.Wrap(errs.Invalid, fmt.Sprintf("Словарь, правило «%s»: %s", r.rule.ID, errs.MessageOf(err)), err)
		}
		r.rule.Expr, r.out.Spelled[r.rule.ID] = expr.String(), spelled
		r.out.Rules = append(r.out.Rules, *r.rule)
	} else {
		if err != nil {
			return errs.Wrap(errs.Invalid, fmt.Sprintf("Словарь, признак «%s»: %s", r.signal.ID, errs.MessageOf(err)), err)
		}
		r.signal.Expr = expr.String()
		r.out.Signals = append(r.out.Signals, *r.signal)
	}
	r.rule, r.signal, r.expr = nil, nil, nil
	return nil
}

func (r *reader) fail(format string, args ...any) error {
	return errs.Newf(errs.Invalid, "Словарь, строка %d: "+format+".", append([]any{r.line}, args...)...)
}
