package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
)

var administrator = actor("admin", "", rights.Administrator)

var anna = records.Author{Network: social.VK, ID: "501"}

// spoke gives a citizen a case with an answer, a photo, an edited text and a raw
// update, and another citizen a case that has to stay as it is.
func (b *bundle) spoke() (mine, other string) {
	b.t.Helper()
	it := comment("1", citizen, "во дворе яма, Анна Ветрова с улицы Мира")
	it.Author.URL = "https://vk.com/vetrova"
	it.Media = []social.Media{{Kind: "photo", Key: "501_77", File: "https://img.example/77.jpg"}}
	mine = b.open(it).ID
	it.Text += ", дом пять"
	b.commit(collectors.Change{Op: collectors.Edited, Item: it})
	b.detectAll()
	b.batch(collectors.Batch{Next: "9", CompleteTo: b.now, Updates: []collectors.Update{
		{Key: "raw-a", Raw: []byte(`{"from_id":501,"text":"яма"}`)}, {Key: "raw-b", Raw: []byte(`{"from_id":5012,"text":"течь"}`)}, {Key: "raw-c", Raw: []byte("\xff 501 "), Broken: "?"},
	}})
	b.commit(created(comment("3", citizen, "спасибо, Ветрова")))
	for _, text := range []string{
		"INSERT INTO pictures (hash, type, data, kept_us) VALUES ('full', 'image/jpeg', 'x', 1), ('thumb', 'image/jpeg', 'y', 1)",
		"UPDATE photos SET state = 'kept', picture = 'full', thumb = 'thumb'",
	} {
		_, err := b.raw.ExecContext(b.ctx, text)
		b.must(err)
	}
	other = b.open(comment("2", social.Author{ID: "5012", Name: "Олег Лугов"}, "течь в подъезде, Олег")).ID
	b.answered(mine, "Засыпем завтра.")
	return mine, other
}

// everything is what all tables say, for finding what must not be there any more.
func (b *bundle) everything() string {
	b.t.Helper()
	var all []string
	for _, x := range []string{
		"SELECT author_id || ' ' || author || ' ' || body || ' ' || media || ' ' || permalink FROM items", "SELECT body FROM item_versions",
		"SELECT message || ' ' || folded || ' ' || author_id FROM cases", "SELECT note || ' ' || data FROM case_events", "SELECT author FROM deliveries",
		"SELECT body FROM decisions", "SELECT raw FROM updates WHERE encoding = 'text'", "SELECT words || ' ' || marks FROM matches", "SELECT key || ' ' || address FROM photos",
		"SELECT author || ' ' || print FROM kin", "SELECT author FROM case_spots", "SELECT author FROM mass_cases", "SELECT words FROM audit_words", "SELECT data FROM audit", "SELECT reasons FROM verdicts",
	} {
		all = append(all, b.texts(x)...)
	}
	return strings.Join(all, "\n")
}

func (b *bundle) askErasure(mode records.Mode, lasting bool) records.Erasure {
	b.t.Helper()
	e, err := b.s.AskErasure(b.ctx, administrator, records.Erasure{Mode: mode, Author: anna, Basis: "Заявление № 12", Lasting: lasting}, b.now)
	b.must(err)
	return e
}

func (b *bundle) eraseAll(l lease.Lease, id string) {
	b.t.Helper()
	for range 100 {
		over, err := b.s.EraseSome(b.ctx, l, id, b.now)
		b.must(err)
		if over {
			return
		}
	}
	b.t.Fatal("the work has no end")
}

