package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/detect"
	"otklik/internal/lease"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

// How the network treats one call.
const (
	fine       = "fine"
	forbidden  = "forbidden"
	busy       = "busy"
	lostAfter  = "lost after taking"
	lostBefore = "lost before taking"
)

// office is a network that takes answers over HTTP. It knows a repeated key for
// as long as its window is open; without a window every call is a new answer.
type office struct {
	*httptest.Server
	now    func() time.Time
	window time.Duration

	mu    sync.Mutex
	next  []string // how the coming calls are treated; fine when it is empty
	taken map[string]int
	first map[string]time.Time
	calls int
}

func newOffice(t testing.TB, now func() time.Time, window time.Duration) *office {
	t.Helper()
	o := &office{now: now, window: window, taken: map[string]int{}, first: map[string]time.Time{}}
	o.Server = httptest.NewServer(o)
	t.Cleanup(o.Close)
	return o
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, how := r.Header.Get("Key"), o.treatment()
	switch how {
	case forbidden:
		w.WriteHeader(http.StatusForbidden)
		return
	case busy:
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case lostBefore:
		panic(http.ErrAbortHandler)
	}
	o.take(key)
	if how == lostAfter {
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, key)
}

func (o *office) treatment() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls++
	if len(o.next) == 0 {
		return fine
	}
	how := o.next[0]
	o.next = o.next[1:]
	return how
}

func (o *office) take(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if at, ok := o.first[key]; ok && o.now().Sub(at) < o.window {
		return
	}
	o.taken[key]++
	o.first[key] = o.now()
}

func (o *office) expect(how ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next = how
}

// posted is how often the answer stands in the network.
func (o *office) posted(key string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.taken[key]
}

// Send implements delivery.Sender as a plain client of the office. A broken
// connection says nothing of what became of the call.
func (o *office) Send(ctx context.Context, d delivery.Delivery) (delivery.Receipt, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.URL, bytes.NewReader([]byte(d.Text)))
	if err != nil {
		return delivery.Receipt{}, err
	}
	req.Header.Set("Key", d.ID)
	resp, err := o.Client().Do(req)
	if err != nil {
		return delivery.Receipt{}, &delivery.Failure{Outcome: delivery.Uncertain, Repeatable: o.window > 0 && o.now().Sub(d.FirstSendingAt) < o.window, Code: "broken", Message: "Связь прервалась.", Cause: err}
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
		return delivery.Receipt{Ref: social.Ref{Network: d.Network, Owner: "-1", ID: "r" + d.ID}, Permalink: "https://net.example/" + d.ID}, nil
	case http.StatusTooManyRequests:
		return delivery.Receipt{}, &delivery.Failure{Outcome: delivery.NotSent, RetryAfter: 30 * time.Second, Code: "429", Message: "Сеть просит подождать."}
	}
	return delivery.Receipt{}, &delivery.Failure{Outcome: delivery.Refused, Code: "403", Message: "Комментарии закрыты."}
}

