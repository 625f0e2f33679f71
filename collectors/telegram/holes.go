package telegram

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
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

// lost takes out the holes that have waited long enough, as gaps. While more
// updates wait than one answer holds, what is missing may be among them.
func (p *position) lost(now time.Time, more bool) []collectors.Gap {
	var ripe []hole
	late := len(p.Holes) - maxHoles
	kept := p.Holes[:0:0]
	for i, h := range p.Holes {
		if i >= late && (more || now.Sub(time.Unix(h.Noticed, 0)) < lateness) {
			kept = append(kept, h)
		} else {
			ripe = append(ripe, h)
		}
	}
	p.Holes = kept
	slices.SortStableFunc(ripe, func(a, b hole) int {
		return cmp.Or(cmp.Compare(a.Chat, b.Chat), cmp.Compare(a.First, b.First))
	})
	var out []collectors.Gap
	for len(ripe) > 0 {
		n := together(ripe)
		out = append(out, gapOf(ripe[:n]))
		ripe = ripe[n:]
	}
	return out
}

// together is how many holes, from the first, lie so near that people see one gap.
func together(list []hole) int {
	const near, most = 60, 10
	n := 1
	for n < len(list) && n < most && list[n].Chat == list[0].Chat && list[n].From-list[n-1].To <= near {
		n++
	}
	return n
}

// gapOf is the gap of holes in one chat.
func gapOf(list []hole) collectors.Gap {
	from, to, names := list[0].From, list[0].To, []string{}
	var items []social.Ref
	for _, h := range list {
		from, to = min(from, h.From), max(to, h.To)
		name := decimal(h.First)
		if h.Last > h.First {
			name += "–" + decimal(h.Last)
		}
		names = append(names, name)
		for id := h.First; id <= h.Last && len(items) < maxWidth; id++ {
			items = append(items, ref(h.Chat, id))
		}
	}
	what := "Сообщение № " + names[0] + " не пришло: его потеряла сеть или написал"
	if len(items) > 1 {
		what = "Сообщения № " + strings.Join(names, ", ") + " не пришли: их потеряла сеть или написал"
	}
	return collectors.Gap{
		From: time.Unix(from, 0).UTC(), To: time.Unix(to, 0).UTC(), Items: items,
		Reason: what + " другой бот, а прошлых сообщений Telegram ботам не отдаёт.",
	}
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
