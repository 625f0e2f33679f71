package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/publisher"
)

const undoCookie = "undo"

// movePage asks where to a post is to be moved.
type movePage struct {
	Shell   shell
	Number  int64
	Version int
	Title   string
	Date    string
	Time    string
	Zone    string // its name in the zone database
	ZoneNow string // as people read it
	Back    string
	Near    []planCard // what stands near it on the same pages
	Problem string
	Undated bool // the post has no time that could be taken away
}

func (s *server) moveView(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.postOf(r)
	if err != nil {
		return err
	}
	page, err := s.movePage(r, v, p, r.URL.Query().Get("back"))
	if err != nil {
		return err
	}
	if r.Header.Get(partHeader) != "" {
		s.part(w, v, "plan-move", "move-form", page)
		return nil
	}
	s.show(w, v, http.StatusOK, "plan-move", page)
	return nil
}

func (s *server) movePage(r *http.Request, v *visit, p publisher.Post, back string) (*movePage, error) {
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return nil, err
	}
	zone := s.zoneFor(p.PageIDs(), pages)
	page := &movePage{
		Shell: s.shell(r, v, "plan-move", "Перенести пост"), Number: p.Number, Version: p.Version, Title: postTitle(p), Zone: zone.String(),
		ZoneNow: zoneName(zone, v.now), Back: planPath(back, fmt.Sprintf("/posts/%d", p.Number)), Undated: p.At.IsZero(),
	}
	at := p.At
	if at.IsZero() {
		at = nextHour(v.now, zone)
	}
	page.Date, page.Time = at.In(zone).Format(time.DateOnly), at.In(zone).Format("15:04")
	near, err := s.Planning.Plan.Plan(r.Context(), publisher.Filter{From: at.Add(-24 * time.Hour), To: at.Add(24 * time.Hour), PageIDs: p.PageIDs(), Limit: 20})
	if err != nil {
		return nil, err
	}
	for _, c := range s.cards(near.Posts, pages, nil, v) {
		if c.ID != p.ID {
			page.Near = append(page.Near, c)
		}
	}
	return page, nil
}

// nextHour is the next full hour of the working day.
func nextHour(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), local.Hour()+1, 0, 0, 0, zone)
	if at.Hour() < firstHour {
		at = time.Date(at.Year(), at.Month(), at.Day(), firstHour+1, 0, 0, 0, zone)
	}
	return at
}

// planPath returns a path of the plan's pages, so that no form leads elsewhere.
func planPath(back, fallback string) string {
	if p := localPath(back, fallback); strings.HasPrefix(p, "/plan") || strings.HasPrefix(p, "/posts/") {
		return p
	}
	return fallback
}

