package telegram_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	network "otklik/internal/network/telegram"

	"otklik/internal/delivery"
	"otklik/internal/sim/record"
	sim "otklik/internal/sim/telegram"
	"otklik/internal/social"
)

// bureau is a simulator with a channel and a publisher in it.
type bureau struct {
	*bench
	*network.Publisher
	shelf int64
}

func newBureau(t *testing.T, change func(*network.PublisherOptions)) *bureau {
	t.Helper()
	b := &bureau{bench: setup(t)}
	shelf, err := b.sim.AddGroup(sim.Group{Title: "Полка"})
	if err != nil {
		t.Fatal(err)
	}
	b.shelf = shelf.ID
	b.Publisher = b.publisher(t, change)
	return b
}

func (b *bureau) publisher(t *testing.T, change func(*network.PublisherOptions)) *network.Publisher {
	t.Helper()
	o := network.PublisherOptions{
		Options: network.Options{Token: botToken, BaseURL: b.url, Limits: network.NewLimits(hurrying()), Timeout: 5 * time.Second},
		Channel: "gorod", Now: time.Now,
	}
	if change != nil {
		change(&o)
	}
	p, err := network.NewPublisher(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func onShelf(b *bureau) func(*network.PublisherOptions) {
	return func(o *network.PublisherOptions) { o.Shelf = b.shelf }
}

// hurrying is a clock by which every limit has passed since the last look.
func hurrying() func() time.Time {
	start, minutes := time.Now(), atomic.Int64{}
	return func() time.Time { return start.Add(time.Duration(minutes.Add(2)) * time.Minute) }
}

// posts are what the publisher left in the channel.
func (b *bureau) posts() []sim.Message {
	state, _ := b.sim.Chat(b.channel.ID, 100)
	var out []sim.Message
	for _, m := range state.Messages {
		if m.ID != b.posted.MessageID && !m.Deleted && !m.Service {
			out = append(out, m)
		}
	}
	return out
}

func (b *bureau) refs(ids ...int64) []social.Ref {
	var out []social.Ref
	for _, id := range ids {
		out = append(out, social.Ref{Network: social.Telegram, Owner: strconv.FormatInt(b.channel.ID, 10), ID: strconv.FormatInt(id, 10)})
	}
	return out
}

func jpegOf(t *testing.T, side int) delivery.Medium {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = byte(i*i>>3 + side)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return delivery.Medium{Kind: delivery.Photo, Name: "Двор.jpg", Type: "image/jpeg", Size: int64(b.Len()), Data: bytes.NewReader(b.Bytes())}
}

func plain(kind delivery.MediumKind, name, text string) delivery.Medium {
	return delivery.Medium{Kind: kind, Name: name, Size: int64(len(text)), Data: strings.NewReader(text)}
}

func post(text string, media ...delivery.Medium) delivery.Publication {
	return delivery.Publication{ID: "0191", Network: social.Telegram, Text: text, Media: media}
}

func question() *delivery.Poll {
	return &delivery.Poll{Question: "Чисто ли во дворе?", Answers: []string{"Да", "Нет", "Не знаю"}, Anonymous: true, ClosesAt: time.Now().Add(time.Hour)}
}

func TestEveryFormOfAPost(t *testing.T) {
	t.Parallel()
	bold := []social.Entity{
		{Kind: social.Bold, Offset: 0, Length: 4},
		{Kind: social.Linked, Offset: 5, Length: 5, URL: "https://gorod.example/?a=1&b=2"},
	}
	const marked = `[{"type":"bold","offset":0,"length":4},{"type":"text_link","offset":5,"length":5,"url":"https://gorod.example/?a=1\u0026b=2"}]`
	cases := map[string]struct {
		pub      delivery.Publication
		method   string
		entities string // the parameter that holds them
		kinds    []string
	}{
		"text":     {post("Двор убран <b>"), "sendMessage", "entities", []string{""}},
		"link":     {post("Двор убран <b>", delivery.Medium{Kind: delivery.Link, URL: "https://gorod.example/dvor"}), "sendMessage", "entities", []string{""}},
		"plain":    {unseen(post("Двор убран <b>")), "sendMessage", "entities", []string{""}},
		"photo":    {post("Двор убран <b>", jpegOf(t, 30)), "sendPhoto", "caption_entities", []string{"photo"}},
		"video":    {post("Двор убран <b>", plain(delivery.Video, "двор.mp4", "видео")), "sendVideo", "caption_entities", []string{"video"}},
		"document": {post("Двор убран <b>", plain(delivery.File, `гра"фик.txt`, "график")), "sendDocument", "caption_entities", []string{"document"}},
		"album": {
			post("Двор убран <b>", jpegOf(t, 30), plain(delivery.Video, "двор.mp4", "видео"), jpegOf(t, 40)),
			"sendMediaGroup", "",
			[]string{"photo", "video", "photo"},
		},
		"documents": {post("Двор убран <b>", plain(delivery.File, "а.txt", "а"), plain(delivery.File, "а.txt", "б")), "sendMediaGroup", "", []string{"document", "document"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBureau(t, nil)
			c.pub.Entities = bold
			got, err := b.Publish(t.Context(), c.pub)
			if err != nil {
				t.Fatal(err)
			}
			posts := b.posts()
			var kinds []string
			for i, m := range posts {
				kinds = append(kinds, m.File)
				if got.Refs[i] != b.refs(m.ID)[0] || (m.Text == c.pub.Text) != (i == 0) || (m.Album == "") == (len(posts) > 1) {
					t.Errorf("message %d: %+v, receipt %+v", i, m, got)
				}
			}
			if !slices.Equal(kinds, c.kinds) || len(got.Refs) != len(posts) || len(got.Uploaded) != len(c.pub.Media) {
				t.Errorf("the channel holds %v, receipt %+v", kinds, got)
			}
			if want := "https://t.me/gorod/" + strconv.FormatInt(posts[0].ID, 10); got.Permalink != want {
				t.Errorf("link %s, want %s", got.Permalink, want)
			}
			call := b.log.Since(0, c.method)[0]
			if c.entities != "" && call.Params[c.entities][0] != marked {
				t.Errorf("marks %s", call.Params[c.entities])
			}
			if c.entities == "" && !strings.Contains(call.Params["media"][0], `"caption_entities":`+marked) {
				t.Errorf("media %s", call.Params["media"])
			}
			if call.Params["parse_mode"] != nil {
				t.Errorf("sent with %v", call.Params)
			}
			if name == "link" && call.Params["link_preview_options"][0] != `{"url":"https://gorod.example/dvor"}` {
				t.Errorf("preview %v", call.Params["link_preview_options"])
			}
			if name == "plain" && call.Params["link_preview_options"][0] != `{"is_disabled":true}` {
				t.Errorf("preview %v", call.Params["link_preview_options"])
			}
		})
	}
}

// What the network learned of a file serves the next post without its bytes.
// unseen is a post that shows nothing of what its addresses lead to.
func unseen(p delivery.Publication) delivery.Publication {
	p.NoPreview = true
	return p
}

func TestAFileIsUploadedOnce(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	media := []delivery.Medium{jpegOf(t, 30), jpegOf(t, 40)}
	first, err := b.Publish(t.Context(), post("Первая", media...))
	if err != nil {
		t.Fatal(err)
	}
	for i := range media {
		media[i].Uploaded, media[i].Data = first.Uploaded[i], nil
	}
	second, err := b.Publish(t.Context(), post("Вторая", media...))
	if err != nil || !slices.Equal(first.Uploaded, second.Uploaded) || first.Uploaded[0] == "" || first.Uploaded[0] == first.Uploaded[1] {
		t.Errorf("%+v, then %+v, %v", first, second, err)
	}
	if n := len(b.posts()); n != 4 {
		t.Errorf("%d messages", n)
	}
}

func TestEveryCallOfAPostIsClassified(t *testing.T) {
	t.Parallel()
	pubs := map[string]delivery.Publication{
		"sendMessage": post("Двор убран"), "sendPhoto": post("Двор убран", jpegOf(t, 30)),
		"sendMediaGroup": post("Двор убран", jpegOf(t, 30), jpegOf(t, 40)), "sendPoll": {Text: "Двор убран", Poll: question()},
	}
	faults := map[string]struct {
		fault   record.Fault
		outcome delivery.Outcome
		stands  bool
	}{
		"429":     {record.Fault{Kind: record.FaultError, Code: 429, RetryAfter: 7}, delivery.NotSent, false},
		"400":     {record.Fault{Kind: record.FaultError, Code: 400}, delivery.Refused, false},
		"403":     {record.Fault{Kind: record.FaultError, Code: 403}, delivery.Refused, false},
		"413":     {record.Fault{Kind: record.FaultStatus, Code: 413}, delivery.Refused, false},
		"500":     {record.Fault{Kind: record.FaultError, Code: 500}, delivery.Uncertain, false},
		"html":    {record.Fault{Kind: record.FaultHTML}, delivery.Uncertain, false},
		"lost":    {record.Fault{Kind: record.FaultLost}, delivery.Uncertain, true},
		"cut":     {record.Fault{Kind: record.FaultTruncated}, delivery.Uncertain, true},
		"hang":    {record.Fault{Kind: record.FaultHang, Delay: 30}, delivery.Uncertain, false},
		"revoked": {record.Fault{Kind: record.FaultRevoke}, delivery.Refused, false},
	}
	for method, pub := range pubs {
		for name, c := range faults {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				b := newBureau(t, nil)
				c.fault.Method = method
				b.sim.Faults().Add(c.fault)
				_, err := b.Publish(t.Context(), pub)
				if f := failureOf(t, err); f.Outcome != c.outcome {
					t.Errorf("%s: %v", f.Outcome, err)
				}
				if stands := len(b.posts()) > 0; stands != c.stands || b.log.Counts()["telegram "+method] != 1 {
					t.Errorf("stands: %t, calls %v", stands, b.log.Counts())
				}
			})
		}
	}
}

func TestWhatTelegramWouldRefuseIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	photo, link := jpegOf(t, 20), delivery.Medium{Kind: delivery.Link, URL: "https://gorod.example"}
	poll := func(spoil func(*delivery.Poll)) delivery.Publication {
		q := question()
		spoil(q)
		return delivery.Publication{Poll: q}
	}
	for name, pub := range map[string]delivery.Publication{
		"empty":             post(" \n"),
		"long":              post(strings.Repeat("ж", social.Telegram.Bounds().Text+1)),
		"long caption":      post(strings.Repeat("😀", 513), photo),
		"eleven":            post("Текст", slices.Repeat([]delivery.Medium{photo}, 11)...),
		"mixed":             post("Текст", photo, plain(delivery.File, "а.txt", "а")),
		"link and photo":    post("Текст", photo, link),
		"two links":         post("Текст", link, link),
		"nothing":           post("Текст", delivery.Medium{Kind: delivery.Photo}),
		"huge photo":        post("Текст", delivery.Medium{Kind: delivery.Photo, Size: social.Telegram.Bounds().PhotoSize + 1, Data: photo.Data}),
		"huge file":         post("Текст", delivery.Medium{Kind: delivery.File, Size: social.Telegram.Bounds().FileSize + 1, Data: photo.Data}),
		"video by address":  post("Текст", delivery.Medium{Kind: delivery.Video, URL: "https://vk.com/video-1_2"}),
		"mark beyond":       {Text: "Текст", Entities: []social.Entity{{Kind: social.Bold, Offset: 3, Length: 3}}},
		"mark before":       {Text: "Текст", Entities: []social.Entity{{Kind: social.Bold, Offset: -1, Length: 2}}},
		"mark of no length": {Text: "Текст", Entities: []social.Entity{{Kind: social.Bold}}},
		"unknown mark":      {Text: "Текст", Entities: []social.Entity{{Kind: "blink", Length: 2}}},
		"poll with photo":   {Poll: question(), Media: []delivery.Medium{photo}},
		"no question":       poll(func(q *delivery.Poll) { q.Question = " " }),
		"long question":     poll(func(q *delivery.Poll) { q.Question = strings.Repeat("ж", 301) }),
		"no answers":        poll(func(q *delivery.Poll) { q.Answers = nil }),
		"thirteen answers":  poll(func(q *delivery.Poll) { q.Answers = slices.Repeat([]string{"Да"}, 13) }),
		"long answer":       poll(func(q *delivery.Poll) { q.Answers[0] = strings.Repeat("ж", 101) }),
		"open poll":         poll(func(q *delivery.Poll) { q.Anonymous = false }),
		"poll that is over": poll(func(q *delivery.Poll) { q.ClosesAt = time.Now() }),
	} {
		_, err := b.Publish(t.Context(), pub)
		if f := failureOf(t, err); f.Outcome != delivery.Refused || !strings.HasSuffix(f.Message, ".") {
			t.Errorf("%s: %v", name, err)
		}
		if pub.Poll != nil && len(pub.Media) == 0 {
			if _, err := b.CreatePoll(t.Context(), *pub.Poll); err == nil {
				t.Errorf("%s passed the pre-flight", name)
			}
		}
	}
	if n := len(b.log.Since(0, "")); n != 0 {
		t.Errorf("%d calls were made", n)
	}
	lie := plain(delivery.Photo, "программа.jpg", "MZ программа")
	if _, err := b.Publish(t.Context(), post("Текст", lie)); !strings.Contains(failureOf(t, err).Message, "картинку") {
		t.Errorf("a file that lies about its type: %v", err)
	}
}

