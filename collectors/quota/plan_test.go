package quota

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// memory is a ledger that holds one world's counters.
type memory struct {
	uses    map[Key][]Use
	refused map[Key]time.Time
	hours   map[string][]Hour
}

func newMemory() *memory {
	return &memory{uses: map[Key][]Use{}, refused: map[Key]time.Time{}, hours: map[string][]Hour{}}
}

func (m *memory) Account(_ context.Context, k Key, _ time.Time) (Account, error) {
	return Account{Uses: slices.Clone(m.uses[k]), Refused: m.refused[k]}, nil
}

func (m *memory) Spend(_ context.Context, k Key, stream string, _ Limit, most int, now time.Time) (bool, error) {
	if Counted(m.uses[k], now) >= most {
		return false, nil
	}
	slot := now.Truncate(Slot)
	for i, u := range m.uses[k] {
		if u.Stream == stream && u.Slot.Equal(slot) {
			m.uses[k][i].Calls++
			return true, nil
		}
	}
	m.uses[k] = append(m.uses[k], Use{Stream: stream, Slot: slot, Calls: 1})
	return true, nil
}

func (m *memory) Refuse(_ context.Context, k Key, _ Limit, now time.Time) error {
	m.refused[k] = now
	return nil
}

func (m *memory) Activity(_ context.Context, stream string, since time.Time) ([]Hour, error) {
	var out []Hour
	for _, h := range m.hours[stream] {
		if !h.Start.Before(since) {
			out = append(out, h)
		}
	}
	return out, nil
}

const method = "wall.get"

// reader is a stream of the played world.
type reader struct {
	share *Share
	name  string
	last  time.Time
	calls int
	next  time.Time
	made  []time.Time
}

// world plays streams that share one key.
type world struct {
	ledger  *memory
	now     time.Time
	readers []*reader
	refused int
}

func (w *world) restart(l Limit) {
	book := NewBook(w.ledger, func() time.Time { return w.now })
	for _, r := range w.readers {
		r.share = book.Share(ShareOptions{Print: "k", Stream: r.name, Limits: map[string]Limit{method: l}})
	}
}

// play lets time pass; cost is what a pass of a stream costs.
func (w *world) play(t require, until time.Time, cost func(*reader) int) {
	ctx := context.Background()
	for {
		r := slices.MinFunc(w.readers, func(a, b *reader) int { return a.next.Compare(b.next) })
		if r.next.After(until) {
			return
		}
		w.now = r.next
		d, err := r.share.Wait(ctx, method, r.last, r.calls)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if d > 0 && !r.last.IsZero() {
			r.next = w.now.Add(d)
			continue
		}
		r.last, r.calls, r.next = w.now, 0, w.now.Add(20*time.Second)
		for range cost(r) {
			if err := r.share.Spend(ctx, method); err != nil {
				w.refused++
				break
			}
			r.calls++
			r.made = append(r.made, w.now)
		}
	}
}

type require interface {
	Fatalf(format string, args ...any)
}

