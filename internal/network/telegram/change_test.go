package telegram_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	network "otklik/internal/network/telegram"

	"otklik/internal/delivery"
	"otklik/internal/sim/record"
	sim "otklik/internal/sim/telegram"
	"otklik/internal/social"
)

// changed holds a failure of a change to its form: it may be repeated.
func changed(t *testing.T, err error) *delivery.Failure {
	t.Helper()
	var f *delivery.Failure
	if !errors.As(err, &f) || f.Message == "" || strings.Contains(err.Error(), "AAsecretpart") {
		t.Fatalf("got %v", err)
	}
	if f.Outcome == delivery.Uncertain && !f.Repeatable {
		t.Errorf("not repeatable: %+v", f)
	}
	return f
}

// Every change may be repeated after a lost answer, and ends where it would
// have ended.
func TestChangesAreRepeatedAfterLostAnswers(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{record.FaultLost, record.FaultTruncated, record.FaultHTML, record.FaultReset, record.FaultHang} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := newBureau(t, nil)
			text, err1 := b.Publish(t.Context(), post("Двор"))
			media := []delivery.Medium{jpegOf(t, 30), jpegOf(t, 40)}
			album, err2 := b.Publish(t.Context(), post("Двор", media...))
			poll, err3 := b.Publish(t.Context(), delivery.Publication{Poll: question()})
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Fatal(err)
			}
			twice := func(method string, call func() error) {
				t.Helper()
				b.sim.Faults().Add(record.Fault{Method: method, Kind: kind, Delay: 30})
				if f := changed(t, call()); f.Outcome != delivery.Uncertain {
					t.Errorf("%s: %+v", method, f)
				}
				for range 2 {
					if err := call(); err != nil {
						t.Errorf("%s repeated: %v", method, err)
					}
				}
			}
			bold := []social.Entity{{Kind: social.Bold, Offset: 0, Length: 4}}
			twice("editMessageText", func() error {
				return b.Edit(t.Context(), delivery.Revision{Refs: text.Refs, Text: "Двор убран", Entities: bold})
			})
			twice("editMessageCaption", func() error {
				return b.Edit(t.Context(), delivery.Revision{Refs: album.Refs, Text: "Двор убран", Media: media})
			})
			other := []delivery.Medium{media[0], jpegOf(t, 50)}
			twice("editMessageMedia", func() error {
				return b.Edit(t.Context(), delivery.Revision{Refs: album.Refs, Text: "Двор убран снова", Media: other, Replaced: []int{1}})
			})
			twice("pinChatMessage", func() error { return b.Pin(t.Context(), text.Refs) })
			posts := b.posts()
			if posts[0].Text != "Двор убран" || !posts[0].Pinned || posts[1].Text != "Двор убран снова" || posts[2].Text != "" {
				t.Errorf("the channel holds %+v", posts)
			}
			twice("unpinChatMessage", func() error { return b.Unpin(t.Context(), text.Refs) })
			twice("stopPoll", func() error { _, err := b.ClosePoll(t.Context(), poll.Refs, poll.Poll); return err })
			twice("deleteMessages", func() error { return b.Delete(t.Context(), album.Refs) })
			twice("deleteMessage", func() error { return b.Delete(t.Context(), text.Refs) })
			if posts := b.posts(); len(posts) != 1 || !posts[0].Poll.Closed {
				t.Errorf("the channel holds %+v", posts)
			}
		})
	}
}

