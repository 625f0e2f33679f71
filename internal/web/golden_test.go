package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/delivery"
	nettg "otklik/internal/network/telegram"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/page"
	"otklik/internal/sim/record"
	simtg "otklik/internal/sim/telegram"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
	"otklik/publisher"
)

// glyph is one character as people see it.
type glyph struct {
	R            rune
	Bold, Italic bool
	Link         string
}

// glyphsShown reads the text of a preview out of its HTML.
func glyphsShown(t *testing.T, text string) []glyph {
	t.Helper()
	var out []glyph
	var now glyph
	for text != "" {
		at := strings.IndexByte(text, '<')
		if at < 0 {
			at = len(text)
		}
		for _, r := range html.UnescapeString(text[:at]) {
			now.R = r
			out = append(out, now)
		}
		if text = text[at:]; text == "" {
			break
		}
		tag, rest, _ := strings.Cut(text[1:], ">")
		text = rest
		switch name, _, _ := strings.Cut(tag, " "); name {
		case "b", "/b":
			now.Bold = name == "b"
		case "i", "/i":
			now.Italic = name == "i"
		case "a":
			now.Link = html.UnescapeString(regexp.MustCompile(`href="([^"]*)"`).FindStringSubmatch(tag)[1])
		case "/a":
			now.Link = ""
		default:
			t.Fatalf("the preview holds <%s>", tag)
		}
	}
	return out
}

// glyphsSent are the characters of a recorded call of the Bot API.
func glyphsSent(t *testing.T, text, entities string) []glyph {
	t.Helper()
	var marks []struct {
		Type           string
		Offset, Length int
		URL            string
	}
	if entities != "" {
		if err := json.Unmarshal([]byte(entities), &marks); err != nil {
			t.Fatal(err)
		}
	}
	var out []glyph
	unit := 0
	for _, r := range text {
		g := glyph{R: r}
		for _, m := range marks {
			if unit < m.Offset || unit >= m.Offset+m.Length {
				continue
			}
			switch m.Type {
			case "bold":
				g.Bold = true
			case "italic":
				g.Italic = true
			case "text_link":
				g.Link = m.URL
			default:
				t.Fatalf("the call holds a mark %q", m.Type)
			}
		}
		out = append(out, g)
		unit += len(utf16.Encode([]rune{r}))
	}
	return out
}

// glyphsOfVK are the characters of a wall's text: [club1|words] is shown as words.
func glyphsOfVK(text string) []glyph {
	var out []glyph
	mention := regexp.MustCompile(`\[([a-z]+[0-9]+|https?://[^|\]\s]+)\|([^\]]+)\]`)
	add := func(s, link string) {
		for _, r := range s {
			out = append(out, glyph{R: r, Link: link})
		}
	}
	for text != "" {
		m := mention.FindStringSubmatchIndex(text)
		if m == nil {
			add(text, "")
			break
		}
		add(text[:m[0]], "")
		link := text[m[2]:m[3]]
		if !strings.Contains(link, "://") {
			link = "https://vk.com/" + link
		}
		add(text[m[4]:m[5]], link)
		text = text[m[1]:]
	}
	return out
}

// networksOfPreview are both simulators and whoever speaks for the bench's pages.
type networksOfPreview struct {
	vk       *vktest.Network
	tg       *simtg.Server
	log      *record.Log
	url      string
	channel  simtg.Channel
	speakers map[social.Network]*delivery.Speaker
}

type unpaced struct{}

func (unpaced) Wait(ctx context.Context) error { return ctx.Err() }

