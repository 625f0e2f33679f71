package planfile

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/sheet"
	"otklik/internal/social"
	"otklik/publisher"
)

func moscow(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func pages() []publisher.Page {
	return []publisher.Page{
		{ID: "vk", Network: social.VK, Title: "Город Приреченск", URL: "https://vk.com/prirechensk"},
		{ID: "tg", Network: social.Telegram, Title: "Приреченск. Главное", URL: "https://t.me/prirechensk_gorod"},
		{ID: "twin1", Network: social.VK, Title: "Школа № 5"},
		{ID: "twin2", Network: social.Telegram, Title: "Школа № 5"},
	}
}

func reader(t *testing.T, header ...string) Reader {
	t.Helper()
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	return Reader{
		Mapping: Suggest(header), Zone: moscow(t), Facts: publisher.Facts{Now: now, Pages: pages()},
		By: rights.Actor{ID: "press", Name: "Пресса", Roles: []rights.Role{rights.PressOfficer}},
	}
}

func read(t *testing.T, text string) Result {
	t.Helper()
	f, err := sheet.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := reader(t, f.Header...).Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEachMistakeIsNamedByRowAndColumn(t *testing.T) {
	t.Parallel()
	got := read(t, `Когда;Время;Площадка;Пост;Вопрос;Варианты
23.11.2026;14:05;Город Приреченск;Снег убран;;
32.13.2026;14:05;Город Приреченск;Дата не дата;;
23.11.2026;25:00;Город Приреченск;Время не время;;

23.11.2026;;Город Приреченск;Без времени;;
;14:05;Город Приреченск;Без даты;;
01.01.2020;14:05;Город Приреченск;В прошлом;;
23.11.2026;14:05;Город Н;Чужая страница;;
23.11.2026;14:05;;Без страницы;;
23.11.2026;14:05;Школа № 5;Какая из двух;;
23.11.2026;14:05;Город Приреченск;;;
23.11.2026;14:05;Город Приреченск;Опрос;Где каток?;
23.11.2026;14:05;Город Приреченск;Опрос;;Парк; Стадион
;;vk.com/prirechensk/;Черновик без даты;;
23.11.2026;14:05;Город Приреченск;Снег убран;;
`)
	var words []string
	for _, p := range got.Problems {
		words = append(words, p.Words())
	}
	want := []string{
		"Строка 3, столбец «Когда»: «32.13.2026» — не дата. Пишите день, месяц и год: 23.11.2026.",
		"Строка 4, столбец «Время»: «25:00» — не время. Пишите часы и минуты: 14:05.",
		"Строка 6, столбец «Когда»: у даты нет времени. Добавьте столбец со временем или пишите 23.11.2026 14:05.",
		"Строка 7, столбец «Время»: время есть, а даты нет. Напишите дату.",
		"Строка 8, столбец «Когда»: 01.01.2020 14:05 уже прошло. Выберите время в будущем.",
		"Строка 9, столбец «Площадка»: страницы «Город Н» нет в реестре. Сверьте название.",
		"Строка 10, столбец «Площадка»: страница не указана. Напишите название из реестра.",
		"Строка 11, столбец «Площадка»: страниц с названием «Школа № 5» несколько. Напишите адрес страницы.",
		"Строка 12, столбец «Пост»: текста нет. Напишите его.",
		"Строка 13, столбец «Варианты»: вопрос есть, а ответов нет. Напишите их через точку с запятой.",
		"Строка 14, столбец «Варианты»: ответы есть, а вопроса нет. Напишите вопрос.",
	}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Error(diff)
	}
	if len(got.Rows) != 2 || got.Known != 1 || got.Rows[0].Number != 2 || got.Rows[1].Number != 15 {
		t.Fatalf("%+v", got.Rows)
	}
	first, second := got.Rows[0].Draft.Post, got.Rows[1].Draft.Post
	if first.State != publisher.Draft || !first.At.Equal(time.Date(2026, 11, 23, 11, 5, 0, 0, time.UTC)) || first.AuthorID != "press" || !second.At.IsZero() || second.PageIDs()[0] != "vk" {
		t.Errorf("%+v %+v", first, second)
	}
}

func TestMapping(t *testing.T) {
	t.Parallel()
	m := Suggest([]string{"Ключ", "ТЕКСТ", "Каналы", "дата и время", "Прочее", "Теги", "Текст ВК"})
	want := Mapping{Key: 0, Text: 1, Pages: 2, Date: 3, Tags: 5, TextVK: 6}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	for _, lack := range []Field{Text, Pages} {
		m := Mapping{Text: 0, Pages: 1}
		delete(m, lack)
		r := reader(t)
		r.Mapping = m
		if _, err := r.Read(sheet.File{}); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", lack, err)
		}
	}
	for _, f := range Fields() {
		if f.Title() == "" {
			t.Errorf("%s has no title", f)
		}
	}
}

func TestDatesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)
	for _, s := range []string{"23.11.2026 14:05", "23.11.26 14:05", "2026-11-23 14:05", "2026-11-23T14:05:00", "23/11/2026 14.05", "23.11.2026,  14:05"} {
		if got, timed, ok := readDate(s, false, false); !ok || !timed || !got.Equal(want) {
			t.Errorf("%q: %v %v %v", s, got, timed, ok)
		}
	}
	for _, s := range []string{"завтра", "46349", "31.02.2026", "1.1.1900", "", "11.23.2026"} {
		if got, _, ok := readDate(s, false, false); ok {
			t.Errorf("%q: %v", s, got)
		}
	}
	for s, want := range map[string]string{"14:05": "14:05", "9.30": "09:30", "0.25": "00:25", "9:00:00": "09:00"} {
		if h, m, ok := readClock(s, false); !ok || time.Date(0, 1, 1, h, m, 0, 0, time.UTC).Format("15:04") != want {
			t.Errorf("%q: %d:%d %v", s, h, m, ok)
		}
	}
	if h, m, ok := readClock("0.25", true); !ok || h != 6 || m != 0 {
		t.Error("a quarter of a day in a workbook is six o'clock")
	}
}

// A workbook's own dates, in both ways of counting days.
func TestDatesOfAWorkbook(t *testing.T) {
	t.Parallel()
	for _, since1904 := range []bool{false, true} {
		f := excelize.NewFile()
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since1904}); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)
		for cell, v := range map[string]any{"A1": "Дата", "B1": "Страницы", "C1": "Текст", "A2": at, "B2": "Город Приреченск", "C2": "Снег"} {
			if err := f.SetCellValue("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		got := read(t, b.String())
		if len(got.Rows) != 1 || !got.Rows[0].Draft.Post.At.Equal(at.Add(-3*time.Hour)) {
			t.Errorf("from 1904 %v: %+v", since1904, got)
		}
	}
}

func TestWhatIsExportedIsReadAsItWas(t *testing.T) {
	t.Parallel()
	zone := moscow(t)
	rapid.Check(t, func(rt *rapid.T) {
		text := func(name string) string {
			return rapid.StringMatching(`[а-яА-Яё0-9=+"'.,!-]([а-яё "',.=\n]{0,20}[а-яё.])?`).Draw(rt, name)
		}
		p := publisher.Post{
			Number: 7, At: time.Date(2026, 12, 1, rapid.IntRange(0, 23).Draw(rt, "hour"), 15, 0, 0, time.UTC), Title: "Заголовок", Rubric: "ЖКХ", Tags: []string{"снег", "уборка"},
			Content: publisher.Content{
				Text: text("text"), Versions: map[social.Network]string{social.Telegram: "в" + text("tg")},
				Poll: &publisher.PollForm{Question: "Где каток?", Options: []string{"Парк", "Стадион"}},
			},
			Targets: []publisher.Target{{PageID: "vk"}, {PageID: "tg"}},
		}
		table := Export([]publisher.Post{p}, pages(), ru.NewClock(zone))
		for i, c := range table.Columns { // as a colleague's new row
			if c == Key.Title() {
				table.Rows[0][i] = sheet.Text("")
			}
		}
		for _, write := range []func(*bytes.Buffer) error{
			func(b *bytes.Buffer) error { return sheet.WriteCSV(b, table) }, func(b *bytes.Buffer) error { return sheet.WriteXLSX(b, table) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				rt.Fatal(err)
			}
			f, err := sheet.Read(b.Bytes())
			if err != nil {
				rt.Fatal(err)
			}
			out, err := reader(t, f.Header...).Read(f)
			if err != nil || len(out.Rows) != 1 {
				rt.Fatalf("%+v %v", out.Problems, err)
			}
			got := out.Rows[0].Draft.Post
			if !got.At.Equal(p.At) || got.Title != p.Title || !slices.Equal(got.Tags, p.Tags) || !slices.Equal(got.PageIDs(), p.PageIDs()) ||
				norm(got.Content.Text) != norm(p.Content.Text) || norm(got.Content.Source(social.Telegram)) != norm(p.Content.Source(social.Telegram)) || got.Content.Poll.Question != p.Content.Poll.Question {
				rt.Fatalf("%+v, want %+v", got, p)
			}
		}
	})
}

