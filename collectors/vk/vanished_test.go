package vk_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
)

// memory is what the program would have stored.
type memory struct {
	posts, comments []vk.Standing
	missed          bool
	err             error
}

func (m *memory) Missed(context.Context, time.Time) (bool, error) { return m.missed, m.err }

func (m *memory) Posts(context.Context, string, time.Time) ([]vk.Standing, error) {
	return m.posts, m.err
}

func (m *memory) Comments(_ context.Context, thread social.Ref) ([]vk.Standing, error) {
	if thread.Owner != "-101" {
		return nil, fmt.Errorf("asked for %s", thread)
	}
	return m.comments, m.err
}

func (m *memory) remember(at time.Time, list ...[]int) {
	for _, l := range list {
		for _, id := range l {
			m.comments = append(m.comments, vk.Standing{Ref: netvk.CommentRef(vktest.OwnerID, id), PublishedAt: at})
		}
	}
}

func withMemory(m *memory) change {
	return func(_ *vk.LiveOptions, h *vk.HistoryOptions) { h.Memory = m }
}

func TestVanishedItemsAreNoticed(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	list := b.MustComments(b.Post, 150, 0)
	thread := b.MustComments(b.Post, 30, list[5])
	m.remember(b.Now().Add(-time.Hour), list, thread)
	newest := b.MustComment(simvk.NewComment{Text: "Только что"})
	m.remember(b.Now(), []int{newest})
	gonePost := b.MustPost(simvk.NewPost{Text: "Исчезнет"})
	for _, id := range []int{b.Post, gonePost} {
		m.posts = append(m.posts, vk.Standing{Ref: netvk.PostRef(vktest.OwnerID, id), PublishedAt: b.Now().Add(-time.Hour)})
	}
	b.Must(b.DeletePost(vktest.OwnerID, gonePost))
	for _, id := range []int{list[9], list[149], thread[20], newest} {
		b.Must(b.DeleteComment(vktest.OwnerID, id))
	}
	all, _ := b.pass(t, "")
	// The newest is left for the next pass: a listing may not show it yet.
	want := append(ids([]int{list[9], list[149], thread[20]}), fmt.Sprint(gonePost))
	slices.Sort(want)
	if got := refs(all, collectors.Deleted); !slices.Equal(got, want) {
		t.Errorf("deleted are %q, want %q", got, want)
	}
}

func TestTheLastCommentOfAPostVanishes(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	only := b.MustComment(simvk.NewComment{Text: "Единственный"})
	m.remember(b.Now().Add(-time.Hour), []int{only})
	b.Must(b.DeleteComment(vktest.OwnerID, only))
	all, _ := b.pass(t, "")
	if got := refs(all, collectors.Deleted); !slices.Equal(got, ids([]int{only})) {
		t.Errorf("deleted are %q", got)
	}
}

// A comment deleted between two pages shifts the list, and the one that slips
// through must be neither lost nor taken for deleted.
func TestDeletionWhileListing(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	list := b.MustComments(b.Post, 250, 0)
	m.remember(b.Now().Add(-time.Hour), list)
	step := fetch(t, b.history, "")
	step = fetch(t, b.history, step.Next)
	b.Must(b.DeleteComment(vktest.OwnerID, list[3]))
	all, _ := b.pass(t, step.Next)
	if got := refs(all, collectors.Deleted); !slices.Equal(got, ids([]int{list[3]})) {
		t.Errorf("deleted are %q", got)
	}
	if got := comments(refs(all, collectors.Listed)); len(got) != 249 {
		t.Errorf("%d comments were listed", len(got))
	}
}

func TestDeletionsWithoutEndAreGivenUpOn(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	list := b.MustComments(b.Post, 450, 0)
	m.remember(b.Now().Add(-time.Hour), list)
	var all []collectors.Change
	at := collectors.Cursor("")
	for i := 0; ; i++ {
		step := fetch(t, b.history, at)
		all = append(all, changesOf(step)...)
		if at = step.Next; step.Pause > 0 {
			break
		}
		if i > 50 {
			t.Fatal("the pass does not end")
		}
		b.Must(b.DeleteComment(vktest.OwnerID, list[i]))
	}
	if got := refs(all, collectors.Deleted); len(got) != 0 {
		t.Errorf("a torn listing was believed: %q", got)
	}
	if got := comments(refs(all, collectors.Listed)); len(got) < 420 {
		t.Errorf("only %d comments were listed", len(got))
	}
}

func TestRestartAmidAPost(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	list := b.MustComments(b.Post, 250, 0)
	m.remember(b.Now().Add(-time.Hour), list)
	b.Must(b.DeleteComment(vktest.OwnerID, list[240]))
	step := fetch(t, b.history, "")
	first := fetch(t, b.history, step.Next)
	// A program that was restarted remembers the cursor only.
	b.history = vk.NewHistory(vk.HistoryOptions{
		Client: client(b.Network, netvk.ServiceKey, vktest.ServiceToken), GroupID: vktest.GroupID,
		Names: vk.NewNames(client(b.Network, netvk.ServiceKey, vktest.ServiceToken), b.Now), Memory: m, Now: b.Now,
	})
	rest, _ := b.pass(t, first.Next)
	if got := refs(rest, collectors.Deleted); len(got) != 0 {
		t.Errorf("half a listing was believed: %d deleted", len(got))
	}
	if n := len(comments(refs(append(changesOf(first), rest...), collectors.Listed))); n != 249 {
		t.Errorf("%d comments were listed", n)
	}
}
