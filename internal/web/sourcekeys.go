package web

import (
	"context"
	"slices"
	"time"

	"otklik/collectors"
	"otklik/internal/ru"
	"otklik/internal/sources"
)

// keyRow is one key with what it can do. It never carries the key.
type keyRow struct {
	Kind    string
	Title   string
	Where   []string
	There   bool
	Typed   bool
	Needed  bool
	Class   string
	Icon    string
	State   string
	Text    string // what is wrong, or what is not possible without it
	Facts   string
	Can     []ability
	Quota   []quotaLine
	Expires string // for the field of its date
}

// quotaLine is what is left of the calls that a network grants a key in a day.
type quotaLine struct{ Class, Text, Method string }

// keyStand is how all keys stand, for the rows of several sources.
type keyStand struct {
	sources []sources.Source
	quota   map[string][]collectors.QuotaLeft // by the key's fingerprint
	shared  map[string]int                    // how many sources have the key
}

func (s *server) keyStand(ctx context.Context, now time.Time) (keyStand, error) {
	k := keyStand{quota: map[string][]collectors.QuotaLeft{}, shared: map[string]int{}}
	var err error
	if k.sources, err = s.Keys.Registry(ctx); err != nil {
		return k, err
	}
	left, err := s.Keys.Quota(ctx, now)
	for _, q := range left {
		k.quota[q.KeyPrint] = append(k.quota[q.KeyPrint], q)
	}
	for _, x := range k.sources {
		for _, key := range x.Keys {
			k.shared[key.Fingerprint]++
		}
	}
	return k, err
}

// of returns the source with its keys, an empty one if it is not in use.
func (k keyStand) of(id string) sources.Source {
	for _, x := range k.sources {
		if x.ID == id {
			return x
		}
	}
	return sources.Source{}
}

// keyRows are the keys that a page has and could have.
func (s *server) keyRows(x sources.Source, stand keyStand, now time.Time) []keyRow {
	var out []keyRow
	for _, kind := range keyKinds(x) {
		row := s.keyRow(x, kind, now)
		if k, ok := x.Key(kind); ok && k.Fingerprint != "" {
			for _, q := range stand.quota[k.Fingerprint] {
				row.Quota = append(row.Quota, s.quotaLine(q, now))
			}
			if n := stand.shared[k.Fingerprint] - 1; n > 0 {
				row.Facts += ". Этот же ключ ещё у " + ru.Count(n, "страницы", "страниц", "страниц")
			}
		}
		out = append(out, row)
	}
	return out
}

// quotaLow is the share of a day's quota below which it is marked.
const quotaLow = 0.1

// refusedLately is how long a network's word that a quota is used up is shown.
const refusedLately = time.Hour

func (s *server) quotaLine(q collectors.QuotaLeft, now time.Time) quotaLine {
	line := quotaLine{Method: q.Method}
	line.Text = quotaOf(q.Method) + ": осталось " + ru.Number(q.Left) + " из " + ru.Number(q.Calls) + " на сутки"
	if !q.FreesAt.IsZero() {
		line.Text += ", возвращаются с " + s.clock.Moment(q.FreesAt, now)
	}
	if float64(q.Left) < quotaLow*float64(q.Calls) {
		line.Class = "warn"
	}
	if !q.RefusedAt.IsZero() && now.Sub(q.RefusedAt) < refusedLately {
		line.Class = "bad"
		line.Text += ". Сеть отказала " + s.at(q.RefusedAt, now) + ": говорит, что запас кончился"
	}
	return line
}

// quotaOf says what a method is called for; an unknown one shows as itself.
func quotaOf(method string) string {
	switch method {
	case "wall.get":
		return "Чтение стен"
	case "wall.search":
		return "Поиск по стене"
	case "newsfeed.search":
		return "Поиск по всей сети"
	}
	return "Вызовы " + method
}

// keyKinds are the keys that a page can have, and those that it has besides; how
// a webhook stands is told apart from them.
func keyKinds(x sources.Source) []sources.KeyKind {
	out := x.Kind.Typed()
	for _, k := range x.Keys {
		if k.Kind != sources.WebhookSecret && !slices.Contains(out, k.Kind) {
			out = append(out, k.Kind)
		}
	}
	return out
}

