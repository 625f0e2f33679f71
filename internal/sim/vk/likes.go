package vk

import (
	"slices"
)

// Thing names a post or a comment on a wall.
type Thing struct {
	Kind    string `json:"kind"` // "post" or "comment"
	OwnerID int    `json:"owner_id"`
	ID      int    `json:"id"`
}

// Like adds or takes back a user's like.
func (s *Server) Like(t Thing, user int, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[user] == nil || !s.likeable(t) {
		return ErrNotFound
	}
	s.like(t, user, on)
	return nil
}

func (s *Server) likeable(t Thing) bool {
	switch t.Kind {
	case "post":
		return s.post(t.OwnerID, t.ID) != nil
	case "comment":
		return s.comment(t.OwnerID, t.ID) != nil
	}
	return false
}

func (s *Server) like(t Thing, user int, on bool) {
	at := slices.Index(s.likes[t], user)
	if on == (at >= 0) {
		return
	}
	kind := "like_remove"
	if on {
		s.likes[t] = append(s.likes[t], user)
		kind = "like_add"
	} else {
		s.likes[t] = slices.Delete(s.likes[t], at, at+1)
	}
	what := object{
		"liker_id": user, "object_type": t.Kind, "object_owner_id": t.OwnerID, "object_id": t.ID,
		"post_id": t.ID, "thread_reply_id": 0,
	}
	if k := s.comment(t.OwnerID, t.ID); t.Kind == "comment" && k != nil {
		what["post_id"], what["thread_reply_id"] = k.PostID, k.Root
	}
	s.emit(t.OwnerID, kind, what)
}

func (s *Server) likesOf(t Thing) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.likes[t])
}

func (s *Server) liked(t Thing, user int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.likes[t], user)
}

func (s *Server) likesObject(t Thing, viewer int) object {
	return object{
		"can_like": 1, "count": len(s.likes[t]), "can_publish": 1,
		"user_likes": flag(viewer != 0 && slices.Contains(s.likes[t], viewer)),
	}
}

func (c *call) thing() Thing {
	return Thing{c.params.Get("type"), c.int("owner_id"), c.int("item_id")}
}

func (s *Server) likesAdd(c *call) (any, *apiError) { return s.setLike(c, true) }

func (s *Server) likesDelete(c *call) (any, *apiError) { return s.setLike(c, false) }

func (s *Server) setLike(c *call, on bool) (any, *apiError) {
	t := c.thing()
	if !s.likeable(t) {
		return nil, badParam("object not found")
	}
	if !on && !slices.Contains(s.likes[t], c.token.UserID) {
		return nil, denied("the object is not liked")
	}
	s.like(t, c.token.UserID, on)
	return object{"likes": len(s.likes[t])}, nil
}

func (s *Server) likesIsLiked(c *call) (any, *apiError) {
	t, user := c.thing(), c.int("user_id")
	if !s.likeable(t) {
		return nil, badParam("object not found")
	}
	if user == 0 {
		user = c.token.UserID
	}
	return object{"liked": flag(slices.Contains(s.likes[t], user)), "copied": 0}, nil
}

func (s *Server) likesGetList(c *call) (any, *apiError) {
	t := c.thing()
	if !s.likeable(t) {
		return nil, badParam("object not found")
	}
	list := slices.Clone(s.likes[t])
	if c.params.Get("filter") == "copies" {
		list = list[:0]
		if t.Kind == "post" {
			for _, r := range s.post(t.OwnerID, t.ID).reposts {
				list = append(list, r.OwnerID)
			}
		}
	}
	slices.Reverse(list) // the newest first
	total := len(list)
	list = window(list, c.int("offset"), c.count(100, 1000))
	if !c.bool("extended") {
		return object{"count": total, "items": list}, nil
	}
	items := []object{}
	for _, id := range list {
		if u := s.users[id]; u != nil {
			items = append(items, userObject(u, nil))
		}
	}
	return object{"count": total, "items": items}, nil
}
