package places

import (
	"slices"
	"strings"
	"unicode/utf8"

	"otklik/internal/errs"
)

// Entry is a place as a person writes it; Parent is the id of what it lies in.
type Entry struct{ Type, Name, Parent, Houses, Synonyms string }

// EntryOf is a place as a person would write it.
func EntryOf(p Place) Entry {
	return Entry{p.Type, p.Name, p.ParentID, p.Houses, strings.Join(p.Synonyms, ", ")}
}

// Change puts an entry in the place of the one with the id, or adds it where the
// id is "". It returns the whole gazetteer, the id of the entry, and what became
// of the ids that had to change: an id follows from the name, so that the same
// gazetteer imported from a file finds what people have changed by hand.
// Errors: Invalid, NotFound, Conflict when there is such a place already.
func Change(list []Place, id string, e Entry) (after []Place, now string, moved map[string]string, err error) {
	p, err := e.read(list)
	if err != nil {
		return nil, "", nil, err
	}
	out := slices.Clone(list)
	at := slices.IndexFunc(out, func(x Place) bool { return x.ID == id })
	switch {
	case id == "":
		out, at = append(out, Place{}), len(out)
	case at < 0:
		return nil, "", nil, errs.New(errs.NotFound, "Такого места в справочнике нет. Обновите страницу.")
	case slices.Contains(within(out, id), p.ParentID):
		return nil, "", nil, errs.New(errs.Invalid, "Место не может входить само в себя.")
	}
	out[at] = p
	moved = map[string]string{}
	rename(out, at, id, moved)
	seen := map[string]bool{}
	for _, x := range out {
		if seen[x.ID] {
			return nil, "", nil, errs.Newf(errs.Conflict, "«%s» там уже есть. Измените то, что есть, или назовите иначе.", x.Title())
		}
		seen[x.ID] = true
	}
	return parentsFirst(out), out[at].ID, moved, nil
}

// rename gives a place the id that its name has, and all that lies in it.
func rename(list []Place, at int, was string, moved map[string]string) {
	p := &list[at]
	p.ID = idOf(p.Kind, p.Title(), p.ParentID)
	if was == "" || was == p.ID {
		return
	}
	moved[was] = p.ID
	for i := range list {
		if list[i].ParentID == was {
			list[i].ParentID = p.ID
			rename(list, i, list[i].ID, moved)
		}
	}
}

// Without is the gazetteer without a place and all that lies in it, whose ids
// are returned, the place first.
func Without(list []Place, id string) ([]Place, []string) {
	gone := within(list, id)
	return slices.DeleteFunc(slices.Clone(list), func(p Place) bool { return slices.Contains(gone, p.ID) }), gone
}

// within are the ids of a place and of all that lies in it.
func within(list []Place, id string) []string {
	out := []string{id}
	for i := 0; i < len(out); i++ {
		for _, p := range list {
			if p.ParentID == out[i] {
				out = append(out, p.ID)
			}
		}
	}
	return out
}

func parentsFirst(list []Place) []Place {
	at := make(map[string]Place, len(list))
	for _, p := range list {
		at[p.ID] = p
	}
	depth := func(p Place) (n int) {
		for p.ParentID != "" && n <= len(list) {
			p, n = at[p.ParentID], n+1
		}
		return n
	}
	slices.SortStableFunc(list, func(a, b Place) int { return depth(a) - depth(b) })
	return list
}

// read checks an entry. Errors: Invalid.
func (e Entry) read(list []Place) (Place, error) {
	one := func(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ") }
	p := Place{Name: one(e.Name), Houses: one(e.Houses), ParentID: e.Parent}
	m, ok := typeOfWord(one(e.Type))
	if !ok {
		return p, errs.Newf(errs.Invalid, "«%s» — не вид места; бывают город, село, район, микрорайон, улица, проспект и другие.", one(e.Type))
	}
	p.Kind, p.Type = m.kind, m.typ
	if p.Name == "" || utf8.RuneCountInString(p.Name) > maxNameLength {
		return p, errs.Newf(errs.Invalid, "Название — от 1 до %d знаков.", maxNameLength)
	}
	if _, wrong := readHouses(p.Houses); wrong != "" {
		return p, errs.Newf(errs.Invalid, "Дома: «%s» непонятно; пишут «1-45 нечёт, 2-60 чёт, 47а».", wrong)
	}
	if p.Houses != "" && p.Kind != Street {
		return p, errs.New(errs.Invalid, "Дома бывают только у улиц.")
	}
	if up := slices.IndexFunc(list, func(x Place) bool { return x.ID == e.Parent }); e.Parent != "" && (up < 0 || list[up].Kind == Street) {
		return p, errs.New(errs.Invalid, "Выберите, куда место входит: район или населённый пункт из справочника.")
	}
	for part := range strings.FieldsFuncSeq(e.Synonyms, func(r rune) bool { return r == ';' || r == ',' }) {
		if part = one(part); part != "" && utf8.RuneCountInString(part) <= maxNameLength {
			p.Synonyms = append(p.Synonyms, part)
		}
	}
	return p, nil
}
