package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/incidents/answers"
	"otklik/internal/alarm"
	"otklik/internal/auth"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/media"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// board keeps cases in memory and serves every port of the pages. It decides
// nothing: what happens to a case is decided by incidents.Apply.
type board struct {
	mu       sync.Mutex
	views    map[string]*incidents.View
	drafts   map[string]string
	entries  []delivery.Entry
	unread   []collectors.UnreadRow
	sources  []collectors.SourceStatus
	alarms   []alarm.Alarm
	audited  time.Time
	waits    []Wait
	wish     collectors.Wish // the last one
	resolved []string
	filter   incidents.Filter // the last one asked for
	broken   error            // what every read answers when it is set
}

func (b *board) add(v incidents.View) {
	v.Case.ID = "case-" + v.Case.Message.Ref.ID
	b.views[v.Case.ID] = &v
}

func (b *board) Inbox(_ context.Context, f incidents.Filter) (incidents.Page, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.filter = f
	if b.broken != nil {
		return incidents.Page{}, b.broken
	}
	var page incidents.Page
	for _, v := range b.views {
		if !chosen(v, f) {
			continue
		}
		page.Total++
		switch {
		case v.Case.Overdue(f.Now):
			page.Overdue++
		case v.Case.DueAt.Before(f.TodayEnds):
			page.Today++
		}
		page.Rows = append(page.Rows, boardRow(v))
	}
	slices.SortFunc(page.Rows, func(x, y incidents.Row) int { return cmp.Or(x.DueAt.Compare(y.DueAt), cmp.Compare(x.Number, y.Number)) })
	page.Rows = page.Rows[min(f.Offset, len(page.Rows)):min(f.Offset+f.Limit, len(page.Rows))]
	return page, nil
}

func chosen(v *incidents.View, f incidents.Filter) bool {
	c := v.Case
	open := c.Stage != incidents.Done || f.Closed || slices.Contains(f.Stages, incidents.Done)
	dept := cmp.Or(c.DepartmentID, "-")
	return open && (len(f.Stages) == 0 || slices.Contains(f.Stages, c.Stage)) &&
		(len(f.Departments) == 0 || slices.Contains(f.Departments, dept)) &&
		(len(f.Networks) == 0 || slices.Contains(f.Networks, c.Message.Ref.Network)) &&
		(len(f.Topics) == 0 || slices.Contains(f.Topics, c.TopicID)) &&
		(f.ExecutorID == "" || f.ExecutorID == c.ExecutorID) &&
		(f.Due != incidents.DueOverdue || c.Overdue(f.Now)) && strings.Contains(c.Message.Text, f.Text)
}

func boardRow(v *incidents.View) incidents.Row {
	c := v.Case
	r := incidents.Row{
		ID: c.ID, Number: c.Number, Stage: c.Stage, Outcome: c.Outcome, Network: c.Message.Ref.Network, Ref: c.Message.Ref,
		Text: c.Message.Text, TopicID: c.TopicID, TopicName: v.TopicName, DepartmentID: c.DepartmentID, Department: v.Department,
		AuthorName: c.Message.Author.Name, ExecutorID: c.ExecutorID, ExecutorName: c.ExecutorName, SourceTitle: v.Source,
		PublishedAt: c.Message.PublishedAt, OpenedAt: c.OpenedAt, DueAt: c.DueAt, ClosedAt: c.ClosedAt, Timing: c.Timing, Trouble: c.PublicationTrouble,
	}
	for _, w := range v.Why {
		r.Marks = append(r.Marks, w.Marks...)
	}
	for _, t := range v.Thread {
		if t.IsAttached {
			r.Attached++
		}
		if t.IsMessage && !t.DeletedAt.IsZero() {
			r.AuthorDeleted = true
		}
	}
	return r
}

