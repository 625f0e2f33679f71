package web

import "otklik/index"

// Hints say what in the words can be read but is hardly meant.
func (q searchQuery) Hints() []index.Hint { return index.Hints(q.Text) }
