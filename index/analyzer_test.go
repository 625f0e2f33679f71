package index

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// spelled shows tokens as "term@position[as written]".
func spelled(text string, tokens []Token) []string {
	out := make([]string, 0, len(tokens))
	for _, t := range tokens {
		out = append(out, fmt.Sprintf("%s@%d[%s]", t.Term, t.Pos, text[t.Start:t.End]))
	}
	return out
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"negation is kept", "Нет воды", []string{"нет@1[Нет]", "вод@2[воды]"}},
		{"glued sentences", "нет света.Когда дадут?", []string{"нет@1[нет]", "свет@2[света]", "когд@3[Когда]", "дат@4[дадут]"}},
		{"yo", "ещё еще", []string{"ещ@1[ещё]", "ещ@2[еще]"}},
		{"yo in two runes", "еще\u0308", []string{"ещ@1[еще\u0308]"}},
		{"short i in two runes", "трамваи\u0306", []string{"трамва@1[трамваи\u0306]"}},
		{"stress mark", "во\u0301ды", []string{"вод@1[во\u0301ды]"}},
		{"soft hyphen", "до\u00adроги", []string{"дорог@1[до\u00adроги]"}},
		{"look-alikes", "BОДА горячaя", []string{"вод@1[BОДА]", "горяч@2[горячaя]"}},
		{"nought for o", "в0ды", []string{"вод@1[в0ды]"}},
		{"meant to be mixed", "wifiроутер", []string{"wifiроутер@1[wifiроутер]"}},
		{"latin stays", "Wi-Fi iphone15", []string{"wi@1[Wi]", "fi@2[Fi]", "iphone15@3[iphone15]"}},
		{"house numbers", "д5 кв.12, 16этаж", []string{"д@1[д]", "5@2[5]", "кв@3[кв]", "12@4[12]", "16@5[16]", "этаж@6[этаж]"}},
		{"numbers", "1,5 часа 12.04.2025.", []string{"1,5@1[1,5]", "час@2[часа]", "12.04.2025@3[12.04.2025]"}},
		{"url", "вот https://vk.com/wall-1_2?w=3, нет воды", []string{"вот@1[вот]", "нет@3[нет]", "вод@4[воды]"}},
		{"url without scheme", "пишу в vk.com/id1 и на mail.ru.", []string{"пиш@1[пишу]", "в@2[в]", "и@4[и]", "на@5[на]"}},
		{"russian host", "на госуслуги.рф нет", []string{"на@1[на]", "нет@3[нет]"}},
		{"host after a word", "см.vk.com/x да", []string{"см@1[см]", "да@3[да]"}},
		{"markdown link", "[Подписаться](https://t.me/x)", []string{"подписа@1[Подписаться]"}},
		{"e-mail", "пишите a.b-c@mail.ru сюда", []string{"пиш@1[пишите]", "сюд@3[сюда]"}},
		{"mention", "@ivan.petrov когда?", []string{"когд@2[когда]"}},
		{"vk mention", "[id1|Вода Снегова], где снег", []string{"где@2[где]", "снег@3[снег]"}},
		{"vk mention of a comment", "[club12:bp-1_2|Мой город] где", []string{"где@2[где]"}},
		{"any other bracket", "[вода] [id1]", []string{"вод@1[вода]", "id1@2[id1]"}},
		{"hashtag", "#нетводы", []string{"#нетводы@1[#нетводы]", "нетвод@1[нетводы]"}},
		{"hashtag of words", "#Ямы_Дороги #НетСвета2", []string{
			"#ямы_дороги@1[#Ямы_Дороги]", "ям@1[Ямы]", "дорог@2[Дороги]",
			"#нетсвета2@3[#НетСвета2]", "нет@3[Нет]", "свет@4[Света]", "2@5[2]",
		}},
		{"hashtag of a community", "#яма@gorod", []string{"#яма@1[#яма]", "ям@1[яма]"}},
		{"emoji", "снег❄️🤬🤬🏽 👨‍👩‍👧 🇷🇺", []string{"снег@1[снег]", "❄@2[❄️]", "🤬@3[🤬]", "🤬@4[🤬🏽]", "👨‍👩‍👧@5[👨‍👩‍👧]", "🇷🇺@6[🇷🇺]"}},
		{"broken bytes", "вода \xff прорыв\xd0", []string{"вод@1[вода]", "прорыв@2[прорыв]"}},
		{"broken byte within", "во\xffда", []string{"во@1[во]", "да@2[да]"}},
		{"nothing", " \n,.— ", []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := spelled(tt.text, NewAnalyzer().Tokens(nil, tt.text))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("tokens of %q (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestCacheChangesNothing(t *testing.T) {
	t.Parallel()
	tiny := newAnalyzer(3, 4)
	text := "Нет воды, нет света, нет тепла! Когда дадут воду? #НетВоды 🤬"
	want := NewAnalyzer().Tokens(nil, text)
	for range 5 {
		if diff := cmp.Diff(want, tiny.Tokens(nil, text)); diff != "" {
			t.Fatal(diff)
		}
		if n := len(tiny.vocabulary.Load().words); n > 4 {
			t.Fatalf("the vocabulary holds %d forms, its bound is 4", n)
		}
	}
}

func TestAnalyzerIsConcurrent(t *testing.T) {
	t.Parallel()
	a := newAnalyzer(16, 64)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 200 {
				text := fmt.Sprintf("в доме %d нет воды, подъезд %d не убирают", i, w)
				if got := len(a.Tokens(nil, text)); got != 9 {
					t.Errorf("%d tokens", got)
				}
			}
		})
	}
	wg.Wait()
}

