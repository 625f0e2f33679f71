package redact

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// ofHealth finds words of an illness or of a treatment; they are personal only
// beside a person.
var ofHealth = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\p{L}])((?:диагноз|инвалидност|инвалид|онколог|онкозаболев|рак[аеу]?(?:[^\p{L}]|$)|диабет|астм|эпилепс|шизофрен|деменци|` +
		`туберкул[её]з|гепатит|вич(?:[^\p{L}]|$)|инсульт|инфаркт|перелом|беремен|психическ|психиатр|наркоман|алкоголизм|` +
		`аутизм|дцп(?:[^\p{L}]|$)|госпитализ|прооперир|парализ|химиотерап)\p{L}*(?:[ \x{a0}]+(?:[IVX]+|[1-4])[ \x{a0}]+групп\p{L}*)?)`)
})

// ofPerson finds whom such words may be about: a patronymic, a relative, a
// patient, the reader.
var ofPerson = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:\p{L}{3,}(?:вич|вича|вичу|вичем|виче|вна|вны|вне|вну|вной)|` +
		`мам[аеуыо]й?|матер[иь]ю?|мать|от(?:ец|ца|цу|цом)|пап[аеуы]|реб[её]н(?:ок|ка|ку|ком|ке)|сын(?:а|у|ом|е)?|доч(?:ь|ери|ерью|ка|ки|ке|ку)|` +
		`бабушк[аеиу]|дедушк[аеиу]|муж(?:а|у|ем)?|жен[аеыу]|супруг[аеиу]?|брат(?:а|у|ом)?|сестр[аеыу]|пациент\p{L}*|` +
		`ваш(?:|а|е|его|ему|ей|им|у|и|их)|у вас|вам поставлен\p{L}*)(?:[^\p{L}]|$)`)
})

// health finds words of an illness in a sentence that speaks of a person.
func health(text string) []Find {
	var out []Find
	from := 0
	for from < len(text) {
		to := sentenceEnd(text, from)
		if s := text[from:to]; ofPerson().MatchString(s) {
			for _, m := range ofHealth().FindAllStringSubmatchIndex(s, -1) {
				word := strings.TrimRightFunc(s[m[2]:m[3]], func(r rune) bool { return strings.ContainsRune(" \u00a0\n,.:;!?)»\"", r) })
				out = append(out, Find{Health, from + m[2], from + m[2] + len(word)})
			}
		}
		from = to
	}
	return out
}

// sentenceEnd is where the sentence that begins at from ends.
func sentenceEnd(text string, from int) int {
	if i := strings.IndexAny(text[from:], ".!?\n"); i >= 0 {
		return from + i + 1
	}
	return len(text)
}

// flats finds a flat that is named without its street; a quarter of a year and
// square metres are written alike.
var ofFlat = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:кв\.[ \x{a0}]*№?|квартир(?:а|е|у|ы|ой)[ \x{a0}]*№)[ \x{a0}]*\p{N}{1,4}`)
})

func flats(text string) []Find {
	var out []Find
	for _, m := range ofFlat().FindAllStringIndex(text, -1) {
		before := strings.TrimRight(text[:m[0]], " \u00a0")
		last, _ := utf8.DecodeLastRuneInString(before)
		if strings.ContainsRune("0123456789IVX", last) && last != utf8.RuneError || joined(text, m[0], m[1]) {
			continue
		}
		out = append(out, Find{Address, m[0], m[1]})
	}
	return out
}

// joined says that what stands there is a part of a longer word or number.
func joined(text string, from, to int) bool { return !bounded(text, from, to) }
