package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/incidents/mass"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/social"
)

const incidentsPerPage = 30

// incidentsPage is the page Массовые инциденты.
type incidentsPage struct {
	Shell  shell
	Tabs   []tab
	Rows   []incidentRow
	Pager  []tab
	Manage bool
	Topics []choice
	Empty  emptyState
}

// incidentRow is one incident of the list.
type incidentRow struct {
	Number  int64
	Title   string
	Topic   string
	Place   string
	Members string // «37 карточек»
	Authors string // «от 35 авторов»
	Left    string // «без ответа 30»
	Parts   string
	Grew    stamp
	State   verdict
	Muted   string
}

func (s *server) incidents(w http.ResponseWriter, r *http.Request, v *visit) error {
	past, n := r.URL.Query().Get("tab") == "past", pageNumber(r)
	states, path := []mass.State{mass.Open}, "/incidents"
	if past {
		states, path = []mass.State{mass.Closed, mass.Merged}, "/incidents?tab=past"
	}
	list, err := s.Masses.Book.Incidents(r.Context(), states, incidentsPerPage+1, (n-1)*incidentsPerPage, v.now)
	if err != nil {
		return err
	}
	page := incidentsPage{
		Shell: s.shell(r, v, "incidents", "Массовые инциденты"), Manage: v.person.Actor().Can(rights.ManageIncidents),
		Tabs:  []tab{{Title: "Идут", URL: "/incidents", Current: !past}, {Title: "Прошедшие", URL: "/incidents?tab=past", Current: past}},
		Pager: endless(path, n, len(list) > incidentsPerPage),
		Empty: emptyState{Title: "Массовых инцидентов нет", Text: "Когда на одно и то же в одном месте пожалуются многие, их карточки соберутся здесь в одну строку, а уведомление придёт одно.", URL: "/inbox", Button: "Ко входящим"},
	}
	if past {
		page.Empty = emptyState{Title: "Прошедших инцидентов нет", Text: "Здесь останутся закрытые и объединённые инциденты.", URL: "/incidents", Button: "К тем, что идут"}
	}
	for _, x := range list[:min(len(list), incidentsPerPage)] {
		page.Rows = append(page.Rows, s.incidentRow(x, v.now))
	}
	if page.Manage {
		if page.Topics, err = s.topicChoices(r, "", "Любая тема"); err != nil {
			return err
		}
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "incidents", page)
	return nil
}

func (s *server) topicChoices(r *http.Request, chosen, none string) ([]choice, error) {
	topics, err := s.Directory.Topics(r.Context())
	out := []choice{{Title: none, Checked: chosen == ""}}
	for _, t := range topics {
		out = append(out, choice{Title: t.Name, Value: t.ID, Checked: t.ID == chosen})
	}
	return out, err
}

func (s *server) incidentRow(x mass.Row, now time.Time) incidentRow {
	row := incidentRow{
		Number: x.Number, Title: x.Title, Topic: x.Topic, Place: placeWords(x.Place),
		Members: ru.Count(x.Members, "карточка", "карточки", "карточек"),
		Authors: "от " + ru.Count(x.Authors, "автора", "авторов", "авторов"), Grew: s.stamp(x.GrewAt, now), Muted: x.Muted,
	}
	if x.Unanswered > 0 {
		row.Left = "не завершено: " + ru.Number(x.Unanswered)
	}
	if x.Parts > 0 {
		row.Parts = "и ещё " + ru.Number(x.Parts) + " в его частях"
	}
	switch {
	case x.State == mass.Closed:
		row.State = verdict{"", "check", "закрыт", ""}
	case x.State == mass.Merged:
		row.State = verdict{"", "layers", "объединён с №\u00a0" + strconv.FormatInt(x.Into, 10), ""}
	case x.Muted != "":
		row.State = verdict{"", "bell", "тихо", ru.Capital(x.Muted)}
	case !x.Attracts(now):
		row.State = verdict{"", "clock", "затих", "Новых карточек нет трое суток, сами они больше не присоединяются"}
	default:
		row.State = verdict{"bad", "alert", "идёт", ""}
	}
	return row
}

func placeWords(p mass.Place) string {
	switch {
	case p.Title != "":
		return p.Title
	case p.ID != "":
		return p.ID
	}
	return "место не указано"
}

// incidentPage is one mass incident.
type incidentPage struct {
	Shell    shell
	Row      incidentRow
	Version  int
	Begun    string
	Why      string
	Draft    string
	Into     int64
	Members  []memberRow
	More     int // members beyond those shown
	Chart    chart
	Parts    []incidentRow
	History  []line
	Can      map[string]bool
	Mute     bool
	Others   []choice // open incidents to merge into
	Silences []silenceRow
	Hours    []choice // how long to be quiet
}

// memberRow is one case of an incident.
type memberRow struct {
	Number int64
	Stage  stageIcon
	Net    netIcon
	Text   string
	Author string
	Source string
	By     string
	Came   stamp
	Due    deadline
}

