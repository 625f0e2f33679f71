package vk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// pollGrace is how far ahead the end of a poll is set to close it: the network
// takes no moment that has passed.
const pollGrace = 5 * time.Second

// CreatePoll makes a poll and returns its name for Poll.Created. The network
// takes no idempotency key here: a lost answer leaves a poll behind that no
// post shows, so that nobody sees it, and the repetition makes another one.
func (p *Publisher) CreatePoll(ctx context.Context, poll delivery.Poll) (string, error) {
	if f := checkPoll(poll, p.opt.Now()); f != nil {
		return "", f
	}
	answers, err := json.Marshal(poll.Answers)
	if err != nil {
		return "", refusal("vk.poll", "Ответы опроса не удалось записать; проверьте их.")
	}
	params := map[string]any{
		"owner_id": p.owner(), "question": poll.Question, "add_answers": string(answers),
		"is_anonymous": poll.Anonymous, "is_multiple": poll.Multiple,
	}
	if !poll.ClosesAt.IsZero() {
		params["end_date"] = poll.ClosesAt.Unix()
	}
	c, f := p.client(CreatePoll)
	if f != nil {
		return "", f
	}
	var made pollObject
	f = c.do(ctx, "polls.create", params, &made)
	if f == nil && made.ID <= 0 {
		f = c.outcome(errNothing, true)
	}
	if f != nil {
		return "", harmless(f)
	}
	return objectName("poll", p.owner(), made.ID, ""), nil
}

func checkPoll(poll delivery.Poll, now time.Time) *delivery.Failure {
	n, bounds := len(poll.Answers), social.VK.Bounds()
	switch {
	case !social.Visible(poll.Question):
		return refusal("vk.poll", "У опроса нет вопроса; напишите его.")
	case utf8.RuneCountInString(poll.Question) > bounds.Question:
		return refusal("vk.poll", fmt.Sprintf("Вопрос длиннее %d знаков, ВКонтакте его не примет; сократите его.", bounds.Question))
	case n < bounds.FewestAnswers || n > bounds.MostAnswers:
		return refusal("vk.poll", fmt.Sprintf("Во ВКонтакте у опроса от %d до %d ответов; уберите лишние.", bounds.FewestAnswers, bounds.MostAnswers))
	case !poll.ClosesAt.IsZero() && !poll.ClosesAt.After(now):
		return refusal("vk.poll", "Время окончания опроса уже прошло; назначьте другое.")
	}
	for _, a := range poll.Answers {
		if have := utf8.RuneCountInString(a); !social.Visible(a) || have > bounds.Answer {
			return refusal("vk.poll", fmt.Sprintf("Ответ опроса пуст или длиннее %d знаков; исправьте его.", bounds.Answer))
		}
	}
	return nil
}

// pollObject is what is read of a poll.
type pollObject struct {
	ID       int    `json:"id"`
	OwnerID  int    `json:"owner_id"`
	Question string `json:"question"`
	Votes    int    `json:"votes"`
	Closed   bool   `json:"closed"`
	EndDate  int64  `json:"end_date"`
	Answers  []struct {
		Text  string `json:"text"`
		Votes int    `json:"votes"`
	} `json:"answers"`
}

// PollResult tells how a poll stands.
func (p *Publisher) PollResult(ctx context.Context, _ []social.Ref, name string) (social.PollResult, error) {
	r, f := p.readPoll(ctx, name)
	return r, asError(f)
}

func (p *Publisher) readPoll(ctx context.Context, name string) (social.PollResult, *delivery.Failure) {
	id, f := p.pollID(name)
	if f != nil {
		return social.PollResult{}, f
	}
	var o pollObject
	if f := p.do(ctx, ReadPoll, "polls.getById", map[string]any{"owner_id": p.owner(), "poll_id": id}, &o); f != nil {
		return social.PollResult{}, harmless(f)
	}
	r := social.PollResult{Poll: name, Question: o.Question, Voters: o.Votes, Closed: o.Closed}
	if o.EndDate > 0 {
		r.ClosesAt = time.Unix(o.EndDate, 0).UTC()
	}
	for _, a := range o.Answers {
		r.Answers = append(r.Answers, social.PollAnswer{Text: a.Text, Votes: a.Votes})
	}
	return r, nil
}

// ClosePoll ends a poll and returns its final result; a poll that is over is
// done. The network has no call for that: its end is moved to a moment a few
// seconds ahead. Until then the failure asks to come back, and the result is
// taken when nothing can change it any more.
func (p *Publisher) ClosePoll(ctx context.Context, _ []social.Ref, name string) (social.PollResult, error) {
	r, f := p.readPoll(ctx, name)
	if f != nil || r.Closed {
		return r, asError(f)
	}
	now, f := p.serverTime(ctx)
	if f != nil {
		return social.PollResult{}, f
	}
	end := now.Add(pollGrace)
	if r.ClosesAt.IsZero() || r.ClosesAt.After(end) {
		id, _ := p.pollID(name)
		if f := settled(p.do(ctx, ClosePoll, "polls.edit", map[string]any{"owner_id": p.owner(), "poll_id": id, "end_date": end.Unix()}, nil)); f != nil {
			return social.PollResult{}, f
		}
		r.ClosesAt = end
	}
	return social.PollResult{}, &delivery.Failure{
		Outcome: delivery.NotSent, Code: "vk.poll_closing", RetryAfter: r.ClosesAt.Sub(now) + time.Second,
		Message: "Опрос закроется через несколько секунд; программа запишет итог сама.",
	}
}

// serverTime is the network's clock, which need not be ours.
func (p *Publisher) serverTime(ctx context.Context) (time.Time, *delivery.Failure) {
	var at int64
	if f := p.do(ctx, ClosePoll, "utils.getServerTime", nil, &at); f != nil {
		return time.Time{}, harmless(f)
	}
	return time.Unix(at, 0).UTC(), nil
}

func (p *Publisher) pollID(name string) (int, *delivery.Failure) {
	kind, owner, id, ok := parseObject(name)
	if !ok || kind != "poll" || owner != p.owner() {
		return 0, refusal("vk.poll", "Опрос не найден: он ещё не создан или принадлежит другому сообществу.")
	}
	return id, nil
}
