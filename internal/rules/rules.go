// Package rules keeps what messages are recognised by: rules and the lists of
// words that they share, each change a version with its author. It decides what
// follows from a change, tries rules on what is stored, and scans history back;
// whoever keeps the rules implements Book.
package rules

import (
	"slices"
	"time"

	"otklik/index"
)

// Importance says which cases come first; the greater, the sooner.
type Importance int

const (
	Usual  Importance = 0
	Raised Importance = 1
	Urgent Importance = 2
)

// Importances lists them in the order in which people read them.
func Importances() []Importance { return []Importance{Usual, Raised, Urgent} }

// Title is the importance as people read it.
func (i Importance) Title() string {
	switch i {
	case Raised:
		return "Повышенная"
	case Urgent:
		return "Срочная"
	}
	return "Обычная"
}

// Rule is a rule in one of its versions.
type Rule struct {
	ID, Name string
	TopicID  string
	// DepartmentID is given to the case instead of the topic's, "" for none.
	DepartmentID string
	// Spelled is the condition as a person wrote it, with «@списки».
	Spelled string
	// Expr is the same with the lists as they were: what the matcher runs.
	Expr       string
	Importance Importance
	// Auto lets a case of this rule pass the moderation by itself («автоправило»).
	Auto   bool
	Active bool
	// From and To bound the messages that the rule looks at by the moment when
	// they were written, To exclusive; zero is without bound.
	From, To time.Time
	// Position orders rules from the particular to the general: the first one
	// that fires gives the topic.
	Position int

	Version  int
	ByID     string
	ByName   string
	At       time.Time
	Why      string // what the version is, where it is not a person's edit
	ListOnly bool   // the version came of a change of a list
}

// List is a named list of words in one of its versions.
type List struct {
	Name    string
	Expr    string
	Version int
	ByID    string
	ByName  string
	At      time.Time
	Why     string
}

// Set is all rules and lists in their present versions.
type Set struct {
	Rules  []Rule
	Lists  []List
	Topics []string // ids
	Desks  []string // ids of departments
}

// Rule finds a rule by its id.
func (s Set) Rule(id string) (Rule, bool) {
	i := slices.IndexFunc(s.Rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return s.Rules[i], true
}

// List finds a list by its name.
func (s Set) List(name string) (List, bool) {
	name = index.FoldListName(name)
	i := slices.IndexFunc(s.Lists, func(l List) bool { return l.Name == name })
	if i < 0 {
		return List{}, false
	}
	return s.Lists[i], true
}

// Lexicon reads conditions with the lists of the set.
func (s Set) Lexicon() index.Lists {
	list := make([]index.List, len(s.Lists))
	for i, l := range s.Lists {
		list[i] = index.List{Name: l.Name, Expr: l.Expr}
	}
	read, _ := index.ReadLists(list)
	return read
}

// Uses lists the rules that a list is in, directly or through other lists.
func (s Set) Uses(name string) []Rule {
	within := map[string]bool{index.FoldListName(name): true}
	for grew := true; grew; {
		grew = false
		for _, l := range s.Lists {
			if !within[l.Name] && holdsAny(l.Expr, within) {
				within[l.Name], grew = true, true
			}
		}
	}
	var out []Rule
	for _, r := range s.Rules {
		if holdsAny(r.Spelled, within) {
			out = append(out, r)
		}
	}
	return out
}

func holdsAny(text string, names map[string]bool) bool {
	return slices.ContainsFunc(index.ListsIn(text), func(n string) bool { return names[n] })
}
