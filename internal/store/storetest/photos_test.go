package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/media"
	"otklik/internal/social"
)

func photo(key, address string) social.Media {
	return social.Media{Kind: "photo", Key: key, File: address}
}

// pictured is a complaint with photos.
func pictured(id string, photos ...social.Media) social.Item {
	it := comment(id, citizen, "на Лесной яма")
	it.Media = photos
	return it
}

func picture(n int) media.Picture {
	file := func(kind string) media.File {
		return media.File{Hash: fmt.Sprintf("%s-%d", kind, n), Type: "image/jpeg", Bytes: []byte{0xff, 0xd8, 0, byte(n)}}
	}
	return media.Picture{Original: fmt.Sprintf("original-%d", n), Width: 40, Height: 30, Full: file("full"), Thumb: file("thumb")}
}

func (b *bundle) waiting() []media.Job {
	b.t.Helper()
	list, err := b.s.DuePhotos(b.ctx, 100, b.now)
	b.must(err)
	return list
}

// thread is what the page of the newest case shows.
func (b *bundle) thread() []incidents.ThreadItem {
	b.t.Helper()
	ids := b.texts("SELECT id FROM cases ORDER BY number DESC LIMIT 1")
	v, err := b.s.View(b.ctx, ids[0], reader("p"), b.now)
	b.must(err)
	return v.Thread
}

func TestPhotosAreQueuedWithTheirItemAndKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		it := pictured("5", photo("a", "https://vk.example/a"), photo("b", "https://vk.example/b"), social.Media{Kind: "video", Key: "v", File: "x"})
		b.open(it)
		b.commit(created(it))
		jobs := b.waiting()
		if len(jobs) != 2 || jobs[0].SourceID != b.source || jobs[0].Address != "https://vk.example/a" {
			t.Fatalf("%+v", jobs)
		}
		l := b.take("media")
		for range 2 { // a worker that was killed after its write does it again
			b.must(b.s.KeepPhoto(b.ctx, l, jobs[0].ID, picture(1), b.now))
		}
		b.must(b.s.MissPhoto(b.ctx, l, jobs[1].ID, &media.Trouble{State: media.Waiting, Message: "Пока нет.\x00"}, b.now.Add(time.Minute), b.now))
		if len(b.waiting()) != 0 {
			t.Fatalf("%+v", b.waiting())
		}
		b.now = b.now.Add(time.Minute)
		if again := b.waiting(); len(again) != 1 || again[0].Attempts != 1 {
			t.Fatalf("%+v", again)
		}
		b.must(b.s.MissPhoto(b.ctx, l, jobs[1].ID, &media.Trouble{State: media.Gone, Message: "Фото удалено."}, b.now, b.now))
		got := b.thread()[0].Photos
		if len(got) != 2 || got[0].State != "kept" || got[0].Picture != "full-1" || got[0].Thumb != "thumb-1" || got[1].State != "gone" || got[1].Trouble != "Фото удалено." {
			t.Fatalf("%+v", got)
		}
		file, err := b.s.Picture(b.ctx, "full-1")
		if err != nil || file.Type != "image/jpeg" || string(file.Bytes) != "\xff\xd8\x00\x01" {
			t.Fatalf("%+v %v", file, err)
		}
		if _, err := b.s.Picture(b.ctx, "nothing"); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		if n := b.count("SELECT COUNT(*) FROM pictures"); n != 2 {
			t.Fatalf("%d pictures", n)
		}
	})
}

func TestAFrozenWorkerKeepsNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.open(pictured("5", photo("a", "x")))
		old := b.take("media")
		b.take("media")
		job := b.waiting()[0]
		if err := b.s.KeepPhoto(b.ctx, old, job.ID, picture(1), b.now); !errors.Is(err, lease.ErrLost) {
			t.Fatal(err)
		}
		if err := b.s.MissPhoto(b.ctx, old, job.ID, &media.Trouble{State: media.Gone}, b.now, b.now); !errors.Is(err, lease.ErrLost) {
			t.Fatal(err)
		}
		if n := b.count("SELECT COUNT(*) FROM pictures"); n != 0 || len(b.waiting()) != 1 {
			t.Fatal("the late write was stored")
		}
	})
}

func TestOpenPagesLearnOfAPhoto(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.open(pictured("5", photo("a", "x")))
		rev := func() int { return b.count("SELECT value FROM counters WHERE name = 'rev.cases'") }
		l, before := b.take("media"), rev()
		b.must(b.s.KeepPhoto(b.ctx, l, b.waiting()[0].ID, picture(1), b.now))
		if rev() != before+1 {
			t.Fatal("nobody is told")
		}
	})
}

