package rubricator

import (
	"encoding/csv"
	"io"
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
	t, err := readTable(from)
	if err != nil {
		return nil, MapReport{}, err
	}
	return r.readMapping(t)
}

// MappingRows is ReadMapping of a table that somebody else has read.
func (r *Rubricator) MappingRows(header []string, rows []Row) (Mapping, MapReport, error) {
	return r.readMapping(tableOf(header, rows))
}

func (r *Rubricator) readMapping(t grid) (Mapping, MapReport, error) {
	if err := t.need("код", "код классификатора"); err != nil {
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
	covered := r.Covered(m)
	report.Mapped, report.Missing = covered.Mapped, covered.Missing
	return m, report, nil
}

// Covered says how far a mapping covers the tree; inactive facts need none.
func (r *Rubricator) Covered(m Mapping) MapReport {
	var report MapReport
	for _, f := range r.Facts {
		switch _, ok := m[f.ID]; {
		case ok:
			report.Mapped++
		case !f.Inactive:
			report.Missing = append(report.Missing, f)
		}
	}
	return report
}

// ExportMapping writes the table that ReadMapping reads, with the names of the
// facts beside their ids and a word at those that lead nowhere, to be filled in
// by a person.
func (r *Rubricator) ExportMapping(w io.Writer, m Mapping) error {
	return csv.NewWriter(w).WriteAll(append([][]string{MappingColumns()}, r.MappingTable(m)...))
}

// MappingColumns are the header of a mapping's table.
func MappingColumns() []string {
	return []string{"код", "факт", "код классификатора", "название классификатора", "состояние"}
}

// MappingTable is a mapping as the rows of a table.
func (r *Rubricator) MappingTable(m Mapping) [][]string {
	var rows [][]string
	for _, f := range r.Facts {
		entry, ok := m[f.ID]
		if f.Inactive && !ok {
			continue
		}
		state := ""
		if !ok {
			state = "не сопоставлено"
		}
		rows = append(rows, []string{f.ID, f.Title(), entry.Code, entry.Name, state})
	}
	return rows
}
