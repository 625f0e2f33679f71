// Package starter is the dictionary that a new installation begins with: the
// departments and topics of a Russian city and rules that find complaints and
// requests about them. A customer edits all of it later.
package starter

import (
	_ "embed"
	"maps"
	"slices"
	"sync"

	"otklik/internal/errs"

	"otklik/index"
	"otklik/index/classify"
)

// Department is a desk that answers for topics.
type Department struct {
	ID   string // a stable slug
	Name string
}

// Topic is what a complaint is about.
type Topic struct {
	ID           string // a stable slug
	Name         string
	DepartmentID string
	// DeadlineHours is the time to answer in calendar hours.
	DeadlineHours int
}

// Dictionary is everything that the starter file holds.
type Dictionary struct {
	Departments []Department
	Topics      []Topic
	// Rules hold their conditions with the words of lists in their place.
	Rules []index.Rule
	// Spelled are the same conditions with «@имя» as the file has them, by the
	// ids of rules.
	Spelled map[string]string
	// Lists may refer to those that stand before them.
	Lists []index.List
	// Weights are of rules that say more or less than others, by their ids.
	Weights map[string]float64
	// Signals speak for or against a complaint without telling what it is about.
	Signals []classify.Signal
}

//go:embed starter.txt
var source string

// signals goes by the lists of source.
//
//go:embed signals.txt
var signals string

// builtin reads the embedded file once. The file is part of the program and is
// checked by the tests, so a mistake in it is a defect.
var builtin = sync.OnceValue(func() Dictionary {
	d, err := Parse(source + signals)
	if err != nil {
		panic("starter: " + errs.MessageOf(err))
	}
	return d
})

// Departments returns the departments in the order of the file.
func Departments() []Department { return slices.Clone(builtin().Departments) }

// Topics returns the topics in the order of the file.
func Topics() []Topic { return slices.Clone(builtin().Topics) }

// Rules returns the rules, all of version 1. Their IDs are stable slugs. They
// stand from the particular to the general: where several fire on one text,
// the topic of the first is the best guess.
func Rules() []index.Rule { return slices.Clone(builtin().Rules) }

// Spelled returns the conditions of rules as the file has them, with the names
// of lists, by the ids of rules.
func Spelled() map[string]string { return maps.Clone(builtin().Spelled) }

// Lists returns the named lists in the order of the file.
func Lists() []index.List { return slices.Clone(builtin().Lists) }

// Signals returns what speaks for a complaint or against it, with weights set
// by hand: what a new installation knows before people have decided anything.
func Signals() []classify.Signal { return slices.Clone(builtin().Signals) }

// Weights returns the hand-set weights of rules that differ from the others, by
// their ids.
func Weights() map[string]float64 { return maps.Clone(builtin().Weights) }
