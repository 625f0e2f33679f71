package storetest

import (
	"testing"
	"time"

	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
)

// do carries out a command of somebody with every role.
func (b *bundle) lives(c incidents.Case, who string, cmd incidents.Command) incidents.Case {
	b.t.Helper()
	out, err := incidents.NewDesk(b.s, func() time.Time { return b.now }).Do(b.ctx, actor(who, "roads", rights.Roles()...), c.ID, 0, cmd)
	b.must(err)
	return b.load(out.ID)
}

func (b *bundle) organisation(name, parent string, p incidents.Policy) string {
	b.t.Helper()
	id, err := b.s.SaveOrganisation(b.ctx, rights.System(), incidents.Organisation{Name: name, ParentID: parent, Policy: p, Active: true}, b.now)
	b.must(err)
	return id
}

func TestLifeOfACase(t *testing.T) {
	each(t, func(_ *testing.T, b *bundle) {
		c := b.open(comment("5", citizen, "яма у дома"))
		c = b.lives(c, "c", incidents.Accept{})
		c = b.lives(c, "c", incidents.Assign{DepartmentID: "roads"})
		c = b.lives(c, "e", incidents.Interim{Text: "Сделаем к пятнице.", Promise: b.now.Add(72 * time.Hour)})
		c = b.lives(c, "h", incidents.Approve{Hash: c.Answer.Hash()})
		c = b.lives(c, "p", incidents.ByHand{Link: "https://vk.example/1"})
		if c.Stage != incidents.Execution || !c.DueAt.Equal(b.now.Add(72*time.Hour)) || c.Life.Interims != 1 || !c.Life.Promised.Equal(c.DueAt) {
			b.t.Fatalf("after the interim answer: %+v", c)
		}
		c = b.lives(c, "e", incidents.Submit{Text: "Засыпали."})
		c = b.lives(c, "h", incidents.Approve{Hash: c.Answer.Hash()})
		c = b.lives(c, "p", incidents.ByHand{Link: "https://vk.example/2"})
		b.now = b.now.Add(time.Hour)
		c = b.lives(c, "p", incidents.Rate{Score: 2, Comment: "яма на месте"})
		if c.Stage != incidents.Coordination || c.Life.Repeats != 1 || c.Life.Rating.Score != 2 || !c.DueAt.Equal(b.now.Add(24*time.Hour)) || c.Outcome != "" {
			b.t.Fatalf("repeat consideration: %+v", c)
		}
		if n := b.count("SELECT COUNT(*) FROM case_events WHERE case_id = $1", c.ID); n != c.Version {
			b.t.Errorf("%d events, version %d", n, c.Version)
		}
		if n := b.count("SELECT COUNT(*) FROM deliveries WHERE state NOT IN ('sent', 'cancelled')"); n != 0 {
			b.t.Errorf("%d deliveries still wait", n)
		}
	})
}

func TestRedirection(t *testing.T) {
	each(t, func(_ *testing.T, b *bundle) {
		far := b.organisation("Область", store.RootOrganisation, incidents.Policy{Agreement: true})
		c := b.open(comment("5", citizen, "яма на трассе"))
		b.now = b.now.Add(3 * time.Hour)
		c = b.lives(b.lives(c, "c", incidents.Accept{}), "c", incidents.Redirect{To: incidents.Whose{OrganisationID: far, Organisation: "Область"}, Reason: "дорога области"})
		if c.Status() != incidents.SentOnStatus || c.Life.Into == 0 {
			b.t.Fatalf("the old card: %+v", c)
		}
		id, err := b.s.CaseByNumber(b.ctx, rights.System(), c.Life.Into)
		b.must(err)
		v, err := b.s.View(b.ctx, id, rights.System(), b.now)
		b.must(err)
		next := v.Case
		if next.Stage != incidents.Coordination || !next.DueAt.Equal(c.DueAt) || !next.OpenedAt.Equal(b.now) || next.Whose.OrganisationID != far ||
			!next.Whose.Policy.Agreement || next.Life.From != c.Number || next.Version != 1 {
			b.t.Fatalf("the new card: %+v", next)
		}
		if len(v.History) != 4 || v.History[0].Kind != incidents.EventOpened || v.History[3].Kind != incidents.EventReceived {
			b.t.Fatalf("history: %+v", v.History)
		}
		tallies, err := b.s.Tallies(b.ctx, b.now.Add(-24*time.Hour), b.now.Add(time.Hour))
		b.must(err)
		for org, x := range tallies {
			sum := 0
			for _, st := range incidents.Statuses() {
				sum += x.By[st]
			}
			if sum != x.Received || x.Received != 1 {
				b.t.Errorf("%s: %+v", org, x)
			}
		}
		// More of the same author goes to the card that lives.
		b.commit(created(comment("6", citizen, "яма всё там же")))
		if got := b.detectAll(); got.Attached != 1 || b.count("SELECT COUNT(*) FROM case_items WHERE case_id = $1", id) != 2 {
			b.t.Errorf("the next message: %+v", got)
		}
		b.refuses(next, "c", incidents.Assign{DepartmentID: "roads"}, errs.Conflict)
	})
}

