package storetest

import (
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
	"otklik/internal/sources"
)

func (b *bundle) status() collectors.SourceStatus {
	b.t.Helper()
	list, err := b.s.Sources(b.ctx, b.now)
	b.must(err)
	if len(list) != 1 {
		b.t.Fatalf("%+v", list)
	}
	return list[0]
}

func TestSourceSaysHowItIs(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		want := func(state collectors.SourceState, trouble string) collectors.SourceStatus {
			t.Helper()
			x := b.status()
			if x.State != state || x.Trouble != trouble {
				t.Fatalf("%s %q, want %s %q", x.State, x.Trouble, state, trouble)
			}
			return x
		}
		fail := func(kind collectors.TroubleKind, after time.Duration, text string) {
			b.must(b.s.Fail(b.ctx, b.lease, b.stream, &collectors.Trouble{Kind: kind, RetryAfter: after, Message: text}, b.now))
		}
		want(collectors.Silent, "")
		b.batch(collectors.Batch{Next: "1", CompleteTo: b.now})
		want(collectors.Healthy, "")
		b.batch(collectors.Batch{Next: "2"})
		if x := want(collectors.Healthy, ""); !x.CompleteTo.Equal(b.now) {
			t.Fatal("an empty statement took the earlier one back")
		}
		began := b.now
		fail(collectors.Passing, 0, "сбой")
		b.now = b.now.Add(3 * time.Minute)
		fail(collectors.Limited, time.Minute, "просят подождать")
		if x := want(collectors.Lagging, "просят подождать"); !x.FailingSince.Equal(began) || !x.CoolingUntil.IsZero() {
			t.Fatalf("a minute is waited in line: %+v", x)
		}
		fail(collectors.Limited, time.Hour, "просят подождать")
		if x := want(collectors.Lagging, "просят подождать"); !x.FailingSince.Equal(began) || !x.CoolingUntil.Equal(b.now.Add(time.Hour)) {
			t.Fatalf("%+v", x)
		}
		fail(collectors.Denied, 5*time.Minute, "ключ отозван")
		want(collectors.Sick, "ключ отозван")
		n, err := b.s.Counts(b.ctx, reader(""), b.now)
		b.must(err)
		if n.Sick != 1 {
			t.Fatalf("%+v", n)
		}
		b.batch(collectors.Batch{Next: "3", CompleteTo: b.now})
		if x := want(collectors.Healthy, ""); !x.FailingSince.IsZero() || !x.CoolingUntil.IsZero() {
			t.Fatalf("%+v", x)
		}
	})
}

// What needs a person is said even if another stream only waits.
func TestRefusedKeyOfAnyStreamIsSaid(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		st, l := b.newStream("zzz")
		b.must(b.s.Fail(b.ctx, b.lease, b.stream, &collectors.Trouble{Kind: collectors.Passing, Message: "сбой"}, b.now))
		b.must(b.s.Fail(b.ctx, l, st, &collectors.Trouble{Kind: collectors.Denied, Message: "ключ отозван"}, b.now))
		if x := b.status(); x.State != collectors.Sick || x.Trouble != "ключ отозван" {
			t.Fatalf("%+v", x)
		}
	})
}

func TestGapsAreOpenUntilFilled(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.stream.History = true
		b.must(b.s.EnsureStream(b.ctx, b.stream, b.now))
		from := b.now.Add(-time.Hour)
		gap := func(after, length time.Duration) collectors.Gap {
			return collectors.Gap{From: from.Add(after), To: from.Add(after + length), Reason: "сеть молчала\x00"}
		}
		b.batch(collectors.Batch{Next: "1", CompleteTo: b.now, Gaps: []collectors.Gap{gap(0, time.Minute), gap(10*time.Minute, time.Minute)}})
		if x := b.status(); x.State != collectors.Gapped || len(x.Gaps) != 2 || x.Gaps[0].Hopeless {
			t.Fatalf("%+v", x)
		}
		b.batch(collectors.Batch{Next: "2", Filled: []collectors.Gap{gap(0, 2*time.Minute)}})
		if x := b.status(); x.State != collectors.Gapped || !x.Gaps[0].FilledAt.Equal(b.now) || !x.Gaps[1].FilledAt.IsZero() {
			t.Fatalf("%+v", x)
		}
		b.batch(collectors.Batch{Next: "3", Filled: []collectors.Gap{gap(-time.Minute, time.Hour)}})
		if x := b.status(); x.State != collectors.Healthy {
			t.Fatalf("%+v", x)
		}
		b.now = b.now.Add(30 * time.Hour)
		b.batch(collectors.Batch{Next: "4", CompleteTo: b.now})
		if x := b.status(); len(x.Gaps) != 0 {
			t.Fatalf("%+v", x.Gaps)
		}
	})
}

// What is known reaches back only as far as it is without a hole.
func TestKnownSince(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		known := func(want time.Time) {
			t.Helper()
			if x := b.status(); !x.CoveredFrom.Equal(want) {
				t.Fatalf("known since %v, want %v", x.CoveredFrom, want)
			}
		}
		added := b.status().Since
		known(added)
		fill := func(next string, from, to time.Time) {
			b.batch(collectors.Batch{Next: collectors.Cursor(next), Filled: []collectors.Gap{{From: from, To: to}}})
		}
		fill("1", added.Add(-9*time.Hour), added.Add(-5*time.Hour))
		known(added)
		fill("2", added.Add(-3*time.Hour), added.Add(time.Minute))
		known(added.Add(-3 * time.Hour))
		fill("3", added.Add(-time.Hour), added.Add(time.Hour))
		known(added.Add(-3 * time.Hour))
		_, err := b.s.EnsureSource(b.ctx, collectors.SourceStatus{Network: social.VK, Title: "После перезапуска"}, "-1", b.now.Add(time.Hour))
		b.must(err)
		known(added.Add(-3 * time.Hour))
	})
}

func TestSourceIsOneByItsNetworkAndID(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		again, err := b.s.EnsureSource(b.ctx, collectors.SourceStatus{
			Network: social.VK, Title: "Новое имя", Abilities: []collectors.Ability{{Name: "Читать комментарии", Can: true}},
		}, "-1", b.now)
		b.must(err)
		if x := b.status(); again != b.source || x.Title != "Новое имя" || len(x.Abilities) != 1 {
			t.Fatalf("%+v", x)
		}
		_, err = b.s.EnsureSource(b.ctx, collectors.SourceStatus{Network: social.Telegram, Title: "Канал"}, "-1", b.now)
		b.must(err)
		b.must(b.s.Provision(b.ctx, []sources.Source{{Kind: sources.VKCommunity, ExternalID: "-1", Origin: sources.FromFile}}, b.now, noKeys))
		if x := b.status(); x.ID != b.source {
			t.Fatalf("%+v", x)
		}
		b.must(b.s.Provision(b.ctx, nil, b.now, noKeys))
		if list, err := b.s.Sources(b.ctx, b.now); err != nil || len(list) != 0 {
			t.Fatal("a retired source came back by itself", list, err)
		}
	})
}
