package web

import (
	"net/http"
	"slices"
	"strings"

	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/publisher"
)

// shell is the frame around every page: navigation, health, the person.
type shell struct {
	Title   string
	Page    string // names the body's class and the scripts' entry
	Theme   string // "light", "dark" or "" for the system's
	Signed  bool
	Find    string // what was looked for, for the field in the rail
	Groups  []navGroup
	Tabs    []navLink // of a telephone
	Health  health
	Person  string
	Role    string
	Zone    string
	Flash   string
	Here    string // this page's address, for coming back
	Version string

	Counts incidents.Counts
	Undo   *undo // a move that can be taken back
	Strip  strip
	Alarms bool // the person may see alarms
}

type navGroup struct {
	Title string
	Links []navLink
}

type navLink struct {
	Title   string
	Short   string // for the tabs of a telephone
	URL     string
	Icon    string
	Count   int
	Bad     bool // the count needs a person
	Current bool
	Name    string // names the count for scripts and tests
}

// health is the line «Сбор полон до 14:03».
type health struct {
	Text string
	Time string
	Hint string
	Dot  string // class of the dot: ok, warn, bad, unk
	URL  string // "" for those who may not see the sources
}

func (s *server) shell(r *http.Request, v *visit, page, title string) shell {
	sh := shell{
		Title: title, Page: page, Theme: theme(r), Signed: v.signedIn(), Version: s.Version,
		Here: r.URL.RequestURI(), Zone: s.clock.ZoneName(v.now),
	}
	if !sh.Signed {
		return sh
	}
	if r.Method != http.MethodGet {
		sh.Here = "/"
	}
	sh.Person, sh.Role = v.person.Name, roleTitle(v.person)
	counts, err := s.Queue.Counts(r.Context(), v.person.Actor(), v.now)
	if err != nil {
		// A page without numbers is better than no page.
		s.Logger.WarnContext(r.Context(), "no counts for the navigation", "err", err)
	}
	sh.Counts = counts
	current := currentLink(r)
	var loud int
	if sh.Strip, loud = s.strip(r, v); current == "/alarms" {
		sh.Strip.Text = "" // the page says it all
	}
	sh.Groups = navigation(v.person.Actor(), counts, s.waits(r, v), loud, current)
	sh.Groups = withNotices(sh.Groups, s.noticeLink(r, v, current))
	for _, g := range sh.Groups {
		sh.Tabs = append(sh.Tabs, g.Links...)
	}
	if len(sh.Tabs) > phoneTabs {
		rest := navLink{Title: "Все разделы", Short: "Ещё", URL: "/more", Icon: "more", Current: current == "/more"}
		for _, l := range sh.Tabs[phoneTabs-1:] {
			rest.Current = rest.Current || l.Current
			rest.Bad = rest.Bad || l.Bad
			if l.Bad {
				rest.Count += l.Count
			}
		}
		sh.Tabs = append(slices.Clone(sh.Tabs[:phoneTabs-1]), rest)
	}
	sh.Health = s.health(v, counts, err)
	sh.Alarms = v.person.Actor().Can(rights.ViewAlarms)
	sh.Find = r.URL.Query().Get("q")
	return sh
}

// agreementURL is the queue of answers that wait for somebody to agree.
const agreementURL = "/inbox?stage=agreement"

// phoneTabs is how many entries stand at the foot of a telephone's screen.
const phoneTabs = 5

