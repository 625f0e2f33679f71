package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"otklik/internal/errs"
	"otklik/internal/sim/telegram"
	"otklik/internal/sim/vk"
	"otklik/internal/social"
	"otklik/internal/table"
)

// Replay is a table of texts that citizens of the demo say at a given rate.
type Replay struct {
	File   string
	Column string
	Rate   string // "50/s", "600/m"
	As     string // one of ReplayForms
}

// ReplayForms are the forms in which texts can be replayed.
const ReplayForms = "vk-comment,vk-post,tg-post,tg-comment"

const (
	replayAuthors = 1500
	// postEvery is how many replayed comments stand under one post.
	postEvery = 250
)

// parseRate reads "50/s" or "600/m" as texts per second.
func parseRate(s string) (float64, error) {
	wrong := errs.Newf(errs.Invalid, "Скорость «%s» непонятна. Пример: --rate 50/s.", s)
	number, unit, ok := strings.Cut(s, "/")
	n, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || n <= 0 || n > 10000 {
		return 0, wrong
	}
	switch unit {
	case "s":
		return n, nil
	case "m":
		return n / 60, nil
	}
	return 0, wrong
}

// replaying is a replay that has been checked and can begin.
type replaying struct {
	world     *World
	texts     *table.Reader
	perSecond float64
	say       func(text string, n int) (social.Ref, error)
}

func (w *World) prepare(r Replay) (*replaying, error) {
	perSecond, err := parseRate(r.Rate)
	if err != nil {
		return nil, err
	}
	p := &replaying{world: w, perSecond: perSecond}
	switch r.As {
	case "vk-comment":
		p.say = w.sayVKComment
	case "vk-post":
		p.say = w.sayVKPost
	case "tg-post":
		p.say = w.sayTelegramPost
	case "tg-comment":
		p.say = w.sayTelegramComment
	default:
		return nil, errs.Newf(errs.Invalid, "Вид «%s» непонятен. Можно: %s.", r.As, strings.ReplaceAll(ReplayForms, ",", ", "))
	}
	if p.texts, err = table.Open(r.File, r.Column); err != nil {
		return nil, err
	}
	return p, w.crowd(replayAuthors)
}

// run says the texts until they or ctx end. said is told of each.
func (p *replaying) run(ctx context.Context, said func(social.Ref, time.Time)) error {
	defer func() { _ = p.texts.Close() }()
	began := time.Now()
	for n := 0; ; n++ {
		row, err := p.texts.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		// Each text has its own moment, so a late timer is made up for.
		due := began.Add(time.Duration(float64(n) / p.perSecond * float64(time.Second)))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(due)):
		}
		at := time.Now()
		ref, err := p.say(row[0], n)
		if err != nil {
			return fmt.Errorf("replay, text %d: %w", n+1, err)
		}
		said(ref, at)
	}
}

func (w *World) author(n int) int { return w.users[(n*611+17)%len(w.users)] }

func (w *World) sayVKComment(text string, n int) (social.Ref, error) {
	if n%postEvery == 0 || len(w.vkPosts) == 0 {
		if err := w.post(social.VK, fmt.Sprintf("Новости города, выпуск %d. Что вас волнует? Пишите в комментариях.", n/postEvery+1)); err != nil {
			return social.Ref{}, err
		}
	}
	id, err := w.Sim.VK.AddComment(vk.NewComment{OwnerID: -groupID, PostID: w.vkPosts[len(w.vkPosts)-1], FromID: w.author(n), Text: text})
	return commentRef(id), err
}

func commentRef(id int) social.Ref {
	return social.Ref{Network: social.VK, Owner: strconv.Itoa(-groupID), ID: "r" + strconv.Itoa(id)}
}

func (w *World) sayVKPost(text string, n int) (social.Ref, error) {
	id, err := w.Sim.VK.AddPost(vk.NewPost{OwnerID: -groupID, FromID: w.author(n), Text: text})
	return social.Ref{Network: social.VK, Owner: strconv.Itoa(-groupID), ID: strconv.Itoa(id)}, err
}

