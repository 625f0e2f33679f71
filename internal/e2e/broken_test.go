package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/auth"
	"otklik/internal/demo"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
)

// TestABrokenUpdateStopsNobody sends updates that do not decode among good
// ones: what stands around them is stored, and the page of sources counts them.
func TestABrokenUpdateStopsNobody(t *testing.T) {
	w, base := city(t, false)
	p := install(t, w, base, "")
	p.start()
	p.ready()
	s, err := store.OpenBeside(t.Context(), p.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })

	var said []social.Ref
	asked := 0
	await(t, "both networks to be listened to", func() (bool, string) {
		// Long polls answer at once only when somebody speaks.
		if asked++; asked%20 == 1 {
			said = append(said, sayBoth(t, w, asked)...)
		}
		list, err := s.Sources(t.Context(), time.Now())
		for _, x := range list {
			if x.CompleteTo.IsZero() {
				return false, x.Title + ": " + x.Trouble
			}
		}
		return err == nil && len(list) == 2, fmt.Sprint(len(list), " sources ", err)
	})
	cfg := w.ServeConfig(base)
	group := cfg["vk"].([]map[string]any)[0]["group_id"].(int)
	bot, _, _ := strings.Cut(cfg["telegram"].([]map[string]any)[0]["bot_token"].(string), ":")
	said = append(said, sayBoth(t, w, 1)...)
	inject(t, base+"/admin/vk/events", fmt.Sprintf(`{"group_id":%d,"event":{"type":"wall_reply_new","event_id":"broken","group_id":%d,"object":"?"}}`, group, group))
	inject(t, base+"/admin/telegram/raw", `{"bot_id":`+bot+`,"kind":"message","payload":"?"}`)
	said = append(said, sayBoth(t, w, 2)...)

	await(t, "the neighbours of the broken updates", func() (bool, string) {
		for _, ref := range said {
			if _, found, err := s.Item(t.Context(), ref); err != nil || !found {
				return false, fmt.Sprint(ref, " is not stored ", err)
			}
		}
		return true, ""
	})
	// A listing may bring a neighbour before the live stream brings the rest.
	admin := p.enter(s, auth.Person{Email: "admin@city.example", Name: "Админ", Roles: []rights.Role{rights.Administrator}})
	await(t, "both sources to tell of a broken update", func() (bool, string) {
		page := p.sources(admin)
		return strings.Count(page, "Не разобрано: 1") == 2, page
	})
}

// sayBoth lets a citizen speak in both networks.
func sayBoth(t *testing.T, w *demo.World, n int) (refs []social.Ref) {
	t.Helper()
	for _, network := range []social.Network{social.VK, social.Telegram} {
		ref, err := w.Say(network, fmt.Sprintf("На Лесной, %d не вывозят мусор", n), n)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	return refs
}

func inject(t *testing.T, address, body string) {
	t.Helper()
	resp, err := http.Post(address, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if said, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %s: %s", address, resp.Status, said)
	}
}

// sources is the page Источники as an administrator sees it.
func (p *program) sources(client *http.Client) string {
	p.t.Helper()
	resp, err := client.Get("http://" + p.listen + "/sources")
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%s %v", resp.Status, err)
	}
	return string(raw)
}

// enter adds a person and signs them in.
func (p *program) enter(s *store.Store, who auth.Person) *http.Client {
	p.t.Helper()
	hash, err := auth.HashPassword("long-enough")
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := s.AddPerson(p.t.Context(), who, hash, time.Now()); err != nil {
		p.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	resp, err := client.PostForm("http://"+p.listen+"/signin", url.Values{"email": {who.Email}, "password": {"long-enough"}})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		p.t.Fatal(err)
	}
	return client
}
