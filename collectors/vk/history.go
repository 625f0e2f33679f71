package vk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"otklik/collectors"
	netvk "otklik/internal/network/vk"
	"otklik/internal/social"
)

// HistoryOptions of a History stream. Client, GroupID, Names and Now are
// required; the client holds a service key or an administrator's, as the
// network does not let a community's own key list its wall.
type HistoryOptions struct {
	Client  *netvk.Client
	GroupID int
	Names   *Names
	Links   netvk.Links
	// Depth is how far back the first reading goes; zero means 48 hours.
	Depth time.Duration
	// Recent is the age up to which posts are listed again with all comments;
	// zero means 48 hours.
	Recent time.Duration
	// Every is how long to wait between two passes; zero means 5 minutes.
	Every time.Duration
	// MaxPosts bounds how many posts one pass reads; zero means 1000.
	MaxPosts int
	// Memory lets the stream notice what has vanished; nil means that
	// vanished items are not noticed.
	Memory Memory
	// Wishes are what people ask of this history; nil means that nobody asks.
	Wishes Wishes
	// Pace says when the day's quota of calls allows the next pass; nil means
	// that passes follow as Every says.
	Pace Pace
	Now  func() time.Time
}

// Pace makes the day's quota of calls last the day.
type Pace interface {
	// Wait is how long to rest until the next pass with that method. The last
	// pass began at last and made that many calls.
	Wait(ctx context.Context, method string, last time.Time, calls int) (time.Duration, error)
}

// Memory tells what is stored and believed to stand in the network. It is
// asked before a listing begins; what the listing then lacks is reported deleted.
type Memory interface {
	// Posts returns the posts of the wall published at since or later.
	Posts(ctx context.Context, owner string, since time.Time) ([]Standing, error)
	// Comments returns the comments under the post.
	Comments(ctx context.Context, thread social.Ref) ([]Standing, error)
	// Missed returns the earliest beginning of the gaps that the live stream
	// reported, that no pass has filled yet and that end after since; zero if
	// there are none. One that ended before has had its pass: if that could not
	// reach its beginning, another one cannot either.
	Missed(ctx context.Context, since time.Time) (time.Time, error)
}

// Standing is the type that the store answers with.
type Standing = collectors.Standing

// History lists a community's wall in passes. Each pass reads the newest
// posts, all comments of those that are recent, and of older ones those whose
// number of comments has changed since the last pass. One Fetch makes one call.
//
// A pass makes a span complete as far as the wall was read: a comment under a
// post older than the newest three hundred is not found by it, nor an edit under
// one older than Recent. A pass that could not read all of that claims nothing,
// and another one follows.
type History struct {
	opt    HistoryOptions
	mapper mapper
	watch  *watch     // of the comments of one post
	posts  *wallWatch // nil while nothing is concluded from what a wall lacks
	// owner is the wall's. A wall that is not the agency's own is alone: no live
	// stream tells of it, so the passes say up to when it is complete, and they
	// are cheap: they count the comments of fewer posts, and look for changed
	// ones only every sweep.
	owner   int
	alone   bool
	counted int
	sweep   time.Duration
}

var _ collectors.Source = (*History)(nil)

// The network's page sizes, and how pages overlap so that what is deleted
// between two calls tears no hole.
const (
	wallPage       = 100
	wallOverlap    = 5 // posts
	countedPosts   = 300
	commentPage    = 100
	threadPreview  = 10
	commentOverlap = 5 // comments
	maxSteps       = 20
	freshStanding  = 2 * time.Minute
	defaultSpan    = 48 * time.Hour
	defaultEvery   = 5 * time.Minute
	defaultMaximum = 1000
)

// historyCursor is where the stream stands. Times are Unix microseconds.
type historyCursor struct {
	Pass *pass `json:"pass,omitempty"`
	// Due is when the next pass begins, Last when the last finished one began.
	Due  int64 `json:"due,omitempty"`
	Last int64 `json:"last,omitempty"`
	// Counts are the comments that the newest posts had at the last pass.
	Counts map[int]int `json:"counts,omitempty"`
	// Left are the posts whose comments the last pass could not read.
	Left []int `json:"left,omitempty"`
	// Rest is before when no pass begins, even where one is needed.
	Rest int64 `json:"rest,omitempty"`
	// Heeded is the number of the last wish that was followed, and Floor before
	// when no pass looks by itself, because a person stopped the reading there.
	Heeded int64 `json:"heeded,omitempty"`
	Floor  int64 `json:"floor,omitempty"`
	// Goal is how far back a person asked to read, until a pass has done it.
	Goal int64 `json:"goal,omitempty"`
	// Began is when the last pass began, Calls how many calls of wall.get it
	// made, Swept when the last one began that listed all recent comments.
	Began int64 `json:"began,omitempty"`
	Calls int   `json:"calls,omitempty"`
	Swept int64 `json:"swept,omitempty"`
}

