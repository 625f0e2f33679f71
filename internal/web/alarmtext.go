package web

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/collectors"
	terms "otklik/incidents/deadline"
	"otklik/internal/alarm"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/sources"
)

// alarmWords is what people read about an alarm.
type alarmWords struct {
	Title  string // what happened, without a full stop
	Text   string // how it is known, and what it means
	Advice string // what to do
	Link   string // where to do it
	Button string
	Need   rights.Action // to follow the link
}

// alarmKind is the name of a kind, for the filter.
func alarmKind(k alarm.Kind) string {
	switch k {
	case alarm.SourceDown:
		return "Источник не читается"
	case alarm.SourceSilent:
		return "Необычная тишина"
	case alarm.KeyRefused:
		return "Ключ не принят"
	case alarm.KeyExpires:
		return "Ключ истекает"
	case alarm.AbilityLost:
		return "Ключ умеет меньше"
	case alarm.GapLost:
		return "Пробел навсегда"
	case alarm.GapStays:
		return "Пробел не дочитан"
	case alarm.UpdatesBroken:
		return "Не разобрано"
	case alarm.QuotaShort:
		return "Кончается квота"
	case alarm.DetectionLate:
		return "Разбор стоит"
	case alarm.DeliveryLate:
		return "Отправка стоит"
	case alarm.AnswerUnknown:
		return "Ответ неизвестен"
	case alarm.AnswerFailed:
		return "Ответ не ушёл"
	case alarm.PlanLate:
		return "План стоит"
	case alarm.PlanHeld:
		return "Отправка остановлена"
	case alarm.PostUnknown:
		return "Пост: проверьте"
	case alarm.PostFailed:
		return "Пост не вышел"
	case alarm.PostVanished:
		return "Пост удалён в сети"
	case alarm.PostHindered:
		return "Пост не сможет выйти"
	case alarm.DeadlineLost:
		return "О просрочке не сказано"
	case alarm.DeadlineLong:
		return "Просрочка больше суток"
	case alarm.CalendarEnds:
		return "Календарь кончается"
	case alarm.MassGrows:
		return "Массовый инцидент"
	case alarm.TopicSurges:
		return "Всплеск жалоб"
	case alarm.DiskFull:
		return "Мало места"
	case alarm.ArchiveWrong:
		return "Архив разошёлся"
	}
	return ""
}

// alarmWords writes an alarm in sentences.
func (s *server) alarmWords(a alarm.Alarm, now time.Time) alarmWords {
	var w alarmWords
	switch a.Kind {
	case alarm.DetectionLate, alarm.DeliveryLate, alarm.AnswerUnknown, alarm.AnswerFailed, alarm.DiskFull, alarm.ArchiveWrong, alarm.QuotaShort:
		w = s.programWords(a, now)
	case alarm.PlanLate, alarm.PlanHeld, alarm.PostUnknown, alarm.PostFailed:
		w = s.planWords(a, now)
	case alarm.PostVanished, alarm.PostHindered:
		w = s.postWords(a, now)
	case alarm.DeadlineLost, alarm.DeadlineLong, alarm.CalendarEnds:
		w = s.deadlineWords(a, now)
	case alarm.MassGrows, alarm.TopicSurges:
		w = s.massWords(a, now)
	case alarm.KeyRefused, alarm.KeyExpires, alarm.AbilityLost:
		w = s.keyWords(a, now)
	default:
		w = s.sourceWords(a, now)
	}
	// What a network says of a trouble may end without a full stop.
	w.Text = strings.TrimSpace(sentenceOf(w.Text))
	return w
}

