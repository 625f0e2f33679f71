package storetest

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"otklik/internal/media"
	"otklik/publisher"
)

// given is a photo that a person has uploaded; n makes it another one.
func (p *plan) given(n int) publisher.Upload {
	p.t.Helper()
	name := func(kind int) string { return fmt.Sprintf("%064x", n*10+kind) }
	u, err := p.s.KeepUpload(p.ctx, press, "двор.jpg", media.Picture{
		Full: media.File{Hash: name(1), Type: "image/jpeg", Bytes: []byte("полное")}, Thumb: media.File{Hash: name(2), Type: "image/jpeg", Bytes: []byte("малое")},
		Original: name(3), Width: 4, Height: 3,
	}, p.now)
	p.must(err)
	return u
}

func TestPhotosThatNothingNamesAreSwept(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		f := p.facts()
		in := func(u publisher.Upload) publisher.Content {
			return publisher.Content{Text: "Двор", Media: []publisher.Media{{Kind: publisher.Photo, Hash: u.Hash, Alt: "двор"}}}
		}
		lonely, posted, former, drafted, kept, seen := p.given(1), p.given(2), p.given(3), p.given(4), p.given(5), p.given(6)
		post := p.begin("Пост", time.Time{})
		for _, u := range []publisher.Upload{former, posted} {
			_, err := p.apply(post.ID, 0, func(x publisher.Post) (publisher.Decision, error) {
				return publisher.Apply(x, publisher.Write{Content: in(u), PageIDs: []string{p.vk}}, press, f)
			})
			b.must(err)
		}
		b.must(b.s.SaveUnsaved(b.ctx, publisher.Unsaved{PostID: "", PersonID: press.ID, Fields: url.Values{"media": {`[{"hash":"` + drafted.Hash + `"}]`}}}, p.now))
		_, err := b.s.SavePostTemplate(b.ctx, publisher.Template{Title: "Двор", Content: in(kept)}, p.now)
		b.must(err)
		it := comment("1", citizen, "яма")
		it.Media = nil
		b.commit(created(it))
		_, err = b.raw.ExecContext(b.ctx, `INSERT INTO photos (id, item_id, key, position, album, address, state, next_us, seen_us, original, picture, thumb, width, height)
			SELECT 'x', id, 'k', 0, '', '', 'kept', 0, 0, '', $1, '', 1, 1 FROM items`, seen.Hash)
		b.must(err)
		left := func() string {
			return fmt.Sprint(b.count("SELECT COUNT(*) FROM uploads"), b.count("SELECT COUNT(*) FROM pictures"))
		}
		b.must(b.s.Sweep(b.ctx, time.Hour, p.now.Add(29*24*time.Hour)))
		if left() != "6 12" {
			t.Fatalf("swept too early: %s are left", left())
		}
		p.now = p.now.Add(31 * 24 * time.Hour)
		for range 2 {
			b.must(b.s.Sweep(b.ctx, time.Hour, p.now))
		}
		// Of what is also a citizen's photo the bytes stay.
		if left() != "4 9" || b.count("SELECT COUNT(*) FROM pictures WHERE hash = $1", seen.Hash) != 1 {
			t.Fatalf("%s are left", left())
		}
		if n := b.count("SELECT COUNT(*) FROM uploads WHERE hash IN ($1, $2)", lonely.Hash, seen.Hash); n != 0 {
			t.Fatal("what nothing names is still there")
		}
	})
}

func TestUnsavedWordsOfAPostThatIsOverAreSwept(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		f := p.facts()
		over, open := p.begin("Отменённый", time.Time{}), p.begin("Черновик", time.Time{})
		_, err := p.apply(over.ID, 0, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Cancel{}, press, f)
		})
		b.must(err)
		for _, id := range []string{over.ID, open.ID, ""} {
			b.must(b.s.SaveUnsaved(b.ctx, publisher.Unsaved{PostID: id, PersonID: press.ID, Fields: url.Values{"text": {"Недописано"}}}, p.now))
		}
		b.must(b.s.Sweep(b.ctx, time.Hour, p.now.Add(29*24*time.Hour)))
		if n := b.count("SELECT COUNT(*) FROM post_drafts"); n != 3 {
			t.Fatalf("%d are left after 29 days", n)
		}
		b.must(b.s.Sweep(b.ctx, time.Hour, p.now.Add(31*24*time.Hour)))
		if n := b.count("SELECT COUNT(*) FROM post_drafts WHERE post_id <> $1", over.ID); n != 2 || b.count("SELECT COUNT(*) FROM post_drafts") != 2 {
			t.Fatalf("%d are left after 31 days", n)
		}
	})
}