// pass is an unfinished walk over the wall.
type pass struct {
	Start int64 `json:"start"`
	From  int64 `json:"from"`
	First bool  `json:"first,omitempty"`
	// Light says that only posts are read whose comments have changed in number.
	Light bool `json:"light,omitempty"`
	Calls int  `json:"calls,omitempty"`
	// Asked says that a person wished for the pass, Stopped that one ended it,
	// and Goal is how far back it was to go.
	Asked   bool  `json:"asked,omitempty"`
	Stopped bool  `json:"stopped,omitempty"`
	Goal    int64 `json:"goal,omitempty"`
	// Read is how many posts were read, More that the wall goes on within the span.
	Read int  `json:"read"`
	More bool `json:"more"`
	// Empty says that the wall was answered once as if nothing stood on it.
	Empty bool `json:"empty,omitempty"`
	// Oldest is the time of the oldest post read.
	Oldest int64 `json:"oldest,omitempty"`
	// Queue are the posts whose comments are still to be read, the current one first.
	Queue []queued `json:"queue,omitempty"`
	Done  int      `json:"done"`
	Place place    `json:"place"`
	// Counts become the cursor's when the pass is finished.
	Counts map[int]int `json:"counts,omitempty"`
	// Left are posts whose comments could not be read, and Unsure says that
	// something else may have been missed: the pass makes nothing complete then.
	Left   []int `json:"left,omitempty"`
	Unsure bool  `json:"unsure,omitempty"`
}

// queued is a post whose comments are to be read, with the time of the post.
type queued struct {
	ID int   `json:"id"`
	At int64 `json:"at"`
}

// complete says that the pass has read all there is to read. A post that could
// not be read twice in a row is one that the network does not show.
func (p *pass) complete(before []int) bool {
	return !p.Unsure && !slices.ContainsFunc(p.Left, func(id int) bool { return !slices.Contains(before, id) })
}

// NewHistory returns a stream; it makes no call.
func NewHistory(o HistoryOptions) *History {
	for _, d := range []*time.Duration{&o.Depth, &o.Recent} {
		if *d == 0 {
			*d = defaultSpan
		}
	}
	if o.Every == 0 {
		o.Every = defaultEvery
	}
	if o.MaxPosts == 0 {
		o.MaxPosts = defaultMaximum
	}
	own := func(id int) bool { return id == -o.GroupID }
	return &History{opt: o, mapper: mapper{own, o.Links}, owner: -o.GroupID, counted: countedPosts}
}

// Fetch implements collectors.Source.
func (h *History) Fetch(ctx context.Context, cursor collectors.Cursor) (collectors.Batch, error) {
	var c historyCursor
	if cursor != "" && json.Unmarshal([]byte(cursor), &c) != nil {
		// Listing again costs calls and loses nothing.
		c = historyCursor{}
	}
	now := h.opt.Now()
	if b, done, err := h.heed(ctx, now, &c); done || err != nil {
		return b, err
	}
	if c.Pass == nil {
		missed, err := h.missedFrom(ctx, c)
		if err != nil {
			return collectors.Batch{}, err
		}
		if missed.IsZero() && c.Due != 0 {
			if b, resting, err := h.rest(ctx, cursor, &c, now); resting || err != nil {
				return b, err
			}
		}
		c.Pass = h.begin(now, c, missed)
	}
	var b collectors.Batch
	var err error
	if len(c.Pass.Queue) == 0 {
		err = h.readWall(ctx, &c, &b)
	} else {
		err = h.readComments(ctx, c.Pass, &b)
	}
	if err != nil {
		if ctx.Err() != nil {
			return collectors.Batch{}, ctx.Err()
		}
		return collectors.Batch{}, err
	}
	for i := range b.Updates {
		for j := range b.Updates[i].Changes {
			b.Updates[i].Changes[j].AskedAt = now
		}
	}
	h.conclude(&c, &b)
	b.Next = writeCursor(c)
	return b, nil
}

// rest says whether the stream still rests, and for how long: until its time,
// and then for as long as the plan of the quota wants.
func (h *History) rest(ctx context.Context, cursor collectors.Cursor, c *historyCursor, now time.Time) (collectors.Batch, bool, error) {
	if wait := time.UnixMicro(c.Due).Sub(now); wait > 0 {
		return collectors.Batch{Next: cursor, Pause: min(wait, h.nap())}, true, nil
	}
	if h.opt.Pace == nil || c.Began == 0 {
		return collectors.Batch{}, false, nil
	}
	wait, err := h.opt.Pace.Wait(ctx, wallMethod, time.UnixMicro(c.Began), c.Calls)
	if err != nil || wait <= 0 {
		return collectors.Batch{}, false, err
	}
	c.Due = now.Add(wait).UnixMicro()
	return collectors.Batch{Next: writeCursor(*c), Due: h.due(*c), Pause: min(wait, h.nap())}, true, nil
}

