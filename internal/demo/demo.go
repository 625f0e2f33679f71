package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"otklik/internal/app"
	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/sim/record"
)

// Options are the flags of "otklik demo".
type Options struct {
	Listen  string
	Data    string // empty: a temporary folder, removed afterwards
	DB      string
	Replay  *Replay
	For     time.Duration // zero: until stopped
	Summary string
	// Faults go wrong in the networks, from when the last hour has been told.
	Faults record.Scenario
	// Quiet leaves out the living feed.
	Quiet   bool
	Version string
	Out     io.Writer
	Log     *slog.Logger
}

const (
	zoneName = "Europe/Moscow"
	// settleTime bounds the wait for the last texts of a replay.
	settleTime = 20 * time.Second
	stopTime   = 10 * time.Second
)

// Run starts the demo and works until ctx ends or its time is over.
func Run(ctx context.Context, o Options) (err error) {
	if o.Summary != "" {
		if err := checkSummary(o.Summary); err != nil {
			return err
		}
	}
	if o.Data == "" {
		if o.Data, err = os.MkdirTemp("", "otklik-demo-"); err != nil {
			return errs.Wrap(errs.Unavailable, "Временная папка не создаётся. Укажите свою в --data.", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Data)) }()
	}
	d, err := Open(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(d.Work(ctx), d.Close())
}

// Open makes the city, opens the program on it and hires the staff. Nothing
// moves until Work.
func Open(ctx context.Context, o Options) (*Demo, error) {
	d := &Demo{Options: o, told: make(chan struct{})}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// World is the city, for whoever wants to say something in it.
func (d *Demo) World() *World { return d.world }

// Told is closed when the last hour has been told and people have acted on it.
func (d *Demo) Told() <-chan struct{} { return d.told }

// Networks is the address of the simulated networks.
func (d *Demo) Networks() string { return "http://" + d.listener.Addr().String() }

// Demo is the program at work on the demo's city.
type Demo struct {
	Options
	world    *World
	listener net.Listener
	server   *http.Server
	app      *app.App
	cast     cast
	replay   *replaying
	told     chan struct{}
}

func (d *Demo) open(ctx context.Context) error {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return err
	}
	if d.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return errs.Wrap(errs.Unavailable, "Имитатор сетей не может занять порт на этой машине.", err)
	}
	base := d.Networks()
	if d.world, err = NewWorld(func() string { return base }, true, zone, uint64(time.Now().UnixNano()), FreshID(time.Now())); err != nil {
		return err
	}
	if d.Replay != nil {
		if d.replay, err = d.world.prepare(*d.Replay); err != nil {
			return err
		}
	}
	d.server = &http.Server{Handler: d.world.Sim.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = d.server.Serve(d.listener) }()
	return d.openApp(ctx, base)
}

