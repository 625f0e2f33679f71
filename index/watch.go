package index

import (
	"slices"
)

// Admits says whether a document satisfies all of a query but its words, which
// a Matcher decides for many queries at once.
func (q *Query) Admits(d *Doc) bool {
	switch {
	case q.WithCase && d.Case == "", q.WithoutCase && d.Case != "":
		return false
	case !q.From.IsZero() && d.Published.Before(q.From), !q.To.IsZero() && !d.Published.Before(q.To):
		return false
	case q.Author != "" && d.Author != q.Author, q.Thread != "" && d.Thread != q.Thread:
		return false
	}
	return among(q.Networks, d.Network) && among(q.Kinds, d.Kind) && among(q.Sources, d.Source) && among(q.Topics, d.Topic) &&
		(len(q.Territories) == 0 || slices.ContainsFunc(d.Territories, func(t string) bool {
			return slices.ContainsFunc(q.Territories, func(want string) bool { return foldPlace(want) == foldPlace(t) })
		}))
}

func among[T comparable](list []T, x T) bool { return len(list) == 0 || slices.Contains(list, x) }
