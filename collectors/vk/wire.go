package vk

import (
	"encoding/json"
	"fmt"
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
	Comments    struct {
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
		Count int       `json:"count"`
		Items []comment `json:"items"`
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
