package web

import (
	"net/http"

	"otklik/incidents"
	"otklik/incidents/answers"
	"otklik/internal/errs"
)

// answerSample is a text to begin with, as it would stand in this answer.
type answerSample struct{ ID, Title, Text string }

// factSample is the name under which the answer of the case's fact is asked for.
const factSample = ""

// answerSamples are the texts to begin this answer with: that of its fact, then the
// templates, the closest first.
func (s *server) answerSamples(r *http.Request, view incidents.View, ofFact string) ([]answerSample, error) {
	list, err := s.Guide.Answers.AnswerTemplates(r.Context())
	if err != nil {
		return nil, err
	}
	known := s.knownWords(view)
	var out []answerSample
	if ofFact != "" {
		out = append(out, answerSample{factSample, "Образец для факта", answers.Fill(ofFact, known)})
	}
	for _, t := range answers.For(list, view.Case.TopicID, view.Case.FactID) {
		out = append(out, answerSample{t.ID, t.Title, answers.Fill(t.Text, known)})
	}
	return out, nil
}

// sampleText is the sample of an id for a case. Errors: Conflict when somebody
// has dropped it meanwhile.
func (s *server) sampleText(r *http.Request, view incidents.View, id string) (string, error) {
	var known facts
	if err := s.rubric(r, view.Case, &known); err != nil {
		return "", err
	}
	list, err := s.answerSamples(r, view, known.Sample)
	if err != nil {
		return "", err
	}
	for _, x := range list {
		if x.ID == id {
			return x.Text, nil
		}
	}
	return "", errs.New(errs.Conflict, "Этого образца ответа больше нет. Обновите страницу.")
}

// prepare adds to the page what the answer can begin with, and what there is to
// say of its text.
func (s *server) prepare(r *http.Request, view incidents.View, p *casePage) error {
	words, err := s.Guide.Words.AnswerWords(r.Context())
	if err != nil {
		return err
	}
	p.checked = func(text string) *answerCheck { return checkAnswer(text, view, words) }
	if p.Editor.Mode == "write" {
		if p.Samples, err = s.answerSamples(r, view, p.Facts.Sample); err != nil {
			return err
		}
	}
	if p.Editor.Mode == "write" || p.Can[string(incidents.EventApproved)] || p.Can[string(incidents.EventAgreed)] {
		p.Check = p.checked(p.Editor.Text)
	}
	return nil
}
