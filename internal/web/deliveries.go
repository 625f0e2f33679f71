package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

const entriesPerPage = 50

// deliveriesPage is the page Доставка.
type deliveriesPage struct {
	Shell   shell
	Tabs    []tab
	Unknown int
	Note    string
	Entries []entryRow
	Pager   []tab
	Empty   emptyState
	Here    string
	// Decides says that the person may settle what is unknown.
	Decides bool
}

// entryRow is one line of the ledger.
type entryRow struct {
	ID        string
	Number    int64
	Class     string // of the pill
	Icon      string
	State     string
	At        stamp
	Title     string
	What      string // what leaves, where that is no answer
	Page      string // of the case or the post; empty where the person may not open it
	Net       netIcon
	Source    string
	Text      string // the answer itself
	Note      string
	NoteClass string
	Link      string
	LinkText  string
	Code      string
	Appeared  string // the words of the button; empty without one
	Again     bool   // «Отправить ещё раз»
	Back      string // the words of the way back to what is mended; empty without one
}

func deliveryTabs() []delivery.Tab {
	return []delivery.Tab{delivery.TabToday, delivery.TabUnknown, delivery.TabFailed, delivery.TabWaiting, delivery.TabSent}
}

func deliveryTabTitle(t delivery.Tab) string {
	switch t {
	case delivery.TabUnknown:
		return "Неизвестно"
	case delivery.TabFailed:
		return "Не ушло"
	case delivery.TabWaiting:
		return "Ждёт"
	case delivery.TabSent:
		return "Ушло"
	}
	return "Сегодня"
}

func (s *server) deliveries(w http.ResponseWriter, r *http.Request, v *visit) error {
	current, n := delivery.TabToday, 1
	for _, t := range deliveryTabs() {
		if r.URL.Query().Get("tab") == string(t) {
			current = t
		}
	}
	if p, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil && p > 1 && p < 10_000 {
		n = p
	}
	list, err := s.Ledger.Entries(r.Context(), delivery.EntryFilter{
		Tab: current, Since: s.clock.DayStart(v.now), Limit: entriesPerPage, Offset: (n - 1) * entriesPerPage,
	})
	if err != nil {
		return err
	}
	page := deliveriesPage{
		Shell: s.shell(r, v, "deliveries", "Доставка"), Unknown: list.Counts[delivery.TabUnknown],
		Empty: emptyDeliveries(current).within(v.person.Actor()), Here: deliveriesURL(current, n),
	}
	page.Shell.Flash = s.takeFlash(w, r)
	page.Decides = v.person.Actor().Can(rights.ResolveDelivery)
	if page.Unknown > 0 {
		page.Note = ru.Count(page.Unknown, "отправка могла состояться, а могла и нет.", "отправки могли состояться, а могли и нет.", "отправок могли состояться, а могли и нет.")
	}
	for _, t := range deliveryTabs() {
		page.Tabs = append(page.Tabs, tab{Title: deliveryTabTitle(t), URL: deliveriesURL(t, 1), Count: list.Counts[t], Current: t == current})
	}
	for i := 1; list.Total > entriesPerPage && i <= (list.Total+entriesPerPage-1)/entriesPerPage; i++ {
		page.Pager = append(page.Pager, tab{Title: ru.Number(i), URL: deliveriesURL(current, i), Current: i == n})
	}
	by := v.person.Actor()
	for _, e := range list.Entries {
		page.Entries = append(page.Entries, s.entry(e, by, v.now))
	}
	s.show(w, v, http.StatusOK, "deliveries", page)
	return nil
}

func deliveriesURL(t delivery.Tab, page int) string {
	q := url.Values{}
	if t != delivery.TabToday {
		q.Set("tab", string(t))
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/deliveries"
	}
	return "/deliveries?" + q.Encode()
}