// sourceWords are about how a source is read.
func (s *server) sourceWords(a alarm.Alarm, now time.Time) alarmWords {
	d := a.Detail
	w := alarmWords{Link: "/sources#s-" + d.SourceID, Button: "К источнику", Need: rights.ViewSources}
	name := quoted(d.Source)
	span := s.clock.Moment(d.Since, now) + "–" + s.clock.Time(d.Until)
	switch a.Kind {
	case alarm.SourceDown:
		w.Title = name + ": не читается с " + s.clock.Moment(d.Since, now)
		w.Text = d.Trouble
		if w.Text == "" {
			w.Text = "Сеть отвечает, но новое приходит с опозданием или не приходит."
		}
		w.Advice = "Пробуем снова сами, пропущенное дочитаем, насколько даст сеть. Если долго не проходит, откройте страницу и посмотрите, жива ли она."
	case alarm.SourceSilent:
		w.Title = name + ": тишина с " + s.clock.Moment(d.Since, now)
		w.Text = "Обычно за это время пишут около " + ru.Number(int(d.Usual+.5)) + "\u00a0раз, сейчас не написал никто."
		w.Advice = "Откройте страницу: если там пишут, сеть перестала присылать новое — проверьте ключ и его права."
	case alarm.GapLost:
		w.Title = name + ": пробел " + span + " не дочитать"
		w.Text = d.Trouble
		if d.Count > 1 {
			w.Text = sentenceOf(w.Text) + "Всего за сутки " + ru.Count(int(d.Count), "такой пробел", "таких пробела", "таких пробелов") + "."
		}
		w.Advice = "Сеть не отдаёт прошлое. Посмотрите это время на самой странице."
	case alarm.GapStays:
		w.Title = name + ": пробел " + span + " всё ещё не дочитан"
		w.Text = d.Trouble
		w.Advice = "Дочитываем сами, но идёт дольше двух часов. Проверьте сервисный ключ у источника."
	case alarm.UpdatesBroken:
		w.Title = name + ": за сутки не разобрано " + ru.Count(int(d.Count), "обновление", "обновления", "обновлений")
		w.Text = "Они сохранены как пришли, соседние разобраны."
		w.Advice = "Если их становится больше, обновите программу: их прочтёт та версия, которая их понимает."
		w.Link, w.Button, w.Need = "/sources/unread?source="+url.QueryEscape(d.SourceID), "К непонятому", rights.ViewRaw
	}
	return w
}

func (s *server) keyWords(a alarm.Alarm, now time.Time) alarmWords {
	d := a.Detail
	w := alarmWords{Link: "/sources#s-" + d.SourceID, Button: "К источнику", Need: rights.ViewSources, Text: d.Trouble}
	name := quoted(d.Source)
	switch a.Kind {
	case alarm.KeyRefused:
		w.Title = name + ": сеть не принимает ключ"
		if !d.Since.IsZero() {
			w.Title += " с " + s.clock.Moment(d.Since, now)
		}
		w.Advice = "Само не пройдёт: ключ меняет администратор. Прочитанное не пропадёт, пропущенное дочитаем, насколько даст сеть."
	case alarm.KeyExpires:
		w.Title = name + ": " + keyName(d.Name) + " истекает " + s.clock.Full(d.Until)
		if left := d.Until.Sub(now); left > 0 {
			w.Text = "Осталось " + ru.Span(left) + "."
		} else {
			w.Title, w.Text = name+": "+keyName(d.Name)+" истёк "+s.clock.Full(d.Until), "Сеть больше не пустит с ним."
		}
		w.Advice = "Администратору: выпустите новый ключ заранее и замените им прежний. Чтение не прервётся."
	case alarm.AbilityLost:
		w.Title = name + ": ключ больше не может " + abilityVerb(collectors.AbilityKind(d.Name))
		w.Advice = "Ещё " + s.clock.Moment(d.Since, now) + " мог. Администратору: верните право или замените ключ."
	}
	return w
}

// keyName is what people call a key, without a capital letter.
func keyName(kind string) string {
	switch sources.KeyKind(kind) {
	case sources.CommunityKey:
		return "ключ сообщества"
	case sources.ServiceKey:
		return "сервисный ключ"
	case sources.AdminKey:
		return "ключ администратора"
	case sources.BotKey:
		return "ключ бота"
	}
	return "ключ"
}

