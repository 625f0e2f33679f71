package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/social"
	"otklik/publisher"
)

// written are the fields of an editor with a text for both pages.
func (b *planBase) written(text string) url.Values {
	return url.Values{"page": {b.vk, b.tg}, "text": {text}, "date": {"2025-11-26"}, "time": {"12:00"}, "zone": {"Europe/Moscow"}, "late": {"30"}, "rubric": {"Спорт"}, "tags": {"лёд, #каток"}}
}

// TestPostWithoutScripts walks a post from its first word to its approval by
// plain forms.
func TestPostWithoutScripts(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := withinPolicy(t, "/posts/new", b.get(t, "press", "/posts/new?date=2025-11-26"))
	mustHave(t, page, `name="date" value="2025-11-26"`, "Приреченск сегодня", "Приреченск. Канал", "из 16\u202f000", "из 4\u202f096")

	f := b.plan.written("*Каток* откроют [здесь](https://prirechensk.example/katok)")
	f.Set("text_telegram", "_Скоро_ каток")
	f.Set("do", "save")
	w := b.post(t, "press", "/posts/new", f)
	if to := w.Header().Get("Location"); to != "/posts/1" {
		t.Fatalf("status %d to %q: %.600s", w.Code, to, cut(t, w.Body.String(), "<main", "</main>"))
	}
	page = withinPolicy(t, "/posts/1", b.get(t, "press", "/posts/1"))
	mustHave(t, page, "Каток откроют здесь (https://prirechensk.example/katok)", "<i>Скоро</i> каток", `value="12:00"`, `value="лёд, каток"`, `value="Спорт"`)

	// Handing in, sending back, mending, approving.
	f = b.plan.written("Каток откроют 5 декабря")
	f.Set("version", field(t, page, "/posts/1/write", "version"))
	f.Set("do", "submit")
	mustStatus(t, b.post(t, "press", "/posts/1/write", f), http.StatusSeeOther)
	page = withinPolicy(t, "/posts/1", b.get(t, "head", "/posts/1"))
	mustHave(t, page, "На согласовании", "<del>", "<ins>", "ждём согласования")
	mustStatus(t, b.post(t, "head", "/posts/1/rework", url.Values{"version": {field(t, page, "/posts/1/rework", "version")}, "reason": {"Назовите час"}}), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "press", "/posts/1"), http.StatusOK)
	mustHave(t, page, "Вера Лаптева: возвращено с замечанием", "Назовите час")
	f.Set("text", "Каток откроют 5 декабря в 12:00")
	f.Set("version", field(t, page, "/posts/1/write", "version"))
	mustStatus(t, b.post(t, "press", "/posts/1/write", f), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "head", "/posts/1"), http.StatusOK)
	mustHave(t, page, "по сравнению с версией, которую читали в прошлый раз")
	hash, version := field(t, page, "/posts/1/approve", "hash"), field(t, page, "/posts/1/approve", "version")
	mustHave(t, mustStatus(t, b.post(t, "head", "/posts/1/approve", url.Values{"version": {version}, "hash": {strings.Repeat("0", 64)}}), http.StatusConflict), "Прочитайте его ещё раз")
	mustStatus(t, b.post(t, "head", "/posts/1/approve", url.Values{"version": {version}, "hash": {hash}}), http.StatusSeeOther)
	page = withinPolicy(t, "/posts/1", b.get(t, "curator", "/posts/1"))
	mustHave(t, page, "Запланировано", "согласовал", "Вера Лаптева")
	mustLack(t, page, "/posts/1/withdraw", "/posts/1/move", "Изменить<")
	mustStatus(t, b.post(t, "curator", "/posts/1/remark", url.Values{"text": {"Хорошо <br>"}}), http.StatusSeeOther)
	mustHave(t, mustStatus(t, b.get(t, "press", "/posts/1"), http.StatusOK), "Хорошо &lt;br&gt;", "Забрать и исправить…", "Перенести…")
}

