package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"otklik/collectors"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

// sourcesPage is the page Источники.
type sourcesPage struct {
	Shell   shell
	Total   int
	Summary []summary
	Sources []sourceRow
	Legend  []abilityIcon
	Empty   emptyState
	Manage  bool // the reader may connect pages
}

type summary struct{ Class, Title, Text string }

// sourceRow is one source with its day as a bar.
type sourceRow struct {
	ID    string
	Net   netIcon
	Title string
	Kind  string
	URL   string
	Bars  []bar
	Class string // of the state: sec, warn, bad, unk
	Dot   string
	State string
	More  string // what was mended since, «пробел 02:10–02:40 дозагружен»
	Lag   string
	Pace  paceView
	Notes []sourceNote
	Past  []sourceNote // gaps that were filled later
	// History is nil where the network gives none.
	History  *historyView
	Troubles []pastTrouble
	Icons    []abilityIcon
	Can      []ability // where no keys tell it
	Keys     []keyRow
	Facts    string
}

// sourceNote is what is wrong with a source, or is being done about it.
type sourceNote struct{ Class, Icon, Title, Text, URL string }

// bar is a part of the day, in percent of it.
type bar struct {
	Class    string // t1 read, t2 read late, t3 missing
	From, To float64
}

// Width is the bar's width for the drawing.
func (b bar) Width() float64 { return b.To - b.From }

type ability struct {
	Name    string
	Can     bool
	Missing bool // the name says what should be possible, not what was found
	Why     string
}

// abilityIcon is an ability by its sign.
type abilityIcon struct {
	Icon, Title string
	Can         bool
}

func abilityKinds() []collectors.AbilityKind {
	return []collectors.AbilityKind{collectors.AbleToListen, collectors.AbleToList, collectors.AbleToAnswer}
}

func iconOfAbility(k collectors.AbilityKind) (icon, title string) {
	switch k {
	case collectors.AbleToListen:
		return "msg", "комментарии"
	case collectors.AbleToList:
		return "clock", "прошлое"
	case collectors.AbleToAnswer:
		return "send", "ответы"
	}
	return "", ""
}

// abilityIcons shows each kind that was looked at once; it is there only if
// nothing hinders it.
func abilityIcons(list []collectors.Ability) []abilityIcon {
	var out []abilityIcon
	for _, kind := range abilityKinds() {
		found, can := false, true
		for _, a := range list {
			if a.Kind == kind {
				found, can = true, can && a.Can
			}
		}
		if !found {
			continue
		}
		icon, title := iconOfAbility(kind)
		if can {
			title += ": есть"
		} else {
			title += ": нет"
		}
		out = append(out, abilityIcon{icon, title, can})
	}
	return out
}

func (s *server) sources(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, err := s.readSources(r.Context(), v.now)
	if err != nil {
		return err
	}
	paces, err := s.Sources.Paces(r.Context(), v.now)
	if err != nil {
		return err
	}
	troubles, err := s.pastTroubles(r, v.now)
	if err != nil {
		return err
	}
	stand, err := s.keyStand(r.Context(), v.now)
	if err != nil {
		return err
	}
	page := sourcesPage{Shell: s.shell(r, v, "sources", "Источники"), Total: len(list), Summary: s.summary(list, v.now), Empty: emptySources()}
	if page.Manage = v.person.Actor().Can(rights.ManageSources); page.Manage {
		page.Empty.URL, page.Empty.Button = "/connect", "Подключить страницу"
	}
	for _, x := range list {
		row := s.sourceRow(x, v.now)
		if x.Broken > 0 {
			row.Notes = append(row.Notes, unreadNote(x, v.person.Actor()))
		}
		registered := stand.of(x.ID)
		row.Keys = s.keyRows(registered, stand, v.now)
		if row.Notes = append(row.Notes, s.keyNotes(registered, v.now)...); len(row.Keys) > 0 {
			row.Can = nil
		}
		row.Pace, row.Troubles = s.pace(x, paces[x.ID]), troubles[x.ID]
		row.History = s.sourceHistory(x, v.person.Actor(), v.now)
		page.Sources = append(page.Sources, row)
	}
	for _, k := range abilityKinds() {
		icon, title := iconOfAbility(k)
		page.Legend = append(page.Legend, abilityIcon{Icon: icon, Title: title})
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "sources", page)
	return nil
}

