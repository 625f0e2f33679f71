package collectortest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
	"otklik/internal/store"
)

// network is the smallest network there can be: a list of updates, which a
// source reads from its cursor on. Its flaws are for proving that the suite
// notices them.
type network struct {
	mu      sync.Mutex
	updates []collectors.Update
	items   map[social.Ref]social.Item
	news    chan struct{}
	taken   int // for flaw "forgets what was asked for"
	flaw    string
	at      time.Time
}

func newNetwork(flaw string) *network {
	return &network{items: map[social.Ref]social.Item{}, news: make(chan struct{}), flaw: flaw, at: time.Now().Truncate(time.Second)}
}

func (n *network) Streams(*store.Store) []collectors.Source { return []collectors.Source{reader{n}} }
func (n *network) Citizen() string                          { return "501" }

func (n *network) tell(op collectors.Op, it social.Item) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.items[it.Ref] = it
	it = n.spoil(op, it)
	if n.flaw == "tells edits as creations" && op == collectors.Edited {
		op = collectors.Created
	}
	key := strconv.Itoa(len(n.updates))
	if n.flaw == "says nothing of "+string(op) {
		op, it = "", social.Item{}
	}
	u := collectors.Update{Key: key, Raw: []byte("{}")}
	if op != "" {
		u.Changes = []collectors.Change{{Op: op, Item: it}}
	}
	n.updates = append(n.updates, u)
	close(n.news)
	n.news = make(chan struct{})
}

func (n *network) spoil(op collectors.Op, it social.Item) social.Item {
	switch {
	case op == collectors.Deleted:
		return social.Item{Ref: it.Ref}
	case n.flaw == "does not know its own words":
		it.Author.Own = false
	case n.flaw == "loses the thread" && it.Kind == social.Comment:
		it.Thread = it.Ref
	case n.flaw == "loses what is answered":
		it.ReplyTo = social.Ref{}
	case n.flaw == "cuts texts":
		it.Text = strings.TrimRight(it.Text, "💧")
	case n.flaw == "numbers every sight anew" && op == collectors.Edited:
		it.Ref.ID += "e"
	}
	return it
}

func (n *network) add(it social.Item) social.Item {
	n.mu.Lock()
	id := strconv.Itoa(len(n.updates) + 1)
	n.mu.Unlock()
	it.Ref = social.Ref{Network: social.VK, Owner: "-1", ID: id}
	if it.Kind == social.Post {
		it.Thread = it.Ref
	}
	it.PublishedAt = n.at
	n.tell(collectors.Created, it)
	return it
}

func own() social.Author { return social.Author{ID: "-1", Name: "Город", Own: true} }

func (n *network) Post(text string) Post {
	it := n.add(social.Item{Kind: social.Post, Author: own(), Text: text})
	return Post{it.Ref, it.Ref}
}

func (n *network) Comment(p Post, replyTo social.Ref, text string) social.Ref {
	return n.add(social.Item{Kind: social.Comment, Thread: p.Thread, ReplyTo: replyTo, Author: social.Author{ID: "501", Name: "Анна"}, Text: text}).Ref
}

func (n *network) Answer(p Post, replyTo social.Ref, text string) social.Ref {
	return n.add(social.Item{Kind: social.Comment, Thread: p.Thread, ReplyTo: replyTo, Author: own(), Text: text}).Ref
}

func (n *network) Edit(ref social.Ref, text string) {
	n.mu.Lock()
	it := n.items[ref]
	n.mu.Unlock()
	it.Text, it.EditedAt = text, n.at.Add(time.Minute)
	n.tell(collectors.Edited, it)
}

func (n *network) Delete(ref social.Ref) bool {
	n.tell(collectors.Deleted, social.Item{Ref: ref})
	return true
}

// reader is the source of the network.
type reader struct{ n *network }

func (r reader) Fetch(ctx context.Context, c collectors.Cursor) (collectors.Batch, error) {
	at, err := strconv.Atoi("0" + string(c))
	if err != nil {
		return collectors.Batch{}, err
	}
	quiet := time.NewTimer(10 * time.Millisecond)
	defer quiet.Stop()
	for {
		b, news := r.n.after(at)
		if len(b.Updates) > 0 {
			return b, nil
		}
		select {
		case <-news:
		case <-quiet.C:
			return b, nil
		case <-ctx.Done():
			return b, ctx.Err()
		}
	}
}

func (n *network) after(at int) (collectors.Batch, chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.flaw == "forgets what was asked for" {
		at = max(at, n.taken)
	}
	to := min(at+2, len(n.updates))
	n.taken = max(n.taken, to)
	b := collectors.Batch{Updates: n.updates[at:to], Next: collectors.Cursor(fmt.Sprint(to)), CompleteTo: time.Now()}
	if n.flaw == "moves its cursor too far" && len(b.Updates) == 2 {
		b.Updates = b.Updates[:1]
	}
	return b, n.news
}

func TestSoundNetworkPasses(t *testing.T) {
	t.Parallel()
	Run(t, func(*testing.T) Harness { return newNetwork("") })
}

func TestSuiteNoticesFlaws(t *testing.T) {
	t.Parallel()
	type check = func(context.Context, *lab) error
	for flaw, checks := range map[string][]check{
		"does not know its own words": {storedRight},
		"loses the thread":            {storedRight},
		"loses what is answered":      {storedRight},
		"cuts texts":                  {storedRight},
		"numbers every sight anew":    {storedRight},
		"tells edits as creations":    {storedRight},
		"says nothing of edited":      {storedRight},
		"says nothing of deleted":     {storedRight, crashes},
		"forgets what was asked for":  {crashes, firstConnection},
		"moves its cursor too far":    {firstConnection},
	} {
		for i, check := range checks {
			t.Run(fmt.Sprint(flaw, " ", i), func(t *testing.T) {
				t.Parallel()
				l, err := newLab(t.Context(), newNetwork(flaw), Nature{}, t.TempDir(), 2*time.Second)
				if err != nil {
					t.Fatal(err)
				}
				if err := check(t.Context(), l); err == nil {
					t.Error("the flaw went unnoticed")
				} else if strings.Contains(err.Error(), "no commit") {
					t.Errorf("for the wrong reason: %v", err)
				}
				if err := l.close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
