package app

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/rights"

	"otklik/incidents"
	"otklik/internal/errs"
	simtg "otklik/internal/sim/telegram"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/sources"
)

// join checks a page as the wizard does and puts it into the registry.
func (n *town) join(a *App, kind sources.Kind, address string, secrets map[sources.KeyKind]string) sources.Source {
	n.t.Helper()
	found, err := a.Check(n.t.Context(), sources.Candidate{Kind: kind, Address: address, Secrets: secrets})
	if err != nil {
		n.t.Fatal(err)
	}
	s := sources.Source{Kind: kind, ExternalID: found.ExternalID, Title: found.Title, URL: found.URL, Origin: sources.FromPerson}
	s, err = a.store.Connect(n.t.Context(), s, time.Now(), func(id string) ([]sources.Key, error) {
		var keys []sources.Key
		for k, secret := range secrets {
			sealed, err := a.sealer.Seal(id, k, secret)
			if err != nil {
				return nil, err
			}
			sealed.SetAt = time.Now()
			keys = append(keys, sealed)
		}
		return keys, nil
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return s
}

func service() map[sources.KeyKind]string {
	return map[sources.KeyKind]string{sources.ServiceKey: vktest.ServiceToken}
}

// channel is a public channel with its page.
func channel(t *testing.T) (*simtg.Server, simtg.Channel, string) {
	t.Helper()
	s := simtg.New(simtg.Options{Now: time.Now})
	server := httptest.NewServer(s.PreviewHandler())
	t.Cleanup(func() { s.Close(); server.Close() })
	c, err := s.AddChannel(simtg.Channel{Title: "Новости района", Username: "rayon"})
	if err != nil {
		t.Fatal(err)
	}
	return s, c, server.URL
}

// TestPublicPagesAreReadWhileTheProgramRuns connects what is not the agency's
// own beside its own community: everything is found once, complaints become
// cases that say that nothing can be answered there, and each call is counted.
func TestPublicPagesAreReadWhileTheProgramRuns(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	tg, rayon, pages := channel(t)
	cfg := n.config("")
	cfg.Networks.TelegramPages = pages
	a := n.start(cfg)
	n.connect(a, "planted-first-key")
	n.MustPost(simvk.NewPost{OwnerID: -vktest.OtherGroupID, Text: "На Садовой прорвало трубу, течь третий день"})
	n.MustPost(simvk.NewPost{OwnerID: vktest.Boris, FromID: vktest.Boris, Text: "Прорвало трубу на Лесной, 5"})
	n.MustPost(simvk.NewPost{Text: "Мы починили трубу на Лесной"})
	if _, err := tg.Post(rayon.ID, "Ярмарка в субботу"); err != nil {
		t.Fatal(err)
	}
	wall := n.join(a, sources.VKWall, "https://vk.com/sosedi", service())
	search := n.join(a, sources.VKSearch, "трубу", service())
	preview := n.join(a, sources.TelegramPreview, "https://t.me/rayon", nil)
	if wall.Title != "Соседи" || search.Title != "Поиск: трубу" || preview.Title != "Новости района" {
		t.Errorf("%q, %q, %q", wall.Title, search.Title, preview.Title)
	}
	a.registry.Ring()
	n.stored(a, 4) // the posts of the neighbours, of Boris, of the agency, of the channel
	n.until("the cases", func() (bool, string) {
		tally, err := a.store.Tally(t.Context())
		return err == nil && tally.Pending == 0 && tally.Cases > 0, ""
	})
	page, err := a.store.Inbox(t.Context(), incidents.Filter{By: rights.System()})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range page.Rows {
		v, err := a.store.View(t.Context(), row.ID, rights.Actor{ID: "nobody", Roles: rights.Roles()}, time.Now())
		if err != nil || !v.Case.Foreign || v.Case.Message.Author.Own {
			t.Errorf("%+v, %v", v.Case, err)
		}
	}
	quotas, err := a.store.Quota(t.Context(), time.Now())
	if err != nil || len(quotas) != 2 {
		t.Fatalf("%+v, %v", quotas, err)
	}
	for _, q := range quotas {
		if used := n.Calls(q.Method); q.Used != used || q.Left != q.Calls-used || q.KeyPrint != a.vkPrint(vktest.ServiceToken) {
			t.Errorf("%+v, %d calls were made", q, used)
		}
	}
	list, err := a.store.Sources(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if public := sources.Kind(x.Kind).Public(); x.Public != public {
			t.Errorf("%s: public %v", x.Kind, x.Public)
		}
	}
}

func TestPublicPagesThatCannotBeConnected(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	_, _, pages := channel(t)
	cfg := n.config("")
	cfg.Networks.TelegramPages = pages
	a := n.open(cfg)
	for _, x := range []struct {
		kind    sources.Kind
		address string
		secrets map[sources.KeyKind]string
		code    errs.Code
		part    string
	}{
		{sources.VKWall, "vk.com/nikto", service(), errs.Invalid, "страницы ВКонтакте нет"},
		{sources.VKWall, "vk.com/sosedi", nil, errs.Invalid, "сервисный ключ"},
		{sources.VKSearch, "  ", service(), errs.Invalid, "что искать"},
		{sources.VKSearch, "https://vk.com/nikto яма", service(), errs.Invalid, "нет"},
		{sources.TelegramPreview, "@nikto", nil, errs.Invalid, "нет открытой страницы"},
		{sources.TelegramPreview, "", nil, errs.Invalid, "имя канала"},
	} {
		_, err := a.Check(t.Context(), sources.Candidate{Kind: x.kind, Address: x.address, Secrets: x.secrets})
		if errs.CodeOf(err) != x.code || !strings.Contains(errs.MessageOf(err), x.part) {
			t.Errorf("%s %q: %v", x.kind, x.address, err)
		}
	}
	found, err := a.Check(t.Context(), sources.Candidate{Kind: sources.VKWall, Address: "sosedi", Secrets: map[sources.KeyKind]string{sources.ServiceKey: "planted-nonsense"}})
	if err != nil || found.Keys[sources.ServiceKey].Trouble == "" {
		t.Errorf("a wrong key: %+v, %v", found, err)
	}
	found, err = a.Check(t.Context(), sources.Candidate{Kind: sources.VKSearch, Address: "https://vk.com/sosedi  яма", Secrets: service()})
	if err != nil || found.ExternalID != sources.SearchID(-vktest.OtherGroupID, "яма") || found.Title != "Поиск: яма (Соседи)" {
		t.Errorf("%+v, %v", found, err)
	}
	if strings.Contains(n.log.text(), "planted-nonsense") {
		t.Error("a key is in the log")
	}
}
