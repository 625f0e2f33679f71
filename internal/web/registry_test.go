package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/sources"
	masterkeys "otklik/internal/vault"
)

// register is a registry of pages in memory, and a network that knows one key.
type register struct {
	list    []sources.Source
	down    bool
	noHooks string // why Telegram cannot send updates here
}

func (r *register) Registry(context.Context) ([]sources.Source, error) {
	return slices.Clone(r.list), nil
}

// Quota implements KeyBook: the key of s1 has called.
func (r *register) Quota(_ context.Context, now time.Time) ([]collectors.QuotaLeft, error) {
	return []collectors.QuotaLeft{
		{KeyPrint: r.list[0].Keys[0].Fingerprint, Method: "wall.get", Calls: 5000, Used: 1786, Left: 3214, FreesAt: now.Add(15 * time.Minute)},
		{KeyPrint: r.list[0].Keys[0].Fingerprint, Method: "wall.search", Calls: 1000, Used: 1000, FreesAt: now.Add(20 * time.Hour), RefusedAt: now.Add(-time.Minute)},
	}, nil
}

func (r *register) RegisteredSource(_ context.Context, id string) (sources.Source, error) {
	for _, s := range r.list {
		if s.ID == id && !s.Removed {
			s.Keys = slices.Clone(s.Keys)
			return s, nil
		}
	}
	return sources.Source{}, errs.New(errs.NotFound, "Такого источника нет.")
}

func (r *register) Connect(_ context.Context, x sources.Source, _ time.Time, seal func(string) ([]sources.Key, error)) (sources.Source, error) {
	x.ID = "new"
	var err error
	if x.Keys, err = seal(x.ID); err == nil {
		r.list = append(r.list, x)
	}
	return x, err
}

func (r *register) ChangeSource(ctx context.Context, id string, _ time.Time, decide func(*sources.Source) error) error {
	x, err := r.RegisteredSource(ctx, id)
	if err == nil {
		err = decide(&x)
	}
	for i := range r.list {
		if err == nil && r.list[i].ID == id {
			r.list[i] = x
		}
	}
	return err
}

// Check implements sources.Checker: only "good" is a good key.
func (r *register) Check(_ context.Context, c sources.Candidate) (sources.Found, error) {
	if r.down {
		return sources.Found{}, errs.New(errs.Unavailable, "Нет связи с ВКонтакте.")
	}
	f := sources.Found{ExternalID: "777", Title: "Приреченск сегодня", URL: "https://vk.com/club777", Keys: map[sources.KeyKind]sources.KeyFinding{}}
	for kind, secret := range c.Secrets {
		f.Keys[kind] = sources.KeyFinding{Abilities: []collectors.Ability{{Name: "Отвечать в ветке", Can: true}}}
		if !strings.HasPrefix(secret, "good") {
			f.Keys[kind] = sources.KeyFinding{Trouble: "ВКонтакте не принимает этот ключ. Выпустите новый."}
		}
	}
	return f, nil
}

