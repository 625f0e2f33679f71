package places

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Row is a row of a table; Number is its number in the file, for people.
type Row struct {
	Number int
	Cells  []string
}

// BadCell is what a row of a gazetteer has wrong.
type BadCell struct {
	Row    int
	Column string
	Text   string
}

// Error is the sentence for people.
func (b BadCell) Error() string {
	if b.Column == "" {
		return fmt.Sprintf("Строка %d: %s.", b.Row, b.Text)
	}
	return fmt.Sprintf("Строка %d, столбец «%s»: %s.", b.Row, b.Column, b.Text)
}

// The columns of a gazetteer.
const (
	colType    = "вид"
	colName    = "название"
	colParent  = "входит в"
	colHouses  = "дома"
	colSynonym = "другие названия"
)

// Columns is the header of a gazetteer's table.
func Columns() []string { return []string{colType, colName, colParent, colHouses, colSynonym} }

const (
	maxNameLength = 120
	// maxBad bounds how many mistakes are listed.
	maxBad = 200
)

// Read reads a gazetteer out of a table, whose columns may stand in any order;
// «вид» and «название» are needed. Several places are named in «входит в» as
// «Заречный район, Верхний» where one name is not enough. Bad rows are left out
// and told of by number and column; the order of rows does not matter.
func Read(header []string, rows []Row) ([]Place, []BadCell) {
	t := reading{at: map[string]int{}, byTitle: map[string][]int{}}
	for i, h := range header {
		t.at[folded(h)] = i
	}
	for _, need := range []string{colType, colName} {
		if _, ok := t.at[need]; !ok {
			t.fail(1, need, "такого столбца нет, а он нужен")
		}
	}
	if len(t.bad) > 0 {
		return nil, t.bad
	}
	for _, r := range rows {
		t.row(r)
	}
	t.join()
	return t.list(), t.bad
}

// Table writes a gazetteer as Read reads it, parents before what lies in them.
func Table(list []Place) [][]string {
	byID := map[string]Place{}
	for _, p := range list {
		byID[p.ID] = p
	}
	var out [][]string
	for _, p := range list {
		var above []string
		for id := p.ParentID; id != "" && len(above) < maxDepth; id = byID[id].ParentID {
			above = append(above, byID[id].Title())
		}
		typ := p.Type
		if typ == "" {
			typ = folded(p.Kind.Title())
		}
		out = append(out, []string{typ, p.Name, strings.Join(above, ", "), p.Houses, strings.Join(p.Synonyms, "; ")})
	}
	return out
}

// maxDepth bounds how deep places lie in each other.
const maxDepth = 8

type draft struct {
	place  Place
	row    int
	parent []string // folded titles, the nearest first
	above  int      // -1: at the top
	lost   bool
}

type reading struct {
	at      map[string]int
	drafts  []draft
	byTitle map[string][]int
	bad     []BadCell
}

func (t *reading) fail(row int, column, format string, args ...any) {
	if len(t.bad) < maxBad {
		t.bad = append(t.bad, BadCell{row, column, fmt.Sprintf(format, args...)})
	}
}

func (t *reading) cell(r Row, column string) string {
	i, ok := t.at[column]
	if !ok || i >= len(r.Cells) {
		return ""
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(r.Cells[i], "")), " ")
}

