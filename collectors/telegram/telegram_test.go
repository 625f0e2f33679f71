package telegram_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/collectors"
	"otklik/collectors/telegram"
	"otklik/internal/sim/record"
	sim "otklik/internal/sim/telegram"
	"otklik/internal/sim/telegram/tgschema"
	"otklik/internal/social"
)

const botToken = "7100000001:AAsecretpartofthetoken"

// bench is a simulator with a channel and a source that reads it.
type bench struct {
	t       *testing.T
	sim     *sim.Server
	log     *record.Log
	url     string
	bot     sim.Bot
	channel sim.Channel
	user    sim.User
	client  *telegram.Client
	source  *telegram.Source
	now     time.Time
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, log: record.NewLog(1000), now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return b.now }
	b.sim = sim.New(sim.Options{Now: clock, Log: b.log, WebhookRetry: time.Millisecond})
	server := httptest.NewServer(tgschema.Check(t, b.sim.APIHandler(), tgschema.Options{Strict: true, AnyUpdates: true}))
	t.Cleanup(func() { b.sim.Close(); server.Close() })
	b.url = server.URL
	var err1, err2, err3, err4 error
	b.bot, err1 = b.sim.AddBot(sim.Bot{Token: botToken, Username: "gorod_bot"})
	b.channel, err2 = b.sim.AddChannel(sim.Channel{Title: "Город", Username: "gorod", GroupTitle: "Разговор"})
	b.user, err3 = b.sim.AddUser(sim.User{FirstName: "Анна", LastName: "Седова", Username: "sedova"})
	b.client, err4 = telegram.NewClient(telegram.ClientOptions{Token: botToken, BaseURL: b.url})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	b.source = b.newSource(20 * time.Millisecond)
	return b
}

