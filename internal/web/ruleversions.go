package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/rules"
)

// versionsPage is the history of a rule.
type versionsPage struct {
	Shell    shell
	ID, Name string
	Present  int
	CanWrite bool
	Rows     []ruleVersionRow
}

type ruleVersionRow struct {
	Version int
	Who     string
	At      stamp
	Why     string
	Facts   []string
	Diff    []segmentDiff
	Present bool
}

func (s *server) ruleVersions(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, err := s.Rules.Book.RuleVersions(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	topics, err := s.Directory.Topics(r.Context())
	if err != nil {
		return err
	}
	page := versionsPage{
		Shell: s.shell(r, v, "rule-versions", "Версии: "+list[0].Name), ID: list[0].ID, Name: list[0].Name, Present: list[0].Version,
		CanWrite: v.person.Actor().Can(rights.WriteRules),
	}
	for i, x := range list {
		row := ruleVersionRow{Version: x.Version, Who: x.ByName, At: s.stamp(x.At, v.now), Why: x.Why, Present: i == 0}
		before := rules.Rule{}
		if i+1 < len(list) {
			before = list[i+1]
		}
		row.Facts = s.ruleFacts(before, x, topics)
		from, to := before.Spelled, x.Spelled
		if x.ListOnly {
			from, to = before.Expr, x.Expr
		}
		if from != to {
			row.Diff = diffView(from, to)
		}
		page.Rows = append(page.Rows, row)
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "rule-versions", page)
	return nil
}

// ruleFacts says what of a rule, its condition aside, a version has changed.
func (s *server) ruleFacts(was, is rules.Rule, topics []incidents.Topic) []string {
	var out []string
	add := func(title, a, b string) {
		if a != b {
			out = append(out, title+": "+ru.Cut(b, 120))
		}
	}
	yes := func(b bool) string { return map[bool]string{true: "да", false: "нет"}[b] }
	day := func(t time.Time, before int) string {
		if t.IsZero() {
			return "не ограничено"
		}
		return s.clock.Date(t.AddDate(0, 0, -before))
	}
	add("название", was.Name, is.Name)
	add("тема", topicName(topics, was.TopicID), topicName(topics, is.TopicID))
	add("включено", yes(was.Active), yes(is.Active))
	add("автоправило", yes(was.Auto), yes(is.Auto))
	add("важность", was.Importance.Title(), is.Importance.Title())
	add("действует с", day(was.From, 0), day(is.From, 0))
	add("действует по", day(was.To, 1), day(is.To, 1))
	if was.DepartmentID != is.DepartmentID {
		out = append(out, "изменено ведомство")
	}
	return out
}

func (s *server) ruleBack(w http.ResponseWriter, r *http.Request, v *visit) error {
	values, err := form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	to, _ := strconv.Atoi(values.Get("to"))
	expect, _ := strconv.Atoi(values.Get("version"))
	list, err := s.Rules.Book.RuleVersions(r.Context(), id)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.Version != to {
			continue
		}
		change, err := s.Rules.Book.ChangeRules(r.Context(), v.now.AddDate(0, 0, -defaultScan), v.now, func(set rules.Set) (rules.Change, error) {
			return set.RollBack(x, expect, v.person.Actor(), v.now)
		})
		if err != nil {
			return err
		}
		s.ruleSaved(w, change, defaultScan)
		http.Redirect(w, r, "/rules/"+url.PathEscape(id), http.StatusSeeOther)
		return nil
	}
	return errs.New(errs.NotFound, "Такой версии нет. Обновите страницу.")
}

// foundPage is what a scan of history found and nobody has looked at.
type foundPage struct {
	Shell   shell
	ID      string
	Name    string
	Total   int
	Rows    []ruleFoundRow
	CanTake bool
	Empty   emptyState
}

type ruleFoundRow struct {
	ID   string
	Net  netIcon
	Text []segment
	Who  string
	At   stamp
	Link string
}

// foundShown is how many messages are decided about at a time.
const foundShown = 100

func (s *server) ruleFound(w http.ResponseWriter, r *http.Request, v *visit) error {
	set, err := s.Rules.Book.RuleSet(r.Context())
	if err != nil {
		return err
	}
	x, err := chosenRule(set, r)
	if err != nil {
		return err
	}
	list, total, err := s.Rules.Offers.Offered(r.Context(), x.ID, foundShown)
	if err != nil {
		return err
	}
	page := foundPage{
		Shell: s.shell(r, v, "rule-found", "Найдено в прошлом"), ID: x.ID, Name: x.Name, Total: total, CanTake: v.person.Actor().Can(rights.AcceptCase),
		Empty: emptyState{Title: "Разбирать нечего", Text: "Здесь старые сообщения, которые нашло сохранённое правило и по которым нет карточек. Сами карточки по ним не заводятся.", URL: "/rules/" + url.PathEscape(x.ID), Button: "К правилу"},
	}
	for _, o := range list {
		page.Rows = append(page.Rows, ruleFoundRow{
			ID: o.Item.ID, Net: iconOfNet(o.Item.Ref.Network), Text: around(o.Item.Text, o.Marks, sampleText), Who: o.Item.Author.Name,
			At: s.stamp(o.Item.PublishedAt, v.now), Link: webLink(o.Item.Permalink),
		})
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "rule-found", page)
	return nil
}

