package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"otklik/incidents"
	"otklik/internal/social"
)

func TestPhotosAreShownOrSaidWhyNot(t *testing.T) {
	t.Parallel()
	page := mustStatus(t, setup(t, noon).get(t, "executor", "/cases/4122"), http.StatusOK)
	mustHave(t, page, `<a href="/media/`+sampleHash+`"`, `<img src="/media/`+sampleHash+`" alt="Фото. Наталья Трофимова" loading="lazy">`,
		"Фото сохранено у\u00a0нас", "Фото загружается", "Фото удалено в сети до загрузки", "автор убрал 1\u00a0фото, показать")
	// A photo that is not fetched by name stays a link into the network.
	mustHave(t, page, `href="https://vk.com/photo1_2"`)
	mustHave(t, mustStatus(t, setup(t, noon).get(t, "executor", "/cases/4122/preview"), http.StatusOK), `<img src="/media/`+sampleHash+`"`)
}

func TestAPhotoIsServedToWhoMaySeeCases(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	w := b.get(t, "curator", "/media/"+sampleHash)
	if body := mustStatus(t, w, http.StatusOK); body != "\x89PNG" {
		t.Errorf("%q", body)
	}
	for name, want := range map[string]string{
		"Content-Type": "image/png", "Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
		"ETag": `"` + sampleHash + `"`, "Content-Disposition": `inline; filename="photo-00112233.png"`,
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/media/"+sampleHash, nil)
	r.Header.Set("If-None-Match", `"`+sampleHash+`"`)
	mustStatus(t, b.do(t, "curator", r), http.StatusNotModified)
	mustStatus(t, b.get(t, "administrator", "/media/"+sampleHash), http.StatusForbidden)
	for _, hash := range []string{"x", strings.ToUpper(sampleHash), strings.Repeat("a", 64), sampleHash + "0"} {
		w := b.get(t, "curator", "/media/"+hash)
		mustStatus(t, w, http.StatusNotFound)
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: that it is missing is kept", hash)
		}
	}
}

func TestEveryFormerTextIsShownInOrder(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	item := &b.board.views["case-r34"].Thread[2]
	item.Versions = []incidents.Version{{Text: "первый текст"}, {Text: "второй текст", EditedAt: noon()}, {Text: item.Item.Text, EditedAt: noon()}}
	page := mustStatus(t, b.get(t, "executor", "/cases/4122"), http.StatusOK)
	mustHave(t, page, "показать прежние тексты")
	_, was, _ := strings.Cut(page, `<details class="was">`)
	was, _, _ = strings.Cut(was, "</details>")
	if first, second := strings.Index(was, "первый текст"), strings.Index(was, "второй текст"); first < 0 || second < first || strings.Count(was, `class="text"`) != 2 {
		t.Error(was)
	}
	mustHave(t, was, "Сначала", "Изменено")
}

func TestAnAlbumStandsOnce(t *testing.T) {
	t.Parallel()
	part := func(text string) incidents.ThreadItem {
		return incidents.ThreadItem{Item: social.Item{Text: text, Media: []social.Media{{Kind: "photo", Key: text, File: "f", Album: "7"}}}}
	}
	seen := map[string]bool{}
	if inAlbum(part("подпись"), seen) || !inAlbum(part(""), seen) || inAlbum(part("ещё слова"), seen) || inAlbum(incidents.ThreadItem{}, seen) {
		t.Error("a part of an album is shown twice, or words are hidden")
	}
}

func TestUnreadIsShownToTheAdministrator(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := mustStatus(t, b.get(t, "administrator", "/sources/unread"), http.StatusOK)
	mustHave(t, page, "Событие о комментарии не удалось разобрать.", "&lt;script&gt;alert(1)", "\uFFFD", "не является текстом", "уже разобрала 21\u00a0обновление", "Затон. Чат соседей")
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/sources/unread?source=s5&page=3"), http.StatusOK), "Здесь пусто", "Показать все")
	mustStatus(t, b.get(t, "head", "/sources/unread"), http.StatusForbidden)
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/sources"), http.StatusOK), "Не разобрано: 2.", `href="/sources/unread?source=s5"`)
	mustLack(t, mustStatus(t, b.get(t, "head", "/sources"), http.StatusOK), "/sources/unread")
	b.board.unread = nil
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/sources/unread"), http.StatusOK), "Всё разобрано")
}

func TestRawIsLegible(t *testing.T) {
	t.Parallel()
	if text, note := legible([]byte(`{"a":[1]}`)); text != "{\n  \"a\": [\n    1\n  ]\n}" || note != "" {
		t.Errorf("%q %q", text, note)
	}
	if text, note := legible([]byte(strings.Repeat("я", rawShown))); len(text) > rawShown+3 || note == "" {
		t.Errorf("%d %q", len(text), note)
	}
}
