package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/delivery"
	nettelegram "otklik/internal/network/telegram"
	netvk "otklik/internal/network/vk"
	simtelegram "otklik/internal/sim/telegram"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
	"otklik/publisher"
)

func strange() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"", " ", "Снег убран", "\u200b", "\u2800", "*\u200b*", "**жирно** и *так*", "[сайт](https://a.example/1,2)", "\\", "👍", "\n\n", "[club7|Город]",
			strings.Repeat("я", 1024), strings.Repeat("я", 1025), strings.Repeat("я", 4096), strings.Repeat("я", 4097), strings.Repeat("ж", 16_001), strings.Repeat("👍", 2049),
		}),
		rapid.StringOfN(rapid.SampledFrom([]rune("аб *_[]()|\\,\n👍\u200b\u0301")), 0, 30, -1),
	)
}

func attached(video string) *rapid.Generator[publisher.Media] {
	return rapid.Custom(func(t *rapid.T) publisher.Media {
		m := publisher.Media{Kind: rapid.SampledFrom([]publisher.MediaKind{publisher.Photo, publisher.Photo, publisher.File, publisher.Video, publisher.Link}).Draw(t, "kind")}
		switch m.Kind {
		case publisher.Photo, publisher.File:
			m.Hash, m.Alt, m.Name = "a", rapid.SampledFrom([]string{"", "двор"}).Draw(t, "alt"), rapid.SampledFrom([]string{"план.pdf", "план, 2.pdf", ""}).Draw(t, "name")
			m.Size = int64(len(picture()))
			if rapid.IntRange(0, 15).Draw(t, "large") == 0 {
				m.Size = rapid.SampledFrom([]int64{10 << 20, 10<<20 + 1, 50<<20 + 1, 200<<20 + 1}).Draw(t, "size")
			}
		default:
			m.URL = rapid.SampledFrom([]string{
				"https://a.example/", "https://a.example/1,2", "HTTPS://A.example/x", "https://a.example/video-1_2", "https://vk.ru/" + video, "https://rutube.ru/video/1,2/", "https://a.example/?q=,", "x",
			}).Draw(t, "address")
		}
		return m
	})
}

func contents(video string) *rapid.Generator[publisher.Content] {
	return rapid.Custom(func(t *rapid.T) publisher.Content {
		c := publisher.Content{Text: strange().Draw(t, "text"), Media: rapid.SliceOfN(attached(video), 0, rapid.SampledFrom([]int{0, 1, 3, 12}).Draw(t, "most")).Draw(t, "media")}
		if rapid.IntRange(0, 3).Draw(t, "versions") == 0 {
			c.Versions = map[social.Network]string{rapid.SampledFrom([]social.Network{social.VK, social.Telegram}).Draw(t, "for"): strange().Draw(t, "version")}
		}
		if rapid.IntRange(0, 2).Draw(t, "polls") == 0 {
			answer := rapid.OneOf(rapid.SampledFrom([]string{"Да", "Нет", "\u200b", strings.Repeat("я", 100), strings.Repeat("я", 101), strings.Repeat("👍", 51)}), rapid.StringN(1, 5, -1))
			c.Poll = &publisher.PollForm{
				Question: rapid.SampledFrom([]string{"Где?", "", "\u200b", strings.Repeat("я", 255), strings.Repeat("я", 256), strings.Repeat("я", 301)}).Draw(t, "question"),
				Options:  rapid.SliceOfN(answer, 0, 13).Draw(t, "options"), Named: rapid.Bool().Draw(t, "named"), Multiple: rapid.Bool().Draw(t, "multiple"),
				OpenFor: rapid.SampledFrom([]time.Duration{0, 3 * time.Second, time.Minute, 24 * time.Hour, 367 * 24 * time.Hour}).Draw(t, "open"),
			}
		}
		return c
	})
}

func picture() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 20))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// padded is a picture with as many bytes after it as somebody asks for.
type padded []byte

func (p padded) ReadAt(to []byte, off int64) (int, error) {
	clear(to)
	if off < int64(len(p)) {
		copy(to, p[off:])
	}
	return len(to), nil
}

