package sources_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/sources"
	"otklik/internal/store"
	"otklik/internal/testdb"
	"otklik/internal/vault"
)

// network answers for every key that it was told of.
type network struct {
	good  map[string]bool
	asked []sources.Candidate
	err   error
}

func (n *network) Check(_ context.Context, c sources.Candidate) (sources.Found, error) {
	n.asked = append(n.asked, c)
	f := sources.Found{ExternalID: "7", Title: "Город", Keys: map[sources.KeyKind]sources.KeyFinding{}}
	for kind, secret := range c.Secrets {
		if f.Keys[kind] = (sources.KeyFinding{}); !n.good[secret] {
			f.Keys[kind] = sources.KeyFinding{Trouble: "Ключ не подходит."}
		}
	}
	return f, n.err
}

type desk struct {
	*sources.Desk
	t       *testing.T
	network *network
	store   *store.Store
	now     time.Time
	changes int
}

func admin() rights.Actor {
	return rights.Actor{ID: "p1", Name: "Анна", Roles: []rights.Role{rights.Administrator}}
}

// each runs a test over a real registry on both engines.
func each(t *testing.T, test func(d *desk)) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, dsn string) {
		s, err := store.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		ring, err := (&vault.Ring{}).Grown("m1")
		if err != nil {
			t.Fatal(err)
		}
		d := &desk{t: t, store: s, network: &network{good: map[string]bool{"good": true, "other": true, "service": true}}, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
		d.Desk = &sources.Desk{
			Book: s, Check: d.network, Sealer: sources.Sealer{Locks: vault.Fixed(ring), Salt: []byte("salt")},
			Now: func() time.Time { return d.now }, Log: slog.New(slog.DiscardHandler), Changed: func() { d.changes++ },
		}
		test(d)
	})
}

func (d *desk) connect() string {
	d.t.Helper()
	c, err := d.CheckDraft(d.t.Context(), admin(), sources.Draft{Kind: sources.VKCommunity, Address: "gorod", Secrets: map[sources.KeyKind]string{sources.CommunityKey: " good\n"}})
	if err != nil || !c.Ready {
		d.t.Fatal(c.Ready, err)
	}
	id, err := d.ConnectDraft(d.t.Context(), admin(), c.Kept)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func (d *desk) refuses(err error, code errs.Code, says string) {
	d.t.Helper()
	if errs.CodeOf(err) != code || !strings.Contains(errs.MessageOf(err), says) {
		d.t.Errorf("it said %v, want %s with %q", err, code, says)
	}
}

func TestNothingIsHalfSaved(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.t.Context()
		draft := sources.Draft{Kind: sources.VKCommunity, Address: "gorod", Secrets: map[sources.KeyKind]string{sources.CommunityKey: "wrong", sources.ServiceKey: "service"}}
		c, err := d.CheckDraft(ctx, admin(), draft)
		if err != nil || c.Ready || !c.Holds[sources.ServiceKey] || c.Holds[sources.CommunityKey] {
			d.t.Fatalf("%+v, %v", c, err)
		}
		_, err = d.ConnectDraft(ctx, admin(), c.Kept)
		d.refuses(err, errs.Invalid, "мешает")
		d.network.err = errs.New(errs.Unavailable, "Сети нет.")
		if c, err = d.CheckDraft(ctx, admin(), sources.Draft{Kind: sources.VKCommunity, Address: "gorod", Kept: c.Kept, Secrets: map[sources.KeyKind]string{sources.CommunityKey: "good"}}); errs.CodeOf(err) != errs.Unavailable {
			d.t.Fatal(err)
		}
		d.network.err = nil
		if c, err = d.CheckDraft(ctx, admin(), sources.Draft{Kind: sources.VKCommunity, Address: "gorod", Kept: c.Kept}); err != nil || !c.Ready {
			d.t.Fatal("what was typed while the network was down is lost", err)
		}
		if strings.Contains(c.Kept, "good") || strings.Contains(c.Kept, "service") {
			d.t.Error("a key stands in the draft")
		}
		if list, err := d.store.Registry(ctx); err != nil || len(list) != 0 || d.changes != 0 {
			d.t.Errorf("a check stored %+v, %v", list, err)
		}
		other := admin()
		other.ID = "p2"
		_, err = d.ConnectDraft(ctx, other, c.Kept)
		d.refuses(err, errs.Invalid, "начали не вы")
		d.now = d.now.Add(time.Hour)
		_, err = d.ConnectDraft(ctx, admin(), c.Kept)
		d.refuses(err, errs.Invalid, "больше получаса")
		id := d.connect()
		s, err := d.View(ctx, id)
		if k, ok := s.Key(sources.CommunityKey); err != nil || !ok || k.SetByName != "Анна" || !d.Readable(id, k) || d.changes != 1 {
			d.t.Errorf("%+v, %v", s, err)
		}
	})
}

