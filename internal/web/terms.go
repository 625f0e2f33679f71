package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/incidents/clock"
	terms "otklik/incidents/deadline"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

// termsPage is the page «Сроки».
type termsPage struct {
	Shell    shell
	Tabs     []tab
	Problem  string
	Can      bool
	Scope    string
	Subject  string // whose deadlines, in words
	Version  int
	Own      bool // the scope has deadlines of its own
	Scopes   []tab
	Topics   []choice // that have none of their own
	Presets  []tab
	Form     termsForm
	Versions []termsVersion
	Try      tryView
	// Before is what holds while the scope has none of its own.
	Before string
}

type termsVersion struct {
	Number  int
	Name    string
	By      string
	At      stamp
	GivenUp bool
}

// tryView is the example that is counted beside the form.
type tryView struct {
	At      string // as a field of the form
	Fast    bool
	Raised  bool
	Problem string
	Lines   []tryLine
}

// tryLine is one step: «Первый ответ — до 11.01.2027 18:00».
type tryLine struct {
	Step, Until, Work string
	Notices           []string
}

func (s *server) deadlines(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := r.URL.Query()
	scope := ""
	if topic := q.Get("topic"); topic != "" {
		scope = clock.TopicScope(topic)
	}
	policy, seen, err := s.policyAt(r, scope, v.now)
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(q.Get("preset")); err == nil && n >= 0 && n < len(terms.Presets()) {
		policy = terms.Presets()[n]
	}
	f := fieldsOf(policy)
	f.Set("scope", scope)
	f.Set("version", strconv.Itoa(seen))
	f.Set("try_at", s.example(v.now))
	return s.showTerms(w, r, v, f, nil)
}

// example is the moment that the form counts from at first: now, to the minute.
func (s *server) example(now time.Time) string { return now.In(s.Zone).Format("2006-01-02T15:04") }

// policyAt is what the form shows of a scope: its own deadlines, else those that
// hold for it, else a preset to begin with.
func (s *server) policyAt(r *http.Request, scope string, now time.Time) (terms.Policy, int, error) {
	versions, err := s.Timing.Policies.PolicyVersions(r.Context(), "", scope)
	if err != nil {
		return terms.Policy{}, 0, err
	}
	seen := 0
	if len(versions) > 0 {
		seen = versions[0].Version
		if p := versions[0].Policy; p != nil {
			return *p, seen, nil
		}
	}
	held, err := s.Timing.Policies.Policies(r.Context(), "", now)
	for _, x := range held {
		if x.Scope == "" {
			return *x.Policy, seen, err
		}
	}
	return terms.Presets()[0], seen, err
}

func (s *server) showTerms(w http.ResponseWriter, r *http.Request, v *visit, f url.Values, problem error) error {
	page := termsPage{
		Shell: s.shell(r, v, "deadlines", "Сроки"), Tabs: timingTabs("/deadlines"), Can: v.person.Actor().Can(rights.ManageDeadlines),
		Scope: f.Get("scope"), Form: formOfTerms(f),
	}
	page.Version, _ = strconv.Atoi(f.Get("version"))
	if err := s.scopes(r, v, &page); err != nil {
		return err
	}
	for i, p := range terms.Presets() {
		to := url.Values{"preset": {strconv.Itoa(i)}}
		if topic, ok := strings.CutPrefix(page.Scope, "topic:"); ok {
			to.Set("topic", topic)
		}
		page.Presets = append(page.Presets, tab{Title: p.Name, URL: "/deadlines?" + to.Encode(), Current: p.Name == f.Get("name")})
	}
	if err := s.versionsOf(r, v, &page); err != nil {
		return err
	}
	var err error
	if page.Try, err = s.try(r, f); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		page.Problem, status = errs.MessageOf(problem), statusOf(errs.CodeOf(problem))
	}
	if r.Method != http.MethodGet {
		page.Shell.Here = "/deadlines"
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, status, "deadlines", page)
	return nil
}

// scopes lists for what deadlines are set and for what they may be.
func (s *server) scopes(r *http.Request, v *visit, page *termsPage) error {
	held, err := s.Timing.Policies.Policies(r.Context(), "", v.now)
	if err != nil {
		return err
	}
	topics, err := s.Directory.Topics(r.Context())
	if err != nil {
		return err
	}
	own := map[string]bool{}
	for _, x := range held {
		own[x.Scope] = true
	}
	page.Own, page.Subject = own[page.Scope], "Все темы"
	page.Scopes = []tab{{Title: "Все темы", URL: "/deadlines", Current: page.Scope == ""}}
	for _, t := range topics {
		scope := clock.TopicScope(t.ID)
		if scope == page.Scope {
			page.Subject = "Тема " + quoted(t.Name)
			page.Before = before(t, own[""])
		}
		if own[scope] || scope == page.Scope {
			page.Scopes = append(page.Scopes, tab{Title: t.Name, URL: "/deadlines?topic=" + url.QueryEscape(t.ID), Current: scope == page.Scope})
			continue
		}
		page.Topics = append(page.Topics, choice{Title: t.Name, Value: t.ID})
	}
	if page.Scope == "" {
		page.Before = "Пока общие сроки не заданы, у каждой темы свой срок в часах; он назван в её описании."
	}
	if page.Own {
		page.Before = ""
	}
	return nil
}

