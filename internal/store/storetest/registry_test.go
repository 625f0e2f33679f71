package storetest

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/internal/vault"
)

// community is a source as a person would connect it.
func community(number string) sources.Source {
	return sources.Source{Kind: sources.VKCommunity, ExternalID: number, Title: "Город " + number, Origin: sources.FromPerson}
}

// key is a sealed key of which only the fingerprint matters.
func key(kind sources.KeyKind, print string, at time.Time) sources.Key {
	return sources.Key{
		Kind: kind, Sealed: vault.Sealed{Text: "sealed " + print, MasterID: "m1"}, Fingerprint: print, SetBy: "p1", SetByName: "Анна", SetAt: at,
		ExpiresAt: at.Add(24 * time.Hour), CheckedAt: at, Abilities: []collectors.Ability{{Name: "Отвечать", Can: true}},
	}
}

func (b *bundle) connect(x sources.Source, keys ...sources.Key) (sources.Source, error) {
	return b.s.Connect(b.ctx, x, b.now, func(string) ([]sources.Key, error) { return keys, nil })
}

func (b *bundle) revision(region string) int64 {
	b.t.Helper()
	all, err := b.s.Revisions(b.ctx)
	b.must(err)
	return all[region]
}

func TestASourceIsConnectedChangedAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		was := b.revision("pages")
		x, err := b.connect(community("7"), key(sources.CommunityKey, "f1", b.now))
		b.must(err)
		got, err := b.s.RegisteredSource(b.ctx, x.ID)
		b.must(err)
		if k, ok := got.Key(sources.CommunityKey); got.Title != "Город 7" || got.Origin != sources.FromPerson || !ok || k.Sealed.MasterID != "m1" ||
			!k.ExpiresAt.Equal(b.now.Add(24*time.Hour)) || k.SetByName != "Анна" || len(k.Abilities) != 1 {
			t.Errorf("it is kept as %+v", got)
		}
		if b.revision("pages") == was {
			t.Error("nobody was told")
		}
		b.must(b.s.EnsureStream(b.ctx, collectors.Stream{Name: "vk:7:live", SourceID: x.ID}, b.now))
		b.must(b.s.Fail(b.ctx, b.take("vk:7:live"), collectors.Stream{Name: "vk:7:live", SourceID: x.ID}, &collectors.Trouble{Kind: collectors.Denied, Message: "Ключ отозван."}, b.now))
		b.must(b.s.ChangeSource(b.ctx, x.ID, b.now, func(s *sources.Source) error {
			s.Keys = []sources.Key{key(sources.CommunityKey, "f2", b.now.Add(time.Hour)), key(sources.ServiceKey, "f3", b.now)}
			return nil
		}))
		got, err = b.s.RegisteredSource(b.ctx, x.ID)
		b.must(err)
		if len(got.Keys) != 2 || b.count("SELECT COUNT(*) FROM streams WHERE source_id = $1 AND trouble <> ''", x.ID) != 0 {
			t.Errorf("after the change it is %+v", got)
		}
		stop := errs.New(errs.Invalid, "Нельзя.")
		if err := b.s.ChangeSource(b.ctx, x.ID, b.now, func(s *sources.Source) error { s.Keys = nil; return stop }); !errors.Is(err, stop) {
			t.Error(err)
		}
		b.must(b.s.ChangeSource(b.ctx, x.ID, b.now, func(s *sources.Source) error { s.Removed = true; return nil }))
		if _, err := b.s.RegisteredSource(b.ctx, x.ID); errs.CodeOf(err) != errs.NotFound {
			t.Error("it is still there:", err)
		}
		if n := b.count("SELECT COUNT(*) FROM source_keys WHERE source_id = $1", x.ID); n != 0 {
			t.Errorf("%d keys are left", n)
		}
		again, err := b.connect(community("7"), key(sources.CommunityKey, "f4", b.now))
		if b.must(err); again.ID != x.ID {
			t.Error("a page that came back is another source")
		}
	})
}

func TestPagesDoNotClash(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		channel := sources.Source{Kind: sources.TelegramChannel, ExternalID: "@one", Title: "Один", Settings: sources.Settings{ChannelID: -1001}, Origin: sources.FromPerson}
		_, err := b.connect(channel, key(sources.BotKey, "bot", b.now))
		b.must(err)
		renamed := channel
		renamed.ExternalID = "@renamed"
		other := channel
		other.ExternalID, other.Settings.ChannelID = "@two", -1002
		for name, x := range map[string]sources.Source{"the same": channel, "by a new name": renamed, "another with the same bot": other} {
			if _, err := b.connect(x, key(sources.BotKey, "bot", b.now)); errs.CodeOf(err) != errs.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := b.count("SELECT COUNT(*) FROM sources WHERE network = 'telegram'"); n != 1 {
			t.Errorf("%d rows are left by what was refused", n)
		}
		// A service key belongs to an application and may serve many pages.
		for _, number := range []string{"1", "2"} {
			_, err := b.connect(community(number), key(sources.CommunityKey, "c"+number, b.now), key(sources.ServiceKey, "shared", b.now))
			b.must(err)
		}
	})
}

