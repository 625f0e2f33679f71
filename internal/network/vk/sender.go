package vk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// Idempotency of wall.createComment: the network remembers a guid for an hour.
// The margin leaves time for the repeated call itself to be made.
const (
	defaultGuidWindow = time.Hour
	guidMargin        = 2 * time.Minute
)

// SenderOptions of a Sender. Client, GroupID and Now are required; the client
// holds the community's key.
type SenderOptions struct {
	Client  *Client
	GroupID int
	Links   Links
	// GuidWindow is how long the network remembers a guid; zero means an hour.
	GuidWindow time.Duration
	Now        func() time.Time
}

// Sender posts answers under the community's wall, in its name.
type Sender struct{ opt SenderOptions }

var _ delivery.Sender = (*Sender)(nil)

// NewSender returns a sender for one community.
func NewSender(o SenderOptions) *Sender {
	if o.GuidWindow == 0 {
		o.GuidWindow = defaultGuidWindow
	}
	o.Client = o.Client.Page(o.GroupID)
	return &Sender{opt: o}
}

// Send posts the answer. Its error is always a *delivery.Failure.
func (s *Sender) Send(ctx context.Context, d delivery.Delivery) (delivery.Receipt, error) {
	target, failure := s.target(d)
	if failure != nil {
		return delivery.Receipt{}, failure
	}
	params := map[string]any{
		"owner_id": target.owner, "post_id": target.post, "from_group": s.opt.GroupID,
		"message": WithMention(d.Text, d.Author), "guid": Guid(d),
	}
	if target.replyTo != 0 {
		params["reply_to_comment"] = target.replyTo
	}
	var answer struct {
		CommentID    int   `json:"comment_id"`
		ParentsStack []int `json:"parents_stack"`
	}
	if f := s.opt.Client.do(ctx, "wall.createComment", params, &answer); f != nil {
		return delivery.Receipt{}, s.explainAnswer(f, d)
	}
	if answer.CommentID <= 0 {
		return delivery.Receipt{}, s.explainAnswer(s.opt.Client.outcome(errNothing, true), d)
	}
	root := 0
	if len(answer.ParentsStack) > 0 {
		root = answer.ParentsStack[0]
	}
	return delivery.Receipt{
		Ref:       CommentRef(target.owner, answer.CommentID),
		Permalink: s.opt.Links.Comment(target.owner, target.post, answer.CommentID, root),
	}, nil
}

// errNothing is an answer of success that does not say what was made.
var errNothing = errors.New("the answer names nothing")

// Guid is the idempotency key that the network is given for a delivery.
func Guid(d delivery.Delivery) string { return guid(d.ID) }

func guid(id string) string { return "otklik-" + id }

// target is where an answer goes, in the network's numbers.
type target struct{ owner, post, replyTo int }

// target checks what would surely be refused before the network is asked.
func (s *Sender) target(d delivery.Delivery) (target, *delivery.Failure) {
	refuse := func(code, message string) (target, *delivery.Failure) {
		return target{}, &delivery.Failure{Outcome: delivery.Refused, Code: code, Message: message}
	}
	if d.Kind != delivery.KindAnswer {
		return refuse("vk.kind", "Ключом сообщества отправляются только ответы; опубликуйте это в самой сети.")
	}
	owner, post, isComment, ok := ParseRef(d.Thread)
	if !ok || isComment {
		return refuse("vk.ref", "Ответ не привязан к записи ВКонтакте; откройте обращение и ответьте заново.")
	}
	if owner != -s.opt.GroupID {
		return refuse("vk.ref", "Запись стоит на стене другого сообщества; ответ от имени этого сообщества под ней невозможен.")
	}
	t := target{owner: owner, post: post}
	if !d.ReplyTo.IsZero() {
		replyOwner, id, isComment, ok := ParseRef(d.ReplyTo)
		if !ok || !isComment || replyOwner != owner {
			return refuse("vk.ref", "Ответ не привязан к комментарию под этой записью; откройте обращение и ответьте заново.")
		}
		t.replyTo = id
	}
	switch n := utf8.RuneCountInString(d.Text); {
	case strings.TrimSpace(d.Text) == "":
		return refuse("vk.text", "Текст ответа пуст; напишите ответ и отправьте его снова.")
	case n > social.VK.TextLimit():
		return refuse("vk.text", fmt.Sprintf("Ответ длиннее %d знаков, ВКонтакте его не примет; сократите текст.", social.VK.TextLimit()))
	}
	return t, nil
}

// WithMention lets the text notify the author: a name with which it begins
// becomes the mention, otherwise the mention is put in front. The text stays as
// it is if it mentions them already, they are the agency itself, or it would
// become too long for the network.
func WithMention(text string, author social.Author) string {
	id, err := strconv.Atoi(author.ID)
	if err != nil || id == 0 || author.Own {
		return text
	}
	page := "id" + strconv.Itoa(id)
	if id < 0 {
		page = "club" + strconv.Itoa(-id)
	}
	name := author.FirstName
	if name == "" {
		name = author.Name
	}
	name = strings.TrimSpace(strings.NewReplacer("[", "", "]", "", "|", "", "\n", " ").Replace(name))
	mentioned := strings.Contains(text, "["+page+"|") || strings.Contains(text, "@"+page+" ")
	if name == "" || mentioned {
		return text
	}
	mention := "[" + page + "|" + name + "]"
	full := mention + ", " + afterName(text)
	if rest, ok := strings.CutPrefix(text, name); ok && strings.IndexFunc(rest, unicode.IsLetter) != 0 {
		full = mention + rest
	}
	if utf8.RuneCountInString(full) > social.VK.TextLimit() {
		return text
	}
	return full
}

// afterName makes a greeting go on after a name: «Марина, здравствуйте!». Other
// words keep their letter, which may be that of a name.
func afterName(text string) string {
	for _, greeting := range []string{"Здравствуйте", "Добрый день", "Добрый вечер", "Доброе утро", "Спасибо", "Благодарим"} {
		if strings.HasPrefix(text, greeting) {
			first, size := utf8.DecodeRuneInString(text)
			return string(unicode.ToLower(first)) + text[size:]
		}
	}
	return text
}
