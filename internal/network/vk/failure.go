package vk

import (
	"errors"
	"time"

	"otklik/internal/delivery"
)

// classify says what is known after a call of wall.createComment that brought
// no receipt. written tells whether any of the request may have left.
func (s *Sender) classify(err error, written bool, d delivery.Delivery) *delivery.Failure {
	p := s.opt.Client.kind.Explain(err)
	f := &delivery.Failure{Code: p.Code, Message: p.Message, RetryAfter: p.RetryAfter, Cause: err}
	var notCalled *notCalledError
	switch {
	case p.API != 0:
		s.classifyAPI(f, p)
	case !written || errors.As(err, &notCalled):
		f.Outcome = delivery.NotSent
	case refusedByProxy(err):
		// A proxy or the network's edge refused before the API saw the call.
		f.Outcome = delivery.NotSent
	default:
		f.Outcome = delivery.Uncertain
	}
	if f.Outcome == delivery.Uncertain {
		f.Repeatable = s.windowOpen(d)
		f.Message = uncertainMessage(f.Repeatable)
	}
	return f
}

// refusedByProxy says that the answer was an HTTP refusal. Behind a 5xx, on the
// other hand, the call may have been carried out.
func refusedByProxy(err error) bool {
	var e *StatusError
	return errors.As(err, &e) && e.Status < 500
}

// windowOpen says that the network still remembers the guid of the first call.
func (s *Sender) windowOpen(d delivery.Delivery) bool {
	first := d.FirstSendingAt
	if first.IsZero() {
		first = d.SendingAt
	}
	if first.IsZero() {
		return true
	}
	return s.opt.Now().Sub(first) < s.opt.GuidWindow-min(guidMargin, s.opt.GuidWindow/2)
}

func uncertainMessage(repeatable bool) string {
	if repeatable {
		return "ВКонтакте не подтвердила ответ; программа повторит отправку, второй такой же ответ при этом не появится."
	}
	return "ВКонтакте не подтвердила ответ, и неизвестно, появился ли он; откройте запись, посмотрите и отметьте, что вы увидели."
}

// classifyAPI sorts the errors that the API itself gave. All but its own
// failures, 1 and 10, mean that the comment was not created.
func (s *Sender) classifyAPI(f *delivery.Failure, p Problem) {
	switch p.API {
	case 1, 10:
		f.Outcome = delivery.Uncertain
		return
	case 213:
		f.Message = "Комментарии под этой записью закрыты; откройте их в сообществе и повторите отправку или ответьте другим способом."
	case 212, 210, 211:
		f.Message = "Запись или её комментарии недоступны: они удалены либо закрыты, ответить под ними нельзя."
	case 100:
		f.Message = "ВКонтакте не приняла ответ: комментарий, на который вы отвечаете, скорее всего удалён; проверьте обсуждение."
	case 222:
		f.Message = "ВКонтакте не разрешает ссылки в комментариях этого сообщества; уберите ссылку из ответа и отправьте его снова."
	case 223:
		// The network does not say for how long; it counts comments of one author.
		f.Outcome, f.RetryAfter = delivery.NotSent, 10*time.Minute
		f.Message = "Сообщество пишет слишком много комментариев подряд; программа подождёт и отправит ответ сама."
		return
	case 15, 7:
		f.Message = "ВКонтакте не разрешает сообществу отвечать здесь: у ключа нет права «Стена», либо запись удалена или закрыта; проверьте ключ и запись."
	}
	f.Outcome = delivery.Refused
	if p.Remedy == SlowDown {
		f.Outcome = delivery.NotSent
	}
}
