package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/social"
)

// titleLength is how many characters of the message make a case's title.
const titleLength = 72

// casePage is the page of one case.
type casePage struct {
	Foreign   bool // the message stands on a page that is not the agency's own
	Network   social.Network
	Shell     shell
	ID        string
	Number    int64
	Version   int
	Title     string
	Stage     stageIcon
	Outcome   string
	Due       deadline
	DueAt     stamp
	Clock     caseClock
	Track     []step
	Can       map[string]bool
	Thread    thread
	Facts     facts
	Why       []whyLine
	Chance    chance
	Auto      bool // the program has handed it out
	Proposals proposals
	Editor    editor
	Samples   []answerSample
	Check     *answerCheck
	checked   func(text string) *answerCheck
	Sending   *sending
	History   []line
	Copies    []copyLine
	Gather    bool // the person may put it into a mass incident
	Notes     []line
	Topics    []choice
	Executors []choiceGroup
	Previous  string
	Next      string
	Problem   *problem
	Kept      kept
	Life      lifeFacts
}

// choiceGroup is a department with whom a case may be given to.
type choiceGroup struct {
	Title   string
	Choices []choice
}

// facts is what is known of a case beside its text.
type facts struct {
	Topic, Department, Executor string
	Fact, Category, Needs       string
	Sample                      string // an answer to begin with
	Fast                        bool
	Place                       placeFact
	AuthorName, AuthorURL       string
	Source, Permalink           string
	Net                         netIcon
	Came, Opened                stamp
	RejectReason                string
	Mass                        incidents.Mass
	Attached                    int
}

// placeFact is where a case happens and how that is known.
type placeFact struct{ Title, From, Words string }

type whyLine struct {
	Rule, Topic string
	Words       []string
}

// kept is what a person wrote and what did not go through.
type kept struct{ Command, Text, Link, Choice, Day string }

// problem is why a command did not go through, and what changed meanwhile.
type problem struct {
	Title   string
	Text    string
	Changes []line
	// Orphan is the person's text where the page has no field for it any more.
	Orphan string
}

func (s *server) caseView(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := s.caseID(r, v)
	if err != nil {
		return err
	}
	page, err := s.casePage(r, v, id)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "case", page)
	return nil
}

// caseID finds the case that the address names by its number.
func (s *server) caseID(r *http.Request, v *visit) (string, error) {
	n, ok := caseNumber(r.PathValue("number"))
	if !ok {
		return "", errs.New(errs.NotFound, "Карточки с таким номером нет. Проверьте ссылку.")
	}
	return s.Queue.CaseByNumber(r.Context(), v.person.Actor(), n)
}

func (s *server) casePage(r *http.Request, v *visit, id string) (*casePage, error) {
	view, err := s.Queue.View(r.Context(), id, v.person.Actor(), v.now)
	if err != nil {
		return nil, err
	}
	c := view.Case
	p := &casePage{
		Shell: s.shell(r, v, "case", "№\u00a0"+strconv.FormatInt(c.Number, 10)+". "+caseTitle(c)),
		ID:    c.ID, Number: c.Number, Version: c.Version, Title: caseTitle(c), Stage: iconOfStage(c.Stage), Outcome: c.Outcome.Title(),
		Due: s.deadline(c.DueAt, c.Outcome, v.now), DueAt: s.stamp(c.DueAt, v.now), Track: s.track(c, view.History, v.now),
		Can: possible(c, v.person.Actor()), Network: c.Message.Ref.Network, Foreign: c.Foreign, Thread: s.thread(view, v.now), Facts: s.facts(view, v.now),
		Editor: s.editor(view, v), Sending: s.sending(view, v.person.Actor(), v.now),
		Chance: chanceOf(view.Probability, view.Reasons), Auto: c.Auto,
	}
	if p.Previous, p.Next, err = s.Queue.Neighbours(r.Context(), v.person.Actor(), id, v.now, s.clock.DayEnd(v.now)); err != nil {
		return nil, err
	}
	p.Proposals = s.proposals(r, c, p.Can)
	for _, y := range view.Why {
		p.Why = append(p.Why, whyLine{Rule: y.RuleName, Topic: y.Topic, Words: y.Words})
	}
	if st := delivery.State(view.Delivery.State); st == delivery.Unknown || st == delivery.Sending {
		// Such an answer may be out already: there is nothing to take back.
		delete(p.Can, string(incidents.EventWithdrawn))
	}
	if p.Clock, err = s.caseClock(r.Context(), c, v.now); err != nil {
		return nil, err
	}
	if p.Clock.Stands != "" {
		p.Due.Text = "часы стоят"
	}
	p.Copies, p.Gather = s.copies(view.Copies, v.now), view.Mass.Number == 0 && v.person.Actor().Can(rights.ManageIncidents)
	p.History, p.Notes = s.history(view.History, v.now)
	if err := s.rubric(r, c, &p.Facts); err != nil {
		return nil, err
	}
	if err := s.choices(r, c, p); err != nil {
		return nil, err
	}
	if err := s.prepare(r, view, p); err != nil {
		return nil, err
	}
	if err := s.life(r, v, view, p); err != nil {
		return nil, err
	}
	return p, nil
}