func startNetworks(t *testing.T, b *bench) networksOfPreview {
	t.Helper()
	n := networksOfPreview{vk: vktest.Start(t, simvk.Options{}), log: record.NewLog(100)}
	n.tg = simtg.New(simtg.Options{Now: time.Now, Log: n.log})
	mux := http.NewServeMux()
	mux.Handle("/", n.tg.APIHandler())
	mux.Handle("/tg/", n.tg.PagesHandler(page.NewFrame()))
	server := httptest.NewServer(mux)
	t.Cleanup(func() { n.tg.Close(); server.Close() })
	n.url = server.URL
	bot, err := n.tg.AddBot(simtg.Bot{Token: "4242:preview"})
	b.plan.must(err)
	n.channel, err = n.tg.AddChannel(simtg.Channel{Title: "Приреченск. Канал", Username: "prirechensk"})
	b.plan.must(err)
	b.plan.must(n.tg.SetMember(n.channel.ID, bot.ID, "administrator"))
	admin := netvk.NewClient(netvk.Config{Kind: netvk.UserKey, Token: vktest.AdminToken, BaseURL: n.vk.URL, Limiter: unpaced{}, Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}})
	wall := netvk.NewPublisher(netvk.PublisherOptions{GroupID: vktest.GroupID, Admin: admin, Now: n.vk.Now})
	channel, err := nettg.NewPublisher(nettg.PublisherOptions{
		Options: nettg.Options{Token: "4242:preview", BaseURL: n.url, Limits: nettg.NewLimits(hurried())}, Channel: "prirechensk", Now: time.Now,
	})
	b.plan.must(err)
	n.speakers = map[social.Network]*delivery.Speaker{
		social.VK:       {Posts: wall, Stock: b.plan.s, Parts: b.plan.s, Now: noon},
		social.Telegram: {Posts: channel, Stock: b.plan.s, Parts: b.plan.s, Now: noon},
	}
	return n
}

// leave sends all parts of a post as the ledger does.
func (n networksOfPreview) leave(t *testing.T, b *bench, network social.Network) {
	t.Helper()
	l, err := b.plan.s.Take(t.Context(), "deliver", "test", time.Hour, noon())
	b.plan.must(err)
	defer func() { b.plan.must(b.plan.s.Release(context.Background(), l, noon())) }()
	for {
		due, err := b.plan.s.Due(t.Context(), network, noon(), 10)
		b.plan.must(err)
		if len(due) == 0 {
			return
		}
		b.plan.must(n.speakers[network].Prepare(t.Context(), due[0]))
		d, _, err := b.plan.s.Begin(t.Context(), l, due[0].ID, noon())
		b.plan.must(err)
		r, err := n.speakers[network].Send(t.Context(), d)
		b.plan.must(err)
		b.plan.must(b.plan.s.Finish(t.Context(), l, d, delivery.Verdict{State: delivery.Sent, Receipt: r}, noon()))
	}
}

// hurried is a clock by which every limit has passed since the last look.
func hurried() func() time.Time {
	start, looks := time.Now(), atomic.Int64{}
	return func() time.Time { return start.Add(time.Duration(looks.Add(2)) * time.Minute) }
}

