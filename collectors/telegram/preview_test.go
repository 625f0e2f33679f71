package telegram_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/collectortest"
	"otklik/collectors/telegram"
	"otklik/internal/sim/record"
	sim "otklik/internal/sim/telegram"
	"otklik/internal/social"
	"otklik/internal/store"
)

// shown is a channel with its public page.
type shown struct {
	*bench
	page string
}

func setupPreview(t *testing.T) *shown {
	t.Helper()
	b := setup(t)
	server := httptest.NewServer(b.sim.PreviewHandler())
	t.Cleanup(server.Close)
	return &shown{b, server.URL}
}

func (s *shown) preview(change func(*telegram.PreviewOptions)) *telegram.Preview {
	o := telegram.PreviewOptions{Channel: s.channel.Username, BaseURL: s.page, Now: func() time.Time { return s.now }}
	if change != nil {
		change(&o)
	}
	return telegram.NewPreview(o)
}

// pass runs a stream until it rests for its usual time.
func (s *shown) pass(src collectors.Source, at collectors.Cursor) ([]collectors.Change, collectors.Batch) {
	s.t.Helper()
	var all []collectors.Change
	for range 200 {
		b, err := src.Fetch(s.t.Context(), at)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, changes(b)...)
		if at = b.Next; b.Pause >= 2*time.Minute {
			return all, b
		}
	}
	s.t.Fatal("the pass does not end")
	return nil, collectors.Batch{}
}

// previewed plays the channel for the conformance suite: all is told in posts.
type previewed struct {
	harness
	page string
}

func TestPreviewConformance(t *testing.T) {
	t.Parallel()
	collectortest.RunAs(t, collectortest.Nature{Listed: true, Posts: true}, func(t *testing.T) collectortest.Harness {
		s := setupPreview(t)
		s.now = time.Now() // the store's clock, by which an edit is told from an old page
		return previewed{harness{s.bench}, s.page}
	})
}

func (h previewed) Streams(s *store.Store) []collectors.Source {
	return []collectors.Source{telegram.NewPreview(telegram.PreviewOptions{
		Channel: h.channel.Username, BaseURL: h.page, Own: true, Every: 20 * time.Millisecond, Sweep: time.Nanosecond,
		Memory: channelMemory{s},
		// What has just been written is not yet missed when the page lacks it.
		Now: func() time.Time { return time.Now().Add(5 * time.Minute) },
	})}
}

// Post implements collectortest.Harness: a post is its own thread.
func (h previewed) Post(text string) collectortest.Post {
	ref := h.ref(h.channel.ID, h.post(text).MessageID)
	return collectortest.Post{Ref: ref, Thread: ref}
}

// Delete implements collectortest.Harness: the page lacks it from then on.
func (h previewed) Delete(ref social.Ref) bool {
	h.harness.Delete(ref)
	return true
}

// channelMemory is what the store knows of the channel.
type channelMemory struct{ *store.Store }

func (m channelMemory) Posts(ctx context.Context, owner string, since time.Time) ([]collectors.Standing, error) {
	return m.Store.Posts(ctx, social.Telegram, owner, since)
}

func TestPreviewNamesPostsAsTheBotDoes(t *testing.T) {
	t.Parallel()
	s := setupPreview(t)
	s.post("Воду отключат завтра: <с 9:00> & до вечера 🚰\nИзвините за неудобства")
	bot := changes(s.fetch(""))
	all, end := s.pass(s.preview(func(o *telegram.PreviewOptions) { o.Own = true }), "")
	if len(all) != 1 {
		t.Fatalf("%+v", all)
	}
	got, want := all[0].Item, bot[0].Item
	if got.Ref != want.Ref || got.Thread != want.Thread || got.Text != want.Text || got.Kind != want.Kind ||
		got.Permalink != want.Permalink || got.Author.Own != want.Author.Own || got.Author.ID != want.Author.ID || !got.PublishedAt.Equal(want.PublishedAt) {
		t.Errorf("the page says\n%+v\nthe bot\n%+v", got, want)
	}
	if all[0].Op != collectors.Listed || all[0].AskedAt.IsZero() || !end.CompleteTo.Equal(s.now) || end.Due.IsZero() || len(end.Filled) != 1 {
		t.Errorf("%+v", end)
	}
}

func TestPreviewReadsBackAndThenOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	s := setupPreview(t)
	begun := s.now
	var ids []int64
	for range 70 {
		ids = append(ids, s.post("Новость").MessageID)
		s.now = s.now.Add(time.Hour)
	}
	src := s.preview(nil)
	all, end := s.pass(src, "")
	if len(all) < 48 || len(all) > 60 {
		t.Errorf("48 hours held %d posts", len(all))
	}
	if s.log.Counts()["telegram preview"] != 3 {
		t.Errorf("the first reading took %d pages", s.log.Counts()["telegram preview"])
	}
	s.now = s.now.Add(3 * time.Minute)
	fresh := s.post("Свежая").MessageID
	all, end = s.pass(src, end.Next)
	if n := s.log.Counts()["telegram preview"]; n != 4 || !slices.ContainsFunc(all, func(c collectors.Change) bool { return c.Item.Ref.ID == itoa(fresh) }) {
		t.Errorf("a pass took %d pages and brought %d posts", n-3, len(all))
	}
	// A long silence is read from where it began.
	for range 50 {
		s.now = s.now.Add(2 * time.Hour)
		s.post("Ещё")
	}
	all, _ = s.pass(src, end.Next)
	if len(all) < 50 {
		t.Errorf("after a silence of four days %d posts were read", len(all))
	}
	if deep, _ := s.pass(s.preview(func(o *telegram.PreviewOptions) { o.Depth = 400 * time.Hour }), ""); len(deep) != 121 {
		t.Errorf("since %s there are 121 posts, %d were read of %d", begun, len(deep), len(ids))
	}
}

// standing is a memory of what was listed.
type standing []collectors.Standing

func (m standing) Posts(context.Context, string, time.Time) ([]collectors.Standing, error) {
	return m, nil
}

