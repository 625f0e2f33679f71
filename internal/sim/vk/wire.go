package vk

import (
	"encoding/json"
	"slices"
	"time"
)

// object is one JSON object of the network.
type object = map[string]any

// cut shortens a text as preview_length asks; zero leaves it whole.
func cut(text string, length int) string {
	runes := []rune(text)
	if length <= 0 || len(runes) <= length {
		return text
	}
	return string(runes[:length]) + "…"
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func unix(t time.Time) int64 { return t.Unix() }

// postObject is a post as a user sees it; viewer zero is nobody in particular.
func (s *Server) postObject(p *Post, viewer int) object {
	thing := Thing{"post", p.OwnerID, p.ID}
	o := object{
		"id": p.ID, "from_id": p.FromID, "owner_id": p.OwnerID, "date": unix(p.Date),
		"marked_as_ads": 0, "post_type": p.Type, "text": p.Text, "is_favorite": false,
		"attachments": s.postAttachments(p, viewer),
		"comments":    object{"can_post": flag(!p.Closed), "count": p.alive, "groups_can_post": true},
		"likes":       s.likesObject(thing, viewer),
		"reposts":     object{"count": len(p.reposts), "user_reposted": 0},
		"views":       object{"count": p.Views},
	}
	if !p.Edited.IsZero() {
		o["edited"] = unix(p.Edited)
	}
	if p.Pinned {
		o["is_pinned"] = 1
	}
	if p.SignerID != 0 {
		o["signer_id"] = p.SignerID
	}
	if p.PostponedID != 0 {
		o["postponed_id"] = p.PostponedID
	}
	if p.CopyOf != nil {
		o["copy_history"] = s.copyHistory(*p.CopyOf)
	}
	return o
}

// copyHistory is the original of a repost, as it stands inside the repost.
func (s *Server) copyHistory(of Thing) []object {
	p := s.post(of.OwnerID, of.ID)
	if p == nil {
		return []object{}
	}
	return []object{{
		"id": p.ID, "from_id": p.FromID, "owner_id": p.OwnerID, "date": unix(p.Date),
		"post_type": p.Type, "text": p.Text, "attachments": s.postAttachments(p, 0),
	}}
}

func (s *Server) postAttachments(p *Post, viewer int) []json.RawMessage {
	out := attachments(p.Attachments)
	for _, id := range p.Polls {
		out = append(slices.Clip(out), encode(object{"type": "poll", "poll": s.pollObject(s.polls[id], viewer)}))
	}
	return out
}

// postEvent is a post as wall_post_new shows it.
func (s *Server) postEvent(p *Post) object {
	o := s.postObject(p, 0)
	o["comments"] = object{"count": 0}
	for _, k := range []string{"likes", "reposts", "views", "is_favorite"} {
		delete(o, k)
	}
	return o
}

func commentObject(c *Comment, preview int) object {
	stack := []int{}
	if c.Root != 0 {
		stack = []int{c.Root}
	}
	o := object{
		"id": c.ID, "from_id": c.FromID, "date": unix(c.Date), "text": cut(c.Text, preview),
		"post_id": c.PostID, "owner_id": c.OwnerID, "parents_stack": stack,
	}
	if len(c.Attachments) > 0 {
		o["attachments"] = attachments(c.Attachments)
	}
	if c.ReplyToComment != 0 {
		o["reply_to_comment"], o["reply_to_user"] = c.ReplyToComment, c.ReplyToUser
	}
	if c.Deleted {
		o["deleted"], o["text"], o["from_id"] = true, "", 0
		delete(o, "attachments")
	}
	return o
}

// commentEvent is a comment as wall_reply_new, _edit and _restore show it.
func commentEvent(c *Comment) object {
	o := commentObject(c, 0)
	o["post_owner_id"] = c.OwnerID
	if c.Root == 0 {
		o["thread"] = threadObject(c.aliveReplies, []object{})
	}
	return o
}

func threadObject(count int, items []object) object {
	return object{
		"count": count, "items": items, "can_post": true, "show_reply_button": true, "groups_can_post": true,
	}
}

func attachments(list []json.RawMessage) []json.RawMessage {
	if list == nil {
		return []json.RawMessage{}
	}
	return list
}

func userObject(u *User, fields map[string]bool) object {
	o := object{
		"id": u.ID, "first_name": u.FirstName, "last_name": u.LastName,
		"can_access_closed": true, "is_closed": false,
	}
	if fields["screen_name"] {
		o["screen_name"] = u.ScreenName
	}
	return o
}

func groupObject(c *community) object {
	return object{
		"id": c.ID, "name": c.Name, "screen_name": c.ScreenName, "is_closed": 0, "type": "group",
	}
}

// extended adds the profiles and groups of everybody named in an answer.
func (s *Server) extended(answer object, ids map[int]bool, fields map[string]bool) object {
	profiles, groups := []object{}, []object{}
	for id := range ids {
		if u := s.users[id]; u != nil {
			profiles = append(profiles, userObject(u, fields))
		}
		if c := s.communities[-id]; c != nil {
			groups = append(groups, groupObject(c))
		}
	}
	answer["profiles"], answer["groups"] = profiles, groups
	return answer
}
