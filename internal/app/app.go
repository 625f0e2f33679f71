package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"otklik/collectors/quota"
	"otklik/incidents"
	"otklik/incidents/rubricator"
	"otklik/index"
	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/lease"
	"otklik/internal/live"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/internal/store"
	"otklik/internal/vault"
	"otklik/internal/wake"
	"otklik/internal/web"
)

// leaseTTL is how long a frozen worker keeps others from its work.
const leaseTTL = 12 * time.Second

// App is the running program. It is opened by New, works from Start to Stop.
type App struct {
	cfg     Config
	log     *slog.Logger
	now     func() time.Time
	zone    *time.Location
	store   *store.Store
	desk    *incidents.Desk
	auth    *auth.Service
	hub     *live.Hub
	keeper  *lease.Keeper
	node    string // under which leases are taken
	vault   *vault.Vault
	sealer  sources.Sealer
	paces   *paces
	quota   *quota.Book
	pages   *pages
	guard   *guard
	judge   *learn.Judge
	trainer *learn.Trainer

	atlas    *atlas
	archive  *index.Archive
	checking chan struct{} // holds a wish to compare the search index with the base
	recheck  time.Time     // when to compare them once more, zero for not; of keepArchive alone
	archived atomic.Int64  // when the search index was last up to date, in Unix microseconds
	listener net.Listener
	server   *http.Server
	ticks    *cron.Cron

	detect   wake.Bell
	scan     wake.Bell // a rule was saved
	project  wake.Bell
	photos   wake.Bell
	registry wake.Bell // the sources or their keys have changed
	planned  wake.Bell // a post may be due
	unfold   wake.Bell // a series may have changed
	training wake.Bell // somebody wants the program to learn
	counted  wake.Bell // a poll has begun or ended
	deliver  map[social.Network]wake.Bell

	stop    context.CancelFunc
	workers sync.WaitGroup
	closers []closer
}

// closer is one step of stopping, by name for the log.
type closer struct {
	name  string
	close func(context.Context) error
}

// New opens the listener, the database and the index. What fails here is a
// sentence for the administrator; nothing has started yet.
func New(ctx context.Context, cfg Config, version string, log *slog.Logger) (*App, error) {
	zone, err := cfg.zone()
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: log, now: time.Now, zone: zone, hub: live.NewHub(), detect: wake.New(), scan: wake.New(), project: wake.New(), photos: wake.New(), registry: wake.New(), planned: wake.New(), unfold: wake.New(), training: wake.New(), counted: wake.New(), deliver: map[social.Network]wake.Bell{}, checking: make(chan struct{}, 1), paces: newPaces(time.Now)}
	a.pages = &pages{a: a, open: map[string]*page{}}
	if err := a.open(ctx, version); err != nil {
		return nil, errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
	}
	return a, nil
}

func (a *App) open(ctx context.Context, version string) error {
	// A taken address is found before anything is made in a fresh folder.
	if err := a.listen(ctx); err != nil {
		return err
	}
	node, unlock, err := openNode(a.cfg.Data)
	if err != nil {
		return err
	}
	a.node = node
	a.onStop("data folder", func(context.Context) error { return unlock() })
	if err := a.openStore(ctx); err != nil {
		return err
	}
	if err := a.openArchive(); err != nil {
		return err
	}
	if err := a.openJudge(ctx); err != nil {
		return err
	}
	a.desk = incidents.NewDesk(notifying{a.store, a}, a.now)
	if a.auth, err = auth.NewService(a.store, a.store, a.now); err != nil {
		return err
	}
	a.keeper = &lease.Keeper{Book: a.store, Owner: node, TTL: leaseTTL, Now: a.now, Log: a.log}
	a.quota = quota.NewBook(a.store, a.now)
	if err := a.openVault(ctx); err != nil {
		return err
	}
	if err := a.openGuard(ctx); err != nil {
		return err
	}
	if err := a.provision(ctx); err != nil {
		return err
	}
	if err := a.pages.read(ctx); err != nil {
		return err
	}
	return a.build(version)
}

func (a *App) openStore(ctx context.Context) error {
	s, err := store.Open(ctx, a.cfg.Where())
	if err != nil {
		return err
	}
	a.store = s
	a.onStop("store", func(context.Context) error { return s.Close() })
	if err := s.SeedWorkTime(ctx, a.zone.String(), a.now()); err != nil {
		return err
	}
	return errors.Join(Seed(ctx, s, a.now()), s.NameRoot(ctx, a.cfg.Agency, a.now()))
}

// Seed gives an empty database the starter dictionary.
func Seed(ctx context.Context, s *store.Store, now time.Time) error {
	return errors.Join(s.Seed(ctx, starterBook(), now), s.SeedRubricator(ctx, rubricator.Starter(), now))
}

