package vk

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"otklik/collectors"
	netvk "otklik/internal/network/vk"
)

// WallOptions of a wall that is not the agency's own. Client, Owner, Names and
// Now are required; the client holds a service key.
type WallOptions struct {
	Client *netvk.Client
	// Owner is the wall's owner: a person, or a community under its negative id.
	Owner int
	Names *Names
	Links netvk.Links
	// Depth is how far back the first reading goes; zero means 48 hours.
	Depth time.Duration
	// Every is the least time between two passes; zero means a minute. How often
	// they really are is up to the Pace.
	Every time.Duration
	// Sweep is how often all comments of the last 48 hours are listed again, to
	// find those that were changed or deleted; zero means an hour.
	Sweep time.Duration
	// MaxPosts bounds how many posts one pass reads; zero means 1000.
	MaxPosts int
	Memory   Memory
	Pace     Pace
	// Own says whether the agency itself speaks under an id; nil means never.
	Own func(id int) bool
	Now func() time.Time
}

// NewWall returns the stream of a wall that is not the agency's own. It makes no
// call. A pass costs one call of the day's quota while no more than a hundred
// posts are new.
func NewWall(o WallOptions) *History {
	if o.Every == 0 {
		o.Every = time.Minute
	}
	h := NewHistory(HistoryOptions{
		Client: o.Client, Names: o.Names, Links: o.Links, Depth: o.Depth, Every: o.Every,
		MaxPosts: o.MaxPosts, Memory: o.Memory, Pace: o.Pace, Now: o.Now,
	})
	h.owner, h.alone, h.counted, h.sweep = o.Owner, true, wallPage, o.Sweep
	if h.sweep == 0 {
		h.sweep = time.Hour
	}
	h.mapper.own = ownOr(o.Own)
	return h
}

// ownOr is never where nobody says whom the agency is.
func ownOr(own func(int) bool) func(int) bool {
	if own == nil {
		return func(int) bool { return false }
	}
	return own
}

// Page is a page of the network that need not be the agency's own.
type Page struct {
	Owner int // of the wall, negative for a community
	Title string
	URL   string
}

// Find finds the page that a person means by an address, a short name, or a
// number: https://vk.com/name, @name, club1, id1, -1. It returns a
// *collectors.Trouble when there is none, or when its wall is not shown to
// strangers; that look costs one call of wall.get.
func Find(ctx context.Context, client *netvk.Client, links netvk.Links, name string) (Page, error) {
	owner, err := resolve(ctx, client, shortName(name))
	if err != nil {
		return Page{}, err
	}
	page, err := describe(ctx, client, owner)
	if err != nil {
		return Page{}, err
	}
	page.URL = links.Author(owner)
	var answer struct {
		Count int `json:"count"`
	}
	err = client.Call(ctx, wallMethod, map[string]any{"owner_id": owner, "count": 1}, &answer)
	if err != nil && ctx.Err() == nil {
		t := troubleOf(client, err)
		if unreadable(client, err) {
			t.Message = "ВКонтакте не показывает записи этой страницы посторонним: стена закрыта. Подключить можно только открытую страницу."
		}
		return Page{}, t
	}
	return page, err
}

// shortName is what stands at the end of an address.
func shortName(text string) string {
	text = strings.TrimSpace(text)
	text, _, _ = strings.Cut(text, "?")
	text = strings.TrimRight(text, "/")
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		text = text[i+1:]
	}
	return strings.TrimPrefix(text, "@")
}

// resolve turns a short name into the owner of a wall.
func resolve(ctx context.Context, client *netvk.Client, name string) (int, error) {
	if n, err := strconv.Atoi(name); err == nil && n != 0 {
		return n, nil
	}
	for prefix, sign := range map[string]int{"club": -1, "public": -1, "event": -1, "id": 1} {
		if digits, ok := strings.CutPrefix(name, prefix); ok {
			if n, err := strconv.Atoi(digits); err == nil && n > 0 {
				return sign * n, nil
			}
		}
	}
	if name == "" {
		return 0, nobody()
	}
	var raw json.RawMessage
	if err := client.Call(ctx, "utils.resolveScreenName", map[string]any{"screen_name": name}, &raw); err != nil {
		return 0, troubleOf(client, err)
	}
	// Where nothing was found, the network answers with an empty list.
	var found struct {
		Type string `json:"type"`
		ID   int    `json:"object_id"`
	}
	if json.Unmarshal(raw, &found) != nil || found.ID <= 0 {
		return 0, nobody()
	}
	switch found.Type {
	case "user":
		return found.ID, nil
	case "group", "page", "event":
		return -found.ID, nil
	}
	return 0, nobody()
}

func nobody() error {
	return &collectors.Trouble{
		Kind: collectors.Denied, Message: "Такой страницы ВКонтакте нет. Скопируйте её адрес из браузера: https://vk.com/название.",
	}
}

// describe finds out how the page is called.
func describe(ctx context.Context, client *netvk.Client, owner int) (Page, error) {
	p := Page{Owner: owner}
	var err error
	if owner < 0 {
		var found []group
		if err = client.Call(ctx, "groups.getById", map[string]any{"group_id": -owner}, &found); err == nil && len(found) == 1 {
			p.Title = found[0].Name
			return p, nil
		}
	} else {
		var found []profile
		if err = client.Call(ctx, "users.get", map[string]any{"user_ids": owner}, &found); err == nil && len(found) == 1 {
			p.Title = strings.TrimSpace(found[0].FirstName + " " + found[0].LastName)
			return p, nil
		}
	}
	if err != nil && client.Kind().Explain(err).API != 100 {
		return p, troubleOf(client, err)
	}
	return p, nobody()
}
