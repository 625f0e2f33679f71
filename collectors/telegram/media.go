package telegram

import (
	"github.com/go-telegram/bot/models"

	"otklik/internal/social"
)

// hasContent is false for service messages: joins, pins, new titles.
func hasContent(msg *models.Message) bool {
	return msg.Text != "" || msg.Caption != "" || len(media(msg)) > 0
}

// media notes what is attached. The Bot API gives files only against the
// token, so the notes carry no address.
func media(msg *models.Message) []social.Media {
	var out []social.Media
	note := func(there bool, kind, title string) {
		if there {
			out = append(out, social.Media{Kind: kind, Title: title})
		}
	}
	note(len(msg.Photo) > 0, "photo", "")
	note(msg.LivePhoto != nil, "photo", "")
	note(msg.Video != nil, "video", "")
	note(msg.VideoNote != nil, "video", "видеосообщение")
	// An animation is sent with a document of the same file.
	note(msg.Animation != nil, "video", "анимация")
	if msg.Document != nil && msg.Animation == nil {
		note(true, "file", msg.Document.FileName)
	}
	note(msg.Voice != nil, "audio", "голосовое сообщение")
	if msg.Audio != nil {
		note(true, "audio", msg.Audio.Title)
	}
	if msg.Sticker != nil {
		note(true, "other", "стикер "+msg.Sticker.Emoji)
	}
	if msg.Poll != nil {
		note(true, "poll", msg.Poll.Question)
	}
	if msg.Venue != nil {
		note(true, "other", "место: "+msg.Venue.Title)
	} else {
		note(msg.Location != nil, "other", "точка на карте")
	}
	note(msg.Contact != nil, "other", "контакт")
	note(msg.Story != nil, "other", "история")
	note(msg.PaidMedia != nil, "other", "платные материалы")
	note(msg.RichMessage != nil, "other", "сообщение с оформлением")
	note(msg.Checklist != nil, "other", "список дел")
	note(msg.Dice != nil, "other", "кубик")
	for _, e := range append(append([]models.MessageEntity{}, msg.Entities...), msg.CaptionEntities...) {
		if e.Type == models.MessageEntityTypeTextLink {
			out = append(out, social.Media{Kind: "link", URL: e.URL})
		}
	}
	return out
}
