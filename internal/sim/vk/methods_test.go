package vk_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/SevereCloud/vksdk/v2/api"

	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vkschema"
	"otklik/internal/sim/vk/vktest"
)

// published reads the schema, without which this test says nothing.
func published(t *testing.T) *vkschema.Schema {
	t.Helper()
	dir, err := vkschema.Find()
	if err != nil {
		t.Skip("Schema tests skipped: " + err.Error())
	}
	s, err := vkschema.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTokensAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	s := published(t)
	names := map[string]vk.TokenKind{"user": vk.UserToken, "group": vk.CommunityToken, "service": vk.ServiceToken}
	for name, kinds := range vk.Methods() {
		m, ok := s.Method(name)
		if !ok {
			t.Errorf("the schema has no method %s", name)
			continue
		}
		for theirs, ours := range names {
			if m.Tokens[theirs] != slices.Contains(kinds, ours) {
				t.Errorf("%s by a %s token: the schema says %t", name, ours, m.Tokens[theirs])
			}
		}
	}
}

func TestTheDocumentListsEveryMethod(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/simulators.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## VK\n")
	_, section, _ = strings.Cut(section, "### Methods")
	section, _, _ = strings.Cut(section, "### Events")
	documented := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-zA-Z.]+)` \\| ([a-z, ]+) \\|").FindAllStringSubmatch(section, -1) {
		documented[m[1]] = m[2]
	}
	for name, kinds := range vk.Methods() {
		var words []string
		for _, k := range []vk.TokenKind{vk.UserToken, vk.CommunityToken, vk.ServiceToken} {
			if slices.Contains(kinds, k) {
				words = append(words, string(k))
			}
		}
		if want := strings.Join(words, ", "); documented[name] != want {
			t.Errorf("docs/simulators.md says of %s that its tokens are %q, they are %q", name, documented[name], want)
		}
		delete(documented, name)
	}
	if len(documented) > 0 {
		t.Errorf("docs/simulators.md lists what is not simulated: %v", documented)
	}
}

// step is one call that has to be answered.
type step struct {
	token, method string
	params        api.Params
}

// TestEveryMethodAnswers calls every method once with success, so that the
// schema has seen every answer.
func TestEveryMethodAnswers(t *testing.T) {
	t.Parallel()
	published(t)
	n := vktest.Start(t, vk.Options{})
	called := map[string]bool{}
	for _, s := range everyMethod(t, n) {
		called[s.method] = true
		if _, err := sdk(n, s.token).Request(s.method, s.params); err != nil {
			t.Errorf("%s: %v", s.method, err)
		}
	}
	for name := range vk.Methods() {
		if !called[name] {
			t.Errorf("%s is not called here", name)
		}
	}
}

func everyMethod(t *testing.T, n *vktest.Network) []step {
	t.Helper()
	n.Must(n.AddToken(vk.Token{Value: "anna", Kind: vk.UserToken, UserID: vktest.Anna}))
	message, err := n.Write(vk.NewMessage{GroupID: vktest.GroupID, FromID: vktest.Anna, Text: "Начать"})
	n.Must(err)
	comment := n.MustComment(vk.NewComment{Text: "Яма"})
	other := n.MustPost(vk.NewPost{Text: "Вторая"})
	poll, err := n.AddPoll(vk.Poll{OwnerID: vktest.OwnerID, AuthorID: vktest.Vera, Question: "Да?", Answers: []vk.PollAnswer{{Text: "Да"}, {Text: "Нет"}}})
	n.Must(err)
	photo, err := n.AddPhoto(vktest.OwnerID, picture(t, 4, 4))
	n.Must(err)
	out := append(wallSteps(n, comment, other), pollSteps(poll)...)
	out = append(out, fileSteps(t, n, strings.TrimPrefix(photo, "photo"))...)
	out = append(out, groupSteps(t, n)...)
	return append(out, messageSteps(t, n, message)...)
}

func wallSteps(n *vktest.Network, comment, other int) []step {
	const service, admin, group = vktest.ServiceToken, vktest.AdminToken, vktest.CommunityToken
	with := func(more api.Params) api.Params {
		more["owner_id"] = vktest.OwnerID
		return more
	}
	like := func() api.Params { return with(api.Params{"type": "comment", "item_id": comment}) }
	return []step{
		{service, "wall.get", with(api.Params{"extended": 1, "fields": "screen_name", "filter": "owner", "count": 100})},
		{service, "wall.getById", api.Params{"posts": fmt.Sprintf("%d_%d", vktest.OwnerID, n.Post), "extended": 1}},
		{service, "wall.search", with(api.Params{"query": "двор", "extended": 1})},
		{service, "newsfeed.search", api.Params{"q": "двор", "extended": 1}},
		{service, "wall.getComments", with(api.Params{"post_id": n.Post, "extended": 1, "need_likes": 1, "thread_items_count": 10})},
		{admin, "wall.getComment", with(api.Params{"comment_id": comment, "extended": 1})},
		{service, "wall.getReposts", with(api.Params{"post_id": n.Post})},
		{group, "wall.post", with(api.Params{"message": "Новость", "from_group": 1})},
		{admin, "wall.edit", with(api.Params{"post_id": other, "message": "Вторая, исправленная"})},
		{admin, "wall.pin", with(api.Params{"post_id": other})},
		{admin, "wall.unpin", with(api.Params{"post_id": other})},
		{group, "wall.closeComments", with(api.Params{"post_id": other})},
		{group, "wall.openComments", with(api.Params{"post_id": other})},
		{admin, "wall.delete", with(api.Params{"post_id": other})},
		{admin, "wall.restore", with(api.Params{"post_id": other})},
		{group, "wall.createComment", with(api.Params{"post_id": n.Post, "message": "Ответ", "reply_to_comment": comment})},
		{admin, "likes.add", like()},
		{admin, "likes.isLiked", like()},
		{service, "likes.getList", like()},
		{admin, "likes.delete", like()},
		{admin, "wall.editComment", with(api.Params{"comment_id": comment, "message": "Яма, исправлено"})},
		{admin, "wall.deleteComment", with(api.Params{"comment_id": comment})},
		{admin, "wall.restoreComment", with(api.Params{"comment_id": comment})},
		{admin, "stats.get", api.Params{"group_id": vktest.GroupID, "interval": "week", "intervals_count": 3}},
		{admin, "stats.getPostReach", with(api.Params{"post_ids": n.Post})},
	}
}

func pollSteps(poll vk.Poll) []step {
	at := func(more api.Params) api.Params {
		more["owner_id"], more["poll_id"] = poll.OwnerID, poll.ID
		return more
	}
	answer := poll.Answers[0].ID
	return []step{
		{vktest.AdminToken, "polls.create", api.Params{"owner_id": vktest.OwnerID, "question": "Когда?", "add_answers": `["Сегодня"]`, "is_anonymous": 1}},
		{vktest.AdminToken, "polls.edit", at(api.Params{"question": "Да или нет?", "add_answers": `["Не знаю"]`})},
		{vktest.AdminToken, "polls.addVote", at(api.Params{"answer_ids": answer})},
		{vktest.AdminToken, "polls.getById", at(api.Params{})},
		{vktest.AdminToken, "polls.getVoters", at(api.Params{"answer_ids": answer})},
		{vktest.AdminToken, "polls.deleteVote", at(api.Params{"answer_id": answer})},
	}
}

// fileSteps upload by the SDK, which calls the methods around an upload itself.
func fileSteps(t *testing.T, n *vktest.Network, photo string) []step {
	t.Helper()
	admin, group := sdk(n, vktest.AdminToken), sdk(n, vktest.CommunityToken)
	n.Must(second(admin.UploadGroupWallPhoto(vktest.GroupID, strings.NewReader(string(picture(t, 4, 4))))))
	n.Must(second(group.UploadMessagesPhoto(vktest.Anna, strings.NewReader(string(picture(t, 4, 4))))))
	n.Must(second(group.UploadMessagesDoc(vktest.Anna, "doc", "Файл.txt", "", strings.NewReader("Текст"))))
	n.Must(second(admin.UploadWallDoc("Файл.txt", "", strings.NewReader("Текст"))))
	out := []step{{vktest.ServiceToken, "photos.getById", api.Params{"photos": photo}}}
	// What the uploads have called already is called once more as far as it can be.
	for name := range n.Log.Counts() {
		method := strings.TrimPrefix(name, "vk ")
		if strings.Contains(method, "UploadServer") {
			out = append(out, step{vktest.AdminToken, method, nil})
		}
	}
	return append(out, saveSteps(t, n)...)
}

// saveSteps are the calls that end an upload, each with an upload of its own.
func saveSteps(t *testing.T, n *vktest.Network) []step {
	t.Helper()
	c := sdk(n, vktest.AdminToken)
	out := []step{}
	for method, server := range map[string]string{"photos.saveWallPhoto": "photos.getWallUploadServer", "photos.saveMessagesPhoto": "photos.getMessagesUploadServer"} {
		var at struct {
			URL string `json:"upload_url"`
		}
		n.Must(c.RequestUnmarshal(server, &at))
		body, err := c.UploadFile(at.URL, strings.NewReader(string(picture(t, 4, 4))), "photo", "photo.png")
		n.Must(err)
		out = append(out, step{vktest.AdminToken, method, jsonParams(t, body)})
	}
	var at struct {
		URL string `json:"upload_url"`
	}
	n.Must(c.RequestUnmarshal("docs.getWallUploadServer", &at))
	body, err := c.UploadFile(at.URL, strings.NewReader("Текст"), "file", "file.txt")
	n.Must(err)
	return append(out, step{vktest.AdminToken, "docs.save", jsonParams(t, body)})
}

func groupSteps(t *testing.T, n *vktest.Network) []step {
	t.Helper()
	const group = vktest.CommunityToken
	with := func(more api.Params) api.Params {
		more["group_id"] = vktest.GroupID
		return more
	}
	server := n.URL + "/nowhere"
	return []step{
		{vktest.ServiceToken, "groups.getById", api.Params{"group_ids": "rechnoy,202"}},
		{group, "groups.getMembers", with(api.Params{"fields": "screen_name"})},
		{group, "groups.isMember", with(api.Params{"user_id": vktest.Anna, "extended": 1})},
		{group, "groups.getTokenPermissions", nil},
		{vktest.AdminToken, "account.getAppPermissions", api.Params{"user_id": vktest.Vera}},
		{vktest.AdminToken, "groups.getById", api.Params{"group_id": vktest.GroupID}},
		{group, "groups.getLongPollServer", with(api.Params{})},
		{group, "groups.setLongPollSettings", with(api.Params{"enabled": 1, "api_version": "5.131", "like_add": 1})},
		{group, "groups.getLongPollSettings", with(api.Params{})},
		{group, "groups.getCallbackConfirmationCode", with(api.Params{})},
		{group, "groups.addCallbackServer", with(api.Params{"url": server, "title": "Отклик"})},
		{group, "groups.editCallbackServer", with(api.Params{"server_id": 1, "url": server, "title": "Отклик 2", "secret_key": "ключ"})},
		{group, "groups.setCallbackSettings", with(api.Params{"server_id": 1, "wall_post_new": 1})},
		{group, "groups.getCallbackSettings", with(api.Params{"server_id": 1})},
		{group, "groups.getCallbackServers", with(api.Params{})},
		{group, "groups.deleteCallbackServer", with(api.Params{"server_id": 1})},
		{vktest.ServiceToken, "users.get", api.Params{"user_ids": "11,id12", "fields": "screen_name"}},
		{vktest.ServiceToken, "utils.resolveScreenName", api.Params{"screen_name": "rechnoy"}},
		{vktest.ServiceToken, "utils.getServerTime", nil},
	}
}

func messageSteps(t *testing.T, n *vktest.Network, message int) []step {
	t.Helper()
	const group = vktest.CommunityToken
	c := sdk(n, group)
	with := func(more api.Params) api.Params {
		more["peer_id"] = vktest.Anna
		return more
	}
	keyboard := `{"inline":true,"buttons":[[{"action":{"type":"callback","label":"Статус","payload":"{}"}}]]}`
	sent, err := c.MessagesSend(with(api.Params{"random_id": 9, "message": "Выберите", "keyboard": keyboard}))
	n.Must(err)
	l := listen(t, n)
	n.Must(n.Press(vktest.GroupID, vktest.Anna, sent, 0, 0))
	_, rest, _ := strings.Cut(string(l.next()[0].Object), `"event_id":"`)
	event, _, _ := strings.Cut(rest, `"`)
	return []step{
		{group, "messages.sendMessageEventAnswer", with(api.Params{"event_id": event, "user_id": vktest.Anna})},
		{group, "messages.send", with(api.Params{"random_id": 10, "message": "Здравствуйте"})},
		{group, "messages.edit", with(api.Params{"message_id": sent, "message": "Выберите ещё раз", "keyboard": keyboard})},
		{group, "messages.getHistory", with(api.Params{"extended": 1, "rev": 1})},
		{group, "messages.getById", api.Params{"message_ids": message, "extended": 1}},
		{group, "messages.getConversations", api.Params{"extended": 1, "count": 200}},
		{group, "messages.markAsRead", with(api.Params{"start_message_id": message})},
		{group, "messages.setActivity", with(api.Params{"type": "typing"})},
		{group, "messages.delete", api.Params{"message_ids": sent, "delete_for_all": 1}},
		{group, "messages.isMessagesFromGroupAllowed", api.Params{"group_id": vktest.GroupID, "user_id": vktest.Anna}},
		{"anna", "messages.denyMessagesFromGroup", api.Params{"group_id": vktest.GroupID}},
		{"anna", "messages.allowMessagesFromGroup", api.Params{"group_id": vktest.GroupID, "key": "с сайта"}},
	}
}