func emptySources() emptyState {
	return emptyState{
		Title: "Источников пока нет", URL: "/", Button: "На главную",
		Text: "Сообщество во ВКонтакте или канал в Telegram подключает администратор. После этого сообщения начнут приходить сами.",
	}
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
		ID: x.ID, Net: iconOfNet(x.Network), Title: x.Title, Kind: titleOfKind(x.Kind), URL: webLink(x.URL), Bars: s.bars(x, now),
		Lag: "—", Icons: abilityIcons(x.Abilities), Facts: s.sourceFacts(x),
	}
	row.Class, row.Dot, row.State = s.state(x, now)
	if row.More = s.filledLately(x); x.State != collectors.Healthy && row.More == "" && !x.CompleteTo.IsZero() {
		row.More = "полно до " + s.clock.Moment(x.CompleteTo, now)
	}
	if !x.CompleteTo.IsZero() {
		row.Lag = ru.Span(max(0, now.Sub(x.CompleteTo)))
	}
	row.Can = abilitiesOf(x.Abilities)
	row.Notes = s.sourceNotes(x, now)
	for _, g := range x.Gaps {
		if !g.FilledAt.IsZero() {
			row.Past = append(row.Past, s.gap(g, now))
		}
	}
	return row
}

// gapsShown is how many open gaps stand under a source; the bar shows them all.
const gapsShown = 3

// sourceNotes explains what is wrong with a source, the gravest first, and what
// is being done about it.
func (s *server) sourceNotes(x collectors.SourceStatus, now time.Time) []sourceNote {
	var notes []sourceNote
	if x.Trouble != "" {
		n := sourceNote{Class: "warn", Icon: "alert", Text: x.Trouble}
		if x.State == collectors.Sick {
			n.Class = "bad"
		}
		if !x.FailingSince.IsZero() {
			n.Title = "С " + s.clock.Moment(x.FailingSince, now) + "."
		}
		notes = append(notes, n)
	}
	open := openGaps(x)
	for _, g := range open[max(len(open)-gapsShown, 0):] {
		notes = append(notes, s.gap(g, now))
	}
	if rest := len(open) - gapsShown; rest > 0 {
		notes = append(notes, sourceNote{Class: "bad", Icon: "alert", Text: "И ещё " + ru.Count(rest, "пробел", "пробела", "пробелов") + " за сутки, они видны на полосе."})
	}
	if x.CoolingUntil.After(now) {
		notes = append(notes, sourceNote{Icon: "clock", Title: "Сеть попросила не спешить.", Text: "Следующий запрос в " + s.clock.Moment(x.CoolingUntil, now) + "."})
	}
	if x.Progress != "" && x.History == nil {
		notes = append(notes, sourceNote{Icon: "clock", Text: strings.TrimSuffix(x.Progress, ".") + "."})
	}
	return notes
}

// gap says what became of a span that was missed.
func (s *server) gap(g collectors.SourceGap, now time.Time) sourceNote {
	n := sourceNote{Class: "bad", Icon: "alert", Title: "Пробел " + s.clock.Moment(g.From, now) + "–" + s.clock.Time(g.To)}
	if g.Reason != "" {
		n.Text = strings.TrimSuffix(g.Reason, ".") + ". "
	}
	switch {
	case !g.FilledAt.IsZero():
		n.Class, n.Icon = "", "okc"
		n.Title += ", дочитан " + s.at(g.FilledAt, now)
	case g.Hopeless:
		n.Text += "Дочитать нельзя: сеть не отдаёт прошлое. Посмотрите это время на самой странице."
	default:
		n.Text += "Дочитаем сами, делать ничего не нужно."
	}
	n.Title += "."
	return n
}

// at is a moment within a sentence: «в 14:03», «вчера в 17:20».
func (s *server) at(t, now time.Time) string {
	if text := s.clock.Moment(t, now); text != s.clock.Time(t) {
		return text
	}
	return "в " + s.clock.Time(t)
}

// sourceFacts are sentences without the last full stop.
func (s *server) sourceFacts(x collectors.SourceStatus) string {
	facts := "Сохранено " + ru.Count(int(x.Items), "сообщение", "сообщения", "сообщений")
	if !x.Since.IsZero() {
		facts += ". Подключён " + s.clock.Full(x.Since)
	}
	if !x.CoveredFrom.IsZero() && x.CoveredFrom.Before(x.Since) {
		facts += ", прочитан с " + s.clock.Full(x.CoveredFrom)
	}
	return facts
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
	if x.State == collectors.Held {
		return "unk", "unk", "на паузе"
	}
	return "unk", "unk", "ещё не прочитан"
}

// barLeast is the shortest part of the day that is drawn, in percent.
const barLeast = 0.6

// bars draws the current day: what is read, what was read late, what is missing.
func (s *server) bars(x collectors.SourceStatus, now time.Time) []bar {
	start, end := s.clock.DayStart(now), s.clock.DayEnd(now)
	at := func(t time.Time) float64 {
		share := float64(t.Sub(start)) / float64(end.Sub(start)) * 100
		return float64(int(min(max(share, 0), 100)*10)) / 10
	}
	from := start
	if x.CoveredFrom.After(start) {
		from = x.CoveredFrom
	}
	var list []bar
	add := func(class string, from, to time.Time) {
		if b := (bar{class, at(from), at(to)}); to.After(from) && to.After(start) {
			// What is too short to be drawn must be seen all the same.
			b.From = max(min(b.From, b.To-barLeast), 0)
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
