package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/records"
	"otklik/internal/store"
)

func (b *bundle) verify(given ...records.Anchor) records.Check {
	b.t.Helper()
	c, err := b.s.VerifyJournal(b.ctx, given, b.now)
	b.must(err)
	return c
}

func (b *bundle) journal(f records.Filter) []records.Row {
	b.t.Helper()
	if f.Limit == 0 {
		f.Limit = 500
	}
	rows, err := b.s.Journal(b.ctx, f)
	b.must(err)
	return rows
}

func (b *bundle) read(n int) records.Entry {
	return records.Entry{At: b.now, ActorID: "exec", ActorName: "EXEC", Action: records.ReadCase, Subject: fmt.Sprintf("case:%d", n)}
}

func TestChangesStandInTheJournalWithWhatTheyChange(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "во дворе яма"))
		b.answered(c.ID, "Засыпем завтра.")
		rows := b.journal(records.Filter{Subject: fmt.Sprintf("case:%d", c.Number)})
		var got []string
		for i := len(rows) - 1; i >= 0; i-- {
			got = append(got, rows[i].ActorID+" "+string(rows[i].Action)+" "+rows[i].Data)
		}
		want := []string{`mod change {"event":"accepted"}`, `coord change {"event":"assigned"}`, `exec change {"event":"submitted"}`, `head approve {"event":"approved"}`}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("%q", got)
		}
		if strings.Contains(fmt.Sprint(b.texts("SELECT data FROM audit")), "яма") {
			t.Fatal("the journal holds a citizen's words")
		}
		// What is refused leaves no row.
		before := b.count("SELECT COUNT(*) FROM audit")
		if _, err := b.try(moderator, c.ID, 0, incidents.Accept{}); err == nil {
			t.Fatal("accepted twice")
		}
		if after := b.count("SELECT COUNT(*) FROM audit"); after != before {
			t.Fatal("a refused change stands in the journal")
		}
		p, err := b.s.AddPerson(b.ctx, auth.Person{Email: "a@b.ru", Name: "Анна"}, "x", b.now)
		b.must(err)
		b.must(b.s.StartSession(b.ctx, auth.Session{TokenHash: "h", PersonID: p.ID, StartedAt: b.now, SeenAt: b.now, ExpiresAt: b.now.Add(time.Hour)}))
		b.must(b.s.NoteFailure(b.ctx, "account:a@b.ru", b.now))
		if rows := b.journal(records.Filter{Actions: []records.Action{records.SignIn, records.SignInFail}}); len(rows) != 2 || rows[0].Words != "a@b.ru" || rows[1].ActorName != "Анна" {
			t.Fatalf("%+v", rows)
		}
		if c := b.verify(); !c.Whole() || c.Head.Seq != int64(b.count("SELECT COUNT(*) FROM audit")) {
			t.Fatalf("%+v", c)
		}
	})
}

func TestManyWritersMakeOneChain(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		other, err := store.OpenBeside(b.ctx, b.dsn)
		b.must(err)
		defer func() { b.must(other.Close()) }()
		var all sync.WaitGroup
		failed := make(chan error, 80)
		for i := range 80 {
			s := b.s
			if i%2 == 1 {
				s = other
			}
			all.Go(func() { failed <- s.Record(b.ctx, b.read(i)) })
		}
		all.Wait()
		for range 80 {
			b.must(<-failed)
		}
		if c := b.verify(); !c.Whole() || c.Head.Seq != 80 {
			t.Fatalf("%+v", c)
		}
		if n := b.count("SELECT COUNT(DISTINCT subject) FROM audit"); n != 80 {
			t.Fatalf("%d of 80 are written", n)
		}
	})
}

func TestTheJournalRefusesChanges(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.must(b.s.Record(b.ctx, b.read(1)))
		texts := []string{"UPDATE audit SET actor_name = 'никто'", "DELETE FROM audit", "DELETE FROM audit_cuts WHERE seq = 0 OR seq = 1"}
		for _, text := range texts[:2] {
			if _, err := b.raw.ExecContext(b.ctx, text); err == nil {
				t.Errorf("%s went through", text)
			}
		}
		if strings.HasPrefix(b.dsn, "postgres") {
			if _, err := b.raw.ExecContext(b.ctx, "TRUNCATE audit"); err == nil {
				t.Error("the journal was emptied")
			}
		}
		if n := b.count("SELECT COUNT(*) FROM audit"); n != 1 {
			t.Fatalf("%d rows", n)
		}
	})
}

