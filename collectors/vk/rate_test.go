package vk_test

import (
	"testing"
	"time"

	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// With the network's limits on and the program's own pace, a busy wall comes
// whole and the network never asks to slow down.
func TestBusyWallUnderTheNetworksLimits(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, simvk.Options{Limits: true})
	key := netvk.NewClient(netvk.Config{Kind: netvk.CommunityKey, Token: vktest.CommunityToken, BaseURL: n.URL})
	t.Cleanup(key.Close)
	live := vk.NewLive(vk.LiveOptions{
		Client: key, GroupID: vktest.GroupID, Names: vk.NewNames(key, n.Now), Wait: time.Second, Now: n.Now,
	})
	t.Cleanup(live.Close)
	at := fetch(t, live, "").Next
	const authors, total = 60, 3000
	for i := range authors {
		n.AddUser(simvk.User{ID: 1000 + i, FirstName: "Имя", LastName: "Фамилия"})
	}
	go func() {
		for i := range total {
			_, _ = n.AddComment(simvk.NewComment{OwnerID: vktest.OwnerID, PostID: n.Post, FromID: 1000 + i%authors, Text: "Текст"})
		}
	}()
	seen := map[string]bool{}
	for deadline := n.Now().Add(10 * time.Second); len(seen) < total; {
		if n.Now().After(deadline) {
			t.Fatalf("%d of %d came in time", len(seen), total)
		}
		got := fetch(t, live, at)
		for _, c := range changesOf(got) {
			if seen[c.Item.Ref.ID] || c.Item.Author.Name == "" {
				t.Fatalf("came twice or without a name: %+v", c.Item)
			}
			seen[c.Item.Ref.ID] = true
		}
		at = got.Next
	}
}
