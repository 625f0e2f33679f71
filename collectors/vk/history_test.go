package vk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/record"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// ids are the sorted references of comments.
func ids(lists ...[]int) []string {
	out := []string{}
	for _, list := range lists {
		for _, id := range list {
			out = append(out, fmt.Sprintf("r%d", id))
		}
	}
	slices.Sort(out)
	return out
}

// comments keeps the references of comments.
func comments(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s[0] != 'r' })
}

func TestHistoryReadsEverything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	many := b.MustComments(b.Post, 253, 0)
	short := b.MustComments(b.Post, 4, many[7])
	long := b.MustComments(b.Post, 131, many[120])
	text := strings.Repeat("Третью неделю не вывозят мусор. ", 20)
	second := b.MustPost(simvk.NewPost{Text: "Вторая запись"})
	own := b.MustComment(simvk.NewComment{PostID: second, Text: "Мы здесь", FromID: vktest.OwnerID})
	last := b.MustComment(simvk.NewComment{PostID: second, Text: text, FromID: vktest.Boris, ReplyTo: own})
	start := b.Now()
	all, end := b.pass(t, "")
	if got, want := comments(refs(all, collectors.Listed)), ids(many, short, long, []int{own, last}); !slices.Equal(got, want) {
		t.Errorf("%d comments were listed, want %d", len(got), len(want))
	}
	for _, c := range all {
		if c.Item.Author.Name == "" || c.Item.Author.Own != (c.Item.Author.ID == "-101") || c.Item.Permalink == "" {
			t.Fatalf("an item came as %+v", c.Item)
		}
		if c.Item.Ref.ID == fmt.Sprintf("r%d", last) && (c.Item.Text != text || c.Item.ReplyTo != netvk.CommentRef(vktest.OwnerID, own)) {
			t.Errorf("the last comment came as %+v", c.Item)
		}
	}
	if len(end.Filled) != 1 || end.Filled[0].To.Before(start.Truncate(time.Microsecond)) ||
		start.Sub(end.Filled[0].From) < 47*time.Hour || end.Pause != time.Minute {
		t.Errorf("the pass ended with %+v", end)
	}
	if n := b.Calls("wall.get"); n != 1 {
		t.Errorf("wall.get was called %d times", n)
	}
	if n := b.Calls("wall.getComments"); n > 7 {
		t.Errorf("wall.getComments was called %d times", n)
	}
}

func TestHistoryTellsItsProgress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.MustComments(b.Post, 1, 0)
	for range 2 {
		b.MustComments(b.MustPost(simvk.NewPost{Text: "Ещё"}), 1, 0)
	}
	var got []string
	at := collectors.Cursor("")
	for {
		step := fetch(t, b.history, at)
		got = append(got, step.Progress)
		if at = step.Next; step.Pause > 0 {
			break
		}
	}
	want := []string{"Читаем историю: 0 из 3 записей", "Читаем историю: 1 из 3 записей", "Читаем историю: 2 из 3 записей", ""}
	if !slices.Equal(got, want) {
		t.Errorf("progress was %q", got)
	}
}

func TestHistoryKeepsToItsDepth(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 250 {
		post := b.MustPost(simvk.NewPost{Text: "Старая", Date: b.Now().Add(-time.Duration(i) * time.Hour)})
		b.MustComments(post, 1, 0)
	}
	all, _ := b.pass(t, "")
	// Posts are counted further back than their comments are read.
	if n := b.Calls("wall.get"); n != 3 {
		t.Errorf("wall.get was called %d times", n)
	}
	if n := len(comments(refs(all, collectors.Listed))); n < 47 || n > 49 {
		t.Errorf("comments of %d posts were read", n)
	}
}