// possible is what the person could do now, for the templates.
func possible(c incidents.Case, by rights.Actor) map[string]bool {
	can := map[string]bool{}
	for _, kind := range incidents.Possible(c, by) {
		can[string(kind)] = true
	}
	return can
}

// choices fills the lists of topics and executors, where they are needed.
func (s *server) choices(r *http.Request, c incidents.Case, p *casePage) error {
	if p.Can[string(incidents.EventClassified)] {
		topics, err := s.Directory.Topics(r.Context())
		if err != nil {
			return err
		}
		for _, t := range topics {
			p.Topics = append(p.Topics, choice{Title: t.Name, Value: t.ID, Checked: t.ID == c.TopicID})
		}
	}
	if !p.Can[string(incidents.EventAssigned)] {
		return nil
	}
	var err error
	p.Executors, err = s.executors(r, c)
	return err
}

// executors lists departments with their people as one choice: «dept» stands
// for whoever takes it there, «dept/person» for one person.
func (s *server) executors(r *http.Request, c incidents.Case) ([]choiceGroup, error) {
	departments, err := s.Directory.Departments(r.Context())
	if err != nil {
		return nil, err
	}
	people, err := s.Directory.Executors(r.Context(), "")
	if err != nil {
		return nil, err
	}
	var groups []choiceGroup
	for _, d := range departments {
		if d.OrganisationID != c.Whose.OrganisationID {
			continue // the card would have to be redirected there
		}
		g := choiceGroup{Title: d.Name}
		g.Choices = append(g.Choices, choice{
			Title: d.Name + ": кто возьмёт", Value: d.ID, Checked: d.ID == c.DepartmentID && c.ExecutorID == "",
		})
		for _, person := range people {
			if person.DepartmentID == d.ID {
				g.Choices = append(g.Choices, choice{Title: person.Name, Value: d.ID + "/" + person.ID, Checked: person.ID == c.ExecutorID})
			}
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func (s *server) facts(view incidents.View, now time.Time) facts {
	c := view.Case
	f := facts{
		Topic: view.TopicName, Department: view.Department, Executor: c.ExecutorName,
		AuthorName: authorName(c.Message.Author.Name), AuthorURL: webLink(c.Message.Author.URL),
		Source: view.Source, Permalink: webLink(c.Message.Permalink), Net: iconOfNet(c.Message.Ref.Network),
		Fact: c.FactName, Fast: c.Fast, Place: placeFact{c.Place.Title, c.Place.From.Title(), c.Place.Words},
		Came: s.stamp(c.Message.PublishedAt, now), Opened: s.stamp(c.OpenedAt, now), RejectReason: c.RejectReason, Mass: view.Mass,
	}
	for _, t := range view.Thread {
		if t.IsAttached {
			f.Attached++
		}
	}
	return f
}

// caseTitle is the first sentence of the message, or as much as fits a line.
func caseTitle(c incidents.Case) string {
	text := strings.Join(strings.Fields(c.Message.Text), " ")
	if text == "" {
		return "Сообщение без текста"
	}
	if i := strings.IndexAny(text, ".!?"); i > 0 && utf8.RuneCountInString(text[:i]) >= 16 && utf8.RuneCountInString(text[:i]) <= titleLength {
		return strings.TrimRight(text[:i+1], ".")
	}
	return ru.Cut(text, titleLength)
}

func authorName(name string) string {
	if strings.TrimSpace(name) == "" {
		return "Автор без имени"
	}
	return name
}

// webLink lets only links to the web through: what comes from the networks may
// hold anything.
func webLink(link string) string {
	if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
		return link
	}
	return ""
}

func lower(s string) string { return strings.ToLower(s) }

func surname(e incidents.Event) string {
	if e.ActorID == "" {
		return "Отклик"
	}
	return ru.Surname(e.ActorName)
}
