package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/rights"
	simtg "otklik/internal/sim/telegram"
	"otklik/internal/sources"
)

const hookSecret = "s3cret-word"

// hookBench is the program behind a web server, with a simulated Telegram that
// sends to it.
type hookBench struct {
	t       *testing.T
	sim     *simtg.Server
	api     string
	bot     simtg.Bot
	channel simtg.Channel
	user    int64
	post    int64
	front   *httptest.Server
	target  atomic.Pointer[httputil.ReverseProxy] // nil: the program is stopped
	last    atomic.Pointer[[]byte]                // the update that came last
	cfg     Config
}

func newHookBench(t *testing.T) *hookBench {
	t.Helper()
	b := &hookBench{t: t, sim: simtg.New(simtg.Options{Now: time.Now})}
	api := httptest.NewServer(b.sim.APIHandler())
	t.Cleanup(func() { b.sim.Close(); api.Close() })
	b.front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		target := b.target.Load()
		if err != nil || target == nil {
			http.Error(w, "stopped", http.StatusBadGateway)
			return
		}
		if strings.HasPrefix(r.URL.Path, hookPath) {
			b.last.Store(&body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		target.ServeHTTP(w, r)
	}))
	t.Cleanup(b.front.Close)
	var err error
	if b.bot, err = b.sim.AddBot(simtg.Bot{Username: "bot", FirstName: "Бот", ReadsAll: true}); err != nil {
		t.Fatal(err)
	}
	if b.channel, err = b.sim.AddChannel(simtg.Channel{Title: "Город", Username: "gorod", GroupTitle: "Обсуждение"}); err != nil {
		t.Fatal(err)
	}
	user, err := b.sim.AddUser(simtg.User{FirstName: "Анна"})
	if err != nil {
		t.Fatal(err)
	}
	b.user, b.api = user.ID, api.URL
	b.cfg = Config{
		Listen: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "data"), PublicURL: b.front.URL,
		Telegram: []TelegramPage{{Channel: "@gorod", BotToken: NewSecret(b.bot.Token), APIURL: api.URL, WebhookSecret: NewSecret(hookSecret)}},
	}
	return b
}

func (b *hookBench) start() *App {
	b.t.Helper()
	a, err := New(b.t.Context(), b.cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		b.t.Fatal(err)
	}
	to, err := url.Parse(a.URL())
	if err != nil {
		b.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	b.target.Store(proxy)
	a.Start(context.WithoutCancel(b.t.Context()))
	return a
}

func (b *hookBench) stop(a *App) {
	b.t.Helper()
	b.target.Store(nil)
	if err := a.Stop(context.WithoutCancel(b.t.Context())); err != nil {
		b.t.Error(err)
	}
}

func (b *hookBench) comment(text string) {
	b.t.Helper()
	if b.post == 0 {
		p, err := b.sim.Post(b.channel.ID, "Новости")
		if err != nil {
			b.t.Fatal(err)
		}
		b.post = p.MessageID
	}
	if _, err := b.sim.Comment(simtg.Comment{ChannelID: b.channel.ID, PostID: b.post, FromID: b.user, Text: text}); err != nil {
		b.t.Fatal(err)
	}
}

// source waits until the page of sources says what is awaited.
func (b *hookBench) source(a *App, what string, holds func(collectors.SourceStatus) bool) {
	b.t.Helper()
	var x collectors.SourceStatus
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		list, err := a.Store().Sources(b.t.Context(), time.Now())
		if err != nil {
			b.t.Fatal(err)
		}
		for _, x = range list {
			if holds(x) {
				return
			}
		}
	}
	b.t.Fatalf("waited for %s; the source is %+v", what, x)
}

