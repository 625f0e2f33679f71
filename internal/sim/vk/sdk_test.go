package vk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/SevereCloud/vksdk/v2/api"
	"github.com/SevereCloud/vksdk/v2/events"
	"github.com/SevereCloud/vksdk/v2/longpoll-bot"

	"otklik/internal/sim/record"
	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// sdk is the real client, as the simulator's users have it.
func sdk(n *vktest.Network, token string) *api.VK {
	c := api.NewVK(token)
	c.MethodURL = n.URL + "/method/"
	c.Limit = 0
	c.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return c
}

func TestWallThroughSDK(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	long := strings.Repeat("Во дворе яма. ", 20)
	root := n.MustComment(vk.NewComment{Text: long})
	replies := n.MustComments(n.Post, 12, root)
	nested := n.MustComment(vk.NewComment{Text: "И у нас", ReplyTo: replies[3], FromID: vktest.Boris})
	c := sdk(n, vktest.ServiceToken)

	wall, err := c.WallGetExtended(api.Params{"owner_id": vktest.OwnerID, "count": 10})
	if err != nil || wall.Count != 1 || wall.Items[0].Comments.Count != 14 || wall.Groups[0].Name == "" {
		t.Fatalf("wall.get: %+v, %v", wall, err)
	}
	list, err := c.WallGetCommentsExtended(api.Params{
		"owner_id": vktest.OwnerID, "post_id": n.Post, "thread_items_count": 10, "count": 100, "preview_length": 0,
	})
	if err != nil || list.Count != 14 || list.CurrentLevelCount != 1 || len(list.Items) != 1 {
		t.Fatalf("wall.getComments: %+v, %v", list, err)
	}
	if got := list.Items[0]; got.Text != long || got.Thread.Count != 13 || len(got.Thread.Items) != 10 {
		t.Fatalf("the thread came as %d of %d, text %q", len(got.Thread.Items), got.Thread.Count, got.Text)
	}
	thread, err := c.WallGetComments(api.Params{
		"owner_id": vktest.OwnerID, "post_id": n.Post, "comment_id": root, "offset": 10, "count": 100,
	})
	if err != nil || len(thread.Items) != 3 {
		t.Fatalf("the rest of the thread: %+v, %v", thread, err)
	}
	last := thread.Items[2]
	if last.ID != nested || last.ReplyToComment != replies[3] || last.ReplyToUser != vktest.Anna || last.ParentsStack[0] != root {
		t.Errorf("the nested reply came as %+v", last)
	}
	cut, err := c.WallGetComments(api.Params{"owner_id": vktest.OwnerID, "post_id": n.Post})
	if err != nil || len([]rune(cut.Items[0].Text)) != 91 {
		t.Errorf("preview_length must cut at 90 by default: %q, %v", cut.Items[0].Text, err)
	}
}

func TestTokenKinds(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	params := map[string]api.Params{
		"wall.get":                 {"owner_id": vktest.OwnerID},
		"wall.getComments":         {"owner_id": vktest.OwnerID, "post_id": n.Post},
		"wall.createComment":       {"owner_id": vktest.OwnerID, "post_id": n.Post, "message": "Ответ"},
		"wall.editComment":         {"owner_id": vktest.OwnerID, "comment_id": 1, "message": "Ответ"},
		"groups.getLongPollServer": {"group_id": vktest.GroupID},
	}
	for _, tc := range []struct {
		token, method string
		code          api.ErrorType
	}{
		{vktest.CommunityToken, "wall.get", 27},
		{vktest.CommunityToken, "wall.getComments", 27},
		{vktest.CommunityToken, "wall.createComment", 0},
		{vktest.CommunityToken, "groups.getLongPollServer", 0},
		{vktest.CommunityToken, "wall.editComment", 27},
		{vktest.ServiceToken, "wall.get", 0},
		{vktest.ServiceToken, "wall.createComment", 28},
		{vktest.ServiceToken, "groups.getLongPollServer", 28},
		{vktest.OtherToken, "wall.createComment", 15},
		{vktest.OtherToken, "groups.getLongPollServer", 15},
		{vktest.AdminToken, "wall.get", 0},
		{"nonsense", "wall.get", 5},
		{vktest.ServiceToken, "wall.fly", 3},
	} {
		_, err := sdk(n, tc.token).Request(tc.method, params[tc.method])
		var e *api.Error
		if errors.As(err, &e); tc.code == 0 && err != nil || tc.code != 0 && (e == nil || e.Code != tc.code) {
			t.Errorf("%s with %s: got %v, want code %d", tc.method, tc.token, err, tc.code)
		}
	}
	for _, call := range n.Log.Since(0, "") {
		for _, key := range []string{"access_token", "key"} {
			if _, ok := call.Params[key]; ok {
				t.Errorf("the record of %s holds %s", call.Method, key)
			}
		}
	}
}