func TestAnEditIsHeldToWhatStands(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	photo := jpegOf(t, 30)
	got, err := b.Publish(t.Context(), post("Двор", photo))
	if err != nil {
		t.Fatal(err)
	}
	seq := len(b.log.Since(0, ""))
	for name, r := range map[string]delivery.Revision{
		"a photo more":    {Refs: got.Refs, Text: "Двор", Media: []delivery.Medium{photo, photo}},
		"long caption":    {Refs: got.Refs, Text: strings.Repeat("ж", social.Telegram.Bounds().Caption+1), Media: []delivery.Medium{photo}},
		"no such photo":   {Refs: got.Refs, Text: "Двор", Media: []delivery.Medium{photo}, Replaced: []int{1}},
		"empty":           {Refs: b.refs(1), Text: " "},
		"a poll":          {Refs: got.Refs, Poll: "1"},
		"another chat":    {Refs: []social.Ref{b.ref(1)}, Text: "Двор"},
		"not published":   {Text: "Двор"},
		"a mark too long": {Refs: got.Refs, Text: "Двор", Media: []delivery.Medium{photo}, Entities: []social.Entity{{Kind: social.Bold, Length: 9}}},
	} {
		if f := changed(t, b.Edit(t.Context(), r)); f.Outcome != delivery.Refused {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if n := len(b.log.Since(0, "")) - seq; n != 0 {
		t.Errorf("%d calls were made", n)
	}
	gone := b.refs(9999)
	for name, call := range map[string]func() error{
		"edit": func() error { return b.Edit(t.Context(), delivery.Revision{Refs: gone, Text: "Двор"}) },
		"pin":  func() error { return b.Pin(t.Context(), gone) },
		"stop": func() error { _, err := b.ClosePoll(t.Context(), gone, "1"); return err },
	} {
		if f := changed(t, call()); f.Outcome != delivery.Refused || !strings.Contains(f.Message, "больше нет") {
			t.Errorf("%s of what is gone: %+v", name, f)
		}
	}
	if err := errors.Join(b.Delete(t.Context(), gone), b.Unpin(t.Context(), gone), b.Delete(t.Context(), b.refs(9998, 9999))); err != nil {
		t.Errorf("taking away what is gone: %v", err)
	}
}

func TestAPollIsClosedOnceAndItsResultKept(t *testing.T) {
	t.Parallel()
	for _, shelf := range []bool{false, true} {
		b := newBureau(t, nil)
		if shelf {
			b.Publisher = b.publisher(t, onShelf(b))
		}
		got, err := b.Publish(t.Context(), delivery.Publication{Text: "Скажите честно", Poll: question()})
		if err != nil || got.Poll == "" {
			t.Fatal(got, err)
		}
		posts := b.posts()
		if posts[0].Poll.Question != question().Question || b.log.Since(0, "sendPoll")[0].Params["description"][0] != "Скажите честно" {
			t.Errorf("%+v", posts[0])
		}
		if err := b.sim.Vote(b.channel.ID, posts[0].ID, b.user.ID, []int{1}); err != nil {
			t.Fatal(err)
		}
		r, err := b.PollResult(t.Context(), got.Refs, got.Poll)
		if shelf && (err != nil || r.Closed || r.Voters != 1 || r.Answers[1] != (social.PollAnswer{Text: "Нет", Votes: 1}) || r.ClosesAt.IsZero()) {
			t.Errorf("by the shelf: %+v, %v", r, err)
		}
		if !shelf && changed(t, err).Code != "tg.poll_untold" {
			t.Errorf("without a shelf: %+v, %v", r, err)
		}
		first, err := b.ClosePoll(t.Context(), got.Refs, got.Poll)
		if err != nil || !first.Closed || first.Voters != 1 || first.Poll != got.Poll {
			t.Errorf("closed: %+v, %v", first, err)
		}
		again, err := b.ClosePoll(t.Context(), got.Refs, got.Poll)
		if err != nil || !again.Closed || again.Poll != got.Poll || (len(again.Answers) == 3) != shelf {
			t.Errorf("closed again, shelf %t: %+v, %v", shelf, again, err)
		}
		if state, _ := b.sim.Chat(b.shelf, 10); slices.ContainsFunc(state.Messages, func(m sim.Message) bool { return !m.Deleted }) {
			t.Errorf("something was left on the shelf: %+v", state.Messages)
		}
	}
}

func TestALongPollIsLeftForUsToClose(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	q := question()
	q.ClosesAt = time.Now().Add(60 * 24 * time.Hour)
	if _, err := b.Publish(t.Context(), delivery.Publication{Poll: q}); err != nil {
		t.Fatal(err)
	}
	if sent := b.log.Since(0, "sendPoll")[0].Params; sent["close_date"] != nil || sent["is_anonymous"][0] != "true" {
		t.Errorf("sent with %v", sent)
	}
}

// What updates tell of polls and reactions is read as it came.
func TestUpdatesOfCounts(t *testing.T) {
	t.Parallel()
	r, ok := network.ReadPoll([]byte(`{"update_id":7,"poll":{"id":"5","question":"Чисто?","options":[{"text":"Да","voter_count":3},{"text":"Нет","voter_count":1}],"total_voter_count":4,"is_closed":true,"type":"regular"}}`))
	if !ok || r.Poll != "5" || !r.Closed || r.Voters != 4 || r.Answers[0].Votes != 3 {
		t.Errorf("%+v", r)
	}
	n, ok := network.ReadReactions([]byte(`{"update_id":8,"message_reaction_count":{"chat":{"id":-1001,"type":"channel"},"message_id":4,"date":1,"reactions":[{"type":{"type":"emoji","emoji":"👍"},"total_count":3},{"type":{"type":"emoji","emoji":"🔥"},"total_count":2}]}}`))
	if !ok || n.Likes != 5 || n.Views != social.Untold || n.Ref.Owner != "-1001" || n.Ref.ID != "4" {
		t.Errorf("%+v", n)
	}
	for _, other := range []string{`{"update_id":1,"message":{}}`, `[]`, `{"poll":5}`, ``} {
		if _, ok := network.ReadPoll([]byte(other)); ok {
			t.Errorf("%s is a poll", other)
		}
		if _, ok := network.ReadReactions([]byte(other)); ok {
			t.Errorf("%s is reactions", other)
		}
	}
}

// cutter carries connections to another address and breaks each that has
// carried so many bytes; zero lets all pass.
type cutter struct {
	after atomic.Int64
	conns sync.WaitGroup
}

func (c *cutter) listen(t *testing.T, to string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(); c.conns.Wait() })
	c.conns.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			c.conns.Go(func() { c.carry(in, to) })
		}
	})
	return "http://" + l.Addr().String()
}

