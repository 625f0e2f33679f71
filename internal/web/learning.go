package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/index/classify"
	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

const (
	decidedSpan   = 30 * 24 * time.Hour
	shownSessions = 10
	triedMost     = 5000
)

// learningPage is the page Обучение.
type learningPage struct {
	Shell    shell
	May      bool
	Now      *sessionRow // the training under way
	New      string      // decisions since the last one
	Parts    []learnPart
	Chart    chart
	Sessions []sessionRow
	Deciders []deciderRow
	Last     []decidedRow
	Trials   []trialRow
	Settings settingsForm
	Problem  string
}

// learnPart is one part with its versions.
type learnPart struct {
	Part, Title string
	Now         string // what is in use, in a sentence
	Figures     []figure
	Versions    []versionRow
}

type versionRow struct {
	Number  int
	Title   string
	At      stamp
	Learned string
	Quality string
	Active  bool
}

type sessionRow struct {
	At      stamp
	By      string
	Step    string
	State   string
	Class   string
	Parts   []sessionPart
	Trouble string
}

type sessionPart struct{ Title, Why string }

type deciderRow struct {
	Name   string
	Cells  []string
	LastAt stamp
}

type trialRow struct{ Threshold, Would, Right string }

func (s *server) learningView(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.learningPage(r, v)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "learning", page)
	return nil
}

func (s *server) learningPage(r *http.Request, v *visit) (*learningPage, error) {
	ctx, l := r.Context(), s.Learning.Lessons
	p := &learningPage{Shell: s.shell(r, v, "learning", "Обучение"), May: v.person.Actor().Can(rights.ManageLearning)}
	versions, err := l.Versions(ctx)
	if err != nil {
		return nil, err
	}
	for _, part := range learn.Parts() {
		p.Parts = append(p.Parts, s.learnPart(part, versions, v))
	}
	p.Chart = s.learnChart(versions)
	wish, err := l.WantedTraining(ctx)
	if err != nil {
		return nil, err
	}
	p.New = ru.Count(wish.New, "новое решение", "новых решения", "новых решений")
	if wish.Open.ID != "" {
		row := s.sessionRow(wish.Open, v)
		p.Now = &row
	}
	if err := s.learnPeople(r, v, p); err != nil {
		return nil, err
	}
	if p.Last, err = s.lastDecisions(r, v); err != nil {
		return nil, err
	}
	trainings, err := l.Trainings(ctx, shownSessions)
	if err != nil {
		return nil, err
	}
	for _, t := range trainings {
		if t.State != learn.Open {
			p.Sessions = append(p.Sessions, s.sessionRow(t, v))
		}
	}
	settings, by, err := l.LearnSettings(ctx)
	if err != nil {
		return nil, err
	}
	topics, err := s.Directory.Topics(ctx)
	p.Settings = s.settingsForm(settings, by, topics, v)
	return p, err
}

// learnPeople fills who decided how much, and what the program would have done.
func (s *server) learnPeople(r *http.Request, v *visit, p *learningPage) error {
	deciders, err := s.Learning.Lessons.Deciders(r.Context(), v.now.Add(-decidedSpan))
	if err != nil {
		return err
	}
	for _, d := range deciders {
		name := d.Name
		if name == "" {
			name = "Из файла"
		}
		p.Deciders = append(p.Deciders, deciderRow{name, []string{ru.Number(d.Due), ru.Number(d.NotDue), ru.Number(d.Sorted), ru.Number(d.Undone)}, s.stamp(d.LastAt, v.now)})
	}
	foretold, err := s.Learning.Lessons.Foretold(r.Context(), triedMost)
	if err != nil || len(foretold) == 0 {
		return err
	}
	for _, t := range learn.Try(foretold, []float64{0.6, 0.7, 0.8, 0.9, 0.95}) {
		row := trialRow{share(t.Threshold), ru.Number(t.Would) + " из " + ru.Number(len(foretold)), "—"}
		if t.Would > 0 {
			row.Right = ru.Number(t.Right) + " из " + ru.Number(t.Would)
		}
		p.Trials = append(p.Trials, row)
	}
	return nil
}

func (s *server) learnPart(part learn.Part, versions []learn.Version, v *visit) learnPart {
	p := learnPart{Part: string(part), Title: part.Title(), Now: "Пока не угадывает: не хватает решений."}
	if part == learn.PartDue {
		p.Now = "Работает то, с чем программа пришла."
	}
	none := true
	for _, x := range versions {
		if x.Part != part {
			continue
		}
		row := versionRow{
			Number: x.Number, Title: "Версия " + ru.Number(x.Number), At: s.stamp(x.MadeAt, v.now), Active: x.Active,
			Learned: ru.Count(x.Learned, "решение", "решения", "решений"),
		}
		figures := quality(x)
		var words []string
		for _, f := range figures {
			words = append(words, strings.ToLower(f.Title)+" "+f.Value)
		}
		row.Quality = strings.Join(words, ", ")
		if x.Active {
			none, p.Figures = false, figures
			p.Now = "Работает версия " + ru.Number(x.Number) + ". Решений в обучении: " + ru.Number(x.Learned) + "."
		}
		p.Versions = append(p.Versions, row)
	}
	if len(p.Versions) > 0 {
		first := versionRow{Title: "Без обучения", Active: none}
		p.Versions = append(p.Versions, first)
	}
	return p
}

