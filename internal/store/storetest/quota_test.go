package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/quota"
)

func wallGet() quota.Key { return quota.Key{Print: "7f3a", Method: "wall.get"} }

func (b *bundle) spend(stream string, most int) bool {
	b.t.Helper()
	ok, err := b.s.Spend(b.ctx, wallGet(), stream, quota.Grant(100), most, b.now)
	b.must(err)
	return ok
}

func TestQuotaIsCountedBeforeTheCallAndForASlidingDay(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		begun := b.now
		for range 3 {
			if !b.spend("a", 5) {
				t.Fatal("refused too early")
			}
		}
		b.now = b.now.Add(20 * time.Hour)
		if first, second := b.spend("b", 5), b.spend("b", 5); !first || !second || b.spend("a", 5) {
			t.Fatal("five calls of five are granted")
		}
		list, err := b.s.Quota(b.ctx, b.now)
		b.must(err)
		if len(list) != 1 {
			t.Fatalf("%+v", list)
		}
		q := list[0]
		if q.KeyPrint != "7f3a" || q.Method != "wall.get" || q.Calls != 100 || q.Used != 5 || q.Left != 95 {
			t.Errorf("%+v", q)
		}
		if q.FreesAt.Before(begun.Add(24*time.Hour)) || q.FreesAt.After(begun.Add(25*time.Hour)) {
			t.Errorf("the first calls were made at %v and come back at %v", begun, q.FreesAt)
		}
		b.now = begun.Add(24 * time.Hour)
		if b.spend("a", 5) {
			t.Error("a call counts for a whole day")
		}
		b.now = q.FreesAt
		if !b.spend("a", 5) {
			t.Error("the calls did not come back when they had to")
		}
		a, err := b.s.Account(b.ctx, wallGet(), b.now)
		b.must(err)
		if len(a.Uses) != 3 || quota.Counted(a.Uses, b.now) != 3 || a.Uses[0] != (quota.Use{Stream: "a", Slot: begun.Truncate(quota.Slot), Calls: 3}) {
			t.Errorf("%+v", a)
		}
		b.now = b.now.Add(10 * quota.Day)
		b.must(b.s.Sweep(b.ctx, time.Hour, b.now))
		if n := b.count("SELECT COUNT(*) FROM quota_use"); n != 0 {
			t.Errorf("%d old rows are kept", n)
		}
		if list, err := b.s.Quota(b.ctx, b.now); err != nil || len(list) != 0 {
			t.Errorf("a key that nobody uses is shown: %+v, %v", list, err)
		}
	})
}

func TestProcessesThatShareAKeyNeverCallTooOften(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		var granted atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for range 10 {
					ok, err := b.s.Spend(b.ctx, wallGet(), string(rune('a'+i)), quota.Grant(100), 50, b.now)
					if err != nil {
						t.Error(err)
					}
					if ok {
						granted.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if n := granted.Load(); n != 50 {
			t.Errorf("%d calls were granted, 50 may be made", n)
		}
	})
}

func TestQuotaRemembersARefusal(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.must(b.s.Refuse(b.ctx, wallGet(), quota.Grant(100), b.now))
		a, err := b.s.Account(b.ctx, wallGet(), b.now)
		b.must(err)
		if !a.Refused.Equal(b.now) {
			t.Fatalf("%+v", a)
		}
	})
}

func TestActivityByTheHour(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		at := time.Date(2026, 3, 1, 10, 59, 0, 0, time.UTC)
		for i, d := range []time.Duration{0, 30 * time.Second, time.Minute, 5 * time.Hour} {
			it := comment(string(rune('1'+i)), citizen, "спасибо")
			it.PublishedAt = at.Add(d)
			b.commit(created(it))
		}
		hours, err := b.s.Activity(b.ctx, b.stream.Name, at)
		b.must(err)
		want := []quota.Hour{{Start: at.Truncate(time.Hour), Items: 2}, {Start: at.Add(time.Minute), Items: 1}, {Start: at.Add(time.Minute + 4*time.Hour), Items: 1}}
		if len(hours) != 3 || hours[0] != want[0] || hours[1] != want[1] || !hours[2].Start.Equal(want[2].Start) {
			t.Errorf("%+v, want %+v", hours, want)
		}
	})
}

func TestASourceReadByPlanIsNotBehindUntilItsTime(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		_, err := b.s.EnsureSource(b.ctx, collectors.SourceStatus{Network: "vk", Title: "Соседи", Kind: "стена", Public: true}, "-1", b.now)
		b.must(err)
		b.batch(collectors.Batch{Next: "1", CompleteTo: b.now, Due: b.now.Add(20 * time.Minute)})
		b.now = b.now.Add(20 * time.Minute)
		if x := b.status(); x.State != collectors.Healthy || !x.Public || x.DueAt.IsZero() {
			t.Errorf("%+v", x)
		}
		b.now = b.now.Add(3 * time.Minute)
		if x := b.status(); x.State != collectors.Lagging {
			t.Errorf("%+v", x)
		}
		if w, err := b.s.Waiting(b.ctx, b.now.Add(time.Hour)); err != nil || !w.Source.IsZero() {
			t.Errorf("a public page makes the program unready: %+v, %v", w, err)
		}
	})
}