func TestOwnPostIsNotApproved(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	p := b.plan.do(b.plan.post("Каток", at(26, 12, 0)), "all", publisher.Write{Content: publisher.Content{Text: "Каток открыт"}, PageIDs: []string{b.plan.vk}}, publisher.Submit{})
	page := mustStatus(t, b.get(t, "all", "/posts/1"), http.StatusOK)
	mustHave(t, page, "Вы писали этот пост, поэтому согласовать его должен другой человек.")
	mustLack(t, page, `action="/posts/1/approve"`)
	w := b.post(t, "all", "/posts/1/approve", url.Values{"version": {itoa(p.Version)}, "hash": {p.Hash()}})
	mustHave(t, mustStatus(t, w, http.StatusForbidden), "согласовать его должен другой человек")
	mustStatus(t, b.post(t, "press", "/posts/1/approve", url.Values{"version": {itoa(p.Version)}, "hash": {p.Hash()}}), http.StatusForbidden)
	if got := b.plan.fresh(p).State; got != publisher.Review {
		t.Errorf("the post is %s", got)
	}
}

func TestPreviewIsWhatIsSent(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	const text = "*Лёд* и _снег_, *_вместе_* 🎿\nВторая строка <script>alert(1)</script> [наша страница](https://vk.com/club101) [сайт](https://prirechensk.example)"
	f := b.plan.written(text)
	f.Set("do", "save")
	mustStatus(t, b.post(t, "press", "/posts/new", f), http.StatusSeeOther)
	page := withinPolicy(t, "/posts/1", b.get(t, "press", "/posts/1"))
	shown := regexp.MustCompile(`(?s)<p class="text pv-text">(.*?)</p>`).FindAllStringSubmatch(page, -1)
	tags := regexp.MustCompile(`<[^>]+>`)
	plain := func(s string) string {
		return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;", "&", "&#34;", `"`, "&#39;", "'").Replace(tags.ReplaceAllString(s, ""))
	}
	tg := publisher.Render(social.Telegram, publisher.Content{Text: text})[0]
	if len(shown) != 2 || plain(shown[1][1]) != tg.Text {
		t.Fatalf("the preview shows %q, sent is %q", shown, tg.Text)
	}
	mustHave(t, shown[1][1], "<b>Лёд</b>", "<i>снег</i>", "<b><i>вместе</i></b> 🎿", `href="https://prirechensk.example"`)
	vk := publisher.Render(social.VK, publisher.Content{Text: text})[0].Text
	if want := strings.Replace(vk, "[club101|наша страница]", "наша страница", 1); want == vk || plain(shown[0][1]) != want {
		t.Errorf("VK's preview shows %q, sent is %q", plain(shown[0][1]), vk)
	}
}

// picture is a photo with something written beside its pixels.
func picture(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.Set(3, 3, color.White)
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	// A chunk of text before the end, as cameras and programs leave it.
	raw := out.Bytes()
	end := len(raw) - 12
	words := []byte("tEXtGPS\x00secret 55N")
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(words)-4))
	chunk = binary.BigEndian.AppendUint32(append(chunk, words...), crc32.ChecksumIEEE(words))
	return slices.Concat(raw[:end], chunk, raw[end:])
}

