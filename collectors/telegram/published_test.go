package telegram_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"
	"time"

	"otklik/collectors"
	nettg "otklik/internal/network/telegram"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// What was published by us comes back as a copy in the discussion group, by
// which a publication of unknown fate is recognised.
func TestOurOwnPostsAreRecognised(t *testing.T) {
	t.Parallel()
	b := setup(t)
	leap := b.now
	p, err := nettg.NewPublisher(nettg.PublisherOptions{
		Options: nettg.Options{Token: botToken, BaseURL: b.url, Limits: nettg.NewLimits(func() time.Time { leap = leap.Add(time.Hour); return leap })},
		Channel: "@gorod", Now: func() time.Time { return b.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	cursor := b.fetch("").Next
	photo := func(side int) delivery.Medium {
		var drawn bytes.Buffer
		if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
			t.Fatal(err)
		}
		return delivery.Medium{Kind: delivery.Photo, Name: "двор.png", Size: int64(drawn.Len()), Data: bytes.NewReader(drawn.Bytes())}
	}
	text := delivery.Publication{Text: "Завтра отключат воду на Лесной."}
	album := delivery.Publication{Text: "Двор убран.", Media: []delivery.Medium{photo(30), photo(40)}}
	poll := delivery.Publication{Text: "Скажите честно.", Poll: &delivery.Poll{Question: "Чисто ли во дворе?", Answers: []string{"Да", "Нет"}, Anonymous: true}}
	bare := delivery.Publication{Media: []delivery.Medium{photo(50)}}
	all := []*delivery.Publication{&text, &album, &poll, &bare}
	want := map[*delivery.Publication]social.Ref{}
	for _, pub := range all {
		pub.Network, pub.FirstSendingAt = social.Telegram, b.now
		got, err := p.Publish(t.Context(), *pub)
		if err != nil {
			t.Fatal(err)
		}
		want[pub] = got.Refs[0]
	}
	delete(want, &bare) // nothing tells a photo without words from another
	found := map[*delivery.Publication]social.Ref{}
	for _, u := range b.fetch(cursor).Updates {
		for _, c := range u.Changes {
			for _, pub := range all {
				if delivery.Recognise(*pub, c.Item) {
					found[pub] = delivery.PostOf(c.Item)
				}
			}
		}
	}
	if len(found) != len(want) {
		t.Errorf("%d were recognised, not %d", len(found), len(want))
	}
	for pub, ref := range want {
		if found[pub] != ref {
			t.Errorf("%q stands at %v and was recognised at %v", pub.Text, ref, found[pub])
		}
	}
	early := text
	early.FirstSendingAt = b.now.Add(time.Hour)
	for _, it := range b.items(cursor) {
		if delivery.Recognise(early, it) {
			t.Error("a post from before the first call was taken for it")
		}
	}
}

func (b *bench) items(c collectors.Cursor) []social.Item {
	var out []social.Item
	for _, u := range b.fetch(c).Updates {
		for _, change := range u.Changes {
			out = append(out, change.Item)
		}
	}
	return out
}
