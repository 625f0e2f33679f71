package web

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The notice after an action travels in a cookie as a name and a number; the
// words are here, so nobody can put theirs on our page.
const (
	flashCookie = "flash"
	flashLife   = time.Minute
)

func flashText(name string, number int64) string {
	n := "№\u00a0" + strconv.FormatInt(number, 10) + ": "
	switch name {
	case "accept":
		return n + "принято в работу. Теперь передайте карточку ведомству."
	case "reject":
		return n + "отклонено. Карточка в завершённых."
	case "classify":
		return n + "тема изменена."
	case "assign":
		return n + "передано исполнителю."
	case "return":
		return n + "возвращено координатору."
	case "submit":
		return n + "ответ отправлен на утверждение."
	case "rework":
		return n + "ответ возвращён исполнителю на доработку."
	case "approve":
		return n + "ответ утверждён и отправляется."
	case "withdraw":
		return n + "ответ отозван, его можно исправить."
	case "by-hand":
		return n + "закрыто: ответ дан вручную."
	case "note":
		return n + "заметка добавлена."
	case "draft":
		return n + "черновик сохранён."
	case "appeared":
		return n + "отмечено, что ответ появился. Второй раз не отправим."
	case "send_again":
		return n + "отправим ещё раз."
	}
	return cmp.Or(planFlash(name, n), pressFlash(name, n))
}

func (s *server) setFlash(w http.ResponseWriter, name string, number int64) {
	http.SetCookie(w, s.cookie(flashCookie, name+"."+strconv.FormatInt(number, 10), flashLife))
}

// takeFlash returns the notice and forgets it.
func (s *server) takeFlash(w http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(flashCookie)
	if err != nil {
		return ""
	}
	http.SetCookie(w, s.cookie(flashCookie, "", 0))
	name, digits, _ := strings.Cut(c.Value, ".")
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return ""
	}
	return flashText(name, number)
}