func (b *bench) newSource(poll time.Duration) *telegram.Source {
	b.t.Helper()
	s, err := telegram.NewSource(telegram.SourceOptions{
		Client: b.client, Page: b.page(), Poll: poll, Now: func() time.Time { return b.now },
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) page() telegram.Page {
	return telegram.Page{
		BotID: b.bot.ID, ChannelID: b.channel.ID, ChannelUsername: b.channel.Username, GroupID: b.channel.GroupID,
	}
}

func (b *bench) fetch(c collectors.Cursor) collectors.Batch {
	b.t.Helper()
	batch, err := b.source.Fetch(b.t.Context(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	return batch
}

func (b *bench) post(text string) sim.Posted {
	b.t.Helper()
	p, err := b.sim.Post(b.channel.ID, text)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *bench) comment(post sim.Posted, replyTo int64, text string) int64 {
	b.t.Helper()
	id, err := b.sim.Comment(sim.Comment{
		ChannelID: b.channel.ID, PostID: post.MessageID, FromID: b.user.ID, ReplyTo: replyTo, Text: text,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// answer is what the agency's bot writes under a comment.
func (b *bench) answer(replyTo int64, text string) int64 {
	b.t.Helper()
	body := `{"chat_id":` + itoa(b.channel.GroupID) + `,"text":"` + text + `","reply_parameters":{"message_id":` + itoa(replyTo) + `}}`
	resp, err := http.Post(b.url+"/bot"+botToken+"/sendMessage", "application/json", strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	var sent struct {
		Result struct {
			MessageID int64 `json:"message_id"`
		} `json:"result"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&sent); err != nil || sent.Result.MessageID == 0 {
		b.t.Fatal(resp.Status, err)
	}
	return sent.Result.MessageID
}

func (b *bench) ref(chat, id int64) social.Ref {
	return social.Ref{Network: social.Telegram, Owner: itoa(chat), ID: itoa(id)}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func changes(batch collectors.Batch) []collectors.Change {
	var out []collectors.Change
	for _, u := range batch.Updates {
		out = append(out, u.Changes...)
	}
	return out
}

func troubleOf(t *testing.T, err error) *collectors.Trouble {
	t.Helper()
	var trouble *collectors.Trouble
	if !errors.As(err, &trouble) {
		t.Fatalf("not a Trouble: %v", err)
	}
	if strings.Contains(err.Error(), "AAsecretpart") {
		t.Errorf("the token is in the error: %v", err)
	}
	return trouble
}

func TestAPostItsCopyACommentAndAReplyBecomeItems(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Ремонт на Лесной")
	first := b.comment(p, 0, "Когда закончат?")
	second := b.comment(p, first, "Присоединяюсь")
	channel := social.Author{ID: itoa(b.channel.ID), Name: "Город", URL: "https://t.me/gorod", Own: true}
	anna := social.Author{ID: itoa(b.user.ID), Name: "Анна Седова", FirstName: "Анна", URL: "https://t.me/sedova"}
	group, post := b.channel.GroupID, b.ref(b.channel.ID, p.MessageID)
	thread := b.ref(group, p.GroupMessageID)
	link := "https://t.me/gorod/" + itoa(p.MessageID)
	copied := social.Item{
		Ref: thread, Kind: social.Post, Thread: thread, CopyOf: post, Author: channel,
		Text: "Ремонт на Лесной", Permalink: link, PublishedAt: b.now,
	}
	want := []collectors.Change{
		{Op: collectors.Created, Item: social.Item{
			Ref: post, Kind: social.Post, Thread: post, Author: channel,
			Text: "Ремонт на Лесной", Permalink: link, PublishedAt: b.now,
		}},
		{Op: collectors.Created, Item: copied},
		{Op: collectors.Listed, Item: copied},
		{Op: collectors.Created, Item: social.Item{
			Ref: b.ref(group, first), Kind: social.Comment, Thread: thread, Author: anna,
			Text: "Когда закончат?", Permalink: link + "?comment=" + itoa(first), PublishedAt: b.now,
		}},
		{Op: collectors.Created, Item: social.Item{
			Ref: b.ref(group, second), Kind: social.Comment, Thread: thread, ReplyTo: b.ref(group, first), Author: anna,
			Text: "Присоединяюсь", Permalink: link + "?comment=" + itoa(second), PublishedAt: b.now,
		}},
	}
	batch := b.fetch("")
	if diff := cmp.Diff(want, changes(batch)); diff != "" {
		t.Error(diff)
	}
	if !batch.CompleteTo.Equal(b.now) || len(batch.Gaps) != 0 {
		t.Errorf("complete to %v, gaps %v", batch.CompleteTo, batch.Gaps)
	}
	// The post of a later reply is known from the cursor alone.
	third := b.comment(p, second, "И я")
	b.source = b.newSource(20 * time.Millisecond)
	later := changes(b.fetch(batch.Next))
	if len(later) != 1 || later[0].Item.Permalink != link+"?comment="+itoa(third) {
		t.Errorf("after a restart: %+v", later)
	}
}

func TestEditsCarryTheirTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Вода будет в среду")
	id := b.comment(p, 0, "Нет воды")
	first := b.fetch("")
	written := b.now
	b.now = b.now.Add(time.Minute)
	if err := errors.Join(
		b.sim.EditComment(b.channel.GroupID, id, "Нет воды на Лесной, 5"),
		b.sim.EditPost(b.channel.ID, p.MessageID, "Вода будет в четверг"),
		b.sim.DeleteMessage(b.channel.GroupID, id),
	); err != nil {
		t.Fatal(err)
	}
	var edited []social.Item
	for _, c := range changes(b.fetch(first.Next)) {
		if c.Op == collectors.Edited {
			edited = append(edited, c.Item)
		}
	}
	if len(edited) != 3 {
		t.Fatalf("edited: %+v", edited)
	}
	if got := edited[0]; got.Text != "Нет воды на Лесной, 5" || !got.EditedAt.Equal(b.now) || !got.PublishedAt.Equal(written) {
		t.Errorf("comment %+v", got)
	}
	if edited[1].Kind != social.Post || edited[2].CopyOf != b.ref(b.channel.ID, p.MessageID) {
		t.Errorf("post and copy %+v", edited[1:])
	}
}

func TestOnlyTheGivenCursorIsConfirmed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Пост")
	for i := range 130 {
		b.comment(p, 0, "Комментарий "+strconv.Itoa(i))
	}
	first := b.fetch("")
	if len(first.Updates) != 100 || !first.CompleteTo.IsZero() {
		t.Fatalf("%d updates, complete to %v", len(first.Updates), first.CompleteTo)
	}
	again := b.fetch("")
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	second := b.fetch(first.Next)
	if len(second.Updates) != 32 || second.CompleteTo.IsZero() {
		t.Fatalf("%d updates in the second batch", len(second.Updates))
	}
	if diff := cmp.Diff(second, b.fetch(first.Next)); diff != "" {
		t.Error(diff)
	}
	if n := b.sim.Pending(b.bot.ID); n != 32 {
		t.Errorf("%d updates wait, the unstored batch of 32 must", n)
	}
	seen := map[string]bool{}
	for _, u := range append(first.Updates, second.Updates...) {
		if u.Key == "" || seen[u.Key] || len(u.Raw) == 0 {
			t.Fatalf("update key %q", u.Key)
		}
		seen[u.Key] = true
	}
}

func TestABrokenUpdateDoesNotStopItsNeighbours(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Пост")
	for _, payload := range []string{`{"message_id":"oops"}`, `[]`, `7`, `{"message_id":1,"date":"x","chat":null}`} {
		if err := b.sim.InjectRaw(b.bot.ID, "message", json.RawMessage(payload)); err != nil {
			t.Fatal(err)
		}
	}
	b.comment(p, 0, "Яма у школы")
	batch := b.fetch("")
	broken := 0
	for _, u := range batch.Updates {
		if u.Broken != "" {
			broken++
			if u.Key == "" || len(u.Raw) == 0 || len(u.Changes) != 0 {
				t.Errorf("broken update %+v", u)
			}
		}
	}
	got := changes(batch)
	if broken != 4 || len(got) == 0 || got[len(got)-1].Item.Text != "Яма у школы" {
		t.Errorf("%d broken, changes %+v", broken, got)
	}
	if rest := b.fetch(batch.Next); len(rest.Updates) != 0 {
		t.Errorf("the broken ones came again: %v", rest.Updates)
	}
}

func TestACitizensReplyProvesThatOurAnswerStands(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Пост")
	id := b.comment(p, 0, "Нет света")
	b.answer(id, "Бригада выехала")
	batch := b.fetch("")
	for _, c := range changes(batch) {
		if c.Item.Text == "Бригада выехала" {
			t.Fatal("a bot was sent its own message")
		}
	}
	thread, _ := b.sim.Thread(b.channel.GroupID, p.GroupMessageID)
	ours := thread.Messages[len(thread.Messages)-1].ID
	b.comment(p, ours, "Спасибо, горит")
	got := changes(b.fetch(batch.Next))
	if len(got) != 2 || got[0].Op != collectors.Listed || got[0].Item.Ref != b.ref(b.channel.GroupID, ours) ||
		!got[0].Item.Author.Own || got[0].Item.Thread != b.ref(b.channel.GroupID, p.GroupMessageID) ||
		got[1].Item.ReplyTo != got[0].Item.Ref {
		t.Errorf("%+v", got)
	}
}

func TestTheAgencysVoicesAreOwnAndOtherChatsAreNoBusiness(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.post("Пост")
	for _, from := range []int64{b.channel.ID, b.channel.GroupID} {
		if _, err := b.sim.Comment(sim.Comment{ChannelID: b.channel.ID, PostID: p.MessageID, FromID: from, Text: "От имени города"}); err != nil {
			t.Fatal(err)
		}
	}
	alone, err1 := b.sim.Comment(sim.Comment{GroupID: b.channel.GroupID, FromID: b.user.ID, Text: "Вне обсуждений"})
	_, err2 := b.sim.Direct(b.bot.ID, b.user.ID, "Личное сообщение")
	other, err3 := b.sim.AddChannel(sim.Channel{Title: "Чужой", Username: "chuzhoy", GroupTitle: "Чужой разговор"})
	_, err4 := b.sim.Post(other.ID, "Чужая запись")
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	batch := b.fetch("")
	own, foreign := 0, 0
	for _, c := range changes(batch) {
		switch c.Item.Text {
		case "От имени города":
			own++
			if !c.Item.Author.Own {
				t.Errorf("not own: %+v", c.Item.Author)
			}
		case "Вне обсуждений":
			if c.Item.Kind != social.Post || c.Item.Thread != b.ref(b.channel.GroupID, alone) || c.Item.Author.Own {
				t.Errorf("a message outside threads: %+v", c.Item)
			}
		case "Личное сообщение", "Чужая запись":
			foreign++
		}
	}
	if own != 2 || foreign != 0 || len(batch.Updates) != 8 {
		t.Errorf("own %d, foreign %d, updates %d", own, foreign, len(batch.Updates))
	}
}

func TestAnIdlePollEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.source = b.newSource(50 * time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := b.source.Fetch(ctx, "")
		failed <- err
	}()
	if err := b.sim.WaitForPoll(t.Context(), b.bot.ID); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
