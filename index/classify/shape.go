package classify

import "otklik/index"

// Shape is something that a message has apart from its words.
type Shape string

// Title names a shape for people.
func (s Shape) Title() string { return string(s) }

func shapesOf(item Item, tokens []index.Token) []Shape { return nil }
