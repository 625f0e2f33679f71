package learn

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"otklik/index"
	"otklik/index/classify"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/lease"
)

const (
	// quietMost is how many items without a decision stand for all of them.
	quietMost = 20_000
	// quietAge is how long an item has to have been left alone to count.
	quietAge = 24 * time.Hour
)

// session is one training under way.
type session struct {
	t         *Trainer
	lease     lease.Lease
	training  Training
	decisions []Decision
	better    []Version
}

// watch asks now and then whether people want the training to stop.
func (s *session) watch(ctx context.Context, stop func()) {
	tick := time.NewTicker(lookStop)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if wanted, err := s.t.Register.StepTraining(ctx, s.lease, s.training.ID, "", s.t.Now()); err == nil && wanted {
			stop()
			return
		}
	}
}

func (s *session) step(ctx context.Context, words string) error {
	_, err := s.t.Register.StepTraining(ctx, s.lease, s.training.ID, words, s.t.Now())
	s.t.Told()
	return err
}

// learn goes through the parts and returns the versions that do better.
func (s *session) learn(ctx context.Context) ([]Version, error) {
	p, _, err := s.t.Shelf.Present(ctx, -1)
	if err != nil {
		return nil, err
	}
	if err := s.step(ctx, "Учится отличать жалобы"); err != nil {
		return nil, err
	}
	if err := s.due(ctx, p); err != nil {
		return nil, err
	}
	topics, departments, facts := map[string]string{}, map[string]string{}, map[string]string{}
	for _, x := range p.Topics {
		topics[x.ID] = x.Name
	}
	for _, x := range p.Departments {
		departments[x.ID] = x.Name
	}
	for _, x := range p.Facts {
		facts[x.ID] = x.Title()
	}
	for _, x := range []struct {
		part  Part
		words string
		names map[string]string
		label func(*final) string
	}{
		{PartTopic, "Учится определять тему", topics, func(f *final) string { return f.topic }},
		{PartFact, "Учится находить факт", facts, func(f *final) string { return f.fact }},
		{PartDepartment, "Учится выбирать ведомство", departments, func(f *final) string { return f.department }},
	} {
		if err := s.step(ctx, x.words); err != nil {
			return nil, err
		}
		if err := s.labels(ctx, p, x.part, examples(s.decisions, x.names, x.label)); err != nil {
			return nil, err
		}
	}
	return s.better, nil
}

// due learns what a reaction is due to. Items that nobody took from outside the
// queue stand for what is no complaint: people decide only about what they see,
// so their decisions alone would teach that nearly everything is one.
func (s *session) due(ctx context.Context, p Present) error {
	quiet, err := s.t.Lessons.Quiet(ctx, quietMost, s.t.Now().Add(-quietAge))
	if err != nil {
		return err
	}
	book, _, err := s.t.Lessons.Rulebook(ctx, -1)
	if err != nil {
		return err
	}
	rules, wrong := s.t.Compile(book.Rules)
	for _, e := range wrong {
		s.t.Log.Warn("a rule is left out of learning", "err", e)
	}
	var list []classify.Decision
	add := func(d Decision, due bool, at time.Time) {
		it := detect.Item{OwnPage: d.Item.OwnPage}
		it.Text, it.Kind = d.Item.Text, d.Item.Kind
		x := classify.Decision{Item: d.Item, Due: due, At: at}
		for _, h := range rules.Match(it) {
			x.Rules = append(x.Rules, index.Match{RuleID: h.RuleID})
		}
		list = append(list, x)
	}
	for _, f := range finals(s.decisions) {
		if f.due != unknown {
			add(f.Decision, f.due == yes, f.at)
		}
	}
	for _, d := range quiet {
		add(d, false, d.At)
	}
	if few(list) {
		s.note(PartDue, false, "Пока мало сообщений, которые не жалобы: первые сутки программа на них только смотрит.", nil)
		return nil
	}
	present := s.t.Base
	if v, ok := p.Active[PartDue]; ok {
		if read, err := s.t.Base.Read(v.Data); err == nil {
			present = read
		}
	}
	next, report, err := present.Retrain(ctx, list)
	if errs.CodeOf(err) == errs.Invalid && ctx.Err() == nil {
		s.note(PartDue, false, "Решений пока мало: нужны и принятые, и отклонённые сообщения.", nil)
		return nil
	}
	if err != nil {
		return err
	}
	if report.Better {
		data, err := next.Bytes()
		if err != nil {
			return err
		}
		if err := s.keep(PartDue, data, report, next.Learned()); err != nil {
			return err
		}
	}
	s.note(PartDue, report.Better, report.Why, report)
	return nil
}

