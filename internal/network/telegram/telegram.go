// Package telegram acts in Telegram through the go-telegram/bot client: it
// posts answers as replies in a discussion group, and publishes in a channel.
//
// Telegram takes no idempotency key, so what matters here is to know whether a
// call that brought no receipt may have been taken. Every call has its own
// connection: an idle one that the server has just closed would leave that
// unknown.
package telegram

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// Sender posts answers with one bot's token. It is safe for concurrent use.
type Sender struct{ *line }

// NewSender returns a sender; it calls nobody yet.
func NewSender(o Options) (*Sender, error) {
	l, err := newLine(o)
	if err != nil {
		return nil, err
	}
	return &Sender{l}, nil
}

// Send posts the answer as a reply to the comment, or to the post where the
// citizen wrote none. The error is a *delivery.Failure.
func (s *Sender) Send(ctx context.Context, d delivery.Delivery) (delivery.Receipt, error) {
	chat, replyTo, failure := address(d)
	if failure != nil {
		return delivery.Receipt{}, failure
	}
	var sent *models.Message
	failure = s.do(ctx, request{chat: chat, messages: 1, voice: ofAnswer}, func(ctx context.Context) (err error) {
		sent, err = s.bot.SendMessage(ctx, &bot.SendMessageParams{
			ChatID: chat, Text: d.Text,
			// A reply lands in the thread of what it answers. Naming the thread is
			// for topics only, and refused in a discussion group.
			ReplyParameters:    &models.ReplyParameters{MessageID: replyTo},
			LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: bot.True()},
		})
		return cmp.Or(err, named(sent))
	})
	if failure != nil {
		return delivery.Receipt{}, failure
	}
	return delivery.Receipt{
		Ref:       social.Ref{Network: social.Telegram, Owner: strconv.FormatInt(sent.Chat.ID, 10), ID: strconv.Itoa(sent.ID)},
		Permalink: s.permalink(sent, d.Thread),
	}, nil
}

// address checks what can be known to be refused without calling the network.
func address(d delivery.Delivery) (chat int64, replyTo int, failure *delivery.Failure) {
	if d.Kind != delivery.KindAnswer {
		return 0, 0, refused("tg.kind", "Так отправляются только ответы; опубликуйте это в самой сети.", nil)
	}
	target := d.ReplyTo
	if target.IsZero() {
		target = d.Thread
	}
	chat, err1 := strconv.ParseInt(target.Owner, 10, 64)
	replyTo, err2 := strconv.Atoi(target.ID)
	switch n := length(d.Text); {
	case target.Network != social.Telegram || err1 != nil || err2 != nil || replyTo <= 0:
		return 0, 0, refused("tg.address", "Место ответа в Telegram не определить: откройте обсуждение и ответьте там сами.", nil)
	case strings.TrimSpace(d.Text) == "":
		return 0, 0, refused("tg.empty", "Ответ пуст: напишите текст и отправьте ещё раз.", nil)
	case n > social.Telegram.TextLimit():
		return 0, 0, refused("tg.too_long", "Ответ длиннее 4096 знаков, Telegram его не примет: сократите текст.", nil)
	}
	return chat, replyTo, nil
}

// permalink leads to the answer: under the post where the network told it,
// else in the group.
func (s *Sender) permalink(m *models.Message, thread social.Ref) string {
	id := strconv.Itoa(m.ID)
	if to := m.ReplyToMessage; to != nil && to.IsAutomaticForward && to.ForwardOrigin != nil {
		if origin := to.ForwardOrigin.MessageOriginChannel; origin != nil && origin.Chat.Username != "" {
			return s.base + origin.Chat.Username + "/" + strconv.Itoa(origin.MessageID) + "?comment=" + id
		}
	}
	link := s.messageLink(m)
	if thread.ID != "" {
		link += "?thread=" + thread.ID
	}
	return link
}

// or is v, or fallback where v is zero.
func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// length counts UTF-16 units, as Telegram does.
func length(text string) int {
	n := 0
	for _, r := range text {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

var (
	_ delivery.Sender = (*Sender)(nil)
	_ bot.HttpClient  = (*client)(nil)
)
