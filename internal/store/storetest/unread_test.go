package storetest

import (
	"errors"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/lease"
)

// keep stores an update that nobody understood.
func (b *bundle) keep(key, raw string) {
	b.t.Helper()
	u := collectors.Update{Key: key, Raw: []byte(raw), Broken: "Не разобрать.", Reader: 1}
	_, err := b.s.Commit(b.ctx, b.lease, b.stream, collectors.Batch{Updates: []collectors.Update{u}, Next: "n"}, b.now)
	b.must(err)
}

// reread gives everything that is unread to a reader of version 2, which makes
// of each update what means says, and nothing of what means does not know.
func (b *bundle) reread(means map[string]collectors.Change) int {
	b.t.Helper()
	list, err := b.s.Broken(b.ctx, b.stream.Name, 2, 100)
	b.must(err)
	for i := range list {
		list[i].Reader = 2
		if c, ok := means[list[i].Key]; ok {
			list[i].Broken, list[i].Changes = "", []collectors.Change{c}
		}
	}
	n, err := b.s.Mend(b.ctx, b.lease, b.stream, list, b.now)
	b.must(err)
	return n
}

func TestANewerReaderMendsOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.keep("9", "\xff{")
		b.keep("10", `{"a":1}`)
		b.keep("11", `?`)
		if list, err := b.s.Broken(b.ctx, b.stream.Name, 1, 100); err != nil || len(list) != 0 {
			t.Fatalf("its own version tries again: %+v %v", list, err)
		}
		list, err := b.s.Broken(b.ctx, b.stream.Name, 2, 100)
		b.must(err)
		if len(list) != 3 || list[0].Key != "9" || string(list[0].Raw) != "\xff{" || list[1].Key != "10" || !list[0].ReceivedAt.Equal(b.now) {
			t.Fatalf("%+v", list)
		}
		b.now = b.now.Add(time.Hour)
		means := map[string]collectors.Change{"9": created(comment("1", citizen, "яма")), "10": created(comment("2", citizen, "течь"))}
		if n := b.reread(means); n != 2 {
			t.Fatal(n)
		}
		if n := b.reread(means); n != 0 || b.count("SELECT COUNT(*) FROM items") != 2 {
			t.Fatal("mended twice")
		}
		// The update comes once more from the network: it is known.
		again := collectors.Update{Key: "9", Raw: []byte("{}"), Changes: []collectors.Change{created(comment("3", citizen, "яма"))}}
		_, err = b.s.Commit(b.ctx, b.lease, b.stream, collectors.Batch{Updates: []collectors.Update{again}, Next: "m"}, b.now)
		b.must(err)
		if n := b.count("SELECT COUNT(*) FROM items"); n != 2 {
			t.Fatal(n)
		}
		if tally := b.detectAll(); tally.Matched != 2 {
			t.Fatalf("%+v", tally)
		}
		p, err := b.s.Unread(b.ctx, collectors.UnreadFilter{SourceID: b.source, Limit: 10})
		b.must(err)
		if p.Total != 1 || p.Mended != 2 || len(p.Rows) != 1 || p.Rows[0].Key != "11" || p.Rows[0].Reader != 2 || string(p.Rows[0].Raw) != "?" || len(p.Sources) != 1 || p.Sources[0].Count != 1 {
			t.Fatalf("%+v", p)
		}
		if p, err = b.s.Unread(b.ctx, collectors.UnreadFilter{SourceID: "other", Limit: 10}); err != nil || p.Total != 0 || len(p.Rows) != 0 {
			t.Fatalf("%+v %v", p, err)
		}
	})
}

func TestAFrozenReaderMendsNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.keep("1", "{}")
		old := b.lease
		b.take(b.stream.Name)
		b.lease = old
		list, err := b.s.Broken(b.ctx, b.stream.Name, 2, 10)
		b.must(err)
		list[0].Broken, list[0].Reader = "", 2
		if _, err := b.s.Mend(b.ctx, old, b.stream, list, b.now); !errors.Is(err, lease.ErrLost) {
			t.Fatal(err)
		}
	})
}

// What is understood late is of the moment at which it came: it must not bring
// an old text back, nor undo a restoration that came after it.
func TestWhatIsUnderstoodLateIsNotNews(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.open(comment("5", citizen, "яма"))
		b.commit(created(comment("6", citizen, "спасибо")))
		b.keep("edit", "{}")
		b.keep("gone", "{}")
		came := b.now
		b.now = b.now.Add(time.Hour)
		b.commit(collectors.Change{Op: collectors.Edited, Item: comment("5", citizen, "яма у школы")})
		b.now = b.now.Add(time.Hour)
		gone := comment("6", citizen, "")
		n := b.reread(map[string]collectors.Change{
			"edit": {Op: collectors.Edited, Item: comment("5", citizen, "яма у дома")},
			"gone": {Op: collectors.Deleted, Item: gone},
		})
		if got := b.final("5"); n != 2 || got.Text != "яма у школы" || len(got.Texts) != 3 {
			t.Fatalf("%d %+v", n, got)
		}
		if n := b.count("SELECT COUNT(*) FROM items WHERE item_id = 'r6' AND deleted_us = $1", came.UnixMicro()); n != 1 {
			t.Fatal("the deletion is not of the moment at which it was told")
		}
		if n := b.count("SELECT COUNT(*) FROM item_versions WHERE body = 'яма у дома' AND seen_us = $1", came.UnixMicro()); n != 1 {
			t.Fatal("the text was seen when it came")
		}
	})
}
