package learn_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/incidents"
	"otklik/incidents/rubricator"
	"otklik/index"
	"otklik/index/classify"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/lease"
	"otklik/internal/social"
)

// base is a shelf, lessons and a register in memory.
type base struct {
	mu        sync.Mutex
	present   learn.Present
	decisions []learn.Decision
	quiet     []learn.Decision
	open      learn.Training
	ended     []learn.Training
	stop      bool
}

func newBase() *base {
	return &base{present: learn.Present{
		Settings: learn.DefaultSettings(), Active: map[learn.Part]learn.Version{},
		Topics:      []incidents.Topic{{ID: "pits", Name: "Ямы на дорогах", DepartmentID: "roads"}, {ID: "water", Name: "Вода", DepartmentID: "vod"}},
		Departments: []incidents.Department{{ID: "roads", Name: "Дорожники"}, {ID: "vod", Name: "Водоканал"}},
	}}
}

func (b *base) Present(_ context.Context, have int64) (learn.Present, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.present, have != b.present.Revision, nil
}

func (b *base) Decisions(context.Context, int) ([]learn.Decision, error) { return b.decisions, nil }

func (b *base) Quiet(context.Context, int, time.Time) ([]learn.Decision, error) { return b.quiet, nil }

func (b *base) Rulebook(context.Context, int64) (detect.Rulebook, bool, error) {
	return detect.Rulebook{Rules: []detect.Rule{{ID: "r", TopicID: "pits", Expr: "яма"}}}, true, nil
}

func (b *base) WantedTraining(context.Context) (learn.Wish, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return learn.Wish{Open: b.open}, nil
}

func (b *base) BeginTraining(context.Context, lease.Lease, int, time.Time) (learn.Training, error) {
	return b.open, nil
}

func (b *base) StepTraining(_ context.Context, _ lease.Lease, _, step string, _ time.Time) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stop && step == "", nil
}

func (b *base) EndTraining(_ context.Context, _ lease.Lease, t learn.Training, better []learn.Version, _ time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open, b.ended = learn.Training{}, append(b.ended, t)
	for _, v := range better {
		b.present.Active[v.Part] = v
		b.present.Revision++
	}
	return nil
}

type rule struct{}

func (rule) Match(it detect.Item) []detect.Hit {
	if strings.Contains(it.Text, "яма") {
		return []detect.Hit{{RuleID: "r", TopicID: "pits"}}
	}
	return nil
}

var begun = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// taught is a base with decisions about pits and water, and idle talk.
func taught() *base {
	b := newBase()
	for i := range 120 {
		d := learn.Decision{Kind: learn.Assigned, At: begun.Add(time.Duration(i) * time.Minute)}
		d.Subject = fmt.Sprint("case ", i)
		d.Item.Kind, d.Item.Depth = social.Comment, 1
		switch i % 3 {
		case 0:
			d.Item.Text, d.TopicID, d.DepartmentID = fmt.Sprintf("На улице %d опять яма, разбитая дорога, почините асфальт", i), "pits", "roads"
		case 1:
			d.Item.Text, d.TopicID, d.DepartmentID = fmt.Sprintf("В доме %d нет воды, кран сухой, когда включите", i), "water", "vod"
		default:
			d.Kind, d.Item.Text = learn.Rejected, fmt.Sprintf("Смешная яма в анекдоте %d, шутка", i)
		}
		b.decisions = append(b.decisions, d)
	}
	for i := range 300 {
		d := learn.Decision{At: begun.Add(time.Duration(i) * 25 * time.Second)}
		d.Item = classify.Item{Text: fmt.Sprintf("Спасибо, хороший праздник и концерт %d", i), Kind: social.Comment, Depth: 1}
		b.quiet = append(b.quiet, d)
	}
	b.open = learn.Training{ID: "t", State: learn.Open, AskedBy: "Кто-то"}
	return b
}

func tools(t *testing.T, b *base) (*learn.Trainer, *learn.Judge) {
	t.Helper()
	a := index.NewAnalyzer()
	d, err := classify.NewDetector(a, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	tr := &learn.Trainer{
		Lessons: b, Register: b, Shelf: b, Analyzer: a, Base: d, Tick: time.Hour, Now: func() time.Time { return begun.Add(48 * time.Hour) }, Log: log, Told: func() {},
		Compile: func([]detect.Rule) (detect.Matcher, []error) { return rule{}, nil },
	}
	return tr, learn.NewJudge(b, a, d, log)
}

// run lets the trainer work until a training has ended.
func run(t *testing.T, tr *learn.Trainer, b *base) learn.Training {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan struct{})
	tr.Told = func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.ended) == 1 {
			cancel()
		}
	}
	go func() { defer close(ended); _ = tr.Run(ctx, lease.Lease{}) }()
	<-ended
	if len(b.ended) != 1 {
		t.Fatal("no training has ended")
	}
	return b.ended[0]
}

