package telegram_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"otklik/internal/sim/telegram"
)

// picture is a PNG of a size that no other picture has.
func picture(t *testing.T, width int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, 10))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAnAlbumIsForwardedTogetherOrApart(t *testing.T) {
	t.Parallel()
	for _, apart := range []bool{false, true} {
		w := setup(t, nil)
		w.sim.SetSwitches(telegram.Switches{AlbumsApart: apart})
		sent := must(w.client().SendMediaGroup(t.Context(), &bot.SendMediaGroupParams{ChatID: w.channel.ID, Media: []models.InputMedia{
			&models.InputMediaPhoto{Media: "attach://one.png", Caption: "Двор <b>до</b>", ParseMode: models.ParseModeHTML, MediaAttachment: bytes.NewReader(picture(t, 30))},
			&models.InputMediaPhoto{Media: "attach://two.png", MediaAttachment: bytes.NewReader(picture(t, 31))},
		}}))(t)
		if len(sent) != 2 || sent[0].MediaGroupID == "" || sent[0].MediaGroupID != sent[1].MediaGroupID ||
			sent[0].Caption != "Двор до" || len(sent[0].CaptionEntities) != 1 || sent[1].Photo[0].Width != 31 {
			t.Fatalf("sent %+v", sent)
		}
		got := w.updates(0)
		if len(got) != 2 {
			t.Fatalf("%d updates", len(got))
		}
		for _, u := range got {
			if group := at(u, "message", "media_group_id"); (group == nil) != apart {
				t.Errorf("apart %v: the copy's media_group_id is %v", apart, group)
			}
		}
	}
}

func TestPeoplePublishAlbums(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	posted := must(w.sim.Publish(telegram.NewPost{ChannelID: w.channel.ID, Text: "Праздник", Photos: [][]byte{picture(t, 40), picture(t, 41)}}))(t)
	got := w.updates(0)
	if len(posted) != 2 || posted[1].GroupMessageID != posted[0].GroupMessageID+1 || len(got) != 4 {
		t.Fatalf("%+v %v", posted, got)
	}
	first, second := at(got[0], "channel_post", "media_group_id"), at(got[1], "channel_post", "media_group_id")
	if first == nil || first != second || at(got[0], "channel_post", "caption") != "Праздник" || at(got[1], "channel_post", "caption") != nil {
		t.Errorf("%v %v", first, second)
	}
}

