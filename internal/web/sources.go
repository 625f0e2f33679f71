package web

import (
	"net/http"
	"slices"
	"time"

	"otklik/collectors"
	"otklik/internal/ru"
)

// sourcesPage is the page Источники.
type sourcesPage struct {
	Shell   shell
	Total   int
	Summary []summary
	Sources []sourceRow
}

type summary struct{ Class, Title, Text string }

// sourceRow is one source with its day as a bar.
type sourceRow struct {
	ID       string
	Net      netIcon
	Title    string
	Kind     string
	URL      string
	Bars     []bar
	Class    string // of the state: sec, warn, bad, unk
	Dot      string
	State    string
	Lag      string
	Trouble  string
	Progress string
	Gaps     []string
	Able     string
	Short    bool // some ability is missing
	Can      []ability
	Facts    string
}

// bar is a part of the day, in percent of it.
type bar struct {
	Class    string // t1 read, t2 read late, t3 missing
	From, To float64
}

// Width is the bar's width for the drawing.
func (b bar) Width() float64 { return b.To - b.From }

type ability struct {
	Name string
	Can  bool
	Why  string
}

func (s *server) sources(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, err := s.Sources.Sources(r.Context(), v.now)
	if err != nil {
		return err
	}
	page := sourcesPage{Shell: s.shell(r, v, "sources", "Источники"), Total: len(list), Summary: s.summary(list, v.now)}
	for _, x := range list {
		page.Sources = append(page.Sources, s.sourceRow(x, v.now))
	}
	s.show(w, v, http.StatusOK, "sources", page)
	return nil
}

// summary says in up to four numbers how the collection is.
func (s *server) summary(list []collectors.SourceStatus, now time.Time) []summary {
	count := map[collectors.SourceState]int{}
	var complete time.Time
	open := 0
	for _, x := range list {
		count[x.State]++
		if !x.CompleteTo.IsZero() && (complete.IsZero() || x.CompleteTo.Before(complete)) {
			complete = x.CompleteTo
		}
		open += len(openGaps(x))
	}
	var out []summary
	if !complete.IsZero() {
		out = append(out, summary{
			"", "Полно до " + s.clock.Moment(complete, now),
			ru.Number(count[collectors.Healthy]) + " из " + ru.Count(len(list), "источника", "источников", "источников") + " без замечаний",
		})
	}
	if open > 0 {
		out = append(out, summary{"bad", ru.Count(open, "пробел", "пробела", "пробелов"), "Что можно, дочитаем сами. Подробности у источника"})
	}
	if n := count[collectors.Lagging]; n > 0 {
		out = append(out, summary{"warn", ru.Number(n) + "\u00a0" + ru.Plural(n, "отстаёт", "отстают", "отстают"), "Работает, но медленнее, чем пишут люди"})
	}
	if n := count[collectors.Sick]; n > 0 {
		out = append(out, summary{"bad", ru.Number(n) + "\u00a0" + ru.Plural(n, "не читается", "не читаются", "не читаются"), "Само не пройдёт: нужен администратор"})
	}
	if n := count[collectors.Silent]; n > 0 {
		out = append(out, summary{"unk", ru.Number(n) + "\u00a0" + ru.Plural(n, "неизвестен", "неизвестны", "неизвестны"), "Ещё ни разу не прочитано"})
	}
	return out[:min(len(out), 4)]
}

func openGaps(x collectors.SourceStatus) []collectors.SourceGap {
	return slices.DeleteFunc(slices.Clone(x.Gaps), func(g collectors.SourceGap) bool { return !g.FilledAt.IsZero() })
}

