package web

import (
	"otklik/internal/sources"
)

// titleOfKind is what a source is, for people; an unknown code shows as itself.
func titleOfKind(kind string) string {
	switch sources.Kind(kind) {
	case sources.VKCommunity:
		return "сообщество"
	case sources.TelegramChannel:
		return "канал и обсуждение"
	case sources.VKWall:
		return "чужая стена"
	case sources.VKSearch:
		return "поиск"
	case sources.TelegramPreview:
		return "открытый канал"
	}
	return kind
}

// kindWords is how a kind of source is offered to be connected.
type kindWords struct {
	Code    string
	Net     netIcon
	Title   string
	Text    string
	Heading string
	Address string // the label of the field of its address
	Example string
	Hint    string // what else may stand there
	Foreign bool   // it is not the agency's own
}

func wordsOfKind(k sources.Kind) (kindWords, bool) {
	w := kindWords{Code: string(k), Net: iconOfNet(k.Network())}
	switch k {
	case sources.VKCommunity:
		w.Title, w.Heading = "Сообщество ВКонтакте", "Подключить сообщество ВКонтакте"
		w.Text = "Записи и комментарии сообщества ведомства, ответы от его имени. Понадобится ключ сообщества, лучше вместе с сервисным."
		w.Address, w.Example = "Адрес или номер сообщества", "vk.com/prirechensk"
	case sources.TelegramChannel:
		w.Title, w.Heading = "Канал Telegram", "Подключить канал Telegram"
		w.Text = "Записи канала ведомства и комментарии в привязанной группе, ответы от бота. Понадобится свой бот."
		w.Address, w.Example = "Имя канала", "@prirechensk_gorod"
	case sources.VKWall:
		w.Title, w.Heading = "Чужая стена ВКонтакте", "Подключить чужую стену ВКонтакте"
		w.Text = "Открытая страница, которая ведомству не принадлежит: городской паблик, депутат, управляющая компания. Читается по сервисному ключу, ответить отсюда нельзя."
		w.Address, w.Example = "Адрес страницы", "vk.com/gorod_online"
	case sources.VKSearch:
		w.Title, w.Heading = "Поиск ВКонтакте", "Подключить поиск ВКонтакте"
		w.Text = "Записи по словам: по всей сети или на одной открытой странице. Нужен сервисный ключ, ответить отсюда нельзя."
		w.Address, w.Example = "Что искать", "Приреченск нет воды"
		w.Hint = "«Точные слова» — в кавычках, ненужные — с минусом. Чтобы искать на одной странице, начните с её адреса: https://vk.com/название."
	case sources.TelegramPreview:
		w.Title, w.Heading = "Открытый канал Telegram", "Подключить открытый канал Telegram"
		w.Text = "Записи чужого канала с его открытой страницы, без комментариев. Ключ не нужен, ответить отсюда нельзя."
		w.Address, w.Example = "Имя канала", "@gorod_online"
		w.Hint = "У канала должна открываться страница t.me/s/имя. Канал ведомства подключайте ботом: он видит больше."
	default:
		return w, false
	}
	w.Foreign = k.Public()
	return w, true
}

// keyWords is how a kind of key is named and where it is got.
type keyWords struct {
	Title   string
	Where   []string // steps
	Missing string   // what is not possible without it
}

func wordsOfKey(k sources.KeyKind) keyWords {
	switch k {
	case sources.CommunityKey:
		return keyWords{
			Title: "Ключ сообщества",
			Where: []string{
				"Откройте сообщество, в нём «Управление → Работа с API → Ключи доступа», нажмите «Создать ключ».",
				"Отметьте «Управление сообществом» и «Стена». Для ответов в личных сообщениях — ещё «Сообщения сообщества».",
				"На соседней вкладке «Long Poll API» включите его и отметьте события записей и комментариев.",
			},
			Missing: "Нет ключа сообщества: не узнать о новых комментариях и не ответить.",
		}
	case sources.ServiceKey:
		return keyWords{
			Title: "Сервисный ключ приложения",
			Where: []string{
				"На id.vk.com/about/business откройте приложение ведомства или создайте новое.",
				"Скопируйте «Сервисный ключ доступа» из его настроек. Один ключ подходит нескольким страницам.",
			},
			Missing: "Нет сервисного ключа: не прочитать написанное раньше и не найти пропущенное.",
		}
	case sources.AdminKey:
		return keyWords{
			Title: "Ключ администратора",
			Where: []string{
				"Это ключ человека, который назначен в сообществе редактором или администратором.",
				"Его выдаёт приложение ведомства, когда человек разрешает ему photos, wall, stats и offline.",
			},
			Missing: "Нет ключа администратора: фото, опросы и статистика недоступны.",
		}
	case sources.BotKey:
		return keyWords{
			Title: "Ключ бота",
			Where: []string{
				"Напишите @BotFather команду /newbot. Каждому каналу нужен свой бот.",
				"Командой /setprivacy выключите у бота режим приватности, иначе он не увидит комментариев.",
				"Добавьте бота в администраторы канала и участником группы обсуждений.",
			},
			Missing: "Нет ключа бота: канал не читается, и ответить нельзя.",
		}
	}
	return keyWords{Title: string(k)}
}