func newRegister(now func() time.Time) (*register, *sources.Desk) {
	ring, err := (&masterkeys.Ring{}).Grown("m1")
	if err != nil {
		panic(err)
	}
	r := &register{}
	d := &sources.Desk{
		Book: r, Check: r, Sealer: sources.Sealer{Locks: masterkeys.Fixed(ring), Salt: []byte("salt")},
		Hook: func(id string) (string, error) {
			if r.noHooks != "" {
				return "", errs.New(errs.Invalid, r.noHooks)
			}
			return "https://otklik.example/hooks/telegram/" + id, nil
		},
		Shelf: func(_ context.Context, _ sources.Candidate, chat string) (sources.Shelf, error) {
			if chat != "-1007" {
				return sources.Shelf{}, errs.New(errs.Invalid, "Этот чат читают люди.")
			}
			return sources.Shelf{ID: -1007, Title: "Полка"}, nil
		},
		Now: now, Log: slog.New(slog.DiscardHandler), Changed: func() {},
	}
	add := func(s sources.Source, kind sources.KeyKind, change func(*sources.Key)) {
		k, err := d.Sealer.Seal(s.ID, kind, "good-"+s.ID)
		if err != nil {
			panic(err)
		}
		k.SetBy, k.SetByName, k.SetAt, k.CheckedAt = "administrator", "Ольга Админова", now().Add(-48*time.Hour), now().Add(-time.Hour)
		k.Abilities = []collectors.Ability{{Name: "Отвечать в ветке", Can: true}, {Name: "Публиковать записи", Why: "Выпустите ключ с правом «Стена»."}}
		change(&k)
		s.Keys = []sources.Key{k}
		r.list = append(r.list, s)
	}
	add(sources.Source{ID: "s1", Kind: sources.VKCommunity, ExternalID: "1", Title: "Приреченск сегодня", URL: "https://vk.com/prirechensk", Origin: sources.FromPerson}, sources.CommunityKey, func(*sources.Key) {})
	add(sources.Source{ID: "s2", Kind: sources.VKCommunity, ExternalID: "2", Title: "Школы Приреченска", Origin: sources.FromFile}, sources.CommunityKey, func(k *sources.Key) { k.SetBy = "" })
	add(sources.Source{ID: "s3", Kind: sources.TelegramChannel, ExternalID: "@online", Title: "Приреченск онлайн", Origin: sources.FromPerson}, sources.BotKey, func(k *sources.Key) { k.ExpiresAt = now().Add(5 * 24 * time.Hour) })
	add(sources.Source{ID: "s5", Kind: sources.VKCommunity, ExternalID: "5", Title: "ЖКХ города", Origin: sources.FromPerson, Paused: true}, sources.CommunityKey, func(k *sources.Key) { k.Trouble = "Ключ отозван." })
	add(sources.Source{ID: "s6", Kind: sources.VKCommunity, ExternalID: "6", Title: "Парки и скверы", Origin: sources.FromPerson}, sources.CommunityKey, func(k *sources.Key) { k.Sealed.MasterID = "lost" })
	return r, d
}

func TestAWrongKeyIsToldAndARightOneConnects(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	const path = "/connect/vk.community"
	page := mustStatus(t, b.get(t, "administrator", "/connect"), http.StatusOK)
	mustHave(t, page, "Сообщество ВКонтакте", "Канал Telegram", path)
	mustHave(t, mustStatus(t, b.get(t, "administrator", path), http.StatusOK), "Long Poll API", "можно добавить позже", `autocomplete="off"`)
	mustStatus(t, b.get(t, "administrator", "/connect/mastodon"), http.StatusNotFound)

	send := func(want int, fields url.Values) string {
		t.Helper()
		page := mustStatus(t, b.post(t, "administrator", path, fields), want)
		mustLack(t, page, "planted")
		return page
	}
	fields := url.Values{"address": {"vk.com/prirechensk"}, "key-community": {"planted-bad"}, "key-service": {"good-planted"}}
	page = send(http.StatusUnprocessableEntity, fields)
	mustHave(t, page, "не принимает этот ключ", "Подключить пока нельзя", `value="vk.com/prirechensk"`, "Уже вписан")
	mustLack(t, page, `action="/connect"`)
	if len(b.register.list) != 5 {
		t.Fatal("something was stored by a check")
	}
	// The good key need not be typed again; the bad one is not remembered.
	fields = url.Values{"address": {"vk.com/prirechensk"}, "key-community": {"good-planted-2"}, "kept": {field(t, page, path, "kept")}}
	page = send(http.StatusOK, fields)
	mustHave(t, page, "Ключи подходят", "Нет ключа администратора: фото, опросы и статистика недоступны.")
	kept := field(t, page, "/connect", "kept")
	mustStatus(t, b.post(t, "administrator", "/connect", url.Values{"kept": {kept + "x"}}), http.StatusUnprocessableEntity)
	w := b.post(t, "administrator", "/connect", url.Values{"kept": {kept}})
	mustStatus(t, w, http.StatusSeeOther)
	if to := w.Header().Get("Location"); to != "/sources/new" {
		t.Errorf("it leads to %s", to)
	}
	last := b.register.list[len(b.register.list)-1]
	if len(last.Keys) != 2 || last.Keys[0].SetBy != "administrator" || last.Origin != sources.FromPerson {
		t.Errorf("it is stored as %+v", last)
	}
}

