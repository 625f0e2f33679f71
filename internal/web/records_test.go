package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// books keep the journal and requests in memory.
type books struct {
	mu     sync.Mutex
	rows   []records.Row
	terms  records.Terms
	asked  []records.Erasure
	broken error
	check  records.Check
}

func (b *books) ports() Records { return Records{Journal: b, Terms: b, Erasing: b} }

func (b *books) Record(_ context.Context, e records.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	row, err := records.Seal(e, int64(len(b.rows)+1), "", "соль")
	b.rows = append(b.rows, row)
	return err
}

func (b *books) Journal(_ context.Context, f records.Filter) ([]records.Row, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []records.Row
	for _, r := range slices.Backward(b.rows) {
		if (f.Subject == "" || f.Subject == r.Subject) && (len(f.Actions) == 0 || slices.Contains(f.Actions, r.Action)) && (f.Before == 0 || r.Seq < f.Before) && len(out) < f.Limit {
			out = append(out, r)
		}
	}
	return out, nil
}

func (b *books) JournalPeople(context.Context) ([]records.Person, error) {
	return []records.Person{{ID: "head", Name: "Глава"}}, nil
}

func (b *books) JournalChecks(context.Context, int) ([]records.Check, error) {
	if b.check.At.IsZero() {
		return nil, nil
	}
	return []records.Check{b.check}, nil
}

func (b *books) Terms(context.Context) (records.Terms, records.Chosen, error) {
	if b.terms == nil {
		return records.DefaultTerms(), records.Chosen{}, nil
	}
	return b.terms, records.Chosen{Version: 1, By: "Администратор", At: noon()}, nil
}

func (b *books) SetTerms(_ context.Context, _ rights.Actor, t records.Terms, _ int, _ time.Time) error {
	b.terms = t
	return t.Check()
}

func (b *books) DueOf(_ context.Context, c records.Class, before time.Time) (records.Due, error) {
	return records.Due{Class: c, Count: 21, Oldest: before}, nil
}

func (b *books) FindAuthor(_ context.Context, n social.Network, handle string) (records.Author, error) {
	if handle != "vetrova" {
		return records.Author{}, errs.New(errs.NotFound, "Среди прочитанного такой страницы нет.")
	}
	return records.Author{Network: n, ID: "501"}, nil
}

func (b *books) Holding(_ context.Context, a records.Author) (records.Holding, error) {
	h := records.Holding{Author: a}
	if a.ID == "501" {
		h.Names, h.Items, h.CaseCount, h.OpenCases, h.Cases = []string{"Анна <Ветрова>"}, 3, 1, 1, []int64{4122}
	}
	return h, nil
}

func (b *books) AskErasure(_ context.Context, by rights.Actor, e records.Erasure, now time.Time) (records.Erasure, error) {
	e.Number, e.Alias, e.ByName, e.AskedAt = 1, "Заявитель 1", by.Name, now
	if err := e.Check(); err != nil {
		return e, err
	}
	b.asked = append(b.asked, e)
	return e, nil
}

func (b *books) Erasures(context.Context, int64, int) ([]records.Erasure, error) {
	return []records.Erasure{{
		Number: 1, Mode: records.Wipe, Author: records.Author{Network: social.VK, ID: "501"}, Alias: "Заявитель 1", Basis: "Заявление № 12", ByName: "Администратор",
		AskedAt: noon(), EndedAt: noon(), Done: records.Tally{Items: 3, Versions: 5, Photos: 1},
	}}, nil
}

// plainPages lists pages under the rights of casework that show no citizen's words,
// names or photos.
func plainPages() []string {
	return []string{"GET /incidents", "GET /incidents/settings", "GET /silences", "GET /places/suggest", "GET /rubricator/suggest", "GET /search/saved/{id}"}
}

// Every page that may show people's data is either in the journal or known to
// show none; every form is there unless the store writes its change itself.
func TestEveryRouteIsInTheJournalOrKnownToBePlain(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	people := []rights.Action{rights.ViewCases, rights.ViewRaw, rights.ViewDeliveries}
	known := map[string]bool{}
	for _, rt := range b.server.routes() {
		known[rt.pattern] = true
		_, traced := traces()[rt.pattern]
		if strings.HasPrefix(rt.pattern, "GET ") && slices.Contains(people, rt.access.action) && !traced && !slices.Contains(plainPages(), rt.pattern) {
			t.Errorf("%s may show people's data: name it in traces (trail.go), or in plain where it shows none", rt.pattern)
		}
	}
	for pattern := range traces() {
		if !known[pattern] {
			t.Errorf("%s is traced, and is no route", pattern)
		}
	}
	for pattern := range noted() {
		if !known[pattern] {
			t.Errorf("%s is noted, and is no route", pattern)
		}
	}
}

