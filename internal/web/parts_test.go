package web

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/live"
	"otklik/internal/rights"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	// spans are pairs of start and end.
	spans := func(at ...int) (list []incidents.Span) {
		for i := 0; i < len(at); i += 2 {
			list = append(list, incidents.Span{Start: at[i], End: at[i+1]})
		}
		return list
	}
	mark := func(s string) segment { return segment{s, true} }
	bare := func(s string) segment { return segment{s, false} }
	cases := map[string]struct {
		text  string
		marks []incidents.Span
		want  []segment
	}{
		"none":        {"вода", nil, []segment{bare("вода")}},
		"whole":       {"вода", spans(0, 8), []segment{mark("вода")}},
		"middle":      {"нет воды", spans(7, 15), []segment{bare("нет "), mark("воды")}},
		"unordered":   {"abcd", spans(2, 3, 0, 1), []segment{mark("a"), bare("b"), mark("c"), bare("d")}},
		"overlapping": {"abcdef", spans(1, 4, 3, 5, 1, 2), []segment{bare("a"), mark("bcde"), bare("f")}},
		"mid rune":    {"вода", spans(1, 4), []segment{bare("вода")}},
		"outside":     {"abc", spans(-1, 2, 2, 9, 2, 2, 3, 1), []segment{bare("abc")}},
		"empty":       {"", spans(0, 1), nil},
	}
	for name, tc := range cases {
		if diff := cmp.Diff(tc.want, segments(tc.text, tc.marks)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	long := lead(strings.Repeat("ы", 300), spans(0, 4, 590, 600), 101)
	if want := []segment{mark("ыы"), bare(strings.Repeat("ы", 48)), bare("…")}; !cmp.Equal(want, long) {
		t.Errorf("lead: %v", long)
	}
}

func TestQueryKeepsItsMeaning(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"/inbox", "/inbox?mine=1", "/inbox?dept=-", "/inbox?page=3&sort=new",
		"/inbox?closed=1&dept=d1&due=today&net=vk&q=%D0%BB%D1%91%D0%B4&sort=closed&stage=moderation&stage=done&topic=a&topic=b",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := parseQuery(u.Query()).url(); got != address {
			t.Errorf("%s becomes %s", address, got)
		}
	}
	junk := parseQuery(url.Values{"stage": {"x"}, "net": {"ok"}, "due": {"x"}, "sort": {"x"}, "page": {"-1"}, "mine": {"2"}, "topic": {""}})
	if got := junk.url(); got != "/inbox" {
		t.Errorf("junk becomes %s", got)
	}
}

func TestFilterReachesTheQueue(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustStatus(t, b.get(t, "executor", "/inbox/rows?stage=approval&topic=snow&dept=-&net=telegram&due=overdue&mine=1&closed=1&q=%D0%BB%D1%91%D0%B4&sort=new&page=2"), http.StatusOK)
	got := b.board.filter
	if got.TodayEnds.UTC().Format(time.DateTime) != "2025-11-24 21:00:00" {
		t.Errorf("the day ends at %v", got.TodayEnds)
	}
	got.TodayEnds, got.Now = time.Time{}, time.Time{}
	want := incidents.Filter{
		Stages: []incidents.Stage{incidents.Approval}, Topics: []string{"snow"}, Departments: []string{"-"}, Networks: networks()[1:],
		Due: incidents.DueOverdue, ExecutorID: "executor", Text: "лёд", Closed: true, Fold: true, Sort: incidents.Newest, Limit: rowsPerPage, Offset: rowsPerPage,
	}
	if got.By.ID == "" {
		t.Error("the queue is not told who looks")
	}
	got.By = want.By
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(rights.Actor{})); diff != "" {
		t.Error(diff)
	}
}

func TestEveryEventHasASentence(t *testing.T) {
	t.Parallel()
	kinds := []incidents.EventKind{
		incidents.EventOpened, incidents.EventAttached, incidents.EventAccepted, incidents.EventRejected, incidents.EventClassified,
		incidents.EventAssigned, incidents.EventReturned, incidents.EventSubmitted, incidents.EventReworked, incidents.EventApproved,
		incidents.EventPublished, incidents.EventNotPublished, incidents.EventUncertain, incidents.EventByHand, incidents.EventWithdrawn,
		incidents.EventInterim, incidents.EventAgreed, incidents.EventDisagreed, incidents.EventRedirected, incidents.EventReceived,
		incidents.EventMerged, incidents.EventTookIn, incidents.EventSplit, incidents.EventDetached, incidents.EventRated, incidents.EventRepeated,
		incidents.EventCopied, incidents.EventJoined, incidents.EventLeft, incidents.EventNote, incidents.EventAuthorEdited, incidents.EventAuthorDeleted,
	}
	seen := map[string]incidents.EventKind{}
	for _, k := range kinds {
		s := sentence(incidents.Event{Kind: k, Data: map[string]string{"topic": "Парк «Лето»"}}, time.UTC)
		if s == sentence(incidents.Event{Kind: "?"}, time.UTC) || seen[s] != "" {
			t.Errorf("%s has no sentence of its own: %q, as %s", k, s, seen[s])
		}
		seen[s] = k
	}
	if got, want := quoted("Парк «Лето»"), "«Парк „Лето“»"; got != want {
		t.Errorf("quoted: %q, want %q", got, want)
	}
}