// photo is a picture of one point.
func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPreviewNoticesEditsAndDeletions(t *testing.T) {
	t.Parallel()
	s := setupPreview(t)
	var refs standing
	var posts []sim.Posted
	for i := range 30 {
		p := s.post(fmt.Sprint("Новость ", i))
		posts = append(posts, p)
		refs = append(refs, collectors.Standing{Ref: s.ref(s.channel.ID, p.MessageID), PublishedAt: s.now})
		s.now = s.now.Add(time.Minute)
	}
	album, err := s.sim.Publish(sim.NewPost{ChannelID: s.channel.ID, Text: "Фото с ярмарки", Photos: [][]byte{photo(t), photo(t)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range album {
		refs = append(refs, collectors.Standing{Ref: s.ref(s.channel.ID, p.MessageID), PublishedAt: s.now})
	}
	s.now = s.now.Add(time.Hour)
	late := collectors.Standing{Ref: s.ref(s.channel.ID, album[1].MessageID+5), PublishedAt: s.now.Add(-time.Minute)}
	src := s.preview(func(o *telegram.PreviewOptions) { o.Memory = append(refs, late) })
	if err := errors.Join(
		s.sim.DeleteMessage(s.channel.ID, posts[3].MessageID), s.sim.DeleteMessage(s.channel.ID, posts[20].MessageID),
		s.sim.EditMessage(s.channel.ID, posts[5].MessageID, "Поправка"),
	); err != nil {
		t.Fatal(err)
	}
	all, _ := s.pass(src, "")
	var gone []string
	edited := false
	for _, c := range all {
		if c.Op == collectors.Deleted {
			gone = append(gone, c.Item.Ref.ID)
		}
		edited = edited || c.Item.Text == "Поправка"
	}
	slices.Sort(gone)
	want := []string{itoa(posts[3].MessageID), itoa(posts[20].MessageID)}
	slices.Sort(want)
	if !edited || !slices.Equal(gone, want) {
		t.Errorf("edited %v, gone %v, want %v", edited, gone, want)
	}
}

func TestPreviewTroubles(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		fault record.Fault
		kind  collectors.TroubleKind
		part  string
		wait  time.Duration
	}{
		"too often":  {record.Fault{Kind: record.FaultStatus, Code: 429, RetryAfter: 77}, collectors.Limited, "реже", 77 * time.Second},
		"sick":       {record.Fault{Kind: record.FaultHTML}, collectors.Passing, "сбое", 30 * time.Second},
		"cut off":    {record.Fault{Kind: record.FaultReset}, collectors.Passing, "не открылась", 0},
		"refused":    {record.Fault{Kind: record.FaultStatus, Code: 403}, collectors.Denied, "прокси", 0},
		"no channel": {record.Fault{Kind: record.FaultStatus, Code: 404}, collectors.Denied, "нет открытой страницы", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setupPreview(t)
			x.fault.Method = "preview"
			s.sim.Faults().Add(x.fault)
			_, err := s.preview(nil).Fetch(t.Context(), "")
			trouble := troubleOf(t, err)
			if trouble.Kind != x.kind || !strings.Contains(trouble.Message, x.part) || trouble.RetryAfter != x.wait || !strings.HasSuffix(trouble.Message, ".") {
				t.Errorf("%+v", trouble)
			}
		})
	}
	s := setupPreview(t)
	if _, err := s.sim.AddChannel(sim.Channel{Title: "Тайный", Username: "tayny", Hidden: true}); err != nil {
		t.Fatal(err)
	}
	hidden := s.preview(func(o *telegram.PreviewOptions) { o.Channel = "@tayny" })
	_, err := hidden.Fetch(t.Context(), "")
	if trouble := troubleOf(t, err); trouble.Kind != collectors.Denied || !strings.Contains(trouble.Message, "нет открытой страницы") {
		t.Errorf("%+v", trouble)
	}
	title, err := telegram.LookAtPreview(t.Context(), telegram.PreviewOptions{Channel: "gorod", BaseURL: s.page, Now: time.Now})
	if err != nil || title != "Город" {
		t.Errorf("%q, %v", title, err)
	}
}

// serve is a page of somebody's making.
func serve(t *testing.T, pages ...string) string {
	t.Helper()
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(pages[min(n, len(pages)-1)]))
		n++
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const wrap = `<section class="tgme_channel_history">%s</section>`

func message(id, inside string) string {
	return `<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="gorod/` + id + `">` + inside + `</div></div>`
}

const dated = `<a class="tgme_widget_message_date"><time datetime="2026-03-02T09:00:00+00:00"></time></a>`

func TestPreviewKeepsWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	open := func(url string) *telegram.Preview {
		return telegram.NewPreview(telegram.PreviewOptions{Channel: "gorod", BaseURL: url, Now: func() time.Time { return now }})
	}
	good := message("7", `<div class="tgme_widget_message_text">Понятно</div>`+dated)
	src := open(serve(t, fmt.Sprintf(wrap, good+message("8", `<div class="tgme_widget_message_text">Без даты</div>`)+message("x", dated)+message("9", dated))))
	b, err := src.Fetch(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, u := range b.Updates {
		if u.Broken != "" {
			keys = append(keys, u.Key)
		}
	}
	if want := []string{"post:8", "odd:2026-03-02:1", "post:9"}; len(changes(b)) != 1 || !slices.Equal(keys, want) || b.CompleteTo.IsZero() {
		t.Errorf("kept %q, read %+v", keys, changes(b))
	}
	again, err := src.Reread(t.Context(), b.Next, []collectors.KeptUpdate{
		{Update: b.Updates[1], ReceivedAt: now},
		{Update: collectors.Update{Key: "post:7", Raw: []byte(good), Broken: "x"}, ReceivedAt: now},
		{Update: collectors.Update{Key: "page:2026-03-01", Raw: []byte(fmt.Sprintf(wrap, good)), Broken: "x"}},
	})
	if err != nil || again[0].Broken == "" || again[1].Broken != "" || again[2].Broken != "" || len(again[2].Changes) != 0 {
		t.Fatalf("read anew: %+v, %v", again, err)
	}
	if x := again[1].Changes[0]; x.Item.Text != "Понятно" || x.Item.Ref != changes(b)[0].Item.Ref || !x.AskedAt.Equal(now) {
		t.Errorf("the post that is understood now is %+v", x)
	}
	if owner := changes(b)[0].Item.Ref.Owner; owner != "@gorod" {
		t.Errorf("without its number the channel is %q", owner)
	}
	// A page that is none is kept once a day, told of, and never a loop.
	src = open(serve(t, `<html><body>Подтвердите, что вы не робот</body></html>`))
	b, err = src.Fetch(t.Context(), "")
	if err != nil || len(b.Updates) != 1 || b.Updates[0].Broken == "" || b.Pause < time.Minute || !b.CompleteTo.IsZero() {
		t.Fatalf("%+v, %v", b, err)
	}
	_, err = src.Fetch(t.Context(), b.Next)
	if trouble := troubleOf(t, err); trouble.Kind != collectors.Passing || trouble.RetryAfter < time.Minute {
		t.Errorf("%+v", trouble)
	}
	// A page that leads back to itself ends the pass.
	src = open(serve(t, fmt.Sprintf(wrap, `<a class="tme_messages_more" data-before="7"></a>`+good)))
	at := collectors.Cursor("")
	for range 3 {
		if b, err = src.Fetch(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		at = b.Next
	}
	if b.Pause < time.Minute {
		t.Error("a page that leads nowhere is read for ever")
	}
}

func TestPreviewBoundsWhatItReads(t *testing.T) {
	t.Parallel()
	url := serve(t, strings.Repeat("<p>", 2<<20))
	src := telegram.NewPreview(telegram.PreviewOptions{Channel: "gorod", BaseURL: url, Now: time.Now})
	_, err := src.Fetch(t.Context(), "")
	if trouble := troubleOf(t, err); trouble.Kind != collectors.Passing {
		t.Errorf("%+v", trouble)
	}
}
