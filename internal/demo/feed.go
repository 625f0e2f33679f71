package demo

import (
	"context"
	"log/slog"
	"time"

	"otklik/internal/sim/telegram"
	"otklik/internal/sim/vk"
	"otklik/internal/social"
)

// Feed keeps the city talking until ctx ends: chatter, complaints, replies, an
// edit or a deletion now and then, and a post of the agency every few minutes.
// said is told of each thing that a citizen said.
func (w *World) Feed(ctx context.Context, log *slog.Logger, said func(social.Ref, time.Time)) {
	posts := feedPosts()
	for n := 1; ctx.Err() == nil; n++ {
		pause := time.Duration(3+w.rnd.IntN(9)) * time.Second
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		network := social.VK
		if w.rnd.IntN(3) == 0 {
			network = social.Telegram
		}
		if n%24 == 0 {
			if err := w.post(network, posts[(n/24)%len(posts)]); err != nil {
				log.Warn("demo feed", "err", err)
			}
			continue
		}
		at := time.Now()
		ref, err := w.speak(network)
		if err != nil {
			log.Warn("demo feed", "err", err)
		}
		if ref != (social.Ref{}) {
			said(ref, at)
		}
	}
}

// speak lets one citizen say one thing and returns what that made, even if
// changing it afterwards failed.
func (w *World) speak(n social.Network) (social.Ref, error) {
	text := pick(w, chatter())
	if w.rnd.IntN(100) < 40 {
		text = pick(w, complaints())
		if w.rnd.IntN(3) == 0 {
			text = pick(w, outageGoesOn())
		}
	}
	author := pick(w, w.users)
	if n == social.Telegram {
		return w.speakTelegram(author, text)
	}
	return w.speakVK(author, text)
}

func (w *World) speakVK(author int, text string) (social.Ref, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := vk.NewComment{OwnerID: -groupID, PostID: recent(w, w.vkPosts), FromID: author, Text: text}
	if len(w.lastVK) > 0 && w.rnd.IntN(5) == 0 {
		to := pick(w, w.lastVK)
		c.PostID, c.ReplyTo = int(to.post), int(to.id)
	}
	id, err := w.Sim.VK.AddComment(c)
	if err != nil {
		return social.Ref{}, err
	}
	ref := commentRef(id)
	switch w.rnd.IntN(20) {
	case 0:
		return ref, w.Sim.VK.EditComment(-groupID, id, text+" (исправлено)")
	case 1:
		return ref, w.Sim.VK.DeleteComment(-groupID, id)
	}
	w.lastVK = latest(append(w.lastVK, placed{int64(c.PostID), int64(id)}))
	return ref, nil
}

func (w *World) speakTelegram(author int, text string) (social.Ref, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := telegram.Comment{ChannelID: w.channel.ID, PostID: recent(w, w.tgPosts), FromID: int64(author), Text: text}
	if len(w.lastTG) > 0 && w.rnd.IntN(5) == 0 {
		to := pick(w, w.lastTG)
		c.PostID, c.ReplyTo = to.post, to.id
	}
	id, err := w.Sim.Telegram.Comment(c)
	if err != nil {
		return social.Ref{}, err
	}
	w.lastTG = latest(append(w.lastTG, placed{c.PostID, id}))
	return w.groupRef(id), nil
}

// latest forgets what nobody replies to any more.
func latest(list []placed) []placed {
	const most = 50
	return list[max(len(list)-most, 0):]
}

func pick[T any](w *World, list []T) T { return list[w.rnd.IntN(len(list))] }

// recent prefers the newest posts, as readers do.
func recent[T any](w *World, list []T) T {
	const few = 3
	return list[len(list)-1-w.rnd.IntN(min(few, len(list)))]
}
