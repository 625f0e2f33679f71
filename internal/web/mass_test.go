package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"otklik/incidents/mass"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// crowds keeps mass incidents in memory; mass.Apply decides what happens.
type crowds struct {
	view     mass.View
	silences []mass.Silence
	settings mass.Settings
	joined   []int64
}

func sampleCrowds(now time.Time) *crowds {
	c := &crowds{settings: mass.Settings{"water": {Authors: 3, Window: time.Hour}}}
	c.view.Incident = mass.Incident{
		Number: 3, Version: 2, State: mass.Open, Title: "Горячая вода: <b>Заречье</b>", TopicID: "water", Place: mass.Place{ID: "z", Title: "Заречье"},
		Draft: "Работы до 18:00", OpenedAt: now.Add(-3 * time.Hour), GrewAt: now.Add(-time.Minute),
	}
	c.view.Topic, c.view.Members, c.view.Authors, c.view.Unanswered, c.view.Parts = "Горячая вода", 37, 35, 30, 4
	for i := range 6 {
		at := now.Add(time.Duration(i-6) * 10 * time.Minute)
		c.view.Growth = append(c.view.Growth, at)
		c.view.MemberList = append(c.view.MemberList, mass.Member{
			CaseID: "c" + strconv.Itoa(i), Number: int64(4120 + i), Stage: "moderation", Network: "vk", Text: "Нет воды <script>alert(1)</script>", Author: "Анна", Source: "Город", Came: at, DueAt: now.Add(time.Hour),
		})
	}
	for _, k := range mass.Kinds() {
		c.view.Events = append(c.view.Events, mass.Event{At: now, ActorID: "coordinator", ActorName: "Илья Гордеев", Kind: k, Cases: []int64{4120}})
	}
	c.silences = []mass.Silence{{ID: "z1", Incident: 3, ByName: "Вера Лаптева", Why: "знаем, чинят", From: now, Until: now.Add(time.Hour)}}
	return c
}

func (c *crowds) Incidents(context.Context, []mass.State, int, int, time.Time) ([]mass.Row, error) {
	return []mass.Row{c.view.Row}, nil
}

func (c *crowds) Incident(_ context.Context, n int64, _ time.Time) (mass.View, error) {
	if n != c.view.Number {
		return mass.View{}, errs.New(errs.NotFound, "Нет такого.")
	}
	return c.view, nil
}

func (c *crowds) BeginIncident(_ context.Context, by rights.Actor, i mass.Incident, cases []int64, now time.Time) (mass.Incident, error) {
	d, err := mass.Begin(i, cases, by, now)
	c.joined, d.Incident.Number = d.Join, 4
	return d.Incident, err
}

func (c *crowds) ChangeIncident(_ context.Context, by rights.Actor, _ int64, expect int, cmd mass.Command, now time.Time) (mass.Incident, error) {
	if expect != c.view.Version {
		return mass.Incident{}, errs.New(errs.Conflict, "Изменил другой.")
	}
	d, err := mass.Apply(c.view.Incident, cmd, by, now)
	if err == nil {
		c.view.Incident = d.Incident
	}
	return d.Incident, err
}

func (c *crowds) MassSettings(context.Context) (mass.Settings, error) { return c.settings, nil }

func (c *crowds) SaveMassLimits(_ context.Context, _ rights.Actor, topic string, l *mass.Limits, _ time.Time) error {
	if l == nil {
		delete(c.settings, topic)
		return nil
	}
	c.settings[topic] = *l
	return l.Check()
}

func (c *crowds) Silences(context.Context, time.Time) ([]mass.Silence, error) { return c.silences, nil }

func (c *crowds) PastSilences(context.Context, time.Time, int) ([]mass.Silence, error) {
	return nil, nil
}

func (c *crowds) BeginSilence(_ context.Context, by rights.Actor, z mass.Silence, now time.Time) error {
	z, err := mass.Hush(z, by, now)
	if err == nil {
		c.silences = append(c.silences, z)
	}
	return err
}

