package web

import (
	"cmp"
	"strconv"
	"time"

	"otklik/internal/alarm"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

// planWords are about what leaves by plan.
func (s *server) planWords(a alarm.Alarm, now time.Time) alarmWords {
	n, since := int(a.Detail.Count), s.clock.Moment(a.Detail.Since, now)
	w := alarmWords{Link: "/deliveries", Button: "К доставке", Need: rights.ViewDeliveries}
	switch a.Kind {
	case alarm.PlanLate:
		w.Title, w.Text = "Посты по плану не выходят с "+since, "Их время пришло, а программа их не отправляет."
		w.Advice = "Если не проходит за несколько минут, перезапустите программу: второй раз ничего не уйдёт."
	case alarm.PlanHeld:
		w.Title, w.Text = "Отправка остановлена с "+since, sentenceOf(a.Detail.Trouble)
		if n > 0 {
			w.Text += "Ждёт " + ru.Count(n, "пост, время которого прошло", "поста, время которых прошло", "постов, время которых прошло") + "."
		}
		w.Advice = "Пресс-службе: проверьте страницы и снимите остановку, когда можно отправлять."
	case alarm.PostUnknown:
		w.Title = ru.Count(n, "пост ждёт вашего решения", "поста ждут вашего решения", "постов ждут вашего решения")
		w.Text = "Сеть не подтвердила пост, или его время прошло. Первый ждёт с " + since + "."
		w.Advice, w.Link = "Пресс-службе: откройте страницу, посмотрите, вышел ли пост, и отметьте.", "/deliveries?tab=unknown"
	case alarm.PostFailed:
		w.Title = ru.Count(n, "пост не вышел или не изменён", "поста не вышли или не изменены", "постов не вышли или не изменены")
		w.Text = "Сеть отказала. Первый ждёт решения с " + since + "."
		w.Advice, w.Link = "Пресс-службе: устраните причину и отправьте ещё раз.", "/deliveries?tab=failed"
	}
	return w
}

// postWords are about posts of one page: those that its network has deleted, and
// those that could not leave there.
func (s *server) postWords(a alarm.Alarm, now time.Time) alarmWords {
	d, n := a.Detail, int(a.Detail.Count)
	number := strconv.FormatInt(d.Limit, 10)
	w := alarmWords{Link: "/posts/" + number, Button: "К посту №\u00a0" + number, Need: rights.ViewPlan}
	name := quoted(cmp.Or(d.Source, "Отключённая страница"))
	if a.Kind == alarm.PostVanished {
		w.Title = name + ": " + ru.Count(n, "пост удалён в сети", "поста удалены в сети", "постов удалены в сети") + ", не программой"
		w.Text = "Первый пропал " + s.clock.Moment(d.Since, now) + ". Доказательство публикации снято."
		w.Advice = "Пресс-службе: узнайте, кто и почему его удалил, и опубликуйте снова, если он нужен."
		return w
	}
	w.Title = name + ": " + ru.Count(n, "пост недели не сможет", "поста недели не смогут", "постов недели не смогут") + " выйти"
	w.Text = "Ближайший назначен на " + s.clock.Full(d.Until) + ". " + d.Trouble
	w.Advice = "Исправьте страницу или ключ, либо уберите её из поста: само не пройдёт."
	return w
}
