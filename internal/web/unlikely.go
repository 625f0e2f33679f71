package web

import (
	"fmt"
	"net/http"
	"strconv"
	"unicode"
	"unicode/utf8"

	"otklik/incidents"
	"otklik/internal/learn"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

const unlikelyPerPage = 50

// unlikelyPage is the page Вероятно не жалобы.
type unlikelyPage struct {
	Shell shell
	Total int
	Rows  []unlikelyRow
	Pager []tab
	Here  string
	May   bool // the person may decide
	Empty emptyState
}

type unlikelyRow struct {
	ID          string
	Net         netIcon
	Text        []segment
	Author      string
	Source      string
	Rule, Topic string
	Link        string
	Chance      string
	Against     []string // what speaks against a complaint
	Came        stamp
}

// unlikely lists what rules found and the program left out of the queue.
func (s *server) unlikely(w http.ResponseWriter, r *http.Request, v *visit) error {
	n := 1
	if p, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil && p > 1 && p < 10_000 {
		n = p
	}
	list, total, err := s.Learning.Doubts.Unlikely(r.Context(), unlikelyPerPage, (n-1)*unlikelyPerPage, v.now)
	if err != nil {
		return err
	}
	page := unlikelyPage{
		Shell: s.shell(r, v, "unlikely", "Вероятно не жалобы"), Total: total, Here: unlikelyURL(n), May: v.person.Actor().Can(rights.AcceptCase),
		Empty: emptyState{
			Title: "Здесь пусто", URL: "/inbox", Button: "К входящим",
			Text: "Сюда попадает то, что нашло правило, но программа не считает жалобой. Такое хранится 30 дней, и ничего не отклоняется без человека.",
		},
	}
	for _, x := range list {
		page.Rows = append(page.Rows, s.unlikelyRow(x, v))
	}
	for i := 1; total > unlikelyPerPage && i <= (total+unlikelyPerPage-1)/unlikelyPerPage; i++ {
		page.Pager = append(page.Pager, tab{Title: ru.Number(i), URL: unlikelyURL(i), Current: i == n})
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "unlikely", page)
	return nil
}

func unlikelyURL(page int) string {
	if page < 2 {
		return "/unlikely"
	}
	return "/unlikely?page=" + strconv.Itoa(page)
}

func (s *server) unlikelyRow(x learn.Unlikely, v *visit) unlikelyRow {
	row := unlikelyRow{
		ID: x.ItemID, Net: iconOfNet(x.Item.Ref.Network), Text: lead(x.Item.Text, x.Marks, rowText), Author: authorName(x.Item.Author.Name),
		Source: x.Source, Rule: x.Rule, Topic: x.Topic, Link: webLink(x.Item.Permalink), Chance: share(x.Probability), Came: s.stamp(x.Item.PublishedAt, v.now),
	}
	for _, r := range x.Reasons {
		if r.Weight < 0 && len(row.Against) < 3 {
			row.Against = append(row.Against, lowerFirst(r.Words))
		}
	}
	return row
}

// takeUnlikely makes a case of an item that the program had left out.
func (s *server) takeUnlikely(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	number, err := s.Learning.Doubts.OpenByHand(r.Context(), v.person.Actor(), r.PathValue("item"), v.now)
	if err != nil {
		return err
	}
	s.Hub.Publish(live.Cases)
	s.setFlash(w, "by-person", number)
	http.Redirect(w, r, localPath(f.Get("back"), fmt.Sprintf("/cases/%d", number)), http.StatusSeeOther)
	return nil
}

func (s *server) dismissUnlikely(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	if err := s.Learning.Doubts.Dismiss(r.Context(), v.person.Actor(), r.PathValue("item"), v.now); err != nil {
		return err
	}
	s.Hub.Publish(live.Cases)
	s.setFlash(w, "dismissed", 0)
	http.Redirect(w, r, localPath(f.Get("back"), "/unlikely"), http.StatusSeeOther)
	return nil
}

// share writes a probability as whole percents, never as certainty.
func share(p float64) string {
	return strconv.Itoa(min(99, max(1, int(p*100+0.5)))) + "\u00a0%"
}

// lowerFirst lets a title stand within a sentence.
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// chance is the mark of probability of a row or a case.
type chance struct {
	Text  string // "" where nobody has judged
	Class string // of the width of the mark
	For   []string
	Not   []string
}

func chanceOf(p float64, reasons []incidents.Reason) chance {
	if p < 0 {
		return chance{}
	}
	c := chance{Text: share(p), Class: "ch-low"}
	switch {
	case p >= 0.6:
		c.Class = "ch-high"
	case p >= 0.35:
		c.Class = "ch-mid"
	}
	for _, r := range reasons {
		if r.Weight > 0 && len(c.For) < 3 {
			c.For = append(c.For, lowerFirst(r.Words))
		}
		if r.Weight < 0 && len(c.Not) < 2 {
			c.Not = append(c.Not, lowerFirst(r.Words))
		}
	}
	return c
}

// proposal is a topic or a department that the program proposes for a case.
type proposal struct {
	ID, Name, Chance string
	Words            []string
	Current          bool
}

// proposals are what the program proposes where a person could choose.
type proposals struct {
	Topics      []proposal
	Facts       []proposal
	Departments []proposal
}

func (s *server) proposals(r *http.Request, c incidents.Case, can map[string]bool) proposals {
	var p proposals
	if !can[string(incidents.EventClassified)] && !can[string(incidents.EventAssigned)] {
		return p
	}
	x, err := s.Learning.Suggester.Suggest(r.Context(), learn.ItemOf(c.Message, !c.Foreign))
	if err != nil {
		// A card without proposals is better than no card.
		s.Logger.WarnContext(r.Context(), "no proposals for a case", "err", err)
		return p
	}
	if can[string(incidents.EventClassified)] {
		p.Topics, p.Facts = proposed(x.Topics, c.TopicID), proposed(x.Facts, c.FactID)
	}
	if can[string(incidents.EventAssigned)] {
		p.Departments = proposed(x.Departments, "")
	}
	return p
}

func proposed(list []learn.Guess, current string) []proposal {
	var out []proposal
	for _, g := range list {
		out = append(out, proposal{ID: g.ID, Name: g.Name, Chance: share(g.Probability), Words: g.Words, Current: g.ID == current})
	}
	return out
}