// send sends the editor's form with files, as a browser without scripts does.
func (b *bench) send(t *testing.T, who, path string, fields url.Values, files map[string][]byte) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range fields {
		for _, v := range values {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, raw := range files {
		part, err := w.CreateFormFile("photo", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(t, who, r)
}

func TestPhotosOfAPost(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	f := b.plan.written("Смотрите, какой лёд")
	f.Set("do", "upload")
	w := b.send(t, "press", "/posts/new", f, map[string][]byte{"каток.png": picture(t, 100)})
	if to := w.Header().Get("Location"); to != "/posts/new" {
		t.Fatalf("status %d to %q: %.500s", w.Code, to, w.Body)
	}
	page := withinPolicy(t, "/posts/new", b.get(t, "press", "/posts/new"))
	mustHave(t, page, "Смотрите, какой лёд", "1 из 10", "У фото нет описания для незрячих", "с\u00a0фото", "из 1\u202f024", "Это ваш несохранённый черновик")
	hash := field(t, page, "/posts/new", "m_hash")
	stored, err := b.plan.s.Picture(context.Background(), hash)
	if err != nil || bytes.Contains(stored.Bytes, []byte("secret 55N")) {
		t.Fatalf("the kept photo: %v, with what stood beside its pixels: %v", err, err == nil)
	}

	// A second one, the other order, a description, one dropped, a link.
	f = kept1(f, page)
	f.Set("do", "upload")
	mustStatus(t, b.send(t, "press", "/posts/new", f, map[string][]byte{"вход.png": picture(t, 180)}), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "press", "/posts/new"), http.StatusOK)
	f = kept1(f, page)
	first, second := f["m_hash"][0], f["m_hash"][1]
	f["m_alt"] = []string{"Лёд", "Вход"}
	f.Set("do", "media-up:1")
	mustStatus(t, b.send(t, "press", "/posts/new", f, nil), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "press", "/posts/new"), http.StatusOK)
	f = kept1(f, page)
	if f["m_hash"][0] != second || f["m_hash"][1] != first || f["m_alt"][0] != "Вход" {
		t.Errorf("the order is %v with %v", f["m_hash"], f["m_alt"])
	}
	f.Set("do", "link")
	f.Set("newlink", "https://vk.com/video-1_2")
	mustStatus(t, b.send(t, "press", "/posts/new", f, nil), http.StatusSeeOther)
	page = mustStatus(t, b.get(t, "press", "/posts/new"), http.StatusOK)
	mustHave(t, page, "video-1_2", "Видео")
	f = kept1(f, page)
	f.Set("do", "media-drop:1")
	mustStatus(t, b.send(t, "press", "/posts/new", f, nil), http.StatusSeeOther)
	f = kept1(f, mustStatus(t, b.get(t, "press", "/posts/new"), http.StatusOK))
	f.Set("do", "save")
	mustStatus(t, b.send(t, "press", "/posts/new", f, nil), http.StatusSeeOther)
	id, err := b.plan.s.PostByNumber(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	post, err := b.plan.s.Post(context.Background(), id)
	if err != nil || len(post.Content.Media) != 2 {
		t.Fatalf("%+v, %v", post.Content.Media, err)
	}
	m := post.Content.Media[0]
	if m.Hash != second || m.Alt != "Вход" || m.Width != 400 || m.Height != 300 || m.Size == 0 {
		t.Errorf("the photo is %+v", m)
	}
	mustLack(t, mustStatus(t, b.get(t, "press", "/posts/new"), http.StatusOK), "несохранённый")
}

// kept1 is the form as the page has it now.
func kept1(f url.Values, page string) url.Values {
	out := url.Values{}
	for name, values := range f {
		if !strings.HasPrefix(name, "m_") && name != "newlink" {
			out[name] = values
		}
	}
	for _, name := range []string{"m_kind", "m_hash", "m_url", "m_alt"} {
		for _, m := range regexp.MustCompile(`name="`+name+`" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			out.Add(name, m[1])
		}
	}
	return out
}

func TestFilesThatAreNoPhotos(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	f := b.plan.written("Текст на месте")
	f.Set("do", "upload")
	w := b.send(t, "press", "/posts/new", f, map[string][]byte{"отчёт.png": []byte("%PDF-1.4 это не картинка")})
	mustHave(t, mustStatus(t, w, http.StatusUnprocessableEntity), "отчёт.png: файл — не картинка", "Подходят JPEG, PNG, GIF и WebP", "Текст на месте</textarea>")
	w = b.send(t, "press", "/posts/new", f, nil)
	mustHave(t, mustStatus(t, w, http.StatusUnprocessableEntity), "Выберите фото")
	// A hash that nobody uploaded is no photo of ours.
	f.Set("do", "save")
	f["m_kind"], f["m_hash"], f["m_url"], f["m_alt"] = []string{"photo", "file"}, []string{strings.Repeat("a", 64), "x"}, []string{"", ""}, []string{"x", ""}
	mustStatus(t, b.send(t, "press", "/posts/new", f, nil), http.StatusSeeOther)
	page := mustStatus(t, b.get(t, "press", "/posts/1"), http.StatusOK)
	mustHave(t, page, "Вложение 1 не загрузилось", "1 из 10")
	f.Set("do", "submit")
	f.Set("version", "1")
	mustStatus(t, b.send(t, "press", "/posts/1/write", f, nil), http.StatusUnprocessableEntity)
}

func TestOnlyWritersMaySendMuch(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	large := strings.Repeat("x", maxBody+1)
	for who, want := range map[string]int{"": http.StatusUnauthorized, "head": http.StatusForbidden} {
		seen := &counted{r: strings.NewReader("text=" + large)}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/posts/new", seen)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		mustStatus(t, b.do(t, who, r), want)
		if seen.n > maxBody+1 {
			t.Errorf("%q made us read %d bytes", who, seen.n)
		}
	}
	w := b.send(t, "press", "/posts/new/draft", url.Values{"text": {large}}, nil)
	mustStatus(t, w, http.StatusRequestEntityTooLarge)
}

type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestPollOfAPost(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	f := b.plan.written("Где каток?")
	f.Set("do", "poll-add")
	mustStatus(t, b.post(t, "press", "/posts/new", f), http.StatusSeeOther)
	page := mustStatus(t, b.get(t, "press", "/posts/new"), http.StatusOK)
	mustHave(t, page, `name="question"`, "у опроса нет вопроса")
	if got := strings.Count(page, `name="option"`); got != optionsShown {
		t.Errorf("%d lines for options", got)
	}
	f.Set("poll", "1")
	f.Set("question", "Где залить лёд?")
	f["option"] = []string{"Двор", "Сквер", "Парк"}
	f.Set("multiple", "1")
	f.Set("open_days", "3")
	f.Set("do", "option-up:1")
	mustStatus(t, b.post(t, "press", "/posts/new", f), http.StatusSeeOther)
	page = withinPolicy(t, "/posts/new", b.get(t, "press", "/posts/new"))
	mustHave(t, cut(t, page, `id="ed-pv"`, "ed-ck"), "Анонимный опрос, можно выбрать несколько", "2\u00a0сообщения подряд")
	if strings.Index(page, `value="Сквер"`) > strings.Index(page, `value="Двор"`) {
		t.Error("the option did not move up")
	}
	f.Set("do", "save")
	mustStatus(t, b.post(t, "press", "/posts/new", f), http.StatusSeeOther)
	id, _ := b.plan.s.PostByNumber(context.Background(), 1)
	p, err := b.plan.s.Post(context.Background(), id)
	if err != nil || p.Content.Poll == nil || p.Content.Poll.OpenFor != 72*time.Hour || !p.Content.Poll.Multiple {
		t.Errorf("%+v, %v", p.Content.Poll, err)
	}
}

func TestWhatAPageCannotIsSaid(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	poor := b.plan.page(vkWithout(), "community")
	page := mustStatus(t, b.get(t, "press", "/posts/new"), http.StatusOK)
	mustHave(t, page, "нет ключа администратора: фото и опросы недоступны")
	f := b.plan.written("Опрос")
	f["page"] = []string{poor}
	f.Set("poll", "1")
	f.Set("question", "Где?")
	f["option"] = []string{"Тут", "Там"}
	f.Set("do", "submit")
	page = mustStatus(t, b.post(t, "press", "/posts/new", f), http.StatusUnprocessableEntity)
	mustHave(t, page, "нет ключа администратора", `href="/sources"`, `value="Тут"`)
	list, err := b.plan.s.Plan(context.Background(), publisher.Filter{Limit: 5})
	if err != nil || list.Total != 0 {
		t.Errorf("a refused post is in the plan: %d, %v", list.Total, err)
	}
}
