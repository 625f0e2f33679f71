package storetest

import (
	"testing"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/sources"
)

func noKeys(int, string, []sources.Key) ([]sources.Key, error) { return nil, nil }

// named is a channel of the file of settings with its bot.
func named(name, bot string) sources.Source {
	return sources.Source{
		Kind: sources.TelegramChannel, ExternalID: name, Title: name, Origin: sources.FromFile,
		Keys: []sources.Key{{Kind: sources.BotKey, Fingerprint: bot}},
	}
}

// written starts the program with a file that names the channels, and returns
// the ids of their sources.
func (b *bundle) written(file ...sources.Source) ([]string, error) {
	ids := make([]string, len(file))
	err := b.s.Provision(b.ctx, file, b.now, func(i int, id string, _ []sources.Key) ([]sources.Key, error) {
		ids[i] = id
		return []sources.Key{key(sources.BotKey, file[i].Keys[0].Fingerprint, b.now)}, nil
	})
	return ids, err
}

// TestAChannelOfTheFileIsRenamed keeps the source, so that its cases and answers
// still have a page to leave by, and what was read stays read.
func TestAChannelOfTheFileIsRenamed(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ids, err := b.written(named("@gorod", "bot"), named("@selo", "other"))
		b.must(err)
		b.must(b.s.Learned(b.ctx, collectors.SourceStatus{ID: ids[0], Title: "Город"}, &sources.Channel{ID: -1007}, nil, b.now))
		st := collectors.Stream{Name: "telegram:@gorod:updates", SourceID: ids[0]}
		b.must(b.s.EnsureStream(b.ctx, st, b.now))
		_, err = b.s.Commit(b.ctx, b.take(st.Name), st, collectors.Batch{
			Next: "17", CompleteTo: b.now, Updates: []collectors.Update{{Key: "16", Raw: []byte("{}")}},
		}, b.now)
		b.must(err)

		again, err := b.written(named("@bolshoy_gorod", "bot"), named("@selo", "other"))
		b.must(err)
		if again[0] != ids[0] || again[1] != ids[1] {
			t.Fatalf("the channels became %v after %v", again, ids)
		}
		x, err := b.s.RegisteredSource(b.ctx, ids[0])
		b.must(err)
		if x.ExternalID != "@bolshoy_gorod" || x.Settings.ChannelID != 0 || x.Settings.Seen != nil {
			t.Errorf("the network is not asked for the new name: %+v", x)
		}
		if c, err := b.s.Cursor(b.ctx, "telegram:@bolshoy_gorod:updates"); err != nil || c != "17" {
			t.Errorf("it goes on from %q, %v", c, err)
		}
		if n := b.count("SELECT COUNT(*) FROM updates WHERE stream = $1", st.Name); n != 0 {
			t.Errorf("%d updates stayed under the former name", n)
		}
	})
}

func TestAChannelOfTheFileIsKnownByItsNumber(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ids, err := b.written(named("@gorod", "bot"))
		b.must(err)
		b.must(b.s.Learned(b.ctx, collectors.SourceStatus{ID: ids[0], Title: "Город"}, &sources.Channel{ID: -1007}, nil, b.now))
		numbered := named("-1007", "another bot")
		numbered.Settings.ChannelID = -1007
		again, err := b.written(numbered)
		if b.must(err); again[0] != ids[0] {
			t.Error("the same channel by its number is another source")
		}
	})
}

// TestChannelsOfTheFileExchangeTheirBots cannot be done one page after another.
func TestChannelsOfTheFileExchangeTheirBots(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ids, err := b.written(named("@one", "first"), named("@two", "second"))
		b.must(err)
		again, err := b.written(named("@one", "second"), named("@two", "first"))
		b.must(err)
		if again[0] != ids[0] || again[1] != ids[1] {
			t.Errorf("%v became %v", ids, again)
		}
		gone, err := b.written(named("@three", "second"))
		b.must(err)
		if gone[0] != ids[0] {
			t.Error("the bot that is left has another page")
		}
		if list, err := b.s.Registry(b.ctx); err != nil || len(list) != 1 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// TestAFileThatClashesChangesNothing names the bot of a page that a person has
// connected.
func TestAFileThatClashesChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ids, err := b.written(named("@one", "first"))
		b.must(err)
		_, err = b.connect(sources.Source{Kind: sources.TelegramChannel, ExternalID: "@two", Title: "Два", Origin: sources.FromPerson}, key(sources.BotKey, "second", b.now))
		b.must(err)
		if _, err := b.written(named("@three", "second")); errs.CodeOf(err) != errs.Conflict {
			t.Error(err)
		}
		if x, err := b.s.RegisteredSource(b.ctx, ids[0]); err != nil || len(x.Keys) != 1 {
			t.Errorf("a refused start retired %+v, %v", x, err)
		}
	})
}