// unguard takes the triggers away, as somebody with the base in their hands can.
func (b *bundle) unguard() {
	b.t.Helper()
	list := []string{"DROP TRIGGER audit_update_kept", "DROP TRIGGER audit_delete_kept"}
	if strings.HasPrefix(b.dsn, "postgres") {
		list = []string{"DROP TRIGGER audit_row_kept ON audit"}
	}
	for _, text := range list {
		_, err := b.raw.ExecContext(b.ctx, text)
		b.must(err)
	}
}

func TestEveryForgeryIsSeen(t *testing.T) {
	forge := map[string]struct {
		text  string
		first int64
	}{
		"changed":         {"UPDATE audit SET actor_name = 'никто' WHERE seq = 3", 3},
		"time":            {"UPDATE audit SET at_us = at_us + 1 WHERE seq = 4", 4},
		"taken out":       {"DELETE FROM audit WHERE seq = 2", 2},
		"cut end":         {"DELETE FROM audit WHERE seq > 3", 4},
		"cut beginning":   {"DELETE FROM audit WHERE seq < 3", 1},
		"words":           {"UPDATE audit_words SET words = 'другое'", 5},
		"words of no row": {"UPDATE audit_words SET seq = 1", 1},
	}
	each(t, func(t *testing.T, b *bundle) {
		for i := range 4 {
			b.must(b.s.Record(b.ctx, b.read(i)))
		}
		e := b.read(5)
		e.Action, e.Words = records.Search, "Ветрова"
		b.must(b.s.Record(b.ctx, e))
		b.unguard()
		for name, x := range forge {
			tx, err := b.raw.BeginTx(b.ctx, nil)
			b.must(err)
			_, err = tx.ExecContext(b.ctx, x.text)
			b.must(err)
			rows, err := tx.QueryContext(b.ctx, "SELECT a.seq, a.at_us, a.actor_id, a.actor_name, a.action, a.subject, a.data, a.prev, a.hash, COALESCE(w.words, ''), COALESCE(w.salt, '') FROM audit a LEFT JOIN audit_words w ON w.seq = a.seq ORDER BY a.seq")
			b.must(err)
			w := records.NewWalker(records.Anchor{}, nil, b.now)
			for rows.Next() {
				var r records.Row
				var at int64
				b.must(rows.Scan(&r.Seq, &at, &r.ActorID, &r.ActorName, &r.Action, &r.Subject, &r.Data, &r.Prev, &r.Hash, &r.Words, &r.Salt))
				r.At = time.UnixMicro(at).UTC()
				w.Step(r)
			}
			b.must(errors.Join(rows.Err(), rows.Close(), tx.Rollback()))
			if c := w.End(5); c.Whole() || c.Broken != x.first {
				t.Errorf("%s: %+v, want the first broken row %d", name, c, x.first)
			}
		}
		head := b.verify().Head
		if c := b.verify(head, records.Anchor{Seq: 2, Hash: "другая"}); c.Whole() || c.Broken != 2 {
			t.Errorf("a chain that was written anew passes: %+v", c)
		}
		// The end is cut, and the counter with it: only the anchor tells.
		_, err := b.raw.ExecContext(b.ctx, "DELETE FROM audit WHERE seq > 3")
		b.must(err)
		_, err = b.raw.ExecContext(b.ctx, "UPDATE counters SET value = 3 WHERE name = 'audit'")
		b.must(err)
		if c := b.verify(); c.Whole() || c.Broken != 4 {
			t.Errorf("a cut end passes: %+v", c)
		}
		list, err := b.s.JournalChecks(b.ctx, 1)
		b.must(err)
		if len(list) != 1 || list[0].Whole() {
			t.Errorf("%+v", list)
		}
	})
}
