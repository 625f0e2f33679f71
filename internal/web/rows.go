package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/social"
)

const (
	// soonBefore is how long before the deadline a case asks for attention.
	soonBefore = 3 * time.Hour
	// lateAfter is how old the state of the collection may be before the line
	// in the rail turns to a warning.
	lateAfter = 5 * time.Minute
	// rowText is how many bytes of a message a row carries; a screen shows less.
	rowText = 480
)

// queueList is the list of the queue, which scripts may ask for alone.
type queueList struct {
	Rows  []row
	Total int
	Empty emptyState
	Note  string // what people have to know of how the words were looked for
	Pager []tab
	URL   string // the address of this list on the page
	At    string // when the list was made, by the agency's clock
}

// row is one line of the queue as shown.
type row struct {
	Repeat, Interim bool // taken up again; promised in the thread
	ID              string
	Number          int64
	Ref             string
	Group           *group // a heading before this row
	Stage           stageIcon
	Net             netIcon
	Text            []segment
	Topic           string
	Source          string
	Dept            string
	Who             string
	Came            stamp
	Due             deadline
	More            string // «+2 в ветке»
	MoreTip         string
	// Copies and Mass say what else stands behind the line.
	Copies, CopiesTip string
	Mass, MassTip     string
	Trouble           string
	Unknown           bool // of a trouble: the answer may have gone out
	Deleted           bool
	Chance            chance
	Auto              bool // the program has handed it out
	Pick              bool // may be put into an incident
	// Weight is the importance where it is more than usual.
	Weight string
	Urgent bool
}

type group struct {
	Title, Class string
	Count        int
	Counted      bool
}

type emptyState struct {
	Title, Text  string
	URL, Button  string
	URL2, Second string
}

// within drops the ways that lead where the person may not go.
func (e emptyState) within(by rights.Actor) emptyState {
	if !mayFollow(by, e.URL2) {
		e.URL2 = ""
	}
	if !mayFollow(by, e.URL) {
		e.URL, e.Button, e.URL2 = e.URL2, e.Second, ""
	}
	return e
}

func mayFollow(by rights.Actor, url string) bool {
	switch {
	case strings.HasPrefix(url, "/sources"):
		return by.Can(rights.ViewSources)
	case strings.HasPrefix(url, "/inbox"):
		return by.Can(rights.ViewCases)
	}
	return true
}

// stageIcon is a stage as a ring that fills up.
type stageIcon struct{ Icon, Title, Class string }

func iconOfStage(s incidents.Stage) stageIcon {
	switch s {
	case incidents.Moderation:
		return stageIcon{"s0", s.Title(), ""}
	case incidents.Coordination:
		return stageIcon{"s1", s.Title(), ""}
	case incidents.Execution:
		return stageIcon{"s2", s.Title(), ""}
	case incidents.Agreement:
		return stageIcon{"s3", s.Title(), ""}
	case incidents.Approval:
		return stageIcon{"s4", s.Title(), ""}
	case incidents.Publication:
		return stageIcon{"s5", s.Title(), ""}
	}
	return stageIcon{"okf", s.Title(), "st-end"}
}

type netIcon struct{ Icon, Title string }

func iconOfNet(n social.Network) netIcon {
	if n == social.Telegram {
		return netIcon{"tg", n.Title()}
	}
	if n == social.Imported {
		return netIcon{"dl", n.Title()}
	}
	return netIcon{"vk", n.Title()}
}

// deadline is a time to the deadline at one of three volumes.
type deadline struct {
	Text  string
	Class string // "", soon, over, done
	Exact string
	// Step is what is due, Work the working time left; both "" where unknown.
	Step, Work string
}

func (s *server) deadline(due time.Time, outcome incidents.Outcome, now time.Time) deadline {
	d := deadline{Exact: s.clock.Exact(due)}
	switch {
	case outcome == incidents.Rejected:
		d.Text = "отклонено"
	case outcome == incidents.Redirected, outcome == incidents.Merged:
		d.Text = lower(outcome.Title())
	case outcome != "":
		d.Text, d.Class = "решено", "done"
	case due.IsZero():
		d.Text = "без срока"
	default:
		d.Text = ru.Left(due, now)
		if now.After(due) {
			d.Class = "over"
		} else if due.Sub(now) < soonBefore {
			d.Class = "soon"
		}
	}
	return d
}

func (s *server) list(r *http.Request, v *visit, q query) (queueList, error) {
	page, err := s.Queue.Inbox(r.Context(), q.filter(s.clock, v.person.Actor(), v.now))
	if err != nil {
		return queueList{}, err
	}
	l := queueList{Total: page.Total, URL: q.url(), At: s.clock.Time(v.now), Note: page.Note, Pager: pager(q, page.Total), Empty: emptyQueue(q).within(v.person.Actor())}
	last := ""
	for _, x := range page.Rows {
		line := s.row(x, v.now)
		// What is in an incident has to leave it first.
		line.Pick = v.person.Actor().Can(rights.ManageIncidents) && x.Mass.Number == 0
		if g := groupOf(x, q, page, s.clock.DayEnd(v.now), v.now); g != nil && g.Title != last {
			line.Group, last = g, g.Title
		}
		l.Rows = append(l.Rows, line)
	}
	return l, s.workClocks(r.Context(), l.Rows, page.Rows, v.now)
}