// send posts a body to the webhook as anybody could.
func (b *hookBench) send(a *App, secret string, body []byte) int {
	b.t.Helper()
	var path string
	for id := range a.pages.open {
		path = hookPath + id
	}
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.front.URL+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func items(n int64) func(collectors.SourceStatus) bool {
	return func(x collectors.SourceStatus) bool { return x.Items == n }
}

func TestUpdatesComeThroughTheWebhook(t *testing.T) {
	t.Parallel()
	b := newHookBench(t)
	a := b.start()
	b.source(a, "the registration", func(x collectors.SourceStatus) bool { return x.State == collectors.Healthy })
	b.comment("На Лесной не вывозят мусор")
	// The post, its copy in the group, and the comment.
	b.source(a, "the comment", items(3))
	again := *b.last.Load()
	for secret, want := range map[string]int{"": http.StatusForbidden, hookSecret + "x": http.StatusForbidden, hookSecret: http.StatusOK} {
		if got := b.send(a, secret, again); got != want {
			t.Errorf("with the secret %q the answer is %d, want %d", secret, got, want)
		}
	}
	b.stop(a)

	b.comment("И на Полевой тоже")
	a = b.start()
	b.source(a, "what was said meanwhile", items(4))
	if b.sim.Pending(b.bot.ID) > 0 {
		b.source(a, "the end of the queue", func(collectors.SourceStatus) bool { return b.sim.Pending(b.bot.ID) == 0 })
	}
	b.source(a, "no repetition", func(x collectors.SourceStatus) bool { return x.Items == 4 && x.Broken == 0 })
	b.stop(a)

	b.cfg.Telegram[0].WebhookSecret = Secret{}
	a = b.start()
	b.comment("Вывезли, спасибо")
	b.source(a, "long polling after the webhook", items(5))
	b.stop(a)
}

func TestAProcessWithoutTheLeaseSendsUpdatesBack(t *testing.T) {
	t.Parallel()
	b := newHookBench(t)
	a, err := New(t.Context(), b.cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.stop(a) })
	if _, err := a.store.Take(t.Context(), "telegram:@gorod:updates", "another", time.Hour, time.Now()); err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(a.URL())
	if err != nil {
		t.Fatal(err)
	}
	b.target.Store(httputil.NewSingleHostReverseProxy(to))
	a.Start(context.WithoutCancel(t.Context()))
	if got := b.send(a, hookSecret, []byte(`{"update_id":1}`)); got != http.StatusServiceUnavailable {
		t.Errorf("the answer is %d", got)
	}
	resp, err := http.Post(b.front.URL+hookPath+"nobody", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown source is answered %d", resp.StatusCode)
	}
}

// TestAnAdministratorTurnsTheWebhookOn changes how updates come in while the
// program runs: none is lost either way, and the word is nowhere in the clear.
func TestAnAdministratorTurnsTheWebhookOn(t *testing.T) {
	t.Parallel()
	b := newHookBench(t)
	b.cfg.Telegram, b.cfg.Networks.TelegramAPI = nil, b.api
	a := b.start()
	t.Cleanup(func() { b.stop(a) })
	s, err := a.store.Connect(t.Context(), sources.Source{Kind: sources.TelegramChannel, ExternalID: "@gorod", Title: "Город", Origin: sources.FromPerson}, time.Now(), func(id string) ([]sources.Key, error) {
		k, err := a.sealer.Seal(id, sources.BotKey, b.bot.Token)
		return []sources.Key{k}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.source(a, "the look at the page", func(x collectors.SourceStatus) bool { return x.URL != "" })
	b.comment("На Лесной не вывозят мусор")
	b.source(a, "the comment", items(3))

	desk, by := a.registrar(), rights.Actor{ID: "p", Name: "Ольга", Roles: []rights.Role{rights.Administrator}}
	if err := desk.TurnOnWebhook(t.Context(), by, s.ID); errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), "https") {
		t.Errorf("without https it said %v", err)
	}
	// The simulator takes the loopback's address too.
	desk.Hook = func(id string) (string, error) { return a.hookOf(id), nil }
	if err := desk.TurnOnWebhook(t.Context(), by, s.ID); err != nil {
		t.Fatal(err)
	}
	b.source(a, "the webhook", func(collectors.SourceStatus) bool { h := a.pages.hook(s.ID); return h != nil })
	b.comment("И на Полевой тоже")
	b.source(a, "what came by the webhook", items(4))
	if b.last.Load() == nil {
		t.Error("nothing came by the webhook")
	}
	if err := desk.TurnOffWebhook(t.Context(), by, s.ID); err != nil {
		t.Fatal(err)
	}
	b.source(a, "the end of the webhook", func(collectors.SourceStatus) bool { return a.pages.hook(s.ID) == nil })
	b.comment("Вывезли, спасибо")
	b.source(a, "long polling after the webhook", items(5))
}
