package vk

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Poll is a poll as it stands. Its answers hold who chose them.
type Poll struct {
	ID        int          `json:"id"`
	OwnerID   int          `json:"owner_id"`
	AuthorID  int          `json:"author_id"`
	Question  string       `json:"question"`
	Anonymous bool         `json:"anonymous"`
	Multiple  bool         `json:"multiple"`
	Final     bool         `json:"final"` // a vote cannot be taken back
	Created   time.Time    `json:"created"`
	End       time.Time    `json:"end,omitzero"` // zero means never
	Answers   []PollAnswer `json:"answers"`
}

// PollAnswer is one answer and the users who chose it, in the order of their votes.
type PollAnswer struct {
	ID     int    `json:"id"`
	Text   string `json:"text"`
	Voters []int  `json:"voters"`
}

// The bounds of a poll: the schema's prose of polls.create, and
// dev.vk.com/en/method/wall.post for the length.
const (
	maxPollAnswers = 10
	maxPollAnswer  = 100
)

// AddPoll creates a poll and returns it with its ids. Of the answers only
// their texts count.
func (s *Server) AddPoll(p Poll) (Poll, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.walls[p.OwnerID] == nil {
		return Poll{}, fmt.Errorf("wall %d: %w", p.OwnerID, ErrNotFound)
	}
	return *s.addPoll(p), nil
}

func (s *Server) addPoll(p Poll) *Poll {
	s.lastPoll++
	p.ID, p.Created = s.lastPoll, s.dateOr(time.Time{})
	for i := range p.Answers {
		s.lastPoll++
		p.Answers[i] = PollAnswer{ID: s.lastPoll, Text: p.Answers[i].Text}
	}
	s.polls[p.ID] = &p
	return &p
}

// Poll returns a copy of a poll.
func (s *Server) Poll(owner, id int) (Poll, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.polls[id]
	if p == nil || p.OwnerID != owner {
		return Poll{}, false
	}
	out := *p
	out.Answers = slices.Clone(p.Answers)
	for i := range out.Answers {
		out.Answers[i].Voters = slices.Clone(out.Answers[i].Voters)
	}
	return out, true
}

// Vote lets a user choose answers. It returns ErrNotFound for what does not
// exist, and an error for a poll that is over or voted in already.
func (s *Server) Vote(owner, poll, user int, answers []int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.polls[poll]
	if p == nil || p.OwnerID != owner || s.users[user] == nil {
		return ErrNotFound
	}
	fresh, failure := s.vote(p, user, answers)
	switch {
	case failure != nil:
		return fmt.Errorf("vk simulator: %s", failure.message)
	case !fresh:
		return fmt.Errorf("vk simulator: this user has voted")
	}
	return nil
}

// vote says whether the user had not voted yet.
func (s *Server) vote(p *Poll, user int, answers []int) (fresh bool, failure *apiError) {
	switch {
	case s.over(p):
		return false, &apiError{250, "Access to poll denied: the poll is closed"}
	case len(p.choice(user)) > 0:
		return false, nil
	case len(answers) == 0 || len(answers) > 1 && !p.Multiple:
		return false, &apiError{252, "Invalid answer id"}
	}
	for _, id := range answers {
		if p.answer(id) == nil {
			return false, &apiError{252, "Invalid answer id"}
		}
	}
	for _, id := range answers {
		a := p.answer(id)
		if slices.Contains(a.Voters, user) {
			continue
		}
		a.Voters = append(a.Voters, user)
		if !p.Anonymous {
			s.emit(p.OwnerID, "poll_vote_new", object{"owner_id": p.OwnerID, "poll_id": p.ID, "option_id": id, "user_id": user})
		}
	}
	return true, nil
}

func (s *Server) over(p *Poll) bool { return !p.End.IsZero() && !s.now().Before(p.End) }

func (p *Poll) answer(id int) *PollAnswer {
	for i := range p.Answers {
		if p.Answers[i].ID == id {
			return &p.Answers[i]
		}
	}
	return nil
}

// choice are the answers that a user chose.
func (p *Poll) choice(user int) []int {
	out := []int{}
	for _, a := range p.Answers {
		if user != 0 && slices.Contains(a.Voters, user) {
			out = append(out, a.ID)
		}
	}
	return out
}

// voters is how many people voted.
func (p *Poll) voters() int {
	seen := map[int]bool{}
	for _, a := range p.Answers {
		for _, v := range a.Voters {
			seen[v] = true
		}
	}
	return len(seen)
}

func (s *Server) pollObject(p *Poll, viewer int) object {
	total, answers := p.voters(), []object{}
	for _, a := range p.Answers {
		rate := 0.0
		if total > 0 {
			rate = float64(len(a.Voters)*10_000/total) / 100
		}
		answers = append(answers, object{"id": a.ID, "text": a.Text, "votes": len(a.Voters), "rate": rate})
	}
	own := viewer != 0 && viewer == p.AuthorID
	end := int64(0)
	if !p.End.IsZero() {
		end = unix(p.End)
	}
	o := object{
		"id": p.ID, "owner_id": p.OwnerID, "author_id": p.AuthorID, "created": unix(p.Created),
		"question": p.Question, "votes": total, "answers": answers, "anonymous": p.Anonymous,
		"multiple": p.Multiple, "end_date": end, "closed": s.over(p), "is_board": false,
		"can_edit": own, "can_vote": !s.over(p) && len(p.choice(viewer)) == 0, "can_report": false,
		"can_share": true, "disable_unvote": p.Final, "answer_ids": p.choice(viewer),
	}
	if chosen := p.choice(viewer); len(chosen) > 0 {
		o["answer_id"] = chosen[0]
	}
	return o
}

// answerTexts holds the texts of answers against their bounds.
func answerTexts(texts []string) *apiError {
	for _, t := range texts {
		if strings.TrimSpace(t) == "" || len([]rune(t)) > maxPollAnswer {
			return badParam("add_answers: an answer is empty or too long")
		}
	}
	return nil
}
