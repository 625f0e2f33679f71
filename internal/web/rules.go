package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/rules"
)

// rulesPage is the page Правила: the list, and beside it the chosen rule.
type rulesPage struct {
	Shell    shell
	Query    rulesQuery
	Topics   []choice
	States   []choice
	Sorts    []choice
	Rows     []ruleRow
	Total    int
	Lists    int
	CanWrite bool
	Edit     *ruleEdit
}

// rulesQuery is what the list is narrowed to; it stands in the address.
type rulesQuery struct{ Text, Topic, State, Sort string }

func parseRulesQuery(v url.Values) rulesQuery {
	return rulesQuery{Text: strings.TrimSpace(ru.Cut(v.Get("q"), 100)), Topic: v.Get("topic"), State: v.Get("state"), Sort: v.Get("sort")}
}

// values is the query as it stands in an address.
func (q rulesQuery) values() string {
	v := url.Values{}
	for name, x := range map[string]string{"q": q.Text, "topic": q.Topic, "state": q.State, "sort": q.Sort} {
		if x != "" {
			v.Set(name, x)
		}
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// ruleRow is one line of the list.
type ruleRow struct {
	ID, Name, Topic, URL string
	Hits                 int
	Precision            string
	Weak                 bool // of a precision that asks for a look
	Hint                 string
	Off, Auto            bool
	Current              bool
	Quality              rules.Quality
}

// weakPrecision is below what a rule asks for a look, once people have decided
// about enough of its messages.
const (
	weakPrecision = 0.85
	enoughDecided = 10
)

func (s *server) rules(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, _, err := s.rulesFrame(r, v, "", "Правила")
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "rules", page)
	return nil
}

// rulesFrame is the page without a chosen rule.
func (s *server) rulesFrame(r *http.Request, v *visit, current, title string) (rulesPage, rules.Set, error) {
	page := rulesPage{Shell: s.shell(r, v, "rules", title), Query: parseRulesQuery(r.URL.Query()), CanWrite: v.person.Actor().Can(rights.WriteRules)}
	set, err := s.Rules.Book.RuleSet(r.Context())
	if err != nil {
		return page, set, err
	}
	topics, err := s.Directory.Topics(r.Context())
	if err != nil {
		return page, set, err
	}
	quality, err := s.Rules.Scans.RuleQuality(r.Context(), v.now.AddDate(0, 0, -rules.TrialDays))
	if err != nil {
		return page, set, err
	}
	q := page.Query
	page.Total, page.Lists = len(set.Rules), len(set.Lists)
	page.Topics = []choice{{Title: "Все темы", Checked: q.Topic == ""}}
	for _, t := range topics {
		page.Topics = append(page.Topics, choice{Title: t.Name, Value: t.ID, Checked: q.Topic == t.ID})
	}
	page.States = choices(q.State, "", "Все", "on", "Включённые", "off", "Выключенные", "auto", "Автоправила")
	page.Sorts = choices(q.Sort, "", "По порядку", "hits", "По числу сообщений", "precision", "Сначала неточные", "name", "По названию")
	for _, x := range set.Rules {
		if row := ruleRowOf(x, topics, quality[x.ID]); q.takes(x, row) {
			row.Current, row.URL = x.ID == current, "/rules/"+url.PathEscape(x.ID)+q.values()
			page.Rows = append(page.Rows, row)
		}
	}
	q.sort(page.Rows)
	return page, set, nil
}

func choices(chosen string, pairs ...string) []choice {
	var out []choice
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, choice{Title: pairs[i+1], Value: pairs[i], Checked: pairs[i] == chosen})
	}
	return out
}

func ruleRowOf(x rules.Rule, topics []incidents.Topic, q rules.Quality) ruleRow {
	row := ruleRow{ID: x.ID, Name: x.Name, Topic: topicName(topics, x.TopicID), Hits: q.Hits, Off: !x.Active, Auto: x.Auto, Precision: "—", Quality: q}
	if p, ok := q.Precision(); ok {
		row.Precision, row.Weak = percent(100*p, 0), p < weakPrecision && q.Confirmed+q.False >= enoughDecided
	}
	row.Hint = "Подтверждено " + strconv.Itoa(q.Confirmed) + ", ложных " + strconv.Itoa(q.False) + ", тема упустила " + strconv.Itoa(q.Missed)
	return row
}