func TestWhatIsWrongWithADraftIsASentence(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	const path = "/connect/vk.community"
	for name, x := range map[string]struct {
		fields url.Values
		says   string
		status int
	}{
		"no address":       {url.Values{"key-community": {"good"}}, "Укажите адрес", 422},
		"no key":           {url.Values{"address": {"x"}}, "Вставьте первый ключ", 422},
		"a day long ago":   {url.Values{"address": {"x"}, "key-community": {"good"}, "expires-admin": {"01.01.2020"}}, "уже прошёл", 422},
		"no day":           {url.Values{"address": {"x"}, "key-community": {"good"}, "expires-admin": {"31.02.2026"}}, "Такого дня нет", 422},
		"a foreign draft":  {url.Values{"address": {"x"}, "key-community": {"good"}, "kept": {"m1:AAAA"}}, "начали не вы", 422},
		"connected twice":  {url.Values{"address": {"x"}, "key-community": {"good"}}, "уже подключена", 409},
		"an empty request": {url.Values{}, "Укажите адрес", 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, noon)
			if name == "connected twice" {
				b.register.list[0].ExternalID = "777"
			}
			page := mustStatus(t, b.post(t, "administrator", path, x.fields), x.status)
			mustHave(t, page, x.says, "Ничего не записано")
		})
	}
	b.register.down = true
	fields := url.Values{"address": {"x"}, "key-community": {"good-planted"}}
	page := mustStatus(t, b.post(t, "administrator", path, fields), http.StatusServiceUnavailable)
	mustHave(t, page, "Нет связи с ВКонтакте", "Уже вписан")
	mustLack(t, page, "planted")
	b.register.down = false
	page = mustStatus(t, b.post(t, "administrator", path, url.Values{"address": {"x"}, "kept": {field(t, page, path, "kept")}}), http.StatusOK)
	mustHave(t, page, "Ключи подходят")
	for range 20 {
		page = b.post(t, "administrator", path, fields).Body.String()
	}
	mustHave(t, page, "Проверок слишком много")
}

// TestTheListTellsEveryKey is the page Источники: what each key can do, how long
// it is good, and what is left of its calls.
func TestTheListTellsEveryKey(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	texts := []string{
		"Чтение стен: осталось " + ru.Number(3214) + " из " + ru.Number(5000) + " на сутки, возвращаются с 14:20.",
		"Сеть отказала в 14:04: говорит, что запас кончился",
		"Отвечать в ветке", "Публиковать записи", "Выпустите ключ с правом «Стена».",
	}
	list := mustStatus(t, b.get(t, "head", "/sources"), http.StatusOK)
	mustHave(t, list, texts...)
	mustHave(t, list, "Ключ бота истекает через 5\u00a0дней, 29.11.2025.", "Нет ключа администратора")
	mustHave(t, mustStatus(t, b.get(t, "head", "/sources/s1"), http.StatusOK), texts...)
	mustHave(t, mustStatus(t, b.get(t, "head", "/sources/s3"), http.StatusOK), "Истекает через 5\u00a0дней", "29.11.2025")
	mustLack(t, list, "good-s")
	for left, says := range map[time.Duration]string{
		time.Hour: "истекает сегодня, 24.11.2025", 24 * time.Hour: "истекает завтра, 25.11.2025",
		14*24*time.Hour + time.Minute: "", -time.Minute: "истёк 24.11.2025",
	} {
		b.register.list[2].Keys[0].ExpiresAt = noon().Add(left)
		page := mustStatus(t, b.get(t, "head", "/sources"), http.StatusOK)
		if !strings.Contains(page, says) || says == "" && strings.Contains(page, "Ключ бота исте") {
			t.Errorf("%s before the end it does not say %q", left, says)
		}
	}
}

