package telegram

import (
	"encoding/json"
	"maps"
	"slices"

	"otklik/collectors"
)

// maxPosts bounds the memory of automatic forwards.
const maxPosts = 100

// position is what the cursor holds.
type position struct {
	// Offset is the first update that is not yet stored.
	Offset int64 `json:"offset"`
	// Polled is when Telegram last answered, in Unix seconds.
	Polled int64 `json:"polled,omitempty"`
	// Posts are the newest automatic forwards: the thread in the group and the
	// post in the channel. A reply to a comment does not tell the post, and a
	// permalink needs it.
	Posts posts `json:"posts,omitempty"`
	// Marks are the newest message of each chat of the page, Holes what was
	// skipped before it and may still come.
	Marks map[int64]mark `json:"marks,omitempty"`
	Holes []hole         `json:"holes,omitempty"`
}

// posts is a short list of (thread, post), newest last.
type posts [][2]int64

func (p *posts) put(thread, post int64) {
	kept := slices.DeleteFunc(*p, func(x [2]int64) bool { return x[0] == thread })
	kept = append(kept, [2]int64{thread, post})
	*p = kept[max(0, len(kept)-maxPosts):]
}

func (p *posts) get(thread int64) (int64, bool) {
	for _, x := range *p {
		if x[0] == thread {
			return x[1], true
		}
	}
	return 0, false
}

func parsePosition(c collectors.Cursor) (position, error) {
	var p position
	if c == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(c), &p); err != nil {
		return p, &collectors.Trouble{
			Kind:    collectors.Denied,
			Message: "Отметка о прочитанном в базе повреждена: удалите источник и подключите его заново.",
			Cause:   err,
		}
	}
	return p, nil
}

func (p position) clone() position {
	p.Posts, p.Marks, p.Holes = slices.Clone(p.Posts), maps.Clone(p.Marks), slices.Clone(p.Holes)
	return p
}

func (p position) cursor() collectors.Cursor {
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err) // numbers and lists of numbers always marshal
	}
	return collectors.Cursor(raw)
}