func topicName(topics []incidents.Topic, id string) string {
	for _, t := range topics {
		if t.ID == id {
			return t.Name
		}
	}
	return "темы больше нет"
}

func (q rulesQuery) takes(x rules.Rule, row ruleRow) bool {
	switch {
	case q.Topic != "" && x.TopicID != q.Topic,
		q.State == "on" && !x.Active, q.State == "off" && x.Active, q.State == "auto" && !x.Auto:
		return false
	}
	plain := func(text string) string { return strings.ReplaceAll(strings.ToLower(text), "ё", "е") }
	return strings.Contains(plain(row.Name+"\n"+row.Topic+"\n"+x.Spelled), plain(q.Text))
}

func (q rulesQuery) sort(rows []ruleRow) {
	precision := func(r ruleRow) float64 {
		if p, ok := r.Quality.Precision(); ok {
			return p
		}
		return 2
	}
	slices.SortStableFunc(rows, func(a, b ruleRow) int {
		switch q.Sort {
		case "hits":
			return cmp.Compare(b.Hits, a.Hits)
		case "precision":
			return cmp.Compare(precision(a), precision(b))
		case "name":
			return strings.Compare(a.Name, b.Name)
		}
		return 0
	})
}

// ruleForm is a rule as a person wrote it.
type ruleForm struct {
	Version                                          int
	Name, Spelled, Topic, Desk, Importance, From, To string
	Auto, Active                                     bool
	ScanDays                                         int
}

func (s *server) ruleFormOf(x rules.Rule) ruleForm {
	f := ruleForm{Version: x.Version, Name: x.Name, Spelled: x.Spelled, Topic: x.TopicID, Desk: x.DepartmentID, Importance: strconv.Itoa(int(x.Importance)), Auto: x.Auto, Active: x.Active, ScanDays: defaultScan}
	if !x.From.IsZero() {
		f.From = x.From.In(s.Zone).Format(time.DateOnly)
	}
	if !x.To.IsZero() {
		// What ends with a day is kept as the beginning of the next one.
		f.To = x.To.In(s.Zone).AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return f
}

const (
	// defaultScan is how many days back a saved rule looks where nobody says otherwise.
	defaultScan = 30
	maxScan     = 730
)

func readRuleForm(v url.Values) ruleForm {
	f := ruleForm{
		Name: v.Get("name"), Spelled: v.Get("spelled"), Topic: v.Get("topic"), Desk: v.Get("desk"), Importance: v.Get("importance"),
		From: v.Get("from"), To: v.Get("to"), Auto: v.Get("auto") != "", Active: v.Get("active") != "",
	}
	f.Version, _ = strconv.Atoi(v.Get("version"))
	f.ScanDays, _ = strconv.Atoi(v.Get("scan"))
	f.ScanDays = min(max(f.ScanDays, 0), maxScan)
	return f
}

// rule is the form's rule. Errors: Invalid.
func (s *server) ruleFrom(id string, f ruleForm) (rules.Rule, error) {
	x := rules.Rule{ID: id, Name: f.Name, Spelled: f.Spelled, TopicID: f.Topic, DepartmentID: f.Desk, Auto: f.Auto, Active: f.Active}
	n, err := strconv.Atoi(cmp.Or(f.Importance, "0"))
	if err != nil {
		return x, errs.Wrap(errs.Invalid, "Выберите важность из списка.", err)
	}
	x.Importance = rules.Importance(n)
	if x.From, err = s.ruleDay(f.From, 0); err != nil {
		return x, err
	}
	x.To, err = s.ruleDay(f.To, 1)
	return x, err
}

func (s *server) ruleDay(text string, after int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, s.Zone)
	if err != nil {
		return t, errs.Wrap(errs.Invalid, "Дата непонятна. Выберите её в календаре или оставьте поле пустым.", err)
	}
	return t.AddDate(0, 0, after), nil
}
