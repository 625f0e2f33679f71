package vk

import (
	"context"
	"encoding/json"
	"time"

	"otklik/collectors"
	netvk "otklik/internal/network/vk"
	"otklik/internal/social"
)

// place is where the reading of one post's comments stands: first the page of
// the first level, then the threads on it that did not come whole.
type place struct {
	Level   level `json:"level"`
	Thread  level `json:"thread"`
	Threads []int `json:"threads,omitempty"` // the current one first
	Done    bool  `json:"done,omitempty"`    // the first level is read
	Tries   int   `json:"tries,omitempty"`   // pages that did not fit
	Torn    bool  `json:"torn,omitempty"`    // something may have been missed
}

// level is a position in one flat list, which is sorted by the items' numbers.
// Pages overlap, and a page that begins behind Last does not fit the one before:
// something was deleted meanwhile and the list has shifted, so the place moves
// back until a page fits.
type level struct {
	Offset int `json:"offset,omitempty"`
	Last   int `json:"last,omitempty"`
}

// watch compares one post's listing with what is stored. It lives in memory
// only; after a restart the post is compared in the next pass.
type watch struct {
	pass, post int64
	expected   map[social.Ref]time.Time
}

// commentsAnswer is the answer of wall.getComments with extended=1.
type commentsAnswer struct {
	Count      int                `json:"count"`
	LevelCount int                `json:"current_level_count"`
	Items      forgiving[comment] `json:"items"`
	authors
}

// readComments makes one step through the comments of the post at hand.
func (h *History) readComments(ctx context.Context, p *pass, b *collectors.Batch) error {
	post, at := p.Queue[0].ID, &p.Place
	if err := h.look(ctx, p); err != nil {
		return err
	}
	root, lv := 0, &at.Level
	if len(at.Threads) > 0 {
		root, lv = at.Threads[0], &at.Thread
	}
	a, err := h.page(ctx, post, root, *lv)
	if err != nil {
		if !unreadable(h.opt.Client, err) {
			return h.trouble(err)
		}
		// This post, or this thread, went away or is closed; the others are not.
		h.leave(p, root)
		return nil
	}
	h.opt.Names.learn(a.authors, nil)
	if !lv.fits(a) && !at.Torn {
		at.stepBack(lv)
		return nil
	}
	h.report(post, root, a.Items, at, b)
	whole := lv.advance(a)
	switch {
	case root != 0 && whole:
		at.Threads, at.Thread = at.Threads[1:], level{}
	case root == 0 && whole:
		at.Done = true
	}
	if at.Done && len(at.Threads) == 0 {
		b.Updates = append(b.Updates, h.missed(p)...)
		p.Unsure = p.Unsure || at.Torn
		p.next()
	}
	return nil
}

// page asks for one page of a list, from a little before its place.
func (h *History) page(ctx context.Context, post, root int, lv level) (commentsAnswer, error) {
	params := map[string]any{
		"owner_id": h.owner, "post_id": post, "count": commentPage, "offset": lv.begin(),
		"sort": "asc", "preview_length": 0, "extended": 1, "need_likes": 0,
	}
	if root != 0 {
		params["comment_id"] = root
	} else {
		params["thread_items_count"] = threadPreview
	}
	var a commentsAnswer
	err := h.opt.Client.Call(ctx, "wall.getComments", params, &a)
	return a, err
}

// begin is the offset of the next page.
func (l level) begin() int { return max(l.Offset-commentOverlap, 0) }

// fits says that a page reaches back to what was read before it.
func (l level) fits(a commentsAnswer) bool {
	return l.begin() == 0 || len(a.Items.good) > 0 && a.Items.good[0].ID <= l.Last
}

// advance moves behind a page, and says whether the list ends with it.
func (l *level) advance(a commentsAnswer) (whole bool) {
	before := l.Offset
	l.Offset = l.begin() + a.Items.len()
	for _, c := range a.Items.good {
		l.Last = max(l.Last, c.ID)
	}
	counted := a.LevelCount > 0 || a.Items.len() < commentPage
	return l.Offset <= before || counted && l.Offset >= a.LevelCount
}

