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
	"otklik/internal/sim/record"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
)

// memory is what the program would have stored.
type memory struct {
	posts, comments []vk.Standing
	missed          time.Time
	err             error
}

func (m *memory) Missed(context.Context, time.Time) (time.Time, error) { return m.missed, m.err }

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

// Comments deleted between two pages shift the list, and those that slip
// through must be neither lost nor taken for deleted.
func TestDeletionWhileListing(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 4, 30, 99} {
		m := &memory{}
		b := setup(t, withMemory(m))
		list := b.MustComments(b.Post, 250, 0)
		m.remember(b.Now().Add(-time.Hour), list)
		wall := fetch(t, b.history, "")
		first := fetch(t, b.history, wall.Next)
		for _, id := range list[:n] {
			b.Must(b.DeleteComment(vktest.OwnerID, id))
		}
		rest, end := b.pass(t, first.Next)
		all := append(changesOf(first), rest...)
		for _, ref := range refs(all, collectors.Deleted) {
			if !slices.Contains(ids(list[:n]), ref) {
				t.Errorf("%d deleted: %s was taken for one of them", n, ref)
			}
		}
		if got := comments(refs(all, collectors.Listed)); len(got) != 250 {
			t.Errorf("%d deleted: %d comments were listed", n, len(got))
		}
		if len(end.Filled) != 1 {
			t.Errorf("%d deleted: the pass claims %v", n, end.Filled)
		}
	}
}

func TestDeletionsWithoutEndAreOvertaken(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	list := b.MustComments(b.Post, 450, 0)
	m.remember(b.Now().Add(-time.Hour), list)
	var all []collectors.Change
	at := collectors.Cursor("")
	deleted := 0
	for i := 0; ; i++ {
		step := fetch(t, b.history, at)
		all = append(all, changesOf(step)...)
		if at = step.Next; step.Pause > 0 {
			break
		}
		if i > 50 {
			t.Fatal("the pass does not end")
		}
		for range 7 {
			b.Must(b.DeleteComment(vktest.OwnerID, list[deleted]))
			deleted++
		}
	}
	truly := ids(list[:deleted])
	for _, ref := range refs(all, collectors.Deleted) {
		if !slices.Contains(truly, ref) {
			t.Errorf("%s was taken for deleted", ref)
		}
	}
	if got := comments(refs(all, collectors.Listed)); len(got) < 450-deleted {
		t.Errorf("only %d comments were listed", len(got))
	}
}

// A post that refuses its comments leaves the pass without a claim, until it
// has refused twice: then there is nothing more to read.
func TestAPassClaimsOnlyWhatItRead(t *testing.T) {
	t.Parallel()
	m := &memory{}
	b := setup(t, withMemory(m))
	m.missed = b.Now()
	b.MustComments(b.Post, 3, 0)
	b.Faults().Add(record.Fault{Method: "wall.getComments", Kind: record.FaultError, Code: 212, Count: 2})
	at := collectors.Cursor("")
	for _, claims := range []int{0, 1, 1} {
		_, end := b.pass(t, at)
		if len(end.Filled) != claims {
			t.Errorf("the pass claims %v, want %d spans", end.Filled, claims)
		}
		if early := fetch(t, b.history, end.Next); claims == 0 && early.Pause == 0 {
			t.Error("the next pass follows at once")
		}
		b.Advance(11 * time.Second)
		at = end.Next
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
