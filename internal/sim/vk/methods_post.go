package vk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The bounds of a post, as dev.vk.com/en/method/wall.post gives them; the
// length is that of trypostit/trypost#311.
const (
	maxPostText  = 16_000
	maxPostMedia = 10
)

func (s *Server) wallPost(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	asGroup := 0
	if c.bool("from_group") {
		asGroup = -w.owner
	}
	from, failure := s.speaker(c, w.owner, asGroup)
	if failure != nil {
		return nil, failure
	}
	if c.int("post_id") != 0 {
		return s.publishNow(c, w)
	}
	n := NewPost{
		OwnerID: w.owner, FromID: from, Text: c.params.Get("message"), Media: c.list("attachments"),
		closed: c.bool("close_comments"),
	}
	if c.bool("signed") && from < 0 && c.token.Kind == UserToken {
		n.signer = c.token.UserID
	}
	if failure := cmp.Or(checkPost(n.Text, n.Media), s.schedule(c, w, &n)); failure != nil {
		return nil, failure
	}
	return s.once(c, func() (any, *apiError) {
		if s.opt.Limits && w.postsFull(s.opt.Now(), s.switches.postsPerDay()) {
			return nil, addingDenied("too many posts a day")
		}
		id, err := s.addPost(n)
		if errors.Is(err, ErrMedia) {
			return nil, badParam("attachments is invalid")
		}
		if err != nil {
			return nil, &apiError{10, "Internal server error"}
		}
		return object{"post_id": id}, nil
	})
}

func addingDenied(why string) *apiError {
	return &apiError{214, "Access to adding post denied: " + why}
}

// postsFull counts a post and says whether the wall's day is full.
func (w *wall) postsFull(now time.Time, limit int) (full bool) {
	w.posted, full = count(w.posted, now, 24*time.Hour, limit)
	return full
}

// checkPost holds a post against its bounds.
func checkPost(text string, media []string) *apiError {
	polls := 0
	for _, m := range media {
		if strings.HasPrefix(m, "poll") {
			polls++
		}
	}
	switch {
	case strings.TrimSpace(text) == "" && len(media) == 0:
		return badParam("message is undefined")
	case len([]rune(text)) > maxPostText:
		return badParam("message is too long")
	case len(media) > maxPostMedia:
		return badParam("attachments: too many")
	case polls > 1 || polls == 1 && len(media) == 1 && strings.TrimSpace(text) == "":
		return badParam("attachments: a poll stands alone")
	}
	return nil
}

// schedule puts a post off until publish_date, if the call asks for that.
func (s *Server) schedule(c *call, w *wall, n *NewPost) *apiError {
	at := c.int("publish_date")
	if at == 0 {
		return nil
	}
	date := time.Unix(int64(at), 0).UTC()
	if !date.After(s.now()) {
		return addingDenied("invalid publish_date")
	}
	for _, p := range s.postponed {
		if p.OwnerID == w.owner && p.Date.Equal(date) && !p.Deleted && p.ID != c.int("post_id") {
			return addingDenied("a post is already scheduled for this time")
		}
	}
	n.Date, n.Type = date, "postpone"
	return nil
}

// publish lets a scheduled post appear: under a new id, as on the network.
func (s *Server) publish(p *Post) *Post {
	s.postponed = slices.DeleteFunc(s.postponed, func(o *Post) bool { return o == p })
	if p.Deleted {
		return p
	}
	w := s.walls[p.OwnerID]
	w.order = slices.DeleteFunc(w.order, func(id int) bool { return id == p.ID })
	delete(w.posts, p.ID)
	w.lastID++
	p.PostponedID, p.ID, p.Type = p.ID, w.lastID, "post"
	w.place(p)
	s.emit(p.OwnerID, "wall_post_new", s.postEvent(p))
	return p
}

// publishNow is wall.post with the id of a scheduled post.
func (s *Server) publishNow(c *call, w *wall) (any, *apiError) {
	p := s.post(w.owner, c.int("post_id"))
	if p == nil || p.Type != "postpone" {
		return nil, badParam("post_id is invalid")
	}
	p.Date = s.dateOr(time.Time{})
	return object{"post_id": s.publish(p).ID}, nil
}

