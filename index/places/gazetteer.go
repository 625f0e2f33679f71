package places

import (
	"slices"
	"strings"

	"otklik/index"
)

// Finder finds places in texts. It never changes and is safe for concurrent use.
type Finder struct {
	analyzer *index.Analyzer
	list     []Place
	byID     map[string]int
	houses   [][]span
	tops     int // how many places lie in no other
	// names are those of the gazetteer by their first term.
	names map[string][]name

	marks     map[string]mark
	leads     map[string]bool
	crossings map[string]bool
	houseWord map[string]bool
	blocks    map[string]string
	units     map[string]bool
	usual     map[string]bool
	// starts says what a word may begin, so that most words cost one look-up.
	starts map[string]start
	// sieve says which words are worth looking up at all: 1 among starts, 2
	// among names.
	sieve [meshes]uint8
}

const meshes = 1 << 13

// mesh is a number by which most words that begin nothing are told apart,
// cheaper than a look-up.
func mesh(word string) uint32 {
	n := len(word)
	if n < 4 {
		return uint32(n)
	}
	h := uint32(word[1]) | uint32(word[3])<<8 | uint32(word[n-1])<<16 | uint32(word[n/2|1])<<24
	return (h*2654435761 ^ uint32(n)*40503<<8) >> 19
}

// start is what a form may begin.
type start uint8

const (
	startsMark start = 1 << iota
	startsCrossing
	startsLead
	startsHouse
	startsUnit
	startsName
	startsNumber
	startsCapital
)

// name is one way to call places of the gazetteer.
type name struct {
	terms []string
	// last is the last word as written, for names that do not change.
	last string
	// fixed names are genitives like «Ленина»: as bare words they stand for a
	// street only in this form.
	fixed bool
	usual bool
	kind  Kind
	// typed names hold their own type: «Набережная», «Бульвар Мира».
	places []int
}

// New makes a Finder for a gazetteer; an empty one leaves what texts write out.
// The Analyzer should be the one that the program uses for everything else.
func New(analyzer *index.Analyzer, list []Place) *Finder {
	f := &Finder{
		analyzer: analyzer, list: slices.Clone(list), byID: map[string]int{}, names: map[string][]name{},
		marks: typeForms(), leads: leads(), crossings: crossings(), houseWord: houseWords(), blocks: blockWords(),
		units: map[string]bool{}, usual: usual(), starts: map[string]start{},
	}
	for _, u := range units() {
		f.units[folded(u)] = true
		f.starts[u] |= startsUnit
	}
	for form := range f.marks {
		head, _, _ := strings.Cut(form, "-")
		f.starts[head] |= startsMark
	}
	for form := range f.crossings {
		f.starts[form] |= startsCrossing
	}
	for form := range f.leads {
		f.starts[form] |= startsLead
	}
	for form := range f.houseWord {
		f.starts[form] |= startsHouse
	}
	for i, p := range f.list {
		f.byID[p.ID] = i
		spans, _ := readHouses(p.Houses)
		f.houses = append(f.houses, spans)
		if p.ParentID == "" {
			f.tops++
		}
	}
	for i, p := range f.list {
		f.addName(i, p.Name)
		for _, other := range p.Synonyms {
			f.addName(i, other)
		}
	}
	for form := range f.starts {
		f.sieve[mesh(form)] |= 1
	}
	for term := range f.names {
		f.sieve[mesh(term)] |= 2
	}
	return f
}

// addName makes a place known under a name.
func (f *Finder) addName(at int, text string) {
	tokens := words(f.analyzer.Tokens(nil, text), text)
	if len(tokens) == 0 {
		return
	}
	n := name{kind: f.list[at].Kind, last: tokens[len(tokens)-1].Form, places: []int{at}}
	n.fixed = n.kind == Street && !adjective(tokens[len(tokens)-1].Form) && genitive(n.last)
	n.usual = len(tokens) == 1 && f.usual[tokens[0].Form]
	for _, t := range tokens {
		n.terms = append(n.terms, t.Term)
	}
	known := f.names[n.terms[0]]
	same := slices.IndexFunc(known, func(x name) bool {
		return x.kind == n.kind && x.last == n.last && slices.Equal(x.terms, n.terms)
	})
	if same >= 0 {
		if !slices.Contains(known[same].places, at) {
			known[same].places = append(known[same].places, at)
		}
		return
	}
	// Longer names come first: «Карла Маркса» is not «Карла».
	known = append(known, n)
	slices.SortStableFunc(known, func(a, b name) int { return len(b.terms) - len(a.terms) })
	f.names[n.terms[0]] = known
}

// genitive says that a word ends as the genitive of a name does.
func genitive(form string) bool {
	for _, end := range []string{"а", "я", "ы", "и", "ов", "ев", "ых", "их", "ого", "его", "ой", "ей"} {
		if strings.HasSuffix(form, end) {
			return true
		}
	}
	return false
}

// ordinal is the term of all endings of a number: «1-я» and «1-й» are one.
const ordinal = "-й"

// words leaves tokens that are words or numbers.
func words(tokens []index.Token, text string) []index.Token {
	tokens = slices.DeleteFunc(tokens, func(t index.Token) bool { return t.Form == "" })
	for i := 1; i < len(tokens); i++ {
		end := tokens[i-1].End
		if len(tokens[i].Form) <= 6 && end < len(text) && text[end] == '-' && tokens[i].Start == end+1 && numeral(tokens[i-1].Form) && ordinalEnd(tokens[i].Form) {
			tokens[i].Term = ordinal
		}
	}
	return tokens
}

// Place returns an entry of the gazetteer.
func (f *Finder) Place(id string) (Place, bool) {
	i, ok := f.byID[id]
	if !ok {
		return Place{}, false
	}
	return f.list[i], true
}

// Path are the ids of a place and of all in which it lies, the place first;
// nothing for an id that is not known.
func (f *Finder) Path(id string) []string {
	var out []string
	for i, ok := f.byID[id]; ok && !slices.Contains(out, id); i, ok = f.byID[id] {
		out = append(out, id)
		id = f.list[i].ParentID
	}
	return out
}

// Names are what rules may call a place: its id, name, title and synonyms, and
// those of everything in which it lies.
func (f *Finder) Names(id string) []string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, id := range f.Path(id) {
		p := f.list[f.byID[id]]
		add(id)
		add(p.Name)
		add(p.Title())
		for _, other := range p.Synonyms {
			add(other)
		}
	}
	return out
}

// Places are all entries, what lies in another behind it. The list is the caller's.
func (f *Finder) Places() []Place { return slices.Clone(f.list) }

// Len is how many entries the gazetteer has.
func (f *Finder) Len() int { return len(f.list) }
