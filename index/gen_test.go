package index

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// cityWords is small, so that generated rules and texts meet often.
var cityWords = strings.Fields(`
вода воды воду нет нету не света свет двор дворе яма ямы дорога дороге лёд льда лед снег снега убрали убирают
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
		switch rapid.IntRange(0, 5).Draw(t, "operand kind") {
		case 0:
			return fmt.Sprintf("%q", strings.TrimSuffix(a, "*")+" "+strings.TrimSuffix(b, "*"))
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
		switch kind := rapid.IntRange(0, 7).Draw(t, "mode"); {
		case kind == 0 && letters[0] >= 'а' && !strings.Contains(w, "-"):
			return "=" + w
		case kind == 1 && len(letters) >= 4 && letters[0] >= 'а' && letters[0] < 0x500 && !strings.Contains(w, "-"):
			return string(letters[:3]) + "*"
		}
		return w
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
