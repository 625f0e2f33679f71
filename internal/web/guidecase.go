package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"otklik/incidents"
	"otklik/incidents/rubricator"
	"otklik/internal/errs"
)

// factOfForm reads the field of a fact; an empty one is no fact.
func (s *server) factOfForm(r *http.Request, text string) (rubricator.Fact, error) {
	if oneLine(text) == "" {
		return rubricator.Fact{}, nil
	}
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return rubricator.Fact{}, err
	}
	return tree.Choose(text)
}

// rubric says what the rubricator knows of a case: what its fact asks for or,
// without a fact, the category where the topic leads to one alone.
func (s *server) rubric(r *http.Request, c incidents.Case, f *facts) error {
	if c.TopicID == "" && c.FactID == "" {
		return nil
	}
	tree, err := s.Guide.Rubric.Rubricator(r.Context())
	if err != nil {
		return err
	}
	if fact, ok := tree.Fact(c.FactID); ok {
		var needs []string
		for _, x := range fact.Required {
			needs = append(needs, string(x))
		}
		f.Needs = strings.Join(needs, ", ")
		if a, ok := tree.Answer(fact.AnswerID); ok {
			f.Sample = a.For(c.Place.Title)
		}
	} else if list := tree.CategoriesOf(c.TopicID); len(list) == 1 {
		f.Category = list[0]
	}
	return nil
}

// classify is the command of the form of topic and fact.
func (s *server) classify(r *http.Request, v *visit, topicID, factText string) (incidents.Command, error) {
	id, err := s.caseID(r, v)
	if err != nil {
		return nil, err
	}
	fact, err := s.factOfForm(r, factText)
	if err != nil {
		return nil, err
	}
	if topicID == "" {
		topicID = fact.TopicID
	}
	topics, err := s.Directory.Topics(r.Context())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(topics, func(t incidents.Topic) bool { return t.ID == topicID })
	if i < 0 {
		return nil, errs.New(errs.Invalid, "Выберите тему из списка.")
	}
	view, err := s.Queue.View(r.Context(), id, v.person.Actor(), v.now)
	if err != nil {
		return nil, err
	}
	cmd := incidents.Classify{TopicID: topicID, TopicName: topics[i].Name, FactID: fact.ID, Fast: fact.Fast, Hours: fact.Hours}
	if fact.ID != "" {
		cmd.FactName = fact.Title()
	}
	to, err := s.routed(r, topicID, fact.DepartmentID, view.Case.Place.Path)
	cmd.DepartmentID = to.DepartmentID
	return cmd, err
}

// locate is the command of the form of the place.
func (s *server) locate(r *http.Request, v *visit, f url.Values) (incidents.Command, error) {
	id, err := s.caseID(r, v)
	if err != nil {
		return nil, err
	}
	place, err := s.placeOfForm(r, f.Get("place"), true)
	if err != nil {
		return nil, err
	}
	view, err := s.Queue.View(r.Context(), id, v.person.Actor(), v.now)
	if err != nil {
		return nil, err
	}
	var desk string
	if view.Case.FactID != "" {
		tree, err := s.Guide.Rubric.Rubricator(r.Context())
		if err != nil {
			return nil, err
		}
		fact, _ := tree.Fact(view.Case.FactID)
		desk = fact.DepartmentID
	}
	to, err := s.routed(r, view.Case.TopicID, desk, place.Path)
	return incidents.Locate{Place: place, DepartmentID: to.DepartmentID}, err
}