func TestLimitsInASlidingSecond(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{Limits: true})
	c := sdk(n, vktest.AdminToken)
	var e *api.Error
	for i := range 4 {
		_, err := c.UsersGet(nil)
		if refused := errors.As(err, &e) && e.Code == api.ErrTooMany; refused != (i == 3) {
			t.Fatalf("call %d: %v", i, err)
		}
	}
}

func TestGuidCreatesOnce(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.CommunityToken)
	p := api.Params{"owner_id": vktest.OwnerID, "post_id": n.Post, "message": "Приняли", "guid": "g1"}
	first, err1 := c.WallCreateComment(p)
	again, err2 := c.WallCreateComment(p)
	if err1 != nil || err2 != nil || first.CommentID != again.CommentID {
		t.Fatalf("%+v %v, %+v %v", first, err1, again, err2)
	}
	n.Advance(61 * 60e9)
	later, err := c.WallCreateComment(p)
	if err != nil || later.CommentID == first.CommentID {
		t.Errorf("after an hour the guid must be forgotten: %+v, %v", later, err)
	}
}

func TestLongPollThroughSDK(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	lp, err := longpoll.NewLongPoll(sdk(n, vktest.CommunityToken), vktest.GroupID)
	if err != nil {
		t.Fatal(err)
	}
	lp.Wait = 5
	var seen []string
	note := func(kind, text string, last bool) {
		if seen = append(seen, kind+" "+text); last {
			lp.Shutdown()
		}
	}
	lp.WallPostNew(func(_ context.Context, o events.WallPostNewObject) { note("post", o.Text, false) })
	lp.WallReplyNew(func(_ context.Context, o events.WallReplyNewObject) { note("new", o.Text, false) })
	lp.WallReplyEdit(func(_ context.Context, o events.WallReplyEditObject) { note("edit", o.Text, false) })
	lp.WallReplyDelete(func(_ context.Context, o events.WallReplyDeleteObject) { note("delete", "", false) })
	lp.WallReplyRestore(func(_ context.Context, o events.WallReplyRestoreObject) { note("restore", o.Text, true) })
	post := n.MustPost(vk.NewPost{Text: "Запись"})
	id := n.MustComment(vk.NewComment{PostID: post, Text: "Раз"})
	n.Must(n.EditComment(vktest.OwnerID, id, "Два"))
	n.Must(n.EditPost(vktest.OwnerID, post, "Правка записи не даёт события"))
	n.Must(n.DeleteComment(vktest.OwnerID, id))
	n.Must(n.RestoreComment(vktest.OwnerID, id))
	// The SDK's loop ends with the error of its cancelled context.
	_ = lp.Run()
	want := "post Запись|new Раз|edit Два|delete |restore Два"
	if got := strings.Join(seen, "|"); got != want {
		t.Errorf("events came as %q, want %q", got, want)
	}
}

func TestFaultsReachTheClient(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.CommunityToken)
	for _, tc := range []struct {
		fault   record.Fault
		created int
	}{
		{record.Fault{Kind: record.FaultError, Code: 9}, 0},
		{record.Fault{Kind: record.FaultStatus, Code: 503}, 0},
		{record.Fault{Kind: record.FaultHTML}, 0},
		{record.Fault{Kind: record.FaultEmpty}, 0},
		{record.Fault{Kind: record.FaultReset}, 0},
		{record.Fault{Kind: record.FaultHang, Delay: 1}, 0},
		{record.Fault{Kind: record.FaultTruncated}, 1},
		{record.Fault{Kind: record.FaultLost}, 1},
	} {
		before, _ := n.Thread(vktest.OwnerID, n.Post)
		tc.fault.Method = "wall.createComment"
		n.Faults().Add(tc.fault)
		_, err := c.WallCreateComment(api.Params{"owner_id": vktest.OwnerID, "post_id": n.Post, "message": "Ответ"})
		after, _ := n.Thread(vktest.OwnerID, n.Post)
		if created := len(after.Comments) - len(before.Comments); err == nil || created != tc.created {
			t.Errorf("%s: error %v, created %d, want %d", tc.fault.Kind, err, created, tc.created)
		}
	}
}
