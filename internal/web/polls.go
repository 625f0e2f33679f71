package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/sheet"
	"otklik/publisher"
)

const pollsPerPage = 30

// pollsPage is the page Опросы.
type pollsPage struct {
	Shell    shell
	Polls    []pollRow
	Pager    []tab
	CanWrite bool
	Empty    emptyState
}

// pollRow is one poll of the list.
type pollRow struct {
	ID       string
	Question string
	State    verdict
	Nets     []netIcon
	Votes    string
	Leader   string
	Closes   string
	Opened   stamp
}

func (s *server) polls(w http.ResponseWriter, r *http.Request, v *visit) error {
	n := pageNumber(r)
	// One more than is shown tells that there is another page.
	list, err := s.Press.Polls.Polls(r.Context(), pollsPerPage+1, (n-1)*pollsPerPage)
	if err != nil {
		return err
	}
	page := pollsPage{
		Shell: s.shell(r, v, "polls", "Опросы"), CanWrite: v.person.Actor().Can(rights.WritePost), Pager: endless("/polls", n, len(list) > pollsPerPage),
		Empty: emptyState{Title: "Опросов пока нет", Text: "Опрос — это пост с вопросом: он выходит сразу на нескольких страницах, а итог собирается здесь."},
	}
	if page.CanWrite {
		page.Empty.URL, page.Empty.Button = newPollURL, "Новый опрос"
	}
	for _, p := range list[:min(len(list), pollsPerPage)] {
		seen, err := s.Press.Polls.Snapshots(r.Context(), p.ID)
		if err != nil {
			return err
		}
		page.Polls = append(page.Polls, s.pollRow(p, publisher.Join(p, seen), v.now))
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "polls", page)
	return nil
}

// newPollURL is the editor with the block of a poll open.
const newPollURL = "/posts/new?poll=1"

func pageNumber(r *http.Request) int {
	if n, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil && n > 1 && n < 10_000 {
		return n
	}
	return 1
}

// endless is the pager of a list whose length nobody has counted.
func endless(path string, n int, more bool) []tab {
	if n == 1 && !more {
		return nil
	}
	var out []tab
	link := func(n int) string {
		if n == 1 {
			return path
		}
		return withQuery(path, "page", strconv.Itoa(n))
	}
	if n > 1 {
		out = append(out, tab{Title: "Новее", URL: link(n - 1)})
	}
	out = append(out, tab{Title: ru.Number(n), URL: link(n), Current: true})
	if more {
		out = append(out, tab{Title: "Старше", URL: link(n + 1)})
	}
	return out
}

func (s *server) pollRow(p publisher.Poll, j publisher.Joint, now time.Time) pollRow {
	row := pollRow{
		ID: p.ID, Question: p.Form.Question, State: pollVerdict(p), Opened: s.stamp(p.OpenedAt, now), Closes: s.closing(p, now),
		Votes: "голосов ещё нет",
	}
	seen := map[netIcon]bool{}
	for _, x := range p.Places {
		if net := iconOfNet(x.Network); !seen[net] {
			seen[net] = true
			row.Nets = append(row.Nets, net)
		}
	}
	if j.Votes > 0 {
		row.Votes = ru.Count(j.Votes, "голос", "голоса", "голосов")
		row.Leader = leader(j)
	}
	return row
}

// leader is who is ahead, «Парк — 62 %», or that several are.
func leader(j publisher.Joint) string {
	best, ties := 0, 0
	for i, r := range j.Rows {
		switch {
		case r.Total > j.Rows[best].Total:
			best, ties = i, 0
		case i != best && r.Total == j.Rows[best].Total:
			ties++
		}
	}
	if ties > 0 {
		return "поровну у нескольких ответов"
	}
	return "впереди «" + ru.Cut(j.Rows[best].Option, 60) + "», " + percent(j.Rows[best].Share, 0)
}

func pollVerdict(p publisher.Poll) verdict {
	switch p.State {
	case publisher.PollOpen:
		return verdict{"ac", "poll", p.State.Title(), ""}
	case publisher.PollClosing:
		for _, x := range p.Places {
			if x.Trouble != "" && !x.Closed {
				return verdict{"bad", "alert", "Не закрывается", x.Trouble}
			}
		}
		return verdict{"warn", "clock", p.State.Title(), ""}
	}
	return verdict{"ok", "check", p.State.Title(), ""}
}

// closing says when a poll ends or has ended.
func (s *server) closing(p publisher.Poll, now time.Time) string {
	switch {
	case p.State == publisher.PollClosed:
		return "закрыт " + s.clock.Moment(p.ClosedAt, now)
	case p.State == publisher.PollClosing:
		return "закрывается"
	case p.ClosesAt.IsZero():
		return "закроет человек"
	}
	return "закроется " + s.clock.Full(p.ClosesAt)
}

func (s *server) pollExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.Press.Polls.Poll(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	seen, err := s.Press.Polls.Snapshots(r.Context(), p.ID)
	if err != nil {
		return err
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	names := pageNames(pages)
	t := sheet.Table{Name: "Опрос", Columns: []string{"Когда", "Страница", "Проголосовали"}}
	t.Columns = append(t.Columns, p.Form.Options...)
	for _, x := range seen {
		row := []sheet.Cell{sheet.Text(s.clock.Date(x.At) + " " + s.clock.Time(x.At)), sheet.Text(names[x.PageID].Title), sheet.Int(x.Voters)}
		for _, n := range x.Votes {
			row = append(row, sheet.Int(n))
		}
		t.Rows = append(t.Rows, row)
	}
	return s.download(w, t, "Опрос "+s.clock.Date(p.OpenedAt), r.URL.Query().Get("format"))
}

func pollURL(id string) string { return "/polls/" + url.PathEscape(id) }