func (t *reading) row(r Row) {
	typ, name := t.cell(r, colType), t.cell(r, colName)
	m, ok := typeOfWord(typ)
	switch {
	case typ == "" && name == "":
		return
	case !ok:
		t.fail(r.Number, colType, "«%s» — не вид места; бывают город, село, район, микрорайон, улица, проспект и другие", typ)
		return
	case name == "":
		t.fail(r.Number, colName, "пусто")
		return
	case utf8.RuneCountInString(name) > maxNameLength:
		t.fail(r.Number, colName, "длиннее %d знаков", maxNameLength)
		return
	}
	d := draft{row: r.Number, above: -1, place: Place{Kind: m.kind, Type: m.typ, Name: name, Houses: t.cell(r, colHouses)}}
	if _, wrong := readHouses(d.place.Houses); wrong != "" {
		t.fail(r.Number, colHouses, "«%s» непонятно; пишут «1-45 нечёт, 2-60 чёт, 47а»", wrong)
		return
	}
	if d.place.Houses != "" && d.place.Kind != Street {
		t.fail(r.Number, colHouses, "дома бывают только у улиц")
		return
	}
	for part := range strings.SplitSeq(t.cell(r, colParent), ",") {
		if part = folded(part); part != "" {
			d.parent = append(d.parent, part)
		}
	}
	for part := range strings.FieldsFuncSeq(t.cell(r, colSynonym), func(r rune) bool { return r == ';' || r == ',' }) {
		if part = strings.TrimSpace(part); part != "" && utf8.RuneCountInString(part) <= maxNameLength {
			d.place.Synonyms = append(d.place.Synonyms, part)
		}
	}
	t.drafts = append(t.drafts, d)
	at := len(t.drafts) - 1
	if d.place.Kind == Street {
		return // nothing lies in a street
	}
	for _, key := range []string{folded(name), folded(d.place.Title()), folded(d.place.Type + " " + name), folded(name + " " + d.place.Type)} {
		if !slices.Contains(t.byTitle[key], at) {
			t.byTitle[key] = append(t.byTitle[key], at)
		}
	}
}

// join finds what each place lies in.
func (t *reading) join() {
	for i := range t.drafts {
		d := &t.drafts[i]
		if len(d.parent) == 0 {
			continue
		}
		fits := slices.DeleteFunc(slices.Clone(t.byTitle[d.parent[0]]), func(x int) bool { return x == i || !t.under(x, d.parent[1:], 0) })
		switch len(fits) {
		case 0:
			t.fail(d.row, colParent, "в таблице нет места «%s»", strings.Join(d.parent, ", "))
			d.lost = true
		case 1:
			d.above = fits[0]
		default:
			t.fail(d.row, colParent, "мест «%s» несколько (строки %s): напишите через запятую, куда оно само входит", d.parent[0], t.rowsOf(fits))
			d.lost = true
		}
	}
	for i := range t.drafts {
		depth := 0
		for x := i; x >= 0 && depth <= maxDepth; x = t.drafts[x].above {
			depth++
		}
		if depth > maxDepth {
			t.fail(t.drafts[i].row, colParent, "места входят друг в друга по кругу")
			t.drafts[i].lost = true
		}
	}
}

// under says that a draft lies in the places that are named, by their words.
func (t *reading) under(x int, parents []string, depth int) bool {
	if len(parents) == 0 {
		return true
	}
	named := t.drafts[x].parent
	if depth > maxDepth || len(named) == 0 {
		return false
	}
	if slices.Equal(named[:min(len(named), len(parents))], parents) {
		return true
	}
	for _, up := range t.byTitle[named[0]] {
		if up != x && slices.Contains(t.byTitle[parents[0]], up) && t.under(up, parents[1:], depth+1) {
			return true
		}
	}
	return false
}

func (t *reading) rowsOf(list []int) string {
	var out []string
	for _, x := range list {
		out = append(out, fmt.Sprint(t.drafts[x].row))
	}
	return strings.Join(out, ", ")
}

// list are the places that came through, with their ids, parents first.
func (t *reading) list() []Place {
	seen := map[string]int{}
	var out []Place
	depth := map[string]int{}
	for i := range t.drafts {
		id, deep, ok := t.name(i)
		if !ok {
			continue
		}
		d := &t.drafts[i]
		if first, twice := seen[id]; twice {
			t.fail(d.row, "", "то же место, что в строке %d", first)
			continue
		}
		seen[id], depth[id] = d.row, deep
		p := d.place
		p.ID = id
		if d.above >= 0 {
			p.ParentID, _, _ = t.name(d.above)
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Place) int { return cmp.Compare(depth[a.ID], depth[b.ID]) })
	slices.SortStableFunc(t.bad, func(a, b BadCell) int { return cmp.Compare(a.Row, b.Row) })
	return out
}

// name is the id of a draft and how deep it lies; false when it, or something
// in which it lies, is left out.
func (t *reading) name(i int) (id string, depth int, ok bool) {
	d := t.drafts[i]
	if d.lost {
		return "", 0, false
	}
	parent := ""
	if d.above >= 0 {
		if parent, depth, ok = t.name(d.above); !ok {
			return "", 0, false
		}
		depth++
	}
	return idOf(d.place.Kind, d.place.Title(), parent), depth, true
}
