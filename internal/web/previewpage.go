package web

import (
	"net/http"

	"otklik/incidents"
)

// casePreview is the pane beside the list, for scripts.
func (s *server) casePreview(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := s.caseID(r, v)
	if err != nil {
		return err
	}
	p, err := s.preview(r, v, id, localPath(r.URL.Query().Get("back"), "/inbox"))
	if err != nil {
		return err
	}
	s.part(w, v, "inbox", "preview", p)
	return nil
}

// preview reads one case for the pane; back is the list to come back to.
func (s *server) preview(r *http.Request, v *visit, id, back string) (*preview, error) {
	view, err := s.Queue.View(r.Context(), id, v.person.Actor(), v.now)
	if err != nil {
		return nil, err
	}
	c := view.Case
	p := &preview{
		ID: c.ID, Number: c.Number, Version: c.Version, Back: back, Stage: iconOfStage(c.Stage),
		Due: s.deadline(c.DueAt, c.Outcome, v.now), DueAt: s.stamp(c.DueAt, v.now),
		Facts: s.facts(view, v.now), Can: possible(c, v.person.Actor()),
	}
	t := s.thread(view, v.now)
	if t.Post != nil && t.Post.IsMessage {
		p.Item = *t.Post
	}
	for _, item := range t.Items {
		switch {
		case item.IsMessage:
			p.Item = item
		case item.IsAttached:
			p.More = append(p.More, item)
		}
	}
	for _, y := range view.Why {
		p.Why = append(p.Why, whyLine{Rule: y.RuleName, Topic: y.Topic, Words: y.Words})
	}
	if p.Can[string(incidents.EventAssigned)] {
		p.Executors, err = s.executors(r, c)
	}
	return p, err
}
