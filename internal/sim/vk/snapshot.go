package vk

import (
	"cmp"
	"slices"
)

// ThreadState is one post with all its comments, deleted ones included, in the
// order in which a person reads them: each thread after its first comment.
type ThreadState struct {
	Post     Post      `json:"post"`
	Comments []Comment `json:"comments"`
}

// WallState is a whole wall, newest post first.
type WallState struct {
	OwnerID int           `json:"owner_id"`
	Threads []ThreadState `json:"threads"`
}

// Thread returns a copy of one post and its comments.
func (s *Server) Thread(owner, post int) (ThreadState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.walls[owner]
	if w == nil || w.posts[post] == nil {
		return ThreadState{}, false
	}
	return w.thread(post), true
}

// Wall returns a copy of all that stands or stood on a wall.
func (s *Server) Wall(owner int) (WallState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.walls[owner]
	if w == nil {
		return WallState{}, false
	}
	out := WallState{OwnerID: owner, Threads: []ThreadState{}}
	for _, id := range slices.Backward(w.order) {
		out.Threads = append(out.Threads, w.thread(id))
	}
	return out, true
}

// Communities returns all communities by id.
func (s *Server) Communities() []Community {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Community, 0, len(s.communities))
	for _, c := range s.communities {
		out = append(out, c.Community)
	}
	slices.SortFunc(out, func(a, b Community) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Users returns all users by id.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]User, 0, len(s.users))
	for _, u := range s.users {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b User) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (w *wall) thread(post int) ThreadState {
	p := *w.posts[post]
	out := ThreadState{Post: p, Comments: []Comment{}}
	for _, id := range p.roots {
		root := w.comments[id]
		out.Comments = append(out.Comments, *root)
		for _, r := range root.replies {
			out.Comments = append(out.Comments, *w.comments[r])
		}
	}
	return out
}
