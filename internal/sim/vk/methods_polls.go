package vk

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) pollsCreate(c *call) (any, *apiError) {
	owner := c.int("owner_id")
	if owner == 0 {
		owner = c.token.UserID
	}
	if owner != c.token.UserID && !c.token.speaksFor(-owner) {
		return nil, denied("no access to create a poll here")
	}
	var texts []string
	if json.Unmarshal([]byte(c.params.Get("add_answers")), &texts) != nil || len(texts) == 0 || len(texts) > maxPollAnswers {
		return nil, badParam("add_answers must be a JSON list of 1 to 10 texts")
	}
	if failure := answerTexts(texts); failure != nil {
		return nil, failure
	}
	if strings.TrimSpace(c.params.Get("question")) == "" {
		return nil, badParam("question is undefined")
	}
	p := Poll{
		OwnerID: owner, AuthorID: c.token.UserID, Question: c.params.Get("question"),
		Anonymous: c.bool("is_anonymous"), Multiple: c.bool("is_multiple"), Final: c.bool("disable_unvote"),
	}
	if failure := s.endOf(c, &p); failure != nil {
		return nil, failure
	}
	for _, t := range texts {
		p.Answers = append(p.Answers, PollAnswer{Text: t})
	}
	return s.pollObject(s.addPoll(p), c.viewer()), nil
}

func (s *Server) endOf(c *call, p *Poll) *apiError {
	if at := c.int("end_date"); at > 0 {
		if p.End = time.Unix(int64(at), 0).UTC(); !p.End.After(s.now()) {
			return badParam("end_date is in the past")
		}
	}
	return nil
}

// pollOf finds the poll of a call.
func (s *Server) pollOf(c *call) (*Poll, *apiError) {
	p, owner := s.polls[c.int("poll_id")], c.int("owner_id")
	if owner == 0 {
		owner = c.token.UserID
	}
	if p == nil || p.OwnerID != owner {
		return nil, &apiError{250, "Access to poll denied"}
	}
	return p, nil
}

func (s *Server) pollsGetByID(c *call) (any, *apiError) {
	p, failure := s.pollOf(c)
	if failure != nil {
		return nil, failure
	}
	return s.pollObject(p, c.viewer()), nil
}

func (s *Server) pollsAddVote(c *call) (any, *apiError) {
	p, failure := s.pollOf(c)
	if failure != nil {
		return nil, failure
	}
	fresh, failure := s.vote(p, c.token.UserID, c.ints("answer_ids"))
	if failure != nil {
		return nil, failure
	}
	return flag(fresh), nil
}

func (s *Server) pollsDeleteVote(c *call) (any, *apiError) {
	p, failure := s.pollOf(c)
	if failure != nil {
		return nil, failure
	}
	a := p.answer(c.int("answer_id"))
	if a == nil {
		return nil, &apiError{252, "Invalid answer id"}
	}
	at := slices.Index(a.Voters, c.token.UserID)
	if at < 0 || p.Final || s.over(p) {
		return 0, nil
	}
	a.Voters = slices.Delete(a.Voters, at, at+1)
	return 1, nil
}

func (s *Server) pollsGetVoters(c *call) (any, *apiError) {
	p, failure := s.pollOf(c)
	if failure != nil {
		return nil, failure
	}
	if p.Anonymous {
		return nil, &apiError{250, "Access to poll denied: the poll is anonymous"}
	}
	if len(p.choice(c.token.UserID)) == 0 && !c.token.speaksFor(-p.OwnerID) && p.AuthorID != c.token.UserID {
		return nil, &apiError{253, "Access denied, please vote first"}
	}
	out := []object{}
	for _, id := range c.ints("answer_ids") {
		a := p.answer(id)
		if a == nil {
			return nil, &apiError{252, "Invalid answer id"}
		}
		list := window(a.Voters, c.int("offset"), c.count(100, 1000))
		out = append(out, object{"answer_id": id, "users": object{"count": len(a.Voters), "items": list}})
	}
	return out, nil
}

func (s *Server) pollsEdit(c *call) (any, *apiError) {
	p, failure := s.pollOf(c)
	if failure != nil {
		return nil, failure
	}
	if p.AuthorID != c.token.UserID && !c.token.speaksFor(-p.OwnerID) {
		return nil, denied("no access to edit this poll")
	}
	edited := *p
	if q := c.params.Get("question"); q != "" {
		edited.Question = q
	}
	if failure := s.endOf(c, &edited); failure != nil {
		return nil, failure
	}
	var failed *apiError
	if edited.Answers, failed = s.editAnswers(c, p); failed != nil {
		return nil, failed
	}
	*p = edited
	return 1, nil
}

// editAnswers are the answers after the call's changes.
func (s *Server) editAnswers(c *call, p *Poll) ([]PollAnswer, *apiError) {
	var add []string
	var gone []int
	changed := map[string]string{}
	for name, to := range map[string]any{"add_answers": &add, "delete_answers": &gone, "edit_answers": &changed} {
		if raw := c.params.Get(name); raw != "" && json.Unmarshal([]byte(raw), to) != nil {
			return nil, badParam(name + " is invalid")
		}
	}
	out := []PollAnswer{}
	for _, a := range p.Answers {
		if text, ok := changed[strconv.Itoa(a.ID)]; ok {
			a.Text = text
		}
		if !slices.Contains(gone, a.ID) {
			out = append(out, a)
		}
	}
	for _, text := range add {
		s.lastPoll++
		out = append(out, PollAnswer{ID: s.lastPoll, Text: text})
	}
	texts := []string{}
	for _, a := range out {
		texts = append(texts, a.Text)
	}
	if len(out) == 0 || len(out) > maxPollAnswers {
		return nil, badParam("a poll has 1 to 10 answers")
	}
	return out, answerTexts(texts)
}

// ints reads a list of numbers; what is none is left out.
func (c *call) ints(name string) []int {
	out := []int{}
	for _, v := range c.list(name) {
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
			out = append(out, n)
		}
	}
	return out
}