func TestEveryKindOfFileIsSentAndSentAgain(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	for kind, method := range map[string]string{
		"photo": "sendPhoto", "document": "sendDocument", "video": "sendVideo", "audio": "sendAudio", "voice": "sendVoice", "animation": "sendAnimation",
	} {
		raw := []byte("данные " + kind)
		if kind == "photo" {
			raw = picture(t, 50)
		}
		a := w.upload(method, map[string]string{"chat_id": itoa(w.channel.GroupID), "caption": "Файл"}, map[string][]byte{kind: raw})
		var m object
		if err := json.Unmarshal(a.Result, &m); err != nil {
			t.Fatalf("%s: %+v", method, a)
		}
		file, _ := m[kind].(object)
		if list, ok := m[kind].([]any); ok {
			file, _ = list[0].(object)
		}
		if file == nil || m["caption"] != "Файл" || num(file["file_size"]) != int64(len(raw)) {
			t.Fatalf("%s: %v", method, m)
		}
		if again := w.call(method, object{"chat_id": w.channel.GroupID, kind: file["file_id"]}); !again.OK {
			t.Errorf("%s by id: %+v", method, again)
		}
		if kind != "document" {
			if other := w.call("sendDocument", object{"chat_id": w.channel.GroupID, "document": file["file_id"]}); !strings.Contains(other.Description, "can't use file of type") {
				t.Errorf("%s as a document: %+v", kind, other)
			}
		}
	}
	for name, a := range map[string]answer{
		"IMAGE_PROCESS_FAILED":           w.upload("sendPhoto", map[string]string{"chat_id": itoa(w.channel.GroupID)}, map[string][]byte{"photo": []byte("no picture")}),
		"PHOTO_INVALID_DIMENSIONS":       w.upload("sendPhoto", map[string]string{"chat_id": itoa(w.channel.GroupID)}, map[string][]byte{"photo": picture(t, 500)}),
		"failed to get HTTP URL content": w.call("sendPhoto", object{"chat_id": w.channel.GroupID, "photo": "https://example.org/1.jpg"}),
		"can't be mixed": w.upload("sendMediaGroup", map[string]string{
			"chat_id": itoa(w.channel.GroupID),
			"media":   `[{"type":"photo","media":"attach://a"},{"type":"document","media":"attach://a"}]`,
		}, map[string][]byte{"a": picture(t, 52)}),
		"2-10 items": w.call("sendMediaGroup", object{"chat_id": w.channel.GroupID, "media": []object{{"type": "photo", "media": "x"}}}),
	} {
		if a.OK || !strings.Contains(a.Description, name) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestEditsOfEveryKind(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	group := w.channel.GroupID
	photo := w.upload("sendPhoto", map[string]string{"chat_id": itoa(group), "caption": "Было"}, map[string][]byte{"photo": picture(t, 60)}).messageID(t)
	text := w.call("sendMessage", object{"chat_id": group, "text": "Текст", "reply_markup": inline("Да", "yes")}).messageID(t)
	cases := []struct {
		method string
		params object
		says   string
	}{
		{"editMessageCaption", object{"message_id": photo, "caption": "Стало"}, ""},
		{"editMessageCaption", object{"message_id": photo, "caption": "Стало"}, "message is not modified"},
		{"editMessageCaption", object{"message_id": text, "caption": "Стало"}, "there is no caption"},
		{"editMessageText", object{"message_id": photo, "text": "Стало"}, "there is no text"},
		{"editMessageReplyMarkup", object{"message_id": text, "reply_markup": inline("Да", "yes")}, "message is not modified"},
		{"editMessageReplyMarkup", object{"message_id": text, "reply_markup": inline("Нет", "no")}, ""},
		{"editMessageReplyMarkup", object{"message_id": text}, ""},
		{"editMessageReplyMarkup", object{"message_id": text}, "message is not modified"},
		{"editMessageText", object{"message_id": 999, "text": "а"}, "message to edit not found"},
	}
	for _, c := range cases {
		c.params["chat_id"] = group
		if a := w.call(c.method, c.params); a.OK != (c.says == "") || !strings.Contains(a.Description, c.says) {
			t.Errorf("%s %v: %+v", c.method, c.params, a)
		}
	}
	a := w.upload("editMessageMedia", map[string]string{
		"chat_id": itoa(group), "message_id": itoa(photo), "media": `{"type":"document","media":"attach://f","caption":"Акт"}`,
	}, map[string][]byte{"f": []byte("акт")})
	var m object
	if err := json.Unmarshal(a.Result, &m); err != nil || m["photo"] != nil || m["document"] == nil || m["caption"] != "Акт" {
		t.Errorf("new media: %+v", a)
	}
	// An administrator of a channel edits what a person published.
	posted := must(w.sim.Post(w.channel.ID, "С ошибкой"))(t)
	if a := w.call("editMessageText", object{"chat_id": w.channel.ID, "message_id": posted.MessageID, "text": "Без ошибки"}); !a.OK {
		t.Errorf("a person's post: %+v", a)
	}
}

func TestCopiesAndForwards(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	posted := must(w.sim.Post(w.channel.ID, "Объявление"))(t)
	params := object{"chat_id": w.channel.GroupID, "from_chat_id": w.channel.ID, "message_id": posted.MessageID}
	var m object
	if err := json.Unmarshal(w.call("forwardMessage", params).Result, &m); err != nil ||
		num(at(m, "forward_origin", "message_id")) != posted.MessageID || m["is_automatic_forward"] != nil {
		t.Errorf("forwarded %v", m)
	}
	copied := w.call("copyMessage", params).messageID(t)
	state, _ := w.sim.Chat(w.channel.GroupID, 1)
	if state.Messages[0].ID != copied || state.Messages[0].Text != "Объявление" {
		t.Errorf("copied %+v", state.Messages)
	}
	if a := w.call("copyMessages", object{"chat_id": w.channel.GroupID, "from_chat_id": w.channel.ID, "message_ids": []int64{posted.MessageID, 999}}); !a.OK {
		t.Errorf("copied with a gap: %+v", a)
	}
	params["message_id"] = 999
	if a := w.call("copyMessage", params); a.Description != "Bad Request: message to copy not found" {
		t.Errorf("%+v", a)
	}
}

func TestAFileNameNeedsNoQuotes(t *testing.T) {
	t.Parallel()
	for disposition, want := range map[string][2]string{
		`form-data;name="f1";filename=двор.png`:          {"f1", "двор.png"},
		`form-data; name="photo"; filename="a b.png"`:    {"photo", "a b.png"},
		`form-data; name="chat_id"`:                      {"chat_id", ""},
		`form-data; name=chat_id; other="x"; FileName=y`: {"chat_id", "y"},
	} {
		if name, file := telegram.FormPart(disposition); name != want[0] || file != want[1] {
			t.Errorf("%s: %q %q", disposition, name, file)
		}
	}
}

func TestTheSDKSendsPollsCopiesAndReactions(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	b := w.client()
	sent := must(b.SendPoll(t.Context(), &bot.SendPollParams{
		ChatID: w.channel.ID, Question: "Где лавки?", Options: []models.InputPollOption{{Text: "Парк"}, {Text: "Двор"}},
	}))(t)
	if err := w.sim.Vote(w.channel.ID, int64(sent.ID), w.user.ID, []int{1}); err != nil {
		t.Fatal(err)
	}
	closed := must(b.StopPoll(t.Context(), &bot.StopPollParams{ChatID: w.channel.ID, MessageID: sent.ID}))(t)
	if sent.Poll == nil || closed.ID != sent.Poll.ID || !closed.IsClosed || closed.Options[1].VoterCount != 1 {
		t.Errorf("sent %+v, closed %+v", sent.Poll, closed)
	}
	copied := must(b.CopyMessage(t.Context(), &bot.CopyMessageParams{ChatID: w.channel.GroupID, FromChatID: w.channel.ID, MessageID: sent.ID}))(t)
	if err := w.sim.Vote(w.channel.GroupID, int64(copied.ID), w.user.ID, []int{0}); err != nil {
		t.Errorf("a copied poll is a new one: %v", err)
	}
	must(b.SetMessageReaction(t.Context(), &bot.SetMessageReactionParams{
		ChatID: w.channel.ID, MessageID: sent.ID,
		Reaction: []models.ReactionType{{Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{Emoji: "👍"}}},
	}))(t)
	must(b.PinChatMessage(t.Context(), &bot.PinChatMessageParams{ChatID: w.channel.ID, MessageID: sent.ID}))(t)
}
