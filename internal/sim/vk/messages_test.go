package vk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/SevereCloud/vksdk/v2/api"
	"github.com/SevereCloud/vksdk/v2/events"
	"github.com/SevereCloud/vksdk/v2/object"

	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// listener reads a community's long poll.
type listener struct {
	t       *testing.T
	address string
	key, ts string
}

func listen(t *testing.T, n *vktest.Network) *listener {
	t.Helper()
	s, err := sdk(n, vktest.CommunityToken).GroupsGetLongPollServer(api.Params{"group_id": vktest.GroupID})
	if err != nil {
		t.Fatal(err)
	}
	return &listener{t, s.Server, s.Key, s.Ts}
}

// next are the events that have come, without waiting.
func (l *listener) next() []events.GroupEvent {
	l.t.Helper()
	q := url.Values{"act": {"a_check"}, "key": {l.key}, "ts": {l.ts}, "wait": {"0"}}
	_, body := call(l.t, "GET", l.address+"?"+q.Encode(), "")
	var answer struct {
		Ts      string              `json:"ts"`
		Updates []events.GroupEvent `json:"updates"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		l.t.Fatalf("%s: %v", body, err)
	}
	l.ts = answer.Ts
	return answer.Updates
}

// kinds are the types of the events that have come.
func (l *listener) kinds() string {
	l.t.Helper()
	out := []string{}
	for _, e := range l.next() {
		out = append(out, string(e.Type))
	}
	return strings.Join(out, " ")
}

func TestCorrespondence(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.CommunityToken)
	n.SetLongPoll(vktest.GroupID, true, map[string]bool{"message_reply": true, "message_edit": true})
	l := listen(t, n)
	_, err := c.MessagesSend(api.Params{"peer_id": vktest.Anna, "random_id": 1, "message": "Здравствуйте"})
	wantCode(t, "to somebody who never wrote", err, 901)
	first, err := n.Write(vk.NewMessage{GroupID: vktest.GroupID, FromID: vktest.Anna, Text: "Яма на дороге"})
	n.Must(err)
	photos, err := c.UploadMessagesPhoto(vktest.Anna, bytes.NewReader(picture(t, 10, 10)))
	n.Must(err)
	_, err = c.UploadMessagesDoc(vktest.Anna, "doc", "Ответ.txt", "", strings.NewReader("Принято"))
	n.Must(err)
	p := api.Params{
		"peer_id": vktest.Anna, "random_id": 77, "message": "Приняли", "reply_to": first,
		"attachment": fmt.Sprintf("photo%d_%d", photos[0].OwnerID, photos[0].ID),
	}
	sent, err := c.MessagesSend(p)
	n.Must(err)
	if again, err := c.MessagesSend(p); err != nil || again != sent {
		t.Errorf("the same random_id sent %d and %d, %v", sent, again, err)
	}
	_, err = c.MessagesEdit(api.Params{"peer_id": vktest.Anna, "message_id": sent, "message": "Приняли в работу"})
	n.Must(err)
	if got := l.kinds(); got != "message_new message_reply message_edit" {
		t.Errorf("events came as %q", got)
	}
	history, err := c.MessagesGetHistory(api.Params{"peer_id": vktest.Anna, "count": 10, "extended": 1})
	if err != nil || history.Count != 2 || history.Items[0].Text != "Приняли в работу" || history.Items[0].ReplyMessage.Text != "Яма на дороге" ||
		len(history.Profiles) != 1 || len(history.Conversations) != 1 {
		t.Errorf("%+v, %v", history, err)
	}
	list, err := c.MessagesGetConversations(api.Params{"filter": "unread"})
	if err != nil || list.Count != 1 || list.Items[0].Conversation.UnreadCount != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := c.MessagesMarkAsRead(api.Params{"peer_id": vktest.Anna, "mark_conversation_as_read": 1}); err != nil {
		t.Error(err)
	}
	if list, _ := c.MessagesGetConversations(api.Params{"filter": "unread"}); list.Count != 0 {
		t.Errorf("after reading %+v", list)
	}
	if _, err := c.MessagesSetActivity(api.Params{"peer_id": vktest.Anna, "type": "typing"}); err != nil {
		t.Error(err)
	}
	if d, _ := n.Dialog(vktest.GroupID, vktest.Anna); !d.Typing {
		t.Error("the user does not see that the community writes")
	}
	got, err := c.MessagesGetByID(api.Params{"message_ids": fmt.Sprint(first, ",", sent), "preview_length": 3})
	if err != nil || got.Count != 2 || got.Items[0].Text != "Яма…" {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = c.MessagesDelete(api.Params{"message_ids": first, "delete_for_all": 1})
	wantCode(t, "deleting the user's message for both", err, 924)
	if _, err := c.MessagesDelete(api.Params{"message_ids": sent, "delete_for_all": 1}); err != nil {
		t.Error(err)
	}
	d, _ := n.Dialog(vktest.GroupID, vktest.Anna)
	if len(d.Messages) != 2 || !d.Messages[1].Deleted {
		t.Errorf("%+v", d)
	}
}

func TestWhoDoesNotTakeMessages(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.CommunityToken)
	l := listen(t, n)
	n.Must(n.Allow(vktest.GroupID, vktest.Anna, true))
	n.Must(n.Allow(vktest.GroupID, vktest.Boris, true))
	n.Must(n.Allow(vktest.GroupID, vktest.Boris, false))
	if got := l.kinds(); got != "message_allow message_allow message_deny" {
		t.Errorf("events came as %q", got)
	}
	// The SDK reads the errors of single receivers under other names than the
	// schema gives, so the answer is read here as it is.
	raw, err := c.Request("messages.send", api.Params{
		"peer_ids": fmt.Sprintf("%d,%d,%d", vktest.Anna, vktest.Boris, 2_000_000_001), "random_id": 5, "message": "Отключат воду",
	})
	n.Must(err)
	var sent []struct {
		PeerID    int `json:"peer_id"`
		MessageID int `json:"message_id"`
		Error     struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	n.Must(json.Unmarshal(raw, &sent))
	if len(sent) != 3 || sent[0].MessageID == 0 || sent[1].Error.Code != 901 || sent[2].Error.Code != 917 {
		t.Errorf("%s", raw)
	}
	for what, p := range map[string]api.Params{
		"no random_id":  {"peer_id": vktest.Anna, "message": "Текст"},
		"no text":       {"peer_id": vktest.Anna, "random_id": 1},
		"no such user":  {"peer_id": 999, "random_id": 1, "message": "Текст"},
		"no such photo": {"peer_id": vktest.Anna, "random_id": 1, "attachment": "photo1_1"},
	} {
		_, err := c.MessagesSend(p)
		wantCode(t, what, err, 100)
	}
	_, err = c.MessagesSend(api.Params{"peer_id": vktest.Anna, "random_id": 1, "message": strings.Repeat("ы", 4097)})
	wantCode(t, "a long text", err, 914)
	_, err = sdk(n, vktest.ServiceToken).MessagesSend(api.Params{"peer_id": vktest.Anna, "random_id": 1, "message": "Текст"})
	wantCode(t, "a service token", err, 28)
	n.Must(n.AddToken(vk.Token{Value: "anna", Kind: vk.UserToken, UserID: vktest.Anna}))
	anna := sdk(n, "anna")
	if _, err := anna.MessagesDenyMessagesFromGroup(api.Params{"group_id": vktest.GroupID}); err != nil {
		t.Error(err)
	}
	is, err := c.MessagesIsMessagesFromGroupAllowed(api.Params{"group_id": vktest.GroupID, "user_id": vktest.Anna})
	if err != nil || bool(is.IsAllowed) {
		t.Errorf("%+v, %v", is, err)
	}
}

func TestKeyboards(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.CommunityToken)
	_, err := n.Write(vk.NewMessage{GroupID: vktest.GroupID, FromID: vktest.Anna, Text: "Начать"})
	n.Must(err)
	l := listen(t, n)
	send := func(keyboard string) (int, error) {
		return c.MessagesSend(api.Params{"peer_id": vktest.Anna, "random_id": 0, "message": "Выберите", "keyboard": keyboard})
	}
	row := `[{"action":{"type":"text","label":"Да","payload":"{}"},"color":"primary"}]`
	for why, keyboard := range map[string]string{
		"not JSON":          `{`,
		"no buttons":        `{"one_time":true}`,
		"an empty row":      `{"buttons":[[]]}`,
		"seven inline rows": `{"inline":true,"buttons":[` + strings.Repeat(row+",", 6) + row + `]}`,
		"eleven rows":       `{"buttons":[` + strings.Repeat(row+",", 10) + row + `]}`,
		"inline one_time":   `{"inline":true,"one_time":true,"buttons":[` + row + `]}`,
		"a colour":          `{"buttons":[[{"action":{"type":"text","label":"Да"},"color":"pink"}]]}`,
		"a long label":      `{"buttons":[[{"action":{"type":"text","label":"` + strings.Repeat("а", 41) + `"}}]]}`,
		"an unknown action": `{"buttons":[[{"action":{"type":"dance","label":"Да"}}]]}`,
		"a broken payload":  `{"buttons":[[{"action":{"type":"text","label":"Да","payload":"{"}}]]}`,
	} {
		_, err := send(keyboard)
		wantCode(t, why, err, 911)
	}
	inline := object.NewMessagesKeyboardInline()
	inline.AddRow().AddTextButton("Да", map[string]string{"answer": "yes"}, "primary").AddCallbackButton("Статус", map[string]string{"case": "7"}, "secondary")
	id, err := send(inline.ToJSON())
	n.Must(err)
	l.next()
	n.Must(n.Press(vktest.GroupID, vktest.Anna, id, 0, 0))
	n.Must(n.Press(vktest.GroupID, vktest.Anna, id, 0, 1))
	got := l.next()
	if len(got) != 2 {
		t.Fatalf("pressing two buttons gave %+v", got)
	}
	var written events.MessageNewObject
	var pressed events.MessageEventObject
	n.Must(json.Unmarshal(got[0].Object, &written))
	n.Must(json.Unmarshal(got[1].Object, &pressed))
	if written.Message.Text != "Да" || written.Message.Payload != `{"answer":"yes"}` || string(pressed.Payload) != `{"case":"7"}` {
		t.Errorf("%+v, %+v", written, pressed)
	}
	answer := api.Params{"event_id": pressed.EventID, "user_id": vktest.Anna, "peer_id": vktest.Anna, "event_data": `{"type":"show_snackbar","text":"В работе"}`}
	_, err = c.MessagesSendMessageEventAnswer(answer)
	n.Must(err)
	_, err = c.MessagesSendMessageEventAnswer(answer)
	wantCode(t, "a second answer", err, 100)
	if d, _ := n.Dialog(vktest.GroupID, vktest.Anna); !strings.Contains(string(d.Notice), "В работе") {
		t.Errorf("the user sees %s", d.Notice)
	}
	usual := object.NewMessagesKeyboard(true)
	usual.AddRow().AddTextButton("Меню", nil, "")
	_, err = send(usual.ToJSON())
	n.Must(err)
	if d, _ := n.Dialog(vktest.GroupID, vktest.Anna); d.Keyboard == nil {
		t.Error("the dialog has no keyboard")
	}
	n.Must(n.Press(vktest.GroupID, vktest.Anna, 0, 0, 0))
	if d, _ := n.Dialog(vktest.GroupID, vktest.Anna); d.Keyboard != nil {
		t.Error("a keyboard for one time stays")
	}
}
