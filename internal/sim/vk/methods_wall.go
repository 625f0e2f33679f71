package vk

import (
	"slices"
	"strconv"
	"strings"
)

// wallOf finds the wall of a call by owner_id or domain; a user who names none
// means their own.
func (s *Server) wallOf(c *call) (*wall, *apiError) {
	owner := c.int("owner_id")
	if domain := c.params.Get("domain"); owner == 0 && domain != "" {
		if g := s.communityOf(domain); g != nil {
			owner = -g.ID
		} else if u := s.userOf(domain); u != nil {
			owner = u.ID
		}
	}
	if owner == 0 && !c.params.Has("domain") {
		owner = c.viewer()
	}
	if owner == 0 {
		return nil, badParam("owner_id is undefined")
	}
	w := s.walls[owner]
	if w == nil {
		return nil, denied("no access to this wall")
	}
	return w, nil
}

// count reads a page size of at most limit; zero and nonsense mean usual.
func (c *call) count(usual, limit int) int {
	n := c.int("count")
	if n <= 0 {
		n = usual
	}
	return min(n, limit)
}

func (s *Server) wallGet(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	shown, failure := w.shown(c)
	if failure != nil {
		return nil, failure
	}
	return s.postPage(c, w, shown, c.int("offset"), c.count(20, 100)), nil
}

// shown are the posts that wall.get lists: the pinned one, then newest first.
func (w *wall) shown(c *call) ([]int, *apiError) {
	filter, want := c.params.Get("filter"), "post"
	switch filter {
	case "", "all", "owner", "others", "archived", "donut":
	case "postponed", "suggests":
		if !mine(c, w.owner, w.owner) {
			return nil, denied("user should be group editor")
		}
		want = map[string]string{"postponed": "postpone", "suggests": "suggest"}[filter]
	default:
		return nil, badParam("filter is invalid")
	}
	pinned, out := []int{}, []int{}
	for _, id := range slices.Backward(w.order) {
		p := w.posts[id]
		hidden := p.Deleted || p.Type != want || filter == "owner" && p.FromID != w.owner ||
			filter == "others" && p.FromID == w.owner || filter == "archived" || filter == "donut"
		switch {
		case hidden:
		case p.Pinned:
			pinned = append(pinned, id)
		default:
			out = append(out, id)
		}
	}
	return append(pinned, out...), nil
}

// postPage is one page of a list of a wall's posts.
func (s *Server) postPage(c *call, w *wall, list []int, offset, count int) object {
	items, ids := []object{}, map[int]bool{w.owner: true}
	for _, id := range window(list, offset, count) {
		items = append(items, s.postObject(w.posts[id], c.viewer()))
		ids[w.posts[id].FromID] = true
	}
	answer := object{"count": len(list), "items": items}
	if c.bool("extended") {
		s.extended(answer, ids, c.set("fields"))
	}
	return answer
}

func (s *Server) wallGetByID(c *call) (any, *apiError) {
	names := c.list("posts")
	if len(names) == 0 || len(names) > 100 {
		return nil, badParam("posts is undefined")
	}
	items, ids := []object{}, map[int]bool{}
	for _, name := range names {
		owner, id, _ := strings.Cut(name, "_")
		o, errO := strconv.Atoi(owner)
		n, errN := strconv.Atoi(id)
		if p := s.post(o, n); errO == nil && errN == nil && p != nil {
			items = append(items, s.postObject(p, c.viewer()))
			ids[p.FromID], ids[p.OwnerID] = true, true
		}
	}
	if c.bool("extended") {
		return s.extended(object{"items": items}, ids, c.set("fields")), nil
	}
	return items, nil
}

// visible drops the deleted comments that have nothing standing under them:
// the network shows a deleted one only to hold its thread.
func (w *wall) visible(ids []int) []int {
	out := make([]int, 0, len(ids))
	for _, id := range ids {
		if c := w.comments[id]; !c.Deleted || c.aliveReplies > 0 {
			out = append(out, id)
		}
	}
	return out
}

func (s *Server) wallGetComments(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	level, total, failure := w.level(c)
	if failure != nil {
		return nil, failure
	}
	preview := 90
	if c.params.Has("preview_length") {
		preview = c.int("preview_length")
	}
	threadItems := c.int("thread_items_count")
	if threadItems < 0 || threadItems > 10 {
		return nil, badParam("thread_items_count should be between 0 and 10")
	}
	if c.params.Get("sort") == "desc" {
		slices.Reverse(level)
	}
	offset := c.int("offset")
	if start := c.int("start_comment_id"); start != 0 {
		offset += max(slices.Index(level, start), 0)
	}
	items, ids := []object{}, map[int]bool{w.owner: true}
	for _, id := range window(level, offset, c.count(10, 100)) {
		items = append(items, s.commentItem(c, w, id, commentView{preview, threadItems}, ids))
	}
	answer := object{
		"count": total, "items": items, "current_level_count": len(level),
		"can_post": true, "show_reply_button": true, "groups_can_post": true,
	}
	if c.bool("extended") {
		s.extended(answer, ids, c.set("fields"))
	}
	return answer, nil
}

// level returns the comments that the call pages through, the first level of a
// post or one thread, and how many there are in all.
func (w *wall) level(c *call) (ids []int, total int, failure *apiError) {
	if id := c.int("comment_id"); id != 0 {
		root := w.comments[id]
		if root == nil || root.Root != 0 || root.Deleted && root.aliveReplies == 0 {
			return nil, 0, badParam("comment_id is invalid")
		}
		return w.visible(root.replies), root.aliveReplies, nil
	}
	p := w.posts[c.int("post_id")]
	if p == nil || p.Deleted {
		return nil, 0, denied("post was not found check post_id param")
	}
	return w.visible(p.roots), p.alive, nil
}

// commentView is how much a listing shows of a comment.
type commentView struct{ preview, replies int }

func (s *Server) commentItem(c *call, w *wall, id int, v commentView, ids map[int]bool) object {
	k := w.comments[id]
	ids[k.FromID] = true
	o := commentObject(k, v.preview)
	if c.bool("need_likes") {
		o["likes"] = s.likesObject(Thing{"comment", w.owner, id}, c.viewer())
	}
	if k.Root != 0 {
		return o
	}
	replies := []object{}
	for _, r := range window(w.visible(k.replies), 0, v.replies) {
		replies = append(replies, s.commentItem(c, w, r, commentView{preview: v.preview}, ids))
	}
	o["thread"] = threadObject(k.aliveReplies, replies)
	return o
}

func (s *Server) wallGetComment(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	k := s.comment(w.owner, c.int("comment_id"))
	if k == nil {
		return nil, denied("comment was not found")
	}
	answer := object{"items": []object{commentObject(k, 0)}}
	if c.bool("extended") {
		s.extended(answer, map[int]bool{k.FromID: true}, c.set("fields"))
	}
	return answer, nil
}
