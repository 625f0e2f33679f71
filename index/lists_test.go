package index

import (
	"slices"
	"strings"
	"testing"

	"otklik/internal/errs"
)

func TestListsStandForTheirWords(t *testing.T) {
	t.Parallel()
	lists, wrong := ReadLists([]List{{"всё", "@Беда | позор"}, {"беда", "ужас | кошмар"}})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for text, want := range map[string]string{
		"яма @беда":         "яма (ужас | кошмар)",
		"яма -@беда":        "яма -(ужас | кошмар)",
		"вода /3 @всё":      "вода /3 (ужас | кошмар | позор)",
		"(@ВСЁ) | снег.":    "ужас | кошмар | позор | снег.",
		"@беда, @беда яма!": "(ужас | кошмар) (ужас | кошмар) яма!",
	} {
		got, err := lists.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		again, err := Parse(got.String())
		if strings.Trim(got.String(), ".!") != strings.Trim(want, ".!") || err != nil || again.String() != got.String() {
			t.Errorf("%s: %s, want %s; %v", text, got, want, err)
		}
	}
}

func TestListsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, wrong := ReadLists([]List{{"а1", "@б1"}, {"б1", "@а1 | слово"}, {"в1", "("}, {"г1", "слово"}})
	var names []string
	for _, w := range wrong {
		names = append(names, w.Name)
		if errs.CodeOf(w.Err) != errs.Invalid {
			t.Errorf("%s: %v", w.Name, w.Err)
		}
	}
	if !slices.Equal(names, []string{"а1", "б1", "в1"}) {
		t.Fatal(names)
	}
	for text, at := range map[string]int{"яма @нет": 5, "@": 1, "яма @а/б": 5} {
		if _, err := Parse(text); PlaceOf(err) != at {
			t.Errorf("%q: %v at %d, want %d", text, err, PlaceOf(err), at)
		}
	}
	many, _ := ReadLists([]List{{"много", strings.Repeat("слово | ", maxExprWords-1) + "слово"}})
	if _, err := many.Parse("@много слово"); PlaceOf(err) == 0 {
		t.Error("a list goes round the bound of words", err)
	}
}

func TestPartsOfACondition(t *testing.T) {
	t.Parallel()
	var got []string
	for _, p := range Parts(`яма "вывоз мусора" -(снег | =льдом) @беда сеть:вк яма -лужа`) {
		text := p.Text
		if p.Excluded {
			text = "-" + text
		}
		got = append(got, text)
	}
	want := []string{"яма", `"вывоз мусора"`, "-снег", "-=льдом", "@беда", "сеть:вк", "-лужа"}
	if !slices.Equal(got, want) {
		t.Fatal(got)
	}
}
