package vk_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/quota"
	"otklik/collectors/vk"
	"otklik/internal/lease"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

// day is a day of virtual time in which ten walls are searched with one key,
// for whose method VK grants a thousand calls.
type day struct {
	t     *testing.T
	n     *vktest.Network
	s     *store.Store
	now   time.Time
	walls []*watched
	posts []*plannedPost // that are still to come, the earliest first
	seen  map[social.Ref]*plannedPost

	planned bool
}

type watched struct {
	owner  int
	rate   float64 // posts an hour, on the average of a day
	source collectors.Source
	stream collectors.Stream
	lease  lease.Lease
	cursor collectors.Cursor
	next   time.Time
}

type plannedPost struct {
	wall *watched
	at   time.Time
	late time.Duration // when it was first listed, negative for never
}

// curve is how active people are at an hour, one on the average.
func curve(t time.Time) float64 {
	return 1 + 0.9*math.Sin(float64(t.Hour()-9)*math.Pi/12)
}

func newDay(t *testing.T, planned bool) *day {
	t.Helper()
	d := &day{t: t, planned: planned, now: time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), seen: map[social.Ref]*plannedPost{}}
	d.n = vktest.Start(t, simvk.Options{Limits: true, Now: func() time.Time { return d.now }})
	var err error
	if d.s, err = store.Open(t.Context(), testdb.SQLite(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.s.Close() })
	dice := rand.New(rand.NewPCG(7, 7))
	for i, rate := range []float64{0, 0, 0.1, 0.2, 0.5, 1, 2, 4, 6, 8} {
		d.add(1000+i, rate, dice)
	}
	slices.SortFunc(d.posts, func(a, b *plannedPost) int { return a.at.Compare(b.at) })
	return d
}

// add makes a wall with a week that is stored already, and plans its day.
func (d *day) add(group int, rate float64, dice *rand.Rand) {
	d.t.Helper()
	w := &watched{owner: -group, rate: rate, next: d.now}
	d.n.AddCommunity(simvk.Community{ID: group, Name: "Стена", ScreenName: "wall" + strconv.Itoa(group)})
	id, err := d.s.EnsureSource(d.t.Context(), collectors.SourceStatus{Network: social.VK, Title: "Стена", Public: true}, strconv.Itoa(group), d.now)
	if err != nil {
		d.t.Fatal(err)
	}
	w.stream = collectors.Stream{Name: strconv.Itoa(group), SourceID: id}
	if err := d.s.EnsureStream(d.t.Context(), w.stream, d.now); err != nil {
		d.t.Fatal(err)
	}
	if w.lease, err = d.s.Take(d.t.Context(), w.stream.Name, "day", 48*time.Hour, d.now); err != nil {
		d.t.Fatal(err)
	}
	past := collectors.Batch{Next: ""}
	for at := d.now.Add(-7 * 24 * time.Hour); at.Before(d.now.Add(24 * time.Hour)); at = at.Add(time.Minute) {
		if dice.Float64() >= rate*curve(at)/60 {
			continue
		}
		if at.Before(d.now) && !d.planned {
			continue
		}
		if at.Before(d.now) {
			ref := social.Ref{Network: social.VK, Owner: strconv.Itoa(w.owner), ID: "p" + strconv.FormatInt(at.Unix(), 10)}
			past.Updates = append(past.Updates, collectors.Update{Changes: []collectors.Change{{Op: collectors.Created, Item: social.Item{
				Ref: ref, Kind: social.Post, Thread: ref, Text: "Прошлое", PublishedAt: at,
			}}}})
			continue
		}
		d.posts = append(d.posts, &plannedPost{wall: w, at: at, late: -1})
	}
	if _, err := d.s.Commit(d.t.Context(), w.lease, w.stream, past, d.now); err != nil {
		d.t.Fatal(err)
	}
	d.walls = append(d.walls, w)
}

