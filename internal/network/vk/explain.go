package vk

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/SevereCloud/vksdk/v2/api"
)

// Remedy is what helps against a problem.
type Remedy string

const (
	// Wait: the network or the way to it fails; trying again later helps.
	Wait Remedy = "wait"
	// SlowDown: the network asks for fewer calls.
	SlowDown Remedy = "slow_down"
	// Person: somebody has to mend the key, its rights or the settings.
	Person Remedy = "person"
	// Hopeless: this call will be refused whenever it is repeated.
	Hopeless Remedy = "hopeless"
)

// Problem is the meaning of an error of Client.Call.
type Problem struct {
	Remedy Remedy
	// Code is short and stable: "vk.15", "http.502", "timeout", "network", "answer".
	Code string
	// API is the network's error code, zero if the API did not answer.
	API int
	// RetryAfter is how long to wait at least; zero leaves it to the caller.
	RetryAfter time.Duration
	// Message is one sentence in Russian: what happened and what to do.
	Message string
}

// Explain says what an error of a call with this kind of key means.
func (k KeyKind) Explain(err error) Problem {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return k.explainAPI(e)
	}
	if e, ok := errors.AsType[*RationedError](err); ok {
		return Problem{SlowDown, "quota", 0, e.RetryAfter, "Суточный запас обращений к ВКонтакте по этому ключу израсходован; программа продолжит сама, когда он пополнится."}
	}
	if e, ok := errors.AsType[*StatusError](err); ok {
		return explainStatus(e)
	}
	var netErr net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return Problem{Wait, "cancelled", 0, 0, "Обращение к ВКонтакте прервано остановкой программы; оно повторится после запуска."}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return Problem{Wait, "timeout", 0, 0, "ВКонтакте не ответила вовремя; программа повторит обращение сама."}
	case isNetwork(err):
		return Problem{Wait, "network", 0, 0, "Нет связи с ВКонтакте; программа повторит обращение сама, а если это длится долго — проверьте выход сервера в интернет."}
	}
	return Problem{Wait, "answer", 0, 0, "ВКонтакте прислала ответ, который нельзя разобрать; программа повторит обращение сама."}
}

// isNetwork tells a failed connection from an answer that makes no sense.
func isNetwork(err error) bool {
	if _, ok := errors.AsType[*answerError](err); ok {
		return true
	}
	// http.Client wraps so everything that happened before an answer came.
	_, ok := errors.AsType[*url.Error](err)
	return ok
}

func explainStatus(e *StatusError) Problem {
	code := "http." + strconv.Itoa(e.Status)
	switch {
	case e.Status == 429:
		return Problem{SlowDown, code, 0, max(e.RetryAfter, 5*time.Second), "ВКонтакте просит обращаться реже; программа подождёт и продолжит сама."}
	case e.Status >= 500:
		return Problem{Wait, code, 0, e.RetryAfter, "Серверы ВКонтакте временно не отвечают; программа повторит обращение сама."}
	}
	return Problem{Wait, code, 0, e.RetryAfter, "Между программой и ВКонтакте отвечает посторонний сервер; проверьте адрес API и прокси-сервер."}
}

// explainAPI is the table of the network's error codes.
func (k KeyKind) explainAPI(e *api.Error) Problem {
	key := k.Title()
	p := Problem{Code: "vk." + strconv.Itoa(int(e.Code)), API: int(e.Code)}
	set := func(remedy Remedy, retryAfter time.Duration, message string) Problem {
		p.Remedy, p.RetryAfter, p.Message = remedy, retryAfter, message
		return p
	}
	switch p.API {
	case 1, 10:
		return set(Wait, 0, "ВКонтакте сообщает о сбое на своей стороне; программа повторит обращение сама.")
	case 5:
		return set(Person, 0, "ВКонтакте не принимает "+key+": он отозван, просрочен или введён с ошибкой; выпустите новый ключ и впишите его вместо прежнего.")
	case 6:
		return set(SlowDown, time.Second, "ВКонтакте просит обращаться реже; программа подождёт и продолжит сама.")
	case 9:
		return set(SlowDown, time.Minute, "ВКонтакте приняла частые одинаковые действия за спам; программа подождёт и продолжит сама.")
	case 14:
		return set(Person, 0, "ВКонтакте требует подтвердить, что это не робот; войдите в сообщество как администратор, пройдите проверку и повторите.")
	case 17:
		return set(Person, 0, "ВКонтакте требует подтвердить вход владельца ключа; войдите в его учётную запись, пройдите проверку и повторите.")
	case 29:
		return set(SlowDown, time.Hour, "Суточный предел обращений ВКонтакте исчерпан; программа продолжит, когда он обновится.")
	case 7, 15, 203, 260:
		return set(Person, 0, "Нет права на это действие: "+key+" не даёт доступа; проверьте, что ключ выдан для этого сообщества и с нужными правами.")
	case 27:
		return set(Person, 0, "Нет права: ВКонтакте не разрешает это действие по ключу сообщества; укажите сервисный ключ приложения или ключ администратора.")
	case 28:
		return set(Person, 0, "Нет права: ВКонтакте не разрешает это действие по сервисному ключу; укажите ключ сообщества.")
	case 20, 21, 23, 25, 38, 1051:
		return set(Person, 0, "ВКонтакте не разрешает это действие с таким видом ключа; выпустите ключ другого вида и впишите его вместо прежнего.")
	case 18, 19, 30:
		return set(Hopeless, 0, "Страница удалена, заблокирована или закрыта настройками приватности.")
	case 100, 113, 125:
		return set(Hopeless, 0, "ВКонтакте считает запрос неверным: возможно, запись или комментарий уже удалены либо сообщество указано с ошибкой.")
	case 210, 211, 212:
		return set(Hopeless, 0, "Запись или её комментарии недоступны: они удалены либо закрыты.")
	}
	return set(Person, 0, "ВКонтакте ответила ошибкой "+strconv.Itoa(p.API)+"; посмотрите её описание на странице dev.vk.com/reference/errors.")
}
