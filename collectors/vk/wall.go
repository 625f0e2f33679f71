package vk

import (
	"context"
	"encoding/json"
	"time"

	"otklik/collectors"
	netvk "otklik/internal/network/vk"
	"otklik/internal/social"
)

// wallAnswer is the answer of wall.get with extended=1.
type wallAnswer struct {
	Count int             `json:"count"`
	Items forgiving[post] `json:"items"`
	authors
}

// wallMethod is what a pass is counted by: comments have no quota of the day.
const wallMethod = "wall.get"

// readWall reads one page of posts and queues those whose comments are wanted.
func (h *History) readWall(ctx context.Context, c *historyCursor, b *collectors.Batch) error {
	p := c.Pass
	if err := h.expectPosts(ctx, p); err != nil {
		return err
	}
	offset := max(p.Read-wallOverlap, 0)
	var a wallAnswer
	p.Calls++
	err := h.opt.Client.Call(ctx, wallMethod, map[string]any{
		"owner_id": h.owner, "count": wallPage, "offset": offset, "extended": 1,
	}, &a)
	if err != nil {
		return h.trouble(err)
	}
	if h.doubtful(p, a) {
		p.Empty, b.Pause = true, emptyLook
		return nil
	}
	h.opt.Names.learn(a.authors, nil)
	oldest, newest := p.Start, int64(0)
	for _, item := range a.Items.good {
		at := time.Unix(item.Date, 0).UnixMicro()
		if !item.Pinned {
			oldest, newest = min(oldest, at), max(newest, at)
		}
		h.posts.saw(netvk.PostRef(item.OwnerID, item.ID))
		if err := h.readPost(ctx, c, item, at, b); err != nil {
			return err
		}
	}
	for _, raw := range a.Items.bad {
		if ref, known := h.unreadPost(raw); known {
			h.posts.saw(ref)
		} else {
			h.posts = nil
		}
		b.Updates = append(b.Updates, broken(raw))
	}
	// A page that does not reach back to the one before has left posts out.
	torn := p.Read > 0 && newest < p.Oldest
	p.Unsure = p.Unsure || torn
	whole := a.Items.len() == 0 || offset+a.Items.len() >= a.Count
	if torn || a.Items.len() == 0 && a.Count > 0 {
		h.posts = nil
	}
	b.Updates = append(b.Updates, h.posts.vanished(time.UnixMicro(oldest), whole)...)
	p.Read, p.Oldest = offset+a.Items.len(), oldest
	p.More = !whole && (oldest >= p.From || p.Read < h.counted)
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
	if p.Read < h.counted {
		if p.Counts == nil { // a cursor keeps no empty map
			p.Counts = map[int]int{}
		}
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
	case at < c.Pass.From, c.Pass.Light && known:
		return known && before != item.Comments.Count, nil
	case item.Comments.Count > 0 || before > 0:
		return true, nil
	case h.opt.Memory == nil:
		return false, nil
	}
	stored, err := h.opt.Memory.Comments(ctx, netvk.PostRef(item.OwnerID, item.ID))
	return len(stored) > 0, err
}

// emptyLook is how soon a wall that seems empty is asked for again.
const emptyLook = 10 * time.Second

// doubtful says that an answer without any post has to be asked for a second
// time: the network is known to answer so by mistake, and all that stood on the
// wall would be taken for deleted.
func (h *History) doubtful(p *pass, a wallAnswer) bool {
	return p.Read == 0 && a.Items.len() == 0 && !p.Empty && h.posts != nil && len(h.posts.expected) > 0
}

// wallWatch compares the listing of a wall with what is stored. It lives in
// memory only; after a restart the wall is compared in the next pass.
type wallWatch struct {
	pass     int64
	expected map[social.Ref]time.Time
}

// expectPosts asks, before the first page, what should stand on the wall as far
// as the pass goes.
func (h *History) expectPosts(ctx context.Context, p *pass) error {
	if h.posts != nil && h.posts.pass != p.Start {
		h.posts = nil
	}
	if h.opt.Memory == nil || p.Read != 0 {
		return nil
	}
	list, err := h.opt.Memory.Posts(ctx, netvk.PostRef(h.owner, 1).Owner, time.UnixMicro(p.From))
	if err == nil {
		h.posts = &wallWatch{p.Start, h.settled(list)}
	}
	return err
}

// saw notes that a post stands on the wall.
func (w *wallWatch) saw(ref social.Ref) {
	if w != nil {
		delete(w.expected, ref)
	}
}

// vanished are the posts that the pages so far should have shown: all that are
// younger than the oldest post read, or all if that was the whole wall. Each is
// told of once.
func (w *wallWatch) vanished(oldest time.Time, whole bool) []collectors.Update {
	out := []collectors.Update{}
	if w == nil {
		return out
	}
	for ref, at := range w.expected {
		if whole || at.After(oldest) {
			out = append(out, gone(ref))
			delete(w.expected, ref)
		}
	}
	return out
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

// unreadPost finds out at least which post could not be read.
func (h *History) unreadPost(raw json.RawMessage) (social.Ref, bool) {
	id, ok := idOf(raw)
	return netvk.PostRef(h.owner, id), ok
}

// trouble explains an error of a call for the whole wall.
func (h *History) trouble(err error) error {
	t := troubleOf(h.opt.Client, err)
	if h.alone && unreadable(h.opt.Client, err) {
		t.Message = "ВКонтакте не показывает эту страницу: она удалена, заблокирована или закрыта от посторонних. Если её больше не нужно читать, отключите источник."
	}
	return t
}

func listed(item social.Item) collectors.Update {
	return collectors.Update{Changes: []collectors.Change{{Op: collectors.Listed, Item: item}}}
}

func gone(ref social.Ref) collectors.Update {
	return collectors.Update{Changes: []collectors.Change{{Op: collectors.Deleted, Item: social.Item{Ref: ref}}}}
}
