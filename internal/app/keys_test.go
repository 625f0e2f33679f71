package app

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/rights"

	"otklik/internal/delivery"
	"otklik/internal/errs"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/internal/testdb"
	"otklik/internal/vault"
)

// town is a simulated VK with one community, and programs that read it.
type town struct {
	*vktest.Network
	t   *testing.T
	log *shared
}

// shared is a log that many write.
type shared struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *shared) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func newTown(t *testing.T) *town {
	t.Helper()
	n := &town{Network: vktest.Start(t, simvk.Options{}), t: t, log: &shared{}}
	n.token("planted-first-key")
	return n
}

func (n *town) token(value string) {
	n.t.Helper()
	n.Must(n.AddToken(simvk.Token{Value: value, Kind: simvk.CommunityToken, CommunityID: vktest.GroupID}))
}

func (n *town) comment(text string) {
	n.t.Helper()
	n.MustComment(simvk.NewComment{Text: text})
}

func (n *town) config(db string) Config {
	return Config{Listen: "127.0.0.1:0", Data: filepath.Join(n.t.TempDir(), "data"), DB: db, Networks: Networks{VKAPI: n.URL}}
}

func (n *town) open(cfg Config) *App {
	n.t.Helper()
	a, err := New(n.t.Context(), cfg, "test", slog.New(slog.NewTextHandler(n.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		n.t.Fatal(err)
	}
	ctx := context.WithoutCancel(n.t.Context())
	n.t.Cleanup(func() {
		if err := a.Stop(ctx); err != nil {
			n.t.Error(err)
		}
	})
	return a
}

func (n *town) start(cfg Config) *App {
	n.t.Helper()
	a := n.open(cfg)
	a.Start(context.WithoutCancel(n.t.Context()))
	return a
}

// connect puts the community into the registry as a person would.
func (n *town) connect(a *App, token string) string {
	n.t.Helper()
	s := sources.Source{Kind: sources.VKCommunity, ExternalID: strconv.Itoa(vktest.GroupID), Title: "Администрация", Origin: sources.FromPerson}
	s, err := a.store.Connect(n.t.Context(), s, time.Now(), func(id string) ([]sources.Key, error) {
		k, err := a.sealer.Seal(id, sources.CommunityKey, token)
		k.SetAt = time.Now()
		return []sources.Key{k}, err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return s.ID
}

func (n *town) replace(a *App, id, token string) {
	n.t.Helper()
	k, err := a.sealer.Seal(id, sources.CommunityKey, token)
	if err != nil {
		n.t.Fatal(err)
	}
	k.SetAt = time.Now()
	if err := a.store.ChangeSource(n.t.Context(), id, time.Now(), func(s *sources.Source) error { s.Keys = []sources.Key{k}; return nil }); err != nil {
		n.t.Fatal(err)
	}
}

func (n *town) until(what string, holds func() (bool, string)) {
	n.t.Helper()
	stand := ""
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var ok bool
		if ok, stand = holds(); ok {
			return
		}
	}
	n.t.Fatalf("waited for %s: %s", what, stand)
}

func (n *town) stored(a *App, items int) {
	n.t.Helper()
	n.until(strconv.Itoa(items)+" items", func() (bool, string) {
		tally, err := a.store.Tally(n.t.Context())
		return err == nil && tally.Items == items, strconv.Itoa(tally.Items)
	})
}

func (n *town) trouble(a *App, says string) {
	n.t.Helper()
	n.until("the trouble «"+says+"»", func() (bool, string) {
		list, err := a.Sources(n.t.Context(), time.Now())
		if err != nil || len(list) == 0 {
			return false, "no source"
		}
		return (says == "") == (list[0].Trouble == "") && strings.Contains(list[0].Trouble, says), list[0].Trouble
	})
}

// TestAKeyIsReplacedWhileTheProgramRuns revokes the key of a page and puts
// another in its place: what was written meanwhile is read, and answers go out.
func TestAKeyIsReplacedWhileTheProgramRuns(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	a := n.start(n.config(""))
	id := n.connect(a, "planted-first-key")
	n.trouble(a, "")
	n.until("the reader", func() (bool, string) { _, ok := a.pages.Sender(id); return ok, "" })
	n.until("the first listen", func() (bool, string) {
		list, err := a.store.Sources(t.Context(), time.Now())
		return err == nil && len(list) == 1 && !list[0].CompleteTo.IsZero(), ""
	})
	n.comment("На Лесной не вывозят мусор")
	n.stored(a, 1)

	n.RevokeToken("planted-first-key")
	n.ExpireKeys(vktest.GroupID)
	n.comment("И на Полевой тоже")
	n.trouble(a, "не принимает")
	n.token("planted-second-key")
	n.replace(a, id, "planted-second-key")
	n.stored(a, 2)
	n.trouble(a, "")

	sender, ok := a.pages.Sender(id)
	if !ok {
		t.Fatal("nobody speaks for the page")
	}
	ref := func(x int) social.Ref {
		return social.Ref{Network: social.VK, Owner: strconv.Itoa(-vktest.GroupID), ID: strconv.Itoa(x)}
	}
	if _, err := sender.Send(t.Context(), delivery.Delivery{ID: "019f0000-0000-7000-8000-000000000001", Kind: delivery.KindAnswer, Network: social.VK, SourceID: id, Thread: ref(n.Post), Text: "Вывезем завтра."}); err != nil {
		t.Errorf("an answer with the new key: %v", err)
	}

	if err := a.store.ChangeSource(t.Context(), id, time.Now(), func(s *sources.Source) error { s.Paused = true; return nil }); err != nil {
		t.Fatal(err)
	}
	n.until("the pause", func() (bool, string) {
		s, _ := a.pages.Sender(id)
		_, quiet := s.(silent)
		return quiet, ""
	})
	n.comment("Когда же?")
	if err := a.store.ChangeSource(t.Context(), id, time.Now(), func(s *sources.Source) error { s.Paused = false; return nil }); err != nil {
		t.Fatal(err)
	}
	n.stored(a, 4) // with the answer
	if err := a.store.ChangeSource(t.Context(), id, time.Now(), func(s *sources.Source) error { s.Removed = true; return nil }); err != nil {
		t.Fatal(err)
	}
	n.until("the end of the page", func() (bool, string) { _, ok := a.pages.Sender(id); return !ok, "" })
	if log := n.log.text(); strings.Contains(log, "planted") {
		t.Errorf("a key stands in the log:\n%s", log)
	}
}

// TestMasterKeysAreRotatedWhileTheProgramRuns adds a new master key to the
// file: everything is sealed anew, and nothing stops.
func TestMasterKeysAreRotatedWhileTheProgramRuns(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	cfg := n.config("")
	a := n.start(cfg)
	id := n.connect(a, "planted-first-key")
	n.until("the page", func() (bool, string) { _, ok := a.pages.Sender(id); return ok, "" })
	a.pages.mu.RLock()
	was := a.pages.open[id]
	a.pages.mu.RUnlock()
	fresh, err := vault.Rotate(cfg.KeyFilePath(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	n.until("the sealing anew", func() (bool, string) {
		use, err := a.store.MasterIDs(t.Context())
		return err == nil && len(use) == 1 && use[fresh] == 1, "under other keys"
	})
	a.pages.mu.RLock()
	defer a.pages.mu.RUnlock()
	if a.pages.open[id] != was {
		t.Error("the page was opened anew")
	}
	for _, name := range []string{"otklik.db", "otklik.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(cfg.Data, name))
		if err == nil && bytes.Contains(raw, []byte("planted-first-key")) {
			t.Errorf("the key stands in %s", name)
		}
	}
}

// TestALostMasterKeyIsTold starts without the master key that sealed a page.
func TestALostMasterKeyIsTold(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	cfg := n.config("")
	a := n.open(cfg)
	n.connect(a, "planted-first-key")
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(cfg.KeyFilePath(), cfg.KeyFilePath()+".kept"); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	if _, err := New(t.Context(), cfg, "test", log); errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), "--key-file") {
		t.Errorf("without its file it said %v", err)
	}
	if _, err := vault.Rotate(cfg.KeyFilePath(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	a = n.start(cfg)
	n.trouble(a, "не расшифровывается")
	if c, err := (archived{a.store, a}).Counts(t.Context(), rights.Actor{ID: "", Roles: rights.Roles()}, time.Now()); err != nil || c.Sick != 1 {
		t.Errorf("the rail counts %d sick sources, %v", c.Sick, err)
	}
	waits, err := a.ready(t.Context())
	if err != nil {
		t.Error(err)
	}
	for _, w := range waits {
		if w.Age > w.Limit {
			t.Errorf("one unreadable key makes everything unready: %+v", w)
		}
	}
	if err := os.Rename(cfg.KeyFilePath()+".kept", cfg.KeyFilePath()); err != nil {
		t.Fatal(err)
	}
	n.trouble(a, "")
}

// TestOneNodeConnectsWhatAnotherReads changes the registry on one node; the
// other follows without being told.
func TestOneNodeConnectsWhatAnotherReads(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	dsn := testdb.Postgres(t)
	one := n.config(dsn)
	first := n.open(one) // it does not work, so the other one has to
	two := n.config(dsn)
	two.KeyFile = one.KeyFilePath()
	second := n.start(two)
	id := n.connect(first, "planted-first-key")
	n.until("the other node", func() (bool, string) { _, ok := second.pages.Sender(id); return ok, "" })
	n.until("the first listen", func() (bool, string) {
		list, err := second.store.Sources(t.Context(), time.Now())
		return err == nil && len(list) == 1 && !list[0].CompleteTo.IsZero(), ""
	})
	n.comment("На Лесной не вывозят мусор")
	n.stored(second, 1)
	three := n.config(dsn)
	if _, err := New(t.Context(), three, "test", slog.New(slog.DiscardHandler)); !strings.Contains(errs.MessageOf(err), "Скопируйте его") {
		t.Errorf("a node without the file of keys said %v", err)
	}
}

// TestAPageThatDidNotOpenIsTriedAgain lets the base refuse a stream for a while.
func TestAPageThatDidNotOpenIsTriedAgain(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	cfg := n.config("")
	a := n.start(cfg)
	raw, err := sql.Open("sqlite", filepath.Join(cfg.Data, "otklik.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	do := func(query string) {
		t.Helper()
		if _, err := raw.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	do("CREATE TRIGGER refusing BEFORE INSERT ON streams BEGIN SELECT RAISE(FAIL, 'refused'); END")
	id := n.connect(a, "planted-first-key")
	a.registry.Ring()
	n.until("the page that does not open", func() (bool, string) { _, there := a.pages.Sender(id); return there, n.log.text() })
	if sender, _ := a.pages.Sender(id); sender == nil || !strings.Contains(n.log.text(), "source not opened") {
		t.Errorf("the page opened: %v", sender)
	}
	do("DROP TRIGGER refusing")
	n.until("the page", func() (bool, string) {
		a.registry.Ring()
		sender, _ := a.pages.Sender(id)
		_, shut := sender.(silent)
		return !shut, ""
	})
	n.until("the first listen", func() (bool, string) {
		list, err := a.store.Sources(t.Context(), time.Now())
		return err == nil && len(list) == 1 && !list[0].CompleteTo.IsZero(), ""
	})
	n.comment("На Лесной не вывозят мусор")
	n.stored(a, 1)
}
