package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/alarm"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

const (
	alarmsPerPage = 50
	// auditLate is when people are told that nobody looks for alarms.
	auditLate = 5 * time.Minute
)

// alarmsPage is the page Тревоги.
type alarmsPage struct {
	Shell   shell
	Query   alarmQuery
	Tabs    []tab
	Audit   string // «Проверено в 14:03»
	Stale   string // what is wrong with the auditor, "" for nothing
	Kinds   []choice
	Sources []choice
	Rows    []alarmRow
	Pager   []tab
	Empty   emptyState
}

// alarmQuery is what is chosen on the page; it stands in the address.
type alarmQuery struct {
	Past   bool
	Kind   alarm.Kind
	Source string
	Page   int
}

// alarmRow is one alarm.
type alarmRow struct {
	ID     string
	Class  string // of the pill
	Icon   string
	State  string
	Since  stamp
	Until  stamp
	Words  alarmWords
	Taken  string
	Took   stamp
	Take   bool // the person may take it
	Follow bool // the person may follow the link
}

func parseAlarmQuery(v url.Values) alarmQuery {
	q := alarmQuery{Past: v.Get("tab") == "past", Source: v.Get("source"), Page: 1}
	if k := alarm.Kind(v.Get("kind")); slices.Contains(alarm.Kinds(), k) {
		q.Kind = k
	}
	if n, err := strconv.Atoi(v.Get("page")); err == nil && n > 1 && n < 10_000 {
		q.Page = n
	}
	return q
}

// URL is the address with what is chosen.
func (q alarmQuery) URL() string {
	v := url.Values{}
	if q.Past {
		v.Set("tab", "past")
	}
	if q.Kind != "" {
		v.Set("kind", string(q.Kind))
	}
	if q.Source != "" {
		v.Set("source", q.Source)
	}
	if q.Page > 1 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	if len(v) == 0 {
		return "/alarms"
	}
	return "/alarms?" + v.Encode()
}

func (s *server) alarms(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parseAlarmQuery(r.URL.Query())
	f := alarm.Filter{Past: q.Past, SourceID: q.Source, Limit: alarmsPerPage, Offset: (q.Page - 1) * alarmsPerPage}
	if q.Kind != "" {
		f.Kinds = []alarm.Kind{q.Kind}
	}
	list, err := s.Alarms.AlarmPage(r.Context(), f)
	if err != nil {
		return err
	}
	page := alarmsPage{Shell: s.shell(r, v, "alarms", "Тревоги"), Query: q, Empty: emptyAlarms(q)}
	page.Shell.Flash = s.takeFlash(w, r)
	page.Tabs = []tab{
		{Title: "Открытые", URL: alarmQuery{}.URL(), Count: list.Open, Current: !q.Past},
		{Title: "Прошедшие", URL: alarmQuery{Past: true}.URL(), Count: -1, Current: q.Past},
	}
	page.Audit, page.Stale = s.audited(list.AuditedAt, v.now)
	if err := s.alarmChoices(r, v, q, &page); err != nil {
		return err
	}
	by := v.person.Actor()
	for _, a := range list.Alarms {
		page.Rows = append(page.Rows, s.alarmRow(a, by, v.now))
	}
	for i := 1; list.Total > alarmsPerPage && i <= (list.Total+alarmsPerPage-1)/alarmsPerPage; i++ {
		to := q
		to.Page = i
		page.Pager = append(page.Pager, tab{Title: ru.Number(i), URL: to.URL(), Current: i == q.Page})
	}
	s.show(w, v, http.StatusOK, "alarms", page)
	return nil
}

// audited says when somebody last looked for alarms: an empty page is good
// news only if that was now.
func (s *server) audited(at, now time.Time) (text, stale string) {
	switch {
	case at.IsZero():
		return "", "Тревоги ещё ни разу не проверялись. Первая проверка — в течение минуты после запуска."
	case now.Sub(at) > auditLate:
		return "", "Тревоги не проверялись с " + s.clock.Moment(at, now) + ": всё ниже могло устареть. Администратору: проверьте, работает ли программа."
	}
	return "Проверено в " + s.clock.Moment(at, now), ""
}

