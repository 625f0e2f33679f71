package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/index/classify"
	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// school keeps what was learned in memory and serves the ports of learning.
type school struct {
	doubts   []learn.Unlikely
	taken    []string
	settings learn.Settings
	version  int
	wish     learn.Wish
	used     string
	past     bool // there have been trainings
}

func newSchool(now time.Time) *school {
	return &school{
		settings: learn.DefaultSettings(), past: true,
		wish: learn.Wish{New: 21, Open: learn.Training{ID: "t", State: learn.Open, AskedBy: "Олег Панфилов", AskedAt: now, Step: "Учится определять тему", BegunAt: now}},
		doubts: []learn.Unlikely{{
			ItemID: "i1", Source: "Приреченск", Probability: .12, Rule: "Ямы", Topic: "Ямы",
			Item:    social.Item{Ref: social.Ref{Network: social.VK, Owner: "-1", ID: "r9"}, Text: "<script>alert(1)</script> яма", Permalink: "https://vk.example/1", PublishedAt: now},
			Reasons: []incidents.Reason{{Words: "есть ссылка", Weight: -.6}},
		}},
	}
}

func (s *school) ports() Learning { return Learning{Decisions: s, Lessons: s, Doubts: s, Suggester: s} }

func (s *school) Unlikely(context.Context, int, int, time.Time) ([]learn.Unlikely, int, error) {
	return s.doubts, len(s.doubts), nil
}

func (s *school) OpenByHand(_ context.Context, by rights.Actor, id string, _ time.Time) (int64, error) {
	s.taken = append(s.taken, by.ID+" "+id)
	return 4122, nil
}

func (s *school) Dismiss(_ context.Context, by rights.Actor, id string, _ time.Time) error {
	s.taken = append(s.taken, by.ID+" not "+id)
	return nil
}

func (s *school) LastDecisions(context.Context, int, int) ([]learn.Decision, error) {
	d := learn.Decision{Key: "case 1 2", Kind: learn.Rejected, Ground: incidents.Double, Reason: "<b>Повтор", PersonName: "Олег Панфилов"}
	d.Item.Text = "<script>alert(1)</script> яма"
	return []learn.Decision{d, {Key: "case 2 2", Kind: learn.Assigned, DepartmentID: "road", PersonName: "Дарья", Skipped: "Олег Панфилов"}}, nil
}

func (s *school) SkipDecision(_ context.Context, by rights.Actor, key string, skip bool, _ time.Time) error {
	s.taken = append(s.taken, fmt.Sprint(by.ID, " ", key, " ", skip))
	return nil
}

func (s *school) Suggest(context.Context, classify.Item) (learn.Suggestions, error) {
	return learn.Suggestions{
		Topics:      []learn.Guess{{ID: "snow", Name: "Снег и наледь", Probability: .81, Words: []string{"наледь"}}},
		Departments: []learn.Guess{{ID: "roads", Name: "Дороги", Probability: .7}},
	}, nil
}

func (s *school) Versions(context.Context) ([]learn.Version, error) {
	if !s.past {
		return nil, nil
	}
	at := time.Date(2025, 11, 20, 9, 0, 0, 0, time.UTC)
	due, _ := json.Marshal(classify.DetectorReport{Held: 40, New: classify.Ranking{Precision: .5, Recall: .7, AveragePrecision: .6}})
	topic, _ := json.Marshal(classify.Report{Held: 40, New: classify.Quality{Accuracy: .8, Top3: .9}})
	return []learn.Version{
		{Part: learn.PartTopic, Number: 2, Report: topic, Learned: 400, MadeAt: at.Add(48 * time.Hour), Active: true},
		{Part: learn.PartDue, Number: 1, Report: due, Learned: 900, MadeAt: at, Active: true},
		{Part: learn.PartTopic, Number: 1, Report: topic, Learned: 200, MadeAt: at},
	}, nil
}

func (s *school) Trainings(context.Context, int) ([]learn.Training, error) {
	if !s.past {
		return nil, nil
	}
	return []learn.Training{
		{ID: "b", State: learn.Finished, AskedBy: "Отклик", Parts: []learn.PartResult{{Part: learn.PartTopic, Better: true, Why: "Стало точнее."}}},
		{ID: "a", State: learn.Failed, AskedBy: "Отклик", Trouble: "Не вышло."},
		{ID: "c", State: learn.Cancelled},
	}, nil
}

func (s *school) Deciders(context.Context, time.Time) ([]learn.Decider, error) {
	return []learn.Decider{{Name: "Дарья Кольцова", Due: 12, NotDue: 3}, {Due: 100}}, nil
}

func (s *school) Foretold(context.Context, int) ([]learn.Foretold, error) {
	return []learn.Foretold{{Due: .9, Topic: .9, TopicID: "snow", CaseTopicID: "snow", Accepted: true}}, nil
}

func (s *school) LearnSettings(context.Context) (learn.Settings, learn.Chosen, error) {
	return s.settings, learn.Chosen{Version: s.version}, nil
}

func (s *school) SetLearn(_ context.Context, _ rights.Actor, x learn.Settings, seen int, _ time.Time) error {
	if seen != s.version {
		return errs.New(errs.Conflict, "Настройки изменил другой человек.")
	}
	if err := x.Check(); err != nil {
		return err
	}
	s.settings = x
	s.version++
	return nil
}

