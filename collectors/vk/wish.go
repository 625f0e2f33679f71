package vk

import (
	"context"
	"time"

	"otklik/collectors"
)

// Wishes tells what people ask of a history.
type Wishes interface {
	// Wish returns the newest wish, or one with no number.
	Wish(ctx context.Context) (collectors.Wish, error)
}

// askedFactor is how many times more posts a pass reads that a person asked
// for: they know that it is long and can stop it.
const askedFactor = 10

// heed follows a wish that was not followed yet. It says whether the batch is
// the whole answer of this step.
func (h *History) heed(ctx context.Context, now time.Time, c *historyCursor) (collectors.Batch, bool, error) {
	if h.opt.Wishes == nil {
		return collectors.Batch{}, false, nil
	}
	w, err := h.opt.Wishes.Wish(ctx)
	if err != nil || w.Number <= c.Heeded {
		return collectors.Batch{}, false, err
	}
	c.Heeded = w.Number
	var b collectors.Batch
	if w.Kind == collectors.WishStop {
		h.stop(now, c, &b)
	} else {
		c.Goal = now.Add(-time.Duration(w.Days) * 24 * time.Hour).UnixMicro()
		c.Pass, c.Due, c.Rest = nil, 0, 0
		b.Wish = &collectors.WishReply{Number: w.Number, State: collectors.WishTaken}
		b.Progress = "Читаем историю"
	}
	b.Next = writeCursor(*c)
	return b, true, nil
}

// stop ends a long pass where it stands. What it has read so far stays, and the
// regular passes do not reach before it by themselves.
func (h *History) stop(now time.Time, c *historyCursor, b *collectors.Batch) {
	c.Goal = 0
	b.Wish = &collectors.WishReply{Number: c.Heeded, State: collectors.WishDone}
	p := c.Pass
	switch {
	case p == nil && c.Last == 0 && c.Floor == 0:
		c.Floor = now.UnixMicro()
	case p == nil || !p.long():
		return
	default:
		p.From = max(p.From, p.reached())
		p.Goal, p.Stopped, p.Asked, p.Queue, p.More = p.From, true, false, nil, false
		c.Floor = p.From
		h.conclude(c, b)
		if len(b.Filled) > 0 {
			b.Wish.KnownFrom = b.Filled[0].From
		}
	}
}

// long says that the pass is one that people wait for.
func (p *pass) long() bool { return p.First || p.Asked }

// reached is since when the posts read so far are known with all that stands
// under them: from the second after the newest one that is still to be read.
func (p *pass) reached() int64 {
	newest := int64(0)
	switch {
	case p.Read == 0:
		return p.Start
	case p.More:
		newest = p.Oldest
	}
	for _, q := range p.Queue {
		newest = max(newest, q.At)
	}
	if newest == 0 {
		return p.From
	}
	return min(newest+time.Second.Microseconds(), p.Start)
}

// fulfilled is the reply at the end of a pass that was asked for.
func fulfilled(number int64, p *pass) *collectors.WishReply {
	return &collectors.WishReply{
		Number: number, State: collectors.WishDone, KnownFrom: time.UnixMicro(p.From).UTC(), Short: p.From > p.Goal,
	}
}
