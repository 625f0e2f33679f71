package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	terms "otklik/incidents/deadline"
	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

const noticesPerPage = 50

// noticesPage is the page Уведомления.
type noticesPage struct {
	Shell  shell
	Unread int
	Rows   []noticeRow
	Pager  []tab
	Empty  emptyState
}

type noticeRow struct {
	ID     string
	New    bool
	Class  string // of the pill
	State  string
	Number int64
	Title  string // of the case
	Text   string
	At     stamp
	Follow bool
}

func (s *server) notices(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || n < 1 || n > 10_000 {
		n = 1
	}
	list, err := s.Timing.Notices.Notices(r.Context(), v.person.ID, noticesPerPage, (n-1)*noticesPerPage)
	if err != nil {
		return err
	}
	page := noticesPage{Shell: s.shell(r, v, "notices", "Уведомления"), Unread: list.Unread, Empty: emptyNotices(v)}
	page.Shell.Flash = s.takeFlash(w, r)
	follow := v.person.Actor().Can(rights.ViewCases)
	for _, x := range list.Notices {
		row := s.noticeRow(x, v.now)
		row.Follow = follow
		page.Rows = append(page.Rows, row)
	}
	for i := 1; list.Total > noticesPerPage && i <= (list.Total+noticesPerPage-1)/noticesPerPage; i++ {
		page.Pager = append(page.Pager, tab{Title: ru.Number(i), URL: "/notices?page=" + strconv.Itoa(i), Current: i == n})
	}
	s.show(w, v, http.StatusOK, "notices", page)
	return nil
}

func emptyNotices(v *visit) emptyState {
	to, title := homeOf(v)
	return emptyState{
		Title: "Уведомлений нет", Text: "Здесь появится, что срок ваших карточек подходит или прошёл. Спрашивать не нужно: число новых стоит в меню.",
		URL: to, Button: title,
	}
}

func (s *server) noticeRow(x notice.Notice, now time.Time) noticeRow {
	row := noticeRow{ID: x.ID, New: x.ReadAt.IsZero(), Number: x.Number, Title: ru.Cut(x.Title, titleLength), At: s.stamp(x.At, now), State: "Срок"}
	if row.Title == "" {
		row.Title = "Сообщение без текста"
	}
	if x.Kind == notice.Deadline {
		row.deadline(s, x, now)
	}
	return row
}

// deadline writes what is told of a deadline.
func (row *noticeRow) deadline(s *server, x notice.Notice, now time.Time) {
	at, err := time.Parse(time.RFC3339, x.Data["at"])
	share, serr := strconv.Atoi(x.Data["percent"])
	if err != nil || serr != nil {
		return
	}
	row.Text = terms.Step(x.Data["step"]).Title()
	switch {
	case share < 100:
		row.Class, row.State = "warn", "Скоро срок"
		row.Text += fmt.Sprintf(": прошло %d\u00a0%% срока, до %s", share, s.clock.Full(at))
	default:
		row.Class, row.State = "bad", "Просрочено"
		row.Text += ": срок прошёл " + s.clock.Full(at)
	}
	if as := asWhom(terms.Whom(x.Data["as"])); as != "" {
		row.Text += ". Вам — как " + as + "."
	}
}

func asWhom(w terms.Whom) string {
	switch w {
	case terms.ToExecutor:
		return "исполнителю"
	case terms.ToCoordinator:
		return "координатору"
	case terms.ToHead:
		return "руководителю"
	case terms.ToCurator:
		return "куратору"
	}
	return ""
}

// readNotices marks one notice as read and leads to its case, or marks all.
func (s *server) readNotices(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	if err := s.Timing.Notices.ReadNotices(r.Context(), v.person.ID, f.Get("id"), v.now); err != nil {
		return err
	}
	s.Hub.Publish(live.Notices)
	if f.Get("id") == "" {
		s.setFlash(w, "notices-read", 0)
	}
	http.Redirect(w, r, afterNotice(f), http.StatusSeeOther)
	return nil
}

func afterNotice(f url.Values) string {
	if n, err := strconv.ParseInt(f.Get("number"), 10, 64); err == nil && n > 0 {
		return fmt.Sprintf("/cases/%d", n)
	}
	return "/notices"
}