func TestAPersonIsErasedEverywhere(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		mine, other := b.spoke()
		b.must(b.s.Record(b.ctx, records.Entry{At: b.now, ActorID: "head", Action: records.Search, Subject: "page:/search", Words: "ветрова"}))
		b.must(b.s.Record(b.ctx, records.Entry{At: b.now, ActorID: "head", Action: records.Search, Subject: "page:/search", Words: "течь"}))
		h, err := b.s.Holding(b.ctx, anna)
		b.must(err)
		if h.Items != 2 || h.CaseCount != 1 || h.Photos != 1 || h.Updates < 2 || !slices.Equal(h.Names, []string{"Анна Ветрова"}) {
			t.Fatalf("%+v", h)
		}
		if a, err := b.s.FindAuthor(b.ctx, social.VK, "vetrova"); err != nil || a != anna {
			t.Fatalf("%v %v", a, err)
		}
		if _, err := b.s.FindAuthor(b.ctx, social.VK, "vetr_va"); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		before := b.load(other)
		wish := b.count("SELECT value FROM counters WHERE name = 'archive.wish'")
		e := b.askErasure(records.Wipe, false)
		if _, err := b.s.AskErasure(b.ctx, administrator, records.Erasure{Mode: records.Wipe, Author: anna, Basis: "x"}, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		b.eraseAll(b.take("records"), e.ID)
		left := b.everything()
		for _, word := range []string{"Ветров", "ветров", "яма", "vetrova", "501_77", `"501"`, "501\n", "img.example", "дом пять", `:501,`} {
			if strings.Contains(left+"\n", word) {
				t.Errorf("%q is still there", word)
			}
		}
		if n := b.count("SELECT COUNT(*) FROM pictures"); n != 0 {
			t.Errorf("%d pictures are left", n)
		}
		if after := b.load(other); after.Message.Text != before.Message.Text || after.Message.Author != before.Message.Author {
			t.Errorf("somebody else's case has changed: %+v", after.Message)
		}
		if !strings.Contains(left, "5012") || !strings.Contains(left, "течь") {
			t.Error("somebody else's words are gone")
		}
		if c := b.load(mine); c.Message.Author.Name != e.Alias || c.Message.Text != "" || c.Answer.Text == "" || c.TopicID == "" {
			t.Errorf("%+v", c)
		}
		done, err := b.s.Erasures(b.ctx, e.Number, 1)
		b.must(err)
		if len(done) != 1 || done[0].Open() || done[0].Done.Items != 2 || done[0].Done.Cases != 1 || done[0].Done.Photos != 1 || done[0].Done.Words != 1 {
			t.Fatalf("%+v", done)
		}
		if got := b.count("SELECT value FROM counters WHERE name = 'archive.wish'"); got != wish+1 {
			t.Error("the archive is not built anew")
		}
		if c := b.verify(); !c.Whole() {
			t.Errorf("erased words broke the journal: %+v", c)
		}
		// The networks tell of it again: a listing, an edit, a restoration.
		for _, op := range []collectors.Op{collectors.Listed, collectors.Edited, collectors.Restored, collectors.Created} {
			b.now = b.now.Add(time.Hour)
			it := comment("1", citizen, "во дворе яма, Ветрова")
			it.EditedAt = b.now
			b.commit(collectors.Change{Op: op, Item: it, AskedAt: b.now})
		}
		if strings.Contains(b.everything(), "Ветров") {
			t.Error("what was erased has come back")
		}
		// What the person writes later is taken in like everybody's.
		if c := b.open(comment("8", citizen, "опять яма")); c.Message.Author.Name != citizen.Name {
			t.Errorf("%+v", c.Message.Author)
		}
	})
}

