package vk_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"otklik/collectors"
	"otklik/collectors/collectortest"
	"otklik/collectors/vk"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/record"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/store"
)

// service is a client with a service key.
func service(n *vktest.Network) *netvk.Client {
	return client(n, netvk.ServiceKey, vktest.ServiceToken)
}

func wallOf(n *vktest.Network, owner int, change func(*vk.WallOptions)) *vk.History {
	o := vk.WallOptions{Client: service(n), Owner: owner, Names: vk.NewNames(service(n), n.Now), Now: n.Now}
	if change != nil {
		change(&o)
	}
	return vk.NewWall(o)
}

// passOf runs a stream until it rests.
func passOf(t *testing.T, s collectors.Source, at collectors.Cursor) ([]collectors.Change, collectors.Batch) {
	t.Helper()
	var all []collectors.Change
	for range 1000 {
		got := fetch(t, s, at)
		all = append(all, changesOf(got)...)
		if at = got.Next; got.Pause > 0 {
			return all, got
		}
	}
	t.Fatal("the pass does not end")
	return nil, collectors.Batch{}
}

// foreign plays a wall that nobody tells of for the conformance suite: its own
// voice there is the agency's, as if it wrote on somebody else's page.
type foreign struct{ harness }

func TestWallConformance(t *testing.T) {
	t.Parallel()
	collectortest.RunAs(t, collectortest.Nature{Listed: true}, func(t *testing.T) collectortest.Harness {
		n := vktest.Start(t, simvk.Options{})
		n.Must(n.DeletePost(vktest.OwnerID, n.Post))
		return foreign{harness{n, t}}
	})
}

func (h foreign) Streams(s *store.Store) []collectors.Source {
	return []collectors.Source{wallOf(h.Network, vktest.OwnerID, func(o *vk.WallOptions) {
		o.Every, o.Sweep, o.Memory = 30*time.Millisecond, time.Nanosecond, wall{s}
		o.Own = func(id int) bool { return id == vktest.OwnerID }
		// What has just been written is not yet missed when a listing lacks it.
		o.Now = func() time.Time { return h.Now().Add(5 * time.Minute) }
	})}
}

func TestAPersonsWallIsReadAlone(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, simvk.Options{})
	id := n.MustPost(simvk.NewPost{OwnerID: vktest.Boris, FromID: vktest.Boris, Text: "На Лесной яма"})
	n.MustComment(simvk.NewComment{OwnerID: vktest.Boris, PostID: id, Text: "Подтверждаю"})
	s := wallOf(n, vktest.Boris, nil)
	all, end := passOf(t, s, "")
	wantLines(t, all, "listed 1 Борис Зимин: На Лесной яма", "listed r2 Анна Крылова: Подтверждаю")
	first := all[0].Item
	if first.Author.Own || first.Ref.Owner != "12" || first.Thread != first.Ref || first.Permalink != "https://vk.com/wall12_1" {
		t.Errorf("%+v", first)
	}
	if end.CompleteTo.IsZero() || len(end.Filled) != 1 || end.Due.Before(end.CompleteTo.Add(time.Minute)) {
		t.Errorf("the pass says %+v", end)
	}
}

