package vk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"otklik/collectors"
	netvk "otklik/internal/network/vk"
	"otklik/internal/social"
)

// readerVersion grows whenever readEvent or the mapping learns to understand
// what they could not before: what was kept is then read anew.
const readerVersion = 1

// event is one update of the long poll, read as far as it could be.
type event struct {
	raw     json.RawMessage
	key     string
	broken  string
	op      collectors.Op
	post    *post
	comment *comment
	deleted *social.Ref
}

// sumKey is the key of what the network gave none.
func sumKey(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// readEvent decodes one update. It never fails: what cannot be understood is
// told in broken, and what is of no interest has no op.
func readEvent(raw json.RawMessage) event {
	e := event{raw: raw}
	var head struct {
		Type    string          `json:"type"`
		EventID string          `json:"event_id"`
		Object  json.RawMessage `json:"object"`
	}
	err := json.Unmarshal(raw, &head)
	if e.key = head.EventID; e.key == "" {
		// Something must tell a repeated update from a new one.
		e.key = sumKey(raw)
	}
	if err != nil || head.Type == "" {
		e.broken = "Событие ВКонтакте имеет неизвестный вид."
		return e
	}
	switch head.Type {
	case "wall_post_new":
		e.readPost(head.Object)
	case "wall_reply_new":
		e.readComment(head.Object, collectors.Created)
	case "wall_reply_edit":
		e.readComment(head.Object, collectors.Edited)
	case "wall_reply_restore":
		e.readComment(head.Object, collectors.Restored)
	case "wall_reply_delete":
		e.readDeletion(head.Object)
	}
	return e
}

func (e *event) readPost(object json.RawMessage) {
	var p post
	if json.Unmarshal(object, &p) != nil || p.ID <= 0 || p.OwnerID == 0 {
		e.broken = "Событие о новой записи не удалось разобрать."
		return
	}
	// Suggested and scheduled posts stand on no wall yet.
	if p.Type == "suggest" || p.Type == "postpone" {
		return
	}
	e.op, e.post = collectors.Created, &p
}

func (e *event) readComment(object json.RawMessage, op collectors.Op) {
	var c comment
	if json.Unmarshal(object, &c) != nil || c.ID <= 0 || c.PostID <= 0 || c.owner() == 0 {
		e.broken = "Событие о комментарии не удалось разобрать."
		return
	}
	e.op, e.comment = op, &c
}

func (e *event) readDeletion(object json.RawMessage) {
	var d struct {
		OwnerID int `json:"owner_id"`
		ID      int `json:"id"`
	}
	if json.Unmarshal(object, &d) != nil || d.ID <= 0 || d.OwnerID == 0 {
		e.broken = "Событие об удалении комментария не удалось разобрать."
		return
	}
	ref := netvk.CommentRef(d.OwnerID, d.ID)
	e.op, e.deleted = collectors.Deleted, &ref
}

// authors are whose names are needed.
func (e event) authors() []int {
	switch {
	case e.post != nil:
		return []int{e.post.FromID}
	case e.comment != nil:
		return []int{e.comment.FromID}
	}
	return nil
}

func (e event) update(m mapper, who names) collectors.Update {
	u := collectors.Update{Key: e.key, Raw: e.raw, Broken: e.broken, Reader: readerVersion}
	var item social.Item
	switch {
	case e.post != nil:
		item = m.post(*e.post, who)
	case e.comment != nil:
		item = m.comment(*e.comment, who)
	case e.deleted != nil:
		item.Ref = *e.deleted
	default:
		return u
	}
	u.Changes = []collectors.Change{{Op: e.op, Item: item}}
	return u
}
