package answers_test

import (
	"strings"
	"testing"

	"otklik/incidents/answers"
	"otklik/internal/errs"

	"pgregory.net/rapid"
)

func TestTemplatesOfACaseComeClosestFirst(t *testing.T) {
	t.Parallel()
	list := []answers.Template{
		{ID: "all"}, {ID: "topic", TopicID: "snow"}, {ID: "fact", FactID: "yama"}, {ID: "other", TopicID: "water"}, {ID: "far", FactID: "lift"},
	}
	var got []string
	for _, x := range answers.For(list, "snow", "yama") {
		got = append(got, x.ID)
	}
	if s := strings.Join(got, " "); s != "fact topic all" {
		t.Errorf("got %q", s)
	}
	if out := answers.For(list, "", ""); len(out) != 1 || out[0].ID != "all" {
		t.Errorf("a case of no topic is offered %v", out)
	}
}

func TestBracesAreFilledWhereTheCaseKnows(t *testing.T) {
	t.Parallel()
	text := answers.Fill("Здравствуйте, {Имя}! На {место} приедут до {срок}. {а {б}", map[string]string{"имя": "Анна", "место": "улице Мира"})
	if text != "Здравствуйте, Анна! На улице Мира приедут до {срок}. {а {б}" {
		t.Error(text)
	}
	var left []string
	for _, b := range answers.Blanks(text) {
		left = append(left, text[b.From:b.To])
	}
	if s := strings.Join(left, " "); s != "{срок} {б}" {
		t.Errorf("left %q", s)
	}
	for author, want := range map[string]string{"Анна Петрова": "Анна", "kotik88": "", "Кот88": "", "анна": "", "": "", "Я": "", " Пётр": "Пётр"} {
		if got := answers.FirstName(author); got != want {
			t.Errorf("%q is addressed as %q, want %q", author, got, want)
		}
	}
}

func TestWhatMustNotBePublic(t *testing.T) {
	t.Parallel()
	w := answers.Words{Contacts: []string{"8 (383) 222-11-00", "Priem@Agency.example"}}
	for text, want := range map[string]string{
		"Вам позвонят по +7 912 345-67-89":                   "телефон",
		"Пришлите на ivan@mail.example и 8-912-345-67-89":    "электронная почта, телефон",
		"Мастер придёт в кв. 12":                             "адрес с квартирой",
		"Ваш диагноз подтверждён":                            "сведения о здоровье",
		"Звоните +7 383 222 11 00 или priem@agency.example.": "",
		"Сделаем до {срок}":                                  "фигурных скобках",
		"Сделаем до 30 ноября":                               "",
	} {
		err := w.Refuse(text)
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		if errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), want) {
			t.Errorf("%q: %v, want a refusal because of %q", text, err, want)
		}
		if said := errs.MessageOf(err); strings.Contains(said, "345") || strings.Contains(said, "ivan@") {
			t.Errorf("the refusal repeats what is personal: %s", said)
		}
	}
}

func TestWordsAreCleaned(t *testing.T) {
	t.Parallel()
	w, err := answers.Words{Abbreviations: []string{"ТОС", " ТОС ", ""}, Contacts: []string{"8 (383) 222-11-00", "+7 383 222-11-00"}}.Clean()
	if err != nil || len(w.Abbreviations) != 1 || len(w.Contacts) != 1 {
		t.Errorf("%+v, %v", w, err)
	}
	for _, bad := range []answers.Words{{Abbreviations: []string{"два слова"}}, {Contacts: []string{"спросите Машу"}}, {Contacts: []string{"112-233-445 95"}}} {
		if _, err := bad.Clean(); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%+v is taken: %v", bad, err)
		}
	}
	for _, bad := range []answers.Template{{Text: "а"}, {Title: "а"}, {Title: strings.Repeat("я", 121), Text: "а"}, {Title: "а", Text: strings.Repeat("я", 4001)}} {
		if _, err := bad.Clean(); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%.20v is taken: %v", bad, err)
		}
	}
}

// Whatever is filled in and however often: what is known leaves no braces of
// its name behind, and what is not stays.
func TestFillingIsWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom(answers.Names()), 1, 8).Draw(t, "names")
		var b strings.Builder
		for _, n := range names {
			b.WriteString(rapid.StringMatching(`[а-я .!]{0,10}`).Draw(t, "between") + "{" + n + "}")
		}
		known := map[string]string{"имя": "Анна", "тема": "Снег"}
		left := 0
		for _, n := range names {
			if known[n] == "" {
				left++
			}
		}
		if out := answers.Fill(b.String(), known); len(answers.Blanks(out)) != left {
			t.Fatalf("%q leaves %d, want %d", out, len(answers.Blanks(out)), left)
		}
	})
}
