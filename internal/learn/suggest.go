package learn

import (
	"context"

	"otklik/index/classify"
)

// Guess is a topic, a fact or a department that the program proposes.
type Guess struct {
	ID, Name    string
	Probability float64
	// Words of the text speak for it.
	Words []string
}

// Suggestions is what the program proposes for a message, the most probable
// first. They are empty until the models have been learned.
type Suggestions struct {
	Topics      []Guess
	Facts       []Guess
	Departments []Guess
}

const (
	// shownGuesses is how many topics and facts are proposed.
	shownGuesses = 3
	// leastGuess is the probability below which a guess is of no help.
	leastGuess = 0.05
	guessWords = 4
	// looked is among how many reasons words are looked for.
	looked = 12
)

// Suggest proposes topics, facts and a department for a message, by the models that
// are in use now.
func (j *Judge) Suggest(ctx context.Context, item classify.Item) (Suggestions, error) {
	if err := j.Refresh(ctx); err != nil {
		return Suggestions{}, err
	}
	m := j.now.Load()
	return Suggestions{
		Topics:      m.guess(m.topics, m.topicID, item, shownGuesses),
		Facts:       m.guess(m.facts, m.factID, item, shownGuesses),
		Departments: m.guess(m.departments, m.deptID, item, 1),
	}, nil
}

// guess asks a model for labels that still exist.
func (m *mind) guess(model *classify.Model, ids map[string]string, item classify.Item, n int) []Guess {
	if model == nil || item.Text == "" {
		return nil
	}
	var out []Guess
	for _, g := range model.Best(item, n) {
		id := ids[g.Label]
		if id == "" || g.Probability < leastGuess {
			continue
		}
		out = append(out, Guess{ID: id, Name: g.Label, Probability: g.Probability, Words: words(item.Text, model.Explain(item, g.Label, looked), guessWords)})
	}
	return out
}
