package web

import "otklik/internal/sources"

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
