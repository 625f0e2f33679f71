package telegram

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
)

const (
	// lateness is how long a message may come after its successors before it is
	// taken for lost.
	lateness = 2 * time.Minute
	// maxHoles and maxWidth bound what the cursor remembers of missing messages.
	maxHoles = 100
	maxWidth = 1000
)

// mark is the newest message seen in a chat. Telegram numbers the messages of a
// channel and of a group one by one, so a number that never came is a message
// that was not told.
type mark struct {
	ID   int64 `json:"id"`
	Date int64 `json:"date"` // Unix seconds, by Telegram's clock
}

// hole is a run of messages that were skipped. Times are Unix seconds: From and
// To are those of the messages on both sides, Noticed is ours.
type hole struct {
	Chat    int64 `json:"chat"`
	First   int64 `json:"first"`
	Last    int64 `json:"last"`
	From    int64 `json:"from"`
	To      int64 `json:"to"`
	Noticed int64 `json:"noticed"`
}

// numbered is as much of an update as tells which message it is about. It can
// be read of updates that are otherwise broken.
type numbered struct {
	ID   int64 `json:"message_id"`
	Date int64 `json:"date"`
	Chat struct {
		ID int64 `json:"id"`
	} `json:"chat"`
}

// numbers are the messages that an update is about.
func numbers(raw json.RawMessage) []numbered {
	var u struct {
		Message           *numbered `json:"message"`
		EditedMessage     *numbered `json:"edited_message"`
		ChannelPost       *numbered `json:"channel_post"`
		EditedChannelPost *numbered `json:"edited_channel_post"`
	}
	// What cannot be read proves nothing.
	_ = json.Unmarshal(raw, &u)
	var out []numbered
	for _, m := range []*numbered{u.Message, u.EditedMessage, u.ChannelPost, u.EditedChannelPost} {
		if m != nil {
			out = append(out, *m)
		}
	}
	return out
}

// note takes one message of the page in.
func (p *position) note(m numbered, now time.Time) {
	if p.Marks == nil {
		p.Marks = map[int64]mark{}
	}
	top, known := p.Marks[m.Chat.ID]
	switch {
	case m.ID <= 0:
		return
	case known && m.ID <= top.ID:
		p.plug(m.Chat.ID, m.ID)
		return
	case known && m.ID > top.ID+1:
		p.Holes = append(p.Holes, hole{
			Chat: m.Chat.ID, First: top.ID + 1, Last: m.ID - 1,
			From: min(top.Date, m.Date), To: max(top.Date, m.Date) + 1, Noticed: now.Unix(),
		})
	}
	p.Marks[m.Chat.ID] = mark{m.ID, m.Date}
}

// plug removes a message that came late from the hole it left.
func (p *position) plug(chat, id int64) {
	i := slices.IndexFunc(p.Holes, func(h hole) bool { return h.Chat == chat && h.First <= id && id <= h.Last })
	if i < 0 {
		return
	}
	before, after := p.Holes[i], p.Holes[i]
	before.Last, after.First = id-1, id+1
	rest := slices.DeleteFunc([]hole{before, after}, func(h hole) bool { return h.First > h.Last })
	p.Holes = slices.Replace(p.Holes, i, i+1, rest...)
}

// lost takes out the holes that have waited long enough, as gaps.
func (p *position) lost(now time.Time) []collectors.Gap {
	var out []collectors.Gap
	late := len(p.Holes) - maxHoles
	kept := p.Holes[:0:0]
	for i, h := range p.Holes {
		if i >= late && now.Sub(time.Unix(h.Noticed, 0)) < lateness {
			kept = append(kept, h)
			continue
		}
		out = append(out, h.gap())
	}
	p.Holes = kept
	return out
}

func (h hole) gap() collectors.Gap {
	what := fmt.Sprintf("Сообщение № %d не пришло", h.First)
	if h.Last > h.First {
		what = fmt.Sprintf("Сообщения № %d–%d не пришли", h.First, h.Last)
	}
	g := collectors.Gap{
		From: time.Unix(h.From, 0).UTC(), To: time.Unix(h.To, 0).UTC(),
		Reason: what + ": их потеряла сеть или написал другой бот, а прошлых сообщений Telegram ботам не отдаёт.",
	}
	for id := h.First; id <= h.Last && id < h.First+maxWidth; id++ {
		g.Items = append(g.Items, social.Ref{Network: social.Telegram, Owner: strconv.FormatInt(h.Chat, 10), ID: strconv.FormatInt(id, 10)})
	}
	return g
}

// inOrder sorts updates as the network numbered them: it may send a later one
// first, and of two edits in one second only the number tells which is newer.
func inOrder(list []json.RawMessage) {
	slices.SortStableFunc(list, func(a, b json.RawMessage) int {
		x, okX := updateID(a)
		y, okY := updateID(b)
		if !okX || !okY {
			return 0
		}
		return cmp.Compare(x, y)
	})
}
