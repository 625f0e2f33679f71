// Package vk acts in VK: it holds the client that every call goes through,
// with its limits, time-outs and the meaning of errors, and the Sender that
// posts answers as a community.
package vk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/SevereCloud/vksdk/v2/api"

	"otklik/internal/network/pace"
)

// KeyKind is whose key a client holds. It decides which methods work, how
// often one may call, and how messages name the key.
type KeyKind string

const (
	CommunityKey KeyKind = "community"
	ServiceKey   KeyKind = "service"
	UserKey      KeyKind = "user"
)

// Title is the key's name in messages.
func (k KeyKind) Title() string {
	switch k {
	case ServiceKey:
		return "сервисный ключ приложения"
	case UserKey:
		return "ключ администратора"
	}
	return "ключ сообщества"
}

// Limiter paces calls. A *pace.Gate is one, and so is a lane of it.
type Limiter interface {
	Wait(ctx context.Context) error
}

// NewLimiter paces the calls made with one key: 20 calls in a sliding second
// for a community, 3 for a person; for a service key older documents say 3 and
// newer ones 5. It stays a little below, as requests do not arrive as evenly as
// they leave. Everybody who uses a key must share its limiter; each community
// takes its turn (Client.Page), so that none keeps another waiting.
func NewLimiter(kind KeyKind) *pace.Gate {
	limit := pace.Limit{Calls: 20, Per: 1150 * time.Millisecond}
	switch kind {
	case ServiceKey:
		limit = pace.Limit{Calls: 1, Per: 250 * time.Millisecond}
	case UserKey:
		limit.Calls = 3
	}
	return pace.NewGate(pace.Options{Now: time.Now, Key: []pace.Limit{limit}})
}

// Config of a Client. Kind and Token are required.
type Config struct {
	Kind  KeyKind
	Token string
	// BaseURL is where /method/ is found, without a trailing slash; empty
	// means the real network.
	BaseURL string
	// Limiter is shared by all clients of one key; nil makes one for this client.
	Limiter Limiter
	// Timeout of one call; zero means 15 seconds.
	Timeout time.Duration
	// Transport carries the requests; nil means one of its own.
	Transport http.RoundTripper
	// Version of the API; empty means 5.131, which the SDK's types describe.
	Version string
}

const defaultTimeout = 15 * time.Second

// Client calls VK API with one key. It may be used concurrently.
type Client struct {
	kind    KeyKind
	token   string
	api     *api.VK
	limiter Limiter
	ration  Ration
}

// Ration counts the calls of which the network grants so many a day.
type Ration interface {
	// Spend counts a call before it is made. Its error keeps the call from being
	// made; a *RationedError says for how long.
	Spend(ctx context.Context, method string) error
	// Refused notes that the network says that the day's quota is used up.
	Refused(ctx context.Context, method string) error
}

// Rationed returns a client of the same key, limiter and connections whose calls
// are counted.
func (c *Client) Rationed(r Ration) *Client {
	with := *c
	with.ration = r
	return &with
}

// RationedError says that a call was not made, because the day's quota is kept
// for others or used up.
type RationedError struct {
	RetryAfter time.Duration
	Cause      error
}

func (e *RationedError) Error() string { return "the call was not made: " + e.Cause.Error() }

// Unwrap gives errors.Is and errors.As the cause.
func (e *RationedError) Unwrap() error { return e.Cause }

// NewClient returns a client; it makes no call.
func NewClient(c Config) *Client {
	if c.Limiter == nil {
		c.Limiter = NewLimiter(c.Kind)
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	vk := api.NewVK(c.Token)
	// The SDK's own limiter sleeps without seeing the context and repeats
	// error 6 at once as often as its limit says. Zero turns both off.
	vk.Limit = 0
	vk.Client = &http.Client{
		Transport:     newGuard(c.Transport),
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if c.BaseURL != "" {
		vk.MethodURL = strings.TrimRight(c.BaseURL, "/") + "/method/"
	}
	if c.Version != "" {
		vk.Version = c.Version
	}
	return &Client{kind: c.Kind, token: c.Token, api: vk, limiter: c.Limiter}
}

// Page returns a client of the same key that takes its turn as one community
// among all for which the key is used. It returns nil for no client.
func (c *Client) Page(group int) *Client {
	if c == nil {
		return nil
	}
	of := *c
	if gate, ok := c.limiter.(*pace.Gate); ok {
		of.limiter = gate.Lane(int64(group))
	}
	return &of
}

// Kind is whose key the client holds.
func (c *Client) Kind() KeyKind { return c.kind }

// Close closes the connections that wait for the next call.
func (c *Client) Close() { c.api.Client.CloseIdleConnections() }

// Call waits for its turn, calls the method and decodes its response into out.
// Pass the error to Explain; its text never holds the key.
func (c *Client) Call(ctx context.Context, method string, params map[string]any, out any) error {
	if err := c.limiter.Wait(ctx); err != nil {
		return &notCalledError{cause: err}
	}
	p := api.Params{}
	for k, v := range params {
		p[k] = v
	}
	if c.ration != nil {
		if err := c.ration.Spend(ctx, method); err != nil {
			return err
		}
	}
	err := c.api.RequestUnmarshal(method, out, p.WithContext(ctx))
	if c.ration != nil && errors.Is(err, api.ErrRateLimit) {
		err = errors.Join(err, c.ration.Refused(ctx, method))
	}
	return c.mask(err)
}

// notCalledError says that the call was given up before it was made.
type notCalledError struct{ cause error }

func (e *notCalledError) Error() string { return "the call was not made: " + e.cause.Error() }
func (e *notCalledError) Unwrap() error { return e.cause }

// maskedError replaces the text of an error that would give the key away.
type maskedError struct {
	text  string
	cause error
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.cause }

func (c *Client) mask(err error) error {
	if err == nil || c.token == "" || !strings.Contains(err.Error(), c.token) {
		return err
	}
	return &maskedError{text: strings.ReplaceAll(err.Error(), c.token, "***"), cause: err}
}