func TestTrackOfARejectedCase(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustStatus(t, b.post(t, "moderator", "/cases/4121/reject", url.Values{"version": {"3"}, "reason": {"реклама"}}), http.StatusSeeOther)
	v := b.board.views["case-441"]
	var classes []string
	for _, st := range b.server.track(v.Case, v.History, noon()) {
		classes = append(classes, st.Class)
	}
	if diff := cmp.Diff([]string{"done", "", "", "", "", "done"}, classes); diff != "" {
		t.Error(diff)
	}
}

func TestBarsOfTheDay(t *testing.T) {
	t.Parallel()
	s, now := setup(t, noon).server, noon() // 14:05 of the agency's day
	at := func(h, m int) time.Time { return time.Date(2025, 11, 24, h-3, m, 0, 0, time.UTC) }
	x := collectors.SourceStatus{State: collectors.Lagging, CompleteTo: at(12, 0), Gaps: []collectors.SourceGap{
		{From: at(-2, 0), To: at(3, 0)}, {From: at(6, 0), To: at(7, 12), FilledAt: at(8, 0)},
	}}
	want := []bar{{"t1", 0, 50}, {"t2", 50, 58.6}, {"t3", 0, 12.5}, {"t2", 25, 30}}
	if diff := cmp.Diff(want, s.bars(x, now)); diff != "" {
		t.Error(diff)
	}
	// Added at noon and read back as far as six: that much of the day is known.
	read := collectors.SourceStatus{State: collectors.Healthy, Since: at(12, 0), CoveredFrom: at(6, 0), CompleteTo: at(14, 5)}
	if diff := cmp.Diff([]bar{{"t1", 25, 58.6}}, s.bars(read, now)); diff != "" {
		t.Error(diff)
	}
	fresh := collectors.SourceStatus{State: collectors.Healthy, Since: at(14, 4), CoveredFrom: at(14, 4), CompleteTo: at(14, 5)}
	if got := s.bars(fresh, now); len(got) != 1 || got[0].Width() < barLeast-0.01 {
		t.Errorf("a source added a minute ago: %v", got)
	}
	if got := s.bars(collectors.SourceStatus{State: collectors.Silent}, now); got != nil {
		t.Errorf("a source never read: %v", got)
	}
	if got := s.bars(collectors.SourceStatus{State: collectors.Healthy, CompleteTo: at(-5, 0)}, now); got != nil {
		t.Errorf("a source not read today: %v", got)
	}
}

func TestSourcesExplainWhatIsWrong(t *testing.T) {
	t.Parallel()
	page := mustStatus(t, setup(t, noon).get(t, "administrator", "/sources"), http.StatusOK)
	mustHave(t, page,
		"Бот был выключен больше суток. Дочитать нельзя: сеть не отдаёт прошлое.", "дочитан в", "Сеть попросила не спешить.",
		"Выпустите новый ключ", "прошлое: нет", "комментарии: есть", "ещё не прочитан")
}

func TestLiveTellsWhatIsStale(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	srv := httptest.NewUnstartedServer(b.handler)
	stop, cancel := context.WithCancel(t.Context())
	srv.Config.BaseContext = func(net.Listener) context.Context { return stop }
	srv.Start()
	defer srv.Close()
	defer cancel()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "otklik", Value: "head"})
	res, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	if !lines.Scan() || lines.Text() != ": open" {
		t.Fatalf("first line %q", lines.Text())
	}
	b.hub.Publish(live.Cases, live.Sources, live.Cases)
	got := map[string]int{}
	for len(got) < 2 && lines.Scan() {
		if region, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			got[region]++
		}
	}
	if diff := cmp.Diff(map[string]int{"cases": 1, "sources": 1}, got); diff != "" {
		t.Error(diff)
	}
	cancel() // shutdown
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data:") {
			t.Errorf("after the shutdown: %q", lines.Text())
		}
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	g := newGate(2, 3)
	leave, ok := g.enter("a")
	if !ok {
		t.Fatal("the first does not enter")
	}
	if _, ok := g.enter("a"); !ok {
		t.Error("the second does not enter")
	}
	if _, ok := g.enter("a"); ok {
		t.Error("the third of one person enters")
	}
	if _, ok := g.enter("b"); !ok {
		t.Error("another person does not enter")
	}
	if _, ok := g.enter("c"); ok {
		t.Error("more than in all enter")
	}
	leave()
	if _, ok := g.enter("c"); !ok {
		t.Error("a free place is not given")
	}
}

func TestThemeIsRemembered(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	w := b.post(t, "head", "/theme", url.Values{"back": {"/sources"}})
	if to := w.Header().Get("Location"); to != "/sources" {
		t.Errorf("comes back to %q", to)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sources", nil)
	for _, c := range w.Result().Cookies() {
		r.AddCookie(c)
	}
	mustHave(t, mustStatus(t, b.do(t, "head", r), http.StatusOK), `data-theme="dark"`)
	mustHave(t, mustStatus(t, b.get(t, "", "/signin?theme=light"), http.StatusOK), `data-theme="light"`)
}
