package web

import "otklik/internal/rights"

// massRoutes are the routes of mass incidents and of silences.
func (s *server) massRoutes() []route {
	list := []route{
		{"GET /incidents", may(rights.ViewCases), s.incidents},
		{"POST /incidents", may(rights.ManageIncidents), s.beginIncident},
		{"GET /incidents/settings", may(rights.ViewCases), s.massSettings},
		{"POST /incidents/settings", may(rights.ManageIncidents), s.saveMassLimits},
		{"GET /incidents/{number}", may(rights.ViewCases), s.incident},
		{"GET /silences", may(rights.ViewCases), s.silences},
		{"POST /silences", may(rights.MuteNotices), s.beginSilence},
		{"POST /silences/{id}/end", may(rights.MuteNotices), s.endSilence},
	}
	for _, d := range incidentDeeds() {
		list = append(list, route{"POST /incidents/{number}/" + d.name, may(rights.ManageIncidents), s.incidentDeed(d)})
	}
	return list
}

// massFlash is the notice after an action on these pages; n begins it with the
// incident's number.
func massFlash(name, n string) string {
	switch name {
	case "mass-begun":
		return n + "инцидент собран. Новые карточки этой темы присоединятся сами."
	case "mass-rename":
		return n + "название изменено."
	case "mass-add":
		return n + "карточки добавлены."
	case "mass-remove":
		return n + "карточка убрана и сама не вернётся."
	case "mass-merge":
		return n + "инциденты объединены, карточки здесь."
	case "mass-close":
		return n + "инцидент закрыт. Карточки остались как были: на них нужно ответить."
	case "mass-reopen":
		return n + "инцидент снова идёт."
	case "mass-draft":
		return n + "черновик общего ответа сохранён. Он никуда не отправлен."
	case "mass-limits":
		return "Порог сохранён. Он действует для новых карточек."
	case "silence-begun":
		return "Тишина включена: уведомлений нет, жалобы считаются."
	case "silence-ended":
		return "Тишина снята: уведомления снова приходят."
	}
	return ""
}
