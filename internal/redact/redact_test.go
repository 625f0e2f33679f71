package redact

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFind(t *testing.T) {
	t.Parallel()
	f := New()
	for text, want := range map[string]string{
		// Phones, however they are written.
		"Звоните +7 (912) 345-67-89, Анна": "phone:+7 (912) 345-67-89",
		"тел. 8-912-345-67-89.":            "phone:8-912-345-67-89",
		"89123456789":                      "phone:89123456789",
		"912 345 67 89":                    "phone:912 345 67 89",
		"+7\u00a0383\u00a0222-11-00":       "phone:+7\u00a0383\u00a0222-11-00",
		"горячая линия 8 800 100-00-00":    "",
		"звоните 112 или 102":              "",
		"с 10 до 18, перерыв 13-14":        "",
		// E-mail.
		"пишите ivan.petrov@mail.ru!": "email:ivan.petrov@mail.ru",
		"почта иван@почта.рф":         "email:иван@почта.рф",
		"@nash_gorod и a@b":           "",
		// СНИЛС: by its check digits.
		"СНИЛС 112-233-445 95": "snils:112-233-445 95",
		"112-233-445 96":       "",
		"снилс: 11223344595":   "snils:11223344595",
		"счёт 11223344595":     "",
		"СНИЛС 001-001-998 00": "snils:001-001-998 00",
		"СНИЛС 000-000-000 00": "",
		"087-654-303 00 снилс": "snils:087-654-303 00",
		// ИНН of a person.
		"ИНН 500100732259":           "inn:500100732259",
		"ИНН 500100732250":           "",
		"ИНН организации 7707083893": "",
		"ОГРН 1027700132195":         "",
		// Passport.
		"паспорт 4005 123456":     "passport:4005 123456",
		"серия 40 05 № 123456":    "passport:40 05 № 123456",
		"40 05 123456":            "passport:40 05 123456",
		"лицевой счёт 4005123456": "",
		"договор № 4005123456":    "",
		// Cards.
		"карта 4111 1111 1111 1111": "card:4111 1111 1111 1111",
		"2200 0000 0000 0004":       "card:2200 0000 0000 0004",
		"4111 1111 1111 1112":       "",
		"р/с 40702810900000000001":  "",
		// Addresses with a flat.
		"ул. Мира, д. 5, кв. 12":             "address:ул. Мира, д. 5, кв. 12",
		"на улице Ленина, дом 7 квартира 3.": "address:улице Ленина, дом 7 квартира 3",
		"проспект Мира, 10, кв.15":           "address:проспект Мира, 10, кв.15",
		"ул. Мира, д. 5":                     "",
		"площадь дома 50 кв. метров":         "",
		"в доме 120 квартир":                 "",
		"Приходите в кв. 12 завтра":          "address:кв. 12",
		"в квартире № 7 течёт":               "address:квартире № 7",
		"план на 1 кв. 2026 года":            "",
		"во II кв. 2026":                     "",
		"площадь 50 кв.м":                    "",
		"в квартире 3 комнаты":               "",
		// Health beside a person.
		"Ваш диагноз подтвердили.":                                    "health:диагноз",
		"Иванову Петру Сергеевичу с инсультом дали":                   "health:инсультом",
		"У вашей мамы инвалидность 2 группы, ей":                      "health:инвалидность 2 группы",
		"Ребёнка госпитализировали":                                   "health:госпитализировали",
		"Ваша мама: ВИЧ.":                                             "health:ВИЧ",
		"Здравствуйте, Анна Петровна! Пандус для инвалидов построят.": "",
		"Кабинет диабета открыт с 8 до 20":                            "",
		"ваш ракурс": "",
		// Parts of something else.
		"https://vk.com/wall-79123456789_1": "",
		"https://vk.com/id79123456789":      "",
		"#89123456789":                      "",
		"A89123456789":                      "",
		// Several.
		"Анна, 89123456789, anna@mail.ru": "phone:89123456789 email:anna@mail.ru",
		"":                                "",
	} {
		var got []string
		for _, x := range f.Find(text) {
			got = append(got, string(x.Kind)+":"+text[x.Start:x.End])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := f.Hide("Анна, 89123456789, ул. Мира, д. 5, кв. 12!"); got != "Анна, [телефон], [адрес с квартирой]!" {
		t.Error(got)
	}
	for _, k := range Kinds() {
		if k.Title() == "" {
			t.Errorf("%s has no name", k)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"8 912 345-67-89", "ул. Мира, кв. 5", "a@b.ru", "112-233-445 95", "4111111111111111", "\xff№ 12", "паспорт\u00a01234567890"} {
		f.Add(s)
	}
	finder := New()
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip("longer texts only take longer")
		}
		at := 0
		for _, x := range finder.Find(text) {
			if x.Start < at || x.End <= x.Start || x.End > len(text) {
				t.Fatalf("%+v in %q", x, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[x.Start:x.End]) {
				t.Fatalf("%+v cuts a sign of %q", x, text)
			}
			at = x.End
		}
		if hidden := finder.Hide(text); len(finder.Find(hidden)) > len(finder.Find(text)) {
			t.Fatalf("hiding in %q shows more in %q", text, hidden)
		}
	})
}