// move sets when a post leaves.
func (s *server) move(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	p, err := s.postOf(r)
	if err != nil {
		return err
	}
	back := planPath(f.Get("back"), fmt.Sprintf("/posts/%d", p.Number))
	err = s.moveTo(r, v, p, f)
	switch code := errs.CodeOf(err); {
	case err == nil:
	case r.Header.Get(partHeader) != "":
		return err
	case code == errs.Invalid, code == errs.Conflict, code == errs.Forbidden:
		page, perr := s.movePage(r, v, p, back)
		if perr != nil {
			return perr
		}
		page.Problem = errs.MessageOf(err)
		if f.Get("date") != "" {
			page.Date, page.Time = f.Get("date"), f.Get("time")
		}
		s.show(w, v, statusOf(code), "plan-move", page)
		return nil
	default:
		return err
	}
	s.setFlash(w, moveFlash(f), p.Number)
	if f.Get("undo") == "" && !p.At.IsZero() {
		s.setUndo(w, p)
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

func moveFlash(f url.Values) string {
	switch {
	case f.Get("undo") != "":
		return "moved-back"
	case f.Get("off") != "":
		return "undated"
	}
	return "moved"
}

func (s *server) moveTo(r *http.Request, v *visit, p publisher.Post, f url.Values) error {
	seen, err := seenVersion(f, "move")
	if err != nil {
		return err
	}
	plan := publisher.Plan{LateBy: p.LateBy}
	if f.Get("off") == "" {
		pages, err := s.Planning.Register.Pages(r.Context())
		if err != nil {
			return err
		}
		if plan.At, err = s.readMoment(f, s.zoneFor(p.PageIDs(), pages)); err != nil {
			return err
		}
		if plan.At.IsZero() {
			return errs.New(errs.Invalid, "Укажите день и время.")
		}
	}
	if _, err := s.Planning.Desk.Do(r.Context(), v.person.Actor(), p.ID, seen, plan); err != nil {
		return err
	}
	s.Hub.Publish(live.Posts)
	s.Planning.Changed()
	return nil
}

// readMoment reads a day and a time of the wall clock in the zone that the form
// has shown, else in the given one. Neither is no moment.
func (s *server) readMoment(f url.Values, zone *time.Location) (time.Time, error) {
	day, clock := strings.TrimSpace(f.Get("date")), strings.TrimSpace(f.Get("time"))
	if day == "" && clock == "" {
		return time.Time{}, nil
	}
	if shown, err := time.LoadLocation(f.Get("zone")); err == nil && f.Get("zone") != "" {
		zone = shown
	}
	for _, layout := range []string{"2006-01-02 15:04", "02.01.2006 15:04", "2006-01-02 15:04:05"} {
		if at, err := time.ParseInLocation(layout, day+" "+clock, zone); err == nil && at.Year() >= 2000 && at.Year() < 2100 {
			if at.Format(layout) != day+" "+clock {
				return time.Time{}, errs.New(errs.Invalid, "Такого времени в этот день нет: часы переводят вперёд. Выберите другое.")
			}
			return at.UTC(), nil
		}
	}
	if clock == "" {
		return time.Time{}, errs.New(errs.Invalid, "Укажите и время: день без времени не запланировать.")
	}
	return time.Time{}, errs.New(errs.Invalid, "Дата или время написаны непонятно. Пример: 26.11.2026 и 14:40.")
}

// zoneFor is the zone of the pages if they share one, else the agency's.
func (s *server) zoneFor(ids []string, pages []publisher.Page) *time.Location {
	var zone *time.Location
	for _, p := range pages {
		for _, id := range ids {
			if p.ID != id {
				continue
			}
			z := s.zoneOf(p)
			if zone != nil && zone.String() != z.String() {
				return s.Zone
			}
			zone = z
		}
	}
	if zone == nil {
		return s.Zone
	}
	return zone
}

// undo takes a move back: where the post stood, and the version after the move.
type undo struct {
	Number     int64
	Version    int
	Date, Time string
	Zone       string
	Here, Was  string
}

// setUndo remembers where a post stood before it was moved.
func (s *server) setUndo(w http.ResponseWriter, before publisher.Post) {
	value := fmt.Sprintf("%d.%d.%d", before.Number, before.Version+1, before.At.Unix())
	http.SetCookie(w, s.cookie(undoCookie, value, flashLife))
}

// takeUndo returns what can be taken back, and forgets it.
func (s *server) takeUndo(w http.ResponseWriter, r *http.Request) *undo {
	c, err := r.Cookie(undoCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(w, s.cookie(undoCookie, "", 0))
	parts := strings.Split(c.Value, ".")
	if len(parts) != 3 {
		return nil
	}
	number, err1 := strconv.ParseInt(parts[0], 10, 64)
	version, err2 := strconv.Atoi(parts[1])
	unix, err3 := strconv.ParseInt(parts[2], 10, 64)
	if err1 != nil || err2 != nil || err3 != nil {
		return nil
	}
	at := time.Unix(unix, 0).In(s.Zone)
	return &undo{Number: number, Version: version, Date: at.Format(time.DateOnly), Time: at.Format("15:04"), Zone: s.Zone.String(), Here: r.URL.RequestURI(), Was: s.clock.Full(at)}
}
