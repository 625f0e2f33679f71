package hour

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/lease"
	"otklik/internal/media"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/internal/store"
	"otklik/publisher"
)

// press is a press office: a base with a register of pages, and the people who
// write and approve.
type press struct {
	t     *testing.T
	store *store.Store
	dsn   string
	desk  *publisher.Desk
}

func writer() rights.Actor {
	return rights.Actor{ID: "w", Name: "Автор", Roles: []rights.Role{rights.PressOfficer}}
}

func approver() rights.Actor {
	return rights.Actor{ID: "h", Name: "Руководитель", Roles: []rights.Role{rights.Head}}
}

func newPress(t *testing.T, dsn string) *press {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &press{t: t, store: s, dsn: dsn, desk: publisher.NewDesk(s, s, time.Now)}
}

func (p *press) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// page puts a page into the registry and into the register; its id is returned.
func (p *press) page(n social.Network, external string, keys ...sources.KeyKind) string {
	p.t.Helper()
	kind := sources.VKCommunity
	if n == social.Telegram {
		kind = sources.TelegramChannel
	}
	x := sources.Source{Kind: kind, ExternalID: external, Title: "Страница " + external, Origin: sources.FromPerson}
	x, err := p.store.Connect(p.t.Context(), x, time.Now(), func(string) ([]sources.Key, error) {
		var out []sources.Key
		for _, k := range keys {
			out = append(out, sources.Key{Kind: k, SetAt: time.Now()})
		}
		return out, nil
	})
	p.must(err)
	admin := rights.Actor{ID: "a", Name: "Администратор", Roles: []rights.Role{rights.Administrator}}
	p.must(p.store.SavePage(p.t.Context(), admin, publisher.Page{ID: x.ID, Category: publisher.Active}, time.Now()))
	return x.ID
}

// scheduled is an approved post.
func (p *press) scheduled(at time.Time, late time.Duration, c publisher.Content, pages ...string) publisher.Post {
	p.t.Helper()
	ctx := p.t.Context()
	post, err := p.desk.New(ctx, writer(), publisher.Write{Content: c, PageIDs: pages, Title: "Новость"}, publisher.Plan{At: at, LateBy: late})
	p.must(err)
	post, err = p.desk.Do(ctx, writer(), post.ID, post.Version, publisher.Submit{})
	p.must(err)
	post, err = p.desk.Do(ctx, approver(), post.ID, post.Version, publisher.Approve{Hash: post.Hash()})
	p.must(err)
	return post
}

// photo keeps a picture in the base, as the editor does.
func (p *press) photo(side int) publisher.Media {
	p.t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side {
		img.Set(i, i, color.RGBA{uint8(i), 90, 160, 255})
	}
	var raw bytes.Buffer
	p.must(jpeg.Encode(&raw, img, nil))
	pic, err := media.Redraw(raw.Bytes())
	p.must(err)
	driver := "sqlite"
	if strings.HasPrefix(p.dsn, "postgres://") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, p.dsn)
	p.must(err)
	_, err = db.ExecContext(p.t.Context(), "INSERT INTO pictures (hash, type, data, kept_us) VALUES ($1, $2, $3, 0)", pic.Full.Hash, pic.Full.Type, pic.Full.Bytes)
	p.must(errors.Join(err, db.Close()))
	return publisher.Media{Kind: publisher.Photo, Hash: pic.Full.Hash, Alt: "Двор после уборки", Width: pic.Width, Height: pic.Height, Size: int64(len(pic.Full.Bytes))}
}

// speakers are the senders of all pages.
type speakers map[string]delivery.Sender

// Sender implements delivery.Senders.
func (s speakers) Sender(id string) (delivery.Sender, bool) {
	x, ok := s[id]
	return x, ok
}

// work runs the clerk and one worker for each network until ctx ends.
func (p *press) work(ctx context.Context, owner string, s speakers) (wait func()) {
	keeper := &lease.Keeper{Book: p.store, Owner: owner, TTL: leaseTTL, Now: time.Now, Log: quiet()}
	done := make(chan struct{}, 3)
	for n, window := range map[social.Network]time.Duration{social.VK: guidWindow, social.Telegram: 0} {
		w := &delivery.Worker{Network: n, Book: p.store, Senders: s, Now: time.Now, Log: quiet(), Tick: time.Second, Window: window}
		go func() { keeper.Hold(ctx, "deliver:"+string(n), w.Run); done <- struct{}{} }()
	}
	clerk := publisher.NewClerk(p.store, p.store, p.store, time.Now)
	go every(ctx, time.Second, func() {
		if _, err := clerk.Tick(ctx); err != nil && ctx.Err() == nil {
			p.t.Error(err)
		}
	})
	return func() { <-done; <-done }
}

// guidWindow is how long the program trusts VK to recognise a guid.
const guidWindow = 50 * time.Minute

func news(n int) publisher.Content {
	return publisher.Content{Text: fmt.Sprintf("Двор номер %d убран, спасибо дворникам.", n)}
}
