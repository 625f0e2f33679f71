package app

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/collectors"
	tgread "otklik/collectors/telegram"
	"otklik/internal/errs"
	"otklik/internal/lease"
)

const (
	// hookPath is where Telegram sends updates; the id of the source follows.
	hookPath = "/hooks/telegram/"
	// hookLook is how often Telegram is asked whether it gets through.
	hookLook = 20 * time.Second
	// hookWait is the pause before an address that somebody else has set is set
	// back, so that two programs do not take it from each other in a loop.
	hookWait = time.Minute
)

// checkWebhook refuses what Telegram would refuse later and less clearly.
func (c *Config) checkWebhook(p TelegramPage) error {
	if p.WebhookSecret.IsZero() {
		return nil
	}
	if why := hookFault(c.PublicURL); why != "" {
		return errs.Newf(errs.Invalid, "Канал %s: webhook_secret не подействует. %s Исправьте public_url или уберите webhook_secret, и программа будет спрашивать сама.", p.Channel, why)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`).MatchString(p.WebhookSecret.value) {
		return errs.Newf(errs.Invalid, "Канал %s: в webhook_secret бывают только латинские буквы, цифры, «_» и «-», не больше 256. Придумайте другой.", p.Channel)
	}
	return nil
}

// hookFault says in a sentence why Telegram would send nothing to an
// installation at that address, "" if it would.
func hookFault(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return "Telegram шлёт обновления только на адрес с https, а в настройках программы такого public_url нет."
	}
	if !slices.Contains([]string{"", "443", "80", "88", "8443"}, u.Port()) {
		return "Telegram шлёт обновления только на порты 443, 80, 88 и 8443, а в public_url порт " + u.Port() + "."
	}
	return ""
}

// hookAddress is where Telegram would send the updates of a source.
// Errors: Invalid with the reason why it would not.
func (a *App) hookAddress(sourceID string) (string, error) {
	if why := hookFault(a.cfg.PublicURL); why != "" {
		return "", errs.New(errs.Invalid, why)
	}
	return a.hookOf(sourceID), nil
}

func (a *App) hookOf(sourceID string) string {
	return strings.TrimRight(a.cfg.PublicURL, "/") + hookPath + sourceID
}

// connecting asks the network about a page and returns its reader.
type connecting func(context.Context) (*tgread.Source, error)

// withoutWebhook removes a webhook that an earlier configuration left:
// beside it Telegram answers no getUpdates.
func withoutWebhook(connect connecting) connecting {
	return func(ctx context.Context) (*tgread.Source, error) {
		s, err := connect(ctx)
		if err == nil {
			err = s.Client().RemoveWebhook(ctx)
		}
		return s, err
	}
}

// webhook is a channel whose updates Telegram sends itself. As a source it
// only looks after the registration: what comes is stored by ServeHTTP, while
// this process holds the lease of the stream.
type webhook struct {
	stream  collectors.Stream
	address string
	secret  string
	book    collectors.Book
	now     func() time.Time
	connect connecting
	stored  func(created int)
	// again asks for a new look at the page before its time.
	again chan struct{}

	mu     sync.RWMutex
	lease  *lease.Lease // nil while another process holds it
	handle *tgread.Webhook
	client *tgread.Client
	source *tgread.Source // what the page was found to be
	asked  time.Time
}

func (a *App) openWebhook(stream collectors.Stream, secret string, connect connecting) *webhook {
	return &webhook{
		stream: stream, secret: secret, book: a.store, now: a.now, connect: connect, again: make(chan struct{}, 1),
		address: a.hookOf(stream.SourceID),
	}
}

// withHooks serves the networks beside the people: a webhook has its own
// secret and no session.
func (a *App) withHooks(pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("POST "+hookPath+"{source}", func(w http.ResponseWriter, r *http.Request) {
		h := a.pages.hook(r.PathValue("source"))
		if h == nil {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
	return mux
}

// during lets updates in while run holds the lease.
func (h *webhook) during(run func(context.Context, lease.Lease) error) func(context.Context, lease.Lease) error {
	return func(ctx context.Context, l lease.Lease) error {
		h.hold(&l)
		defer h.hold(nil)
		return run(ctx, l)
	}
}

func (h *webhook) hold(l *lease.Lease) {
	h.mu.Lock()
	defer h.mu.Unlock()
	// What another process stored meanwhile is in the cursor that comes with
	// the next lease.
	h.lease, h.handle, h.client = l, nil, nil
}

// ServeHTTP takes one update. 503 makes Telegram send it again, and by then
// the process that holds the stream may be the one that is asked.
func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.RLock()
	handle := h.handle
	h.mu.RUnlock()
	if handle == nil {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	handle.ServeHTTP(w, r)
}

// Store implements tgread.Inbox.
func (h *webhook) Store(ctx context.Context, b collectors.Batch) error {
	h.mu.RLock()
	held := h.lease
	h.mu.RUnlock()
	if held == nil {
		return lease.ErrLost
	}
	created, err := h.book.Commit(ctx, *held, h.stream, b, h.now())
	if err == nil && h.stored != nil {
		h.stored(created)
	}
	return err
}

// Fetch implements collectors.Source: it registers the address, and from then
// on says up to when Telegram has delivered everything.
func (h *webhook) Fetch(ctx context.Context, at collectors.Cursor) (collectors.Batch, error) {
	if h.handle != nil {
		at = h.handle.Cursor()
	}
	if h.client != nil {
		anew := h.sleep(ctx)
		if ctx.Err() != nil {
			return collectors.Batch{}, ctx.Err()
		}
		if !anew && h.now().Sub(h.asked) < checkEvery {
			return h.look(ctx)
		}
	}
	if err := h.register(ctx, at); err != nil {
		return collectors.Batch{}, err
	}
	return h.look(ctx)
}

// sleep waits until it is time to look, and says whether the page has to be
// asked for anew.
func (h *webhook) sleep(ctx context.Context) bool {
	t := time.NewTimer(hookLook)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-h.again:
		return true
	}
	return false
}

// register asks what the page is and gives Telegram the address. Updates are
// let in before: the first can come while Telegram still answers.
func (h *webhook) register(ctx context.Context, at collectors.Cursor) error {
	source, err := h.connect(ctx)
	if err != nil {
		return err
	}
	handle, err := source.Webhook(tgread.WebhookOptions{Secret: h.secret, Inbox: h, Cursor: at, Stranger: h.lookAgain})
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.handle, h.client, h.source, h.asked = handle, source.Client(), source, h.now()
	h.mu.Unlock()
	if err := source.Client().RegisterWebhook(ctx, h.address, h.secret); err != nil {
		h.forget()
		return err
	}
	return nil
}

// lookAgain asks for a new look at the page, unless it has just been looked at.
func (h *webhook) lookAgain() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.now().Sub(h.asked) < strangerPause {
		return false
	}
	select {
	case h.again <- struct{}{}:
	default:
	}
	return true
}

// look asks Telegram whether its updates get through.
func (h *webhook) look(ctx context.Context) (collectors.Batch, error) {
	began := h.now()
	state, err := h.client.WebhookState(ctx)
	if err != nil {
		return collectors.Batch{}, err
	}
	if state.Address != h.address {
		h.forget()
		return collectors.Batch{}, &collectors.Trouble{
			Kind: collectors.Passing, RetryAfter: hookWait, Cause: errors.New("the webhook leads elsewhere"),
			Message: "Вебхук бота переставила другая программа: остановите её или выпустите новый ключ у @BotFather. Через минуту программа поставит свой адрес снова.",
		}
	}
	if state.Pending > 0 && state.Failed.After(h.asked.Add(-time.Second)) {
		return collectors.Batch{}, &collectors.Trouble{
			Kind: collectors.Passing, RetryAfter: hookLook, Cause: errors.New(state.Failure),
			Message: "Telegram не может передать обновления на " + h.address + " («" + state.Failure + "»): проверьте, что адрес открыт из интернета и сертификат действует.",
		}
	}
	b := collectors.Batch{Next: h.handle.Cursor()}
	if state.Pending == 0 {
		b.CompleteTo = began
	} else {
		b.Pause = time.Second
	}
	return b, nil
}

// forget makes the next Fetch register anew.
func (h *webhook) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.client = nil
}