func TestOneOfManyConnectsAPage(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		var wg sync.WaitGroup
		results := make(chan error, 8)
		for i := range 8 {
			wg.Go(func() {
				_, err := b.connect(community("7"), key(sources.CommunityKey, "f"+strconv.Itoa(i), b.now))
				results <- err
			})
		}
		wg.Wait()
		close(results)
		good := 0
		for err := range results {
			if err == nil {
				good++
			} else if errs.CodeOf(err) != errs.Conflict {
				t.Error(err)
			}
		}
		if keys := b.count("SELECT COUNT(*) FROM source_keys"); good != 1 || keys != 1 {
			t.Errorf("%d connected it, %d keys are there", good, keys)
		}
	})
}

func TestThePagesOfTheFileAreProvisioned(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		file := community("7")
		file.Origin = sources.FromFile
		provision := func(print string) string {
			t.Helper()
			var of string
			b.must(b.s.Provision(b.ctx, []sources.Source{file}, b.now, func(_ int, id string, had []sources.Key) ([]sources.Key, error) {
				if of = id; len(had) == 1 && had[0].Fingerprint == print {
					return had, nil
				}
				return []sources.Key{key(sources.CommunityKey, print, b.now)}, nil
			}))
			return of
		}
		id := provision("f1")
		b.must(b.s.Learned(b.ctx, collectors.SourceStatus{ID: id, Title: "Имя из сети", URL: "https://vk.example/7"}, nil, nil, b.now))
		was := b.revision("pages")
		if provision("f1") != id || b.revision("pages") != was {
			t.Error("a second start of the same file disturbs everybody")
		}
		if x, err := b.s.RegisteredSource(b.ctx, id); err != nil || x.Title != "Имя из сети" {
			t.Errorf("what was learned is lost: %+v, %v", x, err)
		}
		if provision("f2"); b.revision("pages") == was {
			t.Error("a new key in the file changed nothing")
		}
		person, err := b.connect(community("8"), key(sources.CommunityKey, "f8", b.now))
		b.must(err)
		b.must(b.s.Provision(b.ctx, nil, b.now, noKeys))
		list, err := b.s.Registry(b.ctx)
		b.must(err)
		if len(list) != 1 || list[0].ID != person.ID {
			t.Errorf("after the file was emptied there is %+v", list)
		}
		if n := b.count("SELECT COUNT(*) FROM source_keys WHERE source_id = $1", id); n != 0 {
			t.Error("the keys of a retired page are left")
		}
	})
}

func TestAPausedPageWaits(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.must(b.s.ChangeSource(b.ctx, b.source, b.now, func(s *sources.Source) error { s.Paused = true; return nil }))
		if x := b.status(); x.State != collectors.Held || !x.Paused {
			t.Errorf("it is %+v", x)
		}
		if w, err := b.s.Waiting(b.ctx, b.now.Add(time.Hour)); err != nil || !w.Source.IsZero() {
			t.Errorf("what is paused is late: %+v, %v", w, err)
		}
	})
}

func TestWhatIsLearnedIsOfTheKeyThatWasAsked(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		old := key(sources.CommunityKey, "old", b.now)
		x, err := b.connect(community("7"), old)
		b.must(err)
		b.must(b.s.ChangeSource(b.ctx, x.ID, b.now, func(s *sources.Source) error {
			s.Keys = []sources.Key{key(sources.CommunityKey, "new", b.now)}
			return nil
		}))
		old.Trouble = "Отозван."
		b.must(b.s.Learned(b.ctx, collectors.SourceStatus{ID: x.ID, Network: social.VK, Title: "Г"}, nil, []sources.Key{old}, b.now))
		got, err := b.s.RegisteredSource(b.ctx, x.ID)
		b.must(err)
		if k, _ := got.Key(sources.CommunityKey); k.Trouble != "" {
			t.Error("the new key has the trouble of the former")
		}
		b.must(b.s.ChangeSource(b.ctx, x.ID, b.now, func(s *sources.Source) error { s.Removed = true; return nil }))
		b.must(b.s.Learned(b.ctx, collectors.SourceStatus{ID: x.ID, Title: "Г"}, nil, nil, b.now))
		if _, err := b.s.RegisteredSource(b.ctx, x.ID); errs.CodeOf(err) != errs.NotFound {
			t.Error("a late answer brought a removed page back")
		}
	})
}

func TestResealingIsForTheKeyThatWasRead(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		k := key(sources.CommunityKey, "f1", b.now)
		x, err := b.connect(community("7"), k)
		b.must(err)
		b.must(b.s.Reseal(b.ctx, x.ID, k, b.now, "moved", "m2"))
		b.must(b.s.Reseal(b.ctx, x.ID, k, b.now, "late", "m3"))
		use, err := b.s.MasterIDs(b.ctx)
		b.must(err)
		if len(use) != 1 || use["m2"] != 1 {
			t.Errorf("the master keys are %v", use)
		}
	})
}

func TestTheSaltStays(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		first, err := b.s.Salt(b.ctx, b.now)
		b.must(err)
		again, err := b.s.Salt(b.ctx, b.now.Add(time.Hour))
		b.must(err)
		if len(first) != 32 || string(first) != string(again) {
			t.Error("the salt changed")
		}
	})
}
