package collectortest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"otklik/collectors"
	"otklik/internal/lease"
	"otklik/internal/social"
	"otklik/internal/store"
)

// lab is one network, one store and the story that is played in the network.
type lab struct {
	h        Harness
	s        *store.Store
	raw      *sql.DB // for what no page shows
	streams  []collectors.Stream
	dir      string
	runs     int
	patience time.Duration
	story    *story
	nature   Nature
	stored   chan struct{}

	mu      sync.Mutex
	updates []collectors.Update // all that the sources ever brought
}

func newLab(ctx context.Context, h Harness, nature Nature, dir string, patience time.Duration) (*lab, error) {
	l := &lab{h: h, dir: dir, patience: patience, nature: nature, story: newStory(h, nature.Posts), stored: make(chan struct{}, 1)}
	path := filepath.Join(dir, "otklik.db")
	var err error
	if l.s, l.raw, err = open(ctx, path); err != nil {
		return nil, err
	}
	for i := range h.Streams(l.s) {
		st, err := addStream(ctx, l.s, strconv.Itoa(i))
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
		l.streams = append(l.streams, st)
	}
	return l, nil
}

func open(ctx context.Context, path string) (*store.Store, *sql.DB, error) {
	s, err := store.Open(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, raw, nil
}

func addStream(ctx context.Context, s *store.Store, name string) (collectors.Stream, error) {
	id, err := s.EnsureSource(ctx, collectors.SourceStatus{Network: social.VK, Title: "page"}, "page", time.Now())
	if err != nil {
		return collectors.Stream{}, err
	}
	st := collectors.Stream{Name: name, SourceID: id}
	return st, s.EnsureStream(ctx, st, time.Now())
}

func (l *lab) close() error { return errors.Join(l.raw.Close(), l.s.Close()) }

func (l *lab) step()      { l.story.step() }
func (l *lab) told() bool { return l.story.next == steps }

// process is all readers of the page at work.
type process struct {
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // what ended it, once ended is closed
}

// stop ends the process and waits for it.
func (p *process) stop() {
	p.cancel()
	<-p.ended
}

// start runs new readers under new leases until one of them ends. book is nil
// for the store itself.
func (l *lab) start(ctx context.Context, book collectors.Book) (*process, error) {
	if book == nil {
		book = l.s
	}
	leases, err := l.takeLeases(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	p := &process{cancel: func() { cancel(context.Canceled) }, ended: make(chan struct{})}
	var wg sync.WaitGroup
	for i, src := range l.h.Streams(l.s) {
		r := &collectors.Runner{
			Stream: l.streams[i], Source: &recorder{src, l}, Book: book, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Pace: 5 * time.Millisecond, Stored: func(int) { l.poke() },
		}
		wg.Go(func() { cancel(r.Run(ctx, leases[i])) })
	}
	go func() {
		wg.Wait()
		p.err = context.Cause(ctx)
		close(p.ended)
	}()
	return p, nil
}

// takeLeases takes every stream's lease. Each run is another process to the
// leases, and its time stands apart.
func (l *lab) takeLeases(ctx context.Context) ([]lease.Lease, error) {
	l.runs++
	var out []lease.Lease
	for _, st := range l.streams {
		ls, err := l.s.Take(ctx, st.Name, strconv.Itoa(l.runs), time.Hour, time.Now().Add(time.Duration(l.runs)*2*time.Hour))
		if err != nil {
			return nil, err
		}
		out = append(out, ls)
	}
	return out, nil
}

func (l *lab) poke() {
	select {
	case l.stored <- struct{}{}:
	default:
	}
}

// recorder keeps what a source brings, whatever becomes of it.
type recorder struct {
	collectors.Source
	l *lab
}

// Fetch implements collectors.Source.
func (r *recorder) Fetch(ctx context.Context, c collectors.Cursor) (collectors.Batch, error) {
	b, err := r.Source.Fetch(ctx, c)
	r.l.mu.Lock()
	r.l.updates = append(r.l.updates, b.Updates...)
	r.l.mu.Unlock()
	// A reader that has connected says so, though it stored nothing.
	r.l.poke()
	return b, err
}

// until waits for a condition that changes only when something was stored or
// fetched; the look once in a while catches what was written after the poke.
func (l *lab) until(p *process, holds func() error) error {
	late := time.NewTimer(l.patience)
	defer late.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		err := holds()
		if err == nil {
			return nil
		}
		select {
		case <-l.stored:
		case <-look.C:
		case <-p.ended:
			return fmt.Errorf("the reader ended by itself: %w", p.err)
		case <-late.C:
			return fmt.Errorf("after %v: %w", l.patience, err)
		}
	}
}

// connected waits until every stream has a cursor.
func (l *lab) connected(ctx context.Context, p *process) error {
	return l.until(p, func() error {
		for _, st := range l.streams {
			c, err := l.s.Cursor(ctx, st.Name)
			if err != nil {
				return err
			}
			if c == "" {
				return fmt.Errorf("stream %s has no cursor", st.Name)
			}
		}
		return nil
	})
}

// await waits until the store shows the whole story; every text must be known
// if the readers had connected before it began.
func (l *lab) await(ctx context.Context, p *process, everyText bool) error {
	return l.until(p, func() error { return l.story.check(ctx, l.raw, everyText && !l.nature.Listed) })
}
