package vk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"otklik/internal/delivery"
	"otklik/internal/sim/record"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
)

// storm prepares misfortunes of every kind for every call.
func storm(n *vktest.Network, seed uint64) {
	for i, f := range []record.Fault{
		{Kind: record.FaultLost},
		{Kind: record.FaultTruncated},
		{Kind: record.FaultHTML},
		{Kind: record.FaultReset},
		{Kind: record.FaultStatus, Code: 503},
		{Kind: record.FaultStatus, Code: 429},
		{Kind: record.FaultHang, Delay: 5},
		{Kind: record.FaultError, Code: 6},
		{Kind: record.FaultError, Code: 10},
		{Kind: record.FaultEmpty},
	} {
		f.Method, f.Probability, f.Seed = "*", 0.05, seed*100+uint64(i)
		n.Faults().Add(f)
	}
}

// insist repeats a call as the ledger does: only what surely was not done, or
// may be done again.
func insist(t *testing.T, call func() error) {
	t.Helper()
	for range 100 {
		err := call()
		var f *delivery.Failure
		switch {
		case err == nil:
			return
		case !errors.As(err, &f) || f.Outcome == delivery.Refused || f.Outcome == delivery.Uncertain && !f.Repeatable:
			t.Fatalf("gave up after %v", err)
		}
	}
	t.Fatal("a hundred attempts were not enough")
}

// Through every misfortune each post stands exactly once, whole, and is then
// edited, pinned and taken down.
func TestInAStormEveryPostStandsOnce(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	first, second := picture(t, 20), picture(t, 24)
	for run := range 60 {
		b.Faults().Clear()
		storm(b.Network, uint64(run)+1)
		ctx := context.Background()
		text := fmt.Sprintf("Новость номер %d", run)
		media := []delivery.Medium{first, second}
		for i := range media {
			insist(t, func() (err error) { media[i].Uploaded, err = b.Upload(ctx, media[i]); return err })
		}
		ask := delivery.Poll{Question: "Чисто?", Answers: []string{"Да", "Нет"}}
		insist(t, func() (err error) { ask.Created, err = b.CreatePoll(ctx, ask); return err })
		pub := delivery.Publication{ID: fmt.Sprint("run-", run), Network: social.VK, Text: text, Media: media, Poll: &ask, FirstSendingAt: b.Now()}
		var got delivery.Published
		insist(t, func() (err error) { got, err = b.Publish(ctx, pub); return err })
		wall := b.wall()
		if len(wall) != 1 || wall[0].Text != text || len(wall[0].Attachments) != 2 || len(wall[0].Polls) != 1 {
			t.Fatalf("run %d: the wall holds %+v", run, wall)
		}
		insist(t, func() error {
			return b.Edit(ctx, delivery.Revision{Refs: got.Refs, Text: text + "!", Poll: ask.Created})
		})
		insist(t, func() error { return b.Pin(ctx, got.Refs) })
		if p := b.wall()[0]; p.Text != text+"!" || !p.Pinned || len(p.Attachments) != 0 {
			t.Fatalf("run %d: the post became %+v", run, p)
		}
		insist(t, func() error { return b.Delete(ctx, got.Refs) })
		if len(b.wall()) != 0 {
			t.Fatalf("run %d: the post still stands", run)
		}
	}
}
