package index

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/ru"
)

// stemmer finds the term that stands for all forms of a word. It is safe for
// concurrent use.
type stemmer struct {
	families map[string]string // a form → the term of its family
	joins    map[string]string // a stem → the stem of the same word's other forms
	snowball *ru.RussianStemmerFilter
	// dictionary knows the base forms of words; nil where none is installed.
	dictionary *dictionary
	// common remembers, by base form, what commonTerm found; there are no more
	// base forms than the dictionary has.
	mu     sync.Mutex
	common map[string]string
}

// formsAsked is how many forms of a word tell what term it has.
const formsAsked = 24

func newStemmer() *stemmer { return newStemmerWith(installedDictionary()) }

func newStemmerWith(d *dictionary) *stemmer {
	s := &stemmer{
		dictionary: d,
		common:     map[string]string{},
		families:   make(map[string]string),
		joins:      make(map[string]string),
		snowball:   ru.NewRussianStemmerFilter(),
	}
	for line := range strings.Lines(formFamilies) {
		words := strings.Fields(line)
		for _, form := range words {
			s.families[form] = smooth(words[0])
		}
	}
	for line := range strings.Lines(stemJoins) {
		stems := strings.Fields(line)
		for _, stem := range stems {
			s.joins[stem] = stems[0]
		}
	}
	s.decline(hardNouns, hardEndings)
	s.decline(softNouns, softEndings)
	s.decline(shortAdjectives, "")
	return s
}

// decline makes a family of every base with each of the endings. The base
// itself is a form as well: of hard nouns it is the first.
func (s *stemmer) decline(bases, endings string) {
	for _, base := range strings.Fields(bases) {
		s.families[base] = smooth(base)
		for _, ending := range strings.Fields(endings) {
			s.families[base+ending] = smooth(base)
		}
	}
}

// term returns the term of a folded form. Words of other alphabets and numbers
// are their own terms.
func (s *stemmer) term(form string) string {
	if !isRussian(form) {
		return form
	}
	heard := unslip(form)
	own := s.ownTerm(heard)
	if _, known := s.families[heard]; known {
		return own
	}
	return s.joined(form, own)
}

// joined asks the dictionary whether the stemmer tore a form off its word: when
// no word that it may be a form of has the same term, it takes the first one's.
func (s *stemmer) joined(form, own string) string {
	joined := own
	for i, base := range s.dictionary.bases(form) {
		// Dictionaries have participles as words of their own; «засорены» is to
		// stay with «засорили».
		if strings.HasSuffix(base, "нный") {
			return own
		}
		term := s.commonTerm(base)
		if term == own {
			return own
		}
		if i == 0 {
			joined = term
		}
	}
	return joined
}

// commonTerm is the term that most forms of a word have by themselves.
func (s *stemmer) commonTerm(base string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if term, ok := s.common[base]; ok {
		return term
	}
	counts := map[string]int{}
	best := ""
	for _, form := range s.dictionary.forms(base, formsAsked) {
		term := s.ownTerm(unslip(form))
		counts[term]++
		if n := counts[term]; best == "" || n > counts[best] || n == counts[best] && term < best {
			best = term
		}
	}
	s.common[base] = best
	return best
}

// ownTerm finds the term by our own tables and the stemmer.
func (s *stemmer) ownTerm(form string) string {
	if term, ok := s.families[form]; ok {
		return term
	}
	stem := form
	if !isNounInYv(form) {
		stem = s.stem(form)
	}
	if joined, ok := s.joins[stem]; ok {
		stem = joined
	}
	return smooth(contract(stem))
}

// beginning returns the terms that words with a form beginning so may have,
// besides those that begin so themselves; sorted, each once.
func (s *stemmer) beginning(form string) []string {
	terms := []string{s.term(form)}
	for other, term := range s.families {
		if strings.HasPrefix(other, form) {
			terms = append(terms, term)
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

func (s *stemmer) stem(form string) string {
	stream := s.snowball.Filter(analysis.TokenStream{{Term: []byte(form)}})
	return string(stream[0].Term)
}

// unslip corrects what is written by ear before endings are looked at:
// «моеться» for «моется», ъ and ь mixed up within a word.
func unslip(form string) string {
	form = strings.ReplaceAll(form, "ъ", "ь")
	if head, ok := strings.CutSuffix(form, "еться"); ok && head != "" {
		form = head + "ется"
	}
	return form
}

// isNounInYv tells nouns such as «прорыв», «обрыв», «разлив» from the
// participles that snowball takes them for.
func isNounInYv(form string) bool {
	if strings.HasSuffix(form, "рыв") {
		return !strings.HasSuffix(form, "крыв")
	}
	return strings.HasSuffix(form, "лив") && runeCount(form) >= 4
}

// contract drops the fleeting vowel of «участок», «колодец», «крышек», so that
// they meet «участка», «колодца», «крышка». The same is done to every stem;
// that now and then two different words meet costs less than losing forms.
func contract(stem string) string {
	if runeCount(stem) < 5 {
		return stem
	}
	for _, tail := range []string{"ок", "ек", "ец"} {
		head, ok := strings.CutSuffix(stem, tail)
		if !ok {
			continue
		}
		head = strings.TrimSuffix(head, "ь")
		if last, _ := utf8.DecodeLastRuneInString(head); !isConsonant(last) && last != 'й' {
			return stem
		}
		return head + tail[len("о"):]
	}
	return stem
}
