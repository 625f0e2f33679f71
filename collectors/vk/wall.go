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
	expected, err := h.expectedPosts(ctx, p)
	if err != nil {
		return err
	}
	offset := max(p.Read-wallOverlap, 0)
	var a wallAnswer
	p.Calls++
	err = h.opt.Client.Call(ctx, wallMethod, map[string]any{
		"owner_id": h.owner, "count": wallPage, "offset": offset, "extended": 1,
	}, &a)
	if err != nil {
		return h.trouble(err)
	}
	h.opt.Names.learn(a.authors, nil)
	oldest, newest := p.Start, int64(0)
	for _, item := range a.Items.good {
		at := time.Unix(item.Date, 0).UnixMicro()
		if !item.Pinned {
			oldest, newest = min(oldest, at), max(newest, at)
		}
		delete(expected, netvk.PostRef(item.OwnerID, item.ID))
		if err := h.readPost(ctx, c, item, at, b); err != nil {
			return err
		}
	}
	certain := true
	for _, raw := range a.Items.bad {
		ref, known := h.unreadPost(raw)
		certain = certain && known
		delete(expected, ref)
		b.Updates = append(b.Updates, broken(raw))
	}
	// A page that does not reach back to the one before has left posts out.
	p.Unsure = p.Unsure || p.Read > 0 && newest < p.Oldest
	whole := a.Items.len() == 0 || offset+a.Items.len() >= a.Count
	if p.Read == 0 && certain {
		b.Updates = append(b.Updates, h.vanished(expected, time.UnixMicro(oldest), whole)...)
	}
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

// expectedPosts asks what should stand on the first page.
func (h *History) expectedPosts(ctx context.Context, p *pass) (map[social.Ref]time.Time, error) {
	if h.opt.Memory == nil || p.Read != 0 {
		return nil, nil
	}
	list, err := h.opt.Memory.Posts(ctx, netvk.PostRef(h.owner, 1).Owner, time.UnixMicro(p.From))
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
