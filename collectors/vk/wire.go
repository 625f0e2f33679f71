package vk

import (
	"encoding/json"
	"fmt"

	"otklik/collectors"
)

// post is what is read of a wall post. It is narrower and more forgiving than
// the SDK's type, in which one attachment of an unknown shape spoils the post.
type post struct {
	ID          int               `json:"id"`
	OwnerID     int               `json:"owner_id"`
	FromID      int               `json:"from_id"`
	Date        int64             `json:"date"`
	Edited      int64             `json:"edited"`
	Text        string            `json:"text"`
	Type        string            `json:"post_type"`
	Attachments []json.RawMessage `json:"attachments"`
	Copies      []copied          `json:"copy_history"`
	Pinned      boolInt           `json:"is_pinned"`
	Deleted     boolInt           `json:"is_deleted"`
	// PostID and Parents are of comments, which a search lists among posts.
	PostID   int   `json:"post_id"`
	Parents  []int `json:"parents_stack"`
	Comments struct {
		Count int `json:"count"`
	} `json:"comments"`
}

// copied is the original of a repost.
type copied struct {
	ID      int    `json:"id"`
	OwnerID int    `json:"owner_id"`
	Text    string `json:"text"`
}

// comment is what is read of a comment under a post.
type comment struct {
	ID             int               `json:"id"`
	OwnerID        int               `json:"owner_id"`
	PostOwnerID    int               `json:"post_owner_id"`
	PostID         int               `json:"post_id"`
	FromID         int               `json:"from_id"`
	Date           int64             `json:"date"`
	Text           string            `json:"text"`
	ReplyToComment int               `json:"reply_to_comment"`
	ParentsStack   []int             `json:"parents_stack"`
	Attachments    []json.RawMessage `json:"attachments"`
	Deleted        boolInt           `json:"deleted"`
	Thread         struct {
		Count int                `json:"count"`
		Items forgiving[comment] `json:"items"`
	} `json:"thread"`
}

// owner is the wall on which the comment stands.
func (c comment) owner() int {
	if c.OwnerID != 0 {
		return c.OwnerID
	}
	return c.PostOwnerID
}

// root is the first comment of the thread, zero on the first level.
func (c comment) root() int {
	if len(c.ParentsStack) > 0 {
		return c.ParentsStack[0]
	}
	return 0
}

// forgiving is a list in which what cannot be read does not spoil its neighbours.
type forgiving[T any] struct {
	good []T
	bad  []json.RawMessage
}

// UnmarshalJSON implements json.Unmarshaler.
func (f *forgiving[T]) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for _, raw := range list {
		var v T
		if json.Unmarshal(raw, &v) == nil {
			f.good = append(f.good, v)
		} else {
			f.bad = append(f.bad, raw)
		}
	}
	return nil
}

// len is how long the network's list is.
func (f *forgiving[T]) len() int { return len(f.good) + len(f.bad) }

// broken keeps what a listing showed and nobody could read. It is the same
// update whenever it is listed again.
func broken(raw json.RawMessage) collectors.Update {
	return collectors.Update{Key: sumKey(raw), Raw: raw, Broken: "Запись или комментарий из списка не удалось разобрать.", Reader: readerVersion}
}

// idOf reads the number of an object of which nothing else is understood.
func idOf(raw json.RawMessage) (int, bool) {
	var x struct {
		ID int `json:"id"`
	}
	err := json.Unmarshal(raw, &x)
	return x.ID, err == nil && x.ID > 0
}

// boolInt is a truth that the network writes as 1, true or "1", depending on
// the method and the day.
type boolInt bool

// UnmarshalJSON implements json.Unmarshaler.
func (b *boolInt) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "1", "true", `"1"`:
		*b = true
	case "0", "false", `"0"`, `""`, "null":
		*b = false
	default:
		return fmt.Errorf("%q is not a truth value", data)
	}
	return nil
}

// profile and group are the authors in an extended answer.
type profile struct {
	ID        int    `json:"id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

type group struct {
	ID         int    `json:"id"`
	Name       string `json:"name"`
	ScreenName string `json:"screen_name"`
}

// authors is the part that all extended answers share.
type authors struct {
	Profiles []profile `json:"profiles"`
	Groups   []group   `json:"groups"`
}
