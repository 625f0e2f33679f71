package telegram

import (
	"github.com/go-telegram/bot/models"

	"otklik/internal/social"
)

// hasContent is false for service messages: joins, pins, new titles.
func hasContent(msg *models.Message) bool {
	return msg.Text != "" || msg.Caption != "" || len(media(msg)) > 0
}

// photo is the largest of the sizes that Telegram made of a photo.
func photo(msg *models.Message) social.Media {
	best := msg.Photo[0]
	for _, p := range msg.Photo {
		if p.Width*p.Height > best.Width*best.Height {
			best = p
		}
	}
	// The address is asked for when the photo is fetched: it holds the token.
	return social.Media{Kind: "photo", Key: best.FileUniqueID, File: best.FileID, Album: msg.MediaGroupID}
}

// pictured says that a file sent as it is may be a photo: people do so to keep
// its quality.
func pictured(mime string) bool {
	return mime == "image/jpeg" || mime == "image/png" || mime == "image/webp"
}

// media notes what is attached. The Bot API gives files only against the
// token, so the notes carry no address that a person could open.
func media(msg *models.Message) []social.Media {
	var out []social.Media
	note := func(there bool, kind, title string) {
		if there {
			out = append(out, social.Media{Kind: kind, Title: title, Album: msg.MediaGroupID})
		}
	}
	if len(msg.Photo) > 0 {
		out = append(out, photo(msg))
	}
	note(msg.LivePhoto != nil, "photo", "")
	note(msg.Video != nil, "video", "")
	note(msg.VideoNote != nil, "video", "видеосообщение")
	// An animation is sent with a document of the same file.
	note(msg.Animation != nil, "video", "анимация")
	if d := msg.Document; d != nil && msg.Animation == nil {
		if pictured(d.MimeType) {
			out = append(out, social.Media{Kind: "photo", Title: d.FileName, Key: d.FileUniqueID, File: d.FileID, Album: msg.MediaGroupID})
		} else {
			note(true, "file", d.FileName)
		}
	}
	note(msg.Voice != nil, "audio", "голосовое сообщение")
	if msg.Audio != nil {
		note(true, "audio", msg.Audio.Title)
	}
	if msg.Sticker != nil {
		note(true, "other", "стикер "+msg.Sticker.Emoji)
	}
	if msg.Poll != nil {
		out = append(out, social.Media{Kind: "poll", Title: msg.Poll.Question, Key: msg.Poll.ID})
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
