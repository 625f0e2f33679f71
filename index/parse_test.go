package index

import (
	"errors"
	"strings"
	"testing"

	"otklik/internal/errs"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseCanonical(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"вода":                      "вода",
		" нет   воды ":              "нет воды",
		"нет И воды":                "нет воды",
		"нет, воды!":                "нет воды",
		"нет — воды":                "нет воды",
		"вода ИЛИ свет":             "вода | свет",
		"вода | свет нет":           "вода | (свет нет)",
		"(вода | свет) нет":         "(вода | свет) нет",
		"((вода))":                  "вода",
		"вода НЕ новости":           "вода -новости",
		"вода -(новости | афиша)":   "вода -(новости | афиша)",
		"«вывоз  мусора»":           `"вывоз мусора"`,
		"„вывоз =мусора“":           `"вывоз =мусора"`,
		`="не работает"`:            `"=не =работает"`,
		"=Вода":                     "=Вода",
		"канализ*":                  "канализ*",
		"нет /3 воды":               "нет /3 воды",
		"(нет | нету) /3 воды двор": "(нет | нету) /3 воды двор",
		"из-за ям":                  "из-за ям",
		"не работает лифт":          "не работает лифт",
		"лифт И, не":                "лифт и не",
		"#нетводы 🤬":                "#нетводы 🤬",
		"вода OR свет AND NOT газ":  "вода | (свет -газ)",
	} {
		expr, err := Parse(in)
		if err != nil {
			t.Errorf("Parse(%q): %v", in, err)
			continue
		}
		if got := expr.String(); got != want {
			t.Errorf("Parse(%q) is %q, want %q", in, got, want)
		}
		again, err := Parse(expr.String())
		if err != nil || !cmp.Equal(expr, again, cmp.AllowUnexported(Expr{}, wordExpr{}, phraseExpr{}, nearExpr{}, andExpr{}, orExpr{}, notExpr{})) {
			t.Errorf("%q does not come back from its own spelling %q: %v", in, expr, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                           "Правило пустое, напишите хотя бы одно слово, знак 1.",
		"  . ":                       "Правило пустое, напишите хотя бы одно слово, знак 1.",
		`вода "вывоз мусора`:         "Не закрыта кавычка, знак 6.",
		"(вода":                      "Не закрыта скобка, знак 1.",
		"вода)":                      "Лишняя закрывающая скобка, знак 5.",
		"()":                         "Здесь не хватает слова, знак 2.",
		"вода | | свет":              "Здесь не хватает слова, знак 8.",
		"вода |":                     "Здесь не хватает слова, знак 7.",
		"-вода":                      "Правило только исключает слова, добавьте хотя бы одно слово, которое должно быть, знак 1.",
		"вода | -свет":               "Правило только исключает слова, добавьте хотя бы одно слово, которое должно быть, знак 1.",
		"вода - свет":                "Минус пишут вплотную к слову, которого быть не должно, знак 6.",
		"вода НЕ НЕ свет":            "Два отрицания подряд, знак 9.",
		"вода /0 свет":               "После косой черты нужно расстояние в словах, от 1 до 50, знак 6.",
		"вода /x свет":               "После косой черты нужно расстояние в словах, от 1 до 50, знак 6.",
		"нет /3 воды /3 тут":         "Расстояние указывают только между двумя словами, знак 13.",
		"нет /3 (а б)":               "Расстояние бывает только между словами, фразами и их перечнями через «|», знак 8.",
		"во*":                        "Перед звёздочкой нужны хотя бы три буквы одного слова, знак 1.",
		"=вода*":                     "Точная форма и звёздочка вместе не бывают, знак 1.",
		"в*да":                       "Непонятный знак в слове «в*да», знак 1.",
		"вода~1":                     "Непонятный знак в слове «вода~1», знак 1.",
		"см https://vk.com":          "В «https://vk.com» нет слова, которое можно искать, знак 4.",
		`"вывоз мус*"`:               "Внутри кавычек звёздочка не работает, вынесите слово из кавычек, знак 1.",
		`вода ""`:                    "В кавычках нет ни одного слова, знак 6.",
		strings.Repeat("(", 13):      "Больше 12 скобок одна в другой, знак 13.",
		strings.Repeat("вода ", 401): "В правиле больше 400 слов, разделите его на несколько, знак 2001.",
		strings.Repeat("в", 4001):    "Правило длиннее 4000 знаков, разделите его на несколько, знак 4000.",
		strings.Repeat("а", 65):      "Слово длиннее 64 букв, так никто не пишет, знак 1.",
		"вода \xff":                  "Правило записано не в UTF-8, знак 1.",
		"вода (свет | (газ -труба) | ": "Здесь не хватает слова, знак 29.",
	} {
		_, err := Parse(in)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || errs.CodeOf(err) != errs.Invalid || errs.MessageOf(err) != want {
			t.Errorf("Parse(%.40q): %q, want %q", in, errs.MessageOf(err), want)
		}
	}
}

func TestParseRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spelled := genExpr(vocabulary).Draw(t, "rule")
		expr, err := Parse(spelled)
		if err != nil {
			t.Fatalf("%q: %v", spelled, err)
		}
		again, err := Parse(expr.String())
		if err != nil || again.String() != expr.String() {
			t.Fatalf("%q is spelled %q, which is spelled %q: %v", spelled, expr, again, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`нет /3 (воды | "света в доме") -новости`, "=вода канализ*", "«а» ИЛИ “б”", "((((", "-", "/5", "#тег 🤬", "И, ИЛИ", "=-в", `"-а (б"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		expr, err := Parse(text)
		if err != nil {
			if errs.MessageOf(err) == "" {
				t.Fatal("an error without a sentence")
			}
			return
		}
		spelled := expr.String()
		if len(spelled) > 3*len(text)+16 {
			t.Fatalf("%q grew to %q", text, spelled)
		}
		again, err := Parse(spelled)
		if runeCount(spelled) > MaxExprLen {
			return
		}
		if err != nil || again.String() != spelled {
			t.Fatalf("%q is spelled %q, which is spelled %q: %v", text, spelled, again, err)
		}
		if _, failed := Compile([]Rule{{ID: "r", Expr: text}}); failed != nil {
			t.Fatalf("%q parses and does not compile: %v", text, failed)
		}
	})
}
