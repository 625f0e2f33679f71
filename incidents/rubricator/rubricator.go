// Package rubricator is the tree that a message is put into: category,
// subcategory, fact. A fact decides who answers, how soon, what has to be known
// and what an answer looks like. The tree is data that an agency edits, as a text
// or as a table, and maps to other classifiers.
package rubricator

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"otklik/internal/errs"
)

// Fact is a leaf of the tree.
type Fact struct {
	// ID is stable and unique: the slugs of category, subcategory and fact.
	ID          string
	Category    string
	Subcategory string
	Name        string
	// DepartmentID and TopicID are those of the dictionary of rules.
	DepartmentID string
	TopicID      string
	// Fast says that it is answered on the short way.
	Fast bool
	// Hours is the time to answer, in hours by the clock.
	Hours int
	// Required is what has to be known before somebody can act.
	Required []Field
	// AnswerID names the answer to begin with.
	AnswerID string
	// Inactive facts are kept for the cases that have them and offered no more.
	Inactive bool
}

// Title is the way to the fact through the tree.
func (f Fact) Title() string {
	parts := slices.DeleteFunc([]string{f.Category, f.Subcategory, f.Name}, func(s string) bool { return s == "" })
	return strings.Join(parts, " → ")
}

// mostHours bounds the time to answer: the thirty days of the law.
const mostHours = 30 * 24

// Check says what a fact lacks. Errors: Invalid.
func (f Fact) Check() error {
	switch {
	case f.ID == "" || f.Category == "" || strings.TrimSpace(f.Name) == "":
		return errs.New(errs.Invalid, "Факту нужны код, категория и название.")
	case utf8.RuneCountInString(f.Name) > 200:
		return errs.New(errs.Invalid, "Название факта длиннее 200 знаков. Сократите его.")
	case f.Hours < 1 || f.Hours > mostHours:
		return errs.Newf(errs.Invalid, "Факт «%s»: срок — от 1 до %d часов.", f.Name, mostHours)
	case f.DepartmentID == "":
		return errs.Newf(errs.Invalid, "Факт «%s»: выберите ведомство.", f.Name)
	}
	return nil
}

// CategoriesOf are the categories of the facts of a topic, in the order of the tree.
func (r *Rubricator) CategoriesOf(topicID string) []string {
	var out []string
	for _, f := range r.OfTopic(topicID) {
		if !slices.Contains(out, f.Category) {
			out = append(out, f.Category)
		}
	}
	return out
}

// Field is something that has to be known of a message.
type Field string

// The fields.
const (
	Address  Field = "адрес"
	Photo    Field = "фото"
	When     Field = "время"
	Route    Field = "маршрут"
	Number   Field = "номер"
	Facility Field = "учреждение"
	Person   Field = "имя"
)

// Fields returns all fields, in the order in which they are shown.
func Fields() []Field { return []Field{Address, Photo, When, Route, Number, Facility, Person} }

// Answer is a text to begin an answer with; places like {адрес} are filled in.
type Answer struct {
	ID   string
	Text string
}

// For is the text with the place filled in where it is known; what else is not
// known stands in braces for people to fill in.
func (a Answer) For(place string) string {
	if place == "" {
		return a.Text
	}
	return strings.ReplaceAll(a.Text, "{"+string(Address)+"}", place)
}

// Rubricator is a tree and its answers.
type Rubricator struct {
	Answers []Answer
	// Facts stand in the order of the tree.
	Facts []Fact
}

// FastHours is the time to answer of a fast fact that names none.
const FastHours = 24

// Fact returns the fact of an id.
func (r *Rubricator) Fact(id string) (Fact, bool) {
	i := slices.IndexFunc(r.Facts, func(f Fact) bool { return f.ID == id })
	if i < 0 {
		return Fact{}, false
	}
	return r.Facts[i], true
}

// Answer returns the answer of an id.
func (r *Rubricator) Answer(id string) (Answer, bool) {
	i := slices.IndexFunc(r.Answers, func(a Answer) bool { return a.ID == id })
	if i < 0 {
		return Answer{}, false
	}
	return r.Answers[i], true
}

// OfTopic returns the facts of a topic of the dictionary of rules.
func (r *Rubricator) OfTopic(id string) []Fact {
	var list []Fact
	for _, f := range r.Facts {
		if f.TopicID == id {
			list = append(list, f)
		}
	}
	return list
}

//go:embed starter.txt
var source string

// builtin reads the embedded tree once. It is part of the program and is checked
// by the tests, so a mistake in it is a defect.
var builtin = sync.OnceValue(func() Rubricator {
	r, err := Parse(source)
	if err != nil {
		panic("rubricator: " + errs.MessageOf(err))
	}
	return r
})

// Starter returns the tree that a new installation begins with.
func Starter() Rubricator {
	r := builtin()
	return Rubricator{Answers: slices.Clone(r.Answers), Facts: slices.Clone(r.Facts)}
}
