// Package mass is casework with many complaints about one thing: a mass
// incident gathers cases of one topic in one place, so that people hear of it
// once and see it as one line with a growing counter. It knows no database;
// whoever keeps incidents carries out what is decided here.
package mass

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/errs"
)

// State is where an incident stands.
type State string

const (
	Open   State = "open"   // Идёт: new cases join it
	Closed State = "closed" // Закрыт: nothing joins it any more
	Merged State = "merged" // Объединён: its members are in another incident
)

// States lists the states in the order in which people read them.
func States() []State { return []State{Open, Closed, Merged} }

// Title is the state's name as people read it, "" for an unknown state.
func (s State) Title() string {
	switch s {
	case Open:
		return "Идёт"
	case Closed:
		return "Закрыт"
	case Merged:
		return "Объединён"
	}
	return ""
}

// Place is where something happens; the zero value is not known.
type Place struct {
	ID    string
	Title string
	// Path are the ids of the place and of all in which it lies, the place first.
	Path []string
}

// Levels are the places by which cases are gathered, the most exact first. What
// happens nobody knows where is gathered by itself.
func (p Place) Levels() []string {
	if len(p.Path) > 0 {
		return p.Path
	}
	return []string{p.ID}
}

// Incident is one matter of which many people complain.
type Incident struct {
	ID     string
	Number int64
	// Version grows with what people do to it; what joins by itself leaves it.
	Version int
	State   State
	Title   string
	TopicID string // "" when a person gathered cases of several topics
	Place   Place
	// Draft is the answer for all members that people are writing.
	Draft string
	// ByName is the person who began it, "" for the program.
	ByID, ByName string
	// Why is what was said when it was closed.
	Why      string
	OpenedAt time.Time
	GrewAt   time.Time // when the newest member joined
	ClosedAt time.Time
	Into     int64 // the number of the incident it was merged into
}

// still is how long an open incident without new members goes on attracting
// cases: what comes later is most often another matter.
const still = 72 * time.Hour

// Attracts says that a new case of its topic and place joins it.
func (i Incident) Attracts(now time.Time) bool {
	return i.State == Open && now.Sub(i.GrewAt) <= still
}

// Limits say from when complaints are a mass incident.
type Limits struct {
	// Authors is how many different people have to complain within Window.
	Authors int
	Window  time.Duration
	// Off leaves the gathering of a topic to people.
	Off bool
}

// Default are the limits of a topic for which nobody has set others.
func Default() Limits { return Limits{Authors: 5, Window: 6 * time.Hour} }

// Check holds limits to what makes sense. Errors: Invalid.
func (l Limits) Check() error {
	if l.Authors < 2 || l.Authors > 1000 {
		return errs.New(errs.Invalid, "Число авторов — от 2 до 1000.")
	}
	if l.Window < time.Hour || l.Window > 7*24*time.Hour {
		return errs.New(errs.Invalid, "Время — от 1 часа до 168 часов (недели).")
	}
	return nil
}

// Settings are the limits by topic; the topic "" stands for all others.
type Settings map[string]Limits

// For are the limits of a topic.
func (s Settings) For(topicID string) Limits {
	for _, id := range []string{topicID, ""} {
		if l, ok := s[id]; ok {
			return l
		}
	}
	return Default()
}

// Candidate is a case that could be a member.
type Candidate struct {
	CaseID string
	Author string // of the message, told apart in all networks
}

// Enough says whether the candidates of one topic and place, all within the
// window, make a mass incident.
func (l Limits) Enough(list []Candidate) bool {
	authors := map[string]bool{}
	for _, c := range list {
		authors[c.Author] = true
	}
	return !l.Off && len(authors) >= l.Authors
}

// Event is one line of an incident's history. Events are only ever added.
type Event struct {
	At        time.Time
	ActorID   string // empty when the program acted
	ActorName string
	Kind      Kind
	Text      string // what a person wrote, or what changed, in words for people
	// Cases are the numbers of the cases it was about.
	Cases []int64
}

// Kind is what happened to an incident.
type Kind string

const (
	Begun    Kind = "begun"
	Renamed  Kind = "renamed"
	Added    Kind = "added"
	Removed  Kind = "removed"
	Absorbed Kind = "absorbed" // another incident was merged into it
	Yielded  Kind = "yielded"  // it was merged into another
	Ended    Kind = "ended"
	Reopened Kind = "reopened"
	Drafted  Kind = "drafted"
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return []Kind{Begun, Renamed, Added, Removed, Absorbed, Yielded, Ended, Reopened, Drafted}
}

const (
	maxTitle = 200
	maxWhy   = 1000
	maxDraft = 4000
	// MostAtOnce bounds how many cases one command names.
	MostAtOnce = 200
)

// said trims what a person wrote and holds it to a bound in characters.
func said(text string, most int) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), ""), "\r\n", "\n"))
	if utf8.RuneCountInString(text) > most {
		return "", errs.Newf(errs.TooLarge, "Слишком длинно: до %d знаков.", most)
	}
	return text, nil
}

func required(text string, most int, empty string) (string, error) {
	text, err := said(text, most)
	if err == nil && text == "" {
		return "", errs.New(errs.Invalid, empty)
	}
	return text, err
}

// numbers sorts the numbers of cases and drops repeated ones.
func numbers(list []int64) ([]int64, error) {
	list = slices.Clone(list)
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) == 0 {
		return nil, errs.New(errs.Invalid, "Укажите хотя бы одну карточку.")
	}
	if len(list) > MostAtOnce {
		return nil, errs.Newf(errs.TooLarge, "За один раз — до %d карточек.", MostAtOnce)
	}
	return list, nil
}