// desk is a store with approved answers, and the clock of all of it.
type desk struct {
	t      testing.TB
	s      *store.Store
	source string
	runs   int
	cases  int
	clock  string // names the lease anew where a lease of a later clock would hold

	mu  sync.Mutex
	now time.Time
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	var err error
	d.s, err = store.Open(t.Context(), testdb.SQLite(t))
	d.must(err)
	t.Cleanup(func() { _ = d.s.Close() })
	d.must(d.s.Seed(t.Context(), store.Starter{
		Departments: []incidents.Department{{ID: "roads", Name: "Дороги"}},
		Topics:      []incidents.Topic{{ID: "pits", Name: "Ямы", DepartmentID: "roads", DueHours: 24}},
	}, d.now))
	d.source, err = d.s.EnsureSource(t.Context(), collectors.SourceStatus{Network: social.VK, Title: "Город"}, "-1", d.now)
	d.must(err)
	d.must(d.s.EnsureStream(t.Context(), collectors.Stream{Name: "live", SourceID: d.source}, d.now))
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// Now is the clock of the worker and of the office.
func (d *desk) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func (d *desk) lease(name string) lease.Lease {
	d.t.Helper()
	d.runs++
	d.advance(time.Second)
	l, err := d.s.Take(d.t.Context(), name, strconv.Itoa(d.runs), time.Millisecond, d.Now())
	d.must(err)
	return l
}

// approved makes one more case whose answer waits in the ledger.
func (d *desk) approved() delivery.Delivery {
	d.t.Helper()
	ctx := d.t.Context()
	d.cases++
	n := strconv.Itoa(d.cases)
	thread := social.Ref{Network: social.VK, Owner: "-1", ID: "1"}
	it := social.Item{
		Ref: social.Ref{Network: social.VK, Owner: "-1", ID: "r" + n}, Kind: social.Comment, Thread: thread,
		Author: social.Author{ID: n, Name: "Житель"}, Text: "яма", PublishedAt: d.Now(),
	}
	u := collectors.Update{Changes: []collectors.Change{{Op: collectors.Created, Item: it}}}
	_, err := d.s.Commit(ctx, d.lease("live"), collectors.Stream{Name: "live", SourceID: d.source}, collectors.Batch{Updates: []collectors.Update{u}, Next: collectors.Cursor(n)}, d.Now())
	d.must(err)
	items, err := d.s.Pending(ctx, 10)
	d.must(err)
	_, err = d.s.Conclude(ctx, d.lease("detect"), []detect.Conclusion{{
		Item: items[0], Hits: []detect.Hit{{RuleID: "r", TopicID: "pits"}},
		Topic: incidents.Topic{ID: "pits", DepartmentID: "roads", DueHours: 24},
	}}, d.Now())
	d.must(err)
	id, err := d.s.CaseByNumber(ctx, rights.System(), int64(d.cases))
	d.must(err)
	do := func(role rights.Role, cmd incidents.Command) incidents.Case {
		by := rights.Actor{ID: string(role), Name: string(role), Roles: []rights.Role{role}, DepartmentID: "roads"}
		c, err := incidents.NewDesk(d.s, d.Now).Do(ctx, by, id, 0, cmd)
		d.must(err)
		return c
	}
	do(rights.Moderator, incidents.Accept{})
	do(rights.Coordinator, incidents.Assign{DepartmentID: "roads"})
	c := do(rights.Executor, incidents.Submit{Text: "Засыплем завтра."})
	do(rights.Head, incidents.Approve{Hash: c.Answer.Hash()})
	due, err := d.s.Due(ctx, social.VK, d.Now(), 100)
	d.must(err)
	return due[len(due)-1]
}

// outgoing is what the page of the case shows of the answer.
func (d *desk) outgoing(x delivery.Delivery) (incidents.Outgoing, incidents.Case) {
	d.t.Helper()
	v, err := d.s.View(d.t.Context(), x.SubjectID, rights.Actor{ID: "p", Roles: rights.Roles()}, d.Now())
	d.must(err)
	return v.Delivery, v.Case
}

var errCrash = errors.New("the process has crashed")

// watched is a book that tells when nothing is due, or the only page was asked
// to rest, and may end the process at one of its writes.
type watched struct {
	*store.Store
	rests atomic.Bool
	idle  chan struct{}
	crash map[string]bool // "after begin", "before finish", "after finish"
}

// Due implements delivery.Book.
func (b *watched) Due(ctx context.Context, n social.Network, now time.Time, limit int) ([]delivery.Delivery, error) {
	list, err := b.Store.Due(ctx, n, now, limit)
	if err == nil && (len(list) == 0 || b.rests.Load()) {
		select {
		case b.idle <- struct{}{}:
		case <-ctx.Done():
		}
	}
	return list, err
}

// Begin implements delivery.Book.
func (b *watched) Begin(ctx context.Context, l lease.Lease, id string, now time.Time) (delivery.Delivery, bool, error) {
	d, ok, err := b.Store.Begin(ctx, l, id, now)
	if b.crash["after begin"] {
		err = errors.Join(err, errCrash)
	}
	return d, ok, err
}

// Finish implements delivery.Book.
func (b *watched) Finish(ctx context.Context, l lease.Lease, d delivery.Delivery, v delivery.Verdict, now time.Time) error {
	if b.crash["before finish"] {
		return errCrash
	}
	b.rests.Store(v.Code == "429")
	err := b.Store.Finish(ctx, l, d, v, now)
	if b.crash["after finish"] {
		err = errors.Join(err, errCrash)
	}
	return err
}

// run lets a worker work until nothing is due or it crashes.
func (d *desk) run(o *office, crash ...string) {
	d.t.Helper()
	b := &watched{Store: d.s, idle: make(chan struct{}), crash: map[string]bool{}}
	for _, c := range crash {
		b.crash[c] = true
	}
	w := &delivery.Worker{
		Network: social.VK, Book: b, Senders: speakers{d.source: o}, Now: d.Now,
		Log: slog.New(slog.DiscardHandler), Tick: time.Hour, Window: o.window,
	}
	ctx, cancel := context.WithCancel(d.t.Context())
	defer cancel()
	ended := make(chan error, 1)
	l := d.lease("deliver" + d.clock)
	go func() { ended <- w.Run(ctx, l) }()
	select {
	case <-b.idle:
		cancel()
		<-ended
	case err := <-ended:
		if !errors.Is(err, errCrash) {
			d.t.Fatalf("the worker ended by itself: %v", err)
		}
	}
}
