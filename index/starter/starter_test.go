package starter

import (
	"regexp"
	"testing"

	"otklik/index"
)

func TestDictionaryIsWhole(t *testing.T) {
	t.Parallel()
	d, err := Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	slug := regexp.MustCompile(`^[a-z][a-z-]*[a-z]$`)
	seen := map[string]bool{}
	once := func(kind, id, name string) {
		if !slug.MatchString(id) || seen[kind+id] || name == "" {
			t.Errorf("%s %q (%q): a bad or repeated id, or no name", kind, id, name)
		}
		seen[kind+id] = true
	}
	departments, topics := map[string]int{}, map[string]int{}
	for _, dep := range d.Departments {
		once("department", dep.ID, dep.Name)
		departments[dep.ID] = 0
	}
	for _, topic := range d.Topics {
		once("topic", topic.ID, topic.Name)
		departments[topic.DepartmentID]++
		topics[topic.ID] = 0
		if topic.DeadlineHours < 24 || topic.DeadlineHours > 30*24 {
			t.Errorf("topic %s: %d hours", topic.ID, topic.DeadlineHours)
		}
	}
	for _, rule := range d.Rules {
		once("rule", rule.ID, rule.Name)
		topics[rule.TopicID]++
		if rule.Version != 1 {
			t.Errorf("rule %s: version %d", rule.ID, rule.Version)
		}
	}
	for id, n := range departments {
		if n == 0 {
			t.Errorf("department %s has no topic", id)
		}
	}
	for id, n := range topics {
		if n == 0 {
			t.Errorf("topic %s has no rule", id)
		}
	}
	if n := len(d.Topics); n < 20 || n > 30 {
		t.Errorf("%d topics", n)
	}
	if _, failed := index.Compile(d.Rules); failed != nil {
		t.Error(failed)
	}
}
