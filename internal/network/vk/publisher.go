package vk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// PublisherOptions of a Publisher. GroupID and Now are required. A key that is
// not there is nil; what needs it is refused without a call.
type PublisherOptions struct {
	GroupID   int
	Community *Client
	Service   *Client
	Admin     *Client // an administrator's key
	Links     Links
	// GuidWindow is how long the network remembers a guid; zero means an hour.
	GuidWindow time.Duration
	// UploadTimeout bounds the upload of one file; zero means five minutes.
	UploadTimeout time.Duration
	Now           func() time.Time
}

// Publisher publishes on the wall of one community, in its name, and counts
// what happens there. Every error of its methods is a *delivery.Failure. It may
// be used concurrently.
type Publisher struct{ opt PublisherOptions }

// NewPublisher returns a publisher; it calls nobody.
func NewPublisher(o PublisherOptions) *Publisher {
	if o.GuidWindow == 0 {
		o.GuidWindow = defaultGuidWindow
	}
	if o.UploadTimeout == 0 {
		o.UploadTimeout = 5 * time.Minute
	}
	o.Community, o.Service, o.Admin = o.Community.Page(o.GroupID), o.Service.Page(o.GroupID), o.Admin.Page(o.GroupID)
	return &Publisher{opt: o}
}

// Keys are the kinds of keys that the publisher has.
func (p *Publisher) Keys() []KeyKind {
	var out []KeyKind
	for _, c := range []*Client{p.opt.Community, p.opt.Service, p.opt.Admin} {
		if c != nil {
			out = append(out, c.kind)
		}
	}
	return out
}

// client is the client for an action.
func (p *Publisher) client(a Action) (*Client, *delivery.Failure) {
	have := map[KeyKind]*Client{CommunityKey: p.opt.Community, ServiceKey: p.opt.Service, UserKey: p.opt.Admin}
	for _, kind := range Needs(a) {
		if c := have[kind]; c != nil {
			return c, nil
		}
	}
	return nil, refusal("vk.key", Missing(a, p.Keys()...))
}

// do calls a method with the key that an action needs.
func (p *Publisher) do(ctx context.Context, a Action, method string, params map[string]any, out any) *delivery.Failure {
	c, f := p.client(a)
	if f != nil {
		return f
	}
	return c.do(ctx, method, params, out)
}

func (p *Publisher) owner() int { return -p.opt.GroupID }

// Publish posts on the wall. All media must have been uploaded and the poll
// created before. An uncertain post is repeatable while the network remembers
// its guid: a repetition then makes no second one.
func (p *Publisher) Publish(ctx context.Context, pub delivery.Publication) (delivery.Published, error) {
	poll := ""
	if pub.Poll != nil {
		if poll = pub.Poll.Created; poll == "" {
			return delivery.Published{}, refusal("vk.poll", "Опрос ещё не создан во ВКонтакте; отправьте запись заново.")
		}
	}
	attached, f := p.content(pub.Text, pub.Media, poll)
	if f != nil {
		return delivery.Published{}, f
	}
	params := map[string]any{"owner_id": p.owner(), "from_group": 1, "message": pub.Text, "guid": guid(pub.ID)}
	action := PostText
	if len(attached) > 0 {
		action, params["attachments"] = PostMedia, strings.Join(attached, ",")
	}
	if pub.Silent {
		params["mute_notifications"] = 1
	}
	if pub.NoComments {
		params["close_comments"] = 1
	}
	var answer struct {
		PostID int `json:"post_id"`
	}
	c, f := p.client(action)
	if f != nil {
		return delivery.Published{}, f
	}
	f = c.do(ctx, "wall.post", params, &answer)
	if f == nil && answer.PostID <= 0 {
		f = c.outcome(errNothing, true)
	}
	if f != nil {
		return delivery.Published{}, p.explainPost(f, pub.FirstSendingAt)
	}
	out := delivery.Published{
		Refs:      []social.Ref{PostRef(p.owner(), answer.PostID)},
		Permalink: p.opt.Links.Post(p.owner(), answer.PostID),
		Poll:      poll,
	}
	for _, m := range pub.Media {
		out.Uploaded = append(out.Uploaded, m.Uploaded)
	}
	return out, nil
}