func (c *cutter) carry(in net.Conn, to string) {
	defer func() { _ = in.Close() }()
	out, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", to)
	if err != nil {
		return
	}
	defer func() { _ = out.Close() }()
	if most := c.after.Load(); most > 0 {
		_, _ = io.CopyN(out, in, most)
		return
	}
	c.conns.Go(func() { _, _ = io.Copy(out, in) })
	_, _ = io.Copy(in, out)
}

// An upload that breaks half way has surely published nothing; with a shelf
// only the broken file is sent again. No file is held as a whole.
func TestABrokenUpload(t *testing.T) {
	t.Parallel()
	for _, shelf := range []bool{false, true} {
		var line cutter
		b := newBureau(t, nil)
		address := line.listen(t, strings.TrimPrefix(b.url, "http://"))
		b.Publisher = b.publisher(t, func(o *network.PublisherOptions) {
			o.BaseURL = address
			if shelf {
				o.Shelf = b.shelf
			}
		})
		var most atomic.Int64
		// More than the sockets on the way can swallow: what they hold may arrive.
		media := []delivery.Medium{jpegOf(t, 50), plain(delivery.Video, "двор.mp4", strings.Repeat("видео", 3<<20))}
		for i := range media {
			media[i].Data = watched{media[i].Data, &most}
		}
		deliver := func() error {
			for i := range media {
				name, err := b.Upload(t.Context(), media[i])
				if err != nil {
					return err
				}
				media[i].Uploaded = name
			}
			_, err := b.Publish(t.Context(), post("Снимок и видео", media...))
			return err
		}
		if _, err := b.Members(t.Context()); err != nil {
			t.Fatal(err)
		}
		line.after.Store(2 << 20)
		if shelf {
			line.after.Store(0)
			name, err := b.Upload(t.Context(), media[0])
			if err != nil {
				t.Fatal(err)
			}
			media[0].Uploaded = name
			line.after.Store(2 << 20)
		}
		f := failureOf(t, deliver())
		if f.Outcome != delivery.NotSent || len(b.posts()) != 0 {
			t.Errorf("shelf %t: broken half way: %+v", shelf, f)
		}
		line.after.Store(0)
		if err := deliver(); err != nil || len(b.posts()) != 2 {
			t.Errorf("shelf %t: again: %v", shelf, err)
		}
		whole := 0
		for _, call := range append(b.log.Since(0, "sendPhoto"), b.log.Since(0, "sendVideo")...) {
			if call.Status == http.StatusOK {
				whole++
			}
		}
		if shelf && whole != 2 {
			t.Errorf("%d files reached the shelf", whole)
		}
		if most.Load() > 1<<20 {
			t.Errorf("%d bytes of a file were read at once", most.Load())
		}
		if state, _ := b.sim.Chat(b.shelf, 10); slices.ContainsFunc(state.Messages, func(m sim.Message) bool { return !m.Deleted }) {
			t.Errorf("something was left on the shelf: %+v", state.Messages)
		}
	}
}

// watched notes the largest piece that was read of a file.
type watched struct {
	io.ReaderAt
	most *atomic.Int64
}

func (w watched) ReadAt(p []byte, off int64) (int, error) {
	if n := int64(len(p)); n > w.most.Load() {
		w.most.Store(n)
	}
	return w.ReaderAt.ReadAt(p, off)
}

// A file that cannot be read any more ends the call before it is complete.
func TestAFileThatBreaksWhileItIsRead(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	media := jpegOf(t, 2600)
	media.Data = ending{media.Data, media.Size / 2}
	_, err := b.Publish(t.Context(), post("Снимок", media))
	if f := failureOf(t, err); f.Outcome != delivery.NotSent || len(b.posts()) != 0 {
		t.Errorf("%+v", f)
	}
}

type ending struct {
	io.ReaderAt
	at int64
}

func (e ending) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > e.at {
		return 0, errors.New("the disk is gone")
	}
	return e.ReaderAt.ReadAt(p, off)
}