func (b *board) Counts(_ context.Context, by rights.Actor, now time.Time) (incidents.Counts, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return incidents.Counts{}, b.broken
	}
	n := incidents.Counts{CompleteTo: now.Add(-40 * time.Second), Stuck: 3, Sick: 1}
	for _, v := range b.views {
		if v.Case.Stage == incidents.Done {
			continue
		}
		n.Open++
		if v.Case.ExecutorID == by.ID {
			n.Mine++
		}
		if v.Case.Stage == incidents.Approval {
			n.Approval++
		}
		if v.Case.Overdue(now) {
			n.Overdue++
		}
		if v.Case.DepartmentID == "" {
			n.NoDept++
		}
	}
	return n, nil
}

func (b *board) View(_ context.Context, id string, by rights.Actor, _ time.Time) (incidents.View, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return incidents.View{}, b.broken
	}
	v, ok := b.views[id]
	if !ok {
		return incidents.View{}, errs.New(errs.NotFound, "Такой карточки нет.")
	}
	out := *v
	if out.Draft = b.drafts[id+by.ID]; out.Draft != "" {
		out.DraftAt = out.Case.StageSince
	}
	return out, nil
}

func (b *board) Neighbours(context.Context, rights.Actor, string, time.Time, time.Time) (string, string, error) {
	return "4121", "4123", nil
}

func (b *board) CaseByNumber(_ context.Context, _ rights.Actor, number int64) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, v := range b.views {
		if v.Case.Number == number {
			return id, nil
		}
	}
	return "", errs.New(errs.NotFound, "Карточки с таким номером нет.")
}

func (b *board) Change(_ context.Context, id string, expect int, _ time.Time, decide func(incidents.Case) (incidents.Decision, error)) (incidents.Case, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, ok := b.views[id]
	if !ok {
		return incidents.Case{}, errs.New(errs.NotFound, "Такой карточки нет.")
	}
	if expect != 0 && expect != v.Case.Version {
		return incidents.Case{}, errs.New(errs.Conflict, "Карточку успели изменить.")
	}
	d, err := decide(v.Case)
	if err != nil {
		return incidents.Case{}, err
	}
	v.Case = d.Case
	v.History = append(v.History, d.Events...)
	v.Department = departmentName(v.Case.DepartmentID)
	return v.Case, nil
}

func (b *board) AnswerWords(context.Context) (answers.Words, error) {
	return answers.Words{Contacts: []string{"8 (383) 222-11-00"}}, nil
}

func (b *board) SaveDraft(_ context.Context, id, personID, text string, _ time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drafts[id+personID] = text
	return nil
}

func (b *board) Since(_ context.Context, id string, version int) ([]incidents.Event, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []incidents.Event
	for _, e := range b.views[id].History {
		if e.Version > version {
			list = append(list, e)
		}
	}
	return list, nil
}

func (b *board) Sources(context.Context, time.Time) ([]collectors.SourceStatus, error) {
	return b.sources, b.broken
}

func (b *board) Unread(_ context.Context, f collectors.UnreadFilter) (collectors.UnreadPage, error) {
	p := collectors.UnreadPage{
		Total: len(b.unread), Mended: 21, Rows: b.unread[min(f.Offset, len(b.unread)):],
		Sources: []collectors.UnreadSource{{ID: "s5", Title: "ЖКХ города", Count: 2}, {ID: "s4", Title: "Затон. Чат соседей", Count: 0}},
	}
	return p, b.broken
}

func (b *board) Picture(_ context.Context, hash string) (media.File, error) {
	if hash != sampleHash {
		return media.File{}, errs.New(errs.NotFound, "Такого фото у нас нет.")
	}
	return media.File{Hash: hash, Type: "image/png", Bytes: []byte("\x89PNG")}, b.broken
}

func (b *board) Entries(_ context.Context, f delivery.EntryFilter) (delivery.EntryPage, error) {
	page := delivery.EntryPage{Counts: map[delivery.Tab]int{}}
	for _, e := range b.entries {
		t := tabOf(e.State)
		page.Counts[t]++
		page.Counts[delivery.TabToday]++
		if f.Tab == delivery.TabToday || f.Tab == t {
			page.Entries = append(page.Entries, e)
		}
	}
	page.Total = len(page.Entries)
	return page, b.broken
}

