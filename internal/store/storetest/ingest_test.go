package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"otklik/collectors"
	"otklik/internal/lease"
	"otklik/internal/social"
	"otklik/internal/testdb"
)

func TestItemIsStoredOnceWithAllItHas(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		it := comment("5", citizen, "На Лесной яма")
		it.ReplyTo = ref("r4")
		it.Media = []social.Media{{Kind: "photo", Title: "яма", URL: "https://vk.example/p"}}
		it.EditedAt = it.PublishedAt.Add(time.Minute)
		if n := b.commit(created(it), created(it)); n != 1 {
			t.Fatalf("created = %d, want 1", n)
		}
		got, ok, err := b.s.Item(b.ctx, it.Ref)
		b.must(err)
		if !ok {
			t.Fatal("not stored")
		}
		if d := cmp.Diff(it, got); d != "" {
			t.Fatal(d)
		}
		if n := b.count("SELECT COUNT(*) FROM items"); n != 1 {
			t.Fatalf("rows = %d", n)
		}
		if cur, err := b.s.Cursor(b.ctx, "live"); err != nil || cur != "2" {
			t.Fatalf("cursor %q %v", cur, err)
		}
	})
}

func TestCursorOfUnknownStreamIsAnError(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		if _, err := b.s.Cursor(b.ctx, "nothing"); err == nil {
			t.Fatal("a stream that nobody made known has no cursor")
		}
		l := b.take("nothing")
		it := created(comment("1", citizen, "яма"))
		_, err := b.s.Commit(b.ctx, l, collectors.Stream{Name: "nothing", SourceID: b.source},
			collectors.Batch{Updates: []collectors.Update{{Changes: []collectors.Change{it}}}, Next: "7"}, b.now)
		if err == nil {
			t.Fatal("the cursor was lost in silence")
		}
		if n := b.count("SELECT COUNT(*) FROM items"); n != 0 {
			t.Fatal("data were stored without their cursor")
		}
	})
}

// life is all that happens to one item, with the network's own edit times.
func life(id string) []collectors.Change {
	first := comment(id, citizen, "на Лесной яма")
	out := []collectors.Change{created(first)}
	for i, text := range []string{"на Лесной яма!", "на Лесной яма", "на Лесной большая яма"} {
		it := comment(id, citizen, text)
		it.EditedAt = it.PublishedAt.Add(time.Duration(i+1) * time.Minute)
		out = append(out, collectors.Change{Op: collectors.Edited, Item: it})
	}
	return out
}

// final is what must be the same whatever the order was.
type final struct {
	Text     string
	EditedAt time.Time
	Texts    []string
	Deleted  bool
	Rows     int
}

func (b *bundle) final(id string) final {
	b.t.Helper()
	it, _, err := b.s.Item(b.ctx, ref("r"+id))
	b.must(err)
	texts := b.texts("SELECT DISTINCT v.body FROM item_versions v JOIN items i ON i.id = v.item_id WHERE i.item_id = $1", "r"+id)
	slices.Sort(texts)
	return final{
		Text: it.Text, EditedAt: it.EditedAt, Texts: texts,
		Deleted: b.count("SELECT COUNT(*) FROM items WHERE item_id = $1 AND deleted_us <> 0", "r"+id) == 1,
		Rows:    b.count("SELECT COUNT(*) FROM items WHERE item_id = $1", "r"+id),
	}
}

func TestAnyOrderAndRepetitionLeadToTheSame(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, dsn string) {
		b := setup(t, dsn)
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			id := fmt.Sprint(run)
			changes := life(id)[:rapid.IntRange(1, 4).Draw(rt, "events")]
			last := changes[len(changes)-1].Item
			var texts []string
			for _, c := range changes {
				texts = append(texts, c.Item.Text)
			}
			slices.Sort(texts)
			deleted := rapid.Bool().Draw(rt, "deleted")
			if deleted {
				changes = append(changes, collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("r" + id)}})
			}
			var updates []collectors.Update
			for i, c := range changes {
				updates = append(updates, collectors.Update{Key: id + "." + fmt.Sprint(i), Raw: []byte("{}"), Changes: []collectors.Change{c}})
			}
			updates = slices.Concat(updates, updates, updates)
			updates = rapid.Permutation(updates).Draw(rt, "order")
			for part := range slices.Chunk(updates, rapid.IntRange(1, 6).Draw(rt, "batch")) {
				if _, err := b.s.Commit(b.ctx, b.lease, b.stream, collectors.Batch{Updates: part, Next: "n"}, b.now); err != nil {
					rt.Fatal(err)
				}
			}
			want := final{Text: last.Text, EditedAt: last.EditedAt, Texts: slices.Compact(texts), Deleted: deleted, Rows: 1}
			if d := cmp.Diff(want, b.final(id)); d != "" {
				rt.Fatal(d)
			}
		})
	})
}