func (a *App) listen(ctx context.Context) error {
	address := a.cfg.Listen
	if address == "" {
		address = "127.0.0.1:8080"
	}
	var err error
	if a.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", address); err != nil {
		return errs.Wrap(errs.Unavailable, "Адрес "+address+" занят или недоступен. Закройте программу, которая его держит, или укажите другой в --listen.", err)
	}
	a.onStop("listener", func(context.Context) error { return ignoreClosed(a.listener.Close()) })
	return nil
}

// build makes the server of the pages.
func (a *App) build(version string) error {
	handler, err := web.New(web.Deps{
		Queue: archived{a.store, a}, Drafts: a.store, Directory: a.store, Changes: a.store,
		Sources: a, Registry: a.registrar(), Keys: a.store, Alarms: a.store, Unread: a.store, Photos: a.store,
		Ledger: notifying{a.store, a}, Desk: a.desk, Staff: a.store, Invites: auth.NewInvitations(a.store, a.now), Promise: a.store.PromiseFor, Guide: a.guide(), Masses: web.Masses{Book: a.store, Limits: a.store, Silences: a.store}, Planning: a.planning(), Press: a.press(), Timing: web.Timing{Clocks: a.store, Policies: a.store, Work: a.store, Notices: a.store}, Learning: a.learning(), Rules: a.ruleBench(), Searching: a.searching(), Auth: a.auth, Hub: a.hub, Now: a.now, Zone: a.zone, Agency: a.cfg.Agency,
		Secure: strings.HasPrefix(a.cfg.PublicURL, "https://"), Version: version, Ready: a.ready, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.server = &http.Server{
		Handler: behindProxy(a.withMetrics(a.withHooks(handler))), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	return nil
}

// URL is where the pages are.
func (a *App) URL() string { return "http://" + a.listener.Addr().String() }

// Start lets all workers go and returns at once.
func (a *App) Start(ctx context.Context) {
	ctx, a.stop = context.WithCancel(ctx)
	a.onStop("workers", func(context.Context) error { a.stop(); a.workers.Wait(); return nil })
	a.server.BaseContext = func(net.Listener) context.Context { return ctx }
	a.work(func() {
		if err := a.server.Serve(a.listener); err != nil && !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
			a.log.Error("pages stopped", "err", err)
		}
	})
	// The pages stop after the workers' context has ended, so that live streams
	// let go, and before the workers are waited for.
	a.onStop("pages", func(ctx context.Context) error { a.stop(); return a.server.Shutdown(ctx) })
	a.startWorkers(ctx)
	a.startTicks(ctx)
}

// startTicks wakes what has to be done by the clock. Every tick only looks for
// what is due, so any number of processes may tick.
func (a *App) startTicks(ctx context.Context) {
	const keepUpdates = 30 * 24 * time.Hour
	a.ticks = cron.New(cron.WithLocation(a.zone))
	a.ticks.Schedule(cron.Every(10*time.Minute), cron.FuncJob(func() {
		if err := a.store.Sweep(ctx, keepUpdates, a.now()); err != nil && ctx.Err() == nil {
			a.log.Error("sweep failed", "err", err)
		}
	}))
	a.schedulePlan(ctx)
	if _, err := a.ticks.AddFunc(nightly, a.archiveNight()); err != nil {
		a.log.Error("the archive is not checked at night", "err", err)
	}
	a.ticks.Start()
	a.onStop("ticks", func(ctx context.Context) error {
		select {
		case <-a.ticks.Stop().Done():
		case <-ctx.Done():
		}
		return nil
	})
}

func (a *App) work(f func()) {
	a.workers.Add(1)
	go func() {
		defer a.workers.Done()
		f()
	}()
}

func (a *App) onStop(name string, f func(context.Context) error) {
	a.closers = append(a.closers, closer{name, f})
}

// Stop ends everything, the last started first, and says what did not end well.
func (a *App) Stop(ctx context.Context) error {
	var all error
	for i := len(a.closers) - 1; i >= 0; i-- {
		c := a.closers[i]
		if err := c.close(ctx); err != nil {
			a.log.Error("not stopped cleanly", "part", c.name, "err", err)
			all = errors.Join(all, err)
		}
	}
	a.closers = nil
	return all
}

// Store is for commands that work beside the pages, such as adding people.
func (a *App) Store() *store.Store { return a.store }

// Desk is for whoever acts on cases without a page.
func (a *App) Desk() *incidents.Desk { return a.desk }

// Hub tells of stale regions.
func (a *App) Hub() *live.Hub { return a.hub }

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (a *App) openArchive() error {
	analyzer := index.NewAnalyzer()
	a.atlas = newAtlas(a.store, analyzer)
	archive, info, err := index.Open(filepath.Join(a.cfg.Data, "index"), analyzer)
	if err != nil {
		return errs.Wrap(errs.Unavailable, "Поисковый указатель не открылся. Проверьте место на диске; его можно удалить целиком, программа построит новый.", err)
	}
	if info.Reason != "" {
		a.log.Warn("search index is being filled again", "moved_to", info.MovedTo, "reason", info.Reason, "err", info.Cause)
	}
	a.archive = archive
	a.onStop("search index", func(context.Context) error { return archive.Close() })
	return nil
}
