package telegram

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-telegram/bot"

	"otklik/internal/delivery"
)

// maxCause bounds what goes to the log: the SDK puts whole answers into errors.
const maxCause = 500

// classify says what is known of a call that brought no receipt.
func (s *Sender) classify(a *attempt, err error) *delivery.Failure {
	cause := s.mask(err)
	var tooMany *bot.TooManyRequestsError
	var migrated *bot.MigrateError
	switch {
	case errors.As(err, &tooMany):
		return &delivery.Failure{
			Outcome: delivery.NotSent, Code: "tg.429", Cause: cause,
			RetryAfter: time.Duration(max(tooMany.RetryAfter, 1)) * time.Second,
			Message:    "Telegram просит отправлять реже: ответ уйдёт сам после паузы.",
		}
	case errors.As(err, &migrated):
		return refused("tg.migrated", fmt.Sprintf(
			"Группа обсуждений получила новый номер %d: подключите источник заново и отправьте ответ ещё раз.",
			migrated.MigrateToChatID), cause)
	case errors.Is(err, bot.ErrorBadRequest):
		return refused("tg.400", badRequest(err), cause)
	case errors.Is(err, bot.ErrorUnauthorized):
		return refused("tg.401", "Telegram не принимает ключ бота: пусть администратор заменит ключ в «Источниках», и отправьте ответ ещё раз.", cause)
	case errors.Is(err, bot.ErrorForbidden):
		return refused("tg.403", "Бот не может писать в группу обсуждений: верните его в группу администратором и отправьте ответ ещё раз.", cause)
	case errors.Is(err, bot.ErrorNotFound):
		return refused("tg.404", "Telegram не знает такого бота: пусть администратор проверит ключ в «Источниках», и отправьте ответ ещё раз.", cause)
	case errors.Is(err, bot.ErrorConflict):
		return &delivery.Failure{
			Outcome: delivery.NotSent, Code: "tg.409", Cause: cause,
			Message: "Telegram занят другим запросом этого бота: ответ уйдёт при следующей попытке.",
		}
	case !a.written.Load():
		return &delivery.Failure{
			Outcome: delivery.NotSent, Code: "tg.unreachable", Cause: cause,
			Message: "Telegram недоступен, ответ не отправлен: проверьте сеть и прокси, программа попробует ещё раз сама.",
		}
	}
	return &delivery.Failure{
		Outcome: delivery.Uncertain, Code: uncertainCode(a, err), Cause: cause,
		Message: "Telegram не подтвердил ответ. Откройте ветку и посмотрите, появился ли он.",
	}
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
func badRequest(err error) string {
	text := err.Error()
	for _, known := range []struct{ part, message string }{
		{"message to be replied not found", "Комментарий, на который отвечаем, удалён: закройте дело или ответьте в обсуждении иначе."},
		{"message is too long", "Ответ длиннее, чем принимает Telegram: сократите текст до 4096 знаков."},
		{"message text is empty", "Ответ пуст: напишите текст и отправьте ещё раз."},
		{"not enough rights", "Боту запрещено писать в группе обсуждений: снимите ограничение и отправьте ответ ещё раз."},
		{"chat not found", "Группы обсуждений больше нет или бот её не видит: проверьте источник."},
	} {
		if strings.Contains(text, known.part) {
			return known.message
		}
	}
	_, description, _ := strings.Cut(text, ", ")
	return "Telegram отклонил ответ («" + description + "»): исправьте его и отправьте ещё раз."
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

func (s *Sender) mask(err error) error {
	text := strings.ReplaceAll(err.Error(), s.secret, "***")
	if len(text) > maxCause {
		text = strings.ToValidUTF8(text[:maxCause], "") + "…"
	}
	return &maskedError{text, err}
}
