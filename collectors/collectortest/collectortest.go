// Package collectortest is the conformance suite of sources: whatever reads a
// network must lose nothing and store nothing twice, through edits, deletions,
// repetitions and crashes. It drives a real Runner over a real store.
package collectortest

import (
	"context"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
	"otklik/internal/store"
)

// Harness is one page of the agency in one network, as it is played for a test.
// What it cannot do it reports to its own testing.TB.
type Harness interface {
	// Streams makes all readers of the page anew, as a restart does, always the
	// same ones in the same order. They may ask s what is stored.
	Streams(s *store.Store) []collectors.Source
	// Citizen is the author id of whoever writes comments.
	Citizen() string
	// Post publishes in the agency's name.
	Post(text string) Post
	// Comment writes as the citizen, under the post or, if replyTo is not zero,
	// in answer to a comment.
	Comment(p Post, replyTo social.Ref, text string) social.Ref
	// Answer writes in the agency's name in answer to a comment.
	Answer(p Post, replyTo social.Ref, text string) social.Ref
	// Edit changes a text.
	Edit(ref social.Ref, text string)
	// Delete removes an item, and says whether the network tells of it.
	Delete(ref social.Ref) bool
}

// Post is a post and the thread in which its comments stand: the post itself,
// or the copy that the network makes for the discussion.
type Post struct{ Ref, Thread social.Ref }

// patience is how long what was injected may take to be stored.
const patience = 20 * time.Second

// Nature is what a way of reading cannot show, whoever programs it.
type Nature struct {
	// Listed: the network tells of nothing by itself. What comes and goes, or
	// changes twice, between two listings is never seen.
	Listed bool
	// Posts: there are no comments to be read; the story is told in posts.
	Posts bool
}

// Run holds a network that tells of everything to the suite. make returns a
// network of its own each time.
func Run(t *testing.T, make func(t *testing.T) Harness) {
	t.Helper()
	RunAs(t, Nature{}, make)
}

// RunAs holds a network of the given nature to the suite.
func RunAs(t *testing.T, nature Nature, make func(t *testing.T) Harness) {
	t.Helper()
	for _, x := range []struct {
		name  string
		check func(context.Context, *lab) error
	}{
		{"stored once and right", storedRight},
		{"read after the first connection was lost", firstConnection},
		{"repeated three times in any order", repeated},
		{"crashes between any two steps", crashes},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			l, err := newLab(t.Context(), make(t), nature, t.TempDir(), patience)
			if err != nil {
				t.Fatal(err)
			}
			err = x.check(t.Context(), l)
			if cerr := l.close(); err == nil {
				err = cerr
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// storedRight plays the story before a reader that works.
func storedRight(ctx context.Context, l *lab) error {
	p, err := l.start(ctx, nil)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := l.connected(ctx, p); err != nil {
		return err
	}
	for range steps {
		l.step()
	}
	return l.await(ctx, p, true)
}

// firstConnection begins the story while nobody has ever connected, and breaks
// the very first calls. Earlier texts may be unknown then, items may not.
func firstConnection(ctx context.Context, l *lab) error {
	for range steps / 2 {
		l.step()
	}
	for n := range 4 {
		if err := l.crashOnce(ctx, n); err != nil {
			return err
		}
	}
	p, err := l.start(ctx, nil)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := l.connected(ctx, p); err != nil {
		return err
	}
	for !l.told() {
		l.step()
	}
	return l.await(ctx, p, false)
}

// crashes ends the process before and after its first commits, in all patterns,
// while the story goes on.
func crashes(ctx context.Context, l *lab) error {
	p, err := l.start(ctx, nil)
	if err != nil {
		return err
	}
	err = l.connected(ctx, p)
	p.stop()
	if err != nil {
		return err
	}
	for n := 0; n < 2*patterns || !l.told(); n++ {
		if n%2 == 0 {
			l.step()
		}
		if err := l.crashOnce(ctx, n%patterns); err != nil {
			return err
		}
	}
	if p, err = l.start(ctx, nil); err != nil {
		return err
	}
	defer p.stop()
	return l.await(ctx, p, true)
}
