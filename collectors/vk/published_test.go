package vk_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"otklik/internal/delivery"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
)

// A publication of unknown fate is recognised by its words, by the question of
// its poll, or by the names of its photos.
func TestOurOwnPostsAreRecognised(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.connected(t)
	p := netvk.NewPublisher(netvk.PublisherOptions{
		GroupID: vktest.GroupID, Now: b.Now, Admin: client(b.Network, netvk.UserKey, vktest.AdminToken),
	})
	photo := func(side int) delivery.Medium {
		var drawn bytes.Buffer
		if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
			t.Fatal(err)
		}
		m := delivery.Medium{Kind: delivery.Photo, Name: "двор.png", Type: "image/png", Size: int64(drawn.Len()), Data: bytes.NewReader(drawn.Bytes())}
		var err error
		if m.Uploaded, err = p.Upload(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	ask := delivery.Poll{Question: "Чисто ли во дворе?", Answers: []string{"Да", "Нет"}}
	var err error
	if ask.Created, err = p.CreatePoll(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	all := []delivery.Publication{
		{ID: "1", Text: "Завтра отключат воду на Лесной."},
		{ID: "2", Text: "Скажите честно.", Poll: &ask},
		{ID: "3", Media: []delivery.Medium{photo(30), photo(40)}},
		{ID: "4", Media: []delivery.Medium{photo(30)}},
	}
	want := map[string]social.Ref{}
	for i := range all {
		all[i].Network, all[i].FirstSendingAt = social.VK, b.Now()
		got, err := p.Publish(t.Context(), all[i])
		if err != nil {
			t.Fatal(err)
		}
		want[all[i].ID] = got.Refs[0]
	}
	found := map[string]int{}
	for _, c := range changesOf(fetch(t, b.live, at)) {
		for _, pub := range all {
			if delivery.Recognise(pub, c.Item) {
				if found[pub.ID]++; delivery.PostOf(c.Item) != want[pub.ID] {
					t.Errorf("%s was recognised at %v", pub.ID, c.Item.Ref)
				}
			}
		}
	}
	for _, pub := range all {
		if found[pub.ID] != 1 {
			t.Errorf("publication %s was recognised %d times", pub.ID, found[pub.ID])
		}
	}
}
