package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/index"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Change is what follows from an edit: new versions, to be written together.
type Change struct {
	Rules []Rule
	Lists []List
}

// maxName bounds the name of a rule, in characters.
const maxName = 120

// Save decides what becomes of a rule that a person edited, seeing the version
// expect; 0 makes a new rule, whose id comes from the caller. A rule that is
// saved as it is stays as it is.
//
// Errors: Forbidden, NotFound, Conflict when somebody has saved it meanwhile,
// Invalid with the place of a mistake in the condition.
func (s Set) Save(x Rule, expect int, by rights.Actor, now time.Time) (Change, error) {
	if err := mayWrite(by); err != nil {
		return Change{}, err
	}
	old, found := s.Rule(x.ID)
	if expect > 0 && !found {
		return Change{}, errs.New(errs.NotFound, "Такого правила нет. Его могли удалить при переносе, обновите список.")
	}
	if found && old.Version != expect {
		return Change{}, errs.Newf(errs.Conflict, "Пока вы правили, %s сохранил версию %d этого правила. Ваш текст ниже: посмотрите, что изменилось, и сохраните ещё раз.", author(old.ByName), old.Version)
	}
	x, err := s.checked(x)
	if err != nil {
		return Change{}, err
	}
	if found && x.same(old) {
		return Change{}, nil
	}
	if !found {
		x.Position = s.place(x.TopicID)
	} else {
		x.Position = old.Position
	}
	return Change{Rules: []Rule{x.next(old.Version, by, now)}}, nil
}

// place is where a new rule stands: before its topic's others, as what people
// add is more particular than what was there.
func (s Set) place(topic string) int {
	first := 0
	for _, r := range s.Rules {
		if r.TopicID == topic {
			return r.Position
		}
		first = max(first, r.Position+1)
	}
	return first
}

// Move puts a rule before another one, or to the end where before is "". It
// returns the ids of all rules in their new order, nil where nothing moves.
// Errors: Forbidden, NotFound.
func (s Set) Move(id, before string, by rights.Actor) ([]string, error) {
	if err := mayWrite(by); err != nil {
		return nil, err
	}
	order := make([]string, len(s.Rules))
	for i, r := range s.Rules {
		order[i] = r.ID
	}
	was := slices.Clone(order)
	for _, x := range []string{id, before} {
		if x != "" && !slices.Contains(order, x) {
			return nil, errs.New(errs.NotFound, "Такого правила нет. Обновите список.")
		}
	}
	if id == "" || id == before {
		return nil, nil
	}
	order = slices.DeleteFunc(order, func(x string) bool { return x == id })
	at := len(order)
	if before != "" {
		at = slices.Index(order, before)
	}
	order = slices.Insert(order, at, id)
	if slices.Equal(order, was) {
		return nil, nil
	}
	return order, nil
}

// RollBack makes a version that is as an earlier one was.
// Errors: those of Save.
func (s Set) RollBack(earlier Rule, expect int, by rights.Actor, now time.Time) (Change, error) {
	was := earlier.Version
	c, err := s.Save(earlier, expect, by, now)
	for i := range c.Rules {
		c.Rules[i].Why = fmt.Sprintf("Возврат к версии %d", was)
	}
	return c, err
}

// SaveList decides what becomes of a list and of all rules that hold it: they
// get a version each, as they mean something else from now on. expect is the
// version that the person saw, 0 for a new list.
//
// Errors: Forbidden, Conflict, Invalid with the place, or with the rule that the
// list would break.
func (s Set) SaveList(x List, expect int, by rights.Actor, now time.Time) (Change, error) {
	if err := mayWrite(by); err != nil {
		return Change{}, err
	}
	x.Name, x.Expr = index.FoldListName(x.Name), tidy(x.Expr)
	if err := index.CheckListName(x.Name); err != nil {
		return Change{}, err
	}
	old, found := s.List(x.Name)
	switch {
	case found && expect == 0:
		return Change{}, errs.Newf(errs.Conflict, "Список «@%s» уже есть. Откройте его и правьте там или назовите новый иначе.", x.Name)
	case found && old.Version != expect:
		return Change{}, errs.Newf(errs.Conflict, "Пока вы правили, %s сохранил версию %d этого списка. Ваш текст ниже: посмотрите, что изменилось, и сохраните ещё раз.", author(old.ByName), old.Version)
	case found && old.Expr == x.Expr:
		return Change{}, nil
	}
	x.Version, x.ByID, x.ByName, x.At = old.Version+1, by.ID, by.Name, now
	after := s
	after.Lists = append(slices.DeleteFunc(slices.Clone(s.Lists), func(l List) bool { return l.Name == x.Name }), x)
	lexicon, err := after.readLists(x.Name)
	if err != nil {
		return Change{}, err
	}
	c := Change{Lists: []List{x}}
	for _, r := range after.Uses(x.Name) {
		expr, err := lexicon.Parse(r.Spelled)
		if err == nil {
			err = short(expr.String())
		}
		if err != nil {
			return Change{}, errs.Wrap(errs.Invalid, fmt.Sprintf("С этим списком перестанет читаться правило «%s»: %s", r.Name, errs.MessageOf(err)), err)
		}
		if expr.String() == r.Expr {
			continue
		}
		n := r
		n.Expr = expr.String()
		n = n.next(r.Version, by, now)
		n.Why, n.ListOnly = fmt.Sprintf("Изменён список «@%s», версия %d", x.Name, x.Version), true
		c.Rules = append(c.Rules, n)
	}
	return c, nil
}

