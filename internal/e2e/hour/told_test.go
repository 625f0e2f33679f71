package hour

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"sync"

	"otklik/internal/social"
)

// told is what the networks' updates said in answers that arrived whole, read
// here without any of the program's own code.
type told struct {
	mu    sync.Mutex
	items map[social.Ref]*saying
	seen  map[string]bool // keys of the updates
	again int             // repeated updates
}

// saying is what was told of one item.
type saying struct {
	texts   map[string]bool
	deleted bool
	// last is the text of the newest edit, of Telegram only: its edits carry
	// their time and their number.
	last       string
	date, from int64
}

func newTold() *told { return &told{items: map[social.Ref]*saying{}, seen: map[string]bool{}} }

// take reads one whole answer.
func (x *told) take(path string, body []byte) {
	switch {
	case strings.HasPrefix(path, "/longpoll/"):
		x.takeVK(body)
	case strings.HasSuffix(path, "/getUpdates"):
		x.takeTelegram(body, math.MaxInt64)
	}
}

func (x *told) takeVK(body []byte) {
	var a struct {
		Updates []struct {
			Type    string `json:"type"`
			EventID string `json:"event_id"`
			Object  struct {
				ID   int    `json:"id"`
				Text string `json:"text"`
			} `json:"object"`
		} `json:"updates"`
	}
	if json.Unmarshal(body, &a) != nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, u := range a.Updates {
		id := strconv.Itoa(u.Object.ID)
		if u.Type != "wall_post_new" {
			id = "r" + id
		}
		s := x.of(social.Ref{Network: social.VK, Owner: strconv.Itoa(wallID), ID: id}, u.EventID)
		if u.Type == "wall_reply_delete" {
			s.deleted = true
		} else {
			s.texts[u.Object.Text] = true
		}
	}
}

type tgMessage struct {
	ID   int64  `json:"message_id"`
	Text string `json:"text"`
	Edit int64  `json:"edit_date"`
	Chat struct {
		ID int64 `json:"id"`
	} `json:"chat"`
}

// takeTelegram takes the updates numbered below a bound.
func (x *told) takeTelegram(body []byte, below int64) {
	var a struct {
		Result []struct {
			ID                int64      `json:"update_id"`
			Message           *tgMessage `json:"message"`
			EditedMessage     *tgMessage `json:"edited_message"`
			ChannelPost       *tgMessage `json:"channel_post"`
			EditedChannelPost *tgMessage `json:"edited_channel_post"`
		} `json:"result"`
	}
	if json.Unmarshal(body, &a) != nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, u := range a.Result {
		if u.ID >= below {
			continue
		}
		for _, m := range []*tgMessage{u.Message, u.EditedMessage, u.ChannelPost, u.EditedChannelPost} {
			if m == nil {
				continue
			}
			s := x.of(tgRef(m.Chat.ID, m.ID), strconv.FormatInt(u.ID, 10))
			s.texts[m.Text] = true
			if m.Edit > s.date || m.Edit == s.date && u.ID >= s.from {
				s.last, s.date, s.from = m.Text, m.Edit, u.ID
			}
		}
	}
}

func (x *told) of(ref social.Ref, key string) *saying {
	if x.seen[key] {
		x.again++
	}
	x.seen[key] = true
	s := x.items[ref]
	if s == nil {
		s = &saying{texts: map[string]bool{}, date: -1}
		x.items[ref] = s
	}
	return s
}

func tgRef(chat, id int64) social.Ref {
	return social.Ref{Network: social.Telegram, Owner: strconv.FormatInt(chat, 10), ID: strconv.FormatInt(id, 10)}
}

func vkRef(id string) social.Ref {
	return social.Ref{Network: social.VK, Owner: strconv.Itoa(wallID), ID: id}
}
