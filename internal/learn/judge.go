package learn

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"otklik/incidents"
	"otklik/incidents/rubricator"
	"otklik/index"
	"otklik/index/classify"
	"otklik/internal/detect"
)

// Present is all that judging goes by.
type Present struct {
	Revision    int64
	Settings    Settings
	Active      map[Part]Version
	Topics      []incidents.Topic
	Departments []incidents.Department
	Facts       []rubricator.Fact // the active ones
	Routes      []incidents.Route
	// Proven is what people made of the messages of rules, by their ids.
	Proven map[string]classify.Proven
}

// Shelf keeps what judging goes by.
type Shelf interface {
	// Present returns it; false when it is still of the revision the caller has.
	Present(ctx context.Context, have int64) (Present, bool, error)
}

// Judge says what is due and what a message is about. It may be used by several
// at once; what it goes by is swapped as a whole.
type Judge struct {
	shelf    Shelf
	analyzer *index.Analyzer
	base     *classify.Detector // what a new installation goes by
	log      *slog.Logger
	now      atomic.Pointer[mind]
}

// mind is what a Judge goes by at a moment.
type mind struct {
	Present
	detector    *classify.Detector
	topics      *classify.Model // nil until one is learned
	facts       *classify.Model
	departments *classify.Model
	topicID     map[string]string // by names, which are the labels
	topicName   map[string]string
	topicDesk   map[string]string // the department of a topic, by its id
	factID      map[string]string
	deptID      map[string]string
	deptName    map[string]string
}

// NewJudge returns a Judge that goes by base until it is refreshed.
func NewJudge(shelf Shelf, a *index.Analyzer, base *classify.Detector, log *slog.Logger) *Judge {
	j := &Judge{shelf: shelf, analyzer: a, base: base, log: log}
	j.now.Store(&mind{Present: Present{Revision: -1, Settings: DefaultSettings()}, detector: base})
	return j
}

// Refresh implements detect.Judge. A model that cannot be read is left out, and
// the log says so: it has to be learned anew.
func (j *Judge) Refresh(ctx context.Context) error {
	p, changed, err := j.shelf.Present(ctx, j.now.Load().Revision)
	if err != nil || !changed {
		return err
	}
	m := &mind{
		Present: p, detector: j.base, topicID: map[string]string{}, topicName: map[string]string{},
		topicDesk: map[string]string{}, deptID: map[string]string{}, deptName: map[string]string{}, factID: map[string]string{},
	}
	for _, t := range p.Topics {
		m.topicID[t.Name], m.topicName[t.ID], m.topicDesk[t.ID] = t.ID, t.Name, t.DepartmentID
	}
	for _, d := range p.Departments {
		m.deptID[d.Name], m.deptName[d.ID] = d.ID, d.Name
	}
	for _, f := range p.Facts {
		m.factID[f.Title()] = f.ID
	}
	if v, ok := p.Active[PartDue]; ok {
		if d, err := j.base.Read(v.Data); err == nil {
			m.detector = d
		} else {
			j.log.Error("a learned detector cannot be read", "version", v.Number, "err", err)
		}
	}
	m.detector = m.detector.WithRules(p.Proven)
	m.topics, m.facts, m.departments = j.model(p, PartTopic), j.model(p, PartFact), j.model(p, PartDepartment)
	j.now.Store(m)
	return nil
}

func (j *Judge) model(p Present, part Part) *classify.Model {
	v, ok := p.Active[part]
	if !ok {
		return nil
	}
	m, err := classify.ReadModel(j.analyzer, v.Data)
	if err != nil {
		j.log.Error("a learned model cannot be read", "part", part, "version", v.Number, "err", err)
		return nil
	}
	return m
}

// keptReasons bounds what is stored of an explanation.
const keptReasons = 6

