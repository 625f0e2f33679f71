package publisher

import (
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

func mandateFacts(now time.Time) Facts {
	page := func(id string, n social.Network, k Kit) Page {
		return Page{ID: id, Network: n, Title: id, Missing: Missing(n, k)}
	}
	return Facts{Now: now, Pages: []Page{
		page("vk", social.VK, Kit{Community: true}), page("tg", social.Telegram, Kit{Bot: true}), {ID: "silent", Network: social.VK, Silent: true},
	}}
}

func TestIssuingAMandate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	f := mandateFacts(now)
	curator := rights.Actor{ID: "cur", Name: "Куратор", Roles: []rights.Role{rights.Curator}}
	good := Mandate{Title: " Прививки ", Content: Content{Text: "Прививка — в *каждой* поликлинике."}, Adapt: Around, DueAt: now.Add(time.Hour), PageIDs: []string{"vk", "tg", "vk"}}
	m, posts, err := Issue(good, curator, f)
	if err != nil || len(posts) != 2 || m.Title != "Прививки" || m.ByID != "cur" || len(m.PageIDs) != 2 {
		t.Fatalf("%+v %d %v", m, len(posts), err)
	}
	for _, x := range posts {
		if x.Post.MustBy != good.DueAt || x.Post.Mandated == nil || x.Post.State != Draft || x.Event.Kind != EventCreated {
			t.Errorf("%+v", x)
		}
	}
	for name, spoil := range map[string]func(*Mandate){
		"no title": func(m *Mandate) { m.Title = " " }, "no text": func(m *Mandate) { m.Content = Content{} }, "no rule": func(m *Mandate) { m.Adapt = "x" },
		"past": func(m *Mandate) { m.DueAt = now }, "no page": func(m *Mandate) { m.PageIDs = nil }, "unknown page": func(m *Mandate) { m.PageIDs = []string{"x"} },
		"silent page": func(m *Mandate) { m.PageIDs = []string{"silent"} }, "poll that nobody takes": func(m *Mandate) { m.Content.Poll = &PollForm{Question: "?"} },
	} {
		x := good
		spoil(&x)
		if _, _, err := Issue(x, curator, f); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, r := range []rights.Role{rights.Head, rights.Executor, rights.Administrator} {
		if _, _, err := Issue(good, rights.Actor{ID: "x", Roles: []rights.Role{r}}, f); errs.CodeOf(err) != errs.Forbidden {
			t.Errorf("%s: %v", r, err)
		}
	}
}

func TestWhatAPageMayChange(t *testing.T) {
	t.Parallel()
	photo := Media{Kind: Photo, Hash: "a"}
	own := Content{Text: "Прививка — бесплатно.", Media: []Media{photo}}
	more := Content{Text: "Жители!\n\nПрививка — бесплатно.\n\nАдреса ниже.", Media: []Media{photo, {Kind: Photo, Hash: "b"}}}
	other := Content{Text: "Приходите за прививкой.", Media: []Media{photo}}
	cut := Content{Text: own.Text}
	versions := own
	versions.Versions = map[social.Network]string{social.VK: "Другое"}
	asked := own
	asked.Poll = &PollForm{Question: "Привились?", Options: []string{"да", "нет"}}
	quiet := own
	quiet.Silent = true
	for name, x := range map[string]struct {
		content              Content
		asIs, around, freely bool
	}{
		"same": {own, true, true, true}, "quiet": {quiet, true, true, true}, "more": {more, false, true, true}, "other words": {other, false, false, true},
		"no photo": {cut, false, false, true}, "another version": {versions, false, false, true}, "a poll": {asked, false, true, true}, "nothing": {Content{}, false, false, false},
	} {
		for adapt, want := range map[Adapting]bool{AsIs: x.asIs, Around: x.around, Freely: x.freely} {
			if err := (Mandated{Adapt: adapt, Content: own}).Allows(x.content); (err == nil) != want {
				t.Errorf("%s, %s: %v", name, adapt, err)
			}
		}
	}
	if (Mandated{Content: own}).Adapted(own) || !(Mandated{Content: own}).Adapted(more) {
		t.Error("adapted")
	}
}

// The desk and the API go through Apply, so neither can get round the mandate.
func TestAMandatedPostStaysWithinItsMandate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	f := mandateFacts(now)
	curator := rights.Actor{ID: "cur", Roles: []rights.Role{rights.Curator}}
	press := rights.Actor{ID: "press", Roles: []rights.Role{rights.PressOfficer}}
	m, posts, err := Issue(Mandate{Title: "т", Content: Content{Text: "Важное."}, Adapt: Around, DueAt: now.Add(time.Hour), PageIDs: []string{"vk"}}, curator, f)
	if err != nil {
		t.Fatal(err)
	}
	p := posts[0].Post
	for _, w := range []Write{{Content: Content{Text: "Своё."}, PageIDs: []string{"vk"}}, {Content: p.Content, PageIDs: []string{"vk", "tg"}}, {Content: p.Content}} {
		if _, err := Apply(p, w, press, f); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%+v: %v", w, err)
		}
	}
	d, err := Apply(p, Write{Content: Content{Text: "Жители! Важное."}, PageIDs: []string{"vk"}}, press, f)
	if err != nil {
		t.Fatal(err)
	}
	if proof := Prove(m, d.Post, now); proof.State != ProofOpen || !proof.Adapted || proof.Overdue {
		t.Errorf("%+v", proof)
	}
}

