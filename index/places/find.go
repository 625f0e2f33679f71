package places

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"otklik/index"
)

// Found is one place that a text names.
type Found struct {
	Kind Kind
	// Title is the place in the nominative, with its house: «улица Ленина, 15».
	Title string
	// House is the number as it is usually written, without a flat: «15/2», «15 к. 2».
	House string
	// Start and End are byte offsets of the words, without a flat.
	Start, End int
	// IDs are the entries of the gazetteer that it may be; none when the
	// gazetteer does not know it.
	IDs []string
}

// sight is the text at hand.
type sight struct {
	f      *Finder
	text   string
	tokens []index.Token
	flags  []start
	// shouted says that capitals mean nothing, because nearly all are.
	shouted bool
	done    int // the token behind the last place that was found
}

// mostScratch bounds the tokens that are kept between texts.
const mostScratch = 4096

// scratch keeps the memory of tokens between texts.
type scratch struct {
	tokens []index.Token
	flags  []start
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// Find appends the places that text names to dst, in the order of the text.
// Any bytes are allowed in text.
func (f *Finder) Find(dst []Found, text string) []Found {
	m := scratches.Get().(*scratch)
	defer func() {
		// A giant text must not pin its memory in the pool.
		if clear(m.tokens); cap(m.tokens) <= mostScratch {
			scratches.Put(m)
		}
	}()
	m.tokens = words(f.analyzer.Tokens(m.tokens[:0], text), text)
	s := &sight{f: f, text: text, tokens: m.tokens}
	m.flags = s.flag(m.flags[:0])
	s.flags = m.flags
	first := len(dst)
	for i := 0; i < len(s.tokens); {
		if !s.mayBegin(i) {
			i++
			continue
		}
		found, next := s.at(i)
		if next <= i {
			i++
			continue
		}
		dst, i, s.done = append(dst, found), next, next
	}
	return s.lateHouse(dst, first)
}

// flag says once for each token what it may be, so that most of them cost no more.
func (s *sight) flag(flags []start) []start {
	shouted, spoken := 0, 0
	for i := range s.tokens {
		t := &s.tokens[i]
		var at start
		if s.f.sieve[mesh(t.Form)]&1 != 0 {
			at = s.f.starts[t.Form]
		}
		if s.f.sieve[mesh(t.Term)]&2 != 0 && s.f.names[t.Term] != nil {
			at |= startsName
		}
		switch {
		case numeral(t.Form):
			at |= startsNumber
		case upper(s.text[t.Start:t.End]):
			at |= startsCapital
			if _, n := utf8.DecodeRuneInString(s.text[t.Start:t.End]); upper(s.text[t.Start+n : t.End]) {
				shouted++
			} else {
				spoken++
			}
		default:
			spoken++
		}
		flags = append(flags, at)
	}
	s.shouted = shouted > 1 && shouted > spoken
	return flags
}

// upper says that a text begins with a capital letter.
func upper(text string) bool {
	if len(text) > 1 && text[0] == 0xD0 {
		return text[1] >= 0x90 && text[1] <= 0xAF || text[1] == 0x81
	}
	r, _ := utf8.DecodeRuneInString(text)
	return r != utf8.RuneError && unicode.IsUpper(r)
}

// mayBegin says that a place may begin with token i.
func (s *sight) mayBegin(i int) bool {
	const aside = 4
	switch at := s.flags[i]; {
	case at&(startsMark|startsCrossing|startsName) != 0:
		return true
	case at&startsNumber != 0:
		return s.flagged(i+1, 2)&startsMark != 0
	case at&startsCapital != 0:
		return s.flagged(i+1, 1)&startsMark != 0 || s.flagged(i+1, aside)&(startsNumber|startsHouse) != 0
	}
	return false
}

// flagged are the flags of some tokens together.
func (s *sight) flagged(from, n int) start {
	var all start
	for i := from; i < from+n && i < len(s.flags); i++ {
		all |= s.flags[i]
	}
	return all
}

// at finds what begins with token i, and the token after it; i when nothing does.
func (s *sight) at(i int) (Found, int) {
	begins := s.flags[i]
	if begins&startsCrossing != 0 {
		if found, next := s.crossing(i); next > i {
			return found, next
		}
	}
	if begins&startsMark != 0 {
		if found, next := s.marked(i); next > i {
			return found, next
		}
	}
	if found, next := s.numbered(i); next > i {
		return found, next
	}
	if found, next := s.known(i); next > i {
		return found, next
	}
	return s.plain(i)
}

// form is the form of a token, "" beyond the end.
func (s *sight) form(i int) string {
	if i < 0 || i >= len(s.tokens) {
		return ""
	}
	return s.tokens[i].Form
}

// gap is what stands between a token and the one before it.
func (s *sight) gap(i int) string {
	if i <= 0 || i >= len(s.tokens) {
		return "\n"
	}
	from, to := s.tokens[i-1].End, s.tokens[i].Start
	if from > to {
		return ""
	}
	return s.text[from:to]
}

// capital says that a token begins with a capital letter that means something.
func (s *sight) capital(i int) bool {
	return i >= 0 && i < len(s.flags) && !s.shouted && s.flags[i]&startsCapital != 0
}

// near says that nothing but spaces and the given signs stands before a token.
func (s *sight) near(i int, signs string) bool {
	g := s.gap(i)
	return !strings.Contains(g, "\n") && strings.Trim(g, " \u00a0"+signs) == ""
}

// mark reads the word for a kind of place at i and how many tokens it takes.
// What needs a full stop or a hyphen is asked for it.
func (s *sight) mark(i int) (mark, int) {
	if i < 0 || i >= len(s.flags) || s.flags[i]&startsMark == 0 {
		return mark{}, 0
	}
	form := s.form(i)
	if next := s.form(i + 1); next != "" && s.gap(i+1) == "-" {
		if m, ok := s.f.marks[form+"-"+next]; ok {
			return m, 2
		}
	}
	m, ok := s.f.marks[form]
	if !ok {
		return mark{}, 0
	}
	// «и т. д.» and «и пр.» are no places.
	if before := s.form(i - 1); m.dotted && (!s.dotAfter(i) || before == "т" || before == "и") {
		return mark{}, 0
	}
	return m, 1
}

func (s *sight) dotAfter(i int) bool {
	end := s.tokens[i].End
	return end < len(s.text) && s.text[end] == '.'
}

// marked reads a kind of place and its name: «ул. Ленина, 15», «мкр. Солнечный».
func (s *sight) marked(i int) (Found, int) {
	m, n := s.mark(i)
	if n == 0 || i > 0 && s.gap(i) == "-" {
		return Found{}, i
	}
	called, next := s.name(i+n, m)
	if next == i+n {
		return Found{}, i
	}
	return s.finish(i, next, m, called)
}

// finish adds the house to a named place and makes a Found of it.
func (s *sight) finish(from, next int, m mark, c called) (Found, int) {
	found := Found{Kind: m.kind, Title: titleOf(m.typ, c.text), Start: s.tokens[from].Start, End: s.tokens[next-1].End}
	for _, at := range c.places {
		found.IDs = append(found.IDs, s.f.list[at].ID)
	}
	if len(c.places) > 0 {
		found.Title = s.f.list[c.places[0]].Title()
	}
	if m.kind == Street || m.typ == "микрорайон" || m.typ == "квартал" || m.typ == "ЖК" {
		if h, after := s.house(next, m.kind == Street || next < len(s.tokens) && strings.HasPrefix(s.gap(next), ",")); after > next {
			found.Kind, found.House, found.End = House, h.number, h.end
			found.Title += ", " + h.number
			found.IDs = s.f.inHouse(found.IDs, h.number)
			return found, s.flat(after)
		}
		if h, at := s.houseBefore(from); at < from {
			found.Kind, found.House, found.Start = House, h, s.tokens[at].Start
			found.Title += ", " + h
			found.IDs = s.f.inHouse(found.IDs, h)
		}
	}
	return found, s.flat(next)
}

// houseBefore reads a house that is named first: «в доме № 7 по улице Мира».
func (s *sight) houseBefore(from int) (string, int) {
	at := from - 1
	if form := s.form(at); form == "по" || form == "на" {
		at--
	}
	if at-1 < s.done || !s.f.houseWord[s.form(at-1)] || !s.near(at, ".№#") || !s.near(from, "") || !s.near(at+1, "") {
		return "", from
	}
	h, next := s.digits(at)
	if next != at+1 {
		return "", from
	}
	return h.number, at - 1
}

// inHouse leaves the parts of a street in which a house lies; all of them where
// the gazetteer places the house nowhere.
func (f *Finder) inHouse(ids []string, house string) []string {
	var out []string
	for _, id := range ids {
		if holds(f.houses[f.byID[id]], house) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return ids
	}
	return out
}

// crossing reads «пересечение Ленина и Мира».
func (s *sight) crossing(i int) (Found, int) {
	a, next := s.street(i + 1)
	if next == i+1 {
		return Found{}, i
	}
	second := next
	switch {
	case s.form(next) == "и", s.form(next) == "с", s.form(next) == "со":
		second++
	case next < len(s.tokens) && strings.Trim(s.gap(next), " –—-/\\+") == "" && strings.TrimSpace(s.gap(next)) != "":
	default:
		return Found{}, i
	}
	b, after := s.street(second)
	if after == second {
		return Found{}, i
	}
	found := Found{Kind: Crossing, Start: s.tokens[i].Start, End: s.tokens[after-1].End, Title: "пересечение: " + a.Title + " — " + b.Title}
	found.IDs = s.f.shared(a.IDs, b.IDs)
	return found, after
}

// shared leaves of the parts of one street those that lie where the other does.
func (f *Finder) shared(a, b []string) []string {
	var out []string
	for _, x := range a {
		for _, y := range b {
			if f.list[f.byID[x]].ParentID == f.list[f.byID[y]].ParentID {
				out = append(out, x)
				break
			}
		}
	}
	if len(out) == 0 {
		return a
	}
	return out
}

// street reads a street within a crossing, with or without its kind.
func (s *sight) street(i int) (Found, int) {
	for s.form(i) == "на" || s.form(i) == "по" || s.form(i) == "улиц" || s.form(i) == "проспектов" {
		i++
	}
	if m, n := s.mark(i); n > 0 && m.kind == Street {
		if c, next := s.name(i+n, m); next > i+n {
			return s.street1(m, c), next
		}
	}
	for _, n := range s.namesAt(i) {
		if n.kind != Street {
			continue
		}
		c := called{places: n.places}
		next := i + len(n.terms)
		if m, k := s.mark(next); k > 0 && m.kind == Street && m.behind && s.near(next, "") {
			next += k
		}
		return s.street1(mark{kind: Street}, c), next
	}
	if s.capital(i) && s.f.starts[s.form(i)] == 0 {
		next := i + 1
		if m, k := s.mark(next); k > 0 && m.behind && m.kind == Street && s.near(next, "") {
			return s.street1(m, called{text: nominative(s.raw(i), m.typ)}), next + k
		}
		return Found{Title: s.raw(i)}, next
	}
	return Found{}, i
}

func (s *sight) street1(m mark, c called) Found {
	found := Found{Title: titleOf(m.typ, c.text)}
	for _, at := range c.places {
		found.IDs = append(found.IDs, s.f.list[at].ID)
		found.Title = s.f.list[c.places[0]].Title()
	}
	return found
}

// raw is a token as it is written.
func (s *sight) raw(i int) string { return s.text[s.tokens[i].Start:s.tokens[i].End] }

// lateHouse gives a house that stands by itself to the only street of the text:
// «На Ленина нет света, дом 15».
func (s *sight) lateHouse(found []Found, first int) []Found {
	at := -1
	for i := first; i < len(found); i++ {
		switch {
		case found[i].Kind == House:
			return found
		case found[i].Kind == Street && at >= 0:
			return found
		case found[i].Kind == Street:
			at = i
		}
	}
	if at < 0 {
		return found
	}
	for i := range s.tokens {
		if s.tokens[i].Start < found[at].End || !s.f.houseWord[s.form(i)] || s.form(i) == "д" && !s.dotAfter(i) {
			continue
		}
		if h, next := s.house(i, false); next > i {
			x := &found[at]
			x.Kind, x.House, x.Title = House, h.number, x.Title+", "+h.number
			x.IDs = s.f.inHouse(x.IDs, h.number)
			break
		}
	}
	return found
}

func numeral(form string) bool {
	return form != "" && form[0] >= '0' && form[0] <= '9'
}