func (s *server) entry(e delivery.Entry, by rights.Actor, now time.Time) entryRow {
	row := entryRow{
		ID: e.ID, Number: e.Number, Title: ru.Cut(e.CaseTitle, 120), Net: iconOfNet(e.Network), Source: e.SourceTitle, Text: e.Text,
		What: whatLeaves(e.Kind), Page: pageOfEntry(e, by), Code: e.TroubleCode, Link: webLink(e.Permalink), LinkText: "Открыть",
	}
	settle := by.Can(rights.ResolveDelivery)
	look := "Открыть ветку"
	if e.Kind != delivery.KindAnswer {
		look = "Открыть страницу"
	}
	switch e.State {
	case delivery.Unknown:
		row.Class, row.Icon, row.State, row.At = "unk", "q", "Неизвестно", s.stamp(e.SendingAt, now)
		row.Note, row.NoteClass, row.Again = e.Trouble, "unk", settle
		if settle {
			row.Appeared = appearedButton(e.Kind)
		}
		row.Link, row.LinkText = webLink(e.ThreadLink), look
	case delivery.Failed:
		row.Class, row.Icon, row.State, row.At = "bad", "x", "Не ушло", s.stamp(cmp.Or(e.SendingAt, e.DoneAt), now)
		row.Note, row.NoteClass, row.Again = e.Trouble, "bad", settle
		if settle && row.Page != "" {
			row.Back = backButton(e.Kind)
		}
		row.Link, row.LinkText = webLink(e.ThreadLink), look
	case delivery.Planned:
		row.Icon, row.State, row.At = "clock", "Ждёт", s.stamp(e.PlannedAt, now)
		row.Note = "Уйдёт в ближайшую минуту"
		if wait := e.NextTryAt.Sub(now); wait > 0 {
			row.Note, row.At = "Через "+ru.Span(wait), s.stamp(e.NextTryAt, now)
		}
		if e.Trouble != "" {
			row.Note, row.NoteClass = e.Trouble+" "+row.Note+".", "warn"
		}
	case delivery.Sending:
		row.Class, row.Icon, row.State, row.At = "ac", "send", "Отправляем", s.stamp(e.SendingAt, now)
		row.Note = "Ждём подтверждения сети"
	case delivery.Sent:
		row.Class, row.Icon, row.State, row.At = "ok", "check", "Ушло", s.stamp(e.DoneAt, now)
		row.Note = doneNote(e.Kind)
		if e.Approver != "" {
			row.Note += ", утверждено: " + e.Approver
		}
	}
	return row
}

// whatLeaves names what is no answer, for the line under the title.
func whatLeaves(k delivery.Kind) string {
	switch k {
	case delivery.KindPost:
		return "Пост"
	case delivery.KindPoll:
		return "Опрос"
	case delivery.KindEdit:
		return "Правка поста"
	case delivery.KindDelete:
		return "Удаление поста"
	case delivery.KindPin:
		return "Закрепление поста"
	case delivery.KindUnpin:
		return "Открепление поста"
	case delivery.KindClosePoll:
		return "Закрытие опроса"
	}
	return ""
}

func appearedButton(k delivery.Kind) string {
	switch k {
	case delivery.KindPost:
		return "Пост появился"
	case delivery.KindPoll:
		return "Опрос появился"
	}
	return "Ответ появился"
}

func backButton(k delivery.Kind) string {
	if k == delivery.KindAnswer {
		return "Забрать и исправить"
	}
	return "К посту"
}

func doneNote(k delivery.Kind) string {
	switch k {
	case delivery.KindAnswer:
		return "Видно в ветке"
	case delivery.KindPost, delivery.KindPoll:
		return "Видно на странице"
	}
	return "Сделано"
}

// pageOfEntry is the page of the case or the post, if the person may open it.
func pageOfEntry(e delivery.Entry, by rights.Actor) string {
	switch {
	case e.Number == 0:
		return ""
	case e.Kind == delivery.KindAnswer && by.Can(rights.ViewCases):
		return "/cases/" + strconv.FormatInt(e.Number, 10)
	case e.Kind != delivery.KindAnswer && by.Can(rights.ViewPlan):
		return "/posts/" + strconv.FormatInt(e.Number, 10)
	}
	return ""
}

func emptyDeliveries(t delivery.Tab) emptyState {
	e := emptyState{Title: "Здесь пусто", URL: "/deliveries?tab=sent", Button: "Показать ушедшее", URL2: "/inbox", Second: "К входящим"}
	switch t {
	case delivery.TabUnknown:
		e.Title, e.Text = "Неизвестного нет", "Про каждый ответ и пост известно, ушёл он или нет."
	case delivery.TabFailed:
		e.Title, e.Text = "Всё ушло", "Ни одна сеть ничего не отклонила."
	case delivery.TabWaiting:
		e.Title, e.Text = "Ничего не ждёт", "Утверждённые ответы и посты уже отправлены."
	case delivery.TabSent:
		e.Title, e.Text = "Пока ничего не ушло", "Ответ появится здесь, когда руководитель его утвердит и сеть подтвердит."
		e.URL, e.Button, e.URL2, e.Second = "/inbox?stage=approval", "Что на утверждении", "/inbox", "К входящим"
	default:
		e.Title, e.Text = "Сегодня ничего не уходило", "Ответ появится здесь, когда его утвердит руководитель, пост — когда придёт его время."
	}
	return e
}

// resolve carries out what a person decided about a delivery that stopped.
func (s *server) resolve(what delivery.Resolution) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		f, err := form(r)
		if err != nil {
			return err
		}
		if err := s.Ledger.Resolve(r.Context(), v.person.Actor(), r.PathValue("id"), what, v.now); err != nil {
			return err
		}
		s.Hub.Publish(live.Deliveries, live.Cases)
		number, _ := caseNumber(f.Get("number"))
		s.setFlash(w, string(what), number)
		http.Redirect(w, r, localPath(f.Get("back"), "/deliveries"), http.StatusSeeOther)
		return nil
	}
}