func (s *server) row(x incidents.Row, now time.Time) row {
	line := row{
		ID: x.ID, Number: x.Number, Ref: x.Ref.String(), Stage: iconOfStage(x.Stage), Net: iconOfNet(x.Network),
		Text: lead(x.Text, x.Marks, rowText), Topic: x.TopicName, Source: x.SourceTitle, Dept: x.Department,
		Who: x.ExecutorName, Came: s.stamp(x.PublishedAt, now), Due: s.deadline(x.DueAt, x.Outcome, now),
		Trouble: x.Trouble, Unknown: x.Uncertain, Deleted: x.AuthorDeleted, Chance: chanceOf(x.Probability, nil), Auto: x.Auto, Repeat: x.Life.Repeats > 0, Interim: x.Life.Interims > 0 && x.Stage != incidents.Done,
	}
	if x.Text == "" {
		line.Text = []segment{{Text: "Сообщение без текста"}}
	}
	switch {
	case x.Importance > 1:
		line.Weight, line.Urgent = "срочно", true
	case x.Importance == 1:
		line.Weight = "важно"
	}
	if x.Attached > 0 {
		line.More = "+" + ru.Number(x.Attached)
		line.MoreTip = "Ещё " + ru.Count(x.Attached, "сообщение", "сообщения", "сообщений") + " автора в этой ветке"
	}
	if x.Copies > 0 {
		line.Copies, line.CopiesTip = ru.Count(x.Copies, "копия", "копии", "копий"), "То же написали или переслали в другом месте"
	}
	if m := x.Mass; m.Number > 0 {
		line.Mass = "инцидент №\u00a0" + strconv.FormatInt(m.Number, 10) + ": " + ru.Number(m.Members)
		line.MassTip = m.Title + ": " + ru.Count(m.Members, "карточка", "карточки", "карточек")
	}
	return line
}

// groupOf is the heading a row stands under; only the order by urgency has any.
func groupOf(x incidents.Row, q query, page incidents.Page, todayEnds, now time.Time) *group {
	if q.Sort != incidents.ByDue {
		return nil
	}
	switch {
	case x.Stage == incidents.Done:
		return &group{Title: "Завершено"}
	case now.After(x.DueAt) && !x.DueAt.IsZero():
		return &group{Title: "Просрочено", Class: "bad", Count: page.Overdue, Counted: true}
	case x.DueAt.IsZero():
		return &group{Title: "Часы стоят"}
	case x.DueAt.Before(todayEnds) && !x.DueAt.IsZero():
		return &group{Title: "Срок сегодня", Class: "warn", Count: page.Today, Counted: true}
	case q.Closed || len(q.Stages) > 0:
		return &group{Title: "Дальше"}
	}
	return &group{Title: "Дальше", Count: page.Total - page.Overdue - page.Today, Counted: true}
}

func emptyQueue(q query) emptyState {
	all := query{Page: 1, Sort: incidents.ByDue}
	switch {
	case q.Page > 1:
		return emptyState{Title: "Список стал короче", Text: "На этой странице уже ничего нет.", URL: q.with(func(*query) {}).url(), Button: "К началу списка"}
	case q.same(all):
		return emptyState{
			Title: "Новых сообщений нет", Text: "Всё, на что нужно ответить, уже отвечено. Новое появится здесь само, обновлять страницу не нужно.",
			URL: "/sources", Button: "Проверить источники", URL2: "/inbox?closed=1&sort=closed", Second: "Показать завершённые",
		}
	case q.same(query{Due: incidents.DueOverdue}):
		return emptyState{Title: "Просроченного нет", Text: "Все открытые карточки в сроке.", URL: "/inbox", Button: "Открыть все входящие"}
	case q.same(query{Mine: true}):
		return emptyState{Title: "У вас нет карточек", Text: "Когда координатор поручит вам ответ, карточка появится здесь.", URL: "/inbox", Button: "Открыть все входящие"}
	case q.same(query{Stages: []incidents.Stage{incidents.Approval}}):
		return emptyState{Title: "Утверждать нечего", Text: "Когда исполнитель отправит ответ на утверждение, карточка появится здесь.", URL: "/inbox", Button: "Открыть все входящие"}
	}
	return emptyState{Title: "Под отбор ничего не подходит", Text: "Снимите часть условий или поищите по другим словам.", URL: "/inbox", Button: "Сбросить отбор"}
}

// pager lists the pages around the current one, nothing when there is one.
func pager(q query, total int) []tab {
	pages := (total + rowsPerPage - 1) / rowsPerPage
	if pages < 2 {
		return nil
	}
	var out []tab
	for n := 1; n <= pages; n++ {
		if n != 1 && n != pages && (n < q.Page-2 || n > q.Page+2) {
			continue
		}
		at := q.with(func(q *query) { q.Page = n })
		out = append(out, tab{Title: ru.Number(n), URL: at.url(), Current: n == q.Page})
	}
	return out
}
