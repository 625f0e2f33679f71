package web

import "otklik/internal/rights"

// planRoutes are the routes of the press officer's pages.
func (s *server) planRoutes() []route {
	list := []route{
		{"GET /plan", may(rights.ViewPlan), s.plan},
		{"GET /plan/stop", may(rights.StopPublishing), s.stopView},
		{"POST /plan/stop", may(rights.StopPublishing), s.stop},
		{"POST /plan/stop/{id}/end", may(rights.StopPublishing), s.release},
		{"GET /posts/new", may(rights.WritePost), s.newPostPage},
		{"POST /posts/new", may(rights.WritePost).withFiles(), s.writePost},
		{"POST /posts/new/draft", may(rights.WritePost), s.keepPost},
		{"GET /posts/templates", may(rights.WritePost), s.templates},
		{"POST /posts/templates/{id}/drop", may(rights.WritePost), s.dropTemplate},
		{"GET /posts/{number}", may(rights.ViewPlan), s.postView},
		{"POST /posts/{number}/write", may(rights.WritePost).withFiles(), s.writePost},
		{"POST /posts/{number}/draft", may(rights.WritePost), s.keepPost},
		{"POST /posts/{number}/amend", may(rights.WritePost).withFiles(), s.amend},
		{"GET /posts/{number}/move", may(rights.WritePost), s.moveView},
		{"POST /posts/{number}/move", may(rights.WritePost), s.move},
		{"GET /series", may(rights.ViewPlan), s.seriesList},
		{"GET /series/new", may(rights.WritePost), s.seriesView},
		{"POST /series/new", may(rights.WritePost).withFiles(), s.writeSeries},
		{"POST /series/new/draft", may(rights.WritePost), s.keepSeries},
		{"GET /series/{id}", may(rights.ViewPlan), s.seriesView},
		{"POST /series/{id}/write", may(rights.WritePost).withFiles(), s.writeSeries},
		{"POST /series/{id}/draft", may(rights.WritePost), s.keepSeries},
		{"POST /series/{id}/approve", may(rights.ReviewPost), s.approveSeries},
	}
	for _, c := range s.postCommands() {
		list = append(list, route{"POST /posts/{number}/" + c.name, may(c.action), s.postCommand(c)})
	}
	return list
}

// planFlash is the notice after an action with the plan; n begins it with the
// number of the post.
func planFlash(name, n string) string {
	switch name {
	case "moved":
		return n + "пост перенесён."
	case "moved-back":
		return n + "пост стоит, где стоял."
	case "undated":
		return n + "пост снят с календаря и ждёт среди черновиков."
	case "stopped":
		return "Публикации остановлены. Ниже — что ждёт вашего решения."
	case "released":
		return "Остановка снята: посты уходят по плану."
	case "post-saved":
		return n + "пост сохранён."
	case "post-submit":
		return n + "пост отправлен на согласование."
	case "post-approve":
		return n + "пост согласован."
	case "post-rework":
		return n + "пост возвращён автору с замечанием."
	case "post-withdraw":
		return n + "пост отозван, его можно исправить."
	case "post-cancel":
		return n + "пост отменён."
	case "post-reopen":
		return n + "пост снова черновик."
	case "post-remark":
		return n + "замечание добавлено."
	case "post-now":
		return n + "пост уйдёт в ближайшую минуту."
	case "post-by-hand":
		return n + "отмечено: пост стоит на странице. Второй раз не отправим."
	case "post-amend":
		return n + "правка ждёт согласования."
	case "post-amend-approve":
		return n + "правка согласована и уходит в сети."
	case "post-amend-drop":
		return n + "правка отменена."
	case "post-remove":
		return n + "пост удаляется со страницы."
	case "post-pin":
		return n + "передано сети."
	case "template":
		return "Шаблон сохранён."
	case "template-gone":
		return "Шаблон удалён."
	case "series-saved":
		return "Повтор сохранён, его выходы стоят в плане."
	case "series-approved":
		return "Повтор согласован: выходы пойдут по расписанию."
	}
	return ""
}
