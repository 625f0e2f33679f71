package vk

import (
	"time"

	"otklik/internal/delivery"
)

// explainAnswer says what a failed call of wall.createComment means for an answer.
func (s *Sender) explainAnswer(f *delivery.Failure, d delivery.Delivery) *delivery.Failure {
	if f.Outcome == delivery.Uncertain {
		first := d.FirstSendingAt
		if first.IsZero() {
			first = d.SendingAt
		}
		f.Repeatable = guidOpen(s.opt.Now(), first, s.opt.GuidWindow)
		f.Message = uncertainMessage(f.Repeatable)
		return f
	}
	switch f.Code {
	case "vk.213":
		f.Message = "Комментарии под этой записью закрыты; откройте их в сообществе и повторите отправку или ответьте другим способом."
	case "vk.212", "vk.210", "vk.211":
		f.Message = "Запись или её комментарии недоступны: они удалены либо закрыты, ответить под ними нельзя."
	case "vk.100":
		f.Message = "ВКонтакте не приняла ответ: комментарий, на который вы отвечаете, скорее всего удалён; проверьте обсуждение."
	case "vk.222":
		f.Message = "ВКонтакте не разрешает ссылки в комментариях этого сообщества; уберите ссылку из ответа и отправьте его снова."
	case "vk.223":
		// The network does not say for how long; it counts comments of one author.
		f.Outcome, f.RetryAfter = delivery.NotSent, 10*time.Minute
		f.Message = "Сообщество пишет слишком много комментариев подряд; программа подождёт и отправит ответ сама."
	case "vk.15", "vk.7":
		f.Message = "ВКонтакте не разрешает сообществу отвечать здесь: у ключа нет права «Стена», либо запись удалена или закрыта; проверьте ключ и запись."
	}
	return f
}

func uncertainMessage(repeatable bool) string {
	if repeatable {
		return "ВКонтакте не подтвердила ответ; программа повторит отправку, второй такой же ответ при этом не появится."
	}
	return "ВКонтакте не подтвердила ответ, и неизвестно, появился ли он; откройте запись, посмотрите и отметьте, что вы увидели."
}
