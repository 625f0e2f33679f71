package telegram_test

import (
	"errors"
	"fmt"
	"testing"

	"otklik/internal/delivery"
	"otklik/internal/sim/record"
)

// storm prepares misfortunes of every kind for every call.
func (b *bureau) storm(seed uint64) {
	for i, f := range []record.Fault{
		{Kind: record.FaultLost},
		{Kind: record.FaultTruncated},
		{Kind: record.FaultHTML},
		{Kind: record.FaultReset},
		{Kind: record.FaultStatus, Code: 503},
		{Kind: record.FaultError, Code: 429, RetryAfter: 1},
		{Kind: record.FaultHang, Delay: 5},
		{Kind: record.FaultError, Code: 500},
		{Kind: record.FaultEmpty},
	} {
		f.Method, f.Probability, f.Seed = "*", 0.05, seed*100+uint64(i)
		b.sim.Faults().Add(f)
	}
}

// insist repeats a call as the ledger does, and returns the failure at which
// only a person can go on.
func insist(t *testing.T, call func() error) *delivery.Failure {
	t.Helper()
	for range 100 {
		err := call()
		var f *delivery.Failure
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &f) || f.Outcome == delivery.Refused:
			t.Fatalf("gave up after %v", err)
		case f.Outcome == delivery.Uncertain && !f.Repeatable:
			return f
		}
	}
	t.Fatal("a hundred attempts were not enough")
	return nil
}

// Through every misfortune a post stands at most once, a confirmed one exactly
// once and whole, and one that may stand is always told as uncertain.
func TestInAStormNoPostStandsTwice(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	b.Publisher = b.publisher(t, onShelf(b))
	if _, err := b.Members(t.Context()); err != nil {
		t.Fatal(err)
	}
	photos := []delivery.Medium{jpegOf(t, 20), jpegOf(t, 24)}
	unknown, confirmed := 0, 0
	for run := range 100 {
		b.sim.Faults().Clear()
		b.storm(uint64(run) + 1)
		pub := post(fmt.Sprintf("Новость номер %d", run), photos[0], photos[1])
		messages := 2
		switch run % 3 {
		case 1:
			pub.Media, messages = nil, 1
		case 2:
			pub.Media, pub.Poll, messages = nil, question(), 1
		}
		for i := range pub.Media {
			if f := insist(t, func() (err error) { pub.Media[i].Uploaded, err = b.Upload(t.Context(), pub.Media[i]); return err }); f != nil {
				t.Fatalf("an upload ended with %v", f)
			}
		}
		var got delivery.Published
		failure := insist(t, func() (err error) { got, err = b.Publish(t.Context(), pub); return err })
		posts := b.posts()
		switch {
		case failure == nil && (len(posts) != messages || len(got.Refs) != messages || got.Refs[0] != b.refs(posts[0].ID)[0]):
			t.Fatalf("run %d was confirmed and the channel holds %+v", run, posts)
		case failure != nil && len(posts) != 0 && len(posts) != messages:
			t.Fatalf("run %d is uncertain and the channel holds %+v", run, posts)
		case failure != nil:
			unknown++
			var ids []int64
			for _, m := range posts {
				ids = append(ids, m.ID)
			}
			got.Refs = b.refs(ids...)
		default:
			confirmed++
		}
		if len(posts) == 0 {
			continue
		}
		change := func(name string, call func() error) {
			if f := insist(t, call); f != nil {
				t.Fatalf("run %d: %s ended with %v", run, name, f)
			}
		}
		if pub.Poll != nil {
			change("closing", func() error { _, err := b.ClosePoll(t.Context(), got.Refs, ""); return err })
		} else {
			change("editing", func() error {
				return b.Edit(t.Context(), delivery.Revision{Refs: got.Refs, Text: pub.Text + "!", Media: pub.Media})
			})
		}
		change("pinning", func() error { return b.Pin(t.Context(), got.Refs) })
		if p := b.posts()[0]; !p.Pinned || p.Poll == nil && p.Text != pub.Text+"!" || p.Poll != nil && !p.Poll.Closed {
			t.Fatalf("run %d: the post became %+v", run, p)
		}
		change("deleting", func() error { return b.Delete(t.Context(), got.Refs) })
		if left := b.posts(); len(left) != 0 {
			t.Fatalf("run %d: %+v still stands", run, left)
		}
	}
	if unknown == 0 || confirmed == 0 {
		t.Errorf("%d were uncertain and %d confirmed: the test says little", unknown, confirmed)
	}
}