func TestAForeignWallIsReadCheaply(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, simvk.Options{})
	for i := range 250 {
		n.MustPost(simvk.NewPost{Text: "Запись", Date: n.Now().Add(-time.Duration(i) * time.Hour)})
	}
	talked := n.MustPost(simvk.NewPost{Text: "Обсуждают"})
	n.MustComments(talked, 3, 0)
	n.MustComments(n.Post, 2, 0)
	s := wallOf(n, vktest.OwnerID, nil)
	_, end := passOf(t, s, "")
	calls, lists := n.Calls("wall.get"), n.Calls("wall.getComments")
	if calls != 1 || lists != 2 {
		t.Errorf("the first pass made %d and %d calls", calls, lists)
	}
	n.MustComment(simvk.NewComment{PostID: talked, Text: "Новое"})
	n.Advance(10 * time.Minute)
	all, end := passOf(t, s, end.Next)
	if !strings.Contains(strings.Join(lines(all), "\n"), "Новое") {
		t.Error("a new comment was not found")
	}
	if n.Calls("wall.get") != calls+1 || n.Calls("wall.getComments") != lists+1 {
		t.Error("a pass read more than what has changed")
	}
	n.Advance(time.Hour)
	if _, end = passOf(t, s, end.Next); n.Calls("wall.getComments") != lists+3 {
		t.Error("after an hour all recent comments are looked at")
	}
	n.Advance(2 * time.Minute)
	for range 130 {
		n.MustPost(simvk.NewPost{Text: "Ещё"})
	}
	s = wallOf(n, vktest.OwnerID, func(o *vk.WallOptions) { o.MaxPosts = 100 })
	if _, end = passOf(t, s, end.Next); len(end.Gaps) != 1 || !strings.HasSuffix(end.Gaps[0].Reason, ".") {
		t.Errorf("more posts than one pass reads are not told of: %+v", end)
	}
}

func TestAClosedOrMissingPageIsToldOf(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, simvk.Options{})
	n.Faults().Add(record.Fault{Method: "wall.get", Kind: record.FaultError, Code: 15})
	_, err := wallOf(n, vktest.OwnerID, nil).Fetch(t.Context(), "")
	wantTrouble(t, err, collectors.Denied, "закрыта от посторонних")
	for name, want := range map[string]vk.Page{
		"https://vk.com/sosedi?w=wall": {Owner: -202, Title: "Соседи", URL: "https://vk.com/club202"},
		" @rechnoy ":                   {Owner: -101, Title: "Администрация Речного района", URL: "https://vk.com/club101"},
		"vk.com/id11/":                 {Owner: 11, Title: "Анна Крылова", URL: "https://vk.com/id11"},
		"-202":                         {Owner: -202, Title: "Соседи", URL: "https://vk.com/club202"},
		"public202":                    {Owner: -202, Title: "Соседи", URL: "https://vk.com/club202"},
	} {
		got, err := vk.Find(t.Context(), service(n), netvk.Links{}, name)
		if err != nil || got != want {
			t.Errorf("%q is %+v, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "нет-такой", "https://vk.com/", "club999", "id999"} {
		_, err := vk.Find(t.Context(), service(n), netvk.Links{}, name)
		wantTrouble(t, err, collectors.Denied, "нет")
	}
	n.Faults().Add(record.Fault{Method: "wall.get", Kind: record.FaultError, Code: 30})
	_, err = vk.Find(t.Context(), service(n), netvk.Links{}, "sosedi")
	wantTrouble(t, err, collectors.Denied, "открытую")
}

func TestWhatCannotBeReadInAListSpoilsNothing(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, simvk.Options{})
	n.Unchecked()
	good := n.MustComment(simvk.NewComment{Text: "Обычный"})
	client := netvk.NewClient(netvk.Config{
		Kind: netvk.ServiceKey, Token: vktest.ServiceToken, BaseURL: n.URL, Limiter: rate.NewLimiter(rate.Inf, 1),
		Transport: odd{`"Кривая"`, `{"as":"no text"}`, `"Кривой"`, `["as","no text"]`, `"Вложен"`, `17`},
	})
	n.MustPost(simvk.NewPost{Text: "Кривая"})
	bad := n.MustComment(simvk.NewComment{Text: "Кривой"})
	n.MustComment(simvk.NewComment{Text: "Вложен", ReplyTo: good})
	m := &memory{}
	s := vk.NewWall(vk.WallOptions{
		Client: client, Owner: vktest.OwnerID, Names: vk.NewNames(client, n.Now), Memory: m, Now: n.Now,
	})
	m.remember(n.Now().Add(-time.Hour), []int{bad})
	var broken []string
	var kept []collectors.KeptUpdate
	at := collectors.Cursor("")
	var all []collectors.Change
	for range 10 {
		b := fetch(t, s, at)
		for _, u := range b.Updates {
			if u.Broken != "" {
				if broken = append(broken, u.Key); !slices.ContainsFunc(kept, func(k collectors.KeptUpdate) bool { return k.Key == u.Key }) {
					kept = append(kept, collectors.KeptUpdate{Update: u, ReceivedAt: n.Now()})
				}
			}
		}
		all = append(all, changesOf(b)...)
		if at = b.Next; b.Pause > 0 {
			break
		}
	}
	slices.Sort(broken)
	if len(slices.Compact(broken)) != 3 {
		t.Errorf("%d broken things were kept, want 3", len(broken))
	}
	if got := refs(all, collectors.Listed); !slices.Contains(got, netvk.CommentRef(vktest.OwnerID, good).ID) {
		t.Errorf("the neighbours are lost: %v", got)
	}
	if gone := refs(all, collectors.Deleted); len(gone) != 0 {
		t.Errorf("what could not be read was taken for deleted: %v", gone)
	}
	rereads(t, s, kept)
}

