package telegram

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/social"
)

func TestShapesThatTheSimulatorDoesNotMake(t *testing.T) {
	t.Parallel()
	const chat = `"chat":{"id":-1002,"type":"supergroup","title":"Разговор"},"date":1800000000`
	const anna = `"from":{"id":5,"first_name":"Анна"}`
	m := newMapper(Page{BotID: 9, ChannelID: -1001, GroupID: -1002}, "https://t.me")
	cases := map[string]struct {
		message string
		want    *social.Item // only what the case is about; nil is no change
	}{
		"a joined member":   {`{"message_id":3,` + chat + `,"new_chat_members":[{"id":5,"first_name":"Анна"}]}`, nil},
		"a pinned post":     {`{"message_id":3,` + chat + `,"pinned_message":{"message_id":2,` + chat + `}}`, nil},
		"a photo":           {`{"message_id":3,` + chat + `,` + anna + `,"caption":"Яма","media_group_id":"77","photo":[{"file_id":"s","file_unique_id":"us","width":90,"height":60},{"file_id":"l","file_unique_id":"ul","width":1280,"height":960},{"file_id":"m","file_unique_id":"um","width":320,"height":240}]}`, &social.Item{Text: "Яма", Media: []social.Media{{Kind: "photo", Key: "ul", File: "l", Album: "77"}}}},
		"a photo as a file": {`{"message_id":3,` + chat + `,` + anna + `,"document":{"file_id":"a","file_unique_id":"u","file_name":"IMG.jpg","mime_type":"image/jpeg"}}`, &social.Item{Media: []social.Media{{Kind: "photo", Title: "IMG.jpg", Key: "u", File: "a"}}}},
		"a voice":           {`{"message_id":3,` + chat + `,` + anna + `,"voice":{"file_id":"a","duration":3}}`, &social.Item{Media: []social.Media{{Kind: "audio", Title: "голосовое сообщение"}}}},
		"an animation once": {`{"message_id":3,` + chat + `,` + anna + `,"animation":{"file_id":"a"},"document":{"file_id":"a","file_name":"x.mp4"}}`, &social.Item{Media: []social.Media{{Kind: "video", Title: "анимация"}}}},
		"a document":        {`{"message_id":3,` + chat + `,` + anna + `,"document":{"file_id":"a","file_name":"акт.pdf"}}`, &social.Item{Media: []social.Media{{Kind: "file", Title: "акт.pdf"}}}},
		"a place":           {`{"message_id":3,` + chat + `,` + anna + `,"location":{"latitude":1,"longitude":2}}`, &social.Item{Media: []social.Media{{Kind: "other", Title: "точка на карте"}}}},
		"a hidden link":     {`{"message_id":3,` + chat + `,` + anna + `,"text":"тут","entities":[{"type":"text_link","offset":0,"length":3,"url":"https://a.example"}]}`, &social.Item{Text: "тут", Media: []social.Media{{Kind: "link", URL: "https://a.example"}}}},
		"no thread id":      {`{"message_id":8,` + chat + `,` + anna + `,"text":"да","reply_to_message":{"message_id":7,"message_thread_id":4,` + chat + `,` + anna + `,"text":"?"}}`, &social.Item{Text: "да", Kind: social.Comment, Thread: m.groupRef(4), ReplyTo: m.groupRef(7)}},
		"a deleted target":  {`{"message_id":8,"message_thread_id":4,` + chat + `,` + anna + `,"text":"да"}`, &social.Item{Text: "да", Kind: social.Comment, Thread: m.groupRef(4)}},
		"a foreign group":   {`{"message_id":8,"chat":{"id":-1003,"type":"supergroup"},"date":1,"text":"да"}`, nil},
	}
	for name, c := range cases {
		var p posts
		u, id, ok := m.update(m.session(&p), json.RawMessage(`{"update_id":1,"message":`+c.message+`}`))
		if !ok || id != 1 || u.Broken != "" {
			t.Errorf("%s: %+v", name, u)
			continue
		}
		if c.want == nil {
			if len(u.Changes) != 0 {
				t.Errorf("%s: %+v", name, u.Changes)
			}
			continue
		}
		if len(u.Changes) != 1 {
			t.Errorf("%s: %d changes", name, len(u.Changes))
			continue
		}
		got := u.Changes[0].Item
		if diff := cmp.Diff(c.want.Media, got.Media); diff != "" || got.Text != c.want.Text {
			t.Errorf("%s: %q %s", name, got.Text, diff)
		}
		if c.want.Kind != "" && (got.Kind != c.want.Kind || got.Thread != c.want.Thread || got.ReplyTo != c.want.ReplyTo) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestLinksOfPrivateChatsAndTheMemoryOfPosts(t *testing.T) {
	t.Parallel()
	m := newMapper(Page{ChannelID: -1001234, GroupID: -1005678}, "http://127.0.0.1:1/tg/")
	var p posts
	u, _, _ := m.update(m.session(&p), json.RawMessage(`{"update_id":1,"message":{"message_id":8,"message_thread_id":4,"chat":{"id":-1005678},"date":1,"text":"да"}}`))
	if got := u.Changes[0].Item.Permalink; got != "http://127.0.0.1:1/tg/c/5678/8?thread=4" {
		t.Error(got)
	}
	for i := range int64(maxPosts + 20) {
		p.put(i, i+1000)
		p.put(i, i+2000)
	}
	if _, ok := p.get(19); ok || len(p) != maxPosts {
		t.Errorf("%d posts are kept", len(p))
	}
	if post, ok := p.get(maxPosts + 19); !ok || post != maxPosts+2019 {
		t.Errorf("post %d %v", post, ok)
	}
}