func (w *World) groupRef(id int64) social.Ref {
	return social.Ref{Network: social.Telegram, Owner: strconv.FormatInt(w.channel.GroupID, 10), ID: strconv.FormatInt(id, 10)}
}

// fit cuts a text to what Telegram lets a person send: 4 096 UTF-16 units.
func fit(text string) string {
	const most = 4096
	units := utf16.Encode([]rune(text))
	if len(units) <= most {
		return text
	}
	return strings.TrimRight(string(utf16.Decode(units[:most-1])), "\uFFFD") + "…"
}

// sayTelegramPost writes into the discussion group outside all threads: in a
// channel only the agency can post, and it does not complain to itself.
func (w *World) sayTelegramPost(text string, n int) (social.Ref, error) {
	id, err := w.Sim.Telegram.Comment(telegram.Comment{GroupID: w.channel.GroupID, FromID: int64(w.author(n)), Text: fit(text)})
	return w.groupRef(id), err
}

func (w *World) sayTelegramComment(text string, n int) (social.Ref, error) {
	if n%postEvery == 0 || len(w.tgPosts) == 0 {
		if err := w.post(social.Telegram, fmt.Sprintf("Новости города, выпуск %d. Обсуждаем ниже.", n/postEvery+1)); err != nil {
			return social.Ref{}, err
		}
	}
	id, err := w.Sim.Telegram.Comment(telegram.Comment{ChannelID: w.channel.ID, PostID: w.tgPosts[len(w.tgPosts)-1], FromID: int64(w.author(n)), Text: fit(text)})
	return w.groupRef(id), err
}

// Say lets the n-th author write a comment under the newest post of a network,
// with a new post of the agency now and then. It returns what was made.
func (w *World) Say(network social.Network, text string, n int) (social.Ref, error) {
	if network == social.Telegram {
		return w.sayTelegramComment(text, n)
	}
	return w.sayVKComment(text, n)
}

// Group is the id of the group in which the channel is discussed.
func (w *World) Group() int64 { return w.channel.GroupID }

// Answered counts the agency's own replies in both networks by the message they
// answer.
func (w *World) Answered() map[social.Ref]int {
	out := map[social.Ref]int{}
	owner := strconv.Itoa(-groupID)
	if wall, ok := w.Sim.VK.Wall(-groupID); ok {
		for _, t := range wall.Threads {
			for _, c := range t.Comments {
				if c.FromID == -groupID {
					out[social.Ref{Network: social.VK, Owner: owner, ID: "r" + strconv.Itoa(c.ReplyToComment)}]++
				}
			}
		}
	}
	const all = 1 << 20
	if chat, ok := w.Sim.Telegram.Chat(w.channel.GroupID, all); ok {
		for _, m := range chat.Messages {
			if m.Bot {
				out[w.groupRef(m.ReplyTo)]++
			}
		}
	}
	return out
}

// Standing is a post of the agency as it stands on one of its pages.
type Standing struct {
	Network social.Network
	Text    string
	Photos  int
	Polls   int
	Pinned  bool
	// Question is of a poll that is a message by itself, as in Telegram.
	Question string
}

// Published lists the posts that stand on the agency's pages now.
func (w *World) Published() []Standing {
	var out []Standing
	if wall, ok := w.Sim.VK.Wall(-groupID); ok {
		for _, t := range wall.Threads {
			if p := t.Post; !p.Deleted && p.FromID == -groupID {
				out = append(out, Standing{Network: social.VK, Text: p.Text, Photos: len(p.Attachments), Polls: len(p.Polls), Pinned: p.Pinned})
			}
		}
	}
	const newest = 1000
	if chat, ok := w.Sim.Telegram.Chat(w.channel.ID, newest); ok {
		for _, m := range chat.Messages {
			if m.Deleted || m.Service {
				continue
			}
			x := Standing{Network: social.Telegram, Text: m.Text, Pinned: m.Pinned}
			if m.Picture != "" {
				x.Photos = 1
			}
			if m.Poll != nil {
				x.Polls, x.Question = 1, m.Poll.Question
			}
			out = append(out, x)
		}
	}
	return out
}
