package rubricator

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/errs"
)

func TestStarterTreeIsRichAndWhole(t *testing.T) {
	t.Parallel()
	r := Starter()
	categories, fast := map[string]bool{}, 0
	for _, f := range r.Facts {
		categories[f.Category] = true
		if f.Fast {
			fast++
			if f.Hours > 72 {
				t.Errorf("%s is fast and has %d hours", f.ID, f.Hours)
			}
		}
		if f.TopicID == "" || f.AnswerID == "" || len(f.Required) == 0 {
			t.Errorf("%s lacks a topic, an answer or what has to be known: %+v", f.ID, f)
		}
		if f.Hours > 30*24 {
			t.Errorf("%s has %d hours, more than the thirty days of the law", f.ID, f.Hours)
		}
	}
	if len(categories) < 20 || len(r.Facts) < 150 || fast < 30 {
		t.Errorf("%d categories, %d facts, %d of them fast", len(categories), len(r.Facts), fast)
	}
	for _, a := range r.Answers {
		if !strings.HasPrefix(a.Text, "Здравствуйте, {имя}!\n") || !strings.Contains(a.Text, "\n") {
			t.Errorf("the answer %s does not greet: %q", a.ID, a.Text)
		}
	}
	f, ok := r.Fact("dorogi.pokrytie.yama")
	want := Fact{
		ID: "dorogi.pokrytie.yama", Category: "Дороги", Subcategory: "Покрытие проезжей части", Name: "Яма или выбоина на дороге",
		DepartmentID: "dorogi", TopicID: "yamy", Hours: 240, Required: []Field{Address, Photo}, AnswerID: "raboty",
	}
	if diff := cmp.Diff(want, f); !ok || diff != "" {
		t.Errorf("a fact does not inherit as it should (-want +got):\n%s", diff)
	}
	if len(r.OfTopic("lift")) < 3 {
		t.Error("lifts have fewer than three facts")
	}
}

func TestTableHoldsTheTree(t *testing.T) {
	t.Parallel()
	r := Starter()
	var b bytes.Buffer
	if err := r.Export(&b); err != nil {
		t.Fatal(err)
	}
	comma := b.String()
	again, err := r.Import(strings.NewReader("\uFEFF" + comma))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("export and import change the tree:\n%s", diff)
	}
}

func TestTableWithSemicolonsAndOtherOrder(t *testing.T) {
	t.Parallel()
	r := Starter()
	out, err := r.Import(strings.NewReader("Срок, часов;факт;код;отдел;категория;подкатегория;быстро\n48;Свет мигает;a.b.c;svet;Свет;;да\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Fact{ID: "a.b.c", Category: "Свет", Name: "Свет мигает", DepartmentID: "svet", Hours: 48, Fast: true}
	if diff := cmp.Diff([]Fact{want}, out.Facts); diff != "" {
		t.Error(diff)
	}
}

func TestMistakesNameTheLine(t *testing.T) {
	t.Parallel()
	for text, part := range map[string]string{
		"":           "нет ни одного факта",
		"факт a = Б": "строка 1",
		"# так\nкатегория a = А\nулица":                   "строка 3: нужно",
		"категория a = А; цвет синий":                     "непонятное свойство «цвет»",
		"категория a = А; срок вчера":                     "срок — число часов",
		"категория a = А; нужно луна":                     "нет поля «луна»",
		"категория a = А; ответ нет":                      "нет ответа «нет»",
		"категория a = А; отдел":                          "нет значения",
		"    отступ":                                      "отступ",
		"категория a = А\nподкатегория b = Б\nфакт c = В": "нет отдела или срока",
		"категория a = А; отдел x; срок 2\nподкатегория b = Б\nфакт c = В\nфакт c = Г": "второй раз",
		"категория a.b = А": "не бывает",
	} {
		_, err := Parse(text)
		if errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), part) {
			t.Errorf("%q gives %q, want %q in it", text, errs.MessageOf(err), part)
		}
	}
	r := Starter()
	head := "код,категория,подкатегория,факт,отдел,\"срок, часов\",быстро,нужно,ответ\n"
	for text, part := range map[string]string{
		"":                      "нет столбца",
		"код,факт\n":            "нет столбца «категория»",
		head:                    "ни одной строки",
		head + "a,А,,Ф,x,,,,\n": "Строка 2: срок",
		head + "a,А,,Ф,x,5,,,\na,А,,Ф,x,5,,,\n": "Строка 3: код «a» встречается второй раз",
		head + "a,А,,,x,5,,,\n":                 "пуст столбец «факт»",
		head + "a,А,,Ф,x,5,наверно,,\n":         "«да» или «нет»",
		head + "a,А,,Ф,x,5,,луна,\n":            "нет поля «луна»",
		head + "a,А,,Ф,x,5,,,некий\n":           "нет ответа «некий»",
	} {
		_, err := r.Import(strings.NewReader(text))
		if errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), part) {
			t.Errorf("%q gives %q, want %q in it", text, errs.MessageOf(err), part)
		}
	}
}

func TestMappingTellsWhatLeadsNowhere(t *testing.T) {
	t.Parallel()
	r := Starter()
	m, report, err := r.ReadMapping(strings.NewReader("код;код классификатора;название классификатора\n" +
		"dorogi.pokrytie.yama;0003.1;Дороги\ndorogi.pokrytie.yama;0003.2;Другое\nnet.takogo.fakta;1;Что-то\ndorogi.pokrytie.proval;;\n"))
	if err != nil {
		t.Fatal(err)
	}
	if m["dorogi.pokrytie.yama"].Code != "0003.1" || report.Mapped != 1 || len(report.Missing) != len(r.Facts)-1 {
		t.Errorf("%d mapped, %d missing", report.Mapped, len(report.Missing))
	}
	if diff := cmp.Diff([]string{"net.takogo.fakta"}, report.Unknown); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"dorogi.pokrytie.yama"}, report.Repeated); diff != "" {
		t.Error(diff)
	}
	var b bytes.Buffer
	if err := r.ExportMapping(&b, m); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "не сопоставлено"); got != len(r.Facts)-1 {
		t.Errorf("%d lines say «не сопоставлено», want %d", got, len(r.Facts)-1)
	}
	again, second, err := r.ReadMapping(&b)
	if err != nil || cmp.Diff(m, again) != "" || second.Mapped != 1 {
		t.Errorf("the exported mapping does not read back: %v %v", again, err)
	}
}