func TestProofs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	m := Mandate{DueAt: now}
	gone := m
	gone.WithdrawnAt = now
	at := func(st State, ts TargetState, out, plan time.Time) Post {
		return Post{State: st, At: plan, Targets: []Target{{PageID: "vk", State: ts, OutAt: out, Link: "https://vk.com/wall-1_1"}}}
	}
	before, after := now.Add(-time.Hour), now.Add(time.Hour)
	for name, x := range map[string]struct {
		m       Mandate
		post    Post
		at      time.Time
		want    ProofState
		overdue bool
	}{
		"draft in time":     {m, at(Draft, Waiting, time.Time{}, time.Time{}), before, ProofOpen, false},
		"draft too late":    {m, at(Review, Waiting, time.Time{}, time.Time{}), after, ProofOpen, true},
		"planned in time":   {m, at(Scheduled, Waiting, time.Time{}, before), before, ProofPlanned, false},
		"planned too late":  {m, at(Scheduled, Waiting, time.Time{}, after), before, ProofPlanned, true},
		"out":               {m, at(Published, Out, before, before), after, ProofOut, false},
		"out late":          {m, at(Published, Out, after, before), after, ProofLate, true},
		"refused":           {m, at(Failed, Refused, time.Time{}, before), before, ProofTrouble, false},
		"unsure":            {m, at(Check, Unsure, time.Time{}, before), after, ProofTrouble, true},
		"declined":          {m, at(Cancelled, Dropped, time.Time{}, time.Time{}), before, ProofDeclined, false},
		"taken away":        {m, at(Published, Taken, before, before), after, ProofRemoved, true},
		"withdrawn":         {gone, at(Cancelled, Dropped, time.Time{}, time.Time{}), after, ProofWithdrawn, false},
		"withdrawn but out": {gone, at(Published, Out, before, before), after, ProofOut, false},
	} {
		if got := Prove(x.m, x.post, x.at); got.State != x.want || got.Overdue != x.overdue || got.State.Title() == "" || got.PageID != "vk" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if Prove(m, Post{}, before).State != ProofOpen {
		t.Error("a post without a page")
	}
}

func TestWithdrawing(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	curator := rights.Actor{ID: "cur", Name: "Куратор", Roles: []rights.Role{rights.Curator}}
	m := Mandate{DueAt: now}
	if _, err := m.Withdraw(" ", curator, now); errs.CodeOf(err) != errs.Invalid {
		t.Error(err)
	}
	if _, err := m.Withdraw("так", rights.Actor{}, now); errs.CodeOf(err) != errs.Forbidden {
		t.Error(err)
	}
	m, err := m.Withdraw("Опечатка в дате", curator, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Withdraw("ещё", curator, now); errs.CodeOf(err) != errs.Conflict {
		t.Error(err)
	}
	for _, x := range []struct {
		state  State
		target TargetState
		gone   bool
		recall bool
	}{
		{Draft, Waiting, true, false},
		{Review, Waiting, true, false},
		{Scheduled, Leaving, true, true},
		{Check, Unsure, false, false},
		{Published, Out, false, false},
		{Cancelled, Dropped, false, false},
	} {
		d, ok := m.Release(Post{State: x.state, Targets: []Target{{PageID: "vk", State: x.target}}}, curator, now)
		if ok != x.gone || ok && (d.Post.State != Cancelled || d.Recall != x.recall || d.Events[0].Text != "Опечатка в дате") {
			t.Errorf("%+v: %+v %v", x, d, ok)
		}
	}
}
