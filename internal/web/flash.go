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
	case "approve-foreign":
		return n + "ответ утверждён. Это не ваша страница: ответьте в сети сами."
	case "withdraw":
		return n + "ответ отозван, его можно исправить."
	case "by-hand":
		return n + "закрыто: ответ дан вручную."
	case "note":
		return n + "заметка добавлена."
	case "sample":
		return n + "образец вставлен. Впишите то, что в фигурных скобках."
	case "draft":
		return n + "черновик сохранён."
	case "take":
		return "Тревога принята. Она останется в списке, пока не пройдёт."
	case "stop-history":
		return "Чтение истории остановится в ближайшую минуту. Прочитанное останется."
	case "read-history":
		return "Начнём читать историю в ближайшую минуту."
	case "appeared":
		return n + "отмечено, что уже появилось. Второй раз не отправим."
	case "send_again":
		return n + "отправим ещё раз."
	case "source-connected":
		return "Страница подключена. Программа уже читает её."
	case "source-check":
		return "Ключи проверены."
	case "source-pause":
		return "Страница на паузе: не читается и не отвечает, пока её не возобновят."
	case "source-resume":
		return "Страница снова работает. Пропущенное дочитаем."
	case "source-remove":
		return "Страница отключена. Собранное осталось, ключи забыты."
	case "source-shelf":
		return "Чат для файлов записан. Следующие посты пойдут уже так."
	case "source-webhook":
		return "Вебхук включён. Адрес регистрируется у Telegram в ближайшую минуту, пропущенного не будет."
	case "source-polling":
		return "Вебхук выключен: программа спрашивает Telegram сама."
	case "key-replace":
		return "Ключ проверен и заменён. Перезапуск не нужен."
	case "key-expiry":
		return "Срок ключа записан."
	case "key-remove":
		return "Ключ убран."
	}
	return cmp.Or(massFlash(name, n), planFlash(name, n), pressFlash(name, n), timingFlash(name, n), guideFlash(name, n), lifeFlash(name, n), staffFlash(name), learnFlash(name, n), ruleFlash(name, number), searchFlash(name))
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