func message(text string) detect.Item {
	var it detect.Item
	it.Text, it.Kind, it.OwnPage = text, social.Comment, true
	return it
}

func TestLearnsWhatPeopleDecided(t *testing.T) {
	t.Parallel()
	b := taught()
	tr, judge := tools(t, b)
	got := run(t, tr, b)
	if got.State != learn.Finished || len(got.Parts) != 4 || got.Trouble != "" {
		t.Fatalf("%+v", got)
	}
	if _, ok := b.present.Active[learn.PartTopic]; !ok {
		t.Fatalf("%+v", got.Parts)
	}
	x, err := judge.Suggest(t.Context(), classify.Item{Text: "у нас яма на дороге, нужен асфальт", Kind: social.Comment, Depth: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Topics) == 0 || x.Topics[0].ID != "pits" || len(x.Topics[0].Words) == 0 || x.Departments[0].ID != "roads" {
		t.Fatalf("%+v", x)
	}
}

func TestAPersonStopsATraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := taught()
		b.stop = true
		tr, _ := tools(t, b)
		// Learning goes on until the watch has seen the wish.
		compile := tr.Compile
		tr.Compile = func(r []detect.Rule) (detect.Matcher, []error) { time.Sleep(2 * time.Second); return compile(r) }
		if got := run(t, tr, b); got.State != learn.Cancelled || len(b.present.Active) != 0 {
			t.Fatalf("%+v", got)
		}
	})
}

func TestWhenToLearn(t *testing.T) {
	t.Parallel()
	for i, x := range []struct {
		w   learn.Wish
		due bool
	}{
		{learn.Wish{}, false},
		{learn.Wish{New: 49}, false},
		{learn.Wish{New: 50}, true},
		{learn.Wish{New: 500, LastAt: begun.Add(-time.Minute)}, false},
		{learn.Wish{New: 50, LastAt: begun.Add(-time.Hour)}, true},
		{learn.Wish{Open: learn.Training{ID: "x"}, LastAt: begun}, true},
	} {
		if x.w.Due(begun) != x.due {
			t.Errorf("%d: %+v", i, x)
		}
	}
}

func TestJudgeHoldsToTheThresholds(t *testing.T) {
	t.Parallel()
	b := taught()
	tr, judge := tools(t, b)
	run(t, tr, b)
	pit := message("На улице 7 опять яма, разбитая дорога, почините асфальт")
	hits := rule{}.Match(pit)
	look := func(change func(*learn.Settings)) detect.Opinion {
		s := learn.DefaultSettings()
		change(&s)
		b.mu.Lock()
		b.present.Settings = s
		b.present.Revision++
		b.mu.Unlock()
		if err := judge.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		return judge.Judge(pit, hits)
	}
	first := look(func(*learn.Settings) {})
	if !first.Judged || first.Coordinate != nil {
		t.Fatalf("a new installation hands out by itself: %+v", first)
	}
	if o := look(func(s *learn.Settings) { s.Threshold = .05 }); !o.Due || o.TopicID != "pits" {
		t.Fatalf("%+v", o)
	}
	if o := look(func(s *learn.Settings) { s.Off = true }); !o.Due {
		t.Fatal("rules alone decide when the program does not")
	}
	auto := func(change func(*learn.Auto)) detect.Opinion {
		return look(func(s *learn.Settings) {
			s.Threshold, s.Auto.On, s.Auto.Threshold = .05, true, .1
			change(&s.Auto)
		})
	}
	if o := auto(func(*learn.Auto) {}); o.Coordinate == nil || o.Coordinate.DepartmentID != "roads" || !strings.Contains(o.Coordinate.Why, "Уверенность") {
		t.Fatalf("%+v", o)
	}
	if o := auto(func(a *learn.Auto) { a.Topics = map[string]float64{"pits": learn.Never} }); o.Coordinate != nil {
		t.Fatal("a topic is left to people")
	}
	hits[0].TopicID = "water"
	if o := auto(func(*learn.Auto) {}); o.Coordinate != nil {
		t.Fatal("the rule says something else")
	}
}

