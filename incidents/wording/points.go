package wording

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

func good(p Point, places []Span) Remark { return Remark{Point: p, OK: true, Places: places} }

func poor(p Point, why string, places []Span) Remark {
	return Remark{Point: p, Why: why, Places: places}
}

func polite(words []word) Remark {
	if found := findAny(words, []string{"здравствуйте", "уважаем", "приветству"}); len(found) > 0 {
		return good(Polite, found)
	}
	if found, _ := findPhrases(words, []string{"добр день.", "добр вечер.", "добр утро.", "доброго времени"}); len(found) > 0 {
		return good(Polite, found)
	}
	return poor(Polite, "Начните с приветствия и имени: «Здравствуйте, Анна!»", nil)
}

// rootLength is how many letters of a word are compared with the message's: a
// Russian root seldom differs between forms beyond its ending.
const rootLength = 4

func toThePoint(a Answer, words []word) Remark {
	about := map[string]bool{}
	for _, w := range append(split(a.Message), split(a.Topic)...) {
		if r := root(w.low); r != "" && !slices.Contains(emptyWords(), r) {
			about[r] = true
		}
	}
	if len(about) == 0 {
		return good(ToThePoint, nil)
	}
	var found []Span
	for _, w := range words {
		if about[root(w.low)] {
			found = append(found, w.Span)
		}
	}
	if len(found) == 0 {
		return poor(ToThePoint, "В ответе нет ни слова из сообщения. Назовите, о чём речь: предмет, место, улицу.", nil)
	}
	return good(ToThePoint, found)
}

// root is the beginning of a word that may carry a meaning, "" for short ones.
func root(low string) string {
	if utf8.RuneCountInString(low) < rootLength {
		return ""
	}
	n := 0
	for i := range low {
		if n == rootLength {
			return low[:i]
		}
		n++
	}
	return low
}

func action(words []word, done []Span) Remark {
	found := append(slices.Clone(done), findAny(words, willStems())...)
	if len(found) == 0 {
		return poor(Action, "Не сказано, что сделано или будет сделано. Назовите действие: «засыпали», «заменят», «проверит».", nil)
	}
	return good(Action, found)
}

func responsible(words []word) Remark {
	found := findAny(words, whoStems())
	if phrases, _ := findPhrases(words, []string{"управляющ компани", "аварийн служб", "подрядн организаци"}); len(phrases) > 0 {
		found = append(found, phrases...)
	}
	if len(found) == 0 {
		return poor(Responsible, "Не сказано, кто отвечает. Назовите организацию или отдел, лучше с телефоном для справок.", nil)
	}
	return good(Responsible, found)
}

// dates are the ways in which a day or a term is written.
var dates = sync.OnceValue(func() *regexp.Regexp {
	months := `январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр`
	return regexp.MustCompile(`(?i)\d{1,2}\.\d{1,2}(\.\d{2,4})?|\d{1,2}\s+(` + months + `)[а-я]*|` +
		`(до|к)\s+(конц[а-я]+|середин[а-я]+)\s+(недел|месяц|год|` + months + `)[а-я]*|` +
		`(в\s+течени[ие]|за|через)\s+([а-яё0-9-]+\s+){0,3}(час|дн[яейь]|день|сут|недел|месяц)[а-яё]*|` +
		`в\s+(` + months + `)[а-я]*|[1-4][\s-]*(м|ом|го)?\s+квартал[а-я]*`)
})

func findTerm(text string, words []word) []Span {
	var found []Span
	for _, at := range dates().FindAllStringIndex(text, -1) {
		found = append(found, Span{at[0], at[1]})
	}
	for _, w := range words {
		if slices.Contains([]string{"сегодня", "завтра", "послезавтра", "ежедневно", "немедленно"}, w.low) {
			found = append(found, w.Span)
		}
	}
	return found
}

func termOf(term, done []Span) Remark {
	switch {
	case len(term) > 0:
		return good(Term, term)
	case len(done) > 0:
		return good(Term, nil) // what is done needs no term
	}
	return poor(Term, "Не сказано, когда. Назовите день: «до 30 ноября»; он станет контрольной датой.", nil)
}

// shortest is below how many letters nothing can be said.
const shortest = 40

func substance(text string, words []word, term, done []Span) Remark {
	found, _ := findPhrases(words, promises())
	switch {
	case utf8.RuneCountInString(strings.TrimSpace(text)) < shortest:
		return poor(Substance, "Ответ слишком короткий: человек не узнает из него, что будет.", nil)
	case len(found) > 0 && len(term) == 0 && len(done) == 0:
		return poor(Substance, "Это отписка: «передано», «взято на контроль» — без действия и дня. Скажите, что и когда изменится.", found)
	}
	return good(Substance, nil)
}

func plain(text string, words []word) Remark {
	list := officialese()
	phrases := make([]string, len(list))
	for i, x := range list {
		phrases[i] = x.phrase
	}
	found, which := findPhrases(words, phrases)
	if len(found) == 0 {
		return good(Plain, nil)
	}
	var hints []string
	for i, at := range found {
		hint := "«" + text[at.From:at.To] + "» — " + list[which[i]].mend
		if !slices.Contains(hints, hint) && len(hints) < 3 {
			hints = append(hints, hint)
		}
	}
	return poor(Plain, "Скажите проще: "+strings.Join(hints, "; ")+".", found)
}

// longestAbbreviation is in letters; longer words in capitals are shouting.
const longestAbbreviation = 6

func speltOut(a Answer, words []word) Remark {
	var found []Span
	var names []string
	for i, w := range words {
		if !abbreviation(w.text) || slices.Contains(commonAbbreviations(), w.text) || slices.Contains(a.Known, w.text) ||
			slices.Contains(names, w.text) || explained(a.Text, words, i) {
			continue
		}
		found, names = append(found, w.Span), append(names, w.text)
	}
	if len(found) == 0 {
		return good(SpeltOut, nil)
	}
	return poor(SpeltOut, "Расшифруйте при первом упоминании: "+strings.Join(names, ", ")+".", found)
}

func abbreviation(w string) bool {
	n := utf8.RuneCountInString(w)
	if n < 2 || n > longestAbbreviation {
		return false
	}
	for _, r := range w {
		if !unicode.Is(unicode.Cyrillic, r) || !unicode.IsUpper(r) {
			return false
		}
	}
	return true
}

// explained says that the abbreviation stands in brackets after its words, or
// that its words stand in brackets after it: «многоквартирный дом (МКД)».
func explained(text string, words []word, i int) bool {
	w := words[i]
	for j := range words {
		if words[j].text != w.text || j > i {
			continue
		}
		before := strings.TrimRight(text[:words[j].From], " «\"")
		after := strings.TrimLeft(text[words[j].To:], " »\"")
		if strings.HasSuffix(before, "(") || strings.HasPrefix(after, "(") || strings.HasPrefix(after, "— это") {
			return true
		}
	}
	return false
}