// readLists reads all lists; a mistake in the one that is being saved is told as
// it is, another one by its name.
func (s Set) readLists(name string) (index.Lists, error) {
	list := make([]index.List, len(s.Lists))
	for i, l := range s.Lists {
		list[i] = index.List{Name: l.Name, Expr: l.Expr}
	}
	lexicon, wrong := index.ReadLists(list)
	for _, w := range wrong {
		if w.Name == name {
			return lexicon, w.Err
		}
	}
	if len(wrong) > 0 {
		return lexicon, errs.Wrap(errs.Invalid, fmt.Sprintf("Список «@%s» после этого не прочитать: %s", wrong[0].Name, errs.MessageOf(wrong[0].Err)), wrong[0])
	}
	return lexicon, nil
}

func mayWrite(by rights.Actor) error {
	if by.IsSystem() || by.Can(rights.WriteRules) {
		return nil
	}
	return errs.New(errs.Forbidden, "Правила меняют администратор и куратор. Попросите их или администратора, если право должно быть у вас.")
}

func author(name string) string {
	if name == "" {
		return "кто-то"
	}
	return name
}

// checked tidies what a person wrote and says what is wrong with it.
func (s Set) checked(x Rule) (Rule, error) {
	x.Name, x.Spelled = strings.Join(strings.Fields(clean(x.Name)), " "), tidy(x.Spelled)
	switch {
	case x.Name == "":
		return x, errs.New(errs.Invalid, "Назовите правило: это имя увидят в карточке рядом с сообщением.")
	case utf8.RuneCountInString(x.Name) > maxName:
		return x, errs.Newf(errs.Invalid, "Название длиннее %d знаков, сократите его.", maxName)
	case !slices.Contains(s.Topics, x.TopicID):
		return x, errs.New(errs.Invalid, "Выберите тему: по ней карточка получит ведомство и срок.")
	case x.DepartmentID != "" && !slices.Contains(s.Desks, x.DepartmentID):
		return x, errs.New(errs.Invalid, "Такого ведомства нет. Выберите другое или «как у темы».")
	case x.Importance < Usual || x.Importance > Urgent:
		return x, errs.New(errs.Invalid, "Выберите важность из списка.")
	case !x.From.IsZero() && !x.To.IsZero() && !x.From.Before(x.To):
		return x, errs.New(errs.Invalid, "Правило кончается раньше, чем начинается. Поправьте даты.")
	}
	expr, err := s.Lexicon().Parse(x.Spelled)
	if err != nil {
		return x, err
	}
	x.Expr = expr.String()
	return x, short(x.Expr)
}

// short says whether a condition can be run with its lists put in.
func short(expr string) error {
	if n := utf8.RuneCountInString(expr); n > index.MaxExprLen {
		return errs.Newf(errs.Invalid, "Вместе со списками правило занимает %d знаков из %d. Разделите его на два.", n, index.MaxExprLen)
	}
	return nil
}

// same says that nothing of what a person may edit differs, lists included.
func (r Rule) same(o Rule) bool {
	return r.Name == o.Name && r.TopicID == o.TopicID && r.DepartmentID == o.DepartmentID && r.Spelled == o.Spelled && r.Expr == o.Expr &&
		r.Importance == o.Importance && r.Auto == o.Auto && r.Active == o.Active && r.From.Equal(o.From) && r.To.Equal(o.To)
}

// Finds says whether two versions may fire on other messages, so that a scan of
// history is worth its time.
func (r Rule) Finds(o Rule) bool {
	return r.Expr != o.Expr || r.Active != o.Active || !r.From.Equal(o.From) || !r.To.Equal(o.To)
}

func (r Rule) next(version int, by rights.Actor, now time.Time) Rule {
	r.Version, r.ByID, r.ByName, r.At, r.Why, r.ListOnly = version+1, by.ID, by.Name, now, "", false
	return r
}

func tidy(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(clean(text), "\r\n", "\n"))
}

// clean takes out what no database takes as text.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