// posts is what both adapters do for a post.
type posts interface {
	Upload(ctx context.Context, m delivery.Medium) (string, error)
	CreatePoll(ctx context.Context, p delivery.Poll) (string, error)
	Publish(ctx context.Context, p delivery.Publication) (delivery.Published, error)
}

// leave sends a part as the ledger's worker does.
func leave(ctx context.Context, to posts, n social.Network, part publisher.Part, id string, now time.Time) error {
	pub := delivery.Delivery{ID: id, Network: n, Part: &part, SendingAt: now}.Publication()
	for i := range part.Media {
		m := &pub.Media[i]
		m.Type, m.Data = "image/png", padded(picture())
		name, err := to.Upload(ctx, *m)
		if err != nil {
			return err
		}
		m.Uploaded = name
	}
	if pub.Poll != nil {
		var err error
		if pub.Poll.Created, err = to.CreatePoll(ctx, *pub.Poll); err != nil {
			return err
		}
	}
	_, err := to.Publish(ctx, pub)
	return err
}

// unpaced lets everything go at once: the simulators' limits are off.
type unpaced struct{}

func (unpaced) Wait(ctx context.Context) error { return ctx.Err() }

func vkPosts(t *testing.T) (posts, string) {
	n := vktest.Start(t, simvk.Options{})
	key := func(kind netvk.KeyKind, token string) *netvk.Client {
		return netvk.NewClient(netvk.Config{Kind: kind, Token: token, BaseURL: n.URL, Limiter: unpaced{}, Timeout: 5 * time.Second})
	}
	return netvk.NewPublisher(netvk.PublisherOptions{
		GroupID: vktest.GroupID, Now: n.Now, Community: key(netvk.CommunityKey, vktest.CommunityToken), Admin: key(netvk.UserKey, vktest.AdminToken),
	}), n.AddVideo(vktest.OwnerID, "Уборка")
}

func telegramPosts(t *testing.T) posts {
	const token = "1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	sim := simtelegram.New(simtelegram.Options{Now: time.Now})
	server := httptest.NewServer(sim.APIHandler())
	t.Cleanup(func() { sim.Close(); server.Close() })
	_, err := sim.AddBot(simtelegram.Bot{Token: token})
	if err == nil {
		_, err = sim.AddChannel(simtelegram.Channel{Title: "Город", Username: "gorod"})
	}
	if err != nil {
		t.Fatal(err)
	}
	start, minutes := time.Now(), atomic.Int64{}
	hurry := func() time.Time { return start.Add(time.Duration(minutes.Add(2)) * time.Minute) }
	p, err := nettelegram.NewPublisher(nettelegram.PublisherOptions{
		Options: nettelegram.Options{Token: token, BaseURL: server.URL, Limits: nettelegram.NewLimits(hurry), Timeout: 5 * time.Second}, Channel: "gorod", Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Whatever passes the pre-flight for a page is neither refused by the page's
// adapter nor by the network.
func TestWhatPassesThePreflightIsTaken(t *testing.T) {
	t.Parallel()
	wall, video := vkPosts(t)
	for n, to := range map[social.Network]posts{social.VK: wall, social.Telegram: telegramPosts(t)} {
		t.Run(string(n), func(t *testing.T) {
			t.Parallel()
			passed, number := 0, 0
			rapid.Check(t, func(rt *rapid.T) {
				c, now := contents(video).Draw(rt, "content"), time.Now()
				page := publisher.Page{ID: "p", Network: n, Title: "Город"}
				post := publisher.Post{Content: c, Targets: []publisher.Target{{PageID: "p", Network: n, State: publisher.Waiting}}}
				if len(publisher.Stops(publisher.Preflight(post, publisher.Facts{Now: now, Pages: []publisher.Page{page}}))) > 0 {
					return
				}
				passed++
				for _, part := range publisher.Render(n, c) {
					number++
					if err := leave(t.Context(), to, n, part, time.Now().String(), now); err != nil {
						var f *delivery.Failure
						if errors.As(err, &f) {
							rt.Fatalf("%s %s %v: %+v", f.Code, f.Message, f.Cause, part)
						}
						rt.Fatal(err)
					}
				}
			})
			if passed < 10 || number < 10 {
				t.Errorf("only %d contents passed: the property says little", passed)
			}
		})
	}
}
