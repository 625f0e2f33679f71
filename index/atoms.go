package index

import (
	"regexp"
	"slices"
	"strings"
)

// atom is one thing that is looked for in a text: a term, a form, a pattern
// that terms are compared with, or a fact about the item.
type atom uint32

// noAtom stands where there is none.
const noAtom = ^atom(0)

// atoms numbers what a set of rules looks for.
type atoms struct {
	ids map[atomName]atom
	// names holds each atom's meaning, for queries and for weighing.
	names []atomName

	terms    map[string]atom
	forms    map[string]atom
	facts    map[fact]atom
	prefixes map[string]atom
	// prefixLens are the lengths of prefixes in bytes, ascending.
	prefixLens []int
	fuzzy      fuzzySet
	globs      []pattern
	regexps    []pattern
}

// atomName says what an atom is. Of a fact, text is the value and term the
// field; of a form, term is its term, so that an index of terms can be asked.
type atomName struct {
	text  string
	term  string
	mode  wordMode
	edits uint8
}

type pattern struct {
	atom   atom
	parts  []string       // of a glob: what stands between stars
	regexp *regexp.Regexp // of a regular expression
}

func newAtoms() *atoms {
	return &atoms{
		ids: map[atomName]atom{}, terms: map[string]atom{}, forms: map[string]atom{},
		facts: map[fact]atom{}, prefixes: map[string]atom{},
	}
}

// add returns the atom of a name, a new one if need be.
func (a *atoms) add(name atomName) (id atom, fresh bool) {
	if id, ok := a.ids[name]; ok {
		return id, false
	}
	id = atom(len(a.names))
	a.names = append(a.names, name)
	a.ids[name] = id
	return id, true
}

func (a *atoms) term(text string) atom {
	if id, ok := a.terms[text]; ok {
		return id
	}
	id := atom(len(a.names))
	a.names = append(a.names, atomName{text: text})
	a.terms[text] = id
	return id
}

func (a *atoms) form(form, term string) atom {
	id, _ := a.add(atomName{text: form, term: term, mode: exactForm})
	a.forms[form] = id
	return id
}

func (a *atoms) fact(f fact) atom {
	id, _ := a.add(atomName{text: f.value, term: f.field, mode: factForm})
	a.facts[f] = id
	return id
}

func (a *atoms) prefix(text string) atom {
	id, fresh := a.add(atomName{text: text, mode: prefixForm})
	if !fresh {
		return id
	}
	a.prefixes[text] = id
	if at, ok := slices.BinarySearch(a.prefixLens, len(text)); !ok {
		a.prefixLens = slices.Insert(a.prefixLens, at, len(text))
	}
	return id
}

func (a *atoms) fuzzyTerm(term string, edits int) atom {
	id, fresh := a.add(atomName{text: term, mode: fuzzyForm, edits: uint8(edits)})
	if fresh {
		a.fuzzy.add(id, term, edits)
	}
	return id
}

func (a *atoms) glob(text string) atom {
	id, fresh := a.add(atomName{text: text, mode: globForm})
	if fresh {
		a.globs = append(a.globs, pattern{atom: id, parts: strings.Split(text, "*")})
	}
	return id
}

func (a *atoms) regexp(text string) atom {
	id, fresh := a.add(atomName{text: text, mode: regexpForm})
	if fresh {
		a.regexps = append(a.regexps, pattern{atom: id, regexp: regexp.MustCompile("^(?s:" + text + ")$")})
	}
	return id
}

// resolve appends the atoms that a word is. It is slow and runs once per word.
func (a *atoms) resolve(dst []atom, w *word) []atom {
	if w.term == "" {
		return dst
	}
	if id, ok := a.terms[w.term]; ok {
		dst = append(dst, id)
	}
	if id, ok := a.forms[w.form]; ok && w.form != "" {
		dst = append(dst, id)
	}
	for _, n := range a.prefixLens {
		if n > len(w.term) {
			break
		}
		if id, ok := a.prefixes[w.term[:n]]; ok {
			dst = append(dst, id)
		}
	}
	dst = a.fuzzy.resolve(dst, w.term)
	for i := range a.globs {
		if globMatches(a.globs[i].parts, w.term) {
			dst = append(dst, a.globs[i].atom)
		}
	}
	for i := range a.regexps {
		if a.regexps[i].regexp.MatchString(w.term) {
			dst = append(dst, a.regexps[i].atom)
		}
	}
	return dst
}

// globMatches says whether text consists of the parts with anything between.
func globMatches(parts []string, text string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(first)+len(last) > len(text) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return true
}
