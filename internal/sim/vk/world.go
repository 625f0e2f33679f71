package vk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// ErrNotFound is returned for an owner, post, comment or user that does not exist.
var ErrNotFound = errors.New("vk simulator: no such object")

// Community is a VK community. Its wall's owner id is -ID.
type Community struct {
	ID         int    `json:"id"`
	Name       string `json:"name"`
	ScreenName string `json:"screen_name"`
	// Followers are how many follow it besides the users that exist here.
	Followers int `json:"followers,omitempty"`
}

// User is a VK user.
type User struct {
	ID         int    `json:"id"`
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	ScreenName string `json:"screen_name,omitempty"`
}

// NewPost describes a post to be added. FromID zero means the wall's owner,
// Date zero means now. Attachments are passed through as the network's JSON;
// Media names what was uploaded or created: "photo-1_2", "poll-1_3", a link.
type NewPost struct {
	OwnerID     int               `json:"owner_id"`
	FromID      int               `json:"from_id"`
	Text        string            `json:"text"`
	Date        time.Time         `json:"date"`
	Type        string            `json:"post_type,omitempty"` // "post" when empty
	Views       int               `json:"views,omitempty"`
	Attachments []json.RawMessage `json:"attachments,omitempty"`
	Media       []string          `json:"media,omitempty"`

	signer int
	copyOf *Thing
	closed bool
}

// NewComment describes a comment to be added. ReplyTo is the comment that it
// answers, zero for the post itself.
type NewComment struct {
	OwnerID     int               `json:"owner_id"`
	PostID      int               `json:"post_id"`
	FromID      int               `json:"from_id"`
	Text        string            `json:"text"`
	ReplyTo     int               `json:"reply_to"`
	Date        time.Time         `json:"date"`
	Attachments []json.RawMessage `json:"attachments,omitempty"`
	Media       []string          `json:"media,omitempty"`
}

// Post is a post as it stands.
type Post struct {
	ID          int               `json:"id"`
	OwnerID     int               `json:"owner_id"`
	FromID      int               `json:"from_id"`
	Text        string            `json:"text"`
	Type        string            `json:"post_type"`
	Date        time.Time         `json:"date"`
	Edited      time.Time         `json:"edited"`
	Deleted     bool              `json:"deleted"`
	Pinned      bool              `json:"pinned,omitempty"`
	Closed      bool              `json:"closed,omitempty"` // for comments
	Views       int               `json:"views,omitempty"`
	Polls       []int             `json:"polls,omitempty"`
	PostponedID int               `json:"postponed_id,omitempty"` // its id while it was scheduled
	CopyOf      *Thing            `json:"copy_of,omitempty"`      // of a repost
	SignerID    int               `json:"signer_id,omitempty"`
	Attachments []json.RawMessage `json:"attachments,omitempty"`

	roots   []int // comments of the first level, oldest first
	alive   int   // comments not deleted
	reposts []Thing
}

// Comment is a comment as it stands. Root is the first-level comment of its
// thread and zero on the first level.
type Comment struct {
	ID             int               `json:"id"`
	OwnerID        int               `json:"owner_id"`
	PostID         int               `json:"post_id"`
	FromID         int               `json:"from_id"`
	Text           string            `json:"text"`
	Date           time.Time         `json:"date"`
	Edited         time.Time         `json:"edited"`
	Deleted        bool              `json:"deleted"`
	ReplyToUser    int               `json:"reply_to_user,omitempty"`
	ReplyToComment int               `json:"reply_to_comment,omitempty"`
	Root           int               `json:"root,omitempty"`
	Attachments    []json.RawMessage `json:"attachments,omitempty"`

	replies      []int // of the thread, oldest first; on the first level only
	aliveReplies int
}

// wall is one owner's wall. Posts and comments share one counter, as in VK.
type wall struct {
	owner    int
	lastID   int
	posts    map[int]*Post
	order    []int // post ids, oldest first
	comments map[int]*Comment
	posted   []time.Time // of the last day, through the API
}

// AddCommunity adds or renames a community and gives it an empty wall.
func (s *Server) AddCommunity(c Community) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ScreenName == "" {
		c.ScreenName = "club" + strconv.Itoa(c.ID)
	}
	if known := s.communities[c.ID]; known != nil {
		known.Community = c
		return
	}
	s.communities[c.ID] = newCommunity(c, s.opt.FirstID+1)
	s.walls[-c.ID] = newWall(-c.ID, s.opt.FirstID)
}

func newWall(owner, lastID int) *wall {
	return &wall{owner: owner, lastID: lastID, posts: map[int]*Post{}, comments: map[int]*Comment{}}
}

// AddUser adds or renames a user.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ScreenName == "" {
		u.ScreenName = "id" + strconv.Itoa(u.ID)
	}
	s.users[u.ID] = &u
	if s.walls[u.ID] == nil {
		s.walls[u.ID] = newWall(u.ID, s.opt.FirstID)
	}
}

// AddPost puts a post on a wall and returns its id.
func (s *Server) AddPost(n NewPost) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addPost(n)
}

