package measure

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"otklik/collectors"
	"otklik/internal/lease"
	"otklik/internal/network/vk"
	"otklik/internal/rights"
	"otklik/internal/sim/record"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
	"otklik/publisher"

	_ "modernc.org/sqlite"
)

// bench is a real base, a real client and a simulated network with its clock.
type bench struct {
	*vktest.Network
	t     *testing.T
	s     *store.Store
	raw   *sql.DB
	page  string
	gauge Gauge
	told  Told
	seq   int
}

type free struct{}

func (free) Wait(ctx context.Context) error { return ctx.Err() }

func (b *bench) Gauge(_ context.Context, id string) (Gauge, bool) { return b.gauge, id == b.page }

func (b *bench) Told(context.Context, time.Time) (Told, error) { return b.told, nil }

func newBench(t *testing.T, keys ...vk.KeyKind) *bench {
	t.Helper()
	b := &bench{Network: vktest.Start(t, simvk.Options{}), t: t}
	dsn := testdb.SQLite(t)
	var err error
	if b.s, err = store.Open(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.s.Close() })
	if b.raw, err = sql.Open("sqlite", dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.raw.Close() })
	b.page, err = b.s.EnsureSource(t.Context(), collectors.SourceStatus{Network: social.VK, Title: "Город", Kind: "vk.community"}, strconv.Itoa(vktest.GroupID), b.Now())
	b.Must(err)
	press := rights.Actor{ID: "press", Roles: []rights.Role{rights.PressOfficer}}
	b.Must(b.s.SavePage(t.Context(), press, publisher.Page{ID: b.page, Category: publisher.Active}, b.Now()))
	o := vk.PublisherOptions{GroupID: vktest.GroupID, Now: b.Now}
	for _, k := range keys {
		token := map[vk.KeyKind]string{vk.ServiceKey: vktest.ServiceToken, vk.UserKey: vktest.AdminToken}[k]
		c := vk.NewClient(vk.Config{Kind: k, Token: token, BaseURL: b.URL, Limiter: free{}, Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}})
		switch k {
		case vk.ServiceKey:
			o.Service = c
		case vk.UserKey:
			o.Admin = c
		}
	}
	p := vk.NewPublisher(o)
	b.gauge = Gauge{Posts: p, Page: p, Days: p, Reach: p, Polls: p}
	return b
}

func (b *bench) shift() *shift {
	return (&Worker{Posts: b.s, Pages: b.s, Polls: b.s, Gauges: b, Teller: b, Now: b.Now, Log: slog.New(slog.DiscardHandler)}).newShift()
}

// seen stores a post of the wall as the collectors would.
func (b *bench) seen(id int, at time.Time) social.Ref {
	b.t.Helper()
	ref := vk.PostRef(vktest.OwnerID, id)
	name := "live"
	st := collectors.Stream{Name: name, SourceID: b.page}
	b.Must(b.s.EnsureStream(b.t.Context(), st, b.Now()))
	l, err := b.s.Take(b.t.Context(), name, "me", time.Hour, b.Now())
	b.Must(err)
	b.seq++
	it := social.Item{Ref: ref, Kind: social.Post, Thread: ref, Author: social.Author{ID: ref.Owner, Own: true}, Text: "Пост", PublishedAt: at}
	batch := collectors.Batch{Updates: []collectors.Update{{Key: strconv.Itoa(b.seq), Raw: []byte("{}"), Changes: []collectors.Change{{Op: collectors.Created, Item: it}}}}, Next: collectors.Cursor(strconv.Itoa(b.seq))}
	_, err = b.s.Commit(b.t.Context(), l, st, batch, b.Now())
	b.Must(err)
	b.Must(b.s.Release(b.t.Context(), l, b.Now()))
	return ref
}

func (b *bench) history(ref social.Ref) []publisher.PostStats {
	b.t.Helper()
	list, err := b.s.NumbersOf(b.t.Context(), ref)
	b.Must(err)
	return list
}

func TestEvery(t *testing.T) {
	t.Parallel()
	const hour, day = time.Hour, 24 * time.Hour
	for age, want := range map[time.Duration]time.Duration{
		-hour: hour / 4, 0: hour / 4, 6*hour - 1: hour / 4, 6 * hour: hour, 2*day - 1: hour, 2 * day: day, 30*day - 1: day, 30 * day: 0, 999 * day: 0,
	} {
		if got := Every(age); got != want {
			t.Errorf("Every(%v) = %v, want %v", age, got, want)
		}
	}
	if everyPoll(0) != hour/4 || everyPoll(7*day) != hour || everyPoll(90*day) != hour {
		t.Error("polls")
	}
}

