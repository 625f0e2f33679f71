package vk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/record"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
)

func TestFirstConnectionStartsNow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.MustComment(simvk.NewComment{Text: "Написано раньше"})
	before := b.Now()
	got := fetch(t, b.live, "")
	if len(got.Updates) != 0 || len(got.Gaps) != 1 || got.Gaps[0].To != got.Gaps[0].From || got.CompleteTo.Before(before) {
		t.Errorf("the first batch is %+v", got)
	}
}

func TestLiveTellsTheLifeOfAComment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	long := strings.Repeat("Снег не убирают. ", 30)
	post := b.MustPost(simvk.NewPost{Text: "Запись"})
	root := b.MustComment(simvk.NewComment{PostID: post, Text: long})
	reply := b.MustComment(simvk.NewComment{PostID: post, Text: "Приняли", FromID: vktest.OwnerID, ReplyTo: root})
	nested := b.MustComment(simvk.NewComment{PostID: post, Text: "Спасибо", FromID: vktest.Boris, ReplyTo: reply})
	b.Must(b.EditComment(vktest.OwnerID, nested, "Спасибо!"))
	b.Must(b.DeleteComment(vktest.OwnerID, nested))
	b.Must(b.RestoreComment(vktest.OwnerID, nested))
	before := b.Now()
	got := fetch(t, b.live, at)
	changes := changesOf(got)
	wantLines(t, changes,
		fmt.Sprintf("created %d Администрация Речного района: Запись", post),
		fmt.Sprintf("created r%d Анна Крылова: %s", root, long),
		fmt.Sprintf("created r%d Администрация Речного района: Приняли", reply),
		fmt.Sprintf("created r%d Борис Зимин: Спасибо", nested),
		fmt.Sprintf("edited r%d Борис Зимин: Спасибо!", nested),
		fmt.Sprintf("deleted r%d", nested),
		fmt.Sprintf("restored r%d Борис Зимин: Спасибо!", nested),
	)
	if got.CompleteTo.Before(before) || got.Pause != 0 {
		t.Errorf("complete to %s, pause %s", got.CompleteTo, got.Pause)
	}
	item := changes[3].Item
	want := social.Item{
		Ref: netvk.CommentRef(vktest.OwnerID, nested), Kind: social.Comment, Thread: netvk.PostRef(vktest.OwnerID, post),
		ReplyTo:   netvk.CommentRef(vktest.OwnerID, reply),
		Author:    social.Author{ID: "12", Name: "Борис Зимин", FirstName: "Борис", URL: "https://vk.com/id12"},
		Permalink: fmt.Sprintf("https://vk.com/wall-101_%d?reply=%d&thread=%d", post, nested, root),
	}
	if item.Ref != want.Ref || item.Kind != want.Kind || item.Thread != want.Thread || item.ReplyTo != want.ReplyTo ||
		item.Author != want.Author || item.Permalink != want.Permalink || item.PublishedAt.IsZero() {
		t.Errorf("the nested reply came as %+v", item)
	}
	own := []bool{true, false, true, false, false, false, false}
	for i, c := range changes {
		if c.Item.Author.Own != own[i] {
			t.Errorf("change %d: own is %t", i, c.Item.Author.Own)
		}
	}
	for _, u := range got.Updates {
		if len(u.Key) != 40 || len(u.Raw) == 0 || u.Broken != "" {
			t.Errorf("an update came as %+v", u)
		}
	}
}

func TestLiveGivesTheSameAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	b.MustComments(b.Post, 3, 0)
	first, again := fetch(t, b.live, at), fetch(t, b.live, at)
	if len(first.Updates) != 3 || len(again.Updates) != 3 || first.Updates[2].Key != again.Updates[2].Key {
		t.Errorf("%d updates, then %d", len(first.Updates), len(again.Updates))
	}
}

