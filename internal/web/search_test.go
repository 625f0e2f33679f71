package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/index"
	"otklik/internal/errs"
	"otklik/internal/finding"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// shelf is what the page Поиск reads in tests.
type shelf struct{}

func (shelf) ports() Searching {
	return Searching{Archive: shelf{}, Items: shelf{}, Saved: shelf{}, Upkeep: shelf{}}
}

func (shelf) Search(_ context.Context, q index.Query) (index.Found, error) {
	if q.Text != "" {
		if _, err := index.Parse(q.Text); err != nil {
			return index.Found{}, err
		}
	}
	if q.Text == "пусто" {
		return index.Found{}, nil
	}
	return index.Found{
		Hits: []index.Hit{{ID: "i1", Text: "Нет воды <b>второй</b> день", Spans: []index.Span{{Start: 0, End: 15}}}}, Total: 1234, Next: "abc",
		Facets: index.Facets{Networks: map[string]int{"vk": 1000, "telegram": 234}, Kinds: map[string]int{"comment": 1234}, WithCase: 3},
	}, nil
}

func (shelf) Rebuilding() (note, cursor string, ok bool) { return "1", "50", true }

func (shelf) FoundItems(_ context.Context, ids []string) ([]finding.Item, error) {
	var list []finding.Item
	for _, id := range ids {
		list = append(list, finding.Item{ID: id, Source: "Наш город", Versions: 2, DeletedAt: time.Unix(1, 0), Message: social.Item{
			Ref: social.Ref{Network: social.VK, Owner: "-1", ID: "2"}, Kind: social.Comment, Text: "Нет воды <b>второй</b> день", PublishedAt: time.Unix(2e9, 0),
		}})
	}
	return list, nil
}

func (s shelf) FoundItem(ctx context.Context, id string) (finding.Item, []incidents.Version, error) {
	if id != "i1" {
		return finding.Item{}, nil, errs.New(errs.NotFound, "Такого сообщения нет.")
	}
	list, err := s.FoundItems(ctx, []string{id})
	return list[0], []incidents.Version{{Text: "Нет воды"}, {Text: list[0].Message.Text}}, err
}

func (shelf) SavedSearches(context.Context, string) ([]finding.Saved, error) {
	return []finding.Saved{{ID: "s1", Name: "Вода", Query: "q=%D0%B2%D0%BE%D0%B4%D0%B0", New: 4}}, nil
}

func (shelf) SaveSearch(context.Context, rights.Actor, finding.Saved, time.Time) (string, error) {
	return "s2", nil
}
func (shelf) ForgetSearch(context.Context, rights.Actor, string, time.Time) error { return nil }
func (shelf) LookAtSearch(context.Context, string, string, time.Time) error       { return nil }
func (shelf) WishReindex(context.Context, rights.Actor, time.Time) error          { return nil }
func (shelf) KeepMonths(context.Context, rights.Actor, int, time.Time) error      { return nil }
func (shelf) ArchiveWishes(context.Context) (int64, int, int64, error)            { return 1, 12, 100, nil }

func (shelf) ArchiveChecks(context.Context, int) ([]finding.Check, error) {
	return []finding.Check{{Begun: time.Unix(2e9, 0), Items: 5, Missing: 2}}, nil
}

func TestAFileOfTheSearchEndsAtItsBound(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	res := b.get(t, "curator", "/search/export?q=вода")
	lines := strings.Split(strings.TrimRight(res.Body.String(), "\r\n"), "\r\n")
	if len(lines) != searchExport+2 || !strings.HasPrefix(lines[len(lines)-1], "Здесь первые 100\u202f000\u00a0сообщений.") || !strings.Contains(lines[1], "Нет воды <b>второй</b> день") {
		t.Errorf("%d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
	if name := res.Header().Get("Content-Disposition"); !strings.Contains(name, ".csv") {
		t.Error(name)
	}
	mustHave(t, mustStatus(t, b.get(t, "curator", "/search/export?q=(вода"), http.StatusUnprocessableEntity), "скобка")
}

func TestAuthorsAreKnownByTheirPages(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"501": "501", " 501 ": "501", "https://vk.com/id501": "501", "vk.com/id501/": "501", "vk.com/club7": "-7", "https://vk.com/public7": "-7", "-7": "-7", "idol": "idol", "": "",
	} {
		if got := authorOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSearchPage(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := b.get(t, "curator", "/search?q=%D0%B2%D0%BE%D0%B4%D0%B0&net=vk").Body.String()
	mustHave(t, page, "<mark>Нет воды</mark>", "&lt;b&gt;", "за всё время", "Дальше", "Вода", `title="Новых с прошлого раза">4`, "удалено автором", "исправлено", `id="saved"`)
	mustHave(t, mustStatus(t, b.get(t, "curator", "/search?place=Нигдеево"), http.StatusOK), `id="no-place"`)
	mustHave(t, mustStatus(t, b.get(t, "curator", "/search?q=%28вода"), http.StatusOK), `id="wrong"`)
	mustHave(t, mustStatus(t, b.get(t, "curator", "/search?q=пусто"), http.StatusOK), "Ничего не нашлось")
	mustStatus(t, b.get(t, "administrator", "/search"), http.StatusForbidden)
	mustHave(t, mustStatus(t, b.get(t, "moderator", "/search/items/i1"), http.StatusOK), "Завести карточку", "Сначала было так")
	mustLack(t, mustStatus(t, b.get(t, "curator", "/search/items/i1"), http.StatusOK), "Завести карточку")
	mustStatus(t, b.get(t, "curator", "/search/items/nothing"), http.StatusNotFound)
	if to := b.get(t, "curator", "/search/saved/s1").Header().Get("Location"); to != "/search?q=%D0%B2%D0%BE%D0%B4%D0%B0" {
		t.Errorf("a saved search leads to %q", to)
	}
	mustStatus(t, b.post(t, "curator", "/search/saved", url.Values{"name": {"Свет"}, "query": {"q=свет"}}), http.StatusSeeOther)
	mustStatus(t, b.post(t, "curator", "/archive/reindex", nil), http.StatusForbidden)
	mustStatus(t, b.post(t, "administrator", "/archive/reindex", nil), http.StatusSeeOther)
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/archive"), http.StatusOK), "50", "исправлено 2")
}
