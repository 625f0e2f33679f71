package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/index"
	"otklik/internal/errs"
)

// ruleMaker writes rules with the words of texts, as an agency's dictionary
// would have them: words that tell something, none that every tenth text has.
type ruleMaker struct {
	random *rand.Rand
	texts  [][]string     // the words of each text, small
	common map[string]int // how many texts a word stands in
	// most is how many texts a word may stand in to be taken.
	most int
}

func newRuleMaker(texts []string, seed uint64) *ruleMaker {
	m := &ruleMaker{random: rand.New(rand.NewPCG(seed, 1)), common: map[string]int{}, most: max(2, len(texts)/1000)}
	for _, text := range texts {
		words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
		m.texts = append(m.texts, words)
		seen := map[string]bool{}
		for _, w := range words {
			if !seen[w] {
				seen[w] = true
				m.common[w]++
			}
		}
	}
	return m
}

// rules makes n different rules: 60 % several words, 20 % phrases, 10 % one of
// several words, 10 % with an exclusion or a distance.
func (m *ruleMaker) rules(n int) ([]index.Rule, error) {
	rules := make([]index.Rule, 0, n)
	seen := make(map[string]bool, n)
	for tries := 0; len(rules) < n; tries++ {
		if tries > 50*n+1000 {
			return nil, errs.Newf(errs.Invalid, "Из этих текстов вышло только разных правил: %d. Возьмите файл побольше.", len(rules))
		}
		expr := m.rule(len(rules) % 10)
		if expr == "" || seen[expr] {
			continue
		}
		seen[expr] = true
		rules = append(rules, index.Rule{ID: fmt.Sprint(len(rules)), Version: 1, Expr: expr})
	}
	return rules, nil
}

func (m *ruleMaker) rule(kind int) string {
	words := m.texts[m.random.IntN(len(m.texts))]
	switch {
	case kind < 6:
		return m.several(words, 2+m.random.IntN(2), " ")
	case kind < 8:
		return m.phrase(words)
	case kind == 8:
		a, b, c := m.word(words), m.elsewhere(), m.elsewhere()
		if a == "" || b == "" || c == "" {
			return ""
		}
		return a + " | " + b + " | " + c
	case m.random.IntN(2) == 0:
		two, without := m.several(words, 2, " "), m.elsewhere()
		if two == "" || without == "" {
			return ""
		}
		return two + " -" + without
	}
	return m.several(words, 2, fmt.Sprintf(" /%d ", 3+m.random.IntN(8)))
}

// several joins n different words of a text.
func (m *ruleMaker) several(words []string, n int, joint string) string {
	var taken []string
	for range n {
		w := m.word(words)
		for _, t := range taken {
			if t == w {
				return ""
			}
		}
		if w == "" {
			return ""
		}
		taken = append(taken, w)
	}
	return strings.Join(taken, joint)
}

// phrase takes two or three words as they follow each other.
func (m *ruleMaker) phrase(words []string) string {
	n := 2 + m.random.IntN(2)
	if len(words) < n {
		return ""
	}
	at := m.random.IntN(len(words) - n + 1)
	for _, w := range words[at : at+n] {
		if m.tells(w) {
			return `"` + strings.Join(words[at:at+n], " ") + `"`
		}
	}
	return ""
}

// word takes a word that tells something; empty when none was met soon.
func (m *ruleMaker) word(words []string) string {
	const tries = 8
	for range tries {
		if len(words) == 0 {
			return ""
		}
		if w := words[m.random.IntN(len(words))]; m.tells(w) {
			return w
		}
	}
	return ""
}

func (m *ruleMaker) elsewhere() string { return m.word(m.texts[m.random.IntN(len(m.texts))]) }

func (m *ruleMaker) tells(w string) bool {
	n := utf8.RuneCountInString(w)
	return n >= 4 && n <= 40 && m.common[w] <= m.most
}
