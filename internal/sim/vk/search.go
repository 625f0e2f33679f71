package vk

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// matches says that every word of the query stands in the text. The network
// also knows word forms; nothing here depends on them.
func matches(text, query string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (s *Server) wallSearch(c *call) (any, *apiError) {
	w, failure := s.wallOf(c)
	if failure != nil {
		return nil, failure
	}
	query := c.params.Get("query")
	if strings.TrimSpace(query) == "" {
		return nil, badParam("query is undefined")
	}
	found := []int{}
	for _, id := range slices.Backward(w.order) {
		p := w.posts[id]
		if !p.Deleted && p.Type == "post" && matches(p.Text, query) && (!c.bool("owners_only") || p.FromID == w.owner) {
			found = append(found, id)
		}
	}
	return s.postPage(c, w, found, c.int("offset"), c.count(20, 100)), nil
}

// newsfeedSearch looks through all walls. Like the network it gives at most
// 1000 posts of a query, in pages that next_from links.
func (s *Server) newsfeedSearch(c *call) (any, *apiError) {
	const reachable = 1000
	query := c.params.Get("q")
	if strings.TrimSpace(query) == "" {
		return nil, badParam("q is undefined")
	}
	now := s.now()
	from, to := now.Add(-24*time.Hour), now
	if at := c.int("start_time"); at > 0 {
		from = time.Unix(int64(at), 0)
	}
	if at := c.int("end_time"); at > 0 {
		to = time.Unix(int64(at), 0)
	}
	found := s.between(from, to, query)
	offset, _, _ := strings.Cut(c.params.Get("start_from"), "/")
	start, _ := strconv.Atoi(offset)
	start = min(max(start, 0), len(found))
	end := min(start+c.count(30, 200), len(found), max(reachable, start))
	items, ids := []object{}, map[int]bool{}
	for _, p := range found[start:end] {
		items = append(items, s.postObject(p, c.viewer()))
		ids[p.OwnerID], ids[p.FromID] = true, true
	}
	answer := object{"items": items, "count": min(len(found), reachable), "total_count": len(found)}
	if end < min(len(found), reachable) {
		last := found[end-1]
		answer["next_from"] = strconv.Itoa(end) + "/" + strconv.Itoa(last.OwnerID) + "_" + strconv.Itoa(last.ID)
	}
	if c.bool("extended") {
		s.extended(answer, ids, c.set("fields"))
	}
	return answer, nil
}

// between are the posts of all walls that match, newest first.
func (s *Server) between(from, to time.Time, query string) []*Post {
	out := []*Post{}
	for _, w := range s.walls {
		for _, p := range w.posts {
			if !p.Deleted && p.Type == "post" && !p.Date.Before(from) && !p.Date.After(to) && matches(p.Text, query) {
				out = append(out, p)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Post) int {
		if d := b.Date.Compare(a.Date); d != 0 {
			return d
		}
		if a.OwnerID != b.OwnerID {
			return a.OwnerID - b.OwnerID
		}
		return b.ID - a.ID
	})
	return out
}
