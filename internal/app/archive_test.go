package app

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/index"
	"otklik/internal/auth"
	"otklik/internal/finding"
	"otklik/internal/lease"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
)

// library is a program whose workers a test calls by hand.
type library struct {
	*App
	t      *testing.T
	stream collectors.Stream
	lease  lease.Lease
	cursor int
	at     time.Time
	reader rights.Actor
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	n := newTown(t)
	l := &library{App: n.open(n.config("")), t: t, at: time.Now().Add(-time.Hour)}
	ctx := t.Context()
	must(t, Seed(ctx, l.store, l.at))
	page, err := l.store.EnsureSource(ctx, collectors.SourceStatus{Network: social.VK, Title: "Город", Kind: "сообщество"}, "-1", l.at)
	must(t, err)
	l.stream = collectors.Stream{Name: "test", SourceID: page}
	must(t, l.store.EnsureStream(ctx, l.stream, l.at))
	l.lease, err = l.store.Take(ctx, l.stream.Name, "me", time.Hour, time.Now())
	must(t, err)
	p, err := l.store.AddPerson(ctx, auth.Person{Email: "a@city.ru", Name: "Анна", Roles: []rights.Role{rights.Moderator}}, "hash", l.at)
	must(t, err)
	l.reader = rights.Actor{ID: p.ID, Name: p.Name, Roles: p.Roles}
	return l
}

// say stores a message, or another text of the same.
func (l *library) say(id, text string, op collectors.Op) {
	l.t.Helper()
	l.cursor++
	ref := func(id string) social.Ref { return social.Ref{Network: social.VK, Owner: "-1", ID: id} }
	it := social.Item{Ref: ref(id), Kind: social.Comment, Thread: ref("1"), Author: social.Author{ID: "5", Name: "Пётр"}, Text: text, PublishedAt: l.at}
	if op == collectors.Edited {
		it.EditedAt = l.at.Add(time.Duration(l.cursor) * time.Second)
	}
	u := collectors.Update{Key: fmt.Sprint(l.cursor), Raw: []byte("{}"), Changes: []collectors.Change{{Op: op, Item: it}}}
	_, err := l.store.Commit(l.t.Context(), l.lease, l.stream, collectors.Batch{Next: collectors.Cursor(fmt.Sprint(l.cursor)), Updates: []collectors.Update{u}}, time.Now())
	must(l.t, err)
}

func (l *library) project() {
	l.t.Helper()
	for {
		n, err := l.projectBatch(l.t.Context())
		must(l.t, err)
		if n < archiveBatch {
			return
		}
	}
}

// holds is what the archive finds for words, as texts.
func (l *library) holds(q index.Query) string {
	l.t.Helper()
	found, err := l.archive.Search(l.t.Context(), q)
	must(l.t, err)
	var list []string
	for _, h := range found.Hits {
		list = append(list, h.Text)
	}
	return strings.Join(list, ", ")
}

func (l *library) stored() []store.Changed {
	l.t.Helper()
	list, err := l.store.Changed(l.t.Context(), 0, 100)
	must(l.t, err)
	return list
}

func TestTheNightlyCheckMendsAndReports(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	ctx := t.Context()
	for i, text := range []string{"яма", "лужа", "снег"} {
		l.say(fmt.Sprint("r", i), text, collectors.Created)
	}
	l.project()
	items := l.stored()
	cursor, err := l.archive.Cursor()
	must(t, err)
	docs, err := l.documents(ctx, items)
	must(t, err)
	stale, extra := docs[1], docs[2]
	stale.Text, stale.Revision = "прежнее", stale.Revision-1
	extra.ID, extra.Text, extra.Revision = "nobody", "чужое", 1
	must(t, l.archive.Put(ctx, []index.Doc{stale, extra}, cursor))
	must(t, l.archive.Delete(ctx, []string{docs[0].ID}, cursor))
	if got := l.holds(index.Query{Text: "яма | лужа"}); got != "" {
		t.Fatalf("the archive was to be spoiled: %q", got)
	}
	l.archiveNight()()
	must(t, l.tendArchive(ctx))
	if got := l.holds(index.Query{Text: "яма | лужа | чужое | прежнее"}); got != "лужа, яма" && got != "яма, лужа" {
		t.Errorf("after the check: %q", got)
	}
	list, err := l.store.ArchiveChecks(ctx, 5)
	must(t, err)
	if len(list) != 1 || list[0].Items != 3 || list[0].Missing != 1 || list[0].Stale != 1 || list[0].Extra != 1 || list[0].Node != l.node || list[0].Trouble != "" {
		t.Fatalf("%+v", list)
	}
	must(t, l.tendArchive(ctx))
	if list, _ = l.store.ArchiveChecks(ctx, 5); len(list) != 1 {
		t.Fatal("it was compared again at once")
	}
	l.now = func() time.Time { return time.Now().Add(recheckAfter) }
	must(t, l.tendArchive(ctx))
	if list, _ = l.store.ArchiveChecks(ctx, 5); len(list) != 2 || list[0].Differs() {
		t.Fatalf("an hour later: %+v", list)
	}
}

