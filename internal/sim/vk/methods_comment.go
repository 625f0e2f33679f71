package vk

import (
	"errors"
	"strings"
	"time"
)

// guidWindow is how long the network remembers a guid.
const guidWindow = time.Hour

// guidEntry is what a call with this guid created.
type guidEntry struct {
	answer any
	at     time.Time
}

// once runs create unless the token's guid was seen within the window; then
// the first answer is given again and nothing is created.
func (s *Server) once(c *call, create func() (any, *apiError)) (any, *apiError) {
	guid := c.params.Get("guid")
	if guid == "" {
		return create()
	}
	key, now := c.token.Value+" "+guid, s.opt.Now()
	if e, ok := s.guids[key]; ok && now.Sub(e.at) < guidWindow {
		return e.answer, nil
	}
	answer, failure := create()
	if failure == nil {
		s.guids[key] = guidEntry{answer, now}
		s.forgetGuids(now)
	}
	return answer, failure
}

// forgetGuids keeps the memory of guids small.
func (s *Server) forgetGuids(now time.Time) {
	if len(s.guids) < 10_000 {
		return
	}
	for k, e := range s.guids {
		if now.Sub(e.at) >= guidWindow {
			delete(s.guids, k)
		}
	}
}

// speaker is who the call writes as: the community of a community token, or of
// a user token that asks to speak for it, else the user.
func (s *Server) speaker(c *call, owner, asGroup int) (int, *apiError) {
	switch {
	case c.token.Kind == CommunityToken:
		if owner != -c.token.CommunityID || asGroup != 0 && asGroup != c.token.CommunityID {
			return 0, denied("no access to this wall")
		}
		if !c.token.may("wall") {
			return 0, denied("no access to call this method")
		}
		return -c.token.CommunityID, nil
	case asGroup != 0:
		if !c.token.speaksFor(asGroup) {
			return 0, denied("user should be group editor")
		}
		return -asGroup, nil
	}
	return c.token.UserID, nil
}

func (s *Server) wallCreateComment(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	from, failure := s.speaker(c, w.owner, c.int("from_group"))
	if failure != nil {
		return nil, failure
	}
	text := c.params.Get("message")
	if strings.TrimSpace(text) == "" && c.params.Get("attachments") == "" {
		return nil, badParam("message is undefined")
	}
	if s.post(w.owner, c.int("post_id")) == nil {
		return nil, denied("post was not found check post_id param")
	}
	if s.post(w.owner, c.int("post_id")).Closed {
		return nil, &apiError{213, "Access to status replies denied"}
	}
	return s.once(c, func() (any, *apiError) {
		k, err := s.addComment(NewComment{
			OwnerID: w.owner, PostID: c.int("post_id"), FromID: from, Text: text, ReplyTo: c.int("reply_to_comment"),
			Media: c.list("attachments"),
		})
		if errors.Is(err, ErrMedia) {
			return nil, badParam("attachments is invalid")
		}
		if errors.Is(err, ErrNotFound) {
			return nil, badParam("reply_to_comment is invalid")
		}
		if err != nil {
			return nil, &apiError{10, "Internal server error"}
		}
		stack := []int{}
		if k.Root != 0 {
			stack = append(stack, k.Root)
		}
		return object{"comment_id": k.ID, "parents_stack": stack}, nil
	})
}

// mine says that the user of the token wrote the thing or administers the wall.
func mine(c *call, owner, from int) bool {
	return c.token.UserID == from || c.token.speaksFor(-owner)
}

func (s *Server) wallEditComment(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	k := s.comment(w.owner, c.int("comment_id"))
	if k == nil || !mine(c, w.owner, k.FromID) {
		return nil, denied("no access to this comment")
	}
	k.Text, k.Edited = c.params.Get("message"), s.now()
	s.emit(w.owner, "wall_reply_edit", commentEvent(k))
	return 1, nil
}

func (s *Server) wallDeleteComment(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	k := s.comment(w.owner, c.int("comment_id"))
	if k == nil || !mine(c, w.owner, k.FromID) || s.setDeleted(w.owner, k.ID, true) != nil {
		return nil, &apiError{211, "Access to wall's comment denied"}
	}
	return 1, nil
}

func (s *Server) wallRestoreComment(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	k := w.comments[c.int("comment_id")]
	if k == nil || !mine(c, w.owner, k.FromID) || s.setDeleted(w.owner, k.ID, false) != nil {
		return nil, &apiError{211, "Access to wall's comment denied"}
	}
	return 1, nil
}