// gapLook is how often a resting stream looks whether it is needed sooner, and
// restAfterTorn how long it rests after a pass that could not be sure.
const (
	gapLook       = 2 * time.Second
	restAfterTorn = 10 * time.Second
)

func (h *History) nap() time.Duration {
	if h.opt.Wishes == nil && (h.opt.Memory == nil || h.alone) {
		return h.opt.Every
	}
	return min(gapLook, h.opt.Every)
}

// missedFrom is since when a pass is needed sooner than usual, zero if it is not.
func (h *History) missedFrom(ctx context.Context, c historyCursor) (time.Time, error) {
	if h.opt.Memory == nil || h.opt.Now().UnixMicro() < c.Rest {
		return time.Time{}, nil
	}
	return h.opt.Memory.Missed(ctx, time.UnixMicro(c.Last))
}

// begin plans a pass. It reaches back to the last one, and to the beginning of
// what was missed, even when that is longer ago than usual.
func (h *History) begin(now time.Time, c historyCursor, missed time.Time) *pass {
	from := now.Add(-h.opt.Recent).UnixMicro()
	first := c.Last == 0 && c.Floor == 0
	switch {
	case first:
		from = now.Add(-h.opt.Depth).UnixMicro()
	case c.Last != 0:
		from = min(from, c.Last)
	}
	from = max(from, c.Floor)
	if !missed.IsZero() {
		from = min(from, missed.UnixMicro())
	}
	if c.Goal != 0 {
		from = min(from, c.Goal)
	}
	return &pass{
		Start: now.UnixMicro(), From: from, Goal: from, First: first, Asked: c.Goal != 0, More: true, Counts: map[int]int{},
		Light: h.sweep > 0 && c.Goal == 0 && c.Swept != 0 && now.Sub(time.UnixMicro(c.Swept)) < h.sweep,
	}
}

// conclude says how far the work is and ends the pass when nothing is left.
func (h *History) conclude(c *historyCursor, b *collectors.Batch) {
	p := c.Pass
	if len(p.Queue) > 0 || p.More {
		if p.long() {
			b.Progress = progress(p.Done, p.Done+len(p.Queue))
			if !p.More {
				b.Share = float64(p.Done) / float64(p.Done+len(p.Queue))
			}
		}
		return
	}
	now := h.opt.Now()
	next := historyCursor{
		Heeded: c.Heeded, Floor: c.Floor, Goal: c.Goal,
		Due: now.Add(h.opt.Every).UnixMicro(), Last: c.Last, Counts: p.Counts, Left: p.Left,
		Rest:  now.Add(min(restAfterTorn, h.opt.Every)).UnixMicro(),
		Began: p.Start, Calls: p.Calls, Swept: c.Swept,
	}
	b.Due = h.due(next)
	if p.complete(c.Left) {
		h.claim(p, &next, b)
	}
	b.Pause = h.nap()
	*c = next
}

// due is when more will be known of the wall, zero where a live stream tells of it.
func (h *History) due(c historyCursor) time.Time {
	if !h.alone {
		return time.Time{}
	}
	return time.UnixMicro(c.Due).UTC()
}

// claim says what a pass that has read everything has made complete. One that a
// person stopped leaves what it did not reach to the passes after it.
func (h *History) claim(p *pass, next *historyCursor, b *collectors.Batch) {
	from, goal := time.UnixMicro(p.From).UTC(), time.UnixMicro(p.Goal).UTC()
	b.Filled = []collectors.Gap{{From: from, To: time.UnixMicro(p.Start).UTC()}}
	if next.Rest = 0; !p.Stopped {
		next.Last = p.Start
	}
	if !p.Light {
		next.Swept = p.Start
	}
	if h.alone {
		b.CompleteTo = b.Filled[0].To
	}
	if h.alone && goal.Before(from) && !p.long() {
		b.Gaps = append(b.Gaps, collectors.Gap{
			From: goal, To: from, Reason: "На странице появилось больше записей, чем читается за один раз: более ранние не прочитаны.",
		})
	}
	if goal.Before(from) {
		b.Beyond = []collectors.Gap{{From: goal, To: from}}
	}
	if p.Asked {
		b.Wish = fulfilled(next.Heeded, p)
		next.Goal, next.Floor = 0, min(next.Floor, p.From)
	}
}

// bound is how many posts a pass reads at most.
func (h *History) bound(p *pass) int {
	if p.Asked {
		return askedFactor * h.opt.MaxPosts
	}
	return h.opt.MaxPosts
}

// progress is the sentence about the first reading.
func progress(done, total int) string {
	word := "записей"
	if total%10 == 1 && total%100 != 11 {
		word = "записи"
	}
	return fmt.Sprintf("Читаем историю: %d из %d %s", done, total, word)
}