// quality are the figures of a version on decisions that it had not seen.
func quality(v learn.Version) []figure {
	pc := func(x float64) string { return percent(x*100, 0) }
	if v.Part == learn.PartDue {
		var r classify.DetectorReport
		if json.Unmarshal(v.Report, &r) != nil || r.Held == 0 {
			return nil
		}
		return []figure{{Title: "Точность", Value: pc(r.New.Precision)}, {Title: "Полнота", Value: pc(r.New.Recall)}, {Title: "Средняя точность", Value: pc(r.New.AveragePrecision)}}
	}
	var r classify.Report
	if json.Unmarshal(v.Report, &r) != nil || r.Held == 0 {
		return nil
	}
	return []figure{{Title: "Верно с первого раза", Value: pc(r.New.Accuracy)}, {Title: "Среди трёх первых", Value: pc(r.New.Top3)}}
}

// learnChart draws how the versions have done, one line for each part.
func (s *server) learnChart(versions []learn.Version) chart {
	lines := map[learn.Part]*curve{}
	for i := len(versions) - 1; i >= 0; i-- {
		v := versions[i]
		var value float64
		if v.Part == learn.PartDue {
			var r classify.DetectorReport
			if json.Unmarshal(v.Report, &r) != nil || r.Held == 0 {
				continue
			}
			value = r.New.AveragePrecision
		} else {
			var r classify.Report
			if json.Unmarshal(v.Report, &r) != nil || r.Held == 0 {
				continue
			}
			value = r.New.Accuracy
		}
		if lines[v.Part] == nil {
			lines[v.Part] = &curve{Title: strings.ToLower(v.Part.Title())}
		}
		lines[v.Part].Points = append(lines[v.Part].Points, point{v.MadeAt, 100 * value})
	}
	var list []curve
	for _, part := range learn.Parts() {
		if l := lines[part]; l != nil && len(l.Points) > 1 {
			list = append(list, *l)
		}
	}
	return s.draw(list, "точность версий в процентах", dayAxis)
}

func (s *server) sessionRow(t learn.Training, v *visit) sessionRow {
	row := sessionRow{At: s.stamp(t.AskedAt, v.now), By: t.AskedBy, Step: t.Step, Trouble: t.Trouble}
	switch t.State {
	case learn.Finished:
		row.State, row.Class = "Без изменений", ""
		for _, x := range t.Parts {
			if x.Better {
				row.State, row.Class = "Стало точнее", "ok"
			}
		}
	case learn.Failed:
		row.State, row.Class = "Не получилось", "bad"
	case learn.Cancelled:
		row.State = "Остановлено"
	default:
		row.State, row.Class = "Идёт", "ac"
		if t.BegunAt.IsZero() {
			row.Step = "Ждёт своей очереди"
		}
	}
	for _, x := range t.Parts {
		row.Parts = append(row.Parts, sessionPart{x.Part.Title(), x.Why})
	}
	return row
}

// learned ends a deed of this page.
func (s *server) learned(w http.ResponseWriter, r *http.Request, flash string) error {
	s.Hub.Publish(live.Training)
	s.setFlash(w, flash, 0)
	http.Redirect(w, r, "/learning", http.StatusSeeOther)
	return nil
}

func (s *server) train(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Learning.Lessons.AskTraining(r.Context(), v.person.Actor(), v.now); err != nil {
		return err
	}
	return s.learned(w, r, "learn-asked")
}

func (s *server) stopTraining(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Learning.Lessons.StopTraining(r.Context(), v.person.Actor(), v.now); err != nil {
		return err
	}
	return s.learned(w, r, "learn-stopped")
}

func (s *server) useVersion(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(f.Get("number"))
	part := learn.Part(r.PathValue("part"))
	if err != nil || number < 0 || part.Title() == "" {
		return errs.New(errs.Invalid, "Выберите версию из списка.")
	}
	if err := s.Learning.Lessons.Use(r.Context(), v.person.Actor(), part, number, v.now); err != nil {
		return err
	}
	return s.learned(w, r, "learn-version")
}

// learnRoutes are the routes of learning and of what it leaves out.
func (s *server) learnRoutes() []route {
	return []route{
		{"GET /unlikely", may(rights.ViewCases), s.unlikely},
		{"POST /unlikely/{item}/take", may(rights.AcceptCase), s.takeUnlikely},
		{"POST /unlikely/{item}/dismiss", may(rights.AcceptCase), s.dismissUnlikely},
		{"GET /learning", may(rights.ViewLearning), s.learningView},
		{"POST /learning", may(rights.ManageLearning), s.saveLearning},
		{"POST /learning/train", may(rights.ManageLearning), s.train},
		{"POST /learning/stop", may(rights.ManageLearning), s.stopTraining},
		{"POST /learning/skip", may(rights.ManageLearning), s.skipDecision},
		{"POST /learning/{part}/use", may(rights.ManageLearning), s.useVersion},
	}
}

func learnFlash(name, n string) string {
	switch name {
	case "by-person":
		return n + "взято в работу. Программа запомнит это решение."
	case "dismissed":
		return "Убрано из списка: это не жалоба. Программа запомнит."
	case "uncoordinate":
		return n + "автокоординация отменена, карточка снова на модерации."
	case "learn-saved":
		return "Настройки сохранены. Новые сообщения оцениваются уже по ним."
	case "learn-asked":
		return "Обучение началось. Можно уйти со страницы: оно продолжится."
	case "learn-stopped":
		return "Обучение остановится через несколько секунд. Работают прежние версии."
	case "learn-skipped":
		return "Следующее обучение это решение не учтёт. С самой карточкой ничего не случилось."
	case "learn-unskipped":
		return "Решение снова учитывается."
	case "learn-version":
		return "Версия заменена. Новые сообщения оцениваются уже по ней."
	}
	return ""
}
