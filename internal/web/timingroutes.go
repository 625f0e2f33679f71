package web

import (
	"net/http"

	"otklik/internal/rights"
)

// timingRoutes are the routes of deadlines, of working time and of notices.
func (s *server) timingRoutes() []route {
	return []route{
		{"GET /deadlines", may(rights.ViewDeadlines), s.deadlines},
		{"POST /deadlines", may(rights.ManageDeadlines), s.saveDeadlines},
		{"POST /deadlines/try", may(rights.ViewDeadlines), s.tryDeadlines},
		{"POST /deadlines/give-up", may(rights.ManageDeadlines), s.giveUpDeadlines},
		{"GET /worktime", may(rights.ViewDeadlines), s.workTime},
		{"POST /worktime", may(rights.ManageDeadlines), s.saveWorkTime},
		{"POST /worktime/day", may(rights.ManageDeadlines), s.setWorkDay},
		{"GET /notices", signedIn(), s.notices},
		{"POST /notices", signedIn(), s.readNotices},
	}
}

// noticeLink is the bell in the rail.
func (s *server) noticeLink(r *http.Request, v *visit, current string) navLink {
	l := navLink{Title: "Уведомления", Short: "Мне", URL: "/notices", Icon: "msg", Name: "notices", Current: current == "/notices"}
	n, err := s.Timing.Notices.UnreadNotices(r.Context(), v.person.ID)
	if err != nil {
		s.Logger.WarnContext(r.Context(), "no count of notices for the navigation", "err", err)
	}
	l.Count = n
	return l
}

// withNotices puts the bell at the end of the first group.
func withNotices(groups []navGroup, l navLink) []navGroup {
	if len(groups) == 0 {
		return []navGroup{{Title: "Работа", Links: []navLink{l}}}
	}
	groups[0].Links = append(groups[0].Links, l)
	return groups
}

// timingFlash is the notice after an action on these pages.
func timingFlash(name, n string) string {
	switch name {
	case "deadlines-saved":
		return "Сроки сохранены. Новые карточки пойдут по ним, открытые — по прежним."
	case "deadlines-given-up":
		return "Свои сроки темы сняты: новые карточки пойдут по общим."
	case "worktime-saved":
		return "Рабочее время сохранено. Сроки открытых карточек пересчитаются в течение минуты."
	case "day-saved":
		return "Календарь изменён. Сроки открытых карточек пересчитаются в течение минуты."
	case "notices-read":
		return "Уведомления прочитаны."
	case "await":
		return n + "ждём. Какие часы стоят, сказано в сроках."
	case "resume":
		return n + "больше не ждём, часы идут."
	case "fast-track":
		return n + "фаст-трек изменён, сроки пересчитаны."
	case "raise":
		return n + "важность изменена, сроки пересчитаны."
	}
	return ""
}
