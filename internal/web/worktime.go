package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"otklik/incidents/clock"
	terms "otklik/incidents/deadline"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/workcal"
)

// The years of which the page shows a calendar.
const firstCalendar, lastCalendar = 2013, 2040

// workPage is the page «Рабочее время и календарь».
type workPage struct {
	Shell   shell
	Tabs    []tab
	Problem string
	Trouble string // what is wrong with the calendar
	Can     bool
	Version int
	Days    []workDay
	Moved   string
	Always  bool
	Zones   []choice
	By      string
	At      stamp
	Cal     yearPage
}

// workDay is the hours of one weekday as people write them.
type workDay struct{ Name, Title, Hours string }

// yearPage is the calendar of one year.
type yearPage struct {
	Year     int
	Previous string
	Next     string
	Known    bool
	Kinds    []choice
	Months   []monthPage
	Own      []ownDay
	Workdays int
}

type monthPage struct {
	Title string
	Weeks [][7]dayCell
}

// dayCell is one day; the zero value is a place without one.
type dayCell struct {
	Number       int
	Date         string
	Class, Title string
}

type ownDay struct{ Date, Day, Kind, By string }

func timingTabs(at string) []tab {
	return []tab{
		{Title: "Сроки", URL: "/deadlines", Current: at == "/deadlines"},
		{Title: "Рабочее время и календарь", URL: "/worktime", Current: at == "/worktime"},
	}
}

func (s *server) workTime(w http.ResponseWriter, r *http.Request, v *visit) error {
	have, err := s.Timing.Work.WorkTime(r.Context(), "")
	if err != nil {
		return err
	}
	return s.showWorkTime(w, r, v, workFields(have), have, nil)
}

// workFields are hours as the fields of the form.
func workFields(have clock.WorkTime) url.Values {
	f := url.Values{"zone": {have.Zone}, "version": {strconv.Itoa(have.Version)}, "moved": {terms.FormatDay(have.Hours.Moved)}}
	for i, day := range have.Hours.Week {
		f.Set("d"+strconv.Itoa(i), terms.FormatDay(day))
	}
	if have.Hours.Always {
		f.Set("always", "1")
	}
	return f
}

func (s *server) showWorkTime(w http.ResponseWriter, r *http.Request, v *visit, f url.Values, have clock.WorkTime, problem error) error {
	page := workPage{
		Shell: s.shell(r, v, "worktime", "Рабочее время и календарь"), Tabs: timingTabs("/worktime"), Can: v.person.Actor().Can(rights.ManageDeadlines),
		Moved: f.Get("moved"), Always: f.Get("always") == "1", By: have.By, At: s.stamp(have.At, v.now), Zones: s.zones(f.Get("zone"), v.now),
	}
	page.Version, _ = strconv.Atoi(f.Get("version"))
	for _, d := range week() {
		name := "d" + strconv.Itoa(int(d))
		page.Days = append(page.Days, workDay{name, ru.Capital(ru.Weekday(d)), f.Get(name)})
	}
	var err error
	if page.Trouble, err = s.Timing.Clocks.CalendarTrouble(r.Context(), v.now); err != nil {
		return err
	}
	if page.Cal, err = s.yearPage(r, v); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		page.Problem, status = errs.MessageOf(problem), statusOf(errs.CodeOf(problem))
		page.Shell.Here = "/worktime"
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, status, "worktime", page)
	return nil
}

// week begins on Monday.
func week() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

// zones lists the zones of Russia from west to east, and the present one.
func (s *server) zones(now string, at time.Time) []choice {
	names := []string{
		"Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk",
		"Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
	}
	if now != "" && !slices.Contains(names, now) {
		names = append(names, now)
	}
	var list []choice
	for _, name := range names {
		title := name
		if zone, err := time.LoadLocation(name); err == nil {
			title = ru.Capital(ru.NewClock(zone).ZoneName(at))
		}
		list = append(list, choice{Title: title, Value: name, Checked: name == now})
	}
	return list
}

func readWorkTime(f url.Values) (clock.WorkTime, error) {
	w := clock.WorkTime{Zone: f.Get("zone")}
	var err error
	for i := range w.Hours.Week {
		if w.Hours.Week[i], err = terms.ParseDay(f.Get("d" + strconv.Itoa(i))); err != nil {
			return w, err
		}
	}
	w.Hours.Always = f.Get("always") == "1"
	w.Hours.Moved, err = terms.ParseDay(f.Get("moved"))
	return w, err
}

