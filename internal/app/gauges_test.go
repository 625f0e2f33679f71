package app

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
	"otklik/internal/sources"
)

// What can be counted on a community follows from its keys, and an added key is
// used at once.
func TestWhatKeysAllowToCount(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	a := n.start(n.config(""))
	poor := n.join(a, sources.VKCommunity, "https://vk.com/club"+strconv.Itoa(vktest.GroupID), map[sources.KeyKind]string{sources.CommunityKey: vktest.CommunityToken})
	if _, err := a.pages.turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	g, ok := a.pages.Gauge(t.Context(), poor.ID)
	if !ok || g.Posts != nil || g.Days != nil || g.Polls != nil || g.Page == nil || !strings.Contains(g.Lack, "ни сервисного ключа, ни ключа администратора") {
		t.Fatalf("%+v %v", g, ok)
	}
	if _, err := g.Page.Members(t.Context()); err != nil {
		t.Error(err)
	}
	if _, ok := a.pages.Gauge(t.Context(), "nothing"); ok {
		t.Error("a page that is not there")
	}
	all := a.vkClients(sources.Settings{APIURL: n.URL}, map[sources.KeyKind]string{sources.CommunityKey: vktest.CommunityToken, sources.ServiceKey: vktest.ServiceToken, sources.AdminKey: vktest.AdminToken})
	all.GroupID = vktest.GroupID
	rich := a.vkGauge(all, a.vkLinks(sources.Settings{}))
	if rich.Lack != "" || rich.Days == nil || rich.Polls == nil {
		t.Errorf("%+v", rich)
	}
	all.Admin = nil
	if middle := a.vkGauge(all, a.vkLinks(sources.Settings{})); middle.Posts == nil || middle.Polls != nil || !strings.Contains(middle.Lack, "Нет ключа администратора") {
		t.Errorf("%+v", middle)
	}
}

// A bot is told no views: they stand on the public page, and comments are those
// that were collected.
func TestAChannelIsCountedByItsPublicPage(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	tg, rayon, pages := channel(t)
	cfg := n.config("")
	cfg.Networks.TelegramPages = pages
	a := n.start(cfg)
	post, err := tg.Post(rayon.ID, "Ярмарка в субботу")
	if err != nil {
		t.Fatal(err)
	}
	if err := tg.SetViews(rayon.ID, post.MessageID, 812); err != nil {
		t.Fatal(err)
	}
	ref := func(id int64) social.Ref {
		return social.Ref{Network: social.Telegram, Owner: strconv.FormatInt(rayon.ID, 10), ID: strconv.FormatInt(id, 10)}
	}
	for name, x := range map[string]struct {
		id    string
		views int
		lack  bool
	}{"@rayon": {"@rayon", 812, false}, "by number": {strconv.FormatInt(rayon.ID, 10), social.Untold, true}, "without a page": {"@nikto", social.Untold, false}} {
		g, err := a.telegramGauge(sources.Source{ID: "tg", Kind: sources.TelegramChannel, ExternalID: x.id}, "1:key")
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.Posts.Count(t.Context(), []social.Ref{ref(post.MessageID), ref(99)})
		if err != nil || len(got) != 2 || got[0].Views != x.views || got[0].Likes != social.Untold || got[0].Comments != 0 || got[1].Views != social.Untold || (g.Lack != "") != x.lack {
			t.Errorf("%s: %+v %q %v", name, got, g.Lack, err)
		}
	}
}

func TestWhatTelegramTellsByItself(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	a := n.start(n.config(""))
	ctx, now := t.Context(), time.Now()
	id, err := a.store.EnsureSource(ctx, collectors.SourceStatus{Network: social.Telegram, Title: "Канал", Kind: string(sources.TelegramChannel)}, "@kanal", now)
	n.Must(err)
	st := collectors.Stream{Name: "telegram:@kanal:told", SourceID: id}
	n.Must(a.store.EnsureStream(ctx, st, now))
	l, err := a.store.Take(ctx, st.Name, "me", time.Minute, now)
	n.Must(err)
	raws := []string{
		`{"update_id":1,"poll":{"id":"77","question":"Где?","options":[{"text":"Парк","voter_count":3},{"text":"Сквер","voter_count":1}],"total_voter_count":4}}`,
		`{"update_id":2,"message_reaction_count":{"chat":{"id":-1005,"type":"channel"},"message_id":9,"date":1,"reactions":[{"type":{"type":"emoji","emoji":"👍"},"total_count":5}]}}`,
		`{"update_id":3,"message":{"poll":{"id":"78"}}}`,
	}
	var batch collectors.Batch
	for i, raw := range raws {
		batch.Updates = append(batch.Updates, collectors.Update{Key: strconv.Itoa(i), Raw: []byte(raw)})
	}
	_, err = a.store.Commit(ctx, l, st, batch, now)
	n.Must(err)
	told, err := teller{a.store}.Told(ctx, now.Add(-time.Minute))
	n.Must(err)
	if len(told.Polls) != 1 || told.Polls[0].PageID != id || told.Polls[0].Result.Voters != 4 || len(told.Posts) != 1 || told.Posts[0].Ref.ID != "9" || told.Posts[0].Reactions.Likes != 5 || told.Posts[0].Reactions.Views != social.Untold {
		t.Errorf("%+v", told)
	}
}