// stepBack moves the place so far back that the next page should fit. After
// some attempts the pages are taken as they come, and nothing is concluded from
// what they lack.
func (p *place) stepBack(l *level) {
	p.Tries++
	p.Torn = p.Tries >= maxSteps
	l.Offset = max(l.Offset-commentPage, 0)
}

// report turns a page's comments, and the replies that came with them, into
// updates, and notes the threads that did not come whole.
func (h *History) report(post, root int, items forgiving[comment], at *place, b *collectors.Batch) {
	h.reportBad(items.bad, b)
	for _, c := range items.good {
		h.reportOne(post, root, c, b)
		if root != 0 {
			continue
		}
		h.reportBad(c.Thread.Items.bad, b)
		for _, r := range c.Thread.Items.good {
			h.reportOne(post, c.ID, r, b)
		}
		// Where pages overlap, the thread was noted before.
		if c.ID > at.Level.Last && c.Thread.Count > c.Thread.Items.len() {
			at.Threads = append(at.Threads, c.ID)
		}
	}
}

func (h *History) reportOne(post, root int, c comment, b *collectors.Batch) {
	if c.ID <= 0 {
		return
	}
	c.OwnerID = h.owner
	if c.PostID == 0 {
		c.PostID = post
	}
	if root != 0 && len(c.ParentsStack) == 0 {
		c.ParentsStack = []int{root}
	}
	ref := netvk.CommentRef(c.OwnerID, c.ID)
	if h.watch != nil {
		delete(h.watch.expected, ref)
	}
	if c.Deleted {
		b.Updates = append(b.Updates, gone(ref))
		return
	}
	who := h.opt.Names.recall([]int{c.FromID})
	b.Updates = append(b.Updates, listed(h.mapper.comment(c, who)))
}

// reportBad keeps what could not be read. What is stored of such a comment stays
// as it is; where even its number cannot be read, nothing is taken for deleted.
func (h *History) reportBad(list []json.RawMessage, b *collectors.Batch) {
	for _, raw := range list {
		b.Updates = append(b.Updates, broken(raw))
		id, ok := idOf(raw)
		switch {
		case h.watch == nil:
		case ok:
			delete(h.watch.expected, netvk.CommentRef(h.owner, id))
		default:
			h.watch = nil
		}
	}
}

// look begins the comparison of a post, before its first page is asked for.
func (h *History) look(ctx context.Context, p *pass) error {
	id := int64(p.Queue[0].ID)
	fresh := p.Place.Level.Offset == 0 && len(p.Place.Threads) == 0 && !p.Place.Done
	if h.opt.Memory == nil || !fresh {
		if h.watch != nil && (h.watch.pass != p.Start || h.watch.post != id) {
			h.watch = nil
		}
		return nil
	}
	list, err := h.opt.Memory.Comments(ctx, netvk.PostRef(h.owner, p.Queue[0].ID))
	if err != nil {
		return err
	}
	h.watch = &watch{pass: p.Start, post: id, expected: h.settled(list)}
	return nil
}

// missed are the stored comments that a whole listing did not show.
func (h *History) missed(p *pass) []collectors.Update {
	out := []collectors.Update{}
	if h.watch == nil || p.Place.Torn || h.watch.pass != p.Start || h.watch.post != int64(p.Queue[0].ID) {
		return out
	}
	for ref := range h.watch.expected {
		out = append(out, gone(ref))
	}
	return out
}

// leave gives up a thread, or the whole post when its first level is unreadable.
func (h *History) leave(p *pass, root int) {
	at := &p.Place
	at.Torn = true
	if root == 0 {
		p.Left = append(p.Left, p.Queue[0].ID)
		p.next()
		return
	}
	p.Unsure = true
	if at.Threads, at.Thread = at.Threads[1:], (level{}); len(at.Threads) == 0 && at.Done {
		p.next()
	}
}

// next goes on to the following post.
func (p *pass) next() {
	p.Queue, p.Place = p.Queue[1:], place{}
	p.Done++
}

// unreadable says that the answer concerns this post alone, not the key.
func unreadable(client *netvk.Client, err error) bool {
	switch client.Kind().Explain(err).API {
	case 15, 18, 19, 30, 100, 210, 211, 212:
		return true
	}
	return false
}
