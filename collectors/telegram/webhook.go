package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"

	"otklik/collectors"
)

const (
	// maxUpdate is far above the longest single update.
	maxUpdate    = 4 << 20
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
)

// Inbox stores what a webhook brought.
type Inbox interface {
	// Store keeps the batch durably before it returns nil. Updates may come twice
	// or out of order; Batch.Next holds only what the webhook remembers of threads.
	Store(ctx context.Context, b collectors.Batch) error
}

// WebhookOptions configure a Webhook.
type WebhookOptions struct {
	Page          Page
	PermalinkBase string // "https://t.me/" if empty
	// Secret is what RegisterWebhook gave to Telegram; it is required.
	Secret string
	Inbox  Inbox
	// Cursor is where the stream stands: the threads that it remembers are
	// known from the first update on. What it says of getUpdates is dropped.
	Cursor collectors.Cursor
	// Stranger is asked when a group speaks that the page does not know. If it
	// says true, the page is looked at anew, and the update is refused so that it
	// comes again; nil stands for false.
	Stranger func() bool
}

// Webhook takes updates that Telegram sends itself. It answers 200 only for
// what is stored; Telegram repeats everything else.
type Webhook struct {
	mapper mapper
	secret [sha256.Size]byte
	inbox  Inbox
	again  func() bool

	mu    sync.Mutex
	posts posts
}

// NewWebhook returns the handler of one bot's webhook.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	if o.Secret == "" || o.Inbox == nil || o.Page.ChannelID == 0 || o.Page.BotID == 0 {
		return nil, errors.New("telegram: a webhook needs a secret, an inbox, a bot and a channel")
	}
	at, err := parsePosition(o.Cursor)
	if err != nil {
		return nil, err
	}
	if o.Stranger == nil {
		o.Stranger = func() bool { return false }
	}
	return &Webhook{
		mapper: newMapper(o.Page, o.PermalinkBase), secret: sha256.Sum256([]byte(o.Secret)), inbox: o.Inbox,
		again: o.Stranger, posts: at.Posts,
	}, nil
}

// Cursor is what the stream keeps between two lives of the program.
func (h *Webhook) Cursor() collectors.Cursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	return position{Posts: h.posts}.cursor()
}

// ServeHTTP takes one update. 403: the secret is wrong; 400: the body is no
// JSON object; 413: it is too long; 503: it could not be stored now.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	given := sha256.Sum256([]byte(r.Header.Get(secretHeader)))
	if subtle.ConstantTimeCompare(given[:], h.secret[:]) != 1 {
		http.Error(w, "wrong secret", http.StatusForbidden)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		http.Error(w, "not an update", http.StatusBadRequest)
		return
	}
	u, stranger := h.update(raw)
	if stranger && h.again() {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	b := collectors.Batch{Updates: []collectors.Update{u}, Next: h.Cursor()}
	if err := h.inbox.Store(r.Context(), b); err != nil {
		http.Error(w, "not stored", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (h *Webhook) update(raw json.RawMessage) (u collectors.Update, stranger bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := h.mapper.session(&h.posts)
	u, _, _ = h.mapper.update(seen, raw)
	return u, seen.stranger
}

// Webhook returns a webhook for what the source reads; of the options it fills
// the page and the base of links.
func (s *Source) Webhook(o WebhookOptions) (*Webhook, error) {
	o.Page, o.PermalinkBase = s.mapper.page, s.mapper.base
	return NewWebhook(o)
}

// Client is the client that the source reads with.
func (s *Source) Client() *Client { return s.client }

// WebhookState is how Telegram sees a bot's webhook.
type WebhookState struct {
	Address string // empty: getUpdates is used
	Pending int    // updates that wait to be delivered
	// Failed is when a delivery last failed, zero if none did, and Failure is
	// why, in Telegram's words.
	Failed  time.Time
	Failure string
}

// WebhookState asks how the bot's webhook is.
func (c *Client) WebhookState(ctx context.Context) (WebhookState, error) {
	var info models.WebhookInfo
	if err := c.get(ctx, "getWebhookInfo", struct{}{}, &info); err != nil {
		return WebhookState{}, err
	}
	out := WebhookState{Address: info.URL, Pending: info.PendingUpdateCount, Failure: info.LastErrorMessage}
	if info.LastErrorDate > 0 {
		out.Failed = time.Unix(int64(info.LastErrorDate), 0)
	}
	return out, nil
}

// RegisterWebhook makes Telegram send the bot's updates to address with the
// secret (1–256 of A-Z a-z 0-9 _ -). Long polling is refused from then on.
func (c *Client) RegisterWebhook(ctx context.Context, address, secret string) error {
	_, err := c.call(ctx, "setWebhook", map[string]any{
		"url": address, "secret_token": secret, "allowed_updates": allowedUpdates(),
	}, 0)
	return err
}

// RemoveWebhook returns the bot to long polling; waiting updates are kept.
func (c *Client) RemoveWebhook(ctx context.Context) error {
	_, err := c.call(ctx, "deleteWebhook", struct{}{}, 0)
	return err
}