func TestDeletionBeforeCreation(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		gone := collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("r9")}}
		it := comment("9", citizen, "яма")
		b.commit(gone)
		b.commit(gone, created(it))
		if got := b.final("9"); got.Text != "яма" || !got.Deleted {
			t.Fatalf("%+v", got)
		}
		if tally := b.detectAll(); tally.Opened != 0 {
			t.Fatal("a deleted message became a case")
		}
		b.commit(collectors.Change{Op: collectors.Restored, Item: it})
		if b.final("9").Deleted {
			t.Fatal("still deleted")
		}
		if tally := b.detectAll(); tally.Opened != 1 {
			t.Fatal("a restored message was not looked at")
		}
	})
}

func TestRestoredWithAnotherTextIsLookedAt(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("9", citizen, "спасибо")), collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: ref("r9")}})
		b.commit(collectors.Change{Op: collectors.Restored, Item: comment("9", citizen, "снова яма")})
		if got := b.final("9"); got.Deleted || got.Text != "снова яма" {
			t.Fatalf("%+v", got)
		}
		if tally := b.detectAll(); tally.Opened != 1 {
			t.Fatalf("%+v", tally)
		}
	})
}

func TestOwnWordsAndCopiesAreNeverPending(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		copied := comment("3", citizen, "яма")
		copied.CopyOf = ref("1")
		for _, it := range []social.Item{post("1", "яма засыпана"), copied, comment("4", citizen, "  ")} {
			b.commit(created(it), collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: it.Ref}}, collectors.Change{Op: collectors.Restored, Item: it})
		}
		if tally := b.detectAll(); tally.Matched != 0 {
			t.Fatalf("%+v", tally)
		}
	})
}

// A listing of a network without edit times may have been read before an edit
// that is stored already.
func TestStaleListingDoesNotBringTheOldTextBack(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		old, edited := comment("9", citizen, "яма"), comment("9", citizen, "яма у школы")
		b.commit(created(old), collectors.Change{Op: collectors.Edited, Item: edited})
		b.commit(collectors.Change{Op: collectors.Listed, Item: old})
		if got := b.final("9"); got.Text != edited.Text {
			t.Fatalf("%+v", got)
		}
		b.commit(collectors.Change{Op: collectors.Listed, Item: comment("9", citizen, "яма у школы № 5")})
		if got := b.final("9"); got.Text != "яма у школы № 5" || len(got.Texts) != 3 {
			t.Fatalf("an edit that was missed must be found by listing: %+v", got)
		}
	})
}

func TestBrokenUpdatesAreKeptAndHurtNobody(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		bad := comment("2", social.Author{ID: "7\x00", Name: "Имя\x00\xff"}, "яма\x00\xff у дома")
		bad.Permalink = "https://vk.example/\x00"
		batch := collectors.Batch{Next: "1", Progress: "половина\x00", Updates: []collectors.Update{
			{Key: "a", Raw: []byte("\xff\xfe{"), Broken: "не JSON: \xff\x00"},
			{Key: "b", Raw: []byte("{\"t\":\"\x00\"}"), Broken: "NUL"},
			{Key: "c", Raw: []byte(`{}`), Changes: []collectors.Change{created(bad)}},
		}}
		for range 2 {
			_, err := b.s.Commit(b.ctx, b.lease, b.stream, batch, b.now)
			b.must(err)
		}
		if n := b.count("SELECT COUNT(*) FROM updates WHERE broken <> ''"); n != 2 {
			t.Fatalf("broken = %d", n)
		}
		if n := b.count("SELECT COUNT(*) FROM updates WHERE encoding = 'base64' AND raw = '//57'"); n != 1 {
			t.Fatal("the raw bytes are not as they came")
		}
		b.must(b.s.Fail(b.ctx, b.lease, b.stream, &collectors.Trouble{Kind: collectors.Passing, Message: "сбой\x00\xff"}, b.now))
		list, err := b.s.Sources(b.ctx, b.now)
		b.must(err)
		if list[0].Broken != 2 || list[0].Items != 1 {
			t.Fatalf("%+v", list[0])
		}
		if tally := b.detectAll(); tally.Opened != 1 {
			t.Fatalf("%+v", tally)
		}
	})
}

func TestOldLeaseWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.commit(created(comment("1", citizen, "яма")))
		next, err := b.s.Take(b.ctx, "live", "another", time.Hour, b.now.Add(2*time.Hour))
		b.must(err)
		if next.Fence <= b.lease.Fence {
			t.Fatalf("fence %d after %d", next.Fence, b.lease.Fence)
		}
		late := collectors.Batch{Next: "99", Updates: []collectors.Update{{Key: "late", Changes: []collectors.Change{created(comment("2", citizen, "яма"))}}}}
		if _, err := b.s.Commit(b.ctx, b.lease, b.stream, late, b.now); !errors.Is(err, lease.ErrLost) {
			t.Fatalf("commit: %v", err)
		}
		if err := b.s.Fail(b.ctx, b.lease, b.stream, &collectors.Trouble{Kind: collectors.Denied, Message: "x"}, b.now); !errors.Is(err, lease.ErrLost) {
			t.Fatalf("fail: %v", err)
		}
		if err := b.s.Renew(b.ctx, b.lease, time.Hour, b.now); !errors.Is(err, lease.ErrLost) {
			t.Fatalf("renew: %v", err)
		}
		b.must(b.s.Release(b.ctx, b.lease, b.now))
		if cur, _ := b.s.Cursor(b.ctx, "live"); cur != "1" {
			t.Fatalf("cursor %q", cur)
		}
		if b.count("SELECT COUNT(*) FROM items")+b.count("SELECT COUNT(*) FROM updates WHERE key = 'late'") != 1 {
			t.Fatal("something was written")
		}
		if err := b.s.Renew(b.ctx, next, time.Hour, b.now); err != nil {
			t.Fatalf("the release of a lost lease took the new one: %v", err)
		}
	})
}

func TestManyStreamsWriteAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		const streams, items = 6, 30
		type own struct {
			st collectors.Stream
			l  lease.Lease
		}
		var list []own
		for i := range streams {
			st, l := b.newStream(fmt.Sprint("s", i))
			list = append(list, own{st, l})
		}
		var wg sync.WaitGroup
		for i, o := range list {
			wg.Go(func() {
				for j := range items {
					// Every item comes over two streams at about the same time.
					it := comment(fmt.Sprint(i/2, "-", j), citizen, "текст")
					batch := collectors.Batch{Next: collectors.Cursor(fmt.Sprint(j)), Updates: []collectors.Update{{Key: fmt.Sprint(j), Changes: []collectors.Change{created(it)}}}}
					if _, err := b.s.Commit(b.ctx, o.l, o.st, batch, b.now); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		const want = streams / 2 * items
		if n := b.count("SELECT COUNT(*) FROM items"); n != want {
			t.Errorf("items = %d, want %d", n, want)
		}
		if n := b.count("SELECT COUNT(DISTINCT seq) FROM items WHERE seq BETWEEN 1 AND $1", want); n != want {
			t.Errorf("numbers are not complete: %d of %d", n, want)
		}
	})
}

func TestALaterListingBringsBackWhatWasTakenForDeleted(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		it := comment("1", citizen, "яма")
		b.commit(created(it))
		earlier := b.now.Add(-time.Minute)
		b.commit(collectors.Change{Op: collectors.Deleted, Item: social.Item{Ref: it.Ref}})
		b.commit(collectors.Change{Op: collectors.Listed, Item: it, AskedAt: earlier})
		if list, err := b.s.Comments(b.ctx, it.Thread); err != nil || len(list) != 0 {
			t.Fatalf("a listing asked for before the deletion brought it back: %v %v", list, err)
		}
		b.commit(collectors.Change{Op: collectors.Listed, Item: it, AskedAt: b.now.Add(time.Minute)})
		if list, err := b.s.Comments(b.ctx, it.Thread); err != nil || len(list) != 1 {
			t.Fatalf("a listing asked for after the deletion did not bring it back: %v %v", list, err)
		}
	})
}