func (s *server) sourceRow(x collectors.SourceStatus, now time.Time) sourceRow {
	row := sourceRow{
		ID: x.ID, Net: iconOfNet(x.Network), Title: x.Title, Kind: x.Kind, URL: webLink(x.URL), Bars: s.bars(x, now),
		Trouble: x.Trouble, Progress: x.Progress, Lag: "—",
	}
	row.Class, row.Dot, row.State = s.state(x, now)
	if !x.CompleteTo.IsZero() {
		row.Lag = ru.Span(max(0, now.Sub(x.CompleteTo)))
	}
	if x.CoolingUntil.After(now) {
		row.Progress = join(row.Progress, "Сеть попросила не спешить: следующий запрос в "+s.clock.Moment(x.CoolingUntil, now)+".")
	}
	for _, g := range x.Gaps {
		row.Gaps = append(row.Gaps, s.gap(g, now))
	}
	able := 0
	for _, a := range x.Abilities {
		row.Can = append(row.Can, ability{a.Name, a.Can, a.Why})
		if a.Can {
			able++
		}
	}
	switch {
	case len(x.Abilities) == 0:
		row.Able = "неизвестно"
	case able == len(x.Abilities):
		row.Able = "всё нужное"
	default:
		row.Able, row.Short = ru.Number(able)+" из "+ru.Number(len(x.Abilities)), true
	}
	row.Facts = "Сохранено " + ru.Count(int(x.Items), "сообщение", "сообщения", "сообщений") + ", за час " + ru.Number(x.LastHour)
	if x.Broken > 0 {
		row.Facts += ". Не разобрано: " + ru.Number(x.Broken) + ", они сохранены как пришли"
	}
	if !x.Since.IsZero() {
		row.Facts += ". Подключён " + s.clock.Full(x.Since)
	}
	return row
}

// state says in a few words how a source is.
func (s *server) state(x collectors.SourceStatus, now time.Time) (class, dot, text string) {
	switch x.State {
	case collectors.Healthy:
		return "sec", "ok", "полно до " + s.clock.Moment(x.CompleteTo, now)
	case collectors.Lagging:
		if x.CompleteTo.IsZero() {
			return "warn", "warn", "отстаёт"
		}
		return "warn", "warn", "отстаёт на " + ru.Span(max(0, now.Sub(x.CompleteTo)))
	case collectors.Gapped:
		if gaps := openGaps(x); len(gaps) > 0 {
			g := gaps[len(gaps)-1]
			return "bad", "bad", "пробел " + s.clock.Time(g.From) + "–" + s.clock.Time(g.To)
		}
		return "bad", "bad", "есть пробел"
	case collectors.Sick:
		if x.FailingSince.IsZero() {
			return "bad", "bad", "не читается"
		}
		return "bad", "bad", "не читается с " + s.clock.Moment(x.FailingSince, now)
	}
	return "unk", "unk", "ещё не прочитан"
}

func (s *server) gap(g collectors.SourceGap, now time.Time) string {
	text := "Пробел " + s.clock.Moment(g.From, now) + "–" + s.clock.Time(g.To)
	switch {
	case !g.FilledAt.IsZero():
		text += ", дочитан в " + s.clock.Moment(g.FilledAt, now)
	case g.Hopeless:
		text += ", дочитать нельзя: сеть не отдаёт прошлое. Посмотрите это время на самой странице"
	default:
		text += ", дочитаем сами"
	}
	if g.Reason != "" {
		text += ". " + g.Reason
	}
	return text
}

// bars draws the current day: what is read, what was read late, what is missing.
func (s *server) bars(x collectors.SourceStatus, now time.Time) []bar {
	start, end := s.clock.DayStart(now), s.clock.DayEnd(now)
	at := func(t time.Time) float64 {
		share := float64(t.Sub(start)) / float64(end.Sub(start)) * 100
		return float64(int(min(max(share, 0), 100)*10)) / 10
	}
	from := start
	if x.Since.After(start) {
		from = x.Since
	}
	var list []bar
	add := func(class string, from, to time.Time) {
		if b := (bar{class, at(from), at(to)}); b.To > b.From {
			list = append(list, b)
		}
	}
	if !x.CompleteTo.IsZero() {
		add("t1", from, x.CompleteTo)
		if x.State == collectors.Lagging {
			add("t2", x.CompleteTo, now)
		}
	}
	for _, g := range x.Gaps {
		if g.FilledAt.IsZero() {
			add("t3", g.From, g.To)
		} else {
			add("t2", g.From, g.To)
		}
	}
	if x.State == collectors.Sick && !x.FailingSince.IsZero() {
		add("t3", x.FailingSince, now)
	}
	return list
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}