func TestRoutesDecideBeforeTheModel(t *testing.T) {
	t.Parallel()
	b := taught()
	tr, judge := tools(t, b)
	run(t, tr, b)
	pit := message("На улице 7 опять яма, разбитая дорога, почините асфальт")
	pit.Place = detect.Place{Territory: "south", Title: "Южный район", Path: []string{"south", "town"}}
	look := func(hits []detect.Hit, routes ...incidents.Route) *incidents.Coordinate {
		b.mu.Lock()
		b.present.Settings = learn.Settings{Threshold: .05, Auto: learn.Auto{On: true, Threshold: .1}}
		b.present.Routes = routes
		b.present.Revision++
		b.mu.Unlock()
		if err := judge.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		c := judge.Judge(pit, hits).Coordinate
		if c == nil {
			t.Fatal("nothing is handed out")
		}
		return c
	}
	fired := rule{}.Match(pit)
	if c := look(fired); c.DepartmentID != "roads" || !strings.Contains(c.Why, "прошлым решениям") {
		t.Fatalf("%+v", c)
	}
	south := incidents.Route{TopicID: "pits", PlaceID: "south", DepartmentID: "vod"}
	if c := look(fired, south, incidents.Route{TopicID: "pits", DepartmentID: "roads"}); c.DepartmentID != "vod" || !strings.Contains(c.Why, "по маршруту: тема «Ямы на дорогах», место «Южный район»") {
		t.Fatalf("%+v", c)
	}
	north := incidents.Route{TopicID: "pits", PlaceID: "north", DepartmentID: "vod"}
	if c := look(fired, north); c.DepartmentID != "roads" {
		t.Fatalf("a route of another place: %+v", c)
	}
	if c := look(fired, incidents.Route{DepartmentID: "vod"}); c.DepartmentID != "roads" {
		t.Fatalf("who takes the rest took what was learned: %+v", c)
	}
	fired[0].DepartmentID, fired[0].RuleName = "roads", "Ямы"
	if c := look(fired, south); c.DepartmentID != "roads" || !strings.Contains(c.Why, "по правилу «Ямы»") {
		t.Fatalf("%+v", c)
	}
}

func TestFactsAreLearnedFromWhatPeopleChose(t *testing.T) {
	t.Parallel()
	b := taught()
	b.present.Facts = []rubricator.Fact{{ID: "pit", Category: "Дороги", Name: "Яма на проезжей части"}, {ID: "dry", Category: "Вода", Name: "Нет воды в доме"}}
	for i := range b.decisions {
		switch d := &b.decisions[i]; d.TopicID {
		case "pits":
			d.Kind, d.FactID = learn.Classified, "pit"
		case "water":
			d.Kind, d.FactID = learn.Classified, "dry"
		}
	}
	tr, judge := tools(t, b)
	run(t, tr, b)
	x, err := judge.Suggest(t.Context(), classify.Item{Text: "в доме нет воды, сухой кран", Kind: social.Comment, Depth: 1})
	if err != nil || len(x.Facts) == 0 || x.Facts[0].ID != "dry" || x.Facts[0].Name != "Вода → Нет воды в доме" || len(x.Facts[0].Words) == 0 {
		t.Fatalf("%+v %v", x.Facts, err)
	}
}

// What is a complaint all the same, a double or somebody else's, teaches nothing
// about what is due.
func TestOnlySomeGroundsTeach(t *testing.T) {
	t.Parallel()
	held := func(ground incidents.Ground) int {
		b := taught()
		for i := range b.decisions {
			b.decisions[i].Ground = ground
		}
		tr, _ := tools(t, b)
		got := run(t, tr, b)
		var r classify.DetectorReport
		if err := json.Unmarshal(got.Parts[0].Report, &r); err != nil {
			t.Fatal(err)
		}
		return r.Held
	}
	// Of 120 decisions a third are rejections, 300 messages are idle talk, and a
	// tenth of all is held back.
	if all, some, own := held(incidents.NoMatter), held(incidents.Double), held(""); all != 42 || some != 38 || own != 42 {
		t.Fatalf("%d, with doubles %d, without a ground %d", all, some, own)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for i, x := range []learn.Settings{
		{Threshold: .01, Auto: learn.Auto{Threshold: .9}},
		{Threshold: .2, Auto: learn.Auto{Threshold: .2}},
		{Threshold: .2, Auto: learn.Auto{Threshold: .9, Topics: map[string]float64{"x": 1}}},
	} {
		if errs.CodeOf(x.Check()) != errs.Invalid {
			t.Errorf("%d", i)
		}
	}
	if err := learn.DefaultSettings().Check(); err != nil {
		t.Error(err)
	}
}

func TestTryComparesWithPeople(t *testing.T) {
	t.Parallel()
	list := []learn.Foretold{
		{Due: .9, Topic: .9, TopicID: "a", CaseTopicID: "a", Accepted: true},
		{Due: .9, Topic: .7, TopicID: "a", CaseTopicID: "b", Accepted: true},
		{Due: .95, Topic: .95, TopicID: "a", Department: .6, DepartmentID: "d", CaseTopicID: "a", CaseDepartmentID: "d", Accepted: true},
		{Due: .9, Topic: .9, TopicID: "a", CaseTopicID: "a"},
	}
	got := fmt.Sprint(learn.Try(list, []float64{.6, .8}))
	if got != "[{0.6 4 2} {0.8 2 1}]" {
		t.Fatal(got)
	}
}
