package places

import (
	"slices"
	"testing"

	"otklik/internal/errs"
)

func TestAnEntryIsChangedWithWhatLiesInIt(t *testing.T) {
	t.Parallel()
	row := func(n int, cells ...string) Row { return Row{Number: n, Cells: cells} }
	list, bad := Read(Columns(), []Row{row(2, "город", "Энск", "", "", ""), row(3, "район", "Заречный", "Энск", "", ""), row(4, "улица", "Мира", "Заречный район", "", "")})
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	e := EntryOf(list[1])
	e.Name, e.Synonyms = "Приречный", "за рекой; Заречье"
	after, id, moved, err := Change(list, list[1].ID, e)
	if err != nil || len(after) != 3 || len(moved) != 2 || moved[list[1].ID] != id || after[2].ParentID != id || after[2].ID != moved[list[2].ID] || len(after[1].Synonyms) != 2 {
		t.Fatalf("%+v %v %v", after, moved, err)
	}
	// A file with the same places gives the same ids.
	again, _ := Read(Columns(), []Row{row(2, "город", "Энск", "", "", ""), row(3, "район", "Приречный", "Энск", "", ""), row(4, "улица", "Мира", "Приречный район", "", "")})
	for i := range again {
		if again[i].ID != after[i].ID {
			t.Errorf("%s has another id", again[i].Name)
		}
	}
	if added, id, moved, err := Change(after, "", Entry{Type: "ул", Name: "Новая", Parent: id, Houses: "1-9"}); err != nil || len(moved) != 0 || len(added) != 4 || !slices.ContainsFunc(added, func(p Place) bool { return p.ID == id && p.Type == "улица" }) {
		t.Fatal(added, err)
	}
	for what, x := range map[string]struct {
		id   string
		e    Entry
		code errs.Code
	}{
		"a kind":    {"", Entry{Type: "планета", Name: "Марс"}, errs.Invalid},
		"a name":    {"", Entry{Type: "село", Name: " "}, errs.Invalid},
		"houses":    {"", Entry{Type: "село", Name: "Лесное", Houses: "1"}, errs.Invalid},
		"a street":  {"", Entry{Type: "улица", Name: "Новая", Parent: list[2].ID}, errs.Invalid},
		"in itself": {list[0].ID, Entry{Type: "город", Name: "Энск", Parent: list[1].ID}, errs.Invalid},
		"twice":     {"", EntryOf(list[2]), errs.Conflict},
		"unknown":   {"x", Entry{Type: "село", Name: "Лесное"}, errs.NotFound},
	} {
		if _, _, _, err := Change(list, x.id, x.e); errs.CodeOf(err) != x.code {
			t.Errorf("%s: %v", what, err)
		}
	}
	if left, gone := Without(list, list[1].ID); len(left) != 1 || len(gone) != 2 {
		t.Fatal(left, gone)
	}
}
