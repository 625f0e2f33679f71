package index

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/table"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The analyzer as bleve would build it of parts: a tokenizer that goes over
// the text rune by rune, then filters, each of which handles every token anew.

const (
	typeTag analysis.TokenType = 100 + iota
	typeEmoji
)

type plainTokenizer struct{}

func (plainTokenizer) Tokenize(input []byte) (stream analysis.TokenStream) {
	text := string(input)
	pos := 0
	for scan := (scanner{text: text}); ; {
		p, ok := scan.next()
		if !ok {
			return stream
		}
		if !p.joined {
			pos++
		}
		if p.kind == pieceAside {
			continue
		}
		token := &analysis.Token{Term: []byte(text[p.start:p.end]), Start: p.start, End: p.end, Position: pos}
		switch p.kind {
		case pieceTag:
			token.Type = typeTag
		case pieceEmoji:
			token.Type = typeEmoji
		}
		stream = append(stream, token)
	}
}

// plainFilter applies do to the terms of the tokens it is for.
type plainFilter struct {
	isFor func(analysis.TokenType) bool
	do    func(string) string
}

func (f plainFilter) Filter(stream analysis.TokenStream) analysis.TokenStream {
	for _, token := range stream {
		if f.isFor(token.Type) {
			token.Term = []byte(f.do(string(token.Term)))
		}
	}
	return stream
}

// plainTypes leaves out empty terms and names the types as bleve does.
type plainTypes struct{}

func (plainTypes) Filter(stream analysis.TokenStream) (out analysis.TokenStream) {
	for _, token := range stream {
		if token.Type = tokenType(string(token.Term)); len(token.Term) > 0 {
			out = append(out, token)
		}
	}
	return out
}

func plainChain() analysis.Analyzer {
	words := func(t analysis.TokenType) bool { return t == analysis.AlphaNumeric }
	only := func(want analysis.TokenType) func(analysis.TokenType) bool {
		return func(t analysis.TokenType) bool { return t == want }
	}
	return &analysis.DefaultAnalyzer{
		Tokenizer: plainTokenizer{},
		TokenFilters: []analysis.TokenFilter{
			plainFilter{only(typeTag), func(s string) string { return "#" + fold(s[1:]) }},
			plainFilter{only(typeEmoji), bareEmoji},
			plainFilter{words, fold},
			plainFilter{words, newStemmer().term},
			plainTypes{},
		},
	}
}

// samePlain compares the two ways token by token.
func samePlain(t interface {
	Helper()
	Fatalf(string, ...any)
}, plain, fast analysis.Analyzer, text string,
) {
	t.Helper()
	want, got := plain.Analyze([]byte(text)), fast.Analyze([]byte(text))
	if len(want) != len(got) {
		t.Fatalf("%d tokens instead of %d in %q:\n%v\n%v", len(got), len(want), text, got, want)
	}
	for i := range want {
		w, g := want[i], got[i]
		if string(w.Term) != string(g.Term) || w.Start != g.Start || w.End != g.End || w.Position != g.Position || w.Type != g.Type {
			t.Fatalf("token %d is %+v instead of %+v in %q", i, g, w, text)
		}
	}
}

func FuzzFastAnalysisIsThePlainChain(f *testing.F) {
	for _, seed := range []string{
		"", "Нет воды!", "дома.Когда из-за vk.com/x см.vk.com a@b.ru вода@", "#Ямы_Дороги @ivan [id1|Имя] https://vk.com/x",
		"во\xffда \xd0", "\xd0", "вода\xd1", "🤬🏽👨‍👩‍👧🇷", "в0да BОДА еще\u0308 16этаж д5", "1️⃣ 5,7.д 12.04.2025, 5⃣", "«вода» — лёд… „а“ “б”",
		"вода\u00adвоз\u200bка вода\u2019езд под'езд`", "\u00a0вода\u00a0\u2028\u0483вода\u0483", "..вода..рф", "дом.рф дом-рф.рф+", "%вода%_x", "ёЁѐ҃",
		strings.Repeat("ъ", 200), "привет_мир", "100%вода", "ВОДАвода вода,Вода(вода)вода", "приветкак_дела@mail.ru", "12,5 12, 5 12.5.",
	} {
		f.Add(seed)
	}
	plain, fast := plainChain(), bleveAnalyzer{newAnalyzer(8, 64)}
	f.Fuzz(func(t *testing.T, text string) { samePlain(t, plain, fast, text) })
}

