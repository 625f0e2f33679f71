package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/alarm"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/sheet"
)

const (
	journalPerPage = 100
	// journalExport bounds a file.
	journalExport = 100_000
)

// journalQuery is what is chosen on the page; it stands in the address.
type journalQuery struct {
	Who, Subject string
	What         records.Action
	From, To     string // days
	Before       int64
}

func parseJournal(v url.Values) journalQuery {
	q := journalQuery{Who: v.Get("who"), Subject: ru.Cut(strings.TrimSpace(v.Get("about")), maxFind), From: day(v.Get("from")), To: day(v.Get("to"))}
	if a := records.Action(v.Get("what")); slices.Contains(records.Actions(), a) {
		q.What = a
	}
	if n, err := strconv.ParseInt(v.Get("before"), 10, 64); err == nil && n > 0 {
		q.Before = n
	}
	return q
}

// day keeps a date that is one.
func day(text string) string {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return ""
	}
	return text
}

func (q journalQuery) at(path string) string {
	v := url.Values{}
	for name, value := range map[string]string{"who": q.Who, "about": q.Subject, "what": string(q.What), "from": q.From, "to": q.To} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Before > 0 {
		v.Set("before", strconv.FormatInt(q.Before, 10))
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// filter is what the journal is asked for.
func (q journalQuery) filter(zone *time.Location) records.Filter {
	f := records.Filter{ActorID: q.Who, Subject: journalSubject(q.Subject), Before: q.Before, Limit: journalPerPage + 1}
	if q.What != "" {
		f.Actions = []records.Action{q.What}
	}
	if at, err := time.ParseInLocation(time.DateOnly, q.From, zone); err == nil {
		f.From = at
	}
	if at, err := time.ParseInLocation(time.DateOnly, q.To, zone); err == nil {
		f.To = at.AddDate(0, 0, 1)
	}
	return f
}

// journalSubject reads the number of a case as people write it.
func journalSubject(text string) string {
	if n, ok := caseNumber(text); ok {
		return "case:" + strconv.FormatInt(n, 10)
	}
	return text
}

// journalPage is the page Журнал.
type journalPage struct {
	Shell   shell
	Query   journalQuery
	People  []choice
	Actions []choice
	Rows    []journalRow
	Files   files
	Older   string
	First   string
	Whole   string // what the last walk found
	Broken  string
	Anchor  string
	Empty   emptyState
}

type journalRow struct {
	Seq   int64
	At    stamp
	Who   string
	What  string
	About string
	URL   string
	More  string
	Loud  bool // the row is of something that cannot be taken back
}

func (s *server) journal(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parseJournal(r.URL.Query())
	rows, err := s.Records.Journal.Journal(r.Context(), q.filter(s.Zone))
	if err != nil {
		return err
	}
	page := journalPage{Shell: s.shell(r, v, "journal", "Журнал"), Query: q, Files: filesAt(q.at("/journal/export"))}
	if len(rows) > journalPerPage {
		rows = rows[:journalPerPage]
		older := q
		older.Before = rows[journalPerPage-1].Seq
		page.Older = older.at("/journal")
	}
	if q.Before > 0 {
		first := q
		first.Before = 0
		page.First = first.at("/journal")
	}
	for _, x := range rows {
		row := s.journalRow(x, v.now)
		if !v.person.Actor().Can(rights.ViewCases) && !strings.HasPrefix(row.URL, "/persons/") || strings.HasPrefix(row.URL, "/persons/") && !v.person.Actor().Can(rights.ManageRecords) {
			row.URL = "" // the person may know that it was read, and not read it
		}
		page.Rows = append(page.Rows, row)
	}
	people, err := s.Records.Journal.JournalPeople(r.Context())
	if err != nil {
		return err
	}
	page.People = []choice{{Title: "Кто угодно"}}
	for _, p := range people {
		page.People = append(page.People, choice{Title: p.Name, Value: p.ID, Checked: p.ID == q.Who})
	}
	page.Actions = []choice{{Title: "Что угодно"}}
	for _, a := range records.Actions() {
		page.Actions = append(page.Actions, choice{Title: actionTitle(a), Value: string(a), Checked: a == q.What})
	}
	page.Empty = emptyState{Title: "Таких записей нет", Text: "С этим отбором в журнале ничего не нашлось.", URL: "/journal", Button: "Снять отбор"}
	if err := s.journalHealth(r, v, &page); err != nil {
		return err
	}
	s.show(w, v, http.StatusOK, "journal", page)
	return nil
}

// journalHealth says what the last walk along the journal found.
func (s *server) journalHealth(r *http.Request, v *visit, page *journalPage) error {
	checks, err := s.Records.Journal.JournalChecks(r.Context(), 1)
	if err != nil || len(checks) == 0 {
		page.Whole = "Журнал ещё не проверялся: это делается раз в сутки."
		return err
	}
	c := checks[0]
	if !c.Whole() {
		page.Broken = "Журнал повреждён: " + c.Trouble + ". Проверено " + s.clock.Moment(c.At, v.now) + "."
		return nil
	}
	page.Whole = "Проверено " + s.clock.Moment(c.At, v.now) + ": " + ru.Count(int(c.Head.Seq-c.First+1), "запись", "записи", "записей") + " подряд, изменений задним числом нет."
	page.Anchor = c.Head.String()
	return nil
}

// journalWords are about the journal that does not hold.
func (s *server) journalWords(a alarm.Alarm, now time.Time) alarmWords {
	d := a.Detail
	w := alarmWords{Link: "/journal", Button: "К журналу", Need: rights.ViewJournal}
	if d.Trouble == "" {
		w.Title, w.Text = "Журнал не проверяется с "+s.clock.Moment(d.Since, now), "Обычно программа сверяет его раз в сутки."
		w.Advice = "Посмотрите в логах, почему проверка не доходит до конца."
		return w
	}
	w.Title, w.Text = "Журнал изменён в обход программы", "Проверка нашла: "+d.Trouble+"."
	w.Advice = "Сохраните базу как есть и выясните, кто имел к ней доступ. Подробности покажет otklik audit verify."
	return w
}

func (s *server) journalRow(x records.Row, now time.Time) journalRow {
	row := journalRow{Seq: x.Seq, At: s.stamp(x.At, now), Who: x.ActorName, What: actionTitle(x.Action), More: rowDetail(x)}
	if row.Who == "" && x.Action == records.SignInFail {
		row.Who = "Неизвестно"
	}
	row.About, row.URL = aboutOf(x.Subject)
	row.Loud = x.Action == records.Erase || x.Action == records.Cut || x.Action == records.Expire
	return row
}

func (s *server) journalFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parseJournal(r.URL.Query())
	f := q.filter(s.Zone)
	f.Limit, f.Before = 1000, 0
	t := sheet.Table{Name: "Журнал", Columns: []string{"№", "Когда", "Кто", "Что сделано", "Предмет", "Подробности", "Хеш предыдущей", "Хеш"}}
	for len(t.Rows) < journalExport {
		rows, err := s.Records.Journal.Journal(r.Context(), f)
		if err != nil {
			return err
		}
		for _, x := range rows {
			t.Rows = append(t.Rows, []sheet.Cell{
				sheet.Int(int(x.Seq)), sheet.Text(s.clock.Exact(x.At)), sheet.Text(x.ActorName), sheet.Text(actionTitle(x.Action)), sheet.Text(x.Subject),
				sheet.Text(rowDetail(x)), sheet.Text(x.Prev), sheet.Text(x.Hash),
			})
		}
		if len(rows) < f.Limit {
			break
		}
		f.Before = rows[len(rows)-1].Seq
	}
	return s.download(w, t, "otklik-journal-"+v.now.In(s.Zone).Format(time.DateOnly), r.URL.Query().Get("format"))
}

// rowDetail is what a row tells beside who, when and what.
func rowDetail(x records.Row) string {
	var data map[string]string
	if json.Unmarshal([]byte(x.Data), &data) != nil {
		return x.Data
	}
	var parts []string
	if x.Words != "" {
		parts = append(parts, "слова: "+x.Words)
	} else if data["words"] != "" {
		parts = append(parts, "слова стёрты")
	}
	delete(data, "words")
	names := make([]string, 0, len(data))
	for name := range data {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := data[name]
		if name == "event" {
			value = eventTitle(value)
		}
		if name == "hash" {
			value = ru.Cut(value, 12)
		}
		parts = append(parts, detailTitle(name)+": "+value)
	}
	return strings.Join(parts, ", ")
}

// eventTitle names what happened; what has no name of its own stays a code.
func eventTitle(code string) string {
	switch code {
	case "accepted":
		return "взято в работу"
	case "rejected":
		return "отклонено"
	case "classified":
		return "тема изменена"
	case "located":
		return "место изменено"
	case "assigned":
		return "передано"
	case "returned":
		return "возвращено"
	case "submitted":
		return "на утверждение"
	case "reworked":
		return "на доработку"
	case "approved":
		return "утверждено"
	case "by_hand":
		return "ответ дан вручную"
	case "withdrawn":
		return "ответ отозван"
	case "note":
		return "заметка"
	case "resent":
		return "отправлено ещё раз"
	case "taken":
		return "принято"
	case "asked":
		return "поручено"
	case "done":
		return "закончено"
	case "added":
		return "добавлен"
	case "password":
		return "пароль сменён"
	case "active":
		return "вход открыт или закрыт"
	case "reindex":
		return "архив строится заново"
	case "months":
		return "срок архива"
	}
	return code
}

func detailTitle(name string) string {
	switch name {
	case "event":
		return "событие"
	case "filter":
		return "отбор"
	case "value", "to":
		return "стало"
	case "from":
		return "было"
	case "agent":
		return "браузер"
	case "kind":
		return "вид"
	case "attempt":
		return "попытка"
	case "for":
		return "для"
	case "roles":
		return "роли"
	case "mode":
		return "способ"
	case "basis":
		return "основание"
	case "done":
		return "сделано"
	case "seq":
		return "по запись №"
	case "hash":
		return "хеш"
	}
	if title := classTitle(records.Class(name)); title != "" {
		return lower(title)
	}
	return name
}

// aboutOf names the subject of a row for people, with the way there.
func aboutOf(subject string) (text, link string) {
	kind, id, _ := strings.Cut(subject, ":")
	switch kind {
	case "case":
		return "Карточка №\u00a0" + id, "/cases/" + url.PathEscape(id)
	case "item":
		return "Сообщение", "/search/items/" + url.PathEscape(id)
	case "erasure":
		return "Заявка №\u00a0" + id, "/persons/" + url.PathEscape(id)
	case "photo":
		return "Фото " + ru.Cut(id, 8), ""
	case "delivery":
		return "Отправка", ""
	case "post":
		return "Пост", ""
	case "incident":
		return "Инцидент", ""
	case "person":
		return "Сотрудник", ""
	case "alarm":
		return "Тревога", ""
	case "setting":
		return "Настройка: " + id, ""
	case "page":
		return "Страница " + id, ""
	case "terms":
		return "Сроки хранения", ""
	case "journal":
		return "Журнал", ""
	case "signin":
		return "Вход", ""
	}
	return subject, ""
}

func actionTitle(a records.Action) string {
	switch a {
	case records.ReadCase:
		return "Открыта карточка"
	case records.ReadList:
		return "Открыт список"
	case records.ReadItem:
		return "Открыто сообщение"
	case records.ReadRaw:
		return "Открыты сырые данные"
	case records.ReadPhoto:
		return "Открыто фото"
	case records.ReadPerson:
		return "Открыты данные человека"
	case records.Search:
		return "Поиск"
	case records.Export:
		return "Выгрузка"
	case records.ReadJournal:
		return "Открыт журнал"
	case records.Change:
		return "Изменение"
	case records.Approve:
		return "Утверждение"
	case records.Send:
		return "Отправка"
	case records.Setting:
		return "Настройка"
	case records.SignIn:
		return "Вход"
	case records.SignInFail:
		return "Неверный пароль"
	case records.SignOut:
		return "Выход"
	case records.Erase:
		return "Стирание данных"
	case records.Expire:
		return "Удалено по сроку"
	case records.Cut:
		return "Журнал сокращён по сроку"
	}
	return string(a)
}