func tabOf(s delivery.State) delivery.Tab {
	switch s {
	case delivery.Unknown:
		return delivery.TabUnknown
	case delivery.Failed:
		return delivery.TabFailed
	case delivery.Sent:
		return delivery.TabSent
	}
	return delivery.TabWaiting
}

func (b *board) Resolve(_ context.Context, _ rights.Actor, id string, what delivery.Resolution, _ time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries {
		if e.ID == id {
			b.resolved = append(b.resolved, id+" "+string(what))
			return nil
		}
	}
	return errs.New(errs.NotFound, "Такой отправки нет.")
}

func (b *board) Topics(context.Context) ([]incidents.Topic, error) {
	return []incidents.Topic{
		{ID: "snow", Name: "Снег и наледь", DepartmentID: "roads"},
		{ID: "water", Name: "Горячая вода", DepartmentID: "housing"},
		{ID: "bus", Name: "Автобусы", DepartmentID: "roads"},
		{ID: "waste", Name: "Вывоз мусора", DepartmentID: "housing"},
	}, nil
}

func (b *board) Departments(context.Context) ([]incidents.Department, error) {
	return []incidents.Department{{ID: "roads", Name: "Управление дорог"}, {ID: "housing", Name: "Комитет ЖКХ"}}, nil
}

func departmentName(id string) string {
	switch id {
	case "roads":
		return "Управление дорог"
	case "housing":
		return "Комитет ЖКХ"
	}
	return ""
}

func (b *board) Executors(_ context.Context, departmentID string) ([]auth.Person, error) {
	var list []auth.Person
	for _, p := range people() {
		if p.Actor().Has(rights.Executor) && (departmentID == "" || p.DepartmentID == departmentID) {
			list = append(list, p)
		}
	}
	return list, nil
}

// people are one person for each role, and one more executor.
func people() []auth.Person {
	person := func(id, name, dept string, roles ...rights.Role) auth.Person {
		return auth.Person{ID: id, Email: id + "@city.example", Name: name, Roles: roles, DepartmentID: dept, Active: true}
	}
	return []auth.Person{
		person("administrator", "Тимур Ахметов", "", rights.Administrator),
		person("head", "Вера Лаптева", "", rights.Head),
		person("curator", "Олег Панфилов", "", rights.Curator),
		person("coordinator", "Илья Гордеев", "", rights.Coordinator),
		person("executor", "Антон Журавлёв", "roads", rights.Executor),
		person("moderator", "Дарья Кольцова", "", rights.Moderator),
		person("press", "Марина Сухова", "", rights.PressOfficer),
		person("other", "Рената Бикташева", "housing", rights.Executor),
		person("all", "Кира Ветрова", "roads", rights.Roles()...),
		person("none", "Лев Пустов", ""),
	}
}

// vault lets everyone of people in by the session token that is their id.
type vault struct{}

func (v vault) PersonByEmail(_ context.Context, email string) (auth.Person, string, error) {
	for _, p := range people() {
		if p.Email == email {
			hash, err := auth.HashPassword("верный-пароль")
			return p, hash, err
		}
	}
	return auth.Person{}, "", errs.New(errs.NotFound, "Нет такого человека.")
}

func (v vault) StartSession(context.Context, auth.Session) error { return nil }
func (v vault) EndSession(context.Context, string) error         { return nil }

func (v vault) SessionPerson(_ context.Context, hash string, now time.Time) (auth.Person, auth.Session, error) {
	for _, p := range people() {
		if tokenHash(p.ID) == hash {
			return p, auth.Session{TokenHash: hash, PersonID: p.ID, StartedAt: now, SeenAt: now}, nil
		}
	}
	return auth.Person{}, auth.Session{}, errs.New(errs.NotFound, "Нет такого входа.")
}

func (v vault) Failures(context.Context, string, time.Time) (int, error) { return 0, nil }
func (v vault) NoteFailure(context.Context, string, time.Time) error     { return nil }
func (v vault) ClearFailures(context.Context, string) error              { return nil }

func ref(n social.Network, id string) social.Ref {
	if n == social.VK {
		return social.Ref{Network: n, Owner: "-101", ID: id}
	}
	return social.Ref{Network: n, Owner: "-100200", ID: id}
}
