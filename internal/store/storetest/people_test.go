package storetest

import (
	"testing"
	"time"

	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

func (b *bundle) person(email, name string, roles ...rights.Role) string {
	b.t.Helper()
	p, err := b.s.AddPerson(b.ctx, auth.Person{Email: email, Name: name, Roles: roles, DepartmentID: "roads"}, "hash", b.now)
	b.must(err)
	return p.ID
}

func TestPeople(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		id := b.person(" Anna@City.RU ", "Анна", rights.Executor, rights.Head)
		b.person("boris@city.ru", "Борис", rights.Moderator)
		if _, err := b.s.AddPerson(b.ctx, auth.Person{Email: "ANNA@city.ru"}, "x", b.now); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		p, hash, err := b.s.PersonByEmail(b.ctx, "anna@CITY.ru")
		b.must(err)
		if p.ID != id || hash != "hash" || !p.Actor().Can(rights.ReviewAnswer) {
			t.Fatalf("%+v", p)
		}
		for _, email := range []string{"nobody@city.ru", "\x00\xff"} {
			if _, _, err := b.s.PersonByEmail(b.ctx, email); errs.CodeOf(err) != errs.NotFound {
				t.Fatal(err)
			}
		}
		list, err := b.s.Executors(b.ctx, "roads")
		b.must(err)
		if len(list) != 1 || list[0].ID != id {
			t.Fatalf("%+v", list)
		}
		if all, err := b.s.People(b.ctx); err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
	})
}

func TestADismissedPersonIsOut(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		id := b.person("a@x.ru", "Анна", rights.Executor)
		b.must(b.s.StartSession(b.ctx, auth.Session{TokenHash: "t", PersonID: id, StartedAt: b.now, SeenAt: b.now, ExpiresAt: b.now.Add(time.Hour)}))
		b.must(b.s.SetActive(b.ctx, " A@X.ru", false, b.now))
		_, _, door := b.s.PersonByEmail(b.ctx, "a@x.ru")
		_, _, session := b.s.SessionPerson(b.ctx, "t", b.now)
		if errs.CodeOf(door) != errs.NotFound || errs.CodeOf(session) != errs.NotFound {
			t.Fatal(door, session)
		}
		if list, err := b.s.Executors(b.ctx, ""); err != nil || len(list) > 0 {
			t.Fatal(list, err)
		}
		b.must(b.s.SetActive(b.ctx, "a@x.ru", true, b.now))
		if p, _, err := b.s.PersonByEmail(b.ctx, "a@x.ru"); err != nil || !p.Active {
			t.Fatal(p, err)
		}
		if _, _, err := b.s.SessionPerson(b.ctx, "t", b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatalf("an ended session is back: %v", err)
		}
		if err := b.s.SetActive(b.ctx, "nobody@x.ru", false, b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
	})
}

func TestSessionLivesUntilItsEnd(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		id := b.person("a@x.ru", "Анна")
		start := func(token string) {
			b.must(b.s.StartSession(b.ctx, auth.Session{TokenHash: token, PersonID: id, StartedAt: b.now, SeenAt: b.now, ExpiresAt: b.now.Add(time.Hour), Agent: "Firefox\x00"}))
		}
		alive := func(token string, at time.Time) bool {
			p, x, err := b.s.SessionPerson(b.ctx, token, at)
			if err != nil && errs.CodeOf(err) != errs.NotFound {
				t.Fatal(err)
			}
			return err == nil && p.ID == id && x.PersonID == id
		}
		start("one")
		start("two")
		if alive("one", b.now.Add(time.Hour)) || !alive("two", b.now.Add(50*time.Minute)) {
			t.Fatal("wrong ends")
		}
		if _, x, err := b.s.SessionPerson(b.ctx, "two", b.now.Add(2*time.Hour)); err != nil || !x.ExpiresAt.Equal(auth.Expiry(b.now, b.now.Add(2*time.Hour))) {
			t.Fatalf("a session that is used does not go on: %+v %v", x, err)
		}
		b.must(b.s.EndSession(b.ctx, "one"))
		b.must(b.s.EndSession(b.ctx, "one"))
		if alive("one", b.now) || alive("nonsense", b.now) {
			t.Fatal("an ended session lives")
		}
		b.must(b.s.SetPassword(b.ctx, "A@X.ru", "new", b.now))
		if alive("two", b.now) {
			t.Fatal("a new password must end all sessions")
		}
		if err := b.s.SetPassword(b.ctx, "no@x.ru", "new", b.now); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
	})
}

func TestThrottleAndSweep(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		id := b.person("a@x.ru", "Анна")
		failures := func(key string) int {
			n, err := b.s.Failures(b.ctx, key, b.now.Add(-15*time.Minute))
			b.must(err)
			return n
		}
		b.must(b.s.NoteFailure(b.ctx, "mail\x00", b.now.Add(-20*time.Minute)))
		b.must(b.s.NoteFailure(b.ctx, "mail\x00", b.now))
		b.must(b.s.NoteFailure(b.ctx, "other", b.now.Add(-25*time.Hour)))
		if failures("mail\x00") != 1 || failures("other") != 0 {
			t.Fatal(failures("mail\x00"))
		}
		b.must(b.s.StartSession(b.ctx, auth.Session{TokenHash: "old", PersonID: id, ExpiresAt: b.now.Add(-time.Second)}))
		b.commit(created(comment("1", citizen, "яма")))
		b.must(b.s.Sweep(b.ctx, time.Hour, b.now))
		if b.count("SELECT COUNT(*) FROM signin_failures") != 2 || b.count("SELECT COUNT(*) FROM sessions") != 0 || b.count("SELECT COUNT(*) FROM updates") != 1 {
			t.Fatal("swept the wrong things")
		}
		b.must(b.s.Sweep(b.ctx, time.Hour, b.now.Add(2*time.Hour)))
		if b.count("SELECT COUNT(*) FROM updates") != 1 || b.count("SELECT COUNT(*) FROM items") != 1 {
			t.Fatal("what people set a term for was swept")
		}
		b.must(b.s.ClearFailures(b.ctx, "mail\x00"))
		if failures("mail\x00") != 0 {
			t.Fatal("not cleared")
		}
	})
}
