package rubricator

import (
	"encoding/csv"
	"io"
	"strings"
)

// Entry is a line of another classifier.
type Entry struct {
	Code string
	Name string
}

// Mapping leads from the ids of facts to another classifier.
type Mapping map[string]Entry

// MapReport says how far a mapping covers the tree.
type MapReport struct {
	Mapped int
	// Missing are facts that lead nowhere: «не сопоставлено».
	Missing []Fact
	// Unknown are ids in the mapping that the tree does not have.
	Unknown []string
	// Repeated are ids that lead to several entries; the first one counts.
	Repeated []string
}

// ReadMapping reads a table with the columns «код» (the id of a fact), «код
// классификатора» and «название классификатора», and says how far it covers r.
// A line without a code of the classifier maps nothing. Errors have the code
// errs.Invalid.
func (r *Rubricator) ReadMapping(from io.Reader) (Mapping, MapReport, error) {
	t, err := readTable(from, "код", "код классификатора")
	if err != nil {
		return nil, MapReport{}, err
	}
	m, report := Mapping{}, MapReport{}
	for i := range t.rows {
		id, entry := t.at(i, "код"), Entry{t.at(i, "код классификатора"), t.at(i, "название классификатора")}
		if id == "" || entry.Code == "" {
			continue
		}
		if _, known := r.Fact(id); !known {
			report.Unknown = append(report.Unknown, id)
			continue
		}
		if before, twice := m[id]; twice {
			if before != entry {
				report.Repeated = append(report.Repeated, id)
			}
			continue
		}
		m[id] = entry
	}
	for _, f := range r.Facts {
		if _, ok := m[f.ID]; !ok {
			report.Missing = append(report.Missing, f)
		}
	}
	report.Mapped = len(m)
	return m, report, nil
}

// ExportMapping writes the table that ReadMapping reads, with the names of the
// facts beside their ids and a word at those that lead nowhere, to be filled in
// by a person.
func (r *Rubricator) ExportMapping(w io.Writer, m Mapping) error {
	rows := [][]string{{"код", "факт", "код классификатора", "название классификатора", "состояние"}}
	for _, f := range r.Facts {
		state := ""
		entry, ok := m[f.ID]
		if !ok {
			state = "не сопоставлено"
		}
		rows = append(rows, []string{f.ID, strings.Join([]string{f.Category, f.Subcategory, f.Name}, " → "), entry.Code, entry.Name, state})
	}
	return csv.NewWriter(w).WriteAll(rows)
}