// TestADraftIsConnectedOnce clicks twice, and then another person connects what
// stands there already.
func TestADraftIsConnectedOnce(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.t.Context()
		second := admin()
		second.ID = "p2"
		draft := sources.Draft{Kind: sources.VKCommunity, Address: "gorod", Secrets: map[sources.KeyKind]string{sources.CommunityKey: "good"}}
		mine, err := d.CheckDraft(ctx, admin(), draft)
		if err != nil {
			d.t.Fatal(err)
		}
		theirs, err := d.CheckDraft(ctx, second, draft)
		if err != nil {
			d.t.Fatal(err)
		}
		id, err := d.ConnectDraft(ctx, admin(), mine.Kept)
		if err != nil {
			d.t.Fatal(err)
		}
		if again, err := d.ConnectDraft(ctx, admin(), mine.Kept); err != nil || again != id || d.changes != 1 {
			d.t.Errorf("the second click gave %q, %v", again, err)
		}
		_, err = d.ConnectDraft(ctx, second, theirs.Kept)
		d.refuses(err, errs.Conflict, "уже подключена")
	})
}

// TestAKeyTakenAwayIsNotMissed looks at what the source says it can do.
func TestAKeyTakenAwayIsNotMissed(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.t.Context()
		id := d.connect()
		list, answer := collectors.Ability{Kind: collectors.AbleToList, Name: "Читать стену", Can: true}, collectors.Ability{Kind: collectors.AbleToAnswer, Name: "Отвечать", Can: true}
		if err := d.ReplaceKey(ctx, admin(), id, sources.ServiceKey, "service", time.Time{}); err != nil {
			d.t.Fatal(err)
		}
		if err := d.store.ChangeSource(ctx, id, d.now, func(s *sources.Source) error {
			s.Abilities = []collectors.Ability{list, answer}
			for i, k := range s.Keys {
				s.Keys[i].Abilities = []collectors.Ability{answer}
				if k.Kind == sources.ServiceKey {
					s.Keys[i].Abilities = []collectors.Ability{list, answer}
				}
			}
			return nil
		}); err != nil {
			d.t.Fatal(err)
		}
		if err := d.RemoveKey(ctx, admin(), id, sources.ServiceKey); err != nil {
			d.t.Fatal(err)
		}
		s, err := d.View(ctx, id)
		if err != nil || s.Abilities[0].Can || s.Abilities[0].Why == "" || !s.Abilities[1].Can {
			d.t.Errorf("it can %+v, %v", s.Abilities, err)
		}
	})
}

