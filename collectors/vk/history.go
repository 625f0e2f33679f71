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
	Now    func() time.Time
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
	watch  *watch
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
}

// pass is an unfinished walk over the wall.
type pass struct {
	Start int64 `json:"start"`
	From  int64 `json:"from"`
	First bool  `json:"first,omitempty"`
	// Asked says that a person wished for the pass, Stopped that one ended it,
	// and Goal is how far back it was to go.
	Asked   bool  `json:"asked,omitempty"`
	Stopped bool  `json:"stopped,omitempty"`
	Goal    int64 `json:"goal,omitempty"`
	// Read is how many posts were read, More that the wall goes on within the span.
	Read int  `json:"read"`
	More bool `json:"more"`
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
	return &History{opt: o, mapper: mapper{o.GroupID, o.Links}}
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
		if wait := time.UnixMicro(c.Due).Sub(now); c.Due != 0 && wait > 0 && missed.IsZero() {
			return collectors.Batch{Next: cursor, Pause: min(wait, h.nap())}, nil
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

// gapLook is how often a resting stream looks whether it is needed sooner, and
// restAfterTorn how long it rests after a pass that could not be sure.
const (
	gapLook       = 2 * time.Second
	restAfterTorn = 10 * time.Second
)

func (h *History) nap() time.Duration {
	if h.opt.Memory == nil && h.opt.Wishes == nil {
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
	return &pass{Start: now.UnixMicro(), From: from, Goal: from, First: first, Asked: c.Goal != 0, More: true, Counts: map[int]int{}}
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
		Rest: now.Add(min(restAfterTorn, h.opt.Every)).UnixMicro(),
	}
	if p.complete(c.Left) {
		h.claim(p, &next, b)
	}
	b.Pause = h.nap()
	*c = next
}

// claim says what a pass that has read everything has made complete. One that a
// person stopped leaves what it did not reach to the passes after it.
func (h *History) claim(p *pass, next *historyCursor, b *collectors.Batch) {
	from, goal := time.UnixMicro(p.From).UTC(), time.UnixMicro(p.Goal).UTC()
	b.Filled = []collectors.Gap{{From: from, To: time.UnixMicro(p.Start).UTC()}}
	if next.Rest = 0; !p.Stopped {
		next.Last = p.Start
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
	word := "постов"
	if total%10 == 1 && total%100 != 11 {
		word = "поста"
	}
	return fmt.Sprintf("Читаем историю: %d из %d %s", done, total, word)
}

// wallAnswer is the answer of wall.get with extended=1.
type wallAnswer struct {
	Count int    `json:"count"`
	Items []post `json:"items"`
	authors
}

// readWall reads one page of posts and queues those whose comments are wanted.
func (h *History) readWall(ctx context.Context, c *historyCursor, b *collectors.Batch) error {
	p := c.Pass
	expected, err := h.expectedPosts(ctx, p)
	if err != nil {
		return err
	}
	offset := max(p.Read-wallOverlap, 0)
	var a wallAnswer
	err = h.opt.Client.Call(ctx, "wall.get", map[string]any{
		"owner_id": -h.opt.GroupID, "count": wallPage, "offset": offset, "extended": 1,
	}, &a)
	if err != nil {
		return troubleOf(h.opt.Client, err)
	}
	h.opt.Names.learn(a.authors, nil)
	oldest, newest := p.Start, int64(0)
	for _, item := range a.Items {
		at := time.Unix(item.Date, 0).UnixMicro()
		if !item.Pinned {
			oldest, newest = min(oldest, at), max(newest, at)
		}
		delete(expected, netvk.PostRef(item.OwnerID, item.ID))
		if err := h.readPost(ctx, c, item, at, b); err != nil {
			return err
		}
	}
	// A page that does not reach back to the one before has left posts out.
	p.Unsure = p.Unsure || p.Read > 0 && newest < p.Oldest
	whole := len(a.Items) == 0 || offset+len(a.Items) >= a.Count
	if p.Read == 0 {
		b.Updates = append(b.Updates, h.vanished(expected, time.UnixMicro(oldest), whole)...)
	}
	p.Read, p.Oldest = offset+len(a.Items), oldest
	p.More = !whole && (oldest >= p.From || p.Read < countedPosts)
	if p.More && p.Read >= h.bound(p) {
		// What lies before the last post read is not known to be complete.
		p.More, p.From = false, max(p.From, oldest)
	}
	return nil
}

// readPost reports one listed post and queues it if its comments are wanted.
func (h *History) readPost(ctx context.Context, c *historyCursor, item post, at int64, b *collectors.Batch) error {
	p := c.Pass
	if item.ID <= 0 || item.OwnerID == 0 || bool(item.Deleted) || item.Type == "suggest" || item.Type == "postpone" {
		return nil
	}
	who := h.opt.Names.recall([]int{item.FromID})
	b.Updates = append(b.Updates, listed(h.mapper.post(item, who)))
	if p.Read < countedPosts {
		p.Counts[item.ID] = item.Comments.Count
	}
	if p.Read > 0 && at > p.Oldest {
		return nil // the page before has shown it
	}
	wanted, err := h.wanted(ctx, c, item, at)
	if wanted {
		p.Queue = append(p.Queue, queued{item.ID, at})
	}
	return err
}

// wanted says whether a post's comments are to be listed in this pass.
func (h *History) wanted(ctx context.Context, c *historyCursor, item post, at int64) (bool, error) {
	before, known := c.Counts[item.ID]
	switch {
	case at < c.Pass.From:
		return known && before != item.Comments.Count, nil
	case item.Comments.Count > 0 || before > 0:
		return true, nil
	case h.opt.Memory == nil:
		return false, nil
	}
	stored, err := h.opt.Memory.Comments(ctx, netvk.PostRef(item.OwnerID, item.ID))
	return len(stored) > 0, err
}

// expectedPosts asks what should stand on the first page.
func (h *History) expectedPosts(ctx context.Context, p *pass) (map[social.Ref]time.Time, error) {
	if h.opt.Memory == nil || p.Read != 0 {
		return nil, nil
	}
	list, err := h.opt.Memory.Posts(ctx, netvk.PostRef(-h.opt.GroupID, 1).Owner, time.UnixMicro(p.From))
	if err != nil {
		return nil, err
	}
	return h.settled(list), nil
}

// settled drops what is so new that a listing may not show it yet.
func (h *History) settled(list []Standing) map[social.Ref]time.Time {
	limit := h.opt.Now().Add(-freshStanding)
	out := map[social.Ref]time.Time{}
	for _, s := range list {
		if s.PublishedAt.Before(limit) {
			out[s.Ref] = s.PublishedAt
		}
	}
	return out
}

// vanished are the posts that the first page should have shown: all that are
// younger than its oldest, or all if it was the whole wall.
func (h *History) vanished(expected map[social.Ref]time.Time, oldest time.Time, whole bool) []collectors.Update {
	out := []collectors.Update{}
	for ref, at := range expected {
		if whole || at.After(oldest) {
			out = append(out, gone(ref))
		}
	}
	return out
}

func listed(item social.Item) collectors.Update {
	return collectors.Update{Changes: []collectors.Change{{Op: collectors.Listed, Item: item}}}
}

func gone(ref social.Ref) collectors.Update {
	return collectors.Update{Changes: []collectors.Change{{Op: collectors.Deleted, Item: social.Item{Ref: ref}}}}
}
