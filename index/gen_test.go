package index

import (
	"fmt"
	"strings"

	"otklik/internal/social"

	"pgregory.net/rapid"
)

// cityWords is small, so that generated rules and texts meet often.
var cityWords = strings.Fields(`
вода воды воду нет нету не света свет двор дворе яма ямы дорога дороге лёд льда лед снег снега убрали убирают отопление отопления отапление остановка остановок автобусов
мусор мусора вывоз когда прорыв прорыва труба трубы окно окон участок участка из-за #ямы #НетВоды 🤬 5 дом дома`)

// genExpr generates rules that are right.
func genExpr(words []string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := []string{genOperand(words).Draw(t, "operand")}
		for range rapid.IntRange(0, 2).Draw(t, "more") {
			parts = append(parts, genPart(words, 2).Draw(t, "part"))
		}
		return strings.Join(parts, " ")
	})
}

func genPart(words []string, depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		if depth == 0 {
			kind %= 3
		}
		switch kind {
		case 0, 1:
			return genOperand(words).Draw(t, "operand")
		case 2:
			if rapid.Bool().Draw(t, "a fact") {
				return "-" + genFact().Draw(t, "banned fact")
			}
			return "-" + genWord(words).Draw(t, "banned")
		case 3:
			return fmt.Sprintf("(%s | %s)", genPart(words, depth-1).Draw(t, "a"), genOperand(words).Draw(t, "b"))
		case 4:
			return fmt.Sprintf("(%s %s)", genPart(words, depth-1).Draw(t, "a"), genPart(words, depth-1).Draw(t, "b"))
		}
		return fmt.Sprintf("-(%s %s)", genPart(words, depth-1).Draw(t, "a"), genOperand(words).Draw(t, "b"))
	})
}

func genOperand(words []string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		a, b := genWord(words).Draw(t, "a"), genWord(words).Draw(t, "b")
		switch rapid.IntRange(0, 6).Draw(t, "operand kind") {
		case 0:
			if strings.ContainsAny(a+b, "*~/") {
				return a
			}
			return fmt.Sprintf("%q", a+" "+b)
		case 6:
			return genFact().Draw(t, "fact")
		case 1:
			return fmt.Sprintf("(%s /%d %s)", a, rapid.IntRange(1, 5).Draw(t, "dist"), b)
		case 2:
			return fmt.Sprintf("((%s | %s) /%d %s)", a, b, rapid.IntRange(1, 5).Draw(t, "dist"), genWord(words).Draw(t, "c"))
		}
		return a
	})
}

func genWord(words []string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		w := rapid.SampledFrom(words).Draw(t, "word")
		letters := []rune(w)
		if letters[0] < 'а' || letters[0] >= 0x500 || strings.Contains(w, "-") {
			return w
		}
		switch kind := rapid.IntRange(0, 11).Draw(t, "mode"); {
		case kind == 0:
			return "=" + w
		case kind == 1 && len(letters) >= 4:
			return string(letters[:3]) + "*"
		case kind == 2 && len(letters) >= 5:
			return misspelled(t, letters) + "~1"
		case kind == 3 && len(letters) >= 8:
			return misspelled(t, letters) + "~2"
		case kind == 4 && len(letters) >= 5 && letters[2] != letters[1] && letters[3] != letters[2]:
			return "*" + string(letters[1:4]) + rapid.SampledFrom([]string{"*", ""}).Draw(t, "open")
		case kind == 5 && len(letters) >= 4:
			return "/" + string(letters[:2]) + ".[а-я]*/"
		}
		return w
	})
}

// misspelled changes one letter, drops it or swaps it with the next.
func misspelled(t *rapid.T, letters []rune) string {
	at := rapid.IntRange(0, len(letters)-2).Draw(t, "slip at")
	head, tail := string(letters[:at]), string(letters[at+1:])
	switch rapid.IntRange(0, 3).Draw(t, "slip") {
	case 0:
		return head + "щ" + tail
	case 1:
		return head + string(letters[at+1]) + string(letters[at]) + string(letters[at+2:])
	case 2:
		return head + "щ" + string(letters[at:])
	}
	return string(letters)
}

// genFact generates conditions on facts.
func genFact() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{
		"сеть:вк", "сеть:тг", "вид:пост", "вид:комментарий", "автор:7", "источник:s1", `территория:"Заречный район"`, "место:Ключи",
	})
}

// genFacts generates what is known of an item, or nothing.
func genFacts() *rapid.Generator[Facts] {
	return rapid.Custom(func(t *rapid.T) Facts {
		return Facts{
			Network:     rapid.SampledFrom([]social.Network{"", social.VK, social.Telegram}).Draw(t, "network"),
			Kind:        rapid.SampledFrom([]social.Kind{"", social.Post, social.Comment}).Draw(t, "kind"),
			Source:      rapid.SampledFrom([]string{"", "s1", "s2"}).Draw(t, "source"),
			Author:      rapid.SampledFrom([]string{"", "7", "-8"}).Draw(t, "author"),
			Territories: rapid.SampledFrom([][]string{nil, {"ЗАРЕЧНЫЙ район"}, {"Ключи", "Заречный  район"}}).Draw(t, "places"),
		}
	})
}

// genText generates texts out of the words, with the noise of real ones.
func genText(words []string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(0, 14).Draw(t, "length") {
			w := rapid.SampledFrom(words).Draw(t, "word")
			if rapid.IntRange(0, 5).Draw(t, "loud") == 0 {
				w = strings.ToUpper(w)
			}
			b.WriteString(w)
			b.WriteString(rapid.SampledFrom([]string{" ", " ", " ", ".", ", ", "! ", " https://vk.com/x ", " @кто-то ", "\n", " \xff "}).Draw(t, "gap"))
		}
		return b.String()
	})
}
