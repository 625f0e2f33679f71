package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-telegram/bot"

	"otklik/internal/delivery"
)

// maxCause bounds what goes to the log: the SDK puts whole answers into errors.
const maxCause = 500

// voice is how failures of one kind of call are told to people.
type voice string

const (
	ofAnswer voice = "answer"
	ofPost   voice = "post"
	ofChange voice = "change" // of what stands already: repeating it is harmless
	ofLook   voice = "look"   // reading, or making what nobody sees
)

// classify says what is known of a call that the network did not confirm.
func (l *line) classify(a *attempt, err error, v voice) *delivery.Failure {
	cause := l.mask(err)
	var tooMany *bot.TooManyRequestsError
	var migrated *bot.MigrateError
	switch {
	case errors.As(err, &tooMany):
		return &delivery.Failure{
			Outcome: delivery.NotSent, Code: "tg.429", Cause: cause,
			RetryAfter: time.Duration(max(tooMany.RetryAfter, 1)) * time.Second,
			Message:    "Telegram просит отправлять реже: программа повторит сама после паузы.",
		}
	case errors.As(err, &migrated):
		return refused("tg.migrated", fmt.Sprintf(
			"Группа обсуждений получила новый номер %d: подключите источник заново и отправьте ещё раз.",
			migrated.MigrateToChatID), cause)
	case errors.Is(err, bot.ErrorBadRequest):
		return refused("tg.400", v.badRequest(err), cause)
	case errors.Is(err, bot.ErrorUnauthorized):
		return refused("tg.401", "Telegram не принимает ключ бота: замените его в «Источниках» и отправьте ещё раз.", cause)
	case errors.Is(err, bot.ErrorForbidden):
		return refused("tg.403", v.forbidden(), cause)
	case errors.Is(err, bot.ErrorNotFound):
		return refused("tg.404", "Telegram не знает такого бота: проверьте ключ в «Источниках» и отправьте ещё раз.", cause)
	case errors.Is(err, bot.ErrorConflict):
		return &delivery.Failure{
			Outcome: delivery.NotSent, Code: "tg.409", Cause: cause,
			Message: "Telegram занят другим запросом этого бота: программа повторит сама.",
		}
	case a.status.Load() == http.StatusRequestEntityTooLarge:
		return refused("tg.413", "Файлы больше, чем принимает Telegram: уменьшите их и отправьте ещё раз.", cause)
	case !a.written.Load():
		return &delivery.Failure{
			Outcome: delivery.NotSent, Code: "tg.unreachable", Cause: cause,
			Message: "Telegram недоступен, ничего не отправлено: проверьте сеть и прокси, программа попробует ещё раз сама.",
		}
	case a.status.Load() == 0 && !a.whole.Load():
		return &delivery.Failure{
			Outcome: delivery.NotSent, Code: "tg.upload", Cause: cause,
			Message: "Связь с Telegram прервалась на середине отправки, ничего не опубликовано: программа попробует ещё раз сама.",
		}
	}
	return v.uncertain(&delivery.Failure{Outcome: delivery.Uncertain, Code: uncertainCode(a, err), Cause: cause})
}

// uncertain says what follows where the network may have taken the call.
func (v voice) uncertain(f *delivery.Failure) *delivery.Failure {
	switch v {
	case ofChange:
		f.Repeatable = true
		f.Message = "Telegram не подтвердил изменение: программа повторит его сама."
	case ofLook:
		f.Outcome = delivery.NotSent
		f.Message = "Telegram не ответил как следует: программа спросит ещё раз сама."
	case ofPost:
		f.Message = "Telegram не подтвердил публикацию. Откройте канал и посмотрите, появилась ли запись."
	default:
		f.Message = "Telegram не подтвердил ответ. Откройте ветку и посмотрите, появился ли он."
	}
	return f
}

func (v voice) forbidden() string {
	if v == ofAnswer {
		return "Бот не может писать в группу обсуждений: верните его в группу администратором и отправьте ответ ещё раз."
	}
	return "Бот не может писать в канал: верните его в канал администратором с правом публикации и отправьте ещё раз."
}