func TestBleveDoesNotTouchItsInput(t *testing.T) {
	t.Parallel()
	input := []byte("НЕТ Воды")
	stream := bleveAnalyzer{NewAnalyzer()}.Analyze(input)
	if string(input) != "НЕТ Воды" {
		t.Errorf("the input became %q", input)
	}
	if len(stream) != 2 || string(stream[1].Term) != "вод" || stream[1].Position != 2 {
		t.Errorf("stream %v", stream)
	}
}

func FuzzTokens(f *testing.F) {
	for _, seed := range []string{
		"", "Нет воды!", "#Ямы_Дороги @ivan [id1|Имя] https://vk.com/x", "во\xffда \xd0", "🤬🏽👨‍👩‍👧🇷", "в0да BОДА еще\u0308",
		"a.b@c", "1️⃣ 5,7.д", "#\u0301а", "[id1|", "'а'б'", "0а0б0", "\u200d\u200d🤬\u200d", "www.", strings.Repeat("ъ", 200),
	} {
		f.Add(seed)
	}
	a := NewAnalyzer()
	f.Fuzz(func(t *testing.T, text string) { checkTokens(t, text, a.Tokens(nil, text)) })
}

func checkTokens(t *testing.T, text string, tokens []Token) {
	t.Helper()
	lastStart, lastPos := 0, 0
	for _, tok := range tokens {
		if tok.Start < lastStart || tok.End <= tok.Start || tok.End > len(text) {
			t.Fatalf("offsets %d–%d after %d in %d bytes", tok.Start, tok.End, lastStart, len(text))
		}
		if !atRune(text, tok.Start) || !atRune(text, tok.End) {
			t.Fatalf("offsets %d–%d cut a rune of %q", tok.Start, tok.End, text)
		}
		if tok.Pos < lastPos || tok.Pos < 1 {
			t.Fatalf("position %d after %d", tok.Pos, lastPos)
		}
		if tok.Term == "" || !utf8.ValidString(tok.Term) || !utf8.ValidString(tok.Form) {
			t.Fatalf("term %q, form %q", tok.Term, tok.Form)
		}
		lastStart, lastPos = tok.Start, tok.Pos
	}
}

// atRune says whether i lies between the runes that range reads from text.
func atRune(text string, i int) bool {
	if i == len(text) {
		return true
	}
	for at := range text[:min(len(text), i+utf8.UTFMax)] {
		if at == i {
			return true
		}
	}
	return false
}

func BenchmarkTokens(b *testing.B) {
	a, text := NewAnalyzer(), sampleText
	var tokens []Token
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		tokens = a.Tokens(tokens[:0], text)
	}
}

func BenchmarkBleveAnalyzer(b *testing.B) {
	a, text := bleveAnalyzer{NewAnalyzer()}, []byte(sampleText)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		a.Analyze(text)
	}
}

const sampleText = "Добрый день! На улице Садовой, дом 14, уже третий день нет горячей воды, в управляющей компании " +
	"трубку не берут, на аварийке говорят «ждите». Во дворе прорвало трубу, вода течёт прямо на тротуар, к вечеру " +
	"всё это замерзает. Когда наконец приедут и починят? #нетводы"
