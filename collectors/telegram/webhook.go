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

	"otklik/collectors"
)

const (
	// maxUpdate is far above the longest single update.
	maxUpdate    = 4 << 20
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
)

// Inbox stores what a webhook brought.
type Inbox interface {
	// Store keeps the batch durably before it returns nil. Batch.Next is empty:
	// a webhook has no cursor, and updates may come twice or out of order.
	Store(ctx context.Context, b collectors.Batch) error
}

// WebhookOptions configure a Webhook.
type WebhookOptions struct {
	Page          Page
	PermalinkBase string // "https://t.me/" if empty
	// Secret is what RegisterWebhook gave to Telegram; it is required.
	Secret string
	Inbox  Inbox
}

// Webhook takes updates that Telegram sends itself. It answers 200 only for
// what is stored; Telegram repeats everything else.
type Webhook struct {
	mapper mapper
	secret [sha256.Size]byte
	inbox  Inbox

	mu    sync.Mutex
	posts posts
}

// NewWebhook returns the handler of one bot's webhook.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	if o.Secret == "" || o.Inbox == nil || o.Page.ChannelID == 0 || o.Page.BotID == 0 {
		return nil, errors.New("telegram: a webhook needs a secret, an inbox, a bot and a channel")
	}
	return &Webhook{
		mapper: newMapper(o.Page, o.PermalinkBase), secret: sha256.Sum256([]byte(o.Secret)), inbox: o.Inbox,
	}, nil
}

// ServeHTTP takes one update. 403: the secret is wrong; 400: the body is no
// JSON object; 413: it is too long; 503: it could not be stored.
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
	if err := h.inbox.Store(r.Context(), collectors.Batch{Updates: []collectors.Update{h.update(raw)}}); err != nil {
		http.Error(w, "not stored", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (h *Webhook) update(raw json.RawMessage) collectors.Update {
	h.mu.Lock()
	defer h.mu.Unlock()
	u, _, _ := h.mapper.update(h.mapper.session(&h.posts), raw)
	return u
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