func TestHistoryReadsManyPages(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *vk.LiveOptions, h *vk.HistoryOptions) { h.Depth = 300 * time.Hour })
	for i := range 250 {
		post := b.MustPost(simvk.NewPost{Text: "Старая", Date: b.Now().Add(-time.Duration(i) * time.Hour)})
		b.MustComments(post, 1, 0)
	}
	all, _ := b.pass(t, "")
	if n := len(comments(refs(all, collectors.Listed))); n != 250 {
		t.Errorf("comments of %d posts were read", n)
	}
	// Pages overlap, and the post at the seam may be read twice.
	if n := b.Calls("wall.getComments"); n > 252 {
		t.Errorf("wall.getComments was called %d times", n)
	}
}

func TestHistoryOwnsUpToItsBound(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *vk.LiveOptions, h *vk.HistoryOptions) { h.Depth, h.MaxPosts = 300*time.Hour, 100 })
	for i := range 150 {
		b.MustPost(simvk.NewPost{Text: "Старая", Date: b.Now().Add(-time.Duration(i) * time.Hour)})
	}
	_, end := b.pass(t, "")
	if age := b.Now().Sub(end.Filled[0].From); age < 97*time.Hour || age > 101*time.Hour {
		t.Errorf("the span filled reaches %s back", age)
	}
}

func TestNextPassWaitsForItsTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, end := b.pass(t, "")
	got := fetch(t, b.history, end.Next)
	if got.Next != end.Next || got.Pause <= 0 || got.Pause > time.Minute || b.Calls("wall.get") != 1 {
		t.Errorf("before its time the stream brought %+v", got)
	}
	b.Advance(2 * time.Minute)
	fetch(t, b.history, end.Next)
	if b.Calls("wall.get") != 2 {
		t.Error("the next pass did not begin")
	}
}

// The long poll is silent in these, so only the listing can tell.
func TestRelistingFindsWhatWasLost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.MustComment(simvk.NewComment{Text: "Первый"})
	b.MustComment(simvk.NewComment{Text: "Под ним", ReplyTo: root})
	old := b.MustPost(simvk.NewPost{Text: "Старая", Date: b.Now().Add(-90 * time.Hour)})
	_, end := b.pass(t, "")
	b.Mute(vktest.GroupID, true)
	b.Must(b.EditPost(vktest.OwnerID, b.Post, "Запись исправлена"))
	fresh := b.MustComment(simvk.NewComment{Text: "Потерянный", FromID: vktest.Boris})
	late := b.MustComment(simvk.NewComment{PostID: old, Text: "Под старой записью"})
	b.Must(b.DeleteComment(vktest.OwnerID, root))
	b.Advance(10 * time.Minute)
	all, end := b.pass(t, end.Next)
	if got := refs(all, collectors.Deleted); !slices.Equal(got, ids([]int{root})) {
		t.Errorf("deleted are %q", got)
	}
	found := strings.Join(lines(all), "\n")
	for _, want := range []string{
		"Запись исправлена", fmt.Sprintf("listed r%d Борис Зимин: Потерянный", fresh), fmt.Sprintf("listed r%d Анна Крылова: Под старой", late),
	} {
		if !strings.Contains(found, want) {
			t.Errorf("%q is missing in\n%s", want, found)
		}
	}
	if all[0].Item.EditedAt.IsZero() {
		t.Errorf("the edited post came as %+v", all[0].Item)
	}
	b.Advance(10 * time.Minute)
	again, _ := b.pass(t, end.Next)
	if strings.Contains(strings.Join(lines(again), "\n"), "Под старой") {
		t.Error("an old post was read again although nothing changed")
	}
}

func TestAPassReachesBackToTheLastOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, end := b.pass(t, "")
	lastStart := end.Filled[0].To
	b.Advance(100 * time.Hour)
	_, end = b.pass(t, end.Next)
	if !end.Filled[0].From.Equal(lastStart) {
		t.Errorf("after a long silence the pass filled %+v, the last began at %s", end.Filled, lastStart)
	}
}

