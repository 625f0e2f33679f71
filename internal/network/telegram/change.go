package telegram

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// Edit gives a post its new text and sends anew the media that the revision
// names. It may take several calls; repeating it is harmless.
func (p *Publisher) Edit(ctx context.Context, r delivery.Revision) error {
	chat, ids, f := p.messages(ctx, r.Refs)
	if f == nil {
		f = checkRevision(r, len(ids))
	}
	if f != nil {
		return f
	}
	media := files(r.Media)
	if len(media) == 0 {
		return asError(p.edit(ctx, chat, func(ctx context.Context) error {
			_, err := p.bot.EditMessageText(ctx, &bot.EditMessageTextParams{
				ChatID: chat, MessageID: ids[0], Text: r.Text, Entities: marks(r.Entities), LinkPreviewOptions: preview(r.Media, r.NoPreview),
			})
			return err
		}))
	}
	for _, i := range r.Replaced {
		text, entities := "", []models.MessageEntity(nil)
		if i == 0 {
			text, entities = r.Text, marks(r.Entities)
		}
		if f := p.edit(ctx, chat, func(ctx context.Context) error {
			_, err := p.bot.EditMessageMedia(ctx, &bot.EditMessageMediaParams{
				ChatID: chat, MessageID: ids[i], Media: inputMedia(i, media[i], text, entities),
			})
			return err
		}); f != nil {
			return f
		}
	}
	if slices.Contains(r.Replaced, 0) {
		return nil
	}
	return asError(p.edit(ctx, chat, func(ctx context.Context) error {
		_, err := p.bot.EditMessageCaption(ctx, &bot.EditMessageCaptionParams{
			ChatID: chat, MessageID: ids[0], Caption: r.Text, CaptionEntities: marks(r.Entities),
		})
		return err
	}))
}

func checkRevision(r delivery.Revision, messages int) *delivery.Failure {
	media := files(r.Media)
	if f := checkText(r.Text, r.Entities, len(media) > 0); f != nil {
		return f
	}
	if r.Poll != "" {
		return refused("tg.poll", "Опрос в Telegram исправить нельзя: закройте его и опубликуйте новый.", nil)
	}
	if len(media) == 0 && !social.Visible(r.Text) {
		return refused("tg.empty", "Запись пуста: напишите текст или удалите её.", nil)
	}
	if messages != max(len(media), 1) {
		return refused("tg.media", "Число вложений опубликованной записи в Telegram изменить нельзя: удалите её и опубликуйте заново.", nil)
	}
	for _, i := range r.Replaced {
		if i < 0 || i >= len(media) {
			return refused("tg.media", "Заменённого вложения нет в записи: откройте запись и сохраните её заново.", nil)
		}
		if f := checkFile(media[i]); f != nil {
			return f
		}
	}
	return nil
}

// edit makes a change that may be repeated. What is so already is done.
func (p *Publisher) edit(ctx context.Context, chat int64, call func(context.Context) error) *delivery.Failure {
	return p.do(ctx, request{chat: chat, messages: 1, timeout: p.opt.UploadTimeout, voice: ofChange}, func(ctx context.Context) error {
		return unless(call(ctx), "message is not modified")
	})
}

// Delete takes a post out of the channel, an album as a whole. What is not
// there any more is done.
func (p *Publisher) Delete(ctx context.Context, refs []social.Ref) error {
	chat, ids, f := p.messages(ctx, refs)
	if f != nil {
		return f
	}
	return asError(p.do(ctx, request{chat: chat, messages: 1, voice: ofChange}, func(ctx context.Context) error {
		if len(ids) == 1 {
			_, err := p.bot.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: chat, MessageID: ids[0]})
			return unless(err, "message to delete not found")
		}
		_, err := p.bot.DeleteMessages(ctx, &bot.DeleteMessagesParams{ChatID: chat, MessageIDs: ids})
		return unless(err, "message to delete not found")
	}))
}

// Pin puts a post on top of the channel without notifying anybody.
func (p *Publisher) Pin(ctx context.Context, refs []social.Ref) error {
	chat, ids, f := p.messages(ctx, refs)
	if f != nil {
		return f
	}
	return asError(p.do(ctx, request{chat: chat, messages: 1, voice: ofChange}, func(ctx context.Context) error {
		_, err := p.bot.PinChatMessage(ctx, &bot.PinChatMessageParams{ChatID: chat, MessageID: ids[0], DisableNotification: true})
		return err
	}))
}

// Unpin takes a post from the top of the channel. One that is not there is done.
func (p *Publisher) Unpin(ctx context.Context, refs []social.Ref) error {
	chat, ids, f := p.messages(ctx, refs)
	if f != nil {
		return f
	}
	return asError(p.do(ctx, request{chat: chat, messages: 1, voice: ofChange}, func(ctx context.Context) error {
		_, err := p.bot.UnpinChatMessage(ctx, &bot.UnpinChatMessageParams{ChatID: chat, MessageID: ids[0]})
		return unless(err, "message to unpin not found")
	}))
}

// messages are the numbers of the messages that refs name in the channel.
func (p *Publisher) messages(ctx context.Context, refs []social.Ref) (int64, []int, *delivery.Failure) {
	chat, f := p.channel(ctx)
	if f != nil {
		return 0, nil, f
	}
	if len(refs) == 0 {
		return 0, nil, refused("tg.ref", "Запись ещё не опубликована в Telegram.", nil)
	}
	var ids []int
	for _, r := range refs {
		id, err := strconv.Atoi(r.ID)
		if r.Network != social.Telegram || r.Owner != strconv.FormatInt(chat, 10) || err != nil || id <= 0 {
			return 0, nil, refused("tg.ref", "Запись стоит не в этом канале.", nil)
		}
		ids = append(ids, id)
	}
	return chat, ids, nil
}

// unless forgets an error that says that nothing is left to do.
func unless(err error, done string) error {
	if err != nil && strings.Contains(err.Error(), done) {
		return nil
	}
	return err
}