func TestAWebhookIsTurnedOnAndOff(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	see := func(who, id string) string {
		t.Helper()
		return mustStatus(t, b.get(t, who, "/sources/"+id), http.StatusOK)
	}
	mustLack(t, see("administrator", "s1"), "вебхук")
	mustLack(t, see("head", "s3"), "Включить вебхук")
	page := see("administrator", "s3")
	mustHave(t, page, "Программа спрашивает Telegram сама", "Включить вебхук…", "https://otklik.example/hooks/telegram/s3")

	b.register.noHooks = "Нет адреса с https."
	page = see("administrator", "s3")
	mustHave(t, page, "Вебхук включить нельзя. Нет адреса с https.")
	mustLack(t, page, "Включить вебхук…")
	mustHave(t, mustStatus(t, b.post(t, "administrator", "/sources/s3/webhook", nil), http.StatusUnprocessableEntity), "Нет адреса с https.")
	b.register.noHooks = ""
	mustStatus(t, b.post(t, "head", "/sources/s3/webhook", nil), http.StatusForbidden)
	mustStatus(t, b.post(t, "administrator", "/sources/s1/webhook", nil), http.StatusUnprocessableEntity)
	mustStatus(t, b.post(t, "administrator", "/sources/s2/webhook", nil), http.StatusConflict)
	if _, on := b.register.list[2].Key(sources.WebhookSecret); on {
		t.Fatal("a refused webhook was turned on")
	}

	mustStatus(t, b.post(t, "administrator", "/sources/s3/webhook", nil), http.StatusSeeOther)
	word, on := b.register.list[2].Key(sources.WebhookSecret)
	if !on || word.SetBy != "administrator" || word.Fingerprint != "" {
		t.Fatalf("it is stored as %+v", word)
	}
	mustHave(t, see("administrator", "s3"), "Telegram присылает обновления сам", "Выключить вебхук")
	b.register.noHooks = "Нет адреса с https."
	mustHave(t, see("administrator", "s3"), "Нет адреса с https. Исправьте адрес", "Выключить вебхук")
	mustStatus(t, b.post(t, "administrator", "/sources/s3/polling", nil), http.StatusSeeOther)
	if _, on := b.register.list[2].Key(sources.WebhookSecret); on {
		t.Error("it is still on")
	}
}

