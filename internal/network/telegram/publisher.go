package telegram

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// PublisherOptions configure a Publisher. Token, Limits, Channel and Now are
// required.
type PublisherOptions struct {
	Options
	// Channel is "@name" or the id of the channel.
	Channel string
	// Shelf is a chat of the bot that nobody reads, zero if there is none. Files
	// are sent there first, so that a broken upload is repeated alone and a post
	// only names them; without it files travel with their post. The results of
	// polls can be read at any time only through it.
	Shelf int64
	// UploadTimeout bounds a call that carries files; zero means ten minutes.
	UploadTimeout time.Duration
	Now           func() time.Time
}

// Publisher publishes in one channel with one bot's token. Every error of its
// methods is a *delivery.Failure. It may be used concurrently.
//
// Views and statistics of a channel are not told to bots: views stand on the
// public preview page only, reactions come as updates (ReadReactions), the
// counts of a poll too (ReadPoll).
type Publisher struct {
	*line
	opt PublisherOptions

	mu   sync.Mutex
	chat int64 // of the channel, once it is known
}

// NewPublisher returns a publisher; it calls nobody yet.
func NewPublisher(o PublisherOptions) (*Publisher, error) {
	l, err := newLine(o.Options)
	if err != nil {
		return nil, err
	}
	o.UploadTimeout = or(o.UploadTimeout, 10*time.Minute)
	p := &Publisher{line: l, opt: o}
	if id, err := strconv.ParseInt(o.Channel, 10, 64); err == nil {
		p.chat = id
	} else if !strings.HasPrefix(o.Channel, "@") {
		p.opt.Channel = "@" + o.Channel
	}
	return p, nil
}

// channel is the id of the channel; a name is looked up once.
func (p *Publisher) channel(ctx context.Context) (int64, *delivery.Failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.chat != 0 {
		return p.chat, nil
	}
	var found *models.ChatFullInfo
	f := p.do(ctx, request{voice: ofLook}, func(ctx context.Context) (err error) {
		found, err = p.bot.GetChat(ctx, &bot.GetChatParams{ChatID: p.opt.Channel})
		if err == nil && found.ID == 0 {
			err = errors.New("the answer names no chat")
		}
		return err
	})
	if f == nil {
		p.chat = found.ID
	}
	return p.chat, f
}

// Publish posts in the channel. Telegram takes no idempotency key: an uncertain
// post must not be repeated before somebody has looked whether it stands.
func (p *Publisher) Publish(ctx context.Context, pub delivery.Publication) (delivery.Published, error) {
	if f := check(pub, p.opt.Now()); f != nil {
		return delivery.Published{}, f
	}
	chat, f := p.channel(ctx)
	if f != nil {
		return delivery.Published{}, f
	}
	r := request{chat: chat, messages: max(len(files(pub.Media)), 1), voice: ofPost}
	if carries(pub.Media) {
		r.timeout = p.opt.UploadTimeout
	}
	var sent []*models.Message
	f = p.do(ctx, r, func(ctx context.Context) (err error) {
		if sent, err = p.send(ctx, chat, pub); err != nil {
			return err
		}
		if len(sent) < r.messages {
			return errors.New("the answer names too few messages")
		}
		for _, m := range sent {
			err = cmp.Or(err, named(m))
		}
		return err
	})
	if f != nil {
		return delivery.Published{}, f
	}
	return p.receipt(sent, pub.Media), nil
}

// send makes the one call that the publication's form asks for.
func (p *Publisher) send(ctx context.Context, chat int64, pub delivery.Publication) ([]*models.Message, error) {
	media, entities := files(pub.Media), marks(pub.Entities)
	one := func(m *models.Message, err error) ([]*models.Message, error) { return []*models.Message{m}, err }
	switch {
	case pub.Poll != nil:
		return one(p.bot.SendPoll(ctx, pollParams(chat, pub, p.opt.Now())))
	case len(media) == 0:
		return one(p.bot.SendMessage(ctx, &bot.SendMessageParams{
			ChatID: chat, Text: pub.Text, Entities: entities, DisableNotification: pub.Silent, LinkPreviewOptions: preview(pub.Media, pub.NoPreview),
		}))
	case len(media) > 1:
		return p.bot.SendMediaGroup(ctx, &bot.SendMediaGroupParams{
			ChatID: chat, Media: album(media, pub.Text, entities), DisableNotification: pub.Silent,
		})
	}
	return one(p.sendFile(ctx, chat, media[0], pub.Text, entities, pub.Silent))
}

