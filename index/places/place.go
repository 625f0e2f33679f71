// Package places draws settlements, districts, streets and houses from Russian
// texts, with the abbreviations that people write, and finds them in the
// gazetteer of a territory.
//
// Without a gazetteer it still finds what is written out: a kind of place with
// its name, a street with a house. With one it also knows bare names, inflected
// ones, and which district a house lies in. The number of a flat is personal
// data and is left out of everything that it returns.
package places

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Kind is how exact a place is.
type Kind string

// The kinds, from the widest to the most exact.
const (
	Settlement Kind = "settlement"
	District   Kind = "district"
	Street     Kind = "street"
	Crossing   Kind = "crossing" // of two streets
	House      Kind = "house"
)

// rank orders the kinds by how exact they are.
func (k Kind) rank() int {
	switch k {
	case Settlement:
		return 1
	case District:
		return 2
	case Street:
		return 3
	case Crossing:
		return 4
	case House:
		return 5
	}
	return 0
}

// Title is the kind's name as people read it.
func (k Kind) Title() string {
	switch k {
	case Settlement:
		return "Населённый пункт"
	case District:
		return "Район"
	case Street:
		return "Улица"
	case Crossing:
		return "Пересечение"
	case House:
		return "Дом"
	}
	return ""
}

// Place is an entry of a gazetteer: a settlement, a district or a street, or the
// part of a street that lies in one district.
type Place struct {
	// ID follows from what the place is, so that a gazetteer that is imported
	// anew leaves cases and routes where they were.
	ID   string
	Kind Kind
	// Type is the word for what it is: «улица», «микрорайон», «село».
	Type string
	Name string
	// ParentID is the place in which this one lies, "" at the top.
	ParentID string
	// Houses says which houses of the street lie in the parent, "" for all.
	Houses string
	// Synonyms are other names, as people use them.
	Synonyms []string
}

// Title is the place as people name it: «улица Ленина», «Заречный район».
func (p Place) Title() string { return titleOf(p.Type, p.Name) }

// titleOf puts a type before a name that does not change and behind an
// adjective, as Russian does.
func titleOf(kind, name string) string {
	switch {
	case kind == "":
		return name
	case kind == "микрорайон", kind == "ЖК", !adjective(lastWord(name)), settlementType(kind):
		return kind + " " + name
	}
	return name + " " + kind
}

func lastWord(name string) string { return name[strings.LastIndexByte(name, ' ')+1:] }

// adjective says that a word, small or capitalised, has the ending of one in
// the nominative.
func adjective(word string) bool {
	w := strings.ToLower(word)
	for _, end := range []string{"ый", "ий", "ой", "ая", "яя", "ое", "ее"} {
		if strings.HasSuffix(w, end) && len(w) > len(end)+4 {
			return true
		}
	}
	return false
}

// idOf names a place by what it is and where it lies.
func idOf(kind Kind, title, parentID string) string {
	sum := sha256.Sum256([]byte(string(kind) + "\n" + folded(title) + "\n" + parentID))
	return hex.EncodeToString(sum[:8])
}

// folded is the form in which names are compared: small letters, е for ё, one
// space.
func folded(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(s), " ")), "ё", "е")
}