// What an author shows may change while the text stays; nothing of it is lost.
func TestAPhotoThatTheAuthorTookAwayIsKept(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.open(pictured("5", photo("a", "x"), photo("b", "y")))
		edit := func(photos ...social.Media) {
			b.now = b.now.Add(time.Minute)
			b.commit(collectors.Change{Op: collectors.Edited, Item: pictured("5", photos...)})
		}
		edit(photo("b", "y"), photo("c", "z"))
		got := b.thread()[0].Photos
		if len(got) != 3 || !got[0].Former || got[1].Former == got[2].Former && got[1].Former {
			t.Fatalf("%+v", got)
		}
		events := func() int {
			return b.count("SELECT COUNT(*) FROM case_events WHERE kind = $1 AND data LIKE '%photos%'", string(incidents.EventAuthorEdited))
		}
		if events() != 1 {
			t.Fatal("the case does not tell of it")
		}
		edit(photo("b", "y?signed=2"), photo("c", "z"))
		if events() != 1 || b.waiting()[1].Address == "y" {
			t.Fatalf("another address is no other photo, and the newer one serves: %+v", b.waiting())
		}
		// A creation that comes after its edits brings its photos, not its state.
		b.commit(created(pictured("5", photo("a", "x"), photo("d", "w"))))
		if got := b.thread()[0].Photos; len(got) != 4 || events() != 1 {
			t.Fatalf("%+v", got)
		}
	})
}

func TestAPhotoOfAnEarlierProgramIsFetchedWhenItIsListed(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		it := comment("5", citizen, "яма")
		it.Media = []social.Media{{Kind: "photo", URL: "https://vk.example/photo1"}}
		b.open(it)
		b.now = b.now.Add(time.Hour)
		it.Media[0].Key, it.Media[0].File = "photo1", "https://cdn.example/1"
		b.commit(collectors.Change{Op: collectors.Listed, Item: it, AskedAt: b.now})
		if len(b.waiting()) != 1 || b.count("SELECT COUNT(*) FROM case_events WHERE kind = 'author_edited'") != 0 {
			t.Fatalf("%+v", b.waiting())
		}
	})
}

func TestAnAddressThatWasGivenUpIsTriedWhenItIsAnother(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.open(pictured("5", photo("a", "x")))
		l := b.take("media")
		b.must(b.s.MissPhoto(b.ctx, l, b.waiting()[0].ID, &media.Trouble{State: media.Failed, Message: "Нет."}, b.now, b.now))
		listed := func(address string) {
			b.now = b.now.Add(time.Minute)
			b.commit(collectors.Change{Op: collectors.Listed, Item: pictured("5", photo("a", address)), AskedAt: b.now})
		}
		listed("x")
		if len(b.waiting()) != 0 {
			t.Fatal("the same address is tried again")
		}
		listed("y")
		if again := b.waiting(); len(again) != 1 || again[0].Address != "y" || again[0].Attempts != 0 {
			t.Fatalf("%+v", again)
		}
	})
}

func TestAnAlbumIsShownAtItsFirstPart(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		part := func(key string) social.Media { m := photo(key, key); m.Album = "77"; return m }
		second := pictured("6", part("b"))
		second.Text = ""
		stranger := pictured("7", part("c"))
		stranger.Author.ID, stranger.Text = "900", ""
		b.open(pictured("5", part("a")))
		b.commit(created(second), created(stranger))
		if got := b.thread()[0].Photos; len(got) != 2 || got[0].Key != "a" || got[1].Key != "b" {
			t.Fatalf("%+v", got)
		}
	})
}

func TestEveryTextIsShownWithItsTimes(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for i, c := range life("5") {
			b.now = b.now.Add(time.Minute)
			b.commit(c)
			if i == 0 {
				b.detectAll()
			}
		}
		got := b.thread()[0].Versions
		if len(got) != 4 || got[0].Text != "на Лесной яма" || got[3].Text != "на Лесной большая яма" || !got[0].EditedAt.IsZero() {
			t.Fatalf("%+v", got)
		}
		for i := 1; i < len(got); i++ {
			if !got[i].EditedAt.After(got[i-1].EditedAt) || !got[i].SeenAt.After(got[i-1].SeenAt) {
				t.Fatalf("out of order: %+v", got)
			}
		}
	})
}