// Judge implements detect.Judge.
func (j *Judge) Judge(it detect.Item, hits []detect.Hit) detect.Opinion {
	m := j.now.Load()
	item := ItemOf(it.Item, it.OwnPage)
	fired := make([]index.Match, len(hits))
	for i, h := range hits {
		fired[i].RuleID = h.RuleID
	}
	v := m.detector.Judge(item, fired)
	o := detect.Opinion{Judged: true, Probability: v.Probability, Due: v.Probability >= m.Settings.Threshold}
	if m.Settings.Off {
		o.Due = len(hits) > 0
	}
	for _, r := range v.Reasons[:min(len(v.Reasons), keptReasons)] {
		o.Reasons = append(o.Reasons, incidents.Reason{Words: r.Words, Weight: r.Weight})
	}
	if !o.Due {
		return o
	}
	if best := m.guess(m.topics, m.topicID, item, 1); len(best) > 0 {
		o.TopicID, o.TopicP = best[0].ID, best[0].Probability
	}
	if best := m.guess(m.departments, m.deptID, item, 1); len(best) > 0 {
		o.DepartmentID, o.DepartmentP = best[0].ID, best[0].Probability
	}
	desk := m.desk(&o, it.Place, hits)
	o.Coordinate = m.coordinate(o, item, hits, desk)
	return o
}

// desk says who answers, as the program would hand it out, and why. What people
// have laid down, the rule and the routes, comes before what was learned; of that
// the program is sure, and o says so.
func (m *mind) desk(o *detect.Opinion, place detect.Place, hits []detect.Hit) (why string) {
	if h := detect.Desk(hits); h.DepartmentID != "" {
		o.DepartmentID, o.DepartmentP = h.DepartmentID, 1
		return "по правилу «" + h.RuleName + "»"
	}
	to := incidents.Choose(m.Routes, incidents.Matter{TopicID: o.TopicID, Path: place.Path, TopicDepartmentID: m.topicDesk[o.TopicID]})
	if to.By == incidents.ByRoute {
		o.DepartmentID, o.DepartmentP = to.DepartmentID, 1
		return "по маршруту: " + m.routeWords(to.Route, place)
	}
	switch {
	case o.DepartmentID != "":
		return "по прошлым решениям: маршрута для этой темы и места нет"
	case to.By == incidents.ByTopic:
		o.DepartmentID, o.DepartmentP = to.DepartmentID, 1
		return "по теме: маршрута для неё нет"
	}
	return "" // what nobody owns is left to people
}

// routeWords name a route to people.
func (m *mind) routeWords(r incidents.Route, place detect.Place) string {
	var parts []string
	if r.TopicID != "" {
		parts = append(parts, "тема «"+m.topicName[r.TopicID]+"»")
	}
	if r.PlaceID != "" {
		parts = append(parts, "место «"+place.Title+"»")
	}
	return strings.Join(parts, ", ")
}

// coordinate is what the program does by itself: only where all that it would
// decide is sure enough, and where rules and models do not contradict each other.
func (m *mind) coordinate(o detect.Opinion, item classify.Item, hits []detect.Hit, desk string) *incidents.Coordinate {
	auto := m.Settings.Auto
	if !auto.On || m.Settings.Off || o.TopicID == "" {
		return nil
	}
	if len(hits) > 0 && hits[0].TopicID != o.TopicID {
		return nil
	}
	sure := min(o.Probability, o.TopicP, o.DepartmentP)
	if sure < auto.For(o.TopicID) || m.deptName[o.DepartmentID] == "" {
		return nil
	}
	name := m.topicName[o.TopicID]
	return &incidents.Coordinate{
		TopicID: o.TopicID, TopicName: name, DepartmentID: o.DepartmentID, DepartmentName: m.deptName[o.DepartmentID],
		Probability: sure, Why: because(sure, desk, words(item.Text, m.topics.Explain(item, name, looked), 3)),
	}
}

// because is the sentence of a case's history.
func because(sure float64, desk string, words []string) string {
	text := fmt.Sprintf("Уверенность %.0f\u00a0%%, порог задан в настройках. Ведомство — %s.", sure*100, desk)
	if len(words) > 0 {
		text += " Слова: «" + strings.Join(words, "», «") + "»."
	}
	return text
}

// shortWord is the length below which a word says nothing to a person.
const shortWord = 3

// words are those of a text that speak for something, at most most of them. What
// is no word of the text, such as its length, tells people nothing of a topic.
func words(text string, list []classify.Reason, most int) []string {
	var out []string
	folded := strings.ToLower(text)
	for _, r := range list {
		if len(out) < most && r.Weight > 0 && utf8.RuneCountInString(r.Words) >= shortWord && strings.Contains(folded, strings.ToLower(r.Words)) {
			out = append(out, r.Words)
		}
	}
	return out
}
