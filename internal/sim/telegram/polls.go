package telegram

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"otklik/internal/errs"
)

const (
	maxQuestion    = 300
	maxOptions     = 12
	maxOption      = 100
	maxExplanation = 200
	minOpenPeriod  = 5
	maxOpenPeriod  = 2628000
)

// poll is one poll; every copy and forward of its message shows the same.
type poll struct {
	id          string
	bot         int64 // who sent it and is told of it
	question    string
	options     []string
	anonymous   bool
	multiple    bool
	quiz        bool
	revoting    bool
	correct     []int
	explanation string
	description string
	openPeriod  int64
	closeAt     time.Time
	closed      bool
	votes       map[int64][]int // by the citizen's id
}

// twin is a new poll with the same question; nil has none.
func (p *poll) twin() *poll {
	if p == nil {
		return nil
	}
	twin := *p
	twin.id, twin.closed = "", false
	return &twin
}

// render is the Poll; the description stands only inside a message.
func (p *poll) render(inMessage bool) *wirePoll {
	w := &wirePoll{
		ID: p.id, Question: p.question, TotalVoterCount: len(p.votes), IsClosed: p.closed, IsAnonymous: p.anonymous,
		Type: "regular", AllowsMultipleAnswers: p.multiple, AllowsRevoting: p.revoting, OpenPeriod: p.openPeriod,
	}
	if p.quiz {
		w.Type, w.CorrectOptionIDs, w.Explanation = "quiz", p.correct, p.explanation
	}
	if !p.closeAt.IsZero() {
		w.CloseDate = p.closeAt.Unix()
	}
	if inMessage {
		w.Description = p.description
	}
	for i, text := range p.options {
		w.Options = append(w.Options, wirePollOption{PersistentID: strconv.Itoa(i + 1), Text: text, VoterCount: p.count(i)})
	}
	return w
}

func (p *poll) count(option int) int {
	n := 0
	for _, chosen := range p.votes {
		if slices.Contains(chosen, option) {
			n++
		}
	}
	return n
}