func (s *server) takeFound(w http.ResponseWriter, r *http.Request, v *visit) error {
	values, err := form(r)
	if err != nil {
		return err
	}
	id, items := r.PathValue("id"), values["item"]
	if len(items) == 0 {
		return errs.New(errs.Invalid, "Отметьте хотя бы одно сообщение.")
	}
	items = items[:min(len(items), foundShown)]
	if values.Get("act") == "dismiss" {
		_, err = s.Rules.Offers.DismissOffered(r.Context(), v.person.Actor(), id, items, v.now)
		s.setFlash(w, "found-dismissed", 0)
	} else {
		var taken int
		taken, err = s.Rules.Offers.OpenOffered(r.Context(), v.person.Actor(), id, items, v.now)
		s.Hub.Publish(live.Cases)
		name := "found-taken"
		if taken == 0 {
			name = "found-none"
		}
		s.setFlash(w, name, int64(taken))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/rules/"+url.PathEscape(id)+"/found", http.StatusSeeOther)
	return nil
}

// listsPage is the page of named lists of words.
type listsPage struct {
	Shell    shell
	Rows     []listRow
	Name     string // of the chosen list, "" for a new one
	Title    string
	Version  int
	Expr     string
	Used     []ruleRow
	Problem  string
	CanWrite bool
	Versions []ruleVersionRow
}

type listRow struct {
	Name, URL string
	Used      int
	Current   bool
}

func (s *server) wordLists(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.listsPage(r, v, r.PathValue("name"))
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "lists", page)
	return nil
}

func (s *server) listsPage(r *http.Request, v *visit, name string) (listsPage, error) {
	page := listsPage{Shell: s.shell(r, v, "lists", "Списки слов"), Name: name, Title: "Новый список", CanWrite: v.person.Actor().Can(rights.WriteRules)}
	set, err := s.Rules.Book.RuleSet(r.Context())
	if err != nil {
		return page, err
	}
	for _, l := range set.Lists {
		page.Rows = append(page.Rows, listRow{l.Name, "/lists/" + url.PathEscape(l.Name), len(set.Uses(l.Name)), l.Name == name})
	}
	if name == "" {
		return page, nil
	}
	versions, err := s.Rules.Book.ListVersions(r.Context(), name)
	if err != nil {
		return page, err
	}
	page.Title, page.Version, page.Expr = "@"+name, versions[0].Version, versions[0].Expr
	for _, x := range set.Uses(name) {
		page.Used = append(page.Used, ruleRow{Name: x.Name, URL: "/rules/" + url.PathEscape(x.ID)})
	}
	for i, x := range versions {
		row := ruleVersionRow{Version: x.Version, Who: x.ByName, At: s.stamp(x.At, v.now), Why: x.Why, Present: i == 0}
		if i+1 < len(versions) {
			row.Diff = diffView(versions[i+1].Expr, x.Expr)
		}
		page.Versions = append(page.Versions, row)
	}
	return page, nil
}

func (s *server) saveList(w http.ResponseWriter, r *http.Request, v *visit) error {
	values, err := form(r)
	if err != nil {
		return err
	}
	x := rules.List{Name: values.Get("name"), Expr: values.Get("spelled")}
	expect, _ := strconv.Atoi(values.Get("version"))
	var since time.Time
	if values.Get("scan") != "" {
		since = v.now.AddDate(0, 0, -defaultScan)
	}
	change, err := s.Rules.Book.ChangeRules(r.Context(), since, v.now, func(set rules.Set) (rules.Change, error) {
		return set.SaveList(x, expect, v.person.Actor(), v.now)
	})
	switch errs.CodeOf(err) {
	case errs.Invalid, errs.Conflict:
		name := ""
		if expect > 0 {
			name = x.Name
		}
		page, again := s.listsPage(r, v, name)
		if again != nil {
			return again
		}
		page.Problem, page.Expr = errs.MessageOf(err), x.Expr
		if name == "" {
			page.Title = "Новый список"
		}
		s.show(w, v, statusOf(errs.CodeOf(err)), "lists", page)
		return nil
	}
	if err != nil {
		return err
	}
	s.ruleSaved(w, change, 0)
	for _, l := range change.Lists {
		s.setFlash(w, "list-saved", 0)
		x.Name = l.Name
	}
	http.Redirect(w, r, "/lists/"+url.PathEscape(x.Name), http.StatusSeeOther)
	return nil
}