func (s *Server) addPost(n NewPost) (int, error) {
	w := s.walls[n.OwnerID]
	if w == nil {
		return 0, fmt.Errorf("wall %d: %w", n.OwnerID, ErrNotFound)
	}
	if n.FromID == 0 {
		n.FromID = n.OwnerID
	}
	if n.Type == "" {
		n.Type = "post"
	}
	m, err := s.resolve(n.Media)
	if err != nil {
		return 0, err
	}
	w.lastID++
	p := &Post{
		ID: w.lastID, OwnerID: w.owner, FromID: n.FromID, Text: n.Text, Type: n.Type, Views: n.Views,
		Date: s.dateOr(n.Date), Attachments: append(slices.Clone(n.Attachments), m.raw...), Polls: m.polls,
		SignerID: n.signer, CopyOf: n.copyOf, Closed: n.closed,
	}
	w.place(p)
	if p.Type == "postpone" {
		s.postponed = append(s.postponed, p)
		s.remind(p.Date)
	}
	s.emit(w.owner, "wall_post_new", s.postEvent(p))
	return p.ID, nil
}

// place puts a post on its wall, which is kept in the order of dates. Backdated
// posts are usual only while a demo is seeded.
func (w *wall) place(p *Post) {
	w.posts[p.ID] = p
	w.order = append(w.order, p.ID)
	slices.SortStableFunc(w.order[max(0, len(w.order)-200):], func(a, b int) int {
		return w.posts[a].Date.Compare(w.posts[b].Date)
	})
}

// EditPost changes a post's text. The network sends no event for that.
func (s *Server) EditPost(owner, post int, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.post(owner, post)
	if p == nil {
		return ErrNotFound
	}
	p.Text, p.Edited = text, s.now()
	return nil
}

// SetViews says how often a post was seen.
func (s *Server) SetViews(owner, post, views int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.post(owner, post)
	if p == nil {
		return ErrNotFound
	}
	p.Views = views
	return nil
}

// DeletePost removes a post from its wall. The network sends no event for that.
func (s *Server) DeletePost(owner, post int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.post(owner, post)
	if p == nil {
		return ErrNotFound
	}
	p.Deleted = true
	return nil
}

// AddComment puts a comment under a post and returns its id.
func (s *Server) AddComment(n NewComment) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.addComment(n)
	if err != nil {
		return 0, err
	}
	return c.ID, nil
}

func (s *Server) addComment(n NewComment) (*Comment, error) {
	p := s.post(n.OwnerID, n.PostID)
	if p == nil {
		return nil, fmt.Errorf("post %d_%d: %w", n.OwnerID, n.PostID, ErrNotFound)
	}
	w := s.walls[n.OwnerID]
	m, err := s.resolve(n.Media)
	if err != nil || len(m.polls) > 0 {
		return nil, fmt.Errorf("comment: %w", cmp.Or(err, ErrMedia))
	}
	c := &Comment{
		OwnerID: w.owner, PostID: p.ID, FromID: n.FromID, Text: n.Text,
		Date: s.dateOr(n.Date), Attachments: append(slices.Clone(n.Attachments), m.raw...),
	}
	if n.ReplyTo != 0 {
		to := w.comments[n.ReplyTo]
		if to == nil || to.PostID != p.ID || to.Deleted {
			return nil, fmt.Errorf("comment %d: %w", n.ReplyTo, ErrNotFound)
		}
		c.ReplyToComment, c.ReplyToUser = to.ID, to.FromID
		if c.Root = to.Root; c.Root == 0 {
			c.Root = to.ID
		}
	}
	w.lastID++
	c.ID = w.lastID
	w.comments[c.ID] = c
	p.alive++
	if root := w.comments[c.Root]; root != nil {
		root.replies = append(root.replies, c.ID)
		root.aliveReplies++
	} else {
		p.roots = append(p.roots, c.ID)
	}
	s.emit(w.owner, "wall_reply_new", commentEvent(c))
	return c, nil
}

// EditComment changes a comment's text.
func (s *Server) EditComment(owner, id int, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.comment(owner, id)
	if c == nil {
		return ErrNotFound
	}
	c.Text, c.Edited = text, s.now()
	s.emit(owner, "wall_reply_edit", commentEvent(c))
	return nil
}

// DeleteComment marks a comment deleted.
func (s *Server) DeleteComment(owner, id int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.setDeleted(owner, id, true)
}

// RestoreComment brings a deleted comment back.
func (s *Server) RestoreComment(owner, id int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.setDeleted(owner, id, false)
}

func (s *Server) setDeleted(owner, id int, deleted bool) error {
	w := s.walls[owner]
	if w == nil || w.comments[id] == nil || w.comments[id].Deleted == deleted {
		return ErrNotFound
	}
	c, step := w.comments[id], 1
	if deleted {
		step = -1
	}
	c.Deleted = deleted
	w.posts[c.PostID].alive += step
	if root := w.comments[c.Root]; root != nil {
		root.aliveReplies += step
	}
	if deleted {
		s.emit(owner, "wall_reply_delete", map[string]any{
			"owner_id": owner, "id": id, "deleter_id": c.FromID, "post_id": c.PostID,
		})
	} else {
		s.emit(owner, "wall_reply_restore", commentEvent(c))
	}
	return nil
}

func (s *Server) dateOr(d time.Time) time.Time {
	if d.IsZero() {
		d = s.now()
	}
	// The network counts whole seconds.
	return d.Truncate(time.Second)
}

// post returns a post that stands, or nil.
func (s *Server) post(owner, id int) *Post {
	w := s.walls[owner]
	if w == nil || w.posts[id] == nil || w.posts[id].Deleted {
		return nil
	}
	return w.posts[id]
}

// comment returns a comment that stands, or nil.
func (s *Server) comment(owner, id int) *Comment {
	w := s.walls[owner]
	if w == nil || w.comments[id] == nil || w.comments[id].Deleted {
		return nil
	}
	return w.comments[id]
}
