package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"otklik/internal/social"
)

// ClosePoll ends the poll of a post and returns its final result. A poll that
// is over is done; its result is then told only where there is a shelf, else it
// is the one that the last update brought: the returned result says that it is
// closed and names no answers.
func (p *Publisher) ClosePoll(ctx context.Context, refs []social.Ref, poll string) (social.PollResult, error) {
	chat, ids, f := p.messages(ctx, refs)
	if f != nil {
		return social.PollResult{}, f
	}
	var closed *models.Poll
	over := false
	f = p.do(ctx, request{chat: chat, messages: 1, voice: ofChange}, func(ctx context.Context) (err error) {
		closed, err = p.bot.StopPoll(ctx, &bot.StopPollParams{ChatID: chat, MessageID: ids[0]})
		switch {
		case err != nil && strings.Contains(err.Error(), "poll has already been closed"):
			over = true
			return nil
		case err == nil && closed.ID == "":
			return errors.New("the answer names no poll")
		}
		return err
	})
	switch {
	case f != nil:
		return social.PollResult{}, f
	case !over:
		return resultOf(closed), nil
	case p.opt.Shelf == 0:
		return social.PollResult{Poll: poll, Closed: true}, nil
	}
	return p.PollResult(ctx, refs, poll)
}

// PollResult tells how a poll stands. The Bot API has no call for that: a copy
// is forwarded to the shelf, which shows the votes of the original. Without a
// shelf it is refused; the counts then come with updates only.
func (p *Publisher) PollResult(ctx context.Context, refs []social.Ref, _ string) (social.PollResult, error) {
	chat, ids, f := p.messages(ctx, refs)
	switch {
	case f != nil:
		return social.PollResult{}, f
	case p.opt.Shelf == 0:
		return social.PollResult{}, refused("tg.poll_untold", "Telegram не показывает боту итоги опроса по запросу: они приходят вместе с голосами.", nil)
	}
	var copied *models.Message
	f = p.do(ctx, request{chat: p.opt.Shelf, messages: 1, voice: ofLook}, func(ctx context.Context) (err error) {
		copied, err = p.bot.ForwardMessage(ctx, &bot.ForwardMessageParams{
			ChatID: p.opt.Shelf, FromChatID: chat, MessageID: ids[0], DisableNotification: true,
		})
		if err = cmp.Or(err, named(copied)); err == nil && copied.Poll == nil {
			err = errors.New("the answer holds no poll")
		}
		return err
	})
	if f != nil {
		return social.PollResult{}, f
	}
	p.clear(ctx, copied)
	return resultOf(copied.Poll), nil
}

func resultOf(p *models.Poll) social.PollResult {
	r := social.PollResult{Poll: p.ID, Question: p.Question, Voters: p.TotalVoterCount, Closed: p.IsClosed}
	if p.CloseDate != 0 {
		r.ClosesAt = time.Unix(int64(p.CloseDate), 0).UTC()
	}
	for _, o := range p.Options {
		r.Answers = append(r.Answers, social.PollAnswer{Text: o.Text, Votes: o.VoterCount})
	}
	return r
}

// ReadPoll reads an update of a poll's counts; ok is false for any other update.
func ReadPoll(update []byte) (r social.PollResult, ok bool) {
	var u struct {
		Poll *models.Poll `json:"poll"`
	}
	if json.Unmarshal(update, &u) != nil || u.Poll == nil || u.Poll.ID == "" {
		return social.PollResult{}, false
	}
	return resultOf(u.Poll), true
}

// ReadReactions reads an update of the reactions on a post, all kinds taken
// together as Likes; ok is false for any other update. Everything else is
// untold: bots do not see views.
func ReadReactions(update []byte) (n social.PostNumbers, ok bool) {
	var u struct {
		Counts *models.MessageReactionCountUpdated `json:"message_reaction_count"`
	}
	if json.Unmarshal(update, &u) != nil || u.Counts == nil || u.Counts.MessageID == 0 {
		return social.PostNumbers{}, false
	}
	n = social.PostNumbers{
		Ref: social.Ref{
			Network: social.Telegram, Owner: strconv.FormatInt(u.Counts.Chat.ID, 10), ID: strconv.Itoa(u.Counts.MessageID),
		},
		Views: social.Untold, Reposts: social.Untold, Comments: social.Untold,
	}
	for _, r := range u.Counts.Reactions {
		n.Likes += r.TotalCount
	}
	return n, true
}