// play lets the day pass, with passes by a plan or at an even pace.
func (d *day) play(every time.Duration) {
	d.t.Helper()
	book := quota.NewBook(d.s, func() time.Time { return d.now })
	for i, w := range d.walls {
		o := vk.SearchOptions{
			Client: service(d.n), Query: "новость", Wall: w.owner, Names: vk.NewNames(service(d.n), func() time.Time { return d.now }),
			Every: every, Depth: time.Hour, Now: func() time.Time { return d.now },
		}
		if d.planned {
			share := book.Share(quota.ShareOptions{Print: "key", Stream: w.stream.Name, Limits: vk.DayLimits()})
			o.Client, o.Pace = vk.Rationed(o.Client, share, o.Now), share
		}
		w.source, w.next = vk.NewSearch(o), d.now.Add(time.Duration(i)*every/time.Duration(len(d.walls)))
	}
	for end := d.now.Add(24 * time.Hour); ; {
		w := slices.MinFunc(d.walls, func(a, b *watched) int { return a.next.Compare(b.next) })
		if w.next.After(end) {
			return
		}
		d.now = later(d.now.Add(250*time.Millisecond), w.next)
		d.publish()
		d.step(w)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// publish puts up what is due.
func (d *day) publish() {
	for len(d.posts) > 0 && !d.posts[0].at.After(d.now) {
		p := d.posts[0]
		d.posts = d.posts[1:]
		id := d.n.MustPost(simvk.NewPost{OwnerID: p.wall.owner, Text: "Новость", Date: p.at})
		d.seen[social.Ref{Network: social.VK, Owner: strconv.Itoa(p.wall.owner), ID: strconv.Itoa(id)}] = p
	}
}

func (d *day) step(w *watched) {
	d.t.Helper()
	b, err := w.source.Fetch(d.t.Context(), w.cursor)
	if err != nil {
		d.t.Fatalf("at %s: %v", d.now.Format(time.TimeOnly), err)
	}
	for _, c := range changesOf(b) {
		if p := d.seen[c.Item.Ref]; p != nil && p.late < 0 {
			p.late = d.now.Sub(p.at)
		}
	}
	if d.planned { // at an even pace nobody asks what is stored
		if _, err := d.s.Commit(d.t.Context(), w.lease, w.stream, b, d.now); err != nil {
			d.t.Fatal(err)
		}
	}
	w.cursor, w.next = b.Next, d.now.Add(b.Pause)
}

// lateness is how late posts were seen, on the average, of all and of the walls
// with at least that many posts an hour.
func (d *day) lateness(rate float64) time.Duration {
	var sum time.Duration
	n := 0
	for _, p := range d.seen {
		if p.late >= 0 && p.wall.rate >= rate {
			sum, n = sum+p.late, n+1
		}
	}
	return sum / time.Duration(max(n, 1))
}

func (d *day) worst() (worst time.Duration) {
	for _, p := range d.seen {
		worst = max(worst, p.late)
	}
	return worst
}

// TestADayOnOneKey holds the plan of a day's quota against the network that
// counts it: no call is refused, and posts are seen sooner than at an even pace
// with as many calls. The figures stand in docs/quality.md.
func TestADayOnOneKey(t *testing.T) {
	t.Parallel()
	byPlan, even := newDay(t, true), newDay(t, false)
	byPlan.play(time.Minute)
	calls := byPlan.n.Calls("wall.search")
	even.play(24 * time.Hour * time.Duration(len(even.walls)) / time.Duration(calls))
	for name, d := range map[string]*day{"by plan": byPlan, "evenly": even} {
		t.Logf("%s: %d calls, posts %d, late on the average %s, on walls with 4 and more an hour %s, at worst %s",
			name, d.n.Calls("wall.search"), len(d.seen), d.lateness(0).Round(time.Second), d.lateness(4).Round(time.Second), d.worst().Round(time.Second))
	}
	if calls > 980 || calls < 750 {
		t.Errorf("%d calls of a thousand were made", calls)
	}
	if p, e := byPlan.lateness(0), even.lateness(0); float64(p) > 0.8*float64(e) {
		t.Errorf("by plan posts are seen %s late, evenly %s", p, e)
	}
	if worst := byPlan.worst(); worst > 3*time.Hour {
		t.Errorf("a post was seen after %s", worst)
	}
}