func TestFastAnalysisIsThePlainChain(t *testing.T) {
	t.Parallel()
	plain, fast := plainChain(), bleveAnalyzer{newAnalyzer(8, 1024)}
	signs := []rune("аяёЯЁйъьabZ09.,-_+%@#['`’ʼ \n«»—…„“\u00a0\u00ad\u0301\u0308\u0483\u200b\u200d\u2028/:?!()🤬❄️\ufe0f1⃣Ѐѿ҂Ҋ漢\ufffd")
	rapid.Check(t, func(t *rapid.T) {
		samePlain(t, plain, fast, string(rapid.SliceOfN(rapid.SampledFrom(signs), 0, 40).Draw(t, "text")))
	})
	words := genText(cityWords)
	rapid.Check(t, func(t *rapid.T) { samePlain(t, plain, fast, words.Draw(t, "text")) })
}

// corpora finds real texts, which are for measuring and no part of the project.
func corpora(t *testing.T) map[string]string {
	t.Helper()
	dir := os.Getenv("OTKLIK_DATA")
	if dir == "" {
		at, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for ; dir == "" && at != filepath.Dir(at); at = filepath.Dir(at) {
			if data := filepath.Join(at, "shared", "data"); isDir(data) {
				dir = data
			}
		}
	}
	if dir == "" {
		t.Skip("skipped: no folder shared/data above the project and no OTKLIK_DATA, so there are no real texts")
	}
	return map[string]string{
		filepath.Join(dir, "spb_cases_dev.csv.gz"): "text", filepath.Join(dir, "kursk_dev.csv.gz"): "text_html",
		filepath.Join(dir, "city_comments_labelled_dev.tsv.gz"): "text", filepath.Join(dir, "city_comments_unlabelled.tsv.gz"): "text",
		filepath.Join(dir, "city_posts_dev.csv.gz"): "text", filepath.Join(dir, "telegram_posts_dev.csv.gz"): "text",
		filepath.Join(dir, "vk_posts_dev.csv.gz"): "text", filepath.Join(dir, "vk_media_comments_dev.csv.gz"): "text",
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// everyNth keeps the tests over real texts quick; OTKLIK_CORPORA=full reads all.
func everyNth() int {
	if os.Getenv("OTKLIK_CORPORA") == "full" {
		return 1
	}
	return 20
}

func TestFastAnalysisIsThePlainChainOnRealTexts(t *testing.T) {
	t.Parallel()
	fast := bleveAnalyzer{NewAnalyzer()}
	for path, column := range corpora(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			texts, err := table.Column(path, column, 0)
			if err != nil {
				t.Skipf("skipped: %v", err)
			}
			plain := plainChain()
			for i := 0; i < len(texts); i += everyNth() {
				samePlain(t, plain, fast, texts[i])
			}
			t.Logf("%d texts", len(texts)/everyNth())
		})
	}
}

func TestVocabularyKeepsFormsApart(t *testing.T) {
	t.Parallel()
	letters := []rune("аб")
	a := newAnalyzer(4, 1<<14)
	rapid.Check(t, func(t *rapid.T) {
		// Forms of all lengths around the places where keys are cut.
		form := string(rapid.SliceOfN(rapid.SampledFrom(letters), 1, 40).Draw(t, "form"))
		got := a.Tokens(nil, form)
		want := word{form: fold(form)}
		want.term = a.stemmer.term(want.form)
		if len(got) != 1 || cmp.Diff([]string{want.form, want.term}, []string{got[0].Form, got[0].Term}) != "" {
			t.Fatalf("%q reads as %+v, not %+v", form, got, want)
		}
	})
}