func before(t incidents.Topic, common bool) string {
	if common {
		return "Сейчас тема идёт по общим срокам. Сохраните, и у неё будут свои."
	}
	return "Сейчас срок темы — " + ru.Count(t.DueHours, "час", "часа", "часов") + " с обнаружения, по часам. Сохраните, и будут эти."
}

func (s *server) versionsOf(r *http.Request, v *visit, page *termsPage) error {
	versions, err := s.Timing.Policies.PolicyVersions(r.Context(), "", page.Scope)
	for _, x := range versions {
		line := termsVersion{Number: x.Version, By: x.By, At: s.stamp(x.At, v.now), GivenUp: x.Policy == nil}
		if x.Policy != nil {
			line.Name = cmp.Or(x.Policy.Name, "Без названия")
		}
		page.Versions = append(page.Versions, line)
	}
	return err
}

// try counts the deadlines of an example by what stands in the form.
func (s *server) try(r *http.Request, f url.Values) (tryView, error) {
	t := tryView{At: f.Get("try_at"), Fast: f.Get("try_fast") == "1", Raised: f.Get("try_raised") == "1"}
	schedule, err := s.Timing.Clocks.Schedule(r.Context(), "")
	if err != nil {
		return t, err
	}
	at, terr := time.ParseInLocation("2006-01-02T15:04", t.At, schedule.Zone())
	policy, perr := readTerms(f)
	if terr != nil {
		t.Problem = "Укажите день и время сообщения."
		return t, nil
	}
	if perr == nil {
		perr = policy.Check()
	}
	if perr != nil {
		t.Problem = errs.MessageOf(perr)
		return t, nil
	}
	facts := terms.Facts{Published: at, Found: at, Accepted: at, Assigned: at, Fast: t.Fast, Raised: t.Raised}
	local := ru.NewClock(schedule.Zone())
	for _, d := range policy.Deadlines(schedule, facts) {
		line := tryLine{Step: d.Step.Title(), Until: local.Full(d.At) + ", " + ru.WeekdayShort(d.At.In(schedule.Zone()).Weekday()), Work: workSpan(schedule.Between(at, d.At))}
		for _, n := range clock.Ladder(policy, schedule, d) {
			line.Notices = append(line.Notices, strconv.Itoa(n.Percent)+"\u00a0% — "+asWhom(n.To)+", "+local.Full(n.At))
		}
		t.Lines = append(t.Lines, line)
	}
	return t, nil
}

func (s *server) tryDeadlines(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	if r.Header.Get(partHeader) == "" {
		return s.showTerms(w, r, v, f, nil)
	}
	t, err := s.try(r, f)
	if err != nil {
		return err
	}
	s.part(w, v, "deadlines", "try", t)
	return nil
}

func (s *server) saveDeadlines(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	policy, err := readTerms(f)
	if err == nil {
		err = s.savePolicy(r, v, f, &policy)
	}
	if code := errs.CodeOf(err); err != nil && (code == errs.Invalid || code == errs.Conflict) {
		return s.showTerms(w, r, v, f, err)
	}
	if err != nil {
		return err
	}
	return s.savedTerms(w, r, f, "deadlines-saved")
}

func (s *server) giveUpDeadlines(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	if f.Get("scope") == "" {
		return errs.New(errs.Invalid, "Общие сроки можно заменить, но не снять.")
	}
	if err := s.savePolicy(r, v, f, nil); err != nil {
		return err
	}
	f.Set("scope", "")
	return s.savedTerms(w, r, f, "deadlines-given-up")
}

func (s *server) savedTerms(w http.ResponseWriter, r *http.Request, f url.Values, flash string) error {
	s.Hub.Publish(live.Deadlines)
	s.setFlash(w, flash, 0)
	to := "/deadlines"
	if topic, ok := strings.CutPrefix(f.Get("scope"), "topic:"); ok {
		to += "?topic=" + url.QueryEscape(topic)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *server) savePolicy(r *http.Request, v *visit, f url.Values, p *terms.Policy) error {
	seen, err := strconv.Atoi(f.Get("version"))
	if err != nil {
		return errs.New(errs.Invalid, "Форма устарела. Обновите страницу и повторите.")
	}
	scope := f.Get("scope")
	if topic, ok := strings.CutPrefix(scope, "topic:"); ok || scope != "" {
		switch known, err := s.knownTopic(r, topic); {
		case err != nil:
			return err
		case known == "":
			return errs.New(errs.Invalid, "Такой темы нет. Выберите тему из списка.")
		}
	}
	return s.Timing.Policies.SavePolicy(r.Context(), v.person.Actor(), "", scope, seen, p, v.now)
}
