package telegram

import (
	"fmt"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// How long a poll lasts that the network closes by itself (Bot API 10.1).
const (
	minPollPeriod = 5 * time.Second
	maxPollPeriod = 2_628_000 * time.Second
)

// check finds what would surely be refused.
func check(pub delivery.Publication, now time.Time) *delivery.Failure {
	if f := checkText(pub.Text, pub.Entities, len(files(pub.Media)) > 0 || pub.Poll != nil); f != nil {
		return f
	}
	if pub.Poll != nil {
		if len(pub.Media) > 0 {
			return refused("tg.media", "Telegram не прикрепляет к опросу файлы и ссылки: опубликуйте их отдельной записью.", nil)
		}
		return checkPoll(*pub.Poll, now)
	}
	if !social.Visible(pub.Text) && len(files(pub.Media)) == 0 {
		return refused("tg.empty", "Запись пуста: напишите текст или прикрепите фотографию.", nil)
	}
	return checkMedia(pub.Media)
}

// checkText holds a text and its marks against their bounds; caption says that
// it stands below something.
func checkText(text string, entities []social.Entity, caption bool) *delivery.Failure {
	n, bounds := length(text), social.Telegram.Bounds()
	switch {
	case caption && n > bounds.Caption:
		return refused("tg.too_long", fmt.Sprintf("Подпись к вложению или опросу длиннее %d знаков, Telegram её не примет: сократите текст или опубликуйте его отдельно.", bounds.Caption), nil)
	case n > bounds.Text:
		return refused("tg.too_long", fmt.Sprintf("Запись длиннее %d знаков, Telegram её не примет: сократите текст.", bounds.Text), nil)
	}
	for _, e := range entities {
		if e.Offset < 0 || e.Length <= 0 || e.Offset > n-e.Length || markOf(e.Kind) == "" {
			return refused("tg.entities", "Оформление текста не сходится с самим текстом: откройте запись и сохраните её заново.", nil)
		}
	}
	return nil
}

func checkMedia(media []delivery.Medium) *delivery.Failure {
	list := files(media)
	documents, most := 0, social.Telegram.Bounds().Attachments
	for _, m := range list {
		if f := checkFile(m); f != nil {
			return f
		}
		if m.Kind == delivery.File {
			documents++
		}
	}
	switch links := len(media) - len(list); {
	case len(list) > most:
		return refused("tg.media", fmt.Sprintf("Telegram принимает не больше %d вложений: уберите лишние.", most), nil)
	case documents > 0 && documents < len(list):
		return refused("tg.media", "Telegram не показывает файлы в одном альбоме с фотографиями и видео: опубликуйте их отдельной записью.", nil)
	case links > 1 || links == 1 && len(list) > 0:
		return refused("tg.media", "Telegram показывает под текстом одну ссылку, а рядом с фотографиями ни одной: впишите адрес в текст.", nil)
	}
	return nil
}

func checkFile(m delivery.Medium) *delivery.Failure {
	switch {
	case m.Kind == delivery.Link || m.Uploaded != "":
		return nil
	case m.Kind == delivery.Video && m.Data == nil && m.URL != "":
		return refused("tg.media", "Видео по ссылке Telegram показать не может: прикрепите файл или впишите адрес в текст.", nil)
	case m.Data == nil || m.Size <= 0:
		return refused("tg.media", "Файл «"+m.Name+"» пуст: прикрепите его заново.", nil)
	case m.Kind == delivery.Photo && m.Size > social.Telegram.Bounds().PhotoSize:
		return refused("tg.media", "Фотография «"+m.Name+"» больше 10 МБ, Telegram её не примет: уменьшите её.", nil)
	case m.Size > social.Telegram.Bounds().FileSize:
		return refused("tg.media", "Файл «"+m.Name+"» больше 50 МБ, Telegram его не примет: уменьшите его.", nil)
	}
	return nil
}

func checkPoll(poll delivery.Poll, now time.Time) *delivery.Failure {
	refuse := func(message string) *delivery.Failure { return refused("tg.poll", message, nil) }
	n, bounds := length(poll.Question), social.Telegram.Bounds()
	switch {
	case !social.Visible(poll.Question):
		return refuse("У опроса нет вопроса: напишите его.")
	case n > bounds.Question:
		return refuse(fmt.Sprintf("Вопрос длиннее %d знаков, Telegram его не примет: сократите его.", bounds.Question))
	case len(poll.Answers) < bounds.FewestAnswers || len(poll.Answers) > bounds.MostAnswers:
		return refuse(fmt.Sprintf("В Telegram у опроса от %d до %d ответов: уберите лишние.", bounds.FewestAnswers, bounds.MostAnswers))
	case !poll.Anonymous:
		return refuse("В каналах Telegram опросы только анонимные: сделайте опрос анонимным.")
	case !poll.ClosesAt.IsZero() && poll.ClosesAt.Sub(now) <= minPollPeriod:
		return refuse("Время окончания опроса уже прошло: назначьте другое.")
	}
	for _, a := range poll.Answers {
		if !social.Visible(a) || length(a) > bounds.Answer {
			return refuse(fmt.Sprintf("Ответ опроса пуст или длиннее %d знаков: исправьте его.", bounds.Answer))
		}
	}
	return nil
}