// most is the largest number of calls in any span of a day.
func (w *world) most() int {
	var all []time.Time
	for _, r := range w.readers {
		all = append(all, r.made...)
	}
	slices.SortFunc(all, time.Time.Compare)
	most, first := 0, 0
	for i, at := range all {
		for at.Sub(all[first]) >= Day {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// longest is the longest rest of a stream, from when it began to when the play ended.
func (r *reader) longest(begun, ended time.Time) time.Duration {
	longest, last := time.Duration(0), begun
	for _, at := range append(slices.Clone(r.made), ended) {
		longest, last = max(longest, at.Sub(last)), at
	}
	return longest
}

func start() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

// past invents what was published in four weeks: for each hour of the week so
// many items, as a draw says.
func past(now time.Time, items func(hourOfWeek int) int) []Hour {
	var out []Hour
	for t := now.Add(-Learning); t.Before(now); t = t.Add(time.Hour) {
		if n := items(hourOfWeek(t)); n > 0 {
			out = append(out, Hour{Start: t, Items: n})
		}
	}
	return out
}

func TestNoPlanExceedsItsQuotaNorStarvesAnybody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "streams")
		l := Grant(rapid.IntRange(50*n, 600).Draw(t, "quota"))
		w := &world{ledger: newMemory(), now: start()}
		for i := range n {
			name := fmt.Sprint("s", i)
			scale := rapid.SampledFrom([]int{0, 1, 10, 1000}).Draw(t, "scale")
			peak := rapid.IntRange(0, week-1).Draw(t, "peak")
			w.ledger.hours[name] = past(w.now, func(h int) int {
				if d := (h - peak + week) % week; d < 30 {
					return scale
				}
				return 0
			})
			w.readers = append(w.readers, &reader{name: name, next: w.now})
		}
		deep := rapid.IntRange(1, 4).Draw(t, "pages")
		greedy := rapid.IntRange(0, n-1).Draw(t, "greedy")
		cost := func(r *reader) int {
			if r == w.readers[greedy] {
				return deep
			}
			return 1
		}
		w.restart(l)
		w.play(t, start().Add(Day), cost)
		// A restart forgets nothing.
		w.restart(l)
		w.play(t, start().Add(2*Day), cost)
		if most := w.most(); most > l.Calls-l.Clicks {
			t.Fatalf("%d calls in a day, %d are granted", most, l.Calls-l.Clicks)
		}
		if w.refused > 0 {
			t.Fatalf("%d passes found the quota used up: the plan did not make it last", w.refused)
		}
		uniform := Day * time.Duration(n) / time.Duration(l.Planned())
		for _, r := range w.readers {
			price := time.Duration(cost(r))
			if rest := r.longest(start(), w.now); rest > 6*price*uniform+3*Slot {
				t.Fatalf("%s rested %v, without a plan it would rest %v", r.name, rest, price*uniform)
			}
		}
	})
}

func TestActivePagesAreAskedWhenTheyAreActive(t *testing.T) {
	t.Parallel()
	w := &world{ledger: newMemory(), now: start()}
	busy := func(h int) int {
		if hour := h % 24; hour >= 9 && hour < 18 {
			return 40
		}
		return 0
	}
	w.ledger.hours["busy"] = past(w.now, busy)
	w.ledger.hours["quiet"] = past(w.now, func(h int) int {
		if h == 50 {
			return 1
		}
		return 0
	})
	w.readers = []*reader{{name: "busy", next: w.now}, {name: "quiet", next: w.now}}
	l := Grant(500)
	w.restart(l)
	w.play(t, start().Add(2*Day), func(*reader) int { return 1 })
	day, night := 0, 0
	for _, at := range w.readers[0].made {
		if hour := at.Hour(); hour >= 9 && hour < 18 {
			day++
		} else {
			night++
		}
	}
	if quiet := len(w.readers[1].made); day/9 < 4*night/15 || day < 4*quiet || quiet < 60 {
		t.Errorf("the busy page was asked %d times in its hours and %d times outside, the quiet one %d times", day, night, quiet)
	}
	if most := w.most(); most < l.Planned()*9/10 || most > l.Planned()+2 {
		t.Errorf("%d calls in a day, %d were planned", most, l.Planned())
	}
}

func TestAForeignUserOfTheKeyStopsEverybodyForAnHour(t *testing.T) {
	t.Parallel()
	w := &world{ledger: newMemory(), now: start()}
	w.readers = []*reader{{name: "a"}, {name: "b"}}
	w.restart(Grant(500))
	ctx := t.Context()
	if err := w.readers[0].share.Refused(ctx, method); err != nil {
		t.Fatal(err)
	}
	b := w.readers[1].share
	d, err := b.Wait(ctx, method, w.now.Add(-Day), 1)
	if err != nil || d <= 0 {
		t.Fatal(d, err)
	}
	var spent *SpentError
	if err := b.Spend(ctx, method); !asSpent(err, &spent) || !spent.Until.Equal(w.now.Add(afterRefusal)) {
		t.Fatal(err)
	}
	w.now = w.now.Add(afterRefusal)
	if err := b.Spend(ctx, method); err != nil {
		t.Fatal(err)
	}
	if err := b.Spend(ctx, "users.get"); err != nil {
		t.Fatal("a method without a quota was rationed:", err)
	}
}