// A post is counted often while it is fresh and seldom later: 24 times in six
// hours, 42 times until the end of its second day, 28 times until the 30th.
func TestAMonthOfAPost(t *testing.T) {
	t.Parallel()
	b := newBench(t, vk.UserKey)
	ref := b.seen(b.Post, b.Now())
	s := b.shift()
	b.Must(b.SetViews(vktest.OwnerID, b.Post, 120))
	calls := map[time.Duration]int{}
	start := b.Now()
	const month = 31 * 24 * time.Hour
	for b.Now().Sub(start) < month {
		s.look(t.Context())
		for _, day := range []time.Duration{6 * time.Hour, 48 * time.Hour, 31 * 24 * time.Hour} {
			if b.Now().Sub(start) < day {
				calls[day] = b.Calls("wall.getById")
			}
		}
		// Looks between those at which something can be due find nothing.
		if b.Now().Sub(start) < 48*time.Hour {
			b.Advance(15 * time.Minute)
		} else {
			b.Advance(6 * time.Hour)
		}
	}
	if c := calls; c[6*time.Hour] != 24 || c[48*time.Hour] != 24+42 || c[31*24*time.Hour] < 24+42+27 || c[31*24*time.Hour] > 24+42+29 {
		t.Errorf("%v", calls)
	}
	list := b.history(ref)
	if len(list) != calls[31*24*time.Hour] || list[0].Reactions.Views != 120 {
		t.Errorf("%d rows for %d calls: %+v", len(list), calls[31*24*time.Hour], list[0])
	}
	// A page is counted every six hours, its days with it.
	if n := b.Calls("stats.get"); n < 31*4-4 || n > 31*4+2 {
		t.Errorf("%d times the page's days", n)
	}
	days, err := b.s.Days(t.Context(), start.Add(-9*24*time.Hour), b.Now())
	b.Must(err)
	if len(days[b.page]) < 31 {
		t.Errorf("%d days", len(days[b.page]))
	}
}

// Hundred posts of a page are asked about in one call, and a deleted one is not
// asked about every minute.
func TestPostsAreCountedTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t, vk.ServiceKey)
	for range 99 {
		b.seen(b.MustPost(simvk.NewPost{Text: "Ещё"}), b.Now())
	}
	gone := b.seen(99_999, b.Now())
	s := b.shift()
	for range 10 {
		s.look(t.Context())
		b.Advance(time.Minute)
	}
	if n := b.Calls("wall.getById"); n != 1 {
		t.Errorf("%d calls", n)
	}
	if list := b.history(gone); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

// Reach is told to the key of an administrator alone; a refusal costs no counts.
func TestReachIsKeptWhereTheKeyAllowsIt(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		keys []vk.KeyKind
		told bool
	}{
		"an administrator's key": {[]vk.KeyKind{vk.ServiceKey, vk.UserKey}, true},
		"a service key":          {[]vk.KeyKind{vk.ServiceKey}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, x.keys...)
			ref := b.seen(b.MustPost(simvk.NewPost{Text: "Пост", Views: 100}), b.Now())
			s := b.shift()
			for range 20 {
				s.look(t.Context())
				b.Advance(time.Minute)
			}
			f, err := b.s.Figure(t.Context(), ref)
			b.Must(err)
			want := social.Untold
			if x.told {
				want = f.Reactions.Views * 4 / 5
			}
			if f.Reach != want || f.Reactions.Views <= 0 || x.told != (b.Calls("stats.getPostReach") == 2) {
				t.Errorf("%+v after %d calls", f, b.Calls("stats.getPostReach"))
			}
		})
	}
}

func TestAPageThatCannotBeCountedRests(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.seen(b.Post, b.Now())
	s := b.shift()
	for range 30 {
		s.look(t.Context())
		b.Advance(time.Minute)
	}
	m, err := b.s.Measured(t.Context())
	b.Must(err)
	if why := m[b.page].Trouble; why == "" || !m[b.page].At.IsZero() {
		t.Errorf("%+v", m)
	}
	b.gauge = Gauge{Lack: "Ключи не показывают статистику."}
	s.look(t.Context())
	if m, _ = b.s.Measured(t.Context()); m[b.page].Trouble != "Ключи не показывают статистику." {
		t.Errorf("%+v", m)
	}
}

func TestAStormIsCountedThrough(t *testing.T) {
	t.Parallel()
	b := newBench(t, vk.UserKey)
	ref := b.seen(b.Post, b.Now())
	b.Faults().Add(record.Fault{Method: "wall.getById", Kind: "status", Code: 500, Count: 2})
	s := b.shift()
	for range 60 {
		s.look(t.Context())
		b.Advance(time.Minute)
	}
	if n := len(b.history(ref)); n < 2 {
		t.Errorf("counted %d times after the network recovered", n)
	}
	m, err := b.s.Measured(t.Context())
	b.Must(err)
	if m[b.page].Trouble != "" || m[b.page].At.IsZero() {
		t.Errorf("%+v", m)
	}
}