func TestAPersonIsAnonymisedForGood(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		mine, _ := b.spoke()
		e := b.askErasure(records.Anonymise, true)
		b.eraseAll(b.take("records"), e.ID)
		c := b.load(mine)
		if c.Message.Author.Name != e.Alias || c.Message.Author.URL != "" || !strings.Contains(c.Message.Text, "яма") || c.Message.Permalink != "" {
			t.Fatalf("%+v", c.Message)
		}
		v, err := b.s.View(b.ctx, mine, head, b.now)
		b.must(err)
		kept := 0
		for _, x := range v.Thread {
			for _, p := range x.Photos {
				if !p.Former && p.Picture == "full" {
					kept++
				}
			}
		}
		if kept != 1 {
			t.Errorf("%d photos are shown, want 1", kept)
		}
		b.commit(created(comment("8", citizen, "опять яма")))
		b.detectAll()
		if got := b.texts("SELECT author || permalink FROM items WHERE item_id = 'r8'"); len(got) != 1 || !strings.Contains(got[0], e.Alias) || strings.Contains(got[0], "vk.example") {
			t.Fatalf("a later message names the person: %q", got)
		}
		if n := b.count("SELECT COUNT(*) FROM case_items WHERE case_id = '" + mine + "'"); n < 2 {
			t.Error("it is not known any more whose case a later message belongs to")
		}
		left := strings.ReplaceAll(b.everything(), "5012", "")
		for _, word := range []string{"Анна Ветрова\"", "501_77", `"501"`, `:501,`} {
			if strings.Contains(left, word) {
				t.Errorf("%q is still there", word)
			}
		}
		again := b.askErasure(records.Wipe, false)
		if again.Alias != e.Alias {
			t.Errorf("the person is now %q", again.Alias)
		}
	})
}

func TestErasingIsForAdministrators(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		if _, err := b.s.AskErasure(b.ctx, head, records.Erasure{Mode: records.Wipe, Author: anna, Basis: "x"}, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Error(err)
		}
		if _, err := b.s.AskErasure(b.ctx, administrator, records.Erasure{Mode: records.Wipe, Author: anna}, b.now); errs.CodeOf(err) != errs.Invalid {
			t.Error(err)
		}
		if err := b.s.SetTerms(b.ctx, head, records.DefaultTerms(), 0, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Error(err)
		}
		b.must(b.s.SetTerms(b.ctx, administrator, records.DefaultTerms(), 0, b.now))
		if err := b.s.SetTerms(b.ctx, administrator, records.DefaultTerms(), 0, b.now); errs.CodeOf(err) != errs.Conflict {
			t.Error(err)
		}
		e := b.askErasure(records.Wipe, false)
		old := b.take("records")
		b.take("records")
		if _, err := b.s.EraseSome(b.ctx, old, e.ID, b.now); !errors.Is(err, lease.ErrLost) {
			t.Error(err)
		}
	})
}

type still struct{ stop context.CancelFunc }

func (w still) Sleep(ctx context.Context, _ time.Duration) error { w.stop(); return ctx.Err() }

// night lets the keeper look through everything once.
func (b *bundle) night() {
	b.t.Helper()
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	k := &records.Keeper{
		Book: b.s, Eraser: b.s, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler), Wake: still{stop},
		Told: func() {}, Night: func(time.Time, time.Time) bool { return true },
	}
	if err := k.Run(ctx, b.take("records")); !errors.Is(err, context.Canceled) {
		b.t.Fatal(err)
	}
}

func TestWhatHasRunOutIsRemovedAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		mine, other := b.spoke()
		lonely := comment("20", social.Author{ID: "7", Name: "Пётр"}, "какая погода")
		lonely.Thread = ref("99")
		b.commit(created(lonely), created(post("98", "наш пост")))
		b.detectAll()
		_, err := b.raw.ExecContext(b.ctx, "UPDATE cases SET stage = 'done', closed_us = opened_us WHERE id = '"+mine+"'")
		b.must(err)
		b.night()
		if n := b.count("SELECT COUNT(*) FROM updates"); n == 0 || b.count("SELECT value FROM counters WHERE name = 'retention.ran'") == 0 {
			t.Fatal("removed before its time")
		}
		b.now = b.now.AddDate(0, 0, 40)
		due, err := b.s.DueOf(b.ctx, records.Updates, b.now.AddDate(0, 0, -30))
		b.must(err)
		b.night()
		if n := b.count("SELECT COUNT(*) FROM updates WHERE broken = ''"); n != 0 || due.Count == 0 || b.count("SELECT COUNT(*) FROM updates") != 1 {
			t.Errorf("%d raw updates are left, %d were due", n, due.Count)
		}
		items := b.count("SELECT COUNT(*) FROM items")
		b.now = b.now.AddDate(3, 1, 0)
		b.night()
		if n := b.count("SELECT COUNT(*) FROM items WHERE item_id = 'r20'"); n != 0 || b.count("SELECT COUNT(*) FROM items") != items-1 {
			t.Errorf("an item without a case: %d are left of %d", b.count("SELECT COUNT(*) FROM items"), items)
		}
		gone, err := b.s.Removed(b.ctx, 0, 10)
		b.must(err)
		if len(gone) != 1 {
			t.Errorf("the archive hears of %v", gone)
		}
		b.now = b.now.AddDate(3, 0, 0)
		b.night()
		// What stands beside an open case in its thread stays as long as that does.
		if got := b.texts("SELECT item_id FROM items WHERE author || body LIKE '%Ветров%'"); !slices.Equal(got, []string{"r3"}) {
			t.Errorf("a closed case still names its author: %q", got)
		}
		if c := b.load(other); c.Message.Text == "" {
			t.Error("an open case has lost its text")
		}
		if c := b.load(mine); c.TopicID == "" || c.Message.Text != "" {
			t.Errorf("%+v", c)
		}
		if c := b.verify(); !c.Whole() || c.First < 2 {
			t.Errorf("the journal was to be cut and to hold: %+v", c)
		}
		rows := b.journal(records.Filter{Actions: []records.Action{records.Expire}})
		if len(rows) == 0 || !strings.Contains(fmt.Sprint(rows), `"cases":"1"`) {
			t.Errorf("%+v", rows)
		}
	})
}

// Whoever adds a table says whether it leaves with all the rest (takenTables or
// innerTables in export.go), and one that points at items has to be emptied when
// an item goes (removeItems in retention.go).
func TestEveryTableIsSorted(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		list, err := b.s.Unsorted(b.ctx)
		b.must(err)
		if len(list) > 0 {
			t.Errorf("nobody has said whether these tables leave: %q", list)
		}
		if strings.HasPrefix(b.dsn, "postgres") {
			return
		}
		known := []string{"item_versions", "matches", "cases", "case_items", "photos", "verdicts", "saved_hits", "kin"}
		for _, table := range b.texts("SELECT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f.\"table\" = 'items'") {
			if !slices.Contains(known, table) {
				t.Errorf("%s points at items, and removing an item does not know of it", table)
			}
		}
	})
}

// A process dies in the middle of the work: what it had done stays done once,
// and the next one goes on.
func TestErasingGoesOnAfterADeath(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		const many = 170
		for i := range many {
			b.commit(created(comment(fmt.Sprint(100+i), citizen, "какая погода, Ветрова")))
		}
		e := b.askErasure(records.Wipe, false)
		for life := 0; ; life++ {
			if life > 50 {
				t.Fatal("the work has no end")
			}
			s, err := store.OpenBeside(b.ctx, b.dsn)
			b.must(err)
			l, err := s.Take(b.ctx, "records", fmt.Sprint("life", life), time.Nanosecond, b.now)
			b.must(err)
			b.now = b.now.Add(time.Second)
			// Every other life ends before its transaction does.
			ctx, die := context.WithCancel(b.ctx)
			if life%2 == 1 {
				time.AfterFunc(time.Duration(life)*200*time.Microsecond, die)
			}
			over, err := s.EraseSome(ctx, l, e.ID, b.now)
			die()
			b.must(s.Close())
			if err == nil && over {
				break
			}
		}
		done, err := b.s.Erasures(b.ctx, e.Number, 1)
		b.must(err)
		if done[0].Done.Items != many || done[0].Done.Versions != many || strings.Contains(b.everything(), "Ветров") {
			t.Fatalf("%+v", done[0].Done)
		}
		if n := b.count("SELECT COUNT(*) FROM audit WHERE action = 'erase'"); n != 2 {
			t.Errorf("%d rows of the journal tell of it, want 2", n)
		}
	})
}