func (s *server) alarmChoices(r *http.Request, v *visit, q alarmQuery, page *alarmsPage) error {
	page.Kinds = []choice{{Title: "О чём угодно"}}
	for _, k := range alarm.Kinds() {
		page.Kinds = append(page.Kinds, choice{Title: alarmKind(k), Value: string(k), Checked: k == q.Kind})
	}
	list, err := s.Sources.Sources(r.Context(), v.now)
	if err != nil {
		return err
	}
	page.Sources = []choice{{Title: "Любой источник"}}
	for _, x := range list {
		page.Sources = append(page.Sources, choice{Title: x.Title, Value: x.ID, Checked: x.ID == q.Source})
	}
	return nil
}

func (s *server) alarmRow(a alarm.Alarm, by rights.Actor, now time.Time) alarmRow {
	row := alarmRow{
		ID: a.ID, Since: s.stamp(a.RaisedAt, now), Until: s.stamp(a.ClearedAt, now), Words: s.alarmWords(a, now),
		Taken: a.TakenBy, Took: s.stamp(a.TakenAt, now), Take: a.Loud() && by.Can(rights.TakeAlarm),
	}
	row.Follow = row.Words.Link != "" && by.Can(row.Words.Need)
	switch {
	case !a.Open():
		row.Class, row.Icon, row.State = "", "check", "Прошла"
	case a.Grade >= alarm.Grave:
		row.Class, row.Icon, row.State = "bad", "alert", "Тревога"
	default:
		row.Class, row.Icon, row.State = "warn", "alert", "Внимание"
	}
	if a.Open() && !a.Loud() {
		row.Icon, row.State = "okc", "Принята"
		if a.Detail.Muted != "" {
			row.Class, row.Icon, row.State, row.Taken = "", "bell", "Тихо", ""
		}
	}
	return row
}

func emptyAlarms(q alarmQuery) emptyState {
	switch {
	case q.Kind != "" || q.Source != "":
		return emptyState{
			Title: "Таких тревог нет", Text: "С этим отбором ничего не нашлось.", URL: alarmQuery{Past: q.Past}.URL(), Button: "Снять отбор",
		}
	case q.Past:
		return emptyState{Title: "Прошедших тревог нет", Text: "Здесь останется запись о каждой тревоге: что было, когда прошло и кто принял.", URL: "/alarms", Button: "К открытым"}
	}
	return emptyState{
		Title: "Всё спокойно", Text: "Источники читаются, ответы уходят, ключи в порядке. Проверяем каждую минуту.",
		URL: alarmQuery{Past: true}.URL(), Button: "Прошедшие тревоги",
	}
}

// takeAlarm notes that the person knows of an alarm.
func (s *server) takeAlarm(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	if err := s.Alarms.TakeAlarm(r.Context(), v.person.Actor(), r.PathValue("id"), v.now); err != nil {
		return err
	}
	s.Hub.Publish(live.Alarms)
	s.setFlash(w, "take", 0)
	http.Redirect(w, r, localPath(f.Get("back"), "/alarms"), http.StatusSeeOther)
	return nil
}

// strip is the line over every page while somebody has to hear of an alarm.
type strip struct {
	Class string
	Text  string
	More  string
	Loud  string // the ids, for scripts
}

// strip returns the line and how many alarms nobody has taken.
func (s *server) strip(r *http.Request, v *visit) (strip, int) {
	if !v.person.Actor().Can(rights.ViewAlarms) {
		return strip{}, 0
	}
	open, err := s.Alarms.OpenAlarms(r.Context())
	if err != nil {
		s.Logger.WarnContext(r.Context(), "no alarms for the strip", "err", err)
		return strip{}, 0
	}
	loud := slices.DeleteFunc(open, func(a alarm.Alarm) bool { return !a.Loud() })
	if len(loud) == 0 {
		return strip{}, 0
	}
	line := strip{Class: "warn", Text: s.alarmWords(loud[0], v.now).Title}
	if loud[0].Grade >= alarm.Grave {
		line.Class = "bad"
	}
	if rest := len(loud) - 1; rest > 0 {
		line.More = "ещё " + ru.Count(rest, "тревога", "тревоги", "тревог")
	}
	ids := make([]string, len(loud))
	for i, a := range loud {
		// One that has become worse is told again.
		ids[i] = a.ID + "." + strconv.FormatInt(a.Mark, 36)
	}
	line.Loud = strings.Join(ids, " ")
	return line, len(loud)
}