func (s *server) saveWorkTime(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	seen, err := strconv.Atoi(f.Get("version"))
	if err != nil {
		return errs.New(errs.Invalid, "Форма устарела. Обновите страницу и повторите.")
	}
	want, err := readWorkTime(f)
	if err == nil {
		err = s.Timing.Work.SaveWorkTime(r.Context(), v.person.Actor(), "", seen, want, v.now)
	}
	if code := errs.CodeOf(err); err != nil && (code == errs.Invalid || code == errs.Conflict) {
		have, herr := s.Timing.Work.WorkTime(r.Context(), "")
		if herr != nil {
			return herr
		}
		return s.showWorkTime(w, r, v, f, have, err)
	}
	if err != nil {
		return err
	}
	s.Hub.Publish(live.Deadlines)
	s.setFlash(w, "worktime-saved", 0)
	http.Redirect(w, r, "/worktime", http.StatusSeeOther)
	return nil
}

func (s *server) setWorkDay(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	day, err := workcal.ParseDate(f.Get("day"))
	if err != nil || day.Year < firstCalendar || day.Year > lastCalendar {
		return errs.New(errs.Invalid, "Такого дня в календаре нет. Выберите день на странице.")
	}
	if err := s.Timing.Work.SetWorkDay(r.Context(), v.person.Actor(), "", day, workcal.Kind(f.Get("kind")), v.now); err != nil {
		return err
	}
	s.Hub.Publish(live.Deadlines)
	s.setFlash(w, "day-saved", 0)
	http.Redirect(w, r, "/worktime?year="+strconv.Itoa(day.Year)+"&kind="+url.QueryEscape(f.Get("kind"))+"#calendar", http.StatusSeeOther)
	return nil
}

func (s *server) yearPage(r *http.Request, v *visit) (yearPage, error) {
	now := v.now.In(s.Zone)
	y := yearPage{Year: now.Year()}
	if n, err := strconv.Atoi(r.URL.Query().Get("year")); err == nil && n >= firstCalendar && n <= lastCalendar {
		y.Year = n
	}
	y.Known = workcal.Known(y.Year)
	if y.Year > firstCalendar {
		y.Previous = strconv.Itoa(y.Year - 1)
	}
	if y.Year < lastCalendar {
		y.Next = strconv.Itoa(y.Year + 1)
	}
	kind := string(workcal.Off)
	if q := r.URL.Query(); q.Has("kind") {
		kind = q.Get("kind")
	}
	for _, k := range []workcal.Kind{workcal.Off, workcal.Working, workcal.Short, workcal.Holiday, ""} {
		y.Kinds = append(y.Kinds, choice{Title: ru.Capital(dayKind(k)), Value: string(k), Checked: string(k) == kind})
	}
	list, err := s.Timing.Work.WorkDays(r.Context(), "")
	if err != nil {
		return y, err
	}
	own := map[workcal.Date]workcal.Kind{}
	for _, d := range list {
		own[d.Date] = d.Kind
		if d.Date.Year == y.Year {
			y.Own = append(y.Own, ownDay{d.Date.String(), dayText(d.Date), dayKind(d.Kind), d.By})
		}
	}
	y.fill(own, workcal.On(now))
	return y, nil
}

func dayText(d workcal.Date) string {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format("02.01.2006")
}

func (y *yearPage) fill(own map[workcal.Date]workcal.Kind, today workcal.Date) {
	days := workcal.New(own)
	for m := time.January; m <= time.December; m++ {
		month := monthPage{Title: ru.Month(m)}
		var line [7]dayCell
		for d := (workcal.Date{Year: y.Year, Month: m, Day: 1}); d.Month == m; d = d.Add(1) {
			at := (int(d.Weekday()) + 6) % 7
			x := days.Day(d)
			if x.IsWorking() {
				y.Workdays++
			}
			line[at] = cellOf(x, own, d == today)
			if at == 6 {
				month.Weeks, line = append(month.Weeks, line), [7]dayCell{}
			}
		}
		if line[0].Number > 0 {
			month.Weeks = append(month.Weeks, line)
		}
		y.Months = append(y.Months, month)
	}
}

func cellOf(x workcal.Day, own map[workcal.Date]workcal.Kind, today bool) dayCell {
	c := dayCell{Number: x.Date.Day, Date: x.Date.String(), Class: "d-" + string(x.Kind), Title: dayText(x.Date) + ", " + dayKind(x.Kind)}
	if x.Name != "" {
		c.Title += ": " + x.Name
	}
	if _, ok := own[x.Date]; ok {
		c.Class += " d-own"
		c.Title += ", изменено у вас"
	}
	if today {
		c.Class += " d-now"
	}
	return c
}

func dayKind(k workcal.Kind) string {
	switch k {
	case workcal.Working:
		return "рабочий день"
	case workcal.Short:
		return "на час короче"
	case workcal.Off:
		return "выходной"
	case workcal.Holiday:
		return "праздник"
	}
	return "как в календаре страны"
}
