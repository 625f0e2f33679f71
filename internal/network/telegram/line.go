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
)

const (
	defaultBaseURL       = "https://api.telegram.org"
	defaultPermalinkBase = "https://t.me/"
	defaultTimeout       = 30 * time.Second
	defaultMaxWait       = 3 * time.Second
)

// Options configure who acts with a bot's token. Token and Limits are required.
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

// line is one bot's way to the network.
type line struct {
	bot     *bot.Bot
	secret  string // the token without the bot's id
	base    string
	limits  *Limits
	timeout time.Duration
	maxWait time.Duration
}

func newLine(o Options) (*line, error) {
	_, secret, ok := strings.Cut(o.Token, ":")
	if !ok || secret == "" {
		return nil, refused("tg.token", "Ключ бота не похож на ключ Telegram: скопируйте его у @BotFather целиком, он имеет вид «число:буквы».", nil)
	}
	if o.Limits == nil {
		return nil, errors.New("telegram: limits are required")
	}
	l := &line{
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
	l.bot = b
	return l, nil
}

// request is what a call counts as and how its failure is told.
type request struct {
	chat     int64
	messages int // that it counts as; zero for a call that counts for no chat
	// timeout bounds the call, the line's own if zero.
	timeout time.Duration
	voice   voice
}

// do waits for the limits and makes one call. Nil means that the network
// confirmed it.
func (l *line) do(ctx context.Context, r request, call func(context.Context) error) *delivery.Failure {
	if r.messages > 0 {
		if failure := l.limits.wait(ctx, r.chat, r.messages, l.maxWait); failure != nil {
			return failure
		}
	}
	var a attempt
	ctx, cancel := context.WithTimeout(a.trace(ctx), or(r.timeout, l.timeout))
	defer cancel()
	if err := call(ctx); err != nil {
		return l.classify(&a, err, r.voice)
	}
	return nil
}

// named says that an answer of success names the message that it made.
func named(m *models.Message) error {
	if m == nil || m.ID == 0 || m.Chat.ID == 0 {
		return errors.New("the answer names no message")
	}
	return nil
}

// messageLink is the address of a message.
func (l *line) messageLink(m *models.Message) string {
	chat := "c/" + strings.TrimPrefix(strconv.FormatInt(m.Chat.ID, 10), "-100")
	if m.Chat.Username != "" {
		chat = m.Chat.Username
	}
	return l.base + chat + "/" + strconv.Itoa(m.ID)
}

// attempt observes one call on its way out.
type attempt struct {
	// written says that bytes of the request may have left, whole that all of
	// them may have: what has not left as a whole the network cannot carry out.
	written atomic.Bool
	whole   atomic.Bool
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