func TestReadsStandInTheJournalBeforeThePageIsShown(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustStatus(t, b.get(t, "head", "/cases/4122"), http.StatusOK)
	mustStatus(t, b.get(t, "curator", "/search?q=Ветрова&net=vk&foo=Ветрова"), http.StatusOK)
	b.post(t, "moderator", "/cases/4121/accept", url.Values{"version": {"3"}})
	var got []string
	for _, r := range b.books.rows {
		got = append(got, r.ActorID+" "+string(r.Action)+" "+r.Subject+" "+r.Words)
		if strings.Contains(r.Data, "Ветрова") || strings.Contains(r.Data, "%D0") {
			t.Errorf("a citizen's name stands in the chain: %s", r.Data)
		}
	}
	want := []string{"head read.case case:4122 ", "curator read.search page:/search Ветрова", "moderator change page:/cases/4121/accept "}
	if !slices.Equal(got, want) {
		t.Fatalf("%q", got)
	}
	// A script that asks again for what is open does not fill the journal.
	for range 3 {
		r := newGet(t, "/inbox/rows")
		r.Header.Set(partHeader, "1")
		mustStatus(t, b.do(t, "head", r), http.StatusOK)
	}
	if n := len(b.books.rows); n != 4 {
		t.Fatalf("%d rows", n)
	}
	b.books.broken = errs.Wrap(errs.Unavailable, "Не получилось записать обращение в журнал.", errors.New("disk"))
	page := mustStatus(t, b.get(t, "head", "/cases/4122"), http.StatusServiceUnavailable)
	mustHave(t, page, "записать обращение в журнал")
	mustLack(t, page, "Наледь")
}

func TestJournalPage(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustStatus(t, b.get(t, "head", "/cases/4122"), http.StatusOK)
	mustLack(t, mustStatus(t, b.get(t, "administrator", "/journal"), http.StatusOK), `class="link" href="/cases/4122"`)
	page := mustStatus(t, b.get(t, "curator", "/journal?about=№4122&what=read.case"), http.StatusOK)
	mustHave(t, page, "Открыта карточка", `href="/cases/4122"`, "ещё не проверялся", "/journal/export?about=%E2%84%964122")
	b.books.check = records.Check{At: noon(), First: 1, Head: records.Anchor{Seq: 21, Hash: "abc"}}
	mustHave(t, mustStatus(t, b.get(t, "curator", "/journal"), http.StatusOK), "21\u00a0запись подряд", "21:abc")
	b.books.check.Broken, b.books.check.Trouble = 7, "запись № 7 изменена"
	mustHave(t, mustStatus(t, b.get(t, "curator", "/journal"), http.StatusOK), "Журнал повреждён: запись № 7 изменена")
	mustHave(t, mustStatus(t, b.get(t, "curator", "/journal/export"), http.StatusOK), "Открыта карточка", "case:4122")
}

func TestTermsAreSetAndTried(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/keeping?dry=1"), http.StatusOK), "Удалится: <b>21, самое старое от")
	fields := url.Values{"version": {"0"}}
	for _, c := range records.Classes() {
		fields.Set("days."+string(c), "400")
	}
	if to := b.post(t, "administrator", "/keeping", fields).Header().Get("Location"); to != "/keeping" || b.books.terms[records.Items] != 400 {
		t.Fatalf("led to %q, %v", to, b.books.terms)
	}
	for _, days := range []string{"3", "-1", "год", "99999"} {
		fields.Set("days.items", days)
		mustHave(t, mustStatus(t, b.post(t, "administrator", "/keeping", fields), http.StatusUnprocessableEntity), "Не сохранено")
	}
}

func TestAPersonIsFoundAndErased(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.post(t, "administrator", "/persons", url.Values{"whom": {"https://vk.com/vetrova"}, "net": {"telegram"}}), http.StatusOK)
	mustHave(t, page, "Анна &lt;Ветрова&gt;", "1\u00a0карточка ещё открыта", "номер 501")
	mustHave(t, mustStatus(t, b.post(t, "administrator", "/persons", url.Values{"whom": {"7"}, "net": {"vk"}}), http.StatusOK), "в базе ничего нет")
	mustHave(t, mustStatus(t, b.post(t, "administrator", "/persons", url.Values{"whom": {"@nobody"}, "net": {"vk"}}), http.StatusNotFound), "такой страницы нет")
	fields := url.Values{"net": {"vk"}, "id": {"501"}, "mode": {"erase"}, "basis": {"Заявление № 12"}}
	mustHave(t, mustStatus(t, b.post(t, "administrator", "/persons/erase", fields), http.StatusUnprocessableEntity), "Отметьте", "Заявление № 12")
	fields.Set("sure", "1")
	if to := b.post(t, "administrator", "/persons/erase", fields).Header().Get("Location"); to != "/persons/1" || len(b.books.asked) != 1 {
		t.Fatalf("led to %q", to)
	}
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/persons/1"), http.StatusOK), "Что остаётся и почему", "Заявитель 1")
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/persons/1/file"), http.StatusOK), "АКТ № 1", "Администрация города Приреченска", "Фото: 1")
	for _, r := range b.books.rows {
		if strings.Contains(r.Subject+r.Data+r.Words, "501") {
			t.Errorf("the journal names the person: %+v", r)
		}
	}
}
