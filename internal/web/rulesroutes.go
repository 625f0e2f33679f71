package web

import (
	"otklik/internal/rights"
	"otklik/internal/ru"
)

// ruleRoutes are the routes of rules and lists of words.
func (s *server) ruleRoutes() []route {
	return []route{
		{"GET /rules", may(rights.ViewRules), s.rules},
		{"GET /rules/new", may(rights.WriteRules), s.rule},
		{"GET /rules/{id}", may(rights.ViewRules), s.rule},
		{"POST /rules/{id}", may(rights.WriteRules), s.saveRule},
		{"POST /rules/{id}/try", may(rights.ViewRules), s.tryRule},
		{"GET /rules/{id}/versions", may(rights.ViewRules), s.ruleVersions},
		{"POST /rules/{id}/back", may(rights.WriteRules), s.ruleBack},
		{"POST /rules/{id}/move", may(rights.WriteRules), s.moveRule},
		{"POST /rules/{id}/stop", may(rights.WriteRules), s.stopScan},
		{"GET /rules/{id}/found", may(rights.ViewCases), s.ruleFound},
		{"POST /rules/{id}/found", may(rights.AcceptCase), s.takeFound},
		{"GET /lists", may(rights.ViewRules), s.wordLists},
		{"GET /lists/{name}", may(rights.ViewRules), s.wordLists},
		{"POST /lists", may(rights.WriteRules), s.saveList},
	}
}

// ruleFlash is the notice after an action on these pages.
func ruleFlash(name string, n int64) string {
	switch name {
	case "rule-saved":
		return "Сохранено. Новые сообщения проверяются уже по этой версии."
	case "rule-scan":
		return "Сохранено. Прошлые сообщения проверяются, ход виден на этой странице."
	case "rule-same":
		return "Ничего не изменилось, новой версии нет."
	case "rule-moved":
		return "Порядок изменён. Новым сообщениям тему даёт первое правило, которое сработало."
	case "rule-stopped":
		return "Проверка истории остановлена. Найденное осталось."
	case "found-taken":
		return "Заведено: " + ru.Count(int(n), "обращение", "обращения", "обращений") + ". Смотрите во «Входящих»."
	case "found-none":
		return "Заводить нечего: эти сообщения уже в карточках."
	case "found-dismissed":
		return "Убрано из списка. Карточки по ним не заведены."
	case "list-saved":
		return "Список сохранён, правила с ним получили новые версии."
	}
	return ""
}
