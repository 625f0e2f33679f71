package web

import (
	"context"
	"testing"
	"time"

	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/internal/store"
	"otklik/internal/testdb"
	sealing "otklik/internal/vault"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// planBase is a real base with two pages and nothing planned.
type planBase struct {
	t      testing.TB
	s      *store.Store
	now    func() time.Time
	vk, tg string // the ids of the pages
	told   int    // how often whoever sends was told
}

func newPlanBase(t testing.TB, now func() time.Time) *planBase {
	t.Helper()
	s, err := store.Open(context.Background(), testdb.SQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &planBase{t: t, s: s, now: now}
	b.vk = b.page(sources.Source{Kind: sources.VKCommunity, ExternalID: "101", Title: "Приреченск сегодня", URL: "https://vk.com/prirechensk"}, sources.CommunityKey, sources.ServiceKey, sources.AdminKey)
	b.tg = b.page(sources.Source{Kind: sources.TelegramChannel, ExternalID: "@prirechensk", Title: "Приреченск. Канал", URL: "https://t.me/prirechensk"}, sources.BotKey)
	return b
}

// page puts a page with its keys into the register.
func (b *planBase) page(x sources.Source, kinds ...sources.KeyKind) string {
	b.t.Helper()
	ctx := context.Background()
	x, err := b.s.Connect(ctx, x, b.now(), func(string) ([]sources.Key, error) {
		var keys []sources.Key
		for _, k := range kinds {
			keys = append(keys, sources.Key{Kind: k, Sealed: sealing.Sealed{Text: "sealed", MasterID: "m"}, SetAt: b.now()})
		}
		return keys, nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		b.t.Fatal(err)
	}
	page := publisher.Page{ID: x.ID, Category: publisher.Active, Norm: 3, Zone: zone}
	if err := b.s.SavePage(ctx, actor("press"), page, b.now()); err != nil {
		b.t.Fatal(err)
	}
	return x.ID
}

func (b *planBase) planning() Planning {
	return Planning{
		Plan: b.s, Posts: b.s, Desk: publisher.NewDesk(b.s, b.s, b.now), Register: b.s, Editing: b.s, Templates: b.s, Series: b.s, Halts: b.s,
		Days: workcal.Calendar{}, Changed: func() { b.told++ },
	}
}

// actor is a person of the sample by their id.
func actor(id string) rights.Actor {
	for _, p := range people() {
		if p.ID == id {
			return p.Actor()
		}
	}
	return rights.Actor{}
}

// post makes a draft for both pages.
func (b *planBase) post(text string, at time.Time) publisher.Post {
	b.t.Helper()
	w := publisher.Write{Content: publisher.Content{Text: text}, PageIDs: []string{b.vk, b.tg}, Rubric: "ЖКХ", Tags: []string{"снег"}}
	p, err := publisher.NewDesk(b.s, b.s, b.now).New(context.Background(), actor("press"), w, publisher.Plan{At: at, LateBy: 30 * time.Minute})
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// do carries out commands on a post one after another.
func (b *planBase) do(p publisher.Post, who string, commands ...publisher.Command) publisher.Post {
	b.t.Helper()
	for _, cmd := range commands {
		var err error
		if p, err = publisher.NewDesk(b.s, b.s, b.now).Do(context.Background(), actor(who), p.ID, 0, cmd); err != nil {
			b.t.Fatalf("%T: %v", cmd, err)
		}
	}
	return p
}

// fresh is the post as the base has it.
func (b *planBase) fresh(p publisher.Post) publisher.Post {
	b.t.Helper()
	x, err := b.s.Post(context.Background(), p.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return x
}

// tell carries out what only the program does, at a moment.
func (b *planBase) tell(p publisher.Post, now time.Time, commands ...publisher.Command) publisher.Post {
	b.t.Helper()
	for _, cmd := range commands {
		pages, err := b.s.Pages(context.Background())
		if err != nil {
			b.t.Fatal(err)
		}
		p, err = b.s.ChangePost(context.Background(), p.ID, 0, now, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, cmd, rights.System(), publisher.Facts{Now: now, Pages: pages})
		})
		if err != nil {
			b.t.Fatalf("%T: %v", cmd, err)
		}
	}
	return p
}

func onVK(id string) social.Ref { return social.Ref{Network: social.VK, Owner: "-101", ID: id} }
