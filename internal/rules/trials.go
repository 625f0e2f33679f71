package rules

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"otklik/internal/detect"
	"otklik/internal/errs"
)

const (
	// trialsAtOnce bounds what people may run at the same time in one process.
	trialsAtOnce = 4
	// trialKept is how long a result is kept after it was asked for last.
	trialKept = 10 * time.Minute
)

// Trials runs trials for people: one for a person, a few for all. They live in
// the process that began them; another one begins anew.
type Trials struct {
	Book TrialBook
	// Locator is what trials find places with.
	Locator detect.Locator
	// Context ends all trials when the program stops.
	Context context.Context
	mu      sync.Mutex
	open    map[string]*kept // by person
}

type kept struct {
	*Trial
	id    string
	asked time.Time
}

// Begin starts a person's trial in the place of the one before.
// Errors: Invalid, Unavailable when too many are under way.
func (t *Trials) Begin(personID string, a Attempt, now time.Time) (string, *Trial, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[string]*kept{}
	}
	busy := 0
	for who, k := range t.open {
		switch {
		case who == personID:
			k.Stop()
			delete(t.open, who)
		case k.Result().Done && now.Sub(k.asked) > trialKept:
			delete(t.open, who)
		case !k.Result().Done:
			busy++
		}
	}
	if busy >= trialsAtOnce {
		return "", nil, errs.New(errs.Unavailable, "Сейчас проверяют правила другие люди. Подождите минуту и попробуйте ещё раз.")
	}
	a.Locator = t.Locator
	trial, err := Begin(t.Context, t.Book, a, now)
	if err != nil {
		return "", nil, err
	}
	id := uuid.NewString()
	t.open[personID] = &kept{trial, id, now}
	return id, trial, nil
}

// Find returns a person's trial; false when it is not in this process any more.
func (t *Trials) Find(personID, id string, now time.Time) (*Trial, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.open[personID]
	if k == nil || k.id != id {
		return nil, false
	}
	k.asked = now
	return k.Trial, true
}

// most are the forms that were met most often.
func most(met map[string]int, limit int) []Form {
	words := slices.SortedFunc(maps.Keys(met), func(a, b string) int { return cmp.Or(cmp.Compare(met[b], met[a]), cmp.Compare(a, b)) })
	var out []Form
	for _, w := range words[:min(len(words), limit)] {
		out = append(out, Form{w, met[w]})
	}
	return out
}