func TestWhereACaseHappensIsWhereItsMessageIsFound(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	ctx := t.Context()
	l.say("r1", "верблюд у дома", collectors.Created)
	number, err := l.store.OpenByHand(ctx, l.reader, l.stored()[0].ID, time.Now())
	must(t, err)
	id, err := l.store.CaseByNumber(ctx, l.reader, number)
	must(t, err)
	l.project()
	desk := incidents.NewDesk(l.store, time.Now)
	_, err = desk.Do(ctx, l.reader, id, 0, incidents.Locate{Place: incidents.Place{Title: "посёлок Дальний", From: incidents.FromPerson}})
	must(t, err)
	l.project()
	if got := l.holds(index.Query{Territories: []string{"посёлок Дальний"}, WithCase: true}); got != "верблюд у дома" {
		t.Errorf("found there: %q", got)
	}
}

func TestSavedSearchesCountWhatIsNewOnce(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	ctx := t.Context()
	var w watchers
	watch := func(want int) {
		t.Helper()
		for {
			n, err := l.watchBatch(ctx, &w)
			must(t, err)
			if n == 0 {
				break
			}
		}
		list, err := l.store.SavedSearches(ctx, l.reader.ID)
		must(t, err)
		if len(list) != 1 || list[0].New != want {
			t.Fatalf("%+v, want %d new", list, want)
		}
	}
	l.say("r1", "верблюд", collectors.Created)
	query := url.Values{"q": {"верблюд"}, "net": {"vk"}}.Encode()
	_, err := l.store.SaveSearch(ctx, l.reader, finding.Saved{Name: "Звери", Query: query}, time.Now().Add(-time.Second))
	must(t, err)
	watch(0)
	l.say("r2", "верблюды пришли", collectors.Created)
	l.say("r3", "кошки", collectors.Created)
	watch(1)
	l.say("r2", "верблюды ушли", collectors.Edited)
	l.say("r1", "верблюд старый", collectors.Edited) // it was there before
	watch(1)
	l.say("r3", "верблюды и кошки", collectors.Edited)
	watch(2)
}

func TestTheQueueSaysHowItWasSearched(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.say("r1", "верблюд (зоопарк", collectors.Created)
	_, err := l.store.OpenByHand(t.Context(), l.reader, l.stored()[0].ID, time.Now())
	must(t, err)
	l.project()
	for text, says := range map[string]string{"верблюды": "", "(зоопарк": "скобка"} {
		p, err := archived{l.store, l.App}.Inbox(t.Context(), incidents.Filter{By: l.reader, Text: text, Now: time.Now(), Limit: 10})
		must(t, err)
		if p.Total != 1 || (says == "") != (p.Note == "") || !strings.Contains(p.Note, says) {
			t.Errorf("%q: %d found, note %q", text, p.Total, p.Note)
		}
	}
	must(t, errors.Join(l.archive.Close()))
	p, err := archived{l.store, l.App}.Inbox(t.Context(), incidents.Filter{By: l.reader, Text: "верблюд", Now: time.Now(), Limit: 10})
	if err != nil || p.Total != 1 || p.Note == "" {
		t.Errorf("without an archive: %+v %v", p, err)
	}
}