func TestTheWorldsRefusalsOfAPostAreExplained(t *testing.T) {
	t.Parallel()
	const bot = 7100000001
	for name, c := range map[string]struct {
		spoil func(*bureau) error
		code  string
		says  string
	}{
		"no administrator": {func(b *bureau) error { return b.sim.SetMember(b.channel.ID, bot, "member") }, "tg.400", "администратор"},
		"kicked":           {func(b *bureau) error { return b.sim.SetMember(b.channel.ID, bot, "kicked") }, "tg.403", "верните его в канал"},
		"revoked":          {func(b *bureau) error { _, err := b.sim.RevokeToken(bot); return err }, "tg.401", "ключ"},
	} {
		b := newBureau(t, nil)
		if _, err := b.Members(t.Context()); err != nil { // the channel's name is known
			t.Fatal(err)
		}
		if err := c.spoil(b); err != nil {
			t.Fatal(err)
		}
		_, err := b.Publish(t.Context(), post("Текст"))
		if f := failureOf(t, err); f.Code != c.code || !strings.Contains(f.Message, c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := newBureau(t, nil)
	b.Publisher = b.publisher(t, func(o *network.PublisherOptions) { o.Channel = "nikto" })
	if _, err := b.Publish(t.Context(), post("Текст")); !strings.Contains(failureOf(t, err).Message, "Канала больше нет") {
		t.Errorf("a channel that is not there: %v", err)
	}
}

func TestMembersAreCounted(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	if n, err := b.Members(t.Context()); err != nil || n < 1 {
		t.Errorf("%d members, %v", n, err)
	}
	b.Publisher = b.publisher(t, func(o *network.PublisherOptions) { o.Channel = strconv.FormatInt(b.channel.ID, 10) })
	if n, err := b.Members(t.Context()); err != nil || n < 1 || b.log.Counts()["telegram getChat"] != 1 {
		t.Errorf("by the id: %d members, %v, %v", n, err, b.log.Counts())
	}
}