// expiresSoon is how many days ahead the end of a key is told.
const expiresSoon = 14 * 24 * time.Hour

func (s *server) keyRow(x sources.Source, kind sources.KeyKind, now time.Time) keyRow {
	words := wordsOfKey(kind)
	row := keyRow{Kind: string(kind), Title: words.Title, Where: words.Where, Needed: x.Kind.Needs(kind), Typed: slices.Contains(x.Kind.Typed(), kind)}
	k, ok := x.Key(kind)
	if !ok {
		row.Class, row.Icon, row.State, row.Text = "", "x", "Нет ключа", words.Missing
		return row
	}
	row.There, row.Can, row.Facts = true, abilitiesOf(k.Abilities), s.keyFacts(k)
	if !k.ExpiresAt.IsZero() {
		row.Expires = s.clock.Date(lastDay(k))
	}
	switch {
	case !s.Registry.Readable(x.ID, k):
		row.Class, row.Icon, row.State = "bad", "lock", "Не расшифровывается"
		row.Text = "На этой машине нет ключа шифрования, под которым он записан. Верните его в файл ключей шифрования или впишите ключ страницы заново."
	case k.Trouble != "":
		row.Class, row.Icon, row.State, row.Text = "bad", "alert", "Не подходит", k.Trouble
	case over(k, now):
		row.Class, row.Icon, row.State, row.Text = "bad", "clock", "Истёк", "Срок ключа прошёл. Выпустите новый и замените его."
	case endsSoon(k, now):
		row.Class, row.Icon, row.State = "warn", "clock", "Истекает "+s.daysLeft(k, now)
	case k.CheckedAt.IsZero():
		row.Class, row.Icon, row.State = "", "clock", "Ещё не проверен"
	default:
		row.Class, row.Icon, row.State = "ok", "check", "Работает"
	}
	return row
}

// lastDay is a moment of the last day on which the key is good.
func lastDay(k sources.Key) time.Time { return k.ExpiresAt.Add(-time.Second) }

func over(k sources.Key, now time.Time) bool {
	return !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(now)
}

func endsSoon(k sources.Key, now time.Time) bool {
	return !k.ExpiresAt.IsZero() && k.ExpiresAt.Sub(now) < expiresSoon
}

// daysLeft counts the days of the calendar up to a key's last one.
func (s *server) daysLeft(k sources.Key, now time.Time) string {
	const day = 24 * time.Hour
	switch n := int(s.clock.DayStart(lastDay(k)).Sub(s.clock.DayStart(now)).Round(day) / day); n {
	case 0:
		return "сегодня"
	case 1:
		return "завтра"
	default:
		return "через " + ru.Count(n, "день", "дня", "дней")
	}
}

// keyNotes tell days ahead that a key runs out, and that one has.
func (s *server) keyNotes(x sources.Source, now time.Time) []sourceNote {
	var notes []sourceNote
	for _, k := range x.Keys {
		name, date := ru.Capital(keyName(string(k.Kind))), s.clock.Date(lastDay(k))
		switch {
		case over(k, now):
			notes = append(notes, sourceNote{Class: "bad", Icon: "clock", Title: name + " истёк " + date + ".", Text: "Выпустите новый и замените его."})
		case endsSoon(k, now):
			notes = append(notes, sourceNote{
				Class: "warn", Icon: "clock", Title: name + " истекает " + s.daysLeft(k, now) + ", " + date + ".",
				Text: "Замените его заранее: чтение не прервётся.",
			})
		}
	}
	return notes
}

func (s *server) keyFacts(k sources.Key) string {
	facts := "Из файла настроек"
	if k.SetBy != "" {
		facts = "Вписан " + s.clock.Full(k.SetAt) + ", " + k.SetByName
	}
	if !k.CheckedAt.IsZero() {
		facts += ". Проверен " + s.clock.Full(k.CheckedAt)
	}
	if !k.ExpiresAt.IsZero() {
		facts += ". Действует до " + s.clock.Date(lastDay(k))
	}
	return facts
}
