// Package telegram acts in Telegram: it posts answers as replies in a
// discussion group through the go-telegram/bot client.
//
// Telegram takes no idempotency key, so what matters here is to know whether a
// call that brought no receipt may have been taken. Every call has its own
// connection: an idle one that the server has just closed would leave that
// unknown.
package telegram

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

const (
	defaultBaseURL       = "https://api.telegram.org"
	defaultPermalinkBase = "https://t.me/"
	defaultTimeout       = 30 * time.Second
	defaultMaxWait       = 3 * time.Second
)

// Options configure a Sender.
type Options struct {
	Token string
	// BaseURL is https://api.telegram.org if empty.
	BaseURL string
	// PermalinkBase is what links begin with, "https://t.me/" if empty.
	PermalinkBase string
	// Limits are shared by everyone who uses the token.
	Limits *Limits
	// Timeout bounds one call: 30 s if zero.
	Timeout time.Duration
	// MaxWait is how long a call may wait for the limits; a longer wait is
	// left to the worker. 3 s if zero.
	MaxWait time.Duration
	// Transport carries the requests; nil means one of its own.
	Transport http.RoundTripper
}

// Sender posts answers with one bot's token. It is safe for concurrent use.
type Sender struct {
	bot     *bot.Bot
	secret  string // the token without the bot's id
	base    string
	limits  *Limits
	timeout time.Duration
	maxWait time.Duration
}

// NewSender returns a sender; it calls nobody yet.
func NewSender(o Options) (*Sender, error) {
	_, secret, ok := strings.Cut(o.Token, ":")
	if !ok || secret == "" {
		return nil, &delivery.Failure{
			Outcome: delivery.Refused, Code: "tg.token",
			Message: "Ключ бота не похож на ключ Telegram: скопируйте его у @BotFather целиком, он имеет вид «число:буквы».",
		}
	}
	if o.Limits == nil {
		return nil, errors.New("telegram: a sender needs limits")
	}
	s := &Sender{
		secret: secret, base: strings.TrimRight(or(o.PermalinkBase, defaultPermalinkBase), "/") + "/",
		limits: o.Limits, timeout: or(o.Timeout, defaultTimeout), maxWait: or(o.MaxWait, defaultMaxWait),
	}
	b, err := bot.New(o.Token,
		bot.WithSkipGetMe(),
		bot.WithServerURL(strings.TrimRight(or(o.BaseURL, defaultBaseURL), "/")),
		bot.WithHTTPClient(0, newClient(o.Transport)),
		// The client reports only what its own pipe says; the call's error says it too.
		bot.WithErrorsHandler(func(error) {}),
	)
	if err != nil {
		return nil, err
	}
	s.bot = b
	return s, nil
}

// Send posts the answer as a reply to the comment, or to the post where the
// citizen wrote none. The error is a *delivery.Failure.
func (s *Sender) Send(ctx context.Context, d delivery.Delivery) (delivery.Receipt, error) {
	chat, replyTo, failure := address(d)
	if failure != nil {
		return delivery.Receipt{}, failure
	}
	if failure := s.limits.wait(ctx, chat, s.maxWait); failure != nil {
		return delivery.Receipt{}, failure
	}
	var a attempt
	ctx, cancel := context.WithTimeout(a.trace(ctx), s.timeout)
	defer cancel()
	sent, err := s.bot.SendMessage(ctx, &bot.SendMessageParams{
		ChatID: chat, Text: d.Text,
		// A reply lands in the thread of what it answers. Naming the thread is
		// for topics only, and refused in a discussion group.
		ReplyParameters:    &models.ReplyParameters{MessageID: replyTo},
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: bot.True()},
	})
	if err != nil {
		return delivery.Receipt{}, s.classify(&a, err)
	}
	if sent.ID == 0 || sent.Chat.ID == 0 {
		return delivery.Receipt{}, s.classify(&a, errors.New("the answer names no message"))
	}
	return delivery.Receipt{
		Ref:       social.Ref{Network: social.Telegram, Owner: strconv.FormatInt(sent.Chat.ID, 10), ID: strconv.Itoa(sent.ID)},
		Permalink: s.permalink(sent, d.Thread),
	}, nil
}

// address checks what can be known to be refused without calling the network.
func address(d delivery.Delivery) (chat int64, replyTo int, failure *delivery.Failure) {
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
	group := "c/" + strings.TrimPrefix(strconv.FormatInt(m.Chat.ID, 10), "-100")
	if m.Chat.Username != "" {
		group = m.Chat.Username
	}
	link := s.base + group + "/" + id
	if thread.ID != "" {
		link += "?thread=" + thread.ID
	}
	return link
}

// attempt observes one call on its way out.
type attempt struct {
	// written says that bytes of the request may have left.
	written atomic.Bool
	// status is the HTTP status of the answer, zero if none came.
	status atomic.Int32
}

type attemptKey struct{}

func (a *attempt) trace(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, attemptKey{}, a)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// The headers are buffered before this is called and leave after it.
		WroteHeaders: func() { a.written.Store(true) },
	})
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