// ownPost is the post of a call that its token may change.
func (s *Server) ownPost(c *call) (*wall, *Post, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, nil, failure
	}
	p := s.post(w.owner, c.int("post_id"))
	if p == nil || !mine(c, w.owner, p.FromID) {
		return nil, nil, denied("no access to this post")
	}
	return w, p, nil
}

func (s *Server) wallEdit(c *call) (any, *apiError) {
	w, p, failure := s.ownPost(c)
	if failure != nil {
		return nil, failure
	}
	n := NewPost{OwnerID: w.owner, Text: c.params.Get("message"), Media: c.list("attachments"), Date: p.Date, Type: p.Type}
	if failure := checkPost(n.Text, n.Media); failure != nil {
		return nil, failure
	}
	m, err := s.resolve(n.Media)
	if err != nil {
		return nil, badParam("attachments is invalid")
	}
	if p.Type == "postpone" {
		if failure := s.schedule(c, w, &n); failure != nil {
			return nil, failure
		}
		s.remind(n.Date)
	} else {
		p.Edited = s.now()
	}
	// What an edit does not name is gone afterwards.
	p.Text, p.Date, p.Attachments, p.Polls = n.Text, n.Date, m.raw, m.polls
	if c.params.Has("close_comments") {
		p.Closed = c.bool("close_comments")
	}
	return object{"post_id": p.ID}, nil
}

func (s *Server) wallDelete(c *call) (any, *apiError) {
	_, p, failure := s.ownPost(c)
	if failure != nil {
		return nil, &apiError{210, "Access to wall's post denied"}
	}
	p.Deleted, p.Pinned = true, false
	return 1, nil
}

func (s *Server) wallRestore(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	p := w.posts[c.int("post_id")]
	if p == nil || !p.Deleted || !mine(c, w.owner, p.FromID) {
		return nil, &apiError{210, "Access to wall's post denied"}
	}
	p.Deleted = false
	return 1, nil
}

func (s *Server) wallPin(c *call) (any, *apiError) {
	w, p, failure := s.ownPost(c)
	if failure != nil {
		return nil, failure
	}
	if !mine(c, w.owner, w.owner) || p.Type != "post" {
		return nil, denied("can't pin this post")
	}
	for _, other := range w.posts {
		other.Pinned = false
	}
	p.Pinned = true
	return 1, nil
}

func (s *Server) wallUnpin(c *call) (any, *apiError) {
	_, p, failure := s.ownPost(c)
	if failure != nil {
		return nil, failure
	}
	p.Pinned = false
	return 1, nil
}

func (s *Server) wallOpenComments(c *call) (any, *apiError) { return s.setClosed(c, false) }

func (s *Server) wallCloseComments(c *call) (any, *apiError) { return s.setClosed(c, true) }

func (s *Server) setClosed(c *call, closed bool) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	p := s.post(w.owner, c.int("post_id"))
	if p == nil || !c.token.speaksFor(-w.owner) {
		return nil, denied("no access to this post")
	}
	p.Closed = closed
	return 1, nil
}

// Repost lets a user put a post on their own wall.
func (s *Server) Repost(owner, post, user int, text string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.post(owner, post)
	if p == nil || s.users[user] == nil {
		return 0, fmt.Errorf("post %d_%d, user %d: %w", owner, post, user, ErrNotFound)
	}
	id, err := s.addPost(NewPost{OwnerID: user, FromID: user, Text: text, copyOf: &Thing{"post", owner, post}})
	if err != nil {
		return 0, err
	}
	p.reposts = append(p.reposts, Thing{"post", user, id})
	s.emit(owner, "wall_repost", s.postEvent(s.post(user, id)))
	return id, nil
}

func (s *Server) wallGetReposts(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	p := s.post(w.owner, c.int("post_id"))
	if p == nil {
		return nil, denied("post was not found check post_id param")
	}
	list := slices.Clone(p.reposts)
	slices.Reverse(list)
	offset := min(max(c.int("offset"), 0), len(list))
	items, ids := []object{}, map[int]bool{w.owner: true}
	for _, t := range list[offset:min(offset+c.count(20, 1000), len(list))] {
		if r := s.post(t.OwnerID, t.ID); r != nil {
			items = append(items, s.postObject(r, c.viewer()))
			ids[r.FromID] = true
		}
	}
	return s.extended(object{"items": items}, ids, nil), nil
}