func (s *server) incident(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, ok := caseNumber(r.PathValue("number"))
	if !ok {
		return errs.New(errs.NotFound, "Такого массового инцидента нет. Проверьте номер.")
	}
	x, err := s.Masses.Book.Incident(r.Context(), n, v.now)
	if err != nil {
		return err
	}
	by := v.person.Actor()
	page := incidentPage{
		Shell: s.shell(r, v, "incident", "Инцидент №\u00a0"+strconv.FormatInt(n, 10)+". "+x.Title), Row: s.incidentRow(x.Row, v.now), Version: x.Version,
		Begun: "Отклик, " + s.clock.Moment(x.OpenedAt, v.now), Why: x.Why, Draft: x.Draft, Into: x.Into, More: x.Row.Members - len(x.MemberList),
		Chart: s.swelling(x.Growth, v.now), Can: map[string]bool{}, Mute: by.Can(rights.MuteNotices) && x.State == mass.Open, Hours: quietHours(),
	}
	if x.ByName != "" {
		page.Begun = x.ByName + ", " + s.clock.Moment(x.OpenedAt, v.now)
	}
	for _, k := range mass.Possible(x.Incident, by) {
		page.Can[string(k)] = true
	}
	for _, m := range x.MemberList {
		page.Members = append(page.Members, s.memberRow(m, v.now))
	}
	for _, p := range x.PartList {
		page.Parts = append(page.Parts, s.incidentRow(p, v.now))
	}
	for _, ev := range slices.Backward(x.Events) {
		page.History = append(page.History, s.massLine(ev, v.now))
	}
	if err := s.incidentChoices(r, v, x, &page); err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "incident", page)
	return nil
}

// incidentChoices lists where it could be merged, and what keeps it quiet.
func (s *server) incidentChoices(r *http.Request, v *visit, x mass.View, page *incidentPage) error {
	if page.Can[string(mass.Yielded)] {
		open, err := s.Masses.Book.Incidents(r.Context(), []mass.State{mass.Open}, 100, 0, v.now)
		if err != nil {
			return err
		}
		for _, o := range open {
			if o.Number != x.Number {
				page.Others = append(page.Others, choice{Title: "№\u00a0" + strconv.FormatInt(o.Number, 10) + " " + o.Title, Value: strconv.FormatInt(o.Number, 10)})
			}
		}
	}
	list, err := s.Masses.Silences.Silences(r.Context(), v.now)
	if err != nil {
		return err
	}
	for _, z := range list {
		if z.Incident == x.Number {
			page.Silences = append(page.Silences, s.silenceRow(z, v))
		}
	}
	return nil
}

func (s *server) memberRow(m mass.Member, now time.Time) memberRow {
	text := strings.Join(strings.Fields(m.Text), " ")
	if text == "" {
		text = "Сообщение без текста"
	}
	row := memberRow{
		Number: m.Number, Net: iconOfNet(social.Network(m.Network)), Text: ru.Cut(text, 240), Author: authorName(m.Author),
		Source: m.Source, Came: s.stamp(m.Came, now), Stage: iconOfStage(incidents.Stage(m.Stage)), Due: s.deadline(m.DueAt, incidents.Outcome(m.Outcome), now),
	}
	if m.ByName != "" {
		row.By = "добавлено: " + m.ByName
	}
	return row
}

// swelling draws how the number of members grew.
func (s *server) swelling(list []time.Time, now time.Time) chart {
	if len(list) < 2 {
		return chart{}
	}
	c := curve{Title: "карточек"}
	c.Points = append(c.Points, point{list[0].Add(-time.Minute), 0})
	for i, at := range list {
		c.Points = append(c.Points, point{at, float64(i + 1)})
	}
	if last := list[len(list)-1]; now.After(last) && now.Sub(last) < 3*24*time.Hour {
		c.Points = append(c.Points, point{now, float64(len(list))})
	}
	return s.draw([]curve{c}, "карточек в инциденте", momentAxis)
}

// massLine is one line of an incident's history.
func (s *server) massLine(ev mass.Event, now time.Time) line {
	l := line{What: massSentence(ev), Text: ev.Text, At: s.stamp(ev.At, now)}
	if ev.ActorID != "" {
		l.Who = ev.ActorName
	} else {
		l.What = ru.Capital(l.What)
	}
	return l
}

func massSentence(ev mass.Event) string {
	n := len(ev.Cases)
	cases := ru.Count(n, "карточка", "карточки", "карточек")
	switch ev.Kind {
	case mass.Begun:
		return "собран инцидент: " + cases
	case mass.Renamed:
		return "изменено название"
	case mass.Added:
		return "добавлено: " + cases
	case mass.Removed:
		return "убрано: " + cases
	case mass.Absorbed:
		return "сюда перешли карточки инцидента"
	case mass.Yielded:
		return "инцидент объединён с другим"
	case mass.Ended:
		return "инцидент закрыт"
	case mass.Reopened:
		return "инцидент снова открыт"
	case mass.Drafted:
		return "изменён черновик общего ответа"
	}
	return "изменение инцидента"
}
