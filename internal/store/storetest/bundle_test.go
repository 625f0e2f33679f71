// Package storetest is the conformance suite of the store: every test runs on
// SQLite and on PostgreSQL.
package storetest

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/lease"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

// bundle is one database of its own with a source, a stream and a dictionary.
type bundle struct {
	t      testing.TB
	ctx    context.Context
	s      *store.Store
	raw    *sql.DB // for looking at what no page shows
	dsn    string
	now    time.Time
	source string
	stream collectors.Stream
	lease  lease.Lease // of the stream
	detect lease.Lease
	late   lease.Lease // of the worker that follows deadlines
	cursor int
}

func each(t *testing.T, test func(t *testing.T, b *bundle)) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, dsn string) { test(t, setup(t, dsn)) })
}

func setup(t testing.TB, dsn string) *bundle {
	t.Helper()
	b := &bundle{t: t, ctx: t.Context(), dsn: dsn, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	var err error
	b.s, err = store.Open(b.ctx, dsn)
	b.must(err)
	t.Cleanup(func() { _ = b.s.Close() })
	driver := "sqlite"
	if strings.HasPrefix(dsn, "postgres") {
		driver = "pgx"
	}
	b.raw, err = sql.Open(driver, dsn)
	b.must(err)
	t.Cleanup(func() { _ = b.raw.Close() })
	b.must(b.s.Seed(b.ctx, dictionary(), b.now))
	b.source, err = b.s.EnsureSource(b.ctx, collectors.SourceStatus{Network: social.VK, Title: "Город", Kind: "сообщество"}, "-1", b.now)
	b.must(err)
	b.stream, b.lease = b.newStream("live")
	b.detect = b.take("detect")
	return b
}

func dictionary() store.Starter {
	return store.Starter{
		Departments: []incidents.Department{{ID: "roads", Name: "Дорожная служба"}, {ID: "water", Name: "Водоканал"}},
		Topics: []incidents.Topic{
			{ID: "pits", Name: "Ямы", DepartmentID: "roads", DueHours: 24},
			{ID: "leaks", Name: "Протечки", DepartmentID: "water", DueHours: 8},
		},
		Rules: []detect.Rule{
			{ID: "r-leak", TopicID: "leaks", Name: "Протечки", Expr: "течь"},
			{ID: "r-pit", TopicID: "pits", Name: "Ямы", Expr: "яма"},
		},
	}
}

func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) newStream(name string) (collectors.Stream, lease.Lease) {
	b.t.Helper()
	st := collectors.Stream{Name: name, SourceID: b.source}
	b.must(b.s.EnsureStream(b.ctx, st, b.now))
	return st, b.take(name)
}

func (b *bundle) take(name string) lease.Lease {
	b.t.Helper()
	l, err := b.s.Take(b.ctx, name, "me", time.Hour, b.now)
	b.must(err)
	return l
}

// count answers a question that no page asks.
func (b *bundle) count(query string, args ...any) int {
	b.t.Helper()
	var n int
	b.must(b.raw.QueryRowContext(b.ctx, query, args...).Scan(&n))
	return n
}

func (b *bundle) texts(query string, args ...any) []string {
	b.t.Helper()
	rows, err := b.raw.QueryContext(b.ctx, query, args...)
	b.must(err)
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var s string
		b.must(rows.Scan(&s))
		out = append(out, s)
	}
	b.must(rows.Err())
	return out
}

// commit stores changes as one keyed update each and moves the cursor.
func (b *bundle) commit(changes ...collectors.Change) int {
	b.t.Helper()
	var batch collectors.Batch
	for _, c := range changes {
		b.cursor++
		batch.Updates = append(batch.Updates, collectors.Update{Key: "u" + strconv.Itoa(b.cursor), Raw: []byte("{}"), Changes: []collectors.Change{c}})
	}
	batch.Next = collectors.Cursor(strconv.Itoa(b.cursor))
	n, err := b.s.Commit(b.ctx, b.lease, b.stream, batch, b.now)
	b.must(err)
	return n
}

func ref(id string) social.Ref { return social.Ref{Network: social.VK, Owner: "-1", ID: id} }

var citizen = social.Author{ID: "501", Name: "Анна Ветрова", FirstName: "Анна"}

