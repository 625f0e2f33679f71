package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/publisher"
)

// pollPage is one poll: how it stands on all its pages together.
type pollPage struct {
	Shell    shell
	ID       string
	Question string
	State    verdict
	Facts    []string
	Places   []placeRow
	Heads    []netHead
	Rows     []optionRow
	Votes    string
	Voters   string
	Note     string
	At       stamp
	Chart    chart
	Post     int64 // of the plan, 0 if it is not known
	CanClose bool
	CanPost  bool
	Warning  string
	Files    files
}

// netHead is the head of a page's column in the joint table.
type netHead struct {
	Net   netIcon
	Title string
}

// placeRow is the poll on one page.
type placeRow struct {
	Net     netIcon
	Title   string
	Link    string
	State   verdict
	Trouble string
}

// optionRow is one option with its votes on every page and together.
type optionRow struct {
	Option string
	Votes  []string
	Total  string
	Share  string
	Width  float64 // of the bar, percent
	First  bool    // has the most votes
}

func (s *server) poll(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, j, seen, err := s.loadPoll(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	names, by := pageNames(pages), v.person.Actor()
	page := pollPage{
		Shell: s.shell(r, v, "poll", "Опрос"), ID: p.ID, Question: p.Form.Question, State: pollVerdict(p), Note: j.Note, At: s.stamp(j.At, v.now),
		Votes: ru.Count(j.Votes, "голос", "голоса", "голосов"), Facts: s.pollFacts(p, v.now), Rows: optionRows(j),
		CanClose: by.Can(rights.WritePost) && p.State == publisher.PollOpen, CanPost: by.Can(rights.WritePost) && len(j.Pages) > 0,
		Chart: s.pollChart(p, seen), Files: filesAt(pollURL(p.ID) + "/export"),
	}
	if p.Form.Multiple {
		page.Voters = ru.Count(j.Voters, "участник", "участника", "участников")
	}
	if page.CanPost && p.State != publisher.PollClosed {
		page.Warning = "Опрос ещё идёт: итог в посте будет неокончательным."
	}
	for _, id := range j.Pages {
		page.Heads = append(page.Heads, netHead{iconOfNet(names[id].Network), names[id].Title})
	}
	for _, x := range p.Places {
		page.Places = append(page.Places, s.placeRow(p, x, names, slices.Contains(j.Pages, x.PageID)))
	}
	if view, err := s.Planning.Posts.PostView(r.Context(), p.PostID); err == nil && p.PostID != "" {
		page.Post = view.Post.Number
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "poll", page)
	return nil
}

func (s *server) loadPoll(ctx context.Context, id string) (publisher.Poll, publisher.Joint, []publisher.Snapshot, error) {
	p, err := s.Press.Polls.Poll(ctx, id)
	if err != nil {
		return p, publisher.Joint{}, nil, err
	}
	seen, err := s.Press.Polls.Snapshots(ctx, id)
	return p, publisher.Join(p, seen), seen, err
}

func (s *server) pollFacts(p publisher.Poll, now time.Time) []string {
	facts := []string{ru.Capital(s.closing(p, now))}
	if !p.OpenedAt.IsZero() {
		facts = append(facts, "Начался "+s.clock.Full(p.OpenedAt))
	}
	facts = append(facts, "Один ответ от человека")
	if p.Form.Multiple {
		facts[len(facts)-1] = "Можно выбрать несколько ответов"
	}
	return facts
}

func (s *server) placeRow(p publisher.Poll, x publisher.Place, names map[string]publisher.Page, seen bool) placeRow {
	row := placeRow{Net: iconOfNet(x.Network), Title: cmp.Or(names[x.PageID].Title, x.Network.Title()), Link: webLink(x.Link), Trouble: x.Trouble}
	switch {
	case x.Closed:
		row.State = verdict{"ok", "check", "закрыт", ""}
	case x.Trouble != "":
		row.State = verdict{"bad", "alert", "не закрывается", ""}
	case p.State == publisher.PollClosing:
		row.State = verdict{"warn", "clock", "закрывается", ""}
	default:
		row.State = verdict{"ac", "poll", "идёт", ""}
	}
	if !seen && row.Trouble == "" {
		row.Trouble = "Итог с этой страницы ещё не получен."
	}
	return row
}

func optionRows(j publisher.Joint) []optionRow {
	most := 0
	for _, r := range j.Rows {
		most = max(most, r.Total)
	}
	var out []optionRow
	for _, r := range j.Rows {
		row := optionRow{Option: r.Option, Total: ru.Number(r.Total), Share: percent(r.Share, 1), Width: publisher.Round2(r.Share), First: most > 0 && r.Total == most}
		for _, n := range r.Votes {
			row.Votes = append(row.Votes, ru.Number(n))
		}
		out = append(out, row)
	}
	return out
}

// pollChart draws how the votes for each option grew, all pages together.
func (s *server) pollChart(p publisher.Poll, seen []publisher.Snapshot) chart {
	if len(seen) < 2 {
		return chart{}
	}
	lines := make([]curve, len(p.Form.Options))
	for i, option := range p.Form.Options {
		lines[i].Title = option
	}
	newest, round := map[string]publisher.Snapshot{}, map[string]bool{}
	for n, x := range seen {
		newest[x.PageID], round[x.PageID] = x, true
		// Pages are looked at one after another: what was seen of different ones
		// within a minute is one point of all of them.
		if n+1 < len(seen) && !round[seen[n+1].PageID] && seen[n+1].At.Sub(x.At) < time.Minute {
			continue
		}
		clear(round)
		for i := range lines {
			total := 0
			for _, n := range newest {
				if i < len(n.Votes) {
					total += n.Votes[i]
				}
			}
			lines[i].Points = append(lines[i].Points, point{x.At, float64(total)})
		}
	}
	// Four lines can be told apart; the others are in the table.
	sortLines(lines)
	return s.draw(lines[:min(len(lines), maxLines)], "голосов", momentAxis)
}

func (s *server) closePoll(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.Press.Polls.ClosePoll(r.Context(), v.person.Actor(), r.PathValue("id"), v.now)
	if err != nil {
		return err
	}
	s.Hub.Publish(live.Posts, live.Deliveries)
	s.Planning.Changed()
	s.setFlash(w, "poll-closing", 0)
	http.Redirect(w, r, pollURL(p.ID), http.StatusSeeOther)
	return nil
}

// pollResults makes a draft with the results on the pages of the poll. A
// template of the agency's own is used where one has the word {итоги}.
func (s *server) pollResults(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, j, _, err := s.loadPoll(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	write := publisher.Write{Title: "Итоги опроса: " + ru.Cut(p.Form.Question, 100), Content: publisher.ResultPost(publisher.DefaultResult, j)}
	list, err := s.Planning.Templates.PostTemplates(r.Context())
	if err != nil {
		return err
	}
	for _, t := range list {
		if strings.Contains(t.Content.Text, "{итоги}") {
			write.Content = publisher.ResultPost(t.Content.Text, j)
			write.Rubric, write.Tags = t.Rubric, t.Tags
			break
		}
	}
	for _, x := range p.Places {
		write.PageIDs = append(write.PageIDs, x.PageID)
	}
	post, err := s.Planning.Desk.New(r.Context(), v.person.Actor(), write, publisher.Plan{})
	if err != nil {
		return err
	}
	s.Hub.Publish(live.Posts)
	s.setFlash(w, "poll-draft", post.Number)
	http.Redirect(w, r, "/posts/"+strconv.FormatInt(post.Number, 10), http.StatusSeeOther)
	return nil
}
