package wording_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"otklik/incidents/wording"

	"pgregory.net/rapid"
)

const message = "На улице Мира у дома 5 огромная яма, колесо пробил! Когда заделаете?"

func missed(a wording.Answer) []wording.Point {
	var list []wording.Point
	for _, r := range wording.Check(a) {
		if !r.OK {
			list = append(list, r.Point)
		}
	}
	return list
}

func TestWhatAnAnswerMisses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text string
		want []wording.Point
	}{
		{"Здравствуйте, Анна! Яму на улице Мира у дома 5 засыплет до 30 ноября городское управление дорог. Телефон мастера — на странице управления.", nil},
		{"Добрый день! Яму у дома 5 на Мира засыпали сегодня утром, работала бригада управления дорог.", nil},
		{"Уважаемая Анна, яму заделали, за качество отвечает подрядчик «Дорожник». Приносим извинения.", nil},
		{"Здравствуйте! Ваше обращение передано в управление, вопрос взят на контроль.", []wording.Point{wording.ToThePoint, wording.Action, wording.Term, wording.Substance}},
		{"Яму заделают до 30.11.2026, отвечает отдел дорог администрации.", []wording.Point{wording.Polite}},
		{"Здравствуйте! Яму на улице Мира заделают до 30.11.2026, отвечает МУП ГДС.", []wording.Point{wording.SpeltOut}},
		{"Здравствуйте! Яму на Мира заделает муниципальное предприятие «Городские дороги» (МПГД) до конца недели, МПГД уже закупил асфальт.", nil},
		{"Здравствуйте! В целях обеспечения безопасности отдел дорог осуществляет ремонт ямы на улице Мира, её заделают до 5 декабря.", []wording.Point{wording.Plain}},
		{"Спасибо!", []wording.Point{wording.Polite, wording.ToThePoint, wording.Action, wording.Responsible, wording.Term, wording.Substance}},
		{"Здравствуйте! Концерт в парке проведёт отдел культуры в декабре, приходите всей семьёй.", []wording.Point{wording.ToThePoint}},
		{"Здравствуйте! Яму на улице Мира заделаем, когда выделят деньги. Отвечает управление дорог.", []wording.Point{wording.Term}},
	}
	for _, c := range cases {
		got := missed(wording.Answer{Text: c.text, Message: message, Topic: "Ямы на дорогах"})
		if !slices.Equal(got, c.want) && (len(got) > 0 || len(c.want) > 0) {
			t.Errorf("%s\n got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestEveryMissExplainsItself(t *testing.T) {
	t.Parallel()
	for _, r := range wording.Check(wording.Answer{Text: "Ок", Message: message}) {
		if r.OK == (r.Why != "") || r.Point.Title() == "" {
			t.Errorf("%+v", r)
		}
	}
}

func TestTheAgencysOwnAbbreviations(t *testing.T) {
	t.Parallel()
	a := wording.Answer{Text: "Здравствуйте! Яму заделает МУП ГДС до 5 декабря.", Message: message, Known: []string{"МУП", "ГДС"}}
	if got := missed(a); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

// Whatever is written, there is a remark for each point and places lie within
// the text, between letters.
func TestPlacesLieInTheText(t *testing.T) {
	t.Parallel()
	parts := []string{"Здравствуйте", "в целях", "МКД", "до 5 декабря", "заделали", "яма", "передано в отдел", "вопрос взят на контроль", "(", ")", " ", ".", "ё", "\xff", "😀", "на основании вышеизложенного"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 40).Draw(t, "parts"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		list := wording.Check(wording.Answer{Text: text, Message: message})
		if len(list) != len(wording.Points()) {
			t.Fatalf("%d remarks", len(list))
		}
		for i, r := range list {
			if r.Point != wording.Points()[i] {
				t.Fatalf("remark %d is on %s", i, r.Point)
			}
			for _, p := range r.Places {
				if p.From < 0 || p.From >= p.To || p.To > len(text) || utf8.ValidString(text) && !utf8.ValidString(text[p.From:p.To]) {
					t.Fatalf("%s: place %v of %d bytes", r.Point, p, len(text))
				}
			}
		}
	})
}