func norm(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

func TestARowChangesItsOwnDraft(t *testing.T) {
	t.Parallel()
	const file = "Страницы;Текст;Дата;Ключ строки\nГород Приреченск;%s;01.11.2026 10:00;otklik-7\nГород Приреченск;Лёд;;своё-1\nГород Приреченск;Лёд и снег;;своё-1\n;x;;otklik-8\n"
	post := publisher.Post{
		ID: "p", Number: 7, Version: 2, State: publisher.Draft, AuthorID: "press", At: time.Date(2026, 11, 1, 7, 0, 30, 0, time.UTC), Rubric: "ЖКХ",
		Content: publisher.Content{Text: "Снег", Media: []publisher.Media{{Kind: publisher.Photo, Hash: "a", Alt: "двор"}}},
		Targets: []publisher.Target{{PageID: "vk", Network: social.VK, State: publisher.Waiting}},
	}
	look := func(text string, p publisher.Post) Result {
		f, err := sheet.Read([]byte(strings.Replace(file, "%s", text, 1)))
		if err != nil {
			t.Fatal(err)
		}
		r := reader(t, f.Header...)
		if keys := r.Keys(f); !slices.Equal(keys, []string{"otklik-7", "своё-1", "своё-1", "otklik-8"}) {
			t.Fatal(keys)
		}
		r.Posts = map[string]publisher.Post{"otklik-7": p}
		out, err := r.Read(f)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	got := look("Снег", post)
	if got.Known != 2 || len(got.Rows) != 1 || got.Rows[0].Key != "своё-1" || len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Words(), "поста с таким ключом нет") {
		t.Errorf("as it was: %+v", got)
	}
	got = look("Снег убран", post)
	if len(got.Rows) != 2 || got.Rows[0].Post.ID != "p" || len(got.Rows[0].Change) != 1 {
		t.Fatalf("another text: %+v", got)
	}
	w, ok := got.Rows[0].Change[0].(publisher.Write)
	if !ok || w.Content.Text != "Снег убран" || len(w.Content.Media) != 1 || w.Rubric != "ЖКХ" {
		t.Errorf("what has no column is lost: %+v", w)
	}
	post.State = publisher.Approved
	got = look("Снег убран", post)
	if len(got.Rows) != 1 || len(got.Problems) != 2 || got.Problems[0].Words() != "Строка 2: пост № 7 уже в состоянии «Согласовано», из файла его не меняем. Откройте его в плане." {
		t.Errorf("approved: %+v", got)
	}
	if got = look("Снег", post); got.Known != 2 {
		t.Errorf("approved and the same: %+v", got)
	}
}

func TestThePreflightOfARowIsToldByItsNumber(t *testing.T) {
	t.Parallel()
	got := read(t, "Страницы;Текст\nГород Приреченск;Звоните 8 (912) 345-67-89\nПриреченск. Главное;"+strings.Repeat("я", 4097)+"\n")
	if len(got.Rows) != 2 || len(got.Notes) != 2 || !strings.HasPrefix(got.Notes[0].Words(), "Строка 2: Похоже на личные данные") || !strings.HasPrefix(got.Notes[1].Words(), "Строка 3: Telegram: текст длиннее") {
		t.Errorf("%+v", got.Notes)
	}
}

func FuzzRow(f *testing.F) {
	f.Add("23.11.2026", "14:05", "Город Приреченск", "Текст")
	f.Fuzz(func(t *testing.T, day, clock, page, text string) {
		r := reader(t)
		r.Mapping = Mapping{Date: 0, Time: 1, Pages: 2, Text: 3}
		out, err := r.Read(sheet.File{Header: []string{"а", "б", "в", "г"}, Rows: []sheet.Row{{Number: 2, Cells: []string{day, clock, page, text}}}})
		if err != nil || len(out.Rows)+len(out.Problems) == 0 {
			t.Fatalf("%+v %v", out, err)
		}
		for _, p := range out.Problems {
			if p.Row != 2 || p.Text == "" {
				t.Fatalf("%+v", p)
			}
		}
	})
}