func (b *bench) poll(closes time.Time) (publisher.Poll, simvk.Poll) {
	b.t.Helper()
	made, err := b.AddPoll(simvk.Poll{OwnerID: vktest.OwnerID, Question: "Где каток?", Answers: []simvk.PollAnswer{{Text: "Парк"}, {Text: "Стадион"}}})
	b.Must(err)
	p, err := b.s.AddPoll(b.t.Context(), publisher.Poll{
		PostID: "post", Form: publisher.PollForm{Question: "Где каток?", Options: []string{"Парк", "Стадион"}}, State: publisher.PollOpen, OpenedAt: b.Now(), ClosesAt: closes,
		Places: []publisher.Place{{PageID: b.page, Network: social.VK, Ref: vk.PostRef(vktest.OwnerID, b.Post), RemoteID: fmt.Sprintf("poll%d_%d", vktest.OwnerID, made.ID)}},
	}, b.Now())
	b.Must(err)
	return p, made
}

// Whoever takes over at the moment of closing finds the poll due, or closing;
// the ledger holds one closing, however often it is asked for.
func TestAPollIsClosedOnceByTheClock(t *testing.T) {
	t.Parallel()
	b := newBench(t, vk.UserKey)
	p, made := b.poll(b.Now().Add(time.Hour))
	s := b.shift()
	s.look(t.Context())
	b.Must(b.Vote(vktest.OwnerID, made.ID, vktest.Anna, []int{made.Answers[1].ID}))
	b.Advance(20 * time.Minute)
	s.look(t.Context())
	snapshots, err := b.s.Snapshots(t.Context(), p.ID)
	b.Must(err)
	if len(snapshots) != 2 || snapshots[1].Voters != 1 || snapshots[1].Votes[1] != 1 {
		t.Errorf("%+v", snapshots)
	}
	closings := func() (n int) {
		b.Must(b.raw.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM deliveries WHERE kind = 'poll_close'").Scan(&n))
		return n
	}
	if n := closings(); n != 0 {
		t.Fatalf("closed early: %d", n)
	}
	b.Advance(41 * time.Minute)
	for range 3 { // three lives of the program, at the same moment
		b.shift().look(t.Context())
	}
	got, err := b.s.Poll(t.Context(), p.ID)
	b.Must(err)
	if n := closings(); n != 1 || got.State != publisher.PollClosing {
		t.Errorf("%d closings, %s", n, got.State)
	}
}

func TestWhatNetworksTellByThemselvesIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p, _ := b.poll(time.Time{})
	ref := vk.PostRef(vktest.OwnerID, b.Post)
	at := b.Now().Truncate(time.Microsecond)
	result := social.PollResult{Poll: p.Places[0].RemoteID, Voters: 3, Answers: []social.PollAnswer{{Text: "Стадион", Votes: 2}, {Text: "Парк", Votes: 1}}}
	b.told = Told{
		Posts: []publisher.PostStats{{PageID: b.page, Ref: ref, At: at, Reactions: publisher.Reactions{Likes: 4, Views: social.Untold}}},
		Polls: []ToldPoll{{PageID: b.page, At: at, Result: result}, {PageID: b.page, At: at, Result: social.PollResult{Poll: "other", Answers: result.Answers}}},
	}
	s := b.shift()
	for range 3 { // the same is told again and again
		s.look(t.Context())
	}
	snapshots, err := b.s.Snapshots(t.Context(), p.ID)
	b.Must(err)
	if len(snapshots) != 1 || snapshots[0].Votes[0] != 1 || snapshots[0].Votes[1] != 2 {
		t.Errorf("%+v", snapshots)
	}
	if list := b.history(ref); len(list) != 1 || list[0].Reactions.Likes != 4 || list[0].Reactions.Views != social.Untold {
		t.Errorf("%+v", list)
	}
}

// nobody is a program none of whose pages is at work here.
type nobody struct{}

func (nobody) Gauge(context.Context, string) (Gauge, bool)   { return Gauge{}, false }
func (nobody) Told(context.Context, time.Time) (Told, error) { return Told{}, nil }

func TestTheWorkerLooksEveryMinuteAndEnds(t *testing.T) {
	t.Parallel()
	dsn := testdb.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		start, looks := time.Now(), 0
		ctx, cancel := context.WithCancel(t.Context())
		w := &Worker{Posts: s, Pages: s, Polls: s, Gauges: nobody{}, Teller: nobody{}, Log: slog.New(slog.DiscardHandler), Now: func() time.Time {
			if looks++; looks == 10 {
				cancel()
			}
			return time.Now()
		}}
		if err := w.Run(ctx, lease.Lease{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if took := time.Since(start); looks != 10 || took != 9*time.Minute {
			t.Errorf("%d looks in %v", looks, took)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
