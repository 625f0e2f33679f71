package demo

import (
	"testing"

	"otklik/index"
	"otklik/index/starter"
)

// departments finds who would be asked to answer a text, "" if nobody.
func departments(t *testing.T) func(text string) string {
	t.Helper()
	m, failed := index.Compile(starter.Rules())
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	of := map[string]string{}
	for _, topic := range starter.Topics() {
		of[topic.ID] = topic.DepartmentID
	}
	return func(text string) string {
		if hits := m.Match(text); len(hits) > 0 {
			return of[hits[0].TopicID]
		}
		return ""
	}
}

// The hour shows a visitor every state, and each of its cases reaches somebody
// who can answer it.
func TestTheHourShowsEveryState(t *testing.T) {
	t.Parallel()
	department := departments(t)
	executors := map[string]bool{}
	for _, e := range employees() {
		executors[e.department] = true
	}
	shown := map[fate]int{}
	edited, deleted, attached := 0, 0, 0
	for _, p := range append(history(), discussion()...) {
		opened := map[int]bool{}
		for _, r := range p.comments {
			d := department(r.text)
			if d == "" {
				if r.story.fate != untouched || r.edited != "" || r.deleted {
					t.Errorf("no case comes of %q", r.text)
				}
				continue
			}
			if !executors[d] {
				t.Errorf("nobody answers for %s: %q", d, r.text)
			}
			if opened[r.by] {
				attached++
				continue
			}
			opened[r.by] = true
			shown[r.story.fate]++
			if r.edited != "" {
				edited++
			}
			if r.deleted {
				deleted++
			}
		}
	}
	for f := untouched; f <= lost; f++ {
		if shown[f] == 0 {
			t.Errorf("no case of the hour has the fate %d", f)
		}
	}
	if edited == 0 || deleted == 0 || attached == 0 {
		t.Errorf("edited %d, deleted %d, attached %d", edited, deleted, attached)
	}
}

// What the living feed means as a complaint is mostly found, and its chatter
// makes no cases.
func TestTheFeedIsJudgedAsItIsMeant(t *testing.T) {
	t.Parallel()
	department := departments(t)
	var missed []string
	for _, text := range complaints() {
		if department(text) == "" {
			missed = append(missed, text)
		}
	}
	if len(missed) > len(complaints())/5 {
		t.Errorf("missed: %q", missed)
	}
	for _, text := range chatter() {
		if d := department(text); d != "" {
			t.Errorf("%s for %q", d, text)
		}
	}
}