func asSpent(err error, to **SpentError) bool {
	e, ok := err.(*SpentError)
	*to = e
	return ok
}

func TestMendingAndPeopleHaveTheirReserve(t *testing.T) {
	t.Parallel()
	w := &world{ledger: newMemory(), now: start()}
	w.readers = []*reader{{name: "a"}}
	l := Grant(100)
	w.restart(l)
	ctx, a := t.Context(), w.readers[0].share
	spend := func(s *Share) (n int) {
		for s.Spend(ctx, method) == nil {
			n++
		}
		return n
	}
	if n := spend(a); n != 98 {
		t.Errorf("a stream that has to mend had %d calls of 100", n)
	}
	people := a.book.Share(ShareOptions{Print: "k", Limits: a.limits, People: true})
	if n := spend(people); n != 2 {
		t.Errorf("people had %d calls", n)
	}
	if d, err := a.Wait(ctx, method, w.now.Add(-Day), 1); err != nil || d <= 0 {
		t.Error("nothing is left and the plan goes on:", d, err)
	}
}

func TestLearn(t *testing.T) {
	t.Parallel()
	to := start()
	from := to.Add(-Learning)
	busy := past(to, func(h int) int {
		if h == 34 {
			return 12
		}
		return 0
	})
	p := Learn(busy, from, to)
	if p[34] < 2 || p[33] <= p[32] || p[35] <= p[36] || p[10] >= p[34]/2 || p[10] <= 0 {
		t.Errorf("Tuesday 10:00 is %.2f, beside it %.2f, Monday 10:00 is %.2f, the rest %.3f", p[34], p[33], p[10], p[100])
	}
	if none := Learn(nil, from, to); none != (Profile{}) {
		t.Error("nothing was published and something is expected")
	}
	if h := hourOfWeek(time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)); h != week-1 {
		t.Errorf("Sunday's last hour is %d", h)
	}
}

func TestStillCountedAgreesWithCounted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := start().Add(time.Duration(rapid.Int64Range(0, int64(Day)).Draw(t, "now")))
		var uses []Use
		for range rapid.IntRange(0, 20).Draw(t, "uses") {
			back := time.Duration(rapid.Int64Range(0, int64(2*Day)).Draw(t, "back"))
			uses = append(uses, Use{Slot: now.Add(-back).Truncate(Slot), Calls: rapid.IntRange(0, 5).Draw(t, "calls")})
		}
		for i, got := range stillCounted(uses, now) {
			if want := Counted(uses, now.Add(time.Duration(i)*Slot)); int(got) != want {
				t.Fatalf("in slot %d count %v, want %d", i, got, want)
			}
		}
	})
}

// TestAPassAfterThePlanWaitsFromItsOwnBeginning counts nothing for the time
// between the plan and the pass.
func TestAPassAfterThePlanWaitsFromItsOwnBeginning(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p := NewPlan(Grant(1000), nil, []Member{{Stream: "one"}}, now)
	rest := p.Wait("one", now, 1)
	for _, late := range []time.Duration{time.Second, rest / 2, Slot - time.Second, Slot + time.Minute} {
		if got := p.Wait("one", now.Add(late), 1) - late; got < rest-time.Second || got > rest+time.Second {
			t.Errorf("a pass %v after the plan rests %v, one at the plan's moment %v", late, got, rest)
		}
	}
}
