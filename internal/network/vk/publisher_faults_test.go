package vk_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/delivery"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/record"
	"otklik/internal/sim/vk/vktest"
)

// A lost answer is repeated under the same guid and stands once; so is every
// other call that can be repeated.
func TestLostAnswersOfEveryCall(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{record.FaultLost, record.FaultTruncated, record.FaultHTML, record.FaultReset, record.FaultHang} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := newBureau(t, nil)
			twice := func(method string, repeatable bool, call func() error) {
				t.Helper()
				b.Faults().Add(record.Fault{Method: method, Kind: kind, Delay: 30})
				f := failureOf(t, call())
				if want := delivery.NotSent; !repeatable && f.Outcome != want || repeatable && (f.Outcome != delivery.Uncertain || !f.Repeatable) {
					t.Errorf("%s: %+v", method, f)
				}
				if err := call(); err != nil {
					t.Errorf("%s repeated: %v", method, err)
				}
			}
			photo := picture(t, 30)
			for _, method := range []string{"photos.getWallUploadServer", "upload", "photos.saveWallPhoto"} {
				twice(method, false, func() (err error) { photo.Uploaded = ""; photo.Uploaded, err = b.Upload(t.Context(), photo); return })
			}
			doc := document()
			for _, method := range []string{"docs.getWallUploadServer", "upload", "docs.save"} {
				twice(method, false, func() (err error) { doc.Uploaded = ""; doc.Uploaded, err = b.Upload(t.Context(), doc); return })
			}
			var poll string
			twice("polls.create", false, func() (err error) {
				poll, err = b.CreatePoll(t.Context(), delivery.Poll{Question: "Чисто?", Answers: []string{"Да", "Нет"}})
				return
			})
			pub := publication("Двор убран", photo, doc)
			pub.Poll, pub.FirstSendingAt = &delivery.Poll{Created: poll}, b.Now()
			var got delivery.Published
			twice("wall.post", true, func() (err error) { got, err = b.Publish(t.Context(), pub); return })
			if wall := b.wall(); len(wall) != 1 || netvk.PostRef(vktest.OwnerID, wall[0].ID) != got.Refs[0] {
				t.Fatalf("the wall holds %+v", wall)
			}
			twice("wall.edit", true, func() error {
				return b.Edit(t.Context(), delivery.Revision{Refs: got.Refs, Text: "Двор убран дважды", Media: []delivery.Medium{photo}, Poll: poll})
			})
			twice("wall.pin", true, func() error { return b.Pin(t.Context(), got.Refs) })
			if p := b.wall()[0]; p.Text != "Двор убран дважды" || !p.Pinned || len(p.Attachments) != 1 || len(p.Polls) != 1 {
				t.Errorf("the post is %+v", p)
			}
			twice("wall.unpin", true, func() error { return b.Unpin(t.Context(), got.Refs) })
			for _, method := range []string{"wall.getById", "stats.getPostReach", "stats.get", "groups.getById", "polls.getById"} {
				twice(method, false, func() error {
					_, e1 := b.Count(t.Context(), got.Refs)
					_, e2 := b.Reach(t.Context(), got.Refs)
					_, e3 := b.Days(t.Context(), b.Now().Add(-24*time.Hour), b.Now())
					_, e4 := b.Members(t.Context())
					_, e5 := b.PollResult(t.Context(), nil, poll)
					return errors.Join(e1, e2, e3, e4, e5)
				})
			}
			twice("wall.delete", true, func() error { return b.Delete(t.Context(), got.Refs) })
			if len(b.wall()) != 0 {
				t.Error("the post still stands")
			}
		})
	}
}

func TestAnUncertainPostIsRepeatableWithinTheWindowOnly(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	b.Faults().Add(record.Fault{Method: "wall.post", Kind: record.FaultLost, Count: 3})
	for _, age := range []time.Duration{50 * time.Minute, 59 * time.Minute, -time.Minute} {
		p := publication("Текст")
		p.FirstSendingAt = b.Now().Add(-age)
		_, err := b.Publish(t.Context(), p)
		if f := failureOf(t, err); f.Outcome != delivery.Uncertain || f.Repeatable != (age > 0 && age < 58*time.Minute) {
			t.Errorf("%v after the first call: %+v", age, f)
		}
	}
}

