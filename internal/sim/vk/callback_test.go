package vk_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/SevereCloud/vksdk/v2/api"
	"github.com/SevereCloud/vksdk/v2/callback"
	"github.com/SevereCloud/vksdk/v2/events"

	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// register adds a callback server for comments and waits until it is confirmed.
func register(t *testing.T, n *vktest.Network, address, secret string) int {
	t.Helper()
	c := sdk(n, vktest.CommunityToken)
	group := api.Params{"group_id": vktest.GroupID}
	added, err := c.GroupsAddCallbackServer(api.Params{"group_id": vktest.GroupID, "url": address, "title": "Отклик", "secret_key": secret})
	n.Must(err)
	_, err = c.GroupsSetCallbackSettings(api.Params{
		"group_id": vktest.GroupID, "server_id": added.ServerID, "api_version": "5.131", "wall_reply_new": 1, "message_new": 1,
	})
	n.Must(err)
	for {
		list, err := c.GroupsGetCallbackServers(group)
		n.Must(err)
		if list.Items[len(list.Items)-1].Status != "wait" {
			return added.ServerID
		}
	}
}

func TestCallbackThroughSDK(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{CallbackPause: time.Millisecond})
	c := sdk(n, vktest.CommunityToken)
	code, err := c.GroupsGetCallbackConfirmationCode(api.Params{"group_id": vktest.GroupID})
	n.Must(err)
	cb := callback.NewCallback()
	cb.ConfirmationKey, cb.SecretKey = code.Code, "тайна"
	heard := make(chan string, 10)
	cb.WallReplyNew(func(_ context.Context, o events.WallReplyNewObject) { heard <- o.Text })
	var calls int
	var retries []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++ // one worker calls, one call at a time
		if retry := r.Header.Get("X-Retry-Counter"); retry != "" || calls == 2 {
			if retries = append(retries, retry); len(retries) < 3 {
				http.Error(w, "busy", http.StatusServiceUnavailable)
				return
			}
		}
		cb.HandleFunc(w, r)
	}))
	defer server.Close()
	id := register(t, n, server.URL, "тайна")
	n.MustComment(vk.NewComment{Text: "Яма"})
	if got := <-heard; got != "Яма" {
		t.Errorf("heard %q", got)
	}
	if len(retries) != 3 || retries[2] != strconv.Itoa(2) {
		t.Errorf("the retries came as %q", retries)
	}
	settings, err := c.GroupsGetCallbackSettings(api.Params{"group_id": vktest.GroupID, "server_id": id})
	if err != nil || !bool(settings.Events.WallReplyNew) || bool(settings.Events.WallReplyEdit) {
		t.Errorf("%+v, %v", settings, err)
	}
	_, err = c.GroupsDeleteCallbackServer(api.Params{"group_id": vktest.GroupID, "server_id": id})
	n.Must(err)
	_, err = c.GroupsDeleteCallbackServer(api.Params{"group_id": vktest.GroupID, "server_id": id})
	wantCode(t, "deleting it twice", err, 104)
}

func TestCallbackServerThatDoesNotConfirm(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{CallbackPause: time.Millisecond})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	defer server.Close()
	register(t, n, server.URL, "")
	c := sdk(n, vktest.CommunityToken)
	list, err := c.GroupsGetCallbackServers(api.Params{"group_id": vktest.GroupID})
	if err != nil || list.Items[0].Status != "failed" {
		t.Errorf("%+v, %v", list, err)
	}
	n.MustComment(vk.NewComment{Text: "Яма"})
	if got := n.Calls("callback:wall_reply_new"); got != 0 {
		t.Errorf("an address that never confirmed itself got %d events", got)
	}
	for range 9 {
		_, err := c.GroupsAddCallbackServer(api.Params{"group_id": vktest.GroupID, "url": server.URL, "title": "Ещё"})
		n.Must(err)
	}
	_, err = c.GroupsAddCallbackServer(api.Params{"group_id": vktest.GroupID, "url": server.URL, "title": "Лишний"})
	wantCode(t, "the eleventh server", err, 2000)
}
