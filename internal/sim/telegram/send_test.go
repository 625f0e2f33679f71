package telegram_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"otklik/internal/sim/record"
	"otklik/internal/sim/telegram"
)

// client is the SDK that the program uses.
func (w *world) client() *bot.Bot {
	w.t.Helper()
	return must(bot.New(w.bot.Token, bot.WithServerURL(w.url)))(w.t)
}

func TestTheSDKReadsAndWritesTheWorld(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	b := w.client()
	me := must(b.GetMe(t.Context()))(t)
	full := must(b.GetChat(t.Context(), &bot.GetChatParams{ChatID: "@zarechensk"}))(t)
	member := must(b.GetChatMember(t.Context(), &bot.GetChatMemberParams{ChatID: w.channel.ID, UserID: me.ID}))(t)
	admins := must(b.GetChatAdministrators(t.Context(), &bot.GetChatAdministratorsParams{ChatID: w.channel.GroupID}))(t)
	if me.ID != w.bot.ID || !me.IsBot || full.LinkedChatID != w.channel.GroupID || full.Type != models.ChatTypeChannel ||
		member.Administrator == nil || !member.Administrator.CanPostMessages || len(admins) != 1 {
		t.Errorf("me %+v, chat %+v, member %+v, admins %v", me, full, member, admins)
	}
	post := must(b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: w.channel.ID, Text: "Запись бота"}))(t)
	root, _ := w.sim.ThreadOfPost(w.channel.ID, int64(post.ID))
	if post.SenderChat == nil || post.From != nil || root.Root.Text != "Запись бота" {
		t.Errorf("post %+v, its copy %+v", post, root)
	}
	answer := must(b.SendMessage(t.Context(), &bot.SendMessageParams{
		ChatID: w.channel.GroupID, Text: "Ответ", ReplyParameters: &models.ReplyParameters{MessageID: int(root.ThreadID)},
	}))(t)
	edited := must(b.EditMessageText(t.Context(), &bot.EditMessageTextParams{ChatID: w.channel.GroupID, MessageID: answer.ID, Text: "Ответ исправлен"}))(t)
	if answer.ReplyToMessage == nil || !answer.ReplyToMessage.IsAutomaticForward || edited.Text != "Ответ исправлен" || edited.EditDate == 0 {
		t.Errorf("answer %+v, edited %+v", answer, edited)
	}
	commands := []models.BotCommand{{Command: "start", Description: "Начать"}}
	if ok, err := b.SetMyCommands(t.Context(), &bot.SetMyCommandsParams{Commands: commands}); !ok || err != nil {
		t.Error(err)
	}
	if got := must(b.GetMyCommands(t.Context(), &bot.GetMyCommandsParams{}))(t); len(got) != 1 || got[0] != commands[0] {
		t.Errorf("commands %v", got)
	}
	if ok, err := b.DeleteMessage(t.Context(), &bot.DeleteMessageParams{ChatID: w.channel.GroupID, MessageID: answer.ID}); !ok || err != nil {
		t.Error(err)
	}
	thread, _ := w.sim.Thread(w.channel.GroupID, root.ThreadID)
	if len(thread.Messages) != 1 || !thread.Messages[0].Deleted {
		t.Errorf("thread %+v", thread)
	}
}

func TestAPhotoIsKeptAndCanBeDownloaded(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 5))); err != nil {
		t.Fatal(err)
	}
	b := w.client()
	sent := must(b.SendPhoto(t.Context(), &bot.SendPhotoParams{
		ChatID: w.channel.GroupID, Caption: "Яма заделана",
		Photo: &models.InputFileUpload{Filename: "after.png", Data: bytes.NewReader(picture.Bytes())},
	}))(t)
	if sent.Caption != "Яма заделана" || len(sent.Photo) != 1 || sent.Photo[0].Width != 8 || sent.Photo[0].Height != 5 {
		t.Fatalf("sent %+v", sent)
	}
	file := must(b.GetFile(t.Context(), &bot.GetFileParams{FileID: sent.Photo[0].FileID}))(t)
	resp := must(http.Get(b.FileDownloadLink(file)))(t)
	defer resp.Body.Close()
	if got := must(io.ReadAll(resp.Body))(t); !bytes.Equal(got, picture.Bytes()) {
		t.Errorf("downloaded %d bytes of %d", len(got), picture.Len())
	}
	again := must(b.SendPhoto(t.Context(), &bot.SendPhotoParams{ChatID: w.channel.GroupID, Photo: &models.InputFileString{Data: file.FileID}}))(t)
	if again.Photo[0].FileID != file.FileID {
		t.Errorf("sent by id: %+v", again.Photo)
	}
	_, err := b.SendPhoto(t.Context(), &bot.SendPhotoParams{ChatID: w.channel.GroupID, Photo: &models.InputFileUpload{Filename: "x", Data: strings.NewReader("")}})
	if !errors.Is(err, bot.ErrorBadRequest) {
		t.Errorf("an empty file: %v", err)
	}
}

