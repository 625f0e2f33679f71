package e2e

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"otklik/internal/auth"
	"otklik/internal/demo"
	"otklik/internal/rights"
	"otklik/internal/sim/telegram"
	"otklik/internal/sim/vk"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

// TestPhotosSurviveKills lets citizens send photos in both networks while the
// program is killed again and again: in the end each is kept, and people who
// may see cases, and nobody else, see them.
func TestPhotosSurviveKills(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, dsn string) {
		w, base := city(t, false)
		p := install(t, w, base, dsn)
		p.start()
		p.ready()
		s, err := store.OpenBeside(t.Context(), p.dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		sayBoth(t, w, 1)
		const rounds = 4
		var said []social.Ref
		for n := range rounds {
			said = append(said, showBoth(t, w, n)...)
			time.Sleep(time.Duration(60+170*n) * time.Millisecond) // any moment will do
			p.kill()
			p.start()
		}
		p.ready()
		await(t, "every photo to be kept", func() (bool, string) {
			kept, all := p.photos()
			return kept == len(said) && all == kept, fmt.Sprintf("%d of %d", kept, all)
		})
		p.looksAtPhotos(s)
		if raw, err := os.ReadFile(p.log.Name()); err != nil || bytes.Contains(raw, []byte("demo-bot-key")) {
			t.Errorf("the log holds the token: %v", err)
		}
	})
}

// photos counts what is kept, and all that were sent.
func (p *program) photos() (kept, all int) {
	p.t.Helper()
	driver := "sqlite"
	if strings.HasPrefix(p.dsn, "postgres://") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, p.dsn)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(p.t.Context(), "SELECT COUNT(CASE WHEN state = 'kept' THEN 1 END), COUNT(*) FROM photos").Scan(&kept, &all); err != nil {
		p.t.Fatal(err)
	}
	return kept, all
}

// showBoth lets a citizen show the same hole in the road in both networks.
func showBoth(t *testing.T, w *demo.World, n int) []social.Ref {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 60, 40))
	for i := range 60 {
		img.Set(i, n, color.NRGBA{R: uint8(40 * n), A: 255})
	}
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, img); err != nil {
		t.Fatal(err)
	}
	cfg, _ := w.Pages("")
	wall, _ := w.Sim.VK.Wall(-cfg[0].GroupID)
	name, err := w.Sim.VK.AddPhoto(5_000_001, drawn.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("На Лесной, %d яма посреди дороги, пробил колесо", n)
	id, err := w.Sim.VK.AddComment(vk.NewComment{OwnerID: -cfg[0].GroupID, PostID: wall.Threads[0].Post.ID, FromID: 5_000_001 + n, Text: text, Media: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	group := w.Group()
	tg, err := w.Sim.Telegram.Comment(telegram.Comment{GroupID: group, FromID: 5_000_001, Text: text, Photo: drawn.Bytes()})
	if err != nil {
		t.Fatal(err)
	}
	return []social.Ref{
		{Network: social.VK, Owner: fmt.Sprint(-cfg[0].GroupID), ID: fmt.Sprint("r", id)},
		{Network: social.Telegram, Owner: fmt.Sprint(group), ID: fmt.Sprint(tg)},
	}
}

// looksAtPhotos opens a case and its photo as a curator, and the photo as nobody.
func (p *program) looksAtPhotos(s *store.Store) {
	p.t.Helper()
	client := p.enter(s, auth.Person{Email: "curator@city.example", Name: "Куратор", Roles: []rights.Role{rights.Curator}})
	get := func(c *http.Client, path string) (*http.Response, []byte) {
		resp, err := c.Get("http://" + p.listen + path)
		if err != nil {
			p.t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			p.t.Fatal(err)
		}
		return resp, raw
	}
	var after string
	for n, found := 1, false; !found; n++ {
		resp, page := get(client, fmt.Sprint("/cases/", n))
		if resp.StatusCode != http.StatusOK {
			p.t.Fatalf("no case shows a photo, the last of them answers %s", resp.Status)
		}
		_, after, found = strings.Cut(string(page), `<a href="/media/`)
	}
	hash, _, _ := strings.Cut(after, `"`)
	resp, raw := get(client, "/media/"+hash)
	if _, _, err := image.Decode(bytes.NewReader(raw)); err != nil || resp.Header.Get("Content-Type") != "image/png" {
		p.t.Errorf("%v %v", resp.Header, err)
	}
	stranger := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if resp, raw := get(stranger, "/media/"+hash); resp.StatusCode != http.StatusSeeOther || json.Valid(raw) || bytes.Contains(raw, []byte("PNG")) {
		p.t.Errorf("a stranger gets %s", resp.Status)
	}
}
