package vk_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/collectortest"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
	"otklik/internal/store"
)

// harness plays a community's wall for the conformance suite.
type harness struct {
	*vktest.Network
	t *testing.T
}

func TestConformance(t *testing.T) {
	t.Parallel()
	collectortest.Run(t, func(t *testing.T) collectortest.Harness {
		n := vktest.Start(t, simvk.Options{})
		n.Must(n.DeletePost(vktest.OwnerID, n.Post))
		return harness{n, t}
	})
}

func (h harness) Streams(s *store.Store) []collectors.Source {
	community := client(h.Network, netvk.CommunityKey, vktest.CommunityToken)
	names := vk.NewNames(community, h.Now)
	return []collectors.Source{
		vk.NewLive(vk.LiveOptions{Client: community, GroupID: vktest.GroupID, Names: names, Wait: time.Second, Now: h.Now}),
		vk.NewHistory(vk.HistoryOptions{
			Client: client(h.Network, netvk.ServiceKey, vktest.ServiceToken), GroupID: vktest.GroupID, Names: names,
			Every: 100 * time.Millisecond, Memory: wall{s}, Now: h.Now,
		}),
	}
}

// wall is what the store knows of the community's wall.
type wall struct{ *store.Store }

// Posts implements vk.Memory.
func (w wall) Posts(ctx context.Context, owner string, since time.Time) ([]vk.Standing, error) {
	return w.Store.Posts(ctx, social.VK, owner, since)
}

// Missed implements vk.Memory: passes follow one another so soon that none is
// needed sooner.
func (w wall) Missed(context.Context, time.Time) (time.Time, error) { return time.Time{}, nil }

func (h harness) Citizen() string { return strconv.Itoa(vktest.Anna) }

func (h harness) Post(text string) collectortest.Post {
	ref := h.ref(strconv.Itoa(h.MustPost(simvk.NewPost{Text: text})))
	return collectortest.Post{Ref: ref, Thread: ref}
}

func (h harness) Comment(p collectortest.Post, replyTo social.Ref, text string) social.Ref {
	return h.write(p, replyTo, vktest.Anna, text)
}

func (h harness) Answer(p collectortest.Post, replyTo social.Ref, text string) social.Ref {
	return h.write(p, replyTo, vktest.OwnerID, text)
}

func (h harness) write(p collectortest.Post, replyTo social.Ref, from int, text string) social.Ref {
	id := h.MustComment(simvk.NewComment{PostID: h.number(p.Ref), ReplyTo: h.number(replyTo), FromID: from, Text: text})
	return h.ref("r" + strconv.Itoa(id))
}

func (h harness) Edit(ref social.Ref, text string) {
	h.Must(h.EditComment(vktest.OwnerID, h.number(ref), text))
}

func (h harness) Delete(ref social.Ref) bool {
	h.Must(h.DeleteComment(vktest.OwnerID, h.number(ref)))
	return true
}

func (h harness) ref(id string) social.Ref {
	return social.Ref{Network: social.VK, Owner: strconv.Itoa(vktest.OwnerID), ID: id}
}

// number is the id of a post or comment, zero for none.
func (h harness) number(ref social.Ref) int {
	if ref.IsZero() {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimPrefix(ref.ID, "r"))
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}