// content checks what would surely be refused and names what is attached.
func (p *Publisher) content(text string, media []delivery.Medium, poll string) ([]string, *delivery.Failure) {
	attached, f := attachments(media)
	if f != nil {
		return nil, f
	}
	empty, bounds := !social.Visible(text), social.VK.Bounds()
	if poll != "" {
		attached = append(attached, poll)
	}
	switch n := utf8.RuneCountInString(text); {
	case n > bounds.Text:
		return nil, refusal("vk.text", fmt.Sprintf("Запись длиннее %d знаков, ВКонтакте её не примет; сократите текст.", bounds.Text))
	case empty && len(attached) == 0:
		return nil, refusal("vk.text", "Запись пуста; напишите текст или прикрепите фотографию.")
	case empty && poll != "" && len(attached) == 1:
		return nil, refusal("vk.text", "ВКонтакте не публикует опрос без записи; добавьте к нему текст.")
	case len(attached) > bounds.Attachments:
		return nil, refusal("vk.media", fmt.Sprintf("ВКонтакте принимает не больше %d вложений; уберите лишние.", bounds.Attachments))
	}
	return attached, nil
}

// attachments names media as wall.post wants them.
func attachments(media []delivery.Medium) ([]string, *delivery.Failure) {
	var out []string
	links := 0
	for _, m := range media {
		name := m.Uploaded
		if m.Kind == delivery.Link || m.Kind == delivery.Video && name == "" {
			name = linkName(m.URL)
			if name == m.URL {
				links++
			}
		}
		switch {
		case name == "":
			return nil, refusal("vk.media", "Вложение «"+m.Name+"» ещё не загружено во ВКонтакте; отправьте запись заново.")
		case strings.Contains(name, ","):
			return nil, refusal("vk.media", "ВКонтакте не принимает ссылку с запятой; замените запятую на «%2C».")
		case links > 1:
			return nil, refusal("vk.media", "ВКонтакте показывает под записью одну ссылку; оставьте одну, остальные впишите в текст.")
		}
		out = append(out, name)
	}
	return out, nil
}

// linkName is how an address is attached: by its object, where it leads to a
// video of VK, else as it is.
func linkName(address string) string {
	at := strings.LastIndex(address, "/video")
	if at < 0 {
		return address
	}
	object, _, _ := strings.Cut(address[at+1:], "?")
	kind, _, _, ok := parseObject(object)
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"), "/")
	if ok && kind == "video" && slices.Contains([]string{"vk.com", "m.vk.com", "vk.ru", "m.vk.ru", "vkvideo.ru"}, host) {
		return object
	}
	return address
}

// explainPost says what a failed wall.post means for a post.
func (p *Publisher) explainPost(f *delivery.Failure, first time.Time) *delivery.Failure {
	if f.Outcome == delivery.Uncertain {
		f.Repeatable = guidOpen(p.opt.Now(), first, p.opt.GuidWindow)
		f.Message = "ВКонтакте не подтвердила запись, и неизвестно, появилась ли она; откройте стену, посмотрите и отметьте, что вы увидели."
		if f.Repeatable {
			f.Message = "ВКонтакте не подтвердила запись; программа повторит отправку, второй такой же записи при этом не появится."
		}
		return f
	}
	switch f.Code {
	case "vk.214":
		f.Message = "ВКонтакте не разрешает добавить запись: исчерпан суточный предел записей на стене либо ключу закрыт доступ к ней; проверьте права ключа или опубликуйте завтра."
	case "vk.100":
		f.Message = "ВКонтакте не приняла запись: вложение удалено или недоступно; прикрепите его заново."
	case "vk.219", "vk.224":
		f.Message = "ВКонтакте считает запись рекламой и ограничила такие публикации; измените текст или опубликуйте позже."
	case "vk.222":
		f.Message = "ВКонтакте не разрешает ссылки в записях этого сообщества; уберите ссылку и отправьте запись снова."
	}
	return f
}
