package learn

import (
	"time"

	"otklik/incidents"
	"otklik/internal/social"
)

// Unlikely is an item that a rule found and the program holds no complaint.
type Unlikely struct {
	ItemID      string
	Item        social.Item
	Source      string
	SeenAt      time.Time
	Probability float64
	Rule, Topic string
	Marks       []incidents.Span
	Reasons     []incidents.Reason
}

// Decider is how much a person has decided.
type Decider struct {
	Name string
	// Due and NotDue count words about whether a reaction was due, Sorted those
	// about topics and departments, Undone what was taken back from the program.
	Due, NotDue, Sorted, Undone int
	LastAt                      time.Time
}

// Chosen is who chose something last, and when; the zero value is nobody.
type Chosen struct {
	Version int
	Name    string
	At      time.Time
}

// Foretold is what the program thought of a message, and what people made of it.
type Foretold struct {
	Due, Topic, Department        float64 // probabilities
	TopicID, DepartmentID         string
	CaseTopicID, CaseDepartmentID string
	Accepted                      bool
}

// Trial is what the program would have handed out by itself above a threshold.
type Trial struct {
	Threshold float64
	Would     int // handed out
	Right     int // of them, as people did it
}

// Try says what each threshold would have led to.
func Try(list []Foretold, thresholds []float64) []Trial {
	out := make([]Trial, len(thresholds))
	for i, x := range thresholds {
		out[i].Threshold = x
		for _, f := range list {
			sure := min(f.Due, f.Topic)
			if f.DepartmentID != "" {
				sure = min(sure, f.Department)
			}
			if sure < x {
				continue
			}
			out[i].Would++
			if f.Accepted && f.TopicID == f.CaseTopicID && (f.DepartmentID == "" || f.DepartmentID == f.CaseDepartmentID) {
				out[i].Right++
			}
		}
	}
	return out
}