func (b *bundle) refuses(c incidents.Case, who string, cmd incidents.Command, code errs.Code) {
	b.t.Helper()
	_, err := incidents.NewDesk(b.s, func() time.Time { return b.now }).Do(b.ctx, actor(who, "roads", rights.Roles()...), c.ID, 0, cmd)
	if errs.CodeOf(err) != code {
		b.t.Errorf("%T: %v, want %s", cmd, err, code)
	}
}

func TestMergingAndSplitting(t *testing.T) {
	each(t, func(_ *testing.T, b *bundle) {
		first := b.open(comment("5", citizen, "яма у дома"))
		second := b.open(comment("7", social.Author{ID: "502", Name: "Пётр"}, "яма у дома 5"))
		b.commit(created(comment("8", citizen, "яма и ещё течь")))
		b.detectAll()
		b.refuses(second, "c", incidents.Merge{IntoID: second.ID, Into: second.Number}, errs.Invalid)
		b.refuses(second, "c", incidents.Merge{IntoID: "nothing", Into: 9}, errs.NotFound)
		second = b.lives(second, "c", incidents.Merge{IntoID: first.ID, Into: first.Number})
		first = b.load(first.ID)
		if second.Outcome != incidents.Merged || b.count("SELECT COUNT(*) FROM case_items WHERE case_id = $1", first.ID) != 3 || first.Version != 3 {
			b.t.Fatalf("merged: %+v into %+v", second, first)
		}
		b.refuses(first, "c", incidents.Merge{IntoID: second.ID, Into: second.Number}, errs.Conflict)
		item := b.texts("SELECT id FROM items WHERE item_id = 'r8'")[0]
		main := b.texts("SELECT id FROM items WHERE item_id = 'r5'")[0]
		b.refuses(first, "c", incidents.Split{ItemID: main}, errs.Conflict)
		first = b.lives(first, "c", incidents.Split{ItemID: item, Words: "и ещё течь"})
		id := b.texts("SELECT id FROM cases WHERE item_id = $1", item)
		if len(id) != 1 || b.load(id[0]).Message.Text != "яма и ещё течь" || b.load(id[0]).Life.From != first.Number {
			b.t.Fatalf("split: %v", id)
		}
		b.refuses(first, "c", incidents.Split{ItemID: item}, errs.Conflict)
	})
}

// Whoever is bounded finds, opens and changes only what lies within.
func TestBoundsHoldInTheBase(t *testing.T) {
	each(t, func(_ *testing.T, b *bundle) {
		lake := b.organisation("Озёрский округ", store.RootOrganisation, incidents.UsualPolicy())
		shore := b.organisation("Береговое", lake, incidents.UsualPolicy())
		b.must(b.s.SaveDepartment(b.ctx, rights.System(), incidents.Department{ID: "water", Name: "Водоканал", OrganisationID: shore}, b.now))
		pit := b.open(comment("5", citizen, "яма у дома"))
		leak := b.open(comment("7", social.Author{ID: "502", Name: "Пётр"}, "течь в подвале"))
		if leak.Whose.OrganisationID != shore || len(leak.Whose.Above) != 3 || pit.Whose.OrganisationID != store.RootOrganisation {
			b.t.Fatalf("%+v and %+v", leak.Whose, pit.Whose)
		}
		for name, x := range map[string]struct {
			scope rights.Scope
			want  []int64
		}{
			"all":          {rights.Scope{}, []int64{2, 1}},
			"root":         {rights.Scope{Organisations: []string{store.RootOrganisation}}, []int64{2, 1}},
			"lake":         {rights.Scope{Organisations: []string{lake}}, []int64{2}},
			"a part of id": {rights.Scope{Organisations: []string{lake[:8]}}, nil},
			"topic":        {rights.Scope{Topics: []string{"pits"}}, []int64{1}},
			"page":         {rights.Scope{Pages: []string{b.source}, Topics: []string{"leaks"}}, []int64{2}},
			"other page":   {rights.Scope{Pages: []string{"none"}}, nil},
			"territory":    {rights.Scope{Territories: []string{"t"}}, nil},
		} {
			by := actor("c", "", rights.Coordinator)
			by.Bounds = map[rights.Role]rights.Scope{rights.Coordinator: x.scope}
			page, err := b.s.Inbox(b.ctx, incidents.Filter{By: by, Now: b.now, Sort: incidents.Newest, Limit: 10})
			b.must(err)
			n, err := b.s.Counts(b.ctx, by, b.now)
			b.must(err)
			if len(page.Rows) != len(x.want) || page.Total != len(x.want) || n.Open != len(x.want) {
				b.t.Errorf("%s: %d rows, %d in all, %d counted", name, len(page.Rows), page.Total, n.Open)
			}
			for _, c := range []incidents.Case{pit, leak} {
				inside := x.scope.Covers(c.Subject())
				_, e1 := b.s.CaseByNumber(b.ctx, by, c.Number)
				_, e2 := b.s.View(b.ctx, c.ID, by, b.now)
				_, e3 := incidents.NewDesk(b.s, func() time.Time { return b.now }).Do(b.ctx, by, c.ID, 0, incidents.Note{Text: "видел"})
				for _, err := range []error{e1, e2, e3} {
					if inside != (err == nil) || !inside && errs.CodeOf(err) != errs.NotFound {
						b.t.Errorf("%s, № %d: %v", name, c.Number, err)
					}
				}
			}
		}
		nobody := actor("x", "")
		if page, err := b.s.Inbox(b.ctx, incidents.Filter{By: nobody, Now: b.now, Limit: 10}); err != nil || page.Total != 0 {
			b.t.Errorf("without roles %d cases are found, %v", page.Total, err)
		}
	})
}