func (d *Demo) openApp(ctx context.Context, base string) error {
	cfg := app.Config{Agency: Agency, Zone: zoneName, Listen: d.Listen, Data: d.Data, DB: d.DB}
	cfg.Networks = networksAt(base)
	cfg.VK, cfg.Telegram = d.world.Pages(base)
	var err error
	if d.app, err = app.New(ctx, cfg, d.Version, d.Log); err != nil {
		return err
	}
	if d.cast, err = hire(ctx, d.app); err != nil {
		return err
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	return d.plan(ctx)
}

// Work tells the hour, lets people act, and then feeds or replays until ctx
// ends or the demo's time is over.
func (d *Demo) Work(ctx context.Context) error {
	told, err := d.world.TellHistory()
	if err != nil {
		return err
	}
	before, err := d.app.Store().Tally(ctx)
	if err != nil {
		return err
	}
	told += before.Items
	d.app.Start(ctx)
	d.greet()
	book := &ledger{said: map[string]time.Time{}}
	if err := d.settleHistory(ctx, told); err != nil || ctx.Err() != nil {
		return err
	}
	if err := errors.Join(d.play(ctx), d.teach(ctx), d.world.tellAfterwards()); err != nil {
		return err
	}
	d.world.Sim.Play(d.Faults)
	close(d.told)
	if err := book.begin(ctx, d.app.Store()); err != nil {
		return err
	}
	return d.live(ctx, book)
}

// settleHistory waits until the told hour has become cases.
func (d *Demo) settleHistory(ctx context.Context, told int) error {
	deadline := time.Now().Add(settleTime)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		t, err := d.app.Store().Tally(ctx)
		if err != nil {
			return err
		}
		if t.Items >= told && t.Pending == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// live feeds or replays until ctx ends or the demo's time is over; what is
// summed up afterwards still runs. A replay that breaks ends like one that is
// over, and the run goes on to its summary before it says so.
func (d *Demo) live(ctx context.Context, book *ledger) error {
	after, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	// Signing in takes its time, which is not the run's.
	w, stop, err := d.watch(after)
	if err != nil {
		return err
	}
	if d.For > 0 {
		timed, end := context.WithTimeout(ctx, d.For)
		defer end()
		ctx = timed
	}
	broken := d.speak(ctx, book)
	if broken != nil && d.For == 0 {
		d.Log.Error("replay ended early, the demo goes on until it is stopped", "err", broken)
	}
	<-ctx.Done()
	if d.Summary == "" {
		return broken
	}
	return errors.Join(broken, d.sumUp(after, book, w, stop))
}

// sumUp waits until what was said has been judged and writes the summary.
func (d *Demo) sumUp(ctx context.Context, book *ledger, w *watcher, stop func() error) error {
	if err := book.settle(ctx, d.app.Store(), settleTime); err != nil {
		return err
	}
	if err := stop(); err != nil {
		return fmt.Errorf("demo: the watcher stopped early: %w", err)
	}
	sum, err := book.sum(ctx, d.app.Store(), w)
	if err != nil {
		return err
	}
	return sum.write(d.Summary)
}

// speak lets citizens say what the run is for, until that or ctx ends.
func (d *Demo) speak(ctx context.Context, book *ledger) error {
	switch {
	case d.replay != nil:
		return d.replay.run(ctx, book.note)
	case !d.Quiet:
		d.world.Feed(ctx, d.Log, book.note)
	}
	return nil
}

// watch measures for the summary how soon the queue shows what was said. stop
// ends it and returns what ended it before.
func (d *Demo) watch(ctx context.Context) (w *watcher, stop func() error, err error) {
	if d.Summary == "" {
		return nil, nil, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	if w, err = newWatcher(ctx, d.app.URL()); err != nil {
		cancel()
		return nil, nil, err
	}
	watched := make(chan error, 1)
	go func() { watched <- w.run(ctx) }()
	return w, func() error { cancel(); return <-watched }, nil
}

// Close stops everything.
func (d *Demo) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	var err error
	if d.app != nil {
		err = d.app.Stop(ctx)
	}
	if d.world != nil {
		d.world.Sim.Close()
	}
	if d.server != nil {
		err = errors.Join(err, d.server.Close())
	}
	return err
}

// greet prints where everything is and who may come in.
func (d *Demo) greet() {
	fmt.Fprintf(d.Out, "\nОтклик показывает себя на городе Приреченске.\n\n  Страницы    %s\n  Имитатор    %s   (ВКонтакте и Telegram, где можно писать за жителя)\n  Данные      %s\n\nПароль у всех один: %s\n\n",
		d.app.URL(), d.Networks(), d.Data, password)
	for _, e := range employees() {
		fmt.Fprintf(d.Out, "  %-26s %-18s %s\n", e.email, e.role.Title(), e.name)
	}
	fmt.Fprintf(d.Out, "\nЧужие страницы для пробы: vk.com/%s (сервисный ключ %s), @%s\n", neighbourName, serviceToken, neighbourChannel)
	if n := len(d.Faults); n > 0 {
		fmt.Fprintf(d.Out, "Неисправности по сценарию: %s, начнутся через несколько секунд. Остановить их: %s/vk/faults и %s/tg/faults\n",
			ru.Count(n, "шаг", "шага", "шагов"), d.Networks(), d.Networks())
	}
	fmt.Fprint(d.Out, "\nОстановить: Ctrl+C.\n\n")
}