func TestLiveWakesWhenSomethingHappens(t *testing.T) {
	t.Parallel()
	b := setup(t, func(l *vk.LiveOptions, _ *vk.HistoryOptions) { l.Wait = 25 * time.Second })
	at := b.connected(t)
	type result struct {
		batch collectors.Batch
		err   error
	}
	done := make(chan result, 1)
	go func() {
		got, err := b.live.Fetch(t.Context(), at)
		done <- result{got, err}
	}()
	b.MustComment(simvk.NewComment{Text: "Нет воды"})
	select {
	case r := <-done:
		if r.err != nil || len(r.batch.Updates) != 1 {
			t.Errorf("got %+v, %v", r.batch, r.err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the poll did not wake")
	}
}

func TestLiveStopsWithItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t, func(l *vk.LiveOptions, _ *vk.HistoryOptions) { l.Wait = 25 * time.Second })
	at := b.connected(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := b.live.Fetch(ctx, at); err == nil || time.Since(start) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
}

func TestEmptyPollMovesTheClock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	before := b.Now()
	if got := fetch(t, b.live, at); len(got.Updates) != 0 || !got.CompleteTo.After(before) {
		t.Errorf("an empty poll brought %+v", got)
	}
}

// What happens after each of these must arrive, and what the network forgot
// must be owned up to.
func TestLongPollFailures(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(*bundle)
		gap   bool
	}{
		"failed 1": {func(b *bundle) { b.MustComments(b.Post, 2, 0); b.ForgetEvents(vktest.GroupID) }, true},
		"failed 2": {func(b *bundle) { b.ExpireKeys(vktest.GroupID) }, false},
		"failed 3": {func(b *bundle) {
			b.Faults().Add(record.Fault{Method: "longpoll", Kind: record.FaultFailed, Code: 3})
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			at := b.connected(t)
			b.Advance(time.Hour)
			last := fetch(t, b.live, at)
			b.Advance(time.Hour)
			tc.spoil(b)
			got := fetch(t, b.live, last.Next)
			if !tc.gap {
				if len(got.Gaps) != 0 {
					t.Errorf("gaps %+v", got.Gaps)
				}
			} else if g := got.Gaps; len(g) != 1 || g[0].From.Sub(last.CompleteTo).Abs() > time.Millisecond ||
				!g[0].To.Equal(got.CompleteTo) || !strings.HasSuffix(g[0].Reason, ".") {
				t.Errorf("gaps %+v after %s", g, last.CompleteTo)
			}
			b.MustComment(simvk.NewComment{Text: "После"})
			if after := changesOf(fetch(t, b.live, got.Next)); len(after) != 1 || after[0].Item.Text != "После" {
				t.Errorf("then came %q", lines(after))
			}
		})
	}
}

func TestFailedTwiceIsTrouble(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	b.Faults().Add(record.Fault{Method: "longpoll", Kind: record.FaultFailed, Code: 2, Count: 100})
	_, err := b.live.Fetch(t.Context(), at)
	wantTrouble(t, err, collectors.Passing, "повторит")
	if n := b.Calls("longpoll"); n != 2 {
		t.Errorf("%d polls were made", n)
	}
}

// None of these may move the cursor, be taken for an answer or be repeated at once.
func TestSpoiledPolls(t *testing.T) {
	t.Parallel()
	for _, fault := range []record.Fault{
		{Kind: record.FaultEmpty},
		{Kind: record.FaultHTML},
		{Kind: record.FaultTruncated},
		{Kind: record.FaultStatus, Code: 503},
		{Kind: record.FaultReset},
		{Kind: record.FaultLost},
		{Kind: record.FaultFailed, Code: 4},
	} {
		t.Run(fault.Kind, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			at := b.connected(t)
			b.MustComment(simvk.NewComment{Text: "Тут"})
			fault.Method = "longpoll"
			// The transport itself repeats a GET whose connection was closed early.
			fault.Count = 10
			b.Faults().Add(fault)
			_, err := b.live.Fetch(t.Context(), at)
			wantTrouble(t, err, collectors.Passing, "повторит")
			if n := b.Calls("longpoll"); n > 2 {
				t.Errorf("%d polls were made in one step", n)
			}
			if key := keyOf(b); strings.Contains(err.Error(), key) {
				t.Errorf("the session key is in %v", err)
			}
			b.Faults().Clear()
			if got := changesOf(fetch(t, b.live, at)); len(got) != 1 {
				t.Errorf("then came %q", lines(got))
			}
		})
	}
}

// keyOf is the session key that was handed out last.
func keyOf(b *bundle) string {
	calls := b.Log.Since(0, "groups.getLongPollServer")
	var answer struct {
		Response struct{ Key string } `json:"response"`
	}
	_ = json.Unmarshal(calls[len(calls)-1].Answer, &answer)
	return answer.Response.Key
}