func abilityVerb(k collectors.AbilityKind) string {
	switch k {
	case collectors.AbleToListen:
		return "получать новое"
	case collectors.AbleToList:
		return "читать прошлое"
	case collectors.AbleToAnswer:
		return "отвечать в ветке"
	}
	return "делать то, что мог"
}

// programWords are about what concerns no single source.
func (s *server) programWords(a alarm.Alarm, now time.Time) alarmWords {
	d, n := a.Detail, int(a.Detail.Count)
	since := s.clock.Moment(d.Since, now)
	ledger := alarmWords{Link: "/deliveries", Button: "К доставке", Need: rights.ViewDeliveries}
	switch a.Kind {
	case alarm.DetectionLate:
		return alarmWords{
			Title: "Сообщения не разбираются с " + since, Text: "Они сохранены, но новых карточек нет.",
			Advice: "Если не проходит за несколько минут, перезапустите программу: ничего не потеряется.",
		}
	case alarm.DeliveryLate:
		ledger.Title, ledger.Text = "Ответы и посты не уходят с "+since, "Утверждённое ждёт дольше обычного."
		ledger.Advice = "Если не проходит за несколько минут, перезапустите программу: второй раз ничего не уйдёт."
		ledger.Link = "/deliveries?tab=waiting"
	case alarm.AnswerUnknown:
		ledger.Title = ru.Count(n, "ответ мог уйти, а мог и нет", "ответа могли уйти, а могли и нет", "ответов могли уйти, а могли и нет")
		ledger.Text, ledger.Advice = "Первый ждёт решения с "+since+".", "Пресс-службе: откройте ветку, посмотрите и отметьте."
		ledger.Link = "/deliveries?tab=unknown"
	case alarm.AnswerFailed:
		ledger.Title = ru.Count(n, "ответ не ушёл", "ответа не ушли", "ответов не ушли")
		ledger.Text, ledger.Advice = "Первый ждёт решения с "+since+".", "Пресс-службе: отправьте ещё раз или заберите и исправьте."
		ledger.Link = "/deliveries?tab=failed"
	case alarm.DiskFull:
		return alarmWords{
			Title:  "На диске осталось " + bytesOf(d.Count) + " из " + bytesOf(d.Limit),
			Text:   "Машина: " + d.Name + ". Когда место кончится, новое перестанет сохраняться.",
			Advice: "Администратору: освободите место или увеличьте диск с папкой данных.",
		}
	case alarm.ArchiveWrong:
		return s.archiveWords(a, now)
	case alarm.QuotaShort:
		w := alarmWords{
			Title: "Суточная квота " + d.Name + " кончилась", Link: "/sources", Button: "К источникам", Need: rights.ViewSources,
			Text:   "Потрачено " + ru.Number(n) + " из " + ru.Count(int(d.Limit), "вызова", "вызовов", "вызовов") + " за сутки.",
			Advice: "Чужие страницы и прошлое пока не читаются, новое на своих страницах приходит. Если так каждый день, добавьте ещё один сервисный ключ.",
		}
		if !d.Until.IsZero() {
			w.Text += " Следующий освободится: " + s.clock.Moment(d.Until, now) + "."
		}
		return w
	}
	return ledger
}

// archiveWords are about an archive that was not what the base holds.
func (s *server) archiveWords(a alarm.Alarm, now time.Time) alarmWords {
	d, n := a.Detail, int(a.Detail.Count)
	w := alarmWords{Link: "/archive", Button: "К архиву", Need: rights.ManageArchive}
	w.Title = "Архив поиска разошёлся с базой: исправлено " + ru.Count(n, "сообщение", "сообщения", "сообщений")
	w.Text = "Сверка " + s.clock.Moment(d.Since, now) + ", машина: " + d.Name + ". До неё поиск мог этого не находить."
	w.Advice = "Через час сверим ещё раз. Если расходится снова, перестройте архив: в базе всё цело."
	if d.Trouble != "" {
		w.Title = "Архив поиска не удалось сверить с базой"
		w.Text = sentenceOf(d.Trouble) + "Машина: " + d.Name + "."
		w.Advice = "Через час попробуем ещё раз. Если не выйдет, перестройте архив: в базе всё цело."
	}
	return w
}