func (s *Server) sendPoll(c *call) (any, *apiError) {
	p, err := c.poll()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.target(c, "chat_id")
	if err != nil {
		return nil, err
	}
	if target.wire.Type == typeChannel && !p.anonymous {
		return nil, badRequest("non-anonymous polls can't be sent to channel chats")
	}
	if err := p.timing(c.params, s.now()); err != nil {
		return nil, err
	}
	list, err := s.send(c, []*message{{poll: p}})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// register gives the poll its id and plans its end.
func (s *Server) register(b *bot, p *poll) {
	s.nextID++
	p.id, p.bot, p.votes = strconv.FormatInt(5_400_000_000_000_000_000+s.nextID, 10), b.spec.ID, map[int64][]int{}
	s.polls[p.id] = p
	if !p.closeAt.IsZero() && !p.closed {
		// The end is of the network's clock, the plan of the simulator's.
		s.plan(s.clock().Add(p.closeAt.Sub(s.now())), func() { s.closePoll(p) })
	}
}

// poll reads the parameters of sendPoll.
func (c *call) poll() (*poll, *apiError) {
	v := c.params.values
	p := &poll{
		question: v["question"], anonymous: c.params.flag("is_anonymous", true),
		multiple: c.params.flag("allows_multiple_answers", false), quiz: v["type"] == "quiz",
		closed: c.params.flag("is_closed", false), explanation: v["explanation"], description: v["description"],
	}
	p.revoting = c.params.flag("allows_revoting", !p.quiz)
	switch n := utf8.RuneCountInString(p.question); {
	case n == 0:
		return nil, badRequest("poll question must be non-empty")
	case n > maxQuestion:
		return nil, badRequest("poll question length must not exceed " + strconv.Itoa(maxQuestion))
	case utf16Len(p.description) > maxCaption:
		return nil, badRequest("poll description is too long")
	case v["type"] != "" && v["type"] != "quiz" && v["type"] != "regular":
		return nil, badRequest("unsupported poll type specified")
	}
	if err := p.readOptions(v["options"]); err != nil {
		return nil, err
	}
	return p, p.readQuiz(c.params)
}

func (p *poll) readOptions(raw string) *apiError {
	var list []json.RawMessage
	if json.Unmarshal([]byte(raw), &list) != nil {
		return badRequest("can't parse options JSON object")
	}
	switch {
	case len(list) == 0:
		return badRequest("poll must have at least 1 option")
	case len(list) > maxOptions:
		return badRequest("poll can't have more than " + strconv.Itoa(maxOptions) + " options")
	}
	for _, item := range list {
		var option struct{ Text string }
		if json.Unmarshal(item, &option) != nil {
			return badRequest("can't parse poll option")
		}
		switch n := utf8.RuneCountInString(option.Text); {
		case n == 0:
			return badRequest("poll options must be non-empty")
		case n > maxOption:
			return badRequest("poll options length must not exceed " + strconv.Itoa(maxOption))
		}
		p.options = append(p.options, option.Text)
	}
	return nil
}

func (p *poll) readQuiz(from params) *apiError {
	if !p.quiz {
		return nil
	}
	if !from.list("correct_option_ids", &p.correct) || len(p.correct) == 0 {
		return badRequest("wrong correct option ID specified")
	}
	for _, id := range p.correct {
		if id < 0 || id >= len(p.options) {
			return badRequest("wrong correct option ID specified")
		}
	}
	if utf8.RuneCountInString(p.explanation) > maxExplanation {
		return badRequest("message is too long")
	}
	return nil
}

func (p *poll) timing(from params, now time.Time) *apiError {
	period, date := from.number("open_period", 0), from.number("close_date", 0)
	switch {
	case period != 0 && date != 0:
		return badRequest("can't use open_period and close_date together")
	case period != 0 && (period < minOpenPeriod || period > maxOpenPeriod),
		date != 0 && (date-now.Unix() < minOpenPeriod || date-now.Unix() > maxOpenPeriod):
		return badRequest("invalid poll close date specified")
	case period != 0:
		p.openPeriod, p.closeAt = period, now.Add(time.Duration(period)*time.Second)
	case date != 0:
		p.closeAt = time.Unix(date, 0)
	}
	return nil
}

func (s *Server) stopPoll(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.writable(c)
	if err != nil {
		return nil, err
	}
	m := target.live(c.params.number("message_id", 0))
	switch {
	case m == nil || m.poll == nil:
		return nil, badRequest("message with poll to stop not found")
	case m.bot != c.bot.spec.ID || m.origin != nil:
		return nil, badRequest("poll can't be stopped")
	case m.poll.closed:
		return nil, badRequest("poll has already been closed")
	}
	s.closePoll(m.poll)
	return m.poll.render(false), nil
}

// closePoll ends a poll, once, and tells its bot.
func (s *Server) closePoll(p *poll) {
	if p.closed {
		return
	}
	p.closed = true
	s.tellPoll(p)
}

func (s *Server) tellPoll(p *poll) {
	if b := s.botByID(p.bot); b != nil {
		s.push(b, "poll", mustJSON(p.render(false)))
	}
}

// Vote is a citizen's choice in the poll of a message, by the options' numbers
// from 0; without any the vote is taken back. The poll's bot is told the count
// and, unless the poll is anonymous, who chose what.
func (s *Server) Vote(chatID, messageID, userID int64, options []int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ripen()
	_, m, u, err := s.reach(chatID, messageID, userID)
	if err != nil {
		return err
	}
	p := m.poll
	switch {
	case p == nil:
		return errs.New(errs.NotFound, "В этом сообщении нет опроса.")
	case p.closed:
		return errs.New(errs.Conflict, "Опрос завершён, голосовать уже нельзя.")
	case len(p.votes[userID]) > 0 && !p.revoting:
		return errs.New(errs.Conflict, "В этом опросе переголосовать нельзя.")
	case len(options) > 1 && !p.multiple:
		return errs.New(errs.Invalid, "В этом опросе можно выбрать только один вариант.")
	}
	for _, i := range options {
		if i < 0 || i >= len(p.options) {
			return errs.New(errs.Invalid, "Такого варианта в опросе нет.")
		}
	}
	if len(options) == 0 {
		delete(p.votes, userID)
	} else {
		p.votes[userID] = slices.Compact(slices.Sorted(slices.Values(options)))
	}
	s.tellPoll(p)
	if b := s.botByID(p.bot); b != nil && !p.anonymous {
		answer := wirePollAnswer{PollID: p.id, User: u, OptionIDs: []int{}, OptionPersistentIDs: []string{}}
		for _, i := range p.votes[userID] {
			answer.OptionIDs = append(answer.OptionIDs, i)
			answer.OptionPersistentIDs = append(answer.OptionPersistentIDs, strconv.Itoa(i+1))
		}
		s.push(b, "poll_answer", mustJSON(answer))
	}
	return nil
}
