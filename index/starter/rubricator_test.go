package starter_test

import (
	"testing"

	"otklik/incidents/rubricator"
	"otklik/index/starter"
)

// TestRubricatorFitsTheDictionary: the tree names departments and topics by the
// ids of the dictionary, and every topic has facts.
func TestRubricatorFitsTheDictionary(t *testing.T) {
	t.Parallel()
	departments, topics := map[string]bool{}, map[string]int{}
	for _, d := range starter.Departments() {
		departments[d.ID] = true
	}
	for _, topic := range starter.Topics() {
		topics[topic.ID] = 0
	}
	r := rubricator.Starter()
	for _, f := range r.Facts {
		if !departments[f.DepartmentID] {
			t.Errorf("%s belongs to the department %q, which is not there", f.ID, f.DepartmentID)
		}
		if _, ok := topics[f.TopicID]; !ok {
			t.Errorf("%s belongs to the topic %q, which is not there", f.ID, f.TopicID)
		}
		topics[f.TopicID]++
	}
	for id, facts := range topics {
		if facts == 0 {
			t.Errorf("the topic %s has no facts", id)
		}
	}
}
