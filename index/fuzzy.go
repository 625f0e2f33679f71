package index

import (
	"slices"
	"unicode/utf8"
)

// fuzzySet finds, among many terms, those that a given one differs from by few
// letters: two terms within n edits share what is left of both after at most n
// deletions. Edits are insertions, deletions, replacements and swaps of
// neighbours, as bleve counts them.
type fuzzySet struct {
	rest  map[string][]uint32 // what is left of a member → members
	list  []fuzzyTerm
	edits int // the most that any member allows
}

type fuzzyTerm struct {
	atom  atom
	runes []rune
	edits int
}

func (f *fuzzySet) add(id atom, term string, edits int) {
	if f.rest == nil {
		f.rest = map[string][]uint32{}
	}
	n := uint32(len(f.list))
	f.list = append(f.list, fuzzyTerm{id, []rune(term), edits})
	f.edits = max(f.edits, edits)
	for _, rest := range deletions(term, edits) {
		f.rest[rest] = append(f.rest[rest], n)
	}
}

// resolve appends the atoms of the members that term is close to.
func (f *fuzzySet) resolve(dst []atom, term string) []atom {
	if len(f.list) == 0 || utf8.RuneCountInString(term) > maxForm {
		return dst
	}
	var close []uint32
	for _, rest := range deletions(term, f.edits) {
		close = append(close, f.rest[rest]...)
	}
	slices.Sort(close)
	runes := []rune(term)
	for _, n := range slices.Compact(close) {
		if m := &f.list[n]; editDistance(runes, m.runes) <= m.edits {
			dst = append(dst, m.atom)
		}
	}
	return dst
}

// deletions returns a term and what at most n deletions leave of it, each once.
func deletions(term string, n int) []string {
	all := []string{term}
	from := 0
	for range n {
		to := len(all)
		for _, s := range all[from:to] {
			for i, r := range s {
				all = append(all, s[:i]+s[i+utf8.RuneLen(r):])
			}
		}
		from = to
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// editDistance counts edits with three rows of the usual table.
func editDistance(a, b []rune) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i, x := range a {
		row[0] = i + 1
		for j, y := range b {
			change := 1
			if x == y {
				change = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+change)
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
