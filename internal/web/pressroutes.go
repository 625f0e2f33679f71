package web

import "otklik/internal/rights"

// pressRoutes are the routes of the register, the polls, the statistics, the
// mandates and the files of the plan.
func (s *server) pressRoutes() []route {
	return []route{
		{"GET /more", signedIn(), s.more},
		{"GET /pages", may(rights.ViewPages), s.pagesList},
		{"GET /pages/export", may(rights.ViewPages), s.pagesExport},
		{"GET /pages/{id}", may(rights.ViewPages), s.pageCard},
		{"POST /pages/{id}", may(rights.ManagePages), s.savePage},
		{"GET /polls", may(rights.ViewPlan), s.polls},
		{"GET /polls/{id}", may(rights.ViewPlan), s.poll},
		{"GET /polls/{id}/export", may(rights.ViewPlan), s.pollExport},
		{"POST /polls/{id}/close", may(rights.WritePost), s.closePoll},
		{"POST /polls/{id}/results", may(rights.WritePost), s.pollResults},
		{"GET /stats", may(rights.ViewPlan), s.stats},
		{"GET /stats/export", may(rights.ViewPlan), s.statsExport},
		{"GET /stats/posts/{ref}", may(rights.ViewPlan), s.statsPost},
		{"GET /mandates", may(rights.ViewPlan), s.mandates},
		{"GET /mandates/new", may(rights.IssueMandate), s.newMandate},
		{"POST /mandates/new", may(rights.IssueMandate).withFiles(), s.issueMandate},
		{"GET /mandates/{number}", may(rights.ViewPlan), s.mandate},
		{"GET /mandates/{number}/export", may(rights.ViewPlan), s.mandateExport},
		{"POST /mandates/{number}/withdraw", may(rights.IssueMandate), s.withdrawMandate},
		{"GET /plan/export", may(rights.ViewPlan), s.planExport},
		{"GET /plan/import", may(rights.WritePost), s.planImport},
		{"POST /plan/import", may(rights.WritePost).withTable(), s.takePlanFile},
		{"GET /plan/import/{id}", may(rights.WritePost), s.planPreview},
		{"POST /plan/import/{id}", may(rights.WritePost), s.importPlan},
	}
}

// pressLinks are the entries of the navigation for these pages.
func pressLinks(add func(rights.Action, navLink)) {
	add(rights.ViewPlan, navLink{Title: "Обязательные посты", Short: "Обязательные", URL: "/mandates", Icon: "okf", Name: "mandates"})
	add(rights.ViewPlan, navLink{Title: "Опросы", Short: "Опросы", URL: "/polls", Icon: "poll", Name: "polls"})
	add(rights.ViewPages, navLink{Title: "Страницы", Short: "Страницы", URL: "/pages", Icon: "layers", Name: "pages"})
	add(rights.ViewPlan, navLink{Title: "Статистика", Short: "Статистика", URL: "/stats", Icon: "chart", Name: "stats"})
}

// pressFlash is the notice after an action on these pages.
func pressFlash(name, n string) string {
	switch name {
	case "page-saved":
		return "Страница в реестре обновлена."
	case "poll-closing":
		return "Опрос закрывается: сети получат команду в ближайшую минуту."
	case "poll-draft":
		return n + "черновик с итогами готов. Проверьте его и отправьте на согласование."
	case "mandate-issued":
		return "Обязательный пост назначен: на каждой странице появился черновик."
	case "mandate-withdrawn":
		return "Обязательный пост отозван. Что ещё не вышло, не выйдет."
	}
	return ""
}
