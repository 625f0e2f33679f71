package index

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/ru"
)

// stemmer finds the term that stands for all forms of a word. It is immutable.
type stemmer struct {
	families map[string]string // a form → the term of its family
	joins    map[string]string // a stem → the stem of the same word's other forms
	snowball *ru.RussianStemmerFilter
}

func newStemmer() *stemmer {
	s := &stemmer{
		families: make(map[string]string),
		joins:    make(map[string]string),
		snowball: ru.NewRussianStemmerFilter(),
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
	form = unslip(form)
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