func digestOf(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(address, resp.StatusCode, err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// The page's preview and the calls that the networks recorded show the same
// characters with the same looks, the same photos in the same order, and the
// same poll.
func TestPreviewEqualsTheRecordedCalls(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	n := startNetworks(t, b)
	const text = "*Лёд* 🎿👨‍👩‍👧 и _снег_, *_вместе 𝄞_*: «ёлочки» и \"лапки\" <b>не тег</b> & #каток @prirechensk\n" +
		"[наша страница](https://vk.com/club101) и *[сайт 🧊](https://prirechensk.example/?a=1&b=2)* [скобки] 2\\*2"
	fields := b.plan.written(text)
	fields.Set("do", "upload")
	for _, shade := range []uint8{40, 140, 220} {
		b.send(t, "press", "/posts/new", fields, map[string][]byte{"двор.png": picture(t, shade)})
		fields = kept1(fields, mustStatus(t, b.get(t, "press", "/posts/new"), http.StatusOK))
		fields.Set("do", "upload")
	}
	slices.Reverse(fields["m_hash"])
	fields["m_alt"] = []string{"Вход", "Лёд", "Лавка"}
	fields["poll"], fields["question"], fields["option"] = []string{"1"}, []string{"Где скользко, «ёж» & <кот>?"}, []string{"Дворы 🧊", "Лестницы", "\"Нигде\""}
	fields.Set("do", "save")
	mustStatus(t, b.send(t, "press", "/posts/new", fields, nil), http.StatusSeeOther)
	p := b.plan.fresh(publisher.Post{ID: b.idOfPost(t, 1)})
	shown := mustStatus(t, b.get(t, "press", "/posts/1"), http.StatusOK)
	p = b.plan.do(p, "press", publisher.Plan{At: noon(), LateBy: time.Hour}, publisher.Submit{})
	p = b.plan.do(p, "head", publisher.Approve{Hash: p.Hash()})
	_, err := publisher.NewClerk(b.plan.s, b.plan.s, b.plan.s, noon).Tick(t.Context())
	b.plan.must(err)
	n.leave(t, b, social.VK)
	n.leave(t, b, social.Telegram)

	previews := regexp.MustCompile(`(?s)<article class="pv pv-(vk|tg)">(.*?)</article>`).FindAllStringSubmatch(shown, -1)
	if len(previews) != 3 {
		t.Fatalf("%d previews", len(previews))
	}
	words := regexp.MustCompile(`(?s)<p class="text pv-text">(.*?)</p>`)
	wall := n.vk.Log.Since(0, "wall.post")[0].Params
	album := n.log.Since(0, "sendMediaGroup")[0].Params
	var media []struct {
		Caption  string          `json:"caption"`
		Entities json.RawMessage `json:"caption_entities"`
	}
	b.plan.must(json.Unmarshal([]byte(album["media"][0]), &media))
	if diff := cmp.Diff(glyphsOfVK(wall["message"][0]), glyphsShown(t, words.FindStringSubmatch(previews[0][2])[1])); diff != "" {
		t.Errorf("VK, sent and shown: %s", diff)
	}
	if diff := cmp.Diff(glyphsSent(t, media[0].Caption, string(media[0].Entities)), glyphsShown(t, words.FindStringSubmatch(previews[1][2])[1])); diff != "" {
		t.Errorf("Telegram, sent and shown: %s", diff)
	}

	// Photos by what their bytes are.
	var want []string
	for _, m := range regexp.MustCompile(`<img src="/media/([0-9a-f]{64})"`).FindAllStringSubmatch(previews[0][2], -1) {
		for _, x := range p.Content.Media {
			u, err := b.plan.s.Uploads(t.Context(), []string{x.Hash})
			b.plan.must(err)
			if u[x.Hash].Thumb == m[1] {
				want = append(want, x.Hash)
			}
		}
	}
	var inVK, inTelegram []string
	for _, name := range strings.Split(wall["attachments"][0], ",") {
		if strings.HasPrefix(name, "photo") {
			inVK = append(inVK, digestOf(t, n.vk.URL+"/vkfile/"+name))
		}
	}
	state, _ := n.tg.Chat(n.channel.ID, 10)
	for _, m := range state.Messages {
		if m.Album != "" {
			inTelegram = append(inTelegram, digestOf(t, n.url+"/tg/files/"+m.Picture))
		}
	}
	if len(want) != 3 || !slices.Equal(inVK, want) || !slices.Equal(inTelegram, want) {
		t.Errorf("shown %v\nVK holds %v\nTelegram %v", want, inVK, inTelegram)
	}

	// The poll.
	made := n.vk.Log.Since(0, "polls.create")[0].Params
	asked := n.log.Since(0, "sendPoll")[0].Params
	var answers []string
	var options []struct{ Text string }
	b.plan.must(json.Unmarshal([]byte(made["add_answers"][0]), &answers))
	b.plan.must(json.Unmarshal([]byte(asked["options"][0]), &options))
	sent := map[string][]string{"vk": append([]string{made["question"][0]}, answers...), "tg": {asked["question"][0]}}
	for _, o := range options {
		sent["tg"] = append(sent["tg"], o.Text)
	}
	for i, net := range map[int]string{0: "vk", 2: "tg"} {
		m := regexp.MustCompile(`(?s)<div class="pv-p"><b>(.*?)</b>.*?</span>(.*?)</div>`).FindStringSubmatch(previews[i][2])
		got := []string{html.UnescapeString(m[1])}
		for _, o := range regexp.MustCompile(`<p>(.*?)</p>`).FindAllStringSubmatch(m[2], -1) {
			got = append(got, html.UnescapeString(o[1]))
		}
		if diff := cmp.Diff(sent[net], got); diff != "" {
			t.Errorf("poll in %s, sent and shown: %s", net, diff)
		}
	}
}

func (b *bench) idOfPost(t *testing.T, number int64) string {
	t.Helper()
	id, err := b.plan.s.PostByNumber(t.Context(), number)
	b.plan.must(err)
	return id
}