func TestTheKeysOfASource(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	for id, texts := range map[string][]string{
		"s1": {"Ключ сообщества", "Работает", "Выпустите ключ с правом «Стена».", "Нет ключа администратора", "Ольга Админова", "Отключить страницу…"},
		"s2": {"записана в файле настроек", "Из файла настроек", "Приостановить"},
		"s3": {"Истекает через"},
		"s5": {"Не подходит", "Ключ отозван.", "Возобновить"},
		"s6": {"Не расшифровывается"},
	} {
		page := mustStatus(t, b.get(t, "administrator", "/sources/"+id), http.StatusOK)
		mustHave(t, page, texts...)
		mustLack(t, page, "good-"+id)
	}
	mustLack(t, mustStatus(t, b.get(t, "administrator", "/sources/s2"), http.StatusOK), "Заменить…", "Отключить страницу…")
	mustLack(t, mustStatus(t, b.get(t, "head", "/sources/s1"), http.StatusOK), "Заменить…", "Приостановить")

	post := func(want int, path string, fields url.Values) string {
		t.Helper()
		return mustStatus(t, b.post(t, "administrator", path, fields), want)
	}
	page := post(http.StatusUnprocessableEntity, "/sources/s1/keys/community/replace", url.Values{"secret": {"planted-bad"}})
	mustHave(t, page, "не принимает этот ключ")
	mustLack(t, page, "planted")
	if !regexp.MustCompile(`data-form="replace-community" open`).MatchString(page) {
		t.Error("the form is not open again")
	}
	was := b.register.list[0].Keys[0].Fingerprint
	post(http.StatusUnprocessableEntity, "/sources/s1/keys/community/replace", url.Values{"secret": {" "}})
	post(http.StatusUnprocessableEntity, "/sources/s1/keys/bot/replace", url.Values{"secret": {"good"}})
	post(http.StatusUnprocessableEntity, "/sources/s1/keys/community/remove", nil)
	post(http.StatusConflict, "/sources/s2/keys/community/replace", url.Values{"secret": {"good"}})
	post(http.StatusConflict, "/sources/s2/remove", nil)
	if b.register.list[0].Keys[0].Fingerprint != was {
		t.Fatal("a refused key was stored")
	}
	post(http.StatusSeeOther, "/sources/s1/keys/community/replace", url.Values{"secret": {"good-new"}, "expires": {"31.01.2026"}})
	k, _ := b.register.list[0].Key(sources.CommunityKey)
	if k.Fingerprint == was || k.ExpiresAt.In(b.server.Zone).Format(time.DateTime) != "2026-02-01 00:00:00" {
		t.Errorf("it is %+v", k)
	}
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/sources/s1"), http.StatusOK), "Действует до 31.01.2026", `value="31.01.2026"`)
	post(http.StatusSeeOther, "/sources/s1/keys/community/expiry", url.Values{"expires": {""}})
	post(http.StatusSeeOther, "/sources/s6/keys/community/replace", url.Values{"secret": {"good-again"}})
	mustLack(t, mustStatus(t, b.get(t, "administrator", "/sources/s6"), http.StatusOK), "Не расшифровывается")
	post(http.StatusSeeOther, "/sources/s1/check", nil)
	post(http.StatusSeeOther, "/sources/s1/pause", nil)
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/sources/s1"), http.StatusOK), "Возобновить")
	post(http.StatusSeeOther, "/sources/s1/resume", nil)
	post(http.StatusSeeOther, "/sources/s1/remove", nil)
	post(http.StatusNotFound, "/sources/s1/pause", nil)
}

func TestAChatForFilesIsCheckedAndSet(t *testing.T) {
	t.Parallel()
	b := setup(t, noon)
	page := withinPolicy(t, "/sources/s3", b.get(t, "administrator", "/sources/s3"))
	mustHave(t, page, "Чат для файлов", "Не выбран.", `action="/sources/s3/shelf"`)
	set := func(who, chat string) string {
		t.Helper()
		return b.post(t, who, "/sources/s3/shelf", url.Values{"chat": {chat}}).Result().Status[:3]
	}
	if got := set("head", "-1007"); got != "403" {
		t.Error(got)
	}
	mustHave(t, mustStatus(t, b.post(t, "administrator", "/sources/s3/shelf", url.Values{"chat": {"-1008"}}), http.StatusUnprocessableEntity), "Этот чат читают люди.", `data-form="shelf" open`)
	if got := set("administrator", "-1007"); got != "303" {
		t.Error(got)
	}
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/sources/s3"), http.StatusOK), "«Полка».", "Обходиться без него")
	if got := set("administrator", ""); got != "303" {
		t.Error(got)
	}
	mustHave(t, mustStatus(t, b.get(t, "administrator", "/sources/s3"), http.StatusOK), "Не выбран.")
	mustLack(t, mustStatus(t, b.get(t, "administrator", "/sources/s1"), http.StatusOK), "Чат для файлов")
}