// rereads gives back what was kept, as it is and as a reader that has learned to
// understand it would see it.
func rereads(t *testing.T, s collectors.Rereader, kept []collectors.KeptUpdate) {
	t.Helper()
	understood := strings.NewReplacer(`{"as":"no text"}`, `"Прямая"`, `["as","no text"]`, `"Прямой"`, `"text":17`, `"text":"Вложен"`)
	for i, still := range []bool{true, false} {
		list := slices.Clone(kept)
		for j := range list {
			if !still {
				list[j].Raw = []byte(understood.Replace(string(list[j].Raw)))
			}
		}
		again, err := s.Reread(t.Context(), "", list)
		if err != nil || len(again) != len(list) {
			t.Fatal(len(again), err)
		}
		read := 0
		for j, u := range again {
			if u.Key != kept[j].Key || u.Reader != s.Reader() || (u.Broken == "") != (len(u.Changes) == 1) {
				t.Errorf("round %d: %+v", i, u.Update)
			}
			if len(u.Changes) == 1 {
				if read++; u.Changes[0].Item.Text == "" || u.Changes[0].Item.Author.Name == "" || !u.Changes[0].AskedAt.Equal(kept[j].ReceivedAt) {
					t.Errorf("round %d: it became %+v", i, u.Changes[0])
				}
			}
		}
		if want := map[bool]int{true: 0, false: len(kept)}[still]; read != want {
			t.Errorf("round %d: %d of %d are understood", i, read, len(kept))
		}
	}
}

// odd is a network that replaces parts of its answers.
type odd []string

func (o odd) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	text := strings.NewReplacer(o...).Replace(string(body))
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	return resp, err
}

// rationFunc refuses calls as it is told.
type rationFunc func(method string) error

func (r rationFunc) Spend(_ context.Context, method string) error { return r(method) }
func (r rationFunc) Refused(context.Context, string) error        { return nil }

func TestARationedCallIsNotMade(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, simvk.Options{})
	spent := &netvk.RationedError{RetryAfter: 7 * time.Minute, Cause: errors.New("spent")}
	rationed := service(n).Rationed(rationFunc(func(string) error { return spent }))
	s := vk.NewWall(vk.WallOptions{Client: rationed, Owner: vktest.OwnerID, Names: vk.NewNames(rationed, n.Now), Now: n.Now})
	_, err := s.Fetch(t.Context(), "")
	wantTrouble(t, err, collectors.Limited, "израсходован")
	var trouble *collectors.Trouble
	if errors.As(err, &trouble) && trouble.RetryAfter != 7*time.Minute {
		t.Errorf("it comes back after %v", trouble.RetryAfter)
	}
	if n.Calls("wall.get") != 0 {
		t.Error("the call was made")
	}
}