// uncertainCode names what hid the outcome.
func uncertainCode(a *attempt, err error) string {
	switch status := a.status.Load(); {
	case status >= 300:
		return fmt.Sprintf("tg.%d", status)
	case status != 0:
		return "tg.unreadable"
	case errors.Is(err, context.DeadlineExceeded):
		return "tg.timeout"
	case errors.Is(err, context.Canceled):
		return "tg.interrupted"
	}
	return "tg.lost"
}

// badRequest explains the refusals that a person meets in practice.
func (v voice) badRequest(err error) string {
	text := err.Error()
	known := postRefusals()
	if v == ofAnswer {
		known = answerRefusals()
	}
	for _, k := range known {
		if strings.Contains(text, k.part) {
			return k.message
		}
	}
	_, description, _ := strings.Cut(text, ", ")
	if v == ofAnswer {
		return "Telegram отклонил ответ («" + description + "»): исправьте его и отправьте ещё раз."
	}
	return "Telegram отклонил запрос («" + description + "»): исправьте запись и отправьте ещё раз."
}

// knownRefusal is a part of the network's words and what it means for people.
type knownRefusal struct{ part, message string }

func answerRefusals() []knownRefusal {
	return []knownRefusal{
		{"message to be replied not found", "Комментарий, на который отвечаем, удалён: закройте дело или ответьте в обсуждении иначе."},
		{"message is too long", "Ответ длиннее, чем принимает Telegram: сократите текст до 4096 знаков."},
		{"message text is empty", "Ответ пуст: напишите текст и отправьте ещё раз."},
		{"not enough rights", "Боту запрещено писать в группе обсуждений: снимите ограничение и отправьте ответ ещё раз."},
		{"chat not found", "Группы обсуждений больше нет или бот её не видит: проверьте источник."},
	}
}

func postRefusals() []knownRefusal {
	return []knownRefusal{
		{"message to edit not found", "Записи в канале больше нет: исправлять нечего."},
		{"message to pin not found", "Записи в канале больше нет: закрепить нечего."},
		{"message with poll to stop not found", "Опроса в канале больше нет: закрывать нечего."},
		{"can't be edited", "Telegram не даёт исправить эту запись: её опубликовал не этот бот, или боту закрыто право правки."},
		{"can't be deleted", "Telegram не даёт удалить эту запись: прошло больше 48 часов, а у бота нет права удалять сообщения."},
		{"message is too long", "Запись длиннее, чем принимает Telegram: сократите текст до 4096 знаков."},
		{"caption is too long", "Подпись длиннее, чем принимает Telegram: сократите текст до 1024 знаков или уберите вложения."},
		{"need administrator rights", "Бот не администратор канала: назначьте его администратором с правом публикации и отправьте ещё раз."},
		{"not enough rights", "У бота не хватает прав в канале: дайте ему права публикации, правки, удаления и закрепления."},
		{"chat not found", "Канала больше нет или бот его не видит: проверьте имя канала и бота."},
		{"IMAGE_PROCESS_FAILED", "Telegram не смог прочесть картинку: сохраните её как JPEG или PNG и прикрепите заново."},
		{"PHOTO_INVALID_DIMENSIONS", "Telegram не принимает картинку таких размеров: сумма сторон не больше 10 000 точек, одна не длиннее другой в 20 раз."},
		{"wrong file identifier", "Telegram забыл загруженный файл: прикрепите его заново."},
	}
}

func refused(code, message string, cause error) *delivery.Failure {
	return &delivery.Failure{Outcome: delivery.Refused, Code: code, Message: message, Cause: cause}
}

// maskedError is an error whose text is safe and short; errors.Is and
// errors.As still see what it was.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.err }

func (l *line) mask(err error) error {
	text := strings.ReplaceAll(err.Error(), l.secret, "***")
	if len(text) > maxCause {
		text = strings.ToValidUTF8(text[:maxCause], "") + "…"
	}
	return &maskedError{text, err}
}
