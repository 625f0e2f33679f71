package vk

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	netvk "otklik/internal/network/vk"
)

const (
	// maxNames bounds the memory of names; at the bound it starts anew.
	maxNames = 20_000
	// nameAge is after how long a name is asked for again: people rename themselves.
	nameAge = 24 * time.Hour
	// maxAsked is how many users, and half as many groups, the network names in one call.
	maxAsked = 1000
)

// name is how an author is shown.
type name struct {
	full, first string
	at          time.Time
}

// names are the authors known for one batch, communities under negative ids.
type names map[int]name

// Names knows what authors are called. Share one among the streams of a page.
type Names struct {
	client *netvk.Client
	now    func() time.Time

	mu    sync.Mutex
	known names
	// restUntil keeps a failing network from being asked for names at every batch.
	restUntil time.Time
}

// NewNames returns an empty memory; the client may hold any kind of key.
func NewNames(client *netvk.Client, now func() time.Time) *Names {
	return &Names{client: client, now: now, known: names{}}
}

// of returns the names of the ids, asking the network for those not known. A
// name is an ornament: where it cannot be had, the item goes on without it.
func (n *Names) of(ctx context.Context, ids []int) names {
	users, groups := n.missing(ids)
	if len(users) > 0 {
		var found []profile
		n.ask(ctx, "users.get", "user_ids", users, &found)
		n.learn(authors{Profiles: found}, users)
	}
	if len(groups) > 0 {
		var found []group
		n.ask(ctx, "groups.getById", "group_ids", groups, &found)
		n.learn(authors{Groups: found}, nil)
	}
	return n.recall(ids)
}

// recall returns what is known already.
func (n *Names) recall(ids []int) names {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := names{}
	for _, id := range ids {
		out[id] = n.known[id]
	}
	return out
}

func (n *Names) missing(ids []int) (users, groups []int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	if now.Before(n.restUntil) {
		return nil, nil
	}
	asked := map[int]bool{}
	for _, id := range ids {
		k, ok := n.known[id]
		if asked[id] || id == 0 || ok && now.Sub(k.at) < nameAge {
			continue
		}
		asked[id] = true
		if id > 0 && len(users) < maxAsked {
			users = append(users, id)
		}
		if id < 0 && len(groups) < maxAsked/2 {
			groups = append(groups, -id)
		}
	}
	return users, groups
}

// ask calls the network and notes a failure, after which it is left alone for a while.
func (n *Names) ask(ctx context.Context, method, param string, ids []int, out any) {
	text := make([]string, len(ids))
	for i, id := range ids {
		text[i] = strconv.Itoa(id)
	}
	err := n.client.Call(ctx, method, map[string]any{param: strings.Join(text, ",")}, out)
	if err == nil {
		return
	}
	pause := max(n.client.Kind().Explain(err).RetryAfter, time.Minute)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.restUntil = n.now().Add(pause)
}

// learn remembers authors, and that those asked for in vain have no name.
func (n *Names) learn(a authors, asked []int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	if len(n.known) > maxNames {
		n.known = names{}
	}
	if now.Before(n.restUntil) {
		asked = nil
	}
	for _, id := range asked {
		n.known[id] = name{at: now}
	}
	for _, p := range a.Profiles {
		n.known[p.ID] = name{full: strings.TrimSpace(p.FirstName + " " + p.LastName), first: p.FirstName, at: now}
	}
	for _, g := range a.Groups {
		n.known[-g.ID] = name{full: g.Name, at: now}
	}
}
