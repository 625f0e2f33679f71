package rules

import (
	"otklik/incidents"
	"otklik/internal/detect"
)

// Quality is what a rule found in a span of time and what people made of it.
type Quality struct {
	Hits int
	// Confirmed messages became cases that were taken in, False ones were
	// rejected; what nobody has decided is in neither.
	Confirmed, False int
	// Missed are cases of the topic that no rule of it had found.
	Missed int
}

// Precision is the share of confirmed ones among the decided; false when
// nothing is decided.
func (q Quality) Precision() (float64, bool) {
	if q.Confirmed+q.False == 0 {
		return 0, false
	}
	return float64(q.Confirmed) / float64(q.Confirmed+q.False), true
}

// Recall is the share that the topic's rules found of what was a complaint;
// false when nothing is confirmed.
func (q Quality) Recall() (float64, bool) {
	if q.Confirmed+q.Missed == 0 {
		return 0, false
	}
	return float64(q.Confirmed) / float64(q.Confirmed+q.Missed), true
}

// Verdict is what people decided about a message.
type Verdict struct {
	Complaint bool
	TopicID   string
}

// Offer is a message that a scan of history found and nobody has looked at.
type Offer struct {
	Item  detect.Item
	Marks []incidents.Span
}