func (c *crowds) EndSilence(_ context.Context, by rights.Actor, id string, now time.Time) error {
	for i := range c.silences {
		if c.silences[i].ID == id {
			var err error
			c.silences[i], err = mass.Unhush(c.silences[i], by, now)
			return err
		}
	}
	return errs.New(errs.NotFound, "Такой тишины нет.")
}

func TestAnIncidentIsLedByForms(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "coordinator", "/incidents/3"), http.StatusOK)
	mustHave(t, page, "37\u00a0карточек", "от 35\u00a0авторов", "Черновик общего ответа", "знаем, чинят", `action="/incidents/3/close"`, `action="/incidents/3/remove"`)
	mustLack(t, page, "<script>alert(1)", "<b>Заречье")
	mustLack(t, mustStatus(t, b.get(t, "curator", "/incidents/3"), http.StatusOK), `action="/incidents/3/close"`, `action="/silences"`)
	mustStatus(t, b.get(t, "curator", "/incidents/9"), http.StatusNotFound)
	for _, st := range []struct {
		who, path string
		form      url.Values
		status    int
	}{
		{"executor", "/incidents/3/close", url.Values{"version": {"2"}}, http.StatusForbidden},
		{"coordinator", "/incidents/3/close", url.Values{"version": {"1"}}, http.StatusConflict},
		{"coordinator", "/incidents/3/rename", url.Values{"version": {"2"}, "title": {" "}}, http.StatusUnprocessableEntity},
		{"coordinator", "/incidents/3/rename", url.Values{"version": {"2"}, "title": {"Вода"}}, http.StatusSeeOther},
		{"moderator", "/incidents/3/add", url.Values{"version": {"3"}, "case": {"4120, № 4125;4130"}}, http.StatusSeeOther},
		{"moderator", "/incidents/3/add", url.Values{"version": {"4"}, "case": {"сорок"}}, http.StatusUnprocessableEntity},
		{"head", "/incidents/3/draft", url.Values{"version": {"4"}, "text": {"Чинят"}}, http.StatusSeeOther},
		{"head", "/incidents/3/close", url.Values{"version": {"5"}, "reason": {"Включили"}}, http.StatusSeeOther},
		{"head", "/incidents/3/add", url.Values{"version": {"6"}, "case": {"4120"}}, http.StatusConflict},
		{"head", "/incidents/3/reopen", url.Values{"version": {"6"}}, http.StatusSeeOther},
		{"coordinator", "/incidents", url.Values{"title": {"Лёд"}, "case": {"4121 4122", "4121"}}, http.StatusSeeOther},
		{"coordinator", "/incidents", url.Values{"title": {"Лёд"}, "case": {"4121"}, "topic": {"чужая"}}, http.StatusUnprocessableEntity},
		{"coordinator", "/incidents/settings", url.Values{"authors": {"1"}, "hours": {"6"}}, http.StatusUnprocessableEntity},
		{"coordinator", "/incidents/settings", url.Values{"authors": {"7"}, "hours": {"6"}}, http.StatusSeeOther},
		{"moderator", "/silences", url.Values{"topic": {"water"}, "reason": {"ремонт"}, "hours": {"6"}}, http.StatusForbidden},
		{"press", "/silences", url.Values{"reason": {"ремонт"}, "hours": {"6"}}, http.StatusUnprocessableEntity},
		{"press", "/silences", url.Values{"incident": {"3"}, "reason": {"ремонт"}, "hours": {"6"}}, http.StatusSeeOther},
		{"press", "/silences/z1/end", nil, http.StatusSeeOther},
		{"press", "/silences/z1/end", nil, http.StatusConflict},
	} {
		if got := b.post(t, st.who, st.path, st.form).Code; got != st.status {
			t.Errorf("%s %s %v: %d, want %d", st.who, st.path, st.form, got, st.status)
		}
	}
	if got := b.crowds.joined; len(got) != 2 {
		t.Errorf("gathered %v", got)
	}
}
