package publisher

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRepeats(t *testing.T) {
	t.Parallel()
	const text = "Завтра с 9 до 17 отключат горячую воду на улице Мира. Приносим извинения за неудобства."
	recent := []Recent{
		{ID: "same", Text: "*Завтра* с 9 до 17 отключат горячую воду на улице Мира! Приносим извинения за неудобства"},
		{ID: "near", Text: "Завтра с 9 до 17 отключат горячую воду на улице Мира. Приносим извинения."},
		{ID: "other", Text: "В субботу на площади откроется каток. Вход свободный, прокат коньков до 21 часа."},
		{ID: "empty", Text: "👍"},
	}
	got := Repeats(text, recent)
	if len(got) != 2 || got[0].ID != "same" || got[0].Share != 1 || got[1].ID != "near" {
		t.Fatalf("%+v", got)
	}
	if got := Repeats("да", []Recent{{Text: "Да!"}, {Text: "нет"}}); len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	if Repeats("…", recent) != nil {
		t.Fatal("a text without words repeats nothing")
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		before, after string
		want          []DiffPiece
	}{
		"equal":        {"а б", "а б", []DiffPiece{{Same, "а б"}}},
		"one word":     {"Снег уберут завтра.", "Снег уберут сегодня.", []DiffPiece{{Same, "Снег уберут "}, {Deleted, "завтра"}, {Added, "сегодня"}, {Same, "."}}},
		"added":        {"Вода будет", "Вода точно будет", []DiffPiece{{Same, "Вода "}, {Added, "точно "}, {Same, "будет"}}},
		"from nothing": {"", "Да", []DiffPiece{{Added, "Да"}}},
		"to nothing":   {"Да", "", []DiffPiece{{Deleted, "Да"}}},
		"moved":        {"а б в", "б в а", []DiffPiece{{Deleted, "а "}, {Same, "б в"}, {Added, " а"}}},
		"nothing":      {"", "", nil},
	} {
		if d := cmp.Diff(x.want, Diff(x.before, x.after)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	huge := strings.Repeat("слово иное ", 3000)
	if got := Diff(huge+"а", strings.Repeat("иначе ", 3000)); len(got) < 2 {
		t.Error("a huge difference is not shown")
	}
}

func TestDiffLosesNothing(t *testing.T) {
	t.Parallel()
	words := rapid.SliceOf(rapid.SampledFrom([]string{"снег", "вода", " ", "\n", ".", "ё", "👍", "é"}))
	rapid.Check(t, func(t *rapid.T) {
		before, after := strings.Join(words.Draw(t, "before"), ""), strings.Join(words.Draw(t, "after"), "")
		var a, b strings.Builder
		var last DiffOp
		for _, p := range Diff(before, after) {
			if p.Op == last || p.Text == "" {
				t.Fatalf("pieces that are not joined")
			}
			last = p.Op
			if p.Op != Added {
				a.WriteString(p.Text)
			}
			if p.Op != Deleted {
				b.WriteString(p.Text)
			}
		}
		if a.String() != before || b.String() != after {
			t.Fatalf("%q and %q became %q and %q", before, after, a.String(), b.String())
		}
	})
}