// comment is a citizen's comment under post 1.
func comment(id string, author social.Author, text string) social.Item {
	return social.Item{
		Ref: ref("r" + id), Kind: social.Comment, Thread: ref("1"), Author: author, Text: text,
		Permalink: "https://vk.example/wall-1_1?reply=" + id, PublishedAt: time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC),
	}
}

func post(id, text string) social.Item {
	return social.Item{
		Ref: ref(id), Kind: social.Post, Thread: ref(id), Author: social.Author{ID: "-1", Name: "Город", Own: true}, Text: text,
		Permalink: "https://vk.example/wall-1_" + id, PublishedAt: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC),
	}
}

func created(it social.Item) collectors.Change {
	return collectors.Change{Op: collectors.Created, Item: it}
}

// conclusions is a detector of two words, enough for a store.
func conclusions(items []detect.Item) []detect.Conclusion {
	topics := dictionary().Topics
	out := make([]detect.Conclusion, len(items))
	for i, it := range items {
		out[i].Item = it
		for j, word := range []string{"яма", "течь"} {
			if at := strings.Index(it.Text, word); at >= 0 {
				rule := dictionary().Rules[1-j]
				out[i].Hits = append(out[i].Hits, detect.Hit{
					RuleID: rule.ID, RuleVersion: 1, RuleName: rule.Name, TopicID: rule.TopicID,
					Words: []string{word}, Marks: []incidents.Span{{Start: at, End: at + len(word)}},
				})
				if len(out[i].Hits) == 1 {
					out[i].Topic = topics[j]
				}
			}
		}
	}
	return out
}

// detectAll concludes everything that is pending.
func (b *bundle) detectAll() detect.Tally {
	b.t.Helper()
	items, err := b.s.Pending(b.ctx, 1000)
	b.must(err)
	tally, err := b.s.Conclude(b.ctx, b.detect, conclusions(items), b.now)
	b.must(err)
	return tally
}

// open stores a complaint and returns the newest case.
func (b *bundle) open(it social.Item) incidents.Case {
	b.t.Helper()
	b.commit(created(it))
	b.detectAll()
	ids := b.texts("SELECT id FROM cases ORDER BY number DESC LIMIT 1")
	if len(ids) != 1 {
		b.t.Fatalf("no case for %q", it.Text)
	}
	return b.load(ids[0])
}

func (b *bundle) load(id string) incidents.Case {
	b.t.Helper()
	v, err := b.s.View(b.ctx, id, reader("nobody"), b.now)
	b.must(err)
	return v.Case
}

func actor(id, department string, roles ...rights.Role) rights.Actor {
	return rights.Actor{ID: id, Name: strings.ToUpper(id), Roles: roles, DepartmentID: department}
}

var (
	moderator   = actor("mod", "", rights.Moderator)
	coordinator = actor("coord", "", rights.Coordinator)
	executor    = actor("exec", "roads", rights.Executor)
	head        = actor("head", "", rights.Head)
	press       = actor("press", "", rights.PressOfficer)
)

func (b *bundle) do(by rights.Actor, id string, cmd incidents.Command) incidents.Case {
	b.t.Helper()
	c, err := b.try(by, id, 0, cmd)
	b.must(err)
	return c
}

func (b *bundle) try(by rights.Actor, id string, expect int, cmd incidents.Command) (incidents.Case, error) {
	return incidents.NewDesk(b.s, func() time.Time { return b.now }).Do(b.ctx, by, id, expect, cmd)
}

// answered brings a case to Публикация ответа with the text in the ledger.
func (b *bundle) answered(id, text string) incidents.Case {
	b.t.Helper()
	b.do(moderator, id, incidents.Accept{})
	b.do(coordinator, id, incidents.Assign{DepartmentID: "roads", DepartmentName: "Дорожная служба"})
	return b.approved(id, text)
}

func (b *bundle) approved(id, text string) incidents.Case {
	b.t.Helper()
	c := b.do(executor, id, incidents.Submit{Text: text})
	return b.do(head, id, incidents.Approve{Hash: c.Answer.Hash()})
}

// reader is somebody with every role and no bounds.
func reader(id string) rights.Actor { return rights.Actor{ID: id, Roles: rights.Roles()} }

// seenBy lets everybody's cases be found.
func seenBy(f incidents.Filter) incidents.Filter {
	f.By = rights.System()
	return f
}