func TestClosedPostsDoNotStopThePass(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.MustComments(b.Post, 2, 0)
	second := b.MustPost(simvk.NewPost{Text: "Вторая"})
	b.MustComments(second, 2, 0)
	b.Faults().Add(record.Fault{Method: "wall.getComments", Kind: record.FaultError, Code: 212})
	all, _ := b.pass(t, "")
	if got := comments(refs(all, collectors.Listed)); len(got) != 2 {
		t.Errorf("listed are %q", got)
	}
}

func TestHistoryTroubles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		kind  netvk.KeyKind
		token string
		fault record.Fault
		want  collectors.TroubleKind
		part  string
	}{
		"wrong key":       {netvk.ServiceKey, "nonsense", record.Fault{}, collectors.Denied, "сервисный ключ"},
		"a community key": {netvk.CommunityKey, vktest.CommunityToken, record.Fault{}, collectors.Denied, "сервисный ключ приложения"},
		"too many":        {netvk.ServiceKey, vktest.ServiceToken, record.Fault{Kind: record.FaultError, Code: 6}, collectors.Limited, "реже"},
		"HTML":            {netvk.ServiceKey, vktest.ServiceToken, record.Fault{Kind: record.FaultHTML}, collectors.Passing, "повторит"},
		"empty":           {netvk.ServiceKey, vktest.ServiceToken, record.Fault{Kind: record.FaultEmpty}, collectors.Passing, "повторит"},
		"truncated":       {netvk.ServiceKey, vktest.ServiceToken, record.Fault{Kind: record.FaultTruncated}, collectors.Passing, "повторит"},
		"reset":           {netvk.ServiceKey, vktest.ServiceToken, record.Fault{Kind: record.FaultReset}, collectors.Passing, "Нет связи"},
		"hang":            {netvk.ServiceKey, vktest.ServiceToken, record.Fault{Kind: record.FaultHang, Delay: 5000}, collectors.Passing, "вовремя"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			h := vk.NewHistory(vk.HistoryOptions{
				Client: client(b.Network, tc.kind, tc.token), GroupID: vktest.GroupID,
				Names: vk.NewNames(client(b.Network, tc.kind, tc.token), b.Now), Now: b.Now,
			})
			if tc.fault.Method = "wall.get"; tc.fault.Kind != "" {
				b.Faults().Add(tc.fault)
			}
			_, err := h.Fetch(t.Context(), "")
			wantTrouble(t, err, tc.want, tc.part)
			if n := b.Calls("wall.get"); n > 1 {
				t.Errorf("wall.get was called %d times in one step", n)
			}
		})
	}
}

func TestRepostsShowTheirOriginal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	b.InjectEvent(vktest.GroupID, json.RawMessage(`{"type":"wall_post_new","event_id":"e","group_id":101,"object":{
		"id":50,"owner_id":-101,"from_id":-101,"date":1760000000,"text":"","post_type":"post","is_pinned":1,
		"copy_history":[{"id":3,"owner_id":-202,"text":"У соседей праздник"}]}}`))
	got := changesOf(fetch(t, b.live, at))
	media := got[0].Item.Media
	if len(media) != 1 || media[0].Title != "Репост: У соседей праздник" || media[0].URL != "https://vk.com/wall-202_3" {
		t.Errorf("the repost came as %+v", media)
	}
}

func TestARestingHistoryWakesForAGap(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	_, last := b.pass(t, "")
	if last.Pause > 10*time.Second {
		t.Errorf("after a pass it sleeps %s and would not see a gap", last.Pause)
	}
	late := b.MustComment(simvk.NewComment{Text: "Написано, пока никто не слушал"})
	if got := fetch(t, b.history, last.Next); got.Next != last.Next || len(got.Updates) != 0 || got.Pause <= 0 {
		t.Fatalf("a rested stream with nothing to do brought %+v", got)
	}
	m.missed = b.Now()
	changes, _ := b.pass(t, last.Next)
	if got := refs(changes, collectors.Listed); !slices.Contains(got, netvk.CommentRef(vktest.OwnerID, late).ID) {
		t.Errorf("the gap was not read: %v", got)
	}
}
