package storetest

import (
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
)

// listedAt is a change of a listing that was asked for at the given time.
func listedAt(it social.Item, asked time.Time) collectors.Change {
	return collectors.Change{Op: collectors.Listed, Item: it, AskedAt: asked}
}

// Edits that came in the wrong order leave the older text; the next listing
// knows better, and one that was asked for before the edit does not.
func TestAListingCorrectsWhatEventsLeft(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		edited := func(text string) collectors.Change {
			return collectors.Change{Op: collectors.Edited, Item: comment("9", citizen, text)}
		}
		b.commit(created(comment("9", citizen, "раз")), edited("три"), edited("два"))
		stored := b.now
		b.now = b.now.Add(time.Minute)
		b.commit(listedAt(comment("9", citizen, "три"), stored.Add(-time.Second)))
		if got := b.final("9"); got.Text != "два" {
			t.Fatalf("an old page was believed: %q", got.Text)
		}
		b.commit(listedAt(comment("9", citizen, "три"), stored.Add(time.Second)))
		if got := b.final("9"); got.Text != "три" {
			t.Fatalf("the listing was not believed: %q", got.Text)
		}
	})
}

// What only a listing shows, though the live stream had passed it, is a gap
// that was found and filled at once.
func TestWhatOnlyAListingShowedIsNamed(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.batch(collectors.Batch{Next: "1", CompleteTo: b.now.Add(10 * time.Minute)})
		history := collectors.Stream{Name: "history", SourceID: b.source}
		b.must(b.s.EnsureStream(b.ctx, history, b.now))
		l, err := b.s.Take(b.ctx, history.Name, "test", time.Hour, b.now)
		b.must(err)
		at := b.now.Add(5 * time.Minute)
		missed, early := comment("9", citizen, "яма"), comment("10", citizen, "снег")
		missed.PublishedAt, early.PublishedAt = at, b.now.Add(-time.Hour)
		b.now = b.now.Add(11 * time.Minute)
		batch := collectors.Batch{Next: "1", Updates: []collectors.Update{
			{Changes: []collectors.Change{listedAt(missed, b.now)}}, {Changes: []collectors.Change{listedAt(early, b.now)}},
		}}
		for range 2 {
			_, err = b.s.Commit(b.ctx, l, history, batch, b.now)
			b.must(err)
		}
		gaps := b.status().Gaps
		if len(gaps) != 1 || gaps[0].From.After(at) || !gaps[0].To.After(at) || gaps[0].FilledAt.IsZero() || gaps[0].Reason == "" {
			t.Fatalf("%+v", gaps)
		}
	})
}

// A number that the network skipped is no gap when the item is known otherwise.
func TestAGapOfKnownItemsIsNone(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("9", citizen, "яма")))
		gap := func(ids ...string) collectors.Gap {
			g := collectors.Gap{From: b.now.Add(-time.Minute), To: b.now, Reason: "не пришло"}
			for _, id := range ids {
				g.Items = append(g.Items, ref(id))
			}
			return g
		}
		b.batch(collectors.Batch{Next: "1", Gaps: []collectors.Gap{gap("r9")}})
		if got := b.status().Gaps; len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		b.batch(collectors.Batch{Next: "2", Gaps: []collectors.Gap{gap("r9", "r10"), gap()}})
		if got := b.status().Gaps; len(got) != 2 {
			t.Fatalf("%+v", got)
		}
	})
}

// While the clock of a network is wrong the live stream proves nothing. Then an
// item published well after the found one proves it, if it was known before the
// listing was asked for.
func TestALaterItemProvesThatTheNetworkDidNotTell(t *testing.T) {
	for name, x := range map[string]struct {
		later, asked time.Duration // after the found item was published
		gaps         int
	}{
		"a later item was known": {40 * time.Second, 62 * time.Second, 1},
		"it is hardly later":     {20 * time.Second, 62 * time.Second, 0},
		"it came after asking":   {40 * time.Second, 58 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, b *bundle) {
				history, l := b.newStream("history")
				at := b.now.Add(5 * time.Minute)
				later, missed := comment("9", citizen, "снег"), comment("10", citizen, "яма")
				missed.PublishedAt, later.PublishedAt = at, at.Add(x.later)
				b.now = at.Add(time.Minute)
				b.commit(created(later))
				b.now = at.Add(x.asked + 3*time.Second)
				batch := collectors.Batch{Next: "1", Updates: []collectors.Update{{Changes: []collectors.Change{listedAt(missed, at.Add(x.asked))}}}}
				_, err := b.s.Commit(b.ctx, l, history, batch, b.now)
				b.must(err)
				if got := b.status().Gaps; len(got) != x.gaps {
					t.Errorf("%d gaps are named, want %d: %+v", len(got), x.gaps, got)
				}
			})
		})
	}
}