func (s *school) Use(_ context.Context, _ rights.Actor, part learn.Part, number int, _ time.Time) error {
	s.used = string(part) + " " + string(rune('0'+number))
	return nil
}

func (s *school) AskTraining(context.Context, rights.Actor, time.Time) error  { return nil }
func (s *school) StopTraining(context.Context, rights.Actor, time.Time) error { return nil }

func (s *school) WantedTraining(context.Context) (learn.Wish, error) { return s.wish, nil }

func TestUnlikelyItemsAreDecidedByPeople(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "moderator", "/unlikely"), http.StatusOK)
	mustHave(t, page, "12\u00a0%", "правило «Ямы»", "Против: есть ссылка", "В очередь", "&lt;script&gt;")
	mustLack(t, mustStatus(t, b.get(t, "curator", "/unlikely"), http.StatusOK), "В очередь</button>")
	w := b.post(t, "moderator", "/unlikely/i1/take", url.Values{"back": {"/unlikely"}})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/unlikely" {
		t.Fatal(w.Code, to)
	}
	mustStatus(t, b.post(t, "moderator", "/unlikely/i1/dismiss", nil), http.StatusSeeOther)
	mustStatus(t, b.post(t, "executor", "/unlikely/i1/take", nil), http.StatusForbidden)
	if got := strings.Join(b.school.taken, ";"); got != "moderator i1;moderator not i1" {
		t.Fatal(got)
	}
	mustHave(t, mustStatus(t, b.get(t, "moderator", "/inbox"), http.StatusOK), `href="/unlikely"`, "Сначала вероятные")
	b.school.doubts = nil
	mustHave(t, mustStatus(t, b.get(t, "moderator", "/unlikely"), http.StatusOK), "Здесь пусто", "ничего не отклоняется без человека")
}

func TestCardProposesTopicsAndADepartment(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "coordinator", "/cases/4120"), http.StatusOK)
	mustHave(t, page, "Программа предлагает", "Снег и наледь", "81\u00a0%", `name="topic" value="snow"`, `name="to" value="roads"`)
	mustLack(t, mustStatus(t, b.get(t, "curator", "/cases/4120"), http.StatusOK), "Программа предлагает")
}

func TestLearningPage(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "curator", "/learning"), http.StatusOK)
	mustHave(t, page, "Идёт обучение", "Учится определять тему", "21\u00a0новое решение", "Работает версия 2", "Верно с первого раза", "Остановить", "Дарья Кольцова", "Из файла", "Стало точнее", "Вернуть")
	mustLack(t, mustStatus(t, b.get(t, "head", "/learning"), http.StatusOK), "Переобучить сейчас", "Сохранить", "Вернуть</button>")
	mustStatus(t, b.get(t, "executor", "/learning"), http.StatusForbidden)
	b.school.past, b.school.wish = false, learn.Wish{}
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/learning"), http.StatusOK), "Пока не угадывает", "Переобучить сейчас")
	mustStatus(t, b.post(t, "administrator", "/learning/train", nil), http.StatusSeeOther)
	mustStatus(t, b.post(t, "administrator", "/learning/stop", nil), http.StatusSeeOther)
	mustStatus(t, b.post(t, "head", "/learning/train", nil), http.StatusForbidden)
	mustStatus(t, b.post(t, "curator", "/learning/topic/use", url.Values{"number": {"1"}}), http.StatusSeeOther)
	if b.school.used != "topic 1" {
		t.Fatal(b.school.used)
	}
	for _, path := range []string{"/learning/nothing/use", "/learning/topic/use"} {
		if w := b.post(t, "curator", path, url.Values{"number": {"x"}}); w.Code == http.StatusSeeOther {
			t.Error(path)
		}
	}
}

func TestLearningSettings(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	form := url.Values{"version": {"0"}, "on": {"1"}, "threshold": {"30"}, "auto": {"1"}, "auto-threshold": {"85"}, "topic.snow": {"нет"}, "topic.water": {"95"}, "topic.x": {""}}
	mustStatus(t, b.post(t, "curator", "/learning", form), http.StatusSeeOther)
	x := b.school.settings
	if x.Off || x.Threshold != .3 || !x.Auto.On || x.Auto.Threshold != .85 || x.Auto.Topics["snow"] != learn.Never || x.Auto.Topics["water"] != .95 || len(x.Auto.Topics) != 2 {
		t.Fatalf("%+v", x)
	}
	mustHave(t, mustStatus(t, b.post(t, "curator", "/learning", form), http.StatusConflict), "изменил другой человек")
	form.Set("version", "1")
	form.Set("threshold", "много")
	mustHave(t, mustStatus(t, b.post(t, "curator", "/learning", form), http.StatusUnprocessableEntity), "целое число процентов")
}

func TestADecisionIsLeftOutOfLearning(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "curator", "/learning"), http.StatusOK)
	mustHave(t, page, "Последние решения", "на «не жалобу» не влияет", "не учитывается: Олег Панфилов")
	mustStatus(t, b.post(t, "curator", "/learning/skip", url.Values{"key": {"case 1 2"}, "skip": {"1"}}), http.StatusSeeOther)
	mustStatus(t, b.post(t, "executor", "/learning/skip", url.Values{"key": {"case 1 2"}, "skip": {"1"}}), http.StatusForbidden)
}