// navigation lists what the person may see.
func navigation(by rights.Actor, n incidents.Counts, plan publisher.Waits, loud int, current string) []navGroup {
	var work, setup navGroup
	work.Title, setup.Title = "Работа", "Наблюдение"
	add := func(g *navGroup, need rights.Action, l navLink) {
		if by.Can(need) {
			l.Current = l.URL == current
			g.Links = append(g.Links, l)
		}
	}
	add(&work, rights.ViewCases, navLink{Title: "Входящие", Short: "Входящие", URL: "/inbox", Icon: "inbox", Count: n.Open, Name: "open"})
	add(&work, rights.ViewCases, navLink{Title: "Мои карточки", Short: "Мои", URL: "/inbox?mine=1", Icon: "case", Count: n.Mine, Name: "mine"})
	if n.Agreement > 0 || current == agreementURL {
		add(&work, rights.AgreeAnswer, navLink{Title: "На согласовании", Short: "Согласовать", URL: agreementURL, Icon: "okc", Count: n.Agreement, Name: "agreement"})
	}
	add(&work, rights.ViewCases, navLink{Title: "На утверждении", Short: "Утвердить", URL: "/inbox?stage=approval", Icon: "okc", Count: n.Approval, Name: "approval"})
	add(&work, rights.ViewCases, navLink{Title: "Инциденты", Short: "Инциденты", URL: "/incidents", Icon: "layers", Count: n.Masses, Name: "masses"})
	add(&work, rights.ViewCases, navLink{Title: "Поиск", Short: "Поиск", URL: "/search", Icon: "find", Name: "search"})
	add(&work, rights.ViewDeliveries, navLink{Title: "Доставка", Short: "Доставка", URL: "/deliveries", Icon: "send", Count: n.Stuck, Bad: n.Stuck > 0, Name: "stuck"})
	add(&setup, rights.ViewRules, navLink{Title: "Правила", Short: "Правила", URL: "/rules", Icon: "rules", Name: "rules"})
	add(&setup, rights.ViewSources, navLink{Title: "Источники", Short: "Источники", URL: "/sources", Icon: "src", Count: n.Sick, Bad: n.Sick > 0, Name: "sick"})
	add(&setup, rights.ViewDeadlines, navLink{Title: "Сроки", Short: "Сроки", URL: "/deadlines", Icon: "clock", Name: "deadlines"})
	add(&setup, rights.ViewLearning, navLink{Title: "Обучение", Short: "Обучение", URL: "/learning", Icon: "chart", Name: "learning"})
	add(&setup, rights.ManageArchive, navLink{Title: "Архив поиска", Short: "Архив", URL: "/archive", Icon: "find", Name: "archive"})
	add(&setup, rights.ViewAlarms, navLink{Title: "Тревоги", Short: "Тревоги", URL: "/alarms", Icon: "bell", Count: loud, Bad: loud > 0, Name: "loud"})
	guide := navGroup{Title: "Справочники"}
	guideLinks(func(need rights.Action, l navLink) { add(&guide, need, l) })
	add(&guide, rights.ViewPeople, navLink{Title: "Организации", Short: "Организации", URL: "/organisations", Icon: "tree"})
	add(&guide, rights.ViewPeople, navLink{Title: "Люди", Short: "Люди", URL: "/people", Icon: "user"})
	var groups []navGroup
	for _, g := range []navGroup{work, publications(by, plan, current), setup, guide} {
		if len(g.Links) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// currentLink is the address of the navigation's entry the request is under.
func currentLink(r *http.Request) string {
	path := r.URL.Path
	if from := r.URL.Query().Get("at"); path == "/rail" {
		return from
	}
	switch {
	case path == "/inbox":
		switch q := parseQuery(r.URL.Query()); {
		case q.same(query{Mine: true}):
			return "/inbox?mine=1"
		case q.same(query{Stages: []incidents.Stage{incidents.Approval}}):
			return "/inbox?stage=approval"
		case q.same(query{Stages: []incidents.Stage{incidents.Agreement}}):
			return agreementURL
		}
		return "/inbox"
	case path == "/plan" && r.URL.RequestURI() == reviewURL:
		return reviewURL
	case strings.HasPrefix(path, "/plan"), strings.HasPrefix(path, "/posts/"):
		return "/plan"
	case strings.HasPrefix(path, "/series"):
		return "/series"
	case path == "/worktime", strings.HasPrefix(path, "/deadlines/"):
		return "/deadlines"
	case strings.HasPrefix(path, "/incidents/"), path == "/silences":
		return "/incidents"
	case strings.HasPrefix(path, "/cases/"), path == "/unlikely":
		return "/inbox"
	case strings.HasPrefix(path, "/sources/"), path == "/connect", strings.HasPrefix(path, "/connect/"):
		return "/sources"
	}
	if path == "/lists" || strings.HasPrefix(path, "/lists/") {
		return "/rules"
	}
	for _, section := range []string{"/rules", "/search", "/pages", "/polls", "/stats", "/mandates", "/rubricator", "/organisations", "/people"} {
		if strings.HasPrefix(path, section+"/") {
			return section
		}
	}
	return path
}

func (s *server) health(v *visit, n incidents.Counts, err error) health {
	h := health{Text: "Сбор полон до", Dot: "ok"}
	if v.person.Actor().Can(rights.ViewSources) {
		h.URL = "/sources"
	}
	if err != nil || n.CompleteTo.IsZero() {
		h.Text, h.Dot, h.Hint = "О сборе нет сведений", "unk", "Неизвестно, до какого времени прочитаны источники"
		return h
	}
	h.Time, h.Hint = s.clock.Moment(n.CompleteTo, v.now), "Сбор полон до "+s.clock.Exact(n.CompleteTo)
	switch {
	case n.Sick > 0:
		h.Dot = "bad"
		h.Hint += ". " + ru.Count(n.Sick, "источник ждёт", "источника ждут", "источников ждут") + " человека"
	case v.now.Sub(n.CompleteTo) > lateAfter:
		h.Dot = "warn"
	}
	return h
}

// rail serves the navigation alone, for pages that keep its numbers fresh.
func (s *server) rail(w http.ResponseWriter, r *http.Request, v *visit) error {
	s.part(w, v, "failure", "rail-news", s.shell(r, v, "", ""))
	return nil
}

func roleTitle(p auth.Person) string {
	var names []string
	for _, role := range p.Roles {
		if t := role.Title(); t != "" {
			names = append(names, t)
		}
	}
	return strings.Join(names, ", ")
}

// homeOf is the first page the person may see, and what to call the way there.
func homeOf(v *visit) (url, title string) {
	by := v.person.Actor()
	switch {
	case by.Can(rights.ViewCases):
		return "/inbox", "К входящим"
	case by.Can(rights.ViewPlan):
		return "/plan", "К плану"
	case by.Can(rights.ViewSources):
		return "/sources", "К источникам"
	case by.Can(rights.ViewPeople):
		return "/people", "К людям"
	case by.Can(rights.ViewDeliveries):
		return "/deliveries", "К доставке"
	}
	return "/", "На главную"
}

func (s *server) home(w http.ResponseWriter, r *http.Request, v *visit) error {
	to, _ := homeOf(v)
	if to == "/" {
		return s.noRole()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