func TestPeopleAndLinks(t *testing.T) {
	each(t, func(_ *testing.T, b *bundle) {
		lake := b.organisation("Озёрский округ", store.RootOrganisation, incidents.UsualPolicy())
		chief := auth.Person{Name: "Тимур", Email: "Admin@example.org", OrganisationID: store.RootOrganisation, Roles: []rights.Role{rights.Administrator}, Active: true}
		id, err := b.s.SavePerson(b.ctx, rights.System(), chief, b.now)
		b.must(err)
		local := chief.Actor()
		local.ID, local.Bounds = "local", map[rights.Role]rights.Scope{rights.Administrator: {Organisations: []string{lake}}}
		clerk := auth.Person{Name: "Анна", Email: "anna@example.org", OrganisationID: lake, Roles: []rights.Role{rights.Executor}, Active: true}
		save := func(by rights.Actor, p auth.Person, code errs.Code) string {
			b.t.Helper()
			id, err := b.s.SavePerson(b.ctx, by, p, b.now)
			if errs.CodeOf(err) != code {
				b.t.Errorf("%s: %v, want %q", p.Name, err, code)
			}
			return id
		}
		save(local, clerk, errs.Forbidden) // a role without bounds
		clerk.Bounds = map[rights.Role]rights.Scope{rights.Executor: {Organisations: []string{store.RootOrganisation}}}
		save(local, clerk, errs.Forbidden)
		clerk.Bounds[rights.Executor] = rights.Scope{Organisations: []string{lake}}
		clerk.ID = save(local, clerk, "")
		save(local, auth.Person{ID: id, Name: "Тимур", Email: "admin@example.org", OrganisationID: lake, Active: true}, errs.Forbidden)
		save(rights.System(), auth.Person{ID: id, Name: "Тимур", Email: "admin@example.org", OrganisationID: store.RootOrganisation}, errs.Conflict) // the last one
		save(actor("x", "", rights.Head), clerk, errs.Forbidden)
		got, err := b.s.Person(b.ctx, clerk.ID)
		b.must(err)
		if len(got.Bounds[rights.Executor].Organisations) != 1 || !got.EnteredAt.IsZero() {
			b.t.Errorf("%+v", got)
		}
		now := func() time.Time { return b.now }
		invites := auth.NewInvitations(b.s, now)
		old, err := invites.Invite(b.ctx, local, clerk.ID)
		b.must(err)
		token, err := invites.Invite(b.ctx, local, clerk.ID)
		b.must(err)
		if _, err := invites.Invite(b.ctx, local, id); errs.CodeOf(err) != errs.Forbidden {
			b.t.Errorf("a link for the chief: %v", err)
		}
		if err := invites.Choose(b.ctx, old, "длинный-пароль"); errs.CodeOf(err) != errs.NotFound {
			b.t.Errorf("an older link: %v", err)
		}
		b.must(invites.Choose(b.ctx, token, "длинный-пароль"))
		if err := invites.Choose(b.ctx, token, "длинный-пароль-2"); errs.CodeOf(err) != errs.NotFound {
			b.t.Errorf("the link a second time: %v", err)
		}
		service, err := auth.NewService(b.s, b.s, now)
		b.must(err)
		_, _, err = service.SignIn(b.ctx, "anna@example.org", "длинный-пароль", "127.0.0.1", "")
		b.must(err)
		if got, err := b.s.Person(b.ctx, clerk.ID); err != nil || !got.EnteredAt.Equal(b.now) {
			b.t.Errorf("after the sign-in: %+v, %v", got, err)
		}
		token, err = invites.Invite(b.ctx, local, clerk.ID)
		b.must(err)
		b.now = b.now.Add(auth.LinkLife + time.Second)
		if err := invites.Choose(b.ctx, token, "длинный-пароль"); errs.CodeOf(err) != errs.NotFound {
			b.t.Errorf("a link that is too old: %v", err)
		}
	})
}