func TestAKeyIsReplacedOnlyByAGoodOne(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.t.Context()
		id := d.connect()
		print := func() string {
			s, err := d.View(ctx, id)
			if err != nil {
				d.t.Fatal(err)
			}
			k, _ := s.Key(sources.CommunityKey)
			return k.Fingerprint
		}
		was := print()
		d.refuses(d.ReplaceKey(ctx, admin(), id, sources.CommunityKey, "wrong", time.Time{}), errs.Invalid, "не подходит")
		d.network.err = errs.New(errs.Unavailable, "Сети нет.")
		d.refuses(d.ReplaceKey(ctx, admin(), id, sources.CommunityKey, "other", time.Time{}), errs.Unavailable, "Сети нет")
		d.network.err = nil
		d.refuses(d.ReplaceKey(ctx, admin(), id, sources.CommunityKey, "other", d.now), errs.Invalid, "прошёл")
		d.refuses(d.ReplaceKey(ctx, admin(), id, sources.BotKey, "other", time.Time{}), errs.Invalid, "не бывает")
		d.refuses(d.ReplaceKey(ctx, admin(), "nowhere", sources.CommunityKey, "other", time.Time{}), errs.NotFound, "нет")
		if print() != was {
			d.t.Fatal("a refused key took the place of the former")
		}
		if err := d.ReplaceKey(ctx, admin(), id, sources.ServiceKey, "service", d.now.Add(time.Hour)); err != nil {
			d.t.Fatal(err)
		}
		if c := d.network.asked[len(d.network.asked)-1]; c.Secrets[sources.CommunityKey] != "good" || c.Secrets[sources.ServiceKey] != "service" || c.ExternalID != "7" {
			d.t.Errorf("the network was asked with %d keys of %q", len(c.Secrets), c.ExternalID)
		}
		if err := errors.Join(
			d.ReplaceKey(ctx, admin(), id, sources.CommunityKey, "other", time.Time{}),
			d.SetExpiry(ctx, admin(), id, sources.CommunityKey, d.now.Add(48*time.Hour)),
			d.CheckAgain(ctx, admin(), id), d.RemoveKey(ctx, admin(), id, sources.ServiceKey),
			d.Pause(ctx, admin(), id), d.Resume(ctx, admin(), id),
		); err != nil {
			d.t.Fatal(err)
		}
		d.refuses(d.RemoveKey(ctx, admin(), id, sources.CommunityKey), errs.Invalid, "не работает")
		s, err := d.View(ctx, id)
		if k, _ := s.Key(sources.CommunityKey); err != nil || len(s.Keys) != 1 || k.Fingerprint == was || !k.ExpiresAt.Equal(d.now.Add(48*time.Hour)) || s.Paused {
			d.t.Errorf("%+v, %v", s, err)
		}
		if err := d.Remove(ctx, admin(), id); err != nil {
			d.t.Fatal(err)
		}
		d.refuses(d.Pause(ctx, admin(), id), errs.NotFound, "нет")
	})
}

func TestOnlyAnAdministratorMay(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.t.Context()
		id := d.connect()
		by := rights.Actor{ID: "p3", Roles: []rights.Role{rights.Head, rights.PressOfficer}}
		_, draft := d.CheckDraft(ctx, by, sources.Draft{Kind: sources.VKCommunity})
		_, save := d.ConnectDraft(ctx, by, "x")
		for _, err := range []error{
			draft, save, d.ReplaceKey(ctx, by, id, sources.CommunityKey, "other", time.Time{}), d.RemoveKey(ctx, by, id, sources.ServiceKey),
			d.SetExpiry(ctx, by, id, sources.CommunityKey, time.Time{}), d.CheckAgain(ctx, by, id), d.Pause(ctx, by, id), d.Resume(ctx, by, id), d.Remove(ctx, by, id),
		} {
			d.refuses(err, errs.Forbidden, "только администратор")
		}
		if d.changes != 1 {
			d.t.Error("something was changed")
		}
	})
}

func TestAKeyOfOnePageDoesNotOpenAsAnothers(t *testing.T) {
	each(t, func(d *desk) {
		k, err := d.Sealer.Seal("one", sources.CommunityKey, "тайна")
		if err != nil {
			d.t.Fatal(err)
		}
		if _, err := d.Sealer.Open("two", k); errs.CodeOf(err) != errs.Unavailable {
			d.t.Error("moved to another page it opens:", err)
		}
		k.Kind = sources.AdminKey
		if _, err := d.Sealer.Open("one", k); errs.CodeOf(err) != errs.Unavailable {
			d.t.Error("as another kind it opens:", err)
		}
		if d.Sealer.Fingerprint(sources.WebhookSecret, "слово") != "" || d.Sealer.Fingerprint(sources.BotKey, "a") == d.Sealer.Fingerprint(sources.BotKey, "b") {
			d.t.Error("fingerprints are wrong")
		}
	})
}