func TestRefusalsAreWordedAsTelegramWordsThem(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	stranger := must(w.sim.AddBot(telegram.Bot{Stranger: true}))(t)
	posted := must(w.sim.Post(w.channel.ID, "Пост"))(t)
	comment := must(w.sim.Comment(telegram.Comment{ChannelID: w.channel.ID, PostID: posted.MessageID, FromID: w.user.ID, Text: "Чужое"}))(t)
	group := w.channel.GroupID
	long := strings.Repeat("😀", 2049)
	cases := []struct {
		token, method string
		params        object
		code          int
		says          string
	}{
		{"", "sendMessage", object{"chat_id": group, "text": long}, 400, "Bad Request: message is too long"},
		{"", "sendMessage", object{"chat_id": group, "text": ""}, 400, "Bad Request: message text is empty"},
		{"", "sendMessage", object{"chat_id": group, "text": "а", "reply_parameters": object{"message_id": 999}}, 400, "Bad Request: message to be replied not found"},
		{"", "sendMessage", object{"chat_id": group, "text": "а", "message_thread_id": posted.GroupMessageID}, 400, "Bad Request: message thread not found"},
		{"", "sendMessage", object{"chat_id": -5, "text": "а"}, 400, "Bad Request: chat not found"},
		{"", "sendMessage", object{"chat_id": w.user.ID, "text": "а"}, 403, "Forbidden: bot can't initiate conversation with a user"},
		{"", "sendMessage", object{"chat_id": group, "text": "а", "entities": "no"}, 400, "Bad Request: can't parse entities: expected an Array of MessageEntity"},
		{"", "editMessageText", object{"chat_id": group, "message_id": comment, "text": "а"}, 400, "Bad Request: message can't be edited"},
		{"", "deleteMessage", object{"chat_id": group, "message_id": 999}, 400, "Bad Request: message to delete not found"},
		{"", "getFile", object{"file_id": "no"}, 400, "Bad Request: invalid file_id"},
		{"", "makeCoffee", object{}, 404, "Not Found"},
		{stranger.Token, "sendMessage", object{"chat_id": group, "text": "а"}, 403, "Forbidden: bot is not a member of the supergroup chat"},
		{stranger.Token, "getChat", object{"chat_id": group}, 400, "Bad Request: chat not found"},
		{"1:no", "getMe", object{}, 401, "Unauthorized"},
	}
	for _, c := range cases {
		raw := must(json.Marshal(c.params))(t)
		token := c.token
		if token == "" {
			token = w.bot.Token
		}
		a := w.do(must(http.NewRequest(http.MethodPost, w.url+"/bot"+token+"/"+c.method, bytes.NewReader(raw)))(t), "application/json")
		if a.OK || a.Status != c.code || a.ErrorCode != c.code || a.Description != c.says {
			t.Errorf("%s %v: %+v", c.method, c.params, a)
		}
	}
	if err := w.sim.SetMember(group, w.bot.ID, "kicked"); err != nil {
		t.Fatal(err)
	}
	if a := w.call("sendMessage", object{"chat_id": group, "text": "а"}); a.Description != "Forbidden: bot was kicked from the supergroup chat" {
		t.Errorf("kicked: %+v", a)
	}
	moved := must(w.sim.Migrate(group))(t)
	if a := w.call("sendMessage", object{"chat_id": group, "text": "а"}); a.Parameters.MigrateToChatID != moved || a.Status != 400 {
		t.Errorf("migrated: %+v", a)
	}
}

func TestLimitsSlide(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	w := setup(t, func(o *telegram.Options) {
		o.Limits, o.Now = true, func() time.Time { return now }
	})
	send := func() answer {
		return w.call("sendMessage", object{"chat_id": w.channel.GroupID, "text": "а"})
	}
	for i := range 3 {
		if a := send(); !a.OK {
			t.Fatalf("message %d of a burst: %+v", i+1, a)
		}
	}
	if a := send(); a.Status != 429 || a.Parameters.RetryAfter != 3 {
		t.Fatalf("the fourth at once: %+v", a)
	}
	now = now.Add(time.Second)
	for i := range 17 {
		now = now.Add(2 * time.Second)
		if a := send(); !a.OK {
			t.Fatalf("message %d: %+v", i+4, a)
		}
	}
	now = now.Add(10 * time.Second)
	a := send()
	if a.Status != 429 || a.Parameters.RetryAfter != 15 {
		t.Fatalf("the 21st in a minute: %+v", a)
	}
	now = now.Add(time.Duration(a.Parameters.RetryAfter) * time.Second)
	if a := send(); !a.OK {
		t.Errorf("after the pause: %+v", a)
	}
}

func TestFaultsHitOnceAndAreRecorded(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	w.sim.Faults().Add(record.Fault{Method: "send*", Kind: record.FaultError, Code: 429, RetryAfter: 5, Skip: 1})
	body := object{"chat_id": w.channel.GroupID, "text": "Привет"}
	if a := w.call("sendMessage", body); !a.OK {
		t.Errorf("the skipped call: %+v", a)
	}
	if a := w.call("sendMessage", body); a.Status != 429 || a.Parameters.RetryAfter != 5 {
		t.Errorf("the call that is hit: %+v", a)
	}
	if a := w.call("sendMessage", body); !a.OK {
		t.Errorf("the call after: %+v", a)
	}
	calls := w.log.Since(0, "sendMessage")
	if len(calls) != 3 || calls[1].Fault != record.FaultError || calls[1].Status != 429 || calls[0].Token != "bot" ||
		calls[0].Params["text"][0] != "Привет" || len(calls[0].Answer) == 0 {
		t.Errorf("recorded %+v", calls)
	}
	for _, c := range calls {
		if raw := string(must(json.Marshal(c))(t)); strings.Contains(raw, w.bot.Token) {
			t.Errorf("the token is recorded: %s", raw)
		}
	}
	if thread, _ := w.sim.Chat(w.channel.GroupID, 10); thread.Total != 2 {
		t.Errorf("%d messages stand", thread.Total)
	}
}
