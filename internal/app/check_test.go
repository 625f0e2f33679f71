package app

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"otklik/collectors"
	"otklik/internal/errs"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/sources"
)

// TestWhatVKSaysOfKeys asks the simulated network about good keys and bad ones.
func TestWhatVKSaysOfKeys(t *testing.T) {
	t.Parallel()
	n := newTown(t)
	n.AddUser(simvk.User{ID: 99, FirstName: "Пётр"})
	for _, x := range []simvk.Token{
		{Value: "stranger", Kind: simvk.UserToken, UserID: 99},
		{Value: "no photos", Kind: simvk.UserToken, UserID: vktest.Vera, CommunityID: vktest.GroupID, Scopes: []string{"wall", "stats"}},
		{Value: "no wall", Kind: simvk.CommunityToken, CommunityID: vktest.GroupID, Scopes: []string{"manage"}},
	} {
		n.Must(n.AddToken(x))
	}
	a := n.open(n.config(""))
	const community, service, admin = sources.CommunityKey, sources.ServiceKey, sources.AdminKey
	for name, x := range map[string]struct {
		address string
		keys    map[sources.KeyKind]string
		wrong   sources.KeyKind // empty: all are good
		says    string
		lacks   collectors.AbilityKind
	}{
		"all three":                    {"https://vk.com/rechnoy", map[sources.KeyKind]string{community: vktest.CommunityToken, service: vktest.ServiceToken, admin: vktest.AdminToken}, "", "", ""},
		"by number":                    {"club101", map[sources.KeyKind]string{community: vktest.CommunityToken}, "", "", ""},
		"by the number alone":          {"-101", map[sources.KeyKind]string{community: vktest.CommunityToken}, "", "", ""},
		"a wrong key":                  {"rechnoy", map[sources.KeyKind]string{community: "planted"}, community, "не принимает", ""},
		"of another community":         {"rechnoy", map[sources.KeyKind]string{community: vktest.OtherToken}, community, "«Соседи»", ""},
		"a service key in its place":   {"rechnoy", map[sources.KeyKind]string{community: vktest.ServiceToken}, community, "ключ другого вида", ""},
		"a person's key in its place":  {"rechnoy", map[sources.KeyKind]string{community: vktest.AdminToken}, community, "ключ другого вида", ""},
		"a community key as service":   {"rechnoy", map[sources.KeyKind]string{community: vktest.CommunityToken, service: vktest.CommunityToken}, service, "сервисный ключ", ""},
		"a wrong service key":          {"rechnoy", map[sources.KeyKind]string{community: vktest.CommunityToken, service: "planted"}, service, "не принимает", ""},
		"a service key as a person's":  {"rechnoy", map[sources.KeyKind]string{community: vktest.CommunityToken, admin: vktest.ServiceToken}, admin, "ключ другого вида", ""},
		"a person who is no manager":   {"rechnoy", map[sources.KeyKind]string{community: vktest.CommunityToken, admin: "stranger"}, admin, "не управляет", ""},
		"a person's key without a bit": {"rechnoy", map[sources.KeyKind]string{community: vktest.CommunityToken, admin: "no photos"}, "", "photos", collectors.AbleToIllustrate},
		"a key that cannot answer":     {"rechnoy", map[sources.KeyKind]string{community: "no wall"}, "", "«Стена»", collectors.AbleToAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := a.Check(t.Context(), sources.Candidate{Kind: sources.VKCommunity, Address: x.address, Secrets: x.keys})
			if err != nil {
				t.Fatal(err)
			}
			for kind, f := range found.Keys {
				if (f.Trouble != "") != (kind == x.wrong) || kind == x.wrong && !strings.Contains(f.Trouble, x.says) || strings.Contains(f.Trouble, "planted") {
					t.Errorf("of %s it said %q", kind, f.Trouble)
				}
				for _, able := range f.Abilities {
					if able.Kind == x.lacks && x.lacks != "" && (able.Can || !strings.Contains(able.Why, x.says)) {
						t.Errorf("%+v", able)
					}
				}
			}
			if x.wrong == "" && (found.ExternalID != "101" || len(found.Keys) != len(x.keys)) {
				t.Errorf("found %+v", found)
			}
		})
	}
}

func TestANetworkThatIsDownSaysNothingOfKeys(t *testing.T) {
	t.Parallel()
	a, err := New(t.Context(), Config{
		Listen: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "data"), Networks: Networks{VKAPI: "http://127.0.0.1:1", TelegramAPI: "http://127.0.0.1:1"},
	}, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(t.Context()) })
	for kind, secrets := range map[sources.Kind]map[sources.KeyKind]string{
		sources.VKCommunity: {sources.CommunityKey: "planted"}, sources.TelegramChannel: {sources.BotKey: "1:planted"},
	} {
		_, err := a.Check(t.Context(), sources.Candidate{Kind: kind, Address: "x", Secrets: secrets})
		if errs.CodeOf(err) != errs.Unavailable || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if _, err := a.Check(t.Context(), sources.Candidate{Kind: "vk.moon"}); errs.CodeOf(err) != errs.Invalid {
		t.Error(err)
	}
}

func TestWhatTelegramSaysOfABot(t *testing.T) {
	t.Parallel()
	b := newHookBench(t)
	a, err := New(t.Context(), Config{Listen: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "data"), Networks: Networks{TelegramAPI: b.api}}, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(t.Context()) })
	for name, x := range map[string]struct{ token, address, says string }{
		"good":           {b.bot.Token, "https://t.me/Gorod", ""},
		"not a key":      {"planted", "@gorod", "не похож на ключ"},
		"a wrong key":    {"1:planted", "@gorod", "не принимает ключ бота"},
		"no such page":   {b.bot.Token, "@nowhere", "не видит канал"},
		"an empty field": {"", "@gorod", "не похож на ключ"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := a.Check(t.Context(), sources.Candidate{Kind: sources.TelegramChannel, Address: x.address, Secrets: map[sources.KeyKind]string{sources.BotKey: x.token}})
			if err != nil {
				t.Fatal(err)
			}
			why := found.Keys[sources.BotKey].Trouble
			if (why == "") != (x.says == "") || !strings.Contains(why, x.says) || strings.Contains(why, "planted") {
				t.Errorf("it said %q", why)
			}
			if x.says == "" && (found.ExternalID != "@gorod" || found.ChannelID == 0 || found.Title != "Город") {
				t.Errorf("found %+v", found)
			}
		})
	}
}
