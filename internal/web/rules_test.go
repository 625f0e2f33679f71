package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/index"
	"otklik/internal/rules"
	"otklik/internal/social"
)

// rules are those of the real base beside the sample's pages.
func (p *planBase) rules(t testing.TB) Rules {
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	return Rules{Book: p.s, Scans: p.s, Offers: p.s, Trials: &rules.Trials{Book: p.s, Context: ctx}, Changed: func() {}}
}

// ruled is a bench with two rules, a list and some stored messages.
func ruled(t *testing.T) *bench {
	t.Helper()
	b := setup(t, noon)
	ctx, now := t.Context(), noon()
	st := collectors.Stream{Name: "rules", SourceID: b.plan.vk}
	b.plan.must(b.plan.s.EnsureStream(ctx, st, now))
	l, err := b.plan.s.Take(ctx, st.Name, "test", time.Hour, now)
	b.plan.must(err)
	var batch collectors.Batch
	for i, text := range []string{"Когда уберут наледь? <script>alert(1)</script>", "Сосульки над входом", "Спасибо за сугробы"} {
		id := string(rune('1' + i))
		it := social.Item{
			Ref: social.Ref{Network: social.VK, Owner: "-101", ID: "q" + id}, Kind: social.Comment, Author: social.Author{ID: "7", Name: "Житель"}, Text: text,
			Thread: social.Ref{Network: social.VK, Owner: "-101", ID: "q0"}, PublishedAt: now.Add(-time.Duration(i+30) * time.Hour),
		}
		batch.Updates = append(batch.Updates, collectors.Update{Key: id, Raw: []byte("{}"), Changes: []collectors.Change{{Op: collectors.Created, Item: it}}})
	}
	batch.Next = "1"
	_, err = b.plan.s.Commit(ctx, l, st, batch, now)
	b.plan.must(err)
	return b
}

func benchRule(spelled string, more ...string) url.Values {
	v := url.Values{"version": {"1"}, "name": {"Наледь"}, "spelled": {spelled}, "topic": {"snow"}, "active": {"1"}, "scan": {"30"}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func TestRulesPagesKeepTheirPolicy(t *testing.T) {
	t.Parallel()
	b := ruled(t)
	for _, path := range []string{"/rules", "/rules?q=наледь&topic=snow&state=on&sort=precision", "/rules/ice", "/rules/new", "/rules/ice/versions", "/rules/ice/found", "/lists", "/lists/спрос"} {
		page := withinPolicy(t, path, b.get(t, "curator", path))
		mustHave(t, page, "Правил")
	}
	mustStatus(t, b.get(t, "curator", "/rules/none"), http.StatusNotFound)
	page := mustStatus(t, b.get(t, "executor", "/rules/ice"), http.StatusOK)
	mustLack(t, page, ">Сохранить", `href="/rules/new"`)
	mustStatus(t, b.post(t, "executor", "/rules/ice", benchRule("снег")), http.StatusForbidden)
}

func TestAMistakeIsShownInItsPlace(t *testing.T) {
	t.Parallel()
	b := ruled(t)
	w := b.post(t, "curator", "/rules/ice", benchRule("наледь @нету (снег"))
	page := mustStatus(t, w, http.StatusUnprocessableEntity)
	mustHave(t, page, "Нет списка «@нету»", "<mark>@нету</mark>", "наледь @нету (снег")
	page = mustStatus(t, b.post(t, "executor", "/rules/ice/try", benchRule("наледь | льдом", "act", "check")), http.StatusOK)
	mustHave(t, page, "основа «")
	mustLack(t, page, "это слово, и оно должно стоять")
	page = mustStatus(t, b.post(t, "curator", "/rules/ice/try", benchRule("наледь или льдом", "act", "check")), http.StatusOK)
	mustHave(t, page, "«или», знак 8: это слово, и оно должно стоять", "напишите «|»")
}

func TestATrialSaysWhatIsMetInsteadOfAWord(t *testing.T) {
	t.Parallel()
	b := ruled(t)
	page := withinPolicy(t, "try", b.post(t, "curator", "/rules/ice/try", benchRule("сасульки | холодильник | сеть:вк", "act", "try")))
	mustHave(t, page, "не встретилось; может быть, «сосульки»?", "не встретилось</span>")
	if n := strings.Count(page, "не встретилось"); n != 2 {
		t.Errorf("%d words are said not to be met, 2 are", n)
	}
}

func TestARuleIsTriedBeforeItIsSaved(t *testing.T) {
	t.Parallel()
	b := ruled(t)
	page := withinPolicy(t, "try", b.post(t, "curator", "/rules/ice/try", benchRule("наледь | сосулька", "act", "try")))
	mustHave(t, page, "<b>2</b><span>всего</span>", "&#43;1", "<mark>Сосульки</mark>", "сосульки<small>1</small>")
	id := regexp.MustCompile(`data-trial="([^"]+)"`).FindStringSubmatch(page)
	again := mustStatus(t, b.post(t, "curator", "/rules/ice/try", benchRule("наледь | сосулька", "trial", id[1], "tab", "all")), http.StatusOK)
	mustHave(t, again, id[1], "<mark>наледь</mark>", "&lt;script&gt;")
	set, err := b.plan.s.RuleSet(t.Context())
	b.plan.must(err)
	if x, _ := set.Rule("ice"); x.Version != 1 {
		t.Fatalf("a trial saved version %d", x.Version)
	}
}

func TestSavingTellsOfAnothersVersion(t *testing.T) {
	t.Parallel()
	b := ruled(t)
	if w := b.post(t, "curator", "/rules/ice", benchRule("наледь снег")); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	w := b.post(t, "administrator", "/rules/ice", benchRule("наледь лёд"))
	page := mustStatus(t, w, http.StatusConflict)
	mustHave(t, page, "сохранил версию 2", "<ins>снег</ins>", "наледь лёд", `name="version" value="2"`)
	if w := b.post(t, "administrator", "/rules/ice/back", url.Values{"version": {"2"}, "to": {"1"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	page = mustStatus(t, b.get(t, "curator", "/rules/ice/versions"), http.StatusOK)
	mustHave(t, page, "Возврат к версии 1", `data-version="3"`, "<del>снег</del>")
	page = mustStatus(t, b.get(t, "curator", "/rules/ice"), http.StatusOK)
	mustHave(t, page, "Прошлые сообщения", "/rules/ice/stop")
}

func TestAListChangesTheRulesThatHoldIt(t *testing.T) {
	t.Parallel()
	b := ruled(t)
	save := func(expr, version string) int {
		return b.post(t, "curator", "/lists", url.Values{"name": {"спрос"}, "spelled": {expr}, "version": {version}}).Code
	}
	if code := save("когда | почему", "1"); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	set, err := b.plan.s.RuleSet(t.Context())
	b.plan.must(err)
	x, _ := set.Rule("ice")
	if x.Version != 2 || !strings.Contains(x.Expr, "почему") || x.Spelled != "(наледь | сосулька) @спрос" || !x.ListOnly {
		t.Fatalf("%+v", x)
	}
	if _, err := index.Parse(x.Expr); err != nil {
		t.Fatal(err)
	}
	if code := save("(", "2"); code != http.StatusUnprocessableEntity {
		t.Fatal(code)
	}
	if code := save("что", "1"); code != http.StatusConflict {
		t.Fatal(code)
	}
	if code := save("@спрос | что", "2"); code != http.StatusUnprocessableEntity {
		t.Fatal("a list within itself", code)
	}
}