// sendFile sends one file as what it is.
func (p *Publisher) sendFile(ctx context.Context, chat int64, m delivery.Medium, caption string, entities []models.MessageEntity, silent bool) (*models.Message, error) {
	switch m.Kind {
	case delivery.Photo:
		return p.bot.SendPhoto(ctx, &bot.SendPhotoParams{
			ChatID: chat, Photo: inputFile(m), Caption: caption, CaptionEntities: entities, DisableNotification: silent,
		})
	case delivery.Video:
		return p.bot.SendVideo(ctx, &bot.SendVideoParams{
			ChatID: chat, Video: inputFile(m), Caption: caption, CaptionEntities: entities, DisableNotification: silent, SupportsStreaming: true,
		})
	}
	return p.bot.SendDocument(ctx, &bot.SendDocumentParams{
		ChatID: chat, Document: inputFile(m), Caption: caption, CaptionEntities: entities, DisableNotification: silent,
	})
}

func (p *Publisher) receipt(sent []*models.Message, media []delivery.Medium) delivery.Published {
	out := delivery.Published{Permalink: p.messageLink(sent[0])}
	for _, m := range sent {
		out.Refs = append(out.Refs, social.Ref{Network: social.Telegram, Owner: strconv.FormatInt(m.Chat.ID, 10), ID: strconv.Itoa(m.ID)})
	}
	if sent[0].Poll != nil {
		out.Poll = sent[0].Poll.ID
	}
	next := 0
	for _, m := range media {
		id := ""
		if m.Kind != delivery.Link && next < len(sent) {
			id = fileID(sent[next])
			next++
		}
		out.Uploaded = append(out.Uploaded, id)
	}
	return out
}

// Upload puts a file on the shelf and returns its file_id. Without a shelf, and
// for what has its id already, it does nothing and returns what is known. It
// can be repeated: nobody reads the shelf.
func (p *Publisher) Upload(ctx context.Context, m delivery.Medium) (string, error) {
	if f := checkFile(m); f != nil {
		return "", f
	}
	if m.Uploaded != "" || m.Kind == delivery.Link || p.opt.Shelf == 0 {
		return m.Uploaded, nil
	}
	var sent *models.Message
	f := p.do(ctx, request{chat: p.opt.Shelf, messages: 1, timeout: p.opt.UploadTimeout, voice: ofLook}, func(ctx context.Context) (err error) {
		sent, err = p.sendFile(ctx, p.opt.Shelf, m, "", nil, true)
		return cmp.Or(err, named(sent))
	})
	if f != nil {
		return "", f
	}
	p.clear(ctx, sent)
	id := fileID(sent)
	if id == "" {
		return "", ofLook.uncertain(&delivery.Failure{Code: "tg.unreadable"})
	}
	return id, nil
}

// clear takes a message off the shelf. Files outlive their messages; a message
// that stays is in nobody's way.
func (p *Publisher) clear(ctx context.Context, m *models.Message) {
	_, _ = p.bot.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: m.Chat.ID, MessageID: m.ID})
}

// CreatePoll checks a poll. Telegram makes it together with its message, so
// that there is no name to return before that.
func (p *Publisher) CreatePoll(_ context.Context, poll delivery.Poll) (string, error) {
	return "", asError(checkPoll(poll, p.opt.Now()))
}

// Members is how many people follow the channel.
func (p *Publisher) Members(ctx context.Context) (int, error) {
	chat, f := p.channel(ctx)
	if f != nil {
		return 0, f
	}
	n := 0
	f = p.do(ctx, request{voice: ofLook}, func(ctx context.Context) (err error) {
		n, err = p.bot.GetChatMemberCount(ctx, &bot.GetChatMemberCountParams{ChatID: chat})
		return err
	})
	return n, asError(f)
}

// asError keeps a nil *Failure from becoming an error that is not nil.
func asError(f *delivery.Failure) error {
	if f == nil {
		return nil
	}
	return f
}