// chatter is how many messages that are no complaints it takes at least for one
// that is: with fewer, a model would take nearly everything for a complaint.
const chatter = 3

func few(list []classify.Decision) bool {
	due := 0
	for _, d := range list {
		if d.Due {
			due++
		}
	}
	return len(list)-due < chatter*due
}

// labels learns a part that chooses among names.
func (s *session) labels(ctx context.Context, p Present, part Part, list []classify.Example) error {
	if len(list) < fewest || kinds(list) < 2 {
		s.note(part, false, "Решений пока мало: чтобы начать угадывать, нужно хотя бы 40 на два разных ответа.", nil)
		return nil
	}
	var present *classify.Model
	if v, ok := p.Active[part]; ok {
		// What cannot be read is learned from the beginning.
		present, _ = classify.ReadModel(s.t.Analyzer, v.Data)
	}
	next, report, err := classify.Retrain(ctx, s.t.Analyzer, present, list, 1)
	if errs.CodeOf(err) == errs.Invalid && ctx.Err() == nil {
		s.note(part, false, errs.MessageOf(err), nil)
		return nil
	}
	if err != nil {
		return err
	}
	if report.Better {
		data, err := next.Bytes()
		if err != nil {
			return err
		}
		if err := s.keep(part, data, report, next.Learned()); err != nil {
			return err
		}
	}
	s.note(part, report.Better, report.Why, report)
	return nil
}

func kinds(list []classify.Example) int {
	seen := map[string]bool{}
	for _, x := range list {
		seen[x.Label] = true
	}
	return len(seen)
}

func (s *session) keep(part Part, data []byte, report any, learned int) error {
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	s.better = append(s.better, Version{Part: part, Data: data, Report: text, Learned: learned})
	return nil
}

func (s *session) note(part Part, better bool, why string, report any) {
	r := PartResult{Part: part, Better: better, Why: why}
	if report != nil {
		// Reports hold numbers and sentences only.
		r.Report, _ = json.Marshal(report)
	}
	s.training.Parts = append(s.training.Parts, r)
}

// answer is a person's word, as far as there is one.
type answer int

const (
	unknown answer = iota
	yes
	no
)

// final is what all decisions about one subject come to.
type final struct {
	Decision
	due                     answer
	topic, fact, department string
	at                      time.Time
}

// finals puts the decisions about each subject together; they stand from the
// oldest to the newest, and the newest counts.
func finals(decisions []Decision) []*final {
	bySubject := map[string]*final{}
	var list []*final
	for _, d := range decisions {
		f, ok := bySubject[d.Subject]
		if !ok {
			f = &final{Decision: d}
			bySubject[d.Subject] = f
			list = append(list, f)
		}
		f.take(d)
	}
	slices.SortStableFunc(list, func(a, b *final) int { return a.at.Compare(b.at) })
	return list
}

func (f *final) take(d Decision) {
	f.at = d.At
	switch d.Kind {
	case Rejected, Dismissed:
		if !d.Ground.Teaches() {
			return // a complaint all the same
		}
		f.due, f.topic, f.fact, f.department = no, "", "", ""
		return
	case Uncoordinated:
		// It was handed out wrongly; what is right has yet to be said.
		f.topic, f.fact, f.department = "", "", ""
		return
	case Classified:
		f.fact = d.FactID
	case Imported:
		if f.due = no; d.Due {
			f.due = yes
		}
	case Accepted, Assigned, Taken:
		f.due = yes
	}
	if d.TopicID != "" {
		f.topic = d.TopicID
	}
	if d.DepartmentID != "" {
		f.department = d.DepartmentID
	}
}

// examples are the subjects that have a label which still exists.
func examples(decisions []Decision, names map[string]string, label func(*final) string) []classify.Example {
	var out []classify.Example
	for _, f := range finals(decisions) {
		if name := names[label(f)]; name != "" && f.due != no {
			out = append(out, classify.Example{Item: f.Item, Label: name, At: f.at})
		}
	}
	return out
}
