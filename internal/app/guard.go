package app

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"otklik/internal/errs"
	"otklik/publisher"
)

// beatTick is how often the program gives a sign of life, besides the one that
// it gives with every call.
const beatTick = 5 * time.Second

// beats is where signs of life are written, and stops of what leaves.
type beats interface {
	Signs(ctx context.Context, node string) (publisher.Signs, error)
	Beat(ctx context.Context, node string, now time.Time) (before, after publisher.Beat, err error)
	AddHalt(ctx context.Context, h publisher.Halt, now time.Time) error
}

// guard keeps everything from leaving when the base knows less than this
// machine remembers, or when the clock has jumped: what was sent before might
// be sent again. It remembers the newest sign of life in a file beside the base.
type guard struct {
	book beats
	node string // the name under which this computer gives its signs
	path string
	now  func() time.Time
	log  *slog.Logger

	mu     sync.Mutex
	last   publisher.Beat // the newest that this machine remembers
	looked time.Time
	copied bool // the folder is a copy: what it remembers is as old as the base
	// remembers says that there was a file, known that this computer may judge
	// the base by it. Until then met is what stood in the base at metAt.
	remembers, known bool
	met              publisher.Signs
	metAt            time.Time
}

// marker is what the file holds. Inode is the file's own number: in a folder
// that was put back from a copy it is another one.
type marker struct {
	Seq   int64     `json:"seq"`
	At    time.Time `json:"at"`
	Inode uint64    `json:"inode"`
}

// openGuard reads what this machine remembers.
func openGuard(book beats, node, dir string, now func() time.Time, log *slog.Logger) (*guard, error) {
	g := &guard{book: book, node: node, path: filepath.Join(dir, "beat"), now: now, log: log}
	raw, err := readBounded(g.path, 4096)
	if errors.Is(err, fs.ErrNotExist) {
		return g, nil
	}
	var m marker
	var inode uint64
	if err == nil {
		inode, err = inodeOf(g.path)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "Файл "+g.path+" не читается. Проверьте права.", err)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		// A file that was cut off says nothing of what has left since.
		log.Warn("the memory of the last sign of life is damaged", "file", g.path, "err", err)
		g.copied = true
		return g, nil
	}
	g.last, g.copied, g.remembers = publisher.Beat{Seq: m.Seq, At: m.At}, m.Inode != inode, true
	return g, nil
}

// openGuard looks before anything of this process can leave.
func (a *App) openGuard(ctx context.Context) error {
	var err error
	if a.guard, err = openGuard(a.store, a.node, a.cfg.Data, a.now, a.log); err != nil {
		return err
	}
	if err = a.guard.look(ctx); errors.Is(err, errSuspicious) || errors.Is(err, errJoining) {
		return nil
	}
	return err
}

// errSuspicious keeps a call from being made.
var errSuspicious = errs.New(errs.Unavailable, "Отправка остановлена: база восстановлена из копии или скакнули часы. Проверьте страницы и разрешите её.")

// errJoining keeps calls from being made until it is known whether other
// computers work with the same base.
var errJoining = errs.New(errs.Unavailable, "Этот компьютер видит базу впервые и ждёт, отзовутся ли другие, которые с ней работают.")

// look gives a sign of life and stops what leaves if anything is wrong. The
// sign that follows a call which was written down and precedes the call itself
// makes sure that no copy of the base from before that call passes for the
// present one.
func (g *guard) look(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	base, err := g.book.Signs(ctx, g.node)
	if err != nil {
		return err
	}
	cause, wrong, err := g.judge(base, now)
	if err != nil {
		return err
	}
	// The stop is written first: a death in between must not lose it.
	if wrong {
		g.log.Error("nothing leaves until a person has looked", "cause", string(cause), "base", base.Last.Seq, "remembered", g.last.Seq)
		if err := g.book.AddHalt(ctx, publisher.Halt{Cause: cause, At: now}, now); err != nil {
			return err
		}
	}
	if !g.remembers && !wrong && base.Last.Seq == 0 {
		// A death after the first sign would else leave a base without a memory.
		g.keep(publisher.Beat{})
	}
	_, after, err := g.book.Beat(ctx, g.node, now)
	if err != nil {
		return err
	}
	g.last, g.looked, g.copied, g.known = after, now, false, true
	g.keep(after)
	if wrong {
		return errSuspicious
	}
	return nil
}

// judge says what is wrong with the base or the clock, if anything. Its error
// is errJoining.
func (g *guard) judge(base publisher.Signs, now time.Time) (publisher.Cause, bool, error) {
	if cause, wrong := publisher.Suspicion(base, g.last, now); wrong {
		return cause, true, nil
	}
	switch {
	case g.copied:
		return publisher.ByRestored, true, nil
	case !g.looked.IsZero() && publisher.Jumped(now.Round(0).Sub(g.looked.Round(0)), now.Sub(g.looked)):
		return publisher.ByClock, true, nil
	case g.known, base.Known(g.remembers):
		return "", false, nil
	}
	if g.metAt.IsZero() {
		g.met, g.metAt = base, now
	}
	switch publisher.Acquaint(g.met, base, now.Sub(g.metAt), now) {
	case publisher.Member:
		g.log.Info("joined the computers that work with this base", "node", g.node)
		return "", false, nil
	case publisher.Waiter:
		return "", false, errJoining
	default:
		return publisher.ByRestored, true, nil
	}
}

// keep remembers a sign of life as far as the disk lets it.
func (g *guard) keep(b publisher.Beat) {
	if err := g.remember(b); err != nil {
		// The disk has its own alarm; answers to citizens go on meanwhile.
		g.log.Error("the sign of life is not remembered", "file", g.path, "err", err)
	}
}

// remember replaces the file. It need not outlive a power cut: an older one
// only notices less.
func (g *guard) remember(b publisher.Beat) error {
	f, err := os.CreateTemp(filepath.Dir(g.path), "beat-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	inode, err := inodeOf(f.Name())
	if err == nil {
		err = json.NewEncoder(f).Encode(marker{Seq: b.Seq, At: b.At, Inode: inode})
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), g.path)
}

func inodeOf(path string) (uint64, error) {
	var st syscall.Stat_t
	err := syscall.Stat(path, &st)
	return st.Ino, err
}