func TestBrokenUpdateAmongGoodOnes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	b.MustComment(simvk.NewComment{Text: "До"})
	bad := []string{
		`{"type":"wall_reply_new","event_id":"e1","object":{"id":"семь"},"group_id":101}`,
		`{"type":"wall_reply_new","event_id":"e2","object":{},"group_id":101}`,
		`{"type":"wall_reply_delete","event_id":"e3","object":[],"group_id":101}`,
		`{"type":"wall_post_new","event_id":"e4","object":null,"group_id":101}`,
		`"обрывок"`, `[]`, `{"type":7}`,
	}
	for _, s := range bad {
		b.InjectEvent(vktest.GroupID, json.RawMessage(s))
	}
	b.InjectEvent(vktest.GroupID, json.RawMessage(`{"type":"group_join","event_id":"e5","object":{"user_id":1},"group_id":101}`))
	b.MustComment(simvk.NewComment{Text: "После"})
	got := fetch(t, b.live, at)
	if len(got.Updates) != len(bad)+3 {
		t.Fatalf("%d updates came", len(got.Updates))
	}
	keys := map[string]bool{}
	for i, u := range got.Updates {
		isBad := i > 0 && i <= len(bad)
		if (u.Broken != "") != isBad || len(u.Raw) == 0 || u.Key == "" || keys[u.Key] {
			t.Errorf("update %d came as %+v", i, u)
		}
		keys[u.Key] = true
	}
	if texts := changesOf(got); len(texts) != 2 || texts[0].Item.Text != "До" || texts[1].Item.Text != "После" {
		t.Errorf("changes are %q", lines(texts))
	}
}

func TestStrangeAttachmentsDoNoHarm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Unchecked()
	at := b.connected(t)
	b.MustComment(simvk.NewComment{Text: "Фото ямы", Attachments: []json.RawMessage{
		json.RawMessage(`{"type":"photo","photo":{"id":5,"owner_id":11,"sizes":[]}}`),
		json.RawMessage(`{"type":"photo","photo":{"id":6,"owner_id":11,"sizes":[{"type":"z","url":"https://cdn.example/large","width":1280,"height":960},{"type":"w","url":"","width":2560,"height":1920},{"type":"x","url":"https://cdn.example/small","width":604,"height":453}]}}`),
		json.RawMessage(`{"type":"photo","photo":{"id":7,"owner_id":11,"sizes":[{"type":"w","url":"https://cdn.example/w","width":0,"height":0},{"type":"s","url":"https://cdn.example/s","width":0,"height":0}]}}`),
		json.RawMessage(`{"type":"link","link":{"url":"https://example.org/a","title":"Статья"}}`),
		json.RawMessage(`{"type":"poll","poll":{"id":"не число","question":"Что?"}}`),
		json.RawMessage(`{"type":"hologram","hologram":[1,2]}`),
		json.RawMessage(`"?"`),
	}})
	got := changesOf(fetch(t, b.live, at))
	if len(got) != 1 {
		t.Fatalf("changes are %q", lines(got))
	}
	want := []social.Media{
		{Kind: "photo", URL: "https://vk.com/photo11_5", Key: "photo11_5"},
		{Kind: "photo", URL: "https://vk.com/photo11_6", Key: "photo11_6", File: "https://cdn.example/large"},
		{Kind: "photo", URL: "https://vk.com/photo11_7", Key: "photo11_7", File: "https://cdn.example/w"},
		{Kind: "link", Title: "Статья", URL: "https://example.org/a"},
		{Kind: "poll"},
		{Kind: "other", Title: "hologram"},
		{Kind: "other"},
	}
	if fmt.Sprint(got[0].Item.Media) != fmt.Sprint(want) {
		t.Errorf("media came as %+v", got[0].Item.Media)
	}
}

func TestSuggestedPostsAreNoPosts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	b.MustPost(simvk.NewPost{Text: "Предложено", FromID: vktest.Anna, Type: "suggest"})
	if got := fetch(t, b.live, at); len(got.Updates) != 1 || len(changesOf(got)) != 0 || got.Updates[0].Broken != "" {
		t.Errorf("a suggested post came as %+v", got.Updates)
	}
}

func TestNamesAreAskedForTogetherAndOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	for i := range 30 {
		b.MustComment(simvk.NewComment{Text: "Раз", FromID: vktest.Anna + i%3})
	}
	b.MustComment(simvk.NewComment{Text: "Без имени", FromID: 999})
	got := fetch(t, b.live, at)
	b.MustComment(simvk.NewComment{Text: "Два", FromID: 999})
	fetch(t, b.live, got.Next)
	if n := b.Calls("users.get"); n != 1 {
		t.Errorf("users.get was called %d times", n)
	}
}

func TestItemsComeWithoutNamesWhenThereAreNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	b.Faults().Add(record.Fault{Method: "users.get", Kind: record.FaultError, Code: 29, Count: 100})
	b.MustComment(simvk.NewComment{Text: "Раз"})
	got := fetch(t, b.live, at)
	wantLines(t, changesOf(got), "created r2 : Раз")
	b.MustComment(simvk.NewComment{Text: "Два"})
	got = fetch(t, b.live, got.Next)
	if n := b.Calls("users.get"); n != 1 {
		t.Errorf("users.get was called %d times although the network asked for rest", n)
	}
	b.Faults().Clear()
	b.Advance(2 * time.Hour)
	b.MustComment(simvk.NewComment{Text: "Три"})
	wantLines(t, changesOf(fetch(t, b.live, got.Next)), "created r4 Анна Крылова: Три")
}

func TestLiveTroubles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		token string
		spoil func(*bundle)
		kind  collectors.TroubleKind
		part  string
	}{
		"wrong key":       {"nonsense", nil, collectors.Denied, "ключ сообщества: он отозван"},
		"another's key":   {vktest.OtherToken, nil, collectors.Denied, "Нет права"},
		"service key":     {vktest.ServiceToken, nil, collectors.Denied, "Нет права"},
		"long poll off":   {vktest.CommunityToken, func(b *bundle) { b.SetLongPoll(vktest.GroupID, false, nil) }, collectors.Denied, "выключен Long Poll"},
		"events not sent": {vktest.CommunityToken, func(b *bundle) { b.SetLongPoll(vktest.GroupID, true, map[string]bool{"wall_reply_new": false}) }, collectors.Denied, "не отмечены"},
		"captcha":         {vktest.CommunityToken, func(b *bundle) { b.apiFault(14) }, collectors.Denied, "не робот"},
		"too many":        {vktest.CommunityToken, func(b *bundle) { b.apiFault(6) }, collectors.Limited, "реже"},
		"flood":           {vktest.CommunityToken, func(b *bundle) { b.apiFault(9) }, collectors.Limited, "подождёт"},
		"daily limit":     {vktest.CommunityToken, func(b *bundle) { b.apiFault(29) }, collectors.Limited, "Суточный предел"},
		"server error":    {vktest.CommunityToken, func(b *bundle) { b.apiFault(10) }, collectors.Passing, "сбое"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			live := vk.NewLive(vk.LiveOptions{
				Client: client(b.Network, netvk.CommunityKey, tc.token), GroupID: vktest.GroupID,
				Names: vk.NewNames(client(b.Network, netvk.CommunityKey, tc.token), b.Now), Now: b.Now,
			})
			if tc.spoil != nil {
				tc.spoil(b)
			}
			_, err := live.Fetch(t.Context(), "")
			wantTrouble(t, err, tc.kind, tc.part)
			if strings.Contains(err.Error(), tc.token) {
				t.Errorf("the key is in %v", err)
			}
		})
	}
}

// apiFault makes the next call for a long poll server fail.
func (b *bundle) apiFault(code int) {
	b.Faults().Add(record.Fault{Method: "groups.getLongPollServer", Kind: record.FaultError, Code: code})
}

func TestDamagedCursorIsOwnedUpTo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := fetch(t, b.live, "{")
	if len(got.Gaps) != 1 || got.Gaps[0].To.Sub(got.Gaps[0].From) < 47*time.Hour {
		t.Errorf("gaps are %+v", got.Gaps)
	}
}

func TestSettingsAreLeftAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fetch(t, b.live, b.connected(t))
	if n := b.Calls("groups.setLongPollSettings"); n != 0 {
		t.Errorf("the community's settings were changed %d times", n)
	}
}