// deadlineWords are about what is overdue, and by which calendar that is known.
func (s *server) deadlineWords(a alarm.Alarm, now time.Time) alarmWords {
	d, n := a.Detail, int(a.Detail.Count)
	w := alarmWords{Link: "/inbox?due=overdue", Button: "К просроченным", Need: rights.ViewCases}
	step := lower(terms.Step(d.Name).Title())
	switch a.Kind {
	case alarm.DeadlineLost:
		w.Title = "Никто не знает о просрочке: " + step + ", " + ru.Count(n, "карточка", "карточки", "карточек")
		w.Text = "Первый срок прошёл " + s.clock.Moment(d.Since, now) + ", и никому об этом не сказано."
		w.Advice = "Проверьте, что программа работает и что есть люди с ролями координатора и руководителя: напоминания получают они."
	case alarm.DeadlineLong:
		w.Title = "Просрочено: " + step + ", " + ru.Count(n, "карточка", "карточки", "карточек")
		w.Text = "Самая давняя — с " + s.clock.Moment(d.Since, now) + "."
		w.Advice = "Ответьте, передайте тому, кто ответит, или отклоните. Скажем снова, когда их станет вдвое больше."
	case alarm.CalendarEnds:
		w = alarmWords{
			Title: "Производственный календарь кончается", Text: d.Trouble, Advice: "Пока сроки могут считаться неточно.",
			Link: "/worktime", Button: "К календарю", Need: rights.ViewDeadlines,
		}
	}
	return w
}

// massWords are about many complaints at once.
func (s *server) massWords(a alarm.Alarm, now time.Time) alarmWords {
	d, n := a.Detail, int(a.Detail.Count)
	w := alarmWords{Link: "/incidents", Button: "К инцидентам", Need: rights.ViewCases}
	if a.Kind == alarm.MassGrows {
		number := strconv.FormatInt(d.Limit, 10)
		w.Title = "Массовый инцидент №\u00a0" + number + " " + quoted(d.Name) + ": " + ru.Count(n, "карточка", "карточки", "карточек")
		w.Text = "Растёт с " + s.clock.Moment(d.Since, now) + "."
		w.Advice, w.Link, w.Button = "Новые карточки присоединяются сами. Скажем снова, когда их станет вдвое больше.", "/incidents/"+number, "К инциденту"
	} else {
		w.Title = "Всплеск жалоб: " + d.Name
		if d.Source != "" {
			w.Title += ", " + d.Source
		}
		w.Text = "За этот и прошлый час — " + ru.Number(n) + ", обычно в это время около " + ru.Number(int(d.Usual+.5)) + "."
		w.Advice, w.Link, w.Button = "Посмотрите новые карточки: возможно, что-то случилось.", "/inbox?sort=new", "К карточкам"
	}
	if d.Muted != "" {
		w.Text += " Без уведомлений: " + d.Muted
	}
	return w
}

// sentenceOf ends a text so that another sentence may follow.
func sentenceOf(text string) string {
	if text == "" {
		return ""
	}
	if last := text[len(text)-1]; last == '.' || last == '!' || last == '?' {
		return text + " "
	}
	return text + ". "
}

// bytesOf is a size for people: «900 МБ», «12 ГБ».
func bytesOf(n int64) string {
	const mib, gib = 1 << 20, 1 << 30
	if n < gib {
		return strconv.FormatInt(n/mib, 10) + "\u00a0МБ"
	}
	return ru.Number(int(n/gib)) + "\u00a0ГБ"
}
