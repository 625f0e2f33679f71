package telegram

import (
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// files are the media that are sent as files.
func files(media []delivery.Medium) []delivery.Medium {
	var out []delivery.Medium
	for _, m := range media {
		if m.Kind != delivery.Link {
			out = append(out, m)
		}
	}
	return out
}

// carries says that the bytes of a file travel with the call.
func carries(media []delivery.Medium) bool {
	for _, m := range files(media) {
		if m.Uploaded == "" {
			return true
		}
	}
	return false
}

// marks are the entities as the Bot API takes them.
func marks(list []social.Entity) []models.MessageEntity {
	var out []models.MessageEntity
	for _, e := range list {
		out = append(out, models.MessageEntity{Type: markOf(e.Kind), Offset: e.Offset, Length: e.Length, URL: e.URL})
	}
	return out
}

func markOf(k social.EntityKind) models.MessageEntityType {
	switch k {
	case social.Bold:
		return models.MessageEntityTypeBold
	case social.Italic:
		return models.MessageEntityTypeItalic
	case social.Underline:
		return models.MessageEntityTypeUnderline
	case social.Strikethrough:
		return models.MessageEntityTypeStrikethrough
	case social.Quote:
		return models.MessageEntityTypeBlockquote
	case social.Code:
		return models.MessageEntityTypeCode
	case social.Linked:
		return models.MessageEntityTypeTextLink
	}
	return ""
}

// preview asks for the preview of an attached link; without one the network
// shows that of the first address in the text, unless none is wanted.
func preview(media []delivery.Medium, none bool) *models.LinkPreviewOptions {
	if none {
		return &models.LinkPreviewOptions{IsDisabled: bot.True()}
	}
	for _, m := range media {
		if m.Kind == delivery.Link {
			return &models.LinkPreviewOptions{URL: &m.URL}
		}
	}
	return nil
}

// inputFile is a file as a parameter: its id, or its bytes, read anew.
func inputFile(m delivery.Medium) models.InputFile {
	if m.Uploaded != "" {
		return &models.InputFileString{Data: m.Uploaded}
	}
	return &models.InputFileUpload{Filename: fileName(m), Data: data(m)}
}

func data(m delivery.Medium) io.Reader { return io.NewSectionReader(m.Data, 0, m.Size) }

// album are media as sendMediaGroup takes them; the caption stands on the first.
func album(media []delivery.Medium, caption string, entities []models.MessageEntity) []models.InputMedia {
	var out []models.InputMedia
	for i, m := range media {
		if i > 0 {
			caption, entities = "", nil
		}
		out = append(out, inputMedia(i, m, caption, entities))
	}
	return out
}

// inputMedia is a file as a part of a call. The form's fields are called after
// the files, since the SDK knows no other way to name a file there.
func inputMedia(i int, m delivery.Medium, caption string, entities []models.MessageEntity) models.InputMedia {
	name, attachment := m.Uploaded, io.Reader(nil)
	if name == "" {
		name, attachment = "attach://"+strconv.Itoa(i+1)+"_"+fileName(m), data(m)
	}
	switch m.Kind {
	case delivery.Photo:
		return &models.InputMediaPhoto{Media: name, Caption: caption, CaptionEntities: entities, MediaAttachment: attachment}
	case delivery.Video:
		return &models.InputMediaVideo{Media: name, Caption: caption, CaptionEntities: entities, MediaAttachment: attachment, SupportsStreaming: true}
	}
	return &models.InputMediaDocument{Media: name, Caption: caption, CaptionEntities: entities, MediaAttachment: attachment}
}

// fileName is a name that may stand in the header of a form's part.
func fileName(m delivery.Medium) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`"\:;`, r) {
			return '_'
		}
		return r
	}, path.Base(strings.ReplaceAll(m.Name, `\`, "/")))
	if name == "." || name == "/" || name == "" {
		return string(m.Kind)
	}
	return name
}

// fileID is the id of the file that a message shows.
func fileID(m *models.Message) string {
	switch {
	case len(m.Photo) > 0:
		return m.Photo[len(m.Photo)-1].FileID
	case m.Video != nil:
		return m.Video.FileID
	case m.Animation != nil:
		return m.Animation.FileID
	case m.Document != nil:
		return m.Document.FileID
	case m.Audio != nil:
		return m.Audio.FileID
	}
	return ""
}

// pollParams is a poll with its text as the description. Polls of channels are
// anonymous. The network closes it by itself if its end is near enough.
func pollParams(chat int64, pub delivery.Publication, now time.Time) *bot.SendPollParams {
	p := &bot.SendPollParams{
		ChatID: chat, Question: pub.Poll.Question, IsAnonymous: bot.True(), AllowsMultipleAnswers: pub.Poll.Multiple,
		Description: pub.Text, DescriptionEntities: marks(pub.Entities), DisableNotification: pub.Silent,
	}
	for _, a := range pub.Poll.Answers {
		p.Options = append(p.Options, models.InputPollOption{Text: a})
	}
	if end := pub.Poll.ClosesAt; !end.IsZero() && end.Sub(now) < maxPollPeriod {
		p.CloseDate = int(end.Unix())
	}
	return p
}