func TestRefusalsOfAPostAreExplained(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	for code, want := range map[int]delivery.Outcome{
		1: delivery.Uncertain, 10: delivery.Uncertain, 5: delivery.Refused, 6: delivery.NotSent, 9: delivery.NotSent, 14: delivery.Refused,
		15: delivery.Refused, 27: delivery.Refused, 29: delivery.NotSent, 100: delivery.Refused, 214: delivery.Refused, 219: delivery.Refused,
		222: delivery.Refused, 224: delivery.Refused, 1051: delivery.Refused,
	} {
		b.Faults().Add(record.Fault{Method: "wall.post", Kind: record.FaultError, Code: code})
		_, err := b.Publish(t.Context(), publication("Текст"))
		if f := failureOf(t, err); f.Outcome != want || f.Code != "vk."+strconv.Itoa(code) {
			t.Errorf("%d: %+v", code, f)
		}
	}
	b.RevokeToken(vktest.AdminToken)
	if _, err := b.Upload(t.Context(), picture(t, 20)); failureOf(t, err).Code != "vk.5" {
		t.Errorf("with a revoked key: %v", err)
	}
	if len(b.wall()) != 0 {
		t.Errorf("the wall holds %+v", b.wall())
	}
}

// breaking is a transport whose connections break once they have carried so
// many bytes; a second one works.
type breaking struct {
	after atomic.Int64
	read  atomic.Int64 // of the file, at most at once
}

func (b *breaking) transport() *http.Transport {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &breakingConn{c, b}, err
	}}
}

type breakingConn struct {
	net.Conn
	b *breaking
}

func (c *breakingConn) Write(p []byte) (int, error) {
	if c.b.after.Load() > 0 && c.b.after.Add(-int64(len(p))) <= 0 {
		_ = c.Close()
		return 0, errors.New("the connection broke")
	}
	return c.Conn.Write(p)
}

// counting notes the largest piece that was read of a file.
type counting struct {
	io.ReaderAt
	most *atomic.Int64
}

func (c counting) ReadAt(p []byte, off int64) (int, error) {
	if n := int64(len(p)); n > c.most.Load() {
		c.most.Store(n)
	}
	return c.ReaderAt.ReadAt(p, off)
}

// An upload that breaks half way is repeated alone: what is uploaded already is
// not uploaded again, and no file is ever held in memory as a whole.
func TestABrokenUploadGoesOnWhereItBroke(t *testing.T) {
	t.Parallel()
	var line breaking
	b := newBureau(t, nil)
	b.Publisher = netvk.NewPublisher(netvk.PublisherOptions{
		GroupID: vktest.GroupID, Now: b.Now, Admin: keyOf(b.Network, netvk.UserKey, line.transport()),
	})
	media := []delivery.Medium{picture(t, 300), picture(t, 1500)}
	for i := range media {
		media[i].Data = counting{media[i].Data, &line.read}
	}
	first, err := b.Upload(t.Context(), media[0])
	media[0].Uploaded = b.must(t, first, err)
	line.after.Store(media[1].Size / 2)
	_, err = b.Upload(t.Context(), media[1])
	if f := failureOf(t, err); f.Outcome != delivery.NotSent {
		t.Errorf("broken half way: %+v", f)
	}
	uploads := b.Calls("photos.saveWallPhoto")
	for i := range media {
		name, err := b.Upload(t.Context(), media[i])
		media[i].Uploaded = b.must(t, name, err)
	}
	if n := b.Calls("photos.saveWallPhoto") - uploads; n != 1 {
		t.Errorf("%d photos were uploaded after the break", n)
	}
	if _, err := b.Publish(t.Context(), publication("Два снимка", media...)); err != nil || len(b.wall()[0].Attachments) != 2 {
		t.Errorf("%v", err)
	}
	if most := line.read.Load(); most > 1<<20 || media[1].Size < 1<<20 {
		t.Errorf("%d bytes of a file of %d were read at once", most, media[1].Size)
	}
}
