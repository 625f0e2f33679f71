package vk

import (
	"cmp"
	"slices"
	"strings"
)

// Join makes a user a member of a community, Leave ends that.
func (s *Server) Join(groupID, user int) error { return s.setMember(groupID, user, true) }

// Leave ends a user's membership.
func (s *Server) Leave(groupID, user int) error { return s.setMember(groupID, user, false) }

func (s *Server) setMember(groupID, user int, member bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.communities[groupID]
	if g == nil || s.users[user] == nil {
		return ErrNotFound
	}
	_, known := g.members[user]
	switch {
	case member && !known:
		g.members[user] = s.now()
		s.emit(-groupID, "group_join", object{"user_id": user, "join_type": "join"})
	case !member && known:
		delete(g.members, user)
		s.emit(-groupID, "group_leave", object{"user_id": user, "self": 1})
	}
	return nil
}

func (s *Server) groupsGetMembers(c *call) (any, *apiError) {
	g := s.communityOf(c.params.Get("group_id"))
	if g == nil {
		return nil, &apiError{125, "Invalid group id"}
	}
	if filter := c.params.Get("filter"); filter != "" {
		return s.managers(c, g, filter)
	}
	ids, sort := []int{}, c.params.Get("sort")
	for id := range g.members {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b int) int {
		if strings.HasPrefix(sort, "time_") {
			if d := g.members[a].Compare(g.members[b]); d != 0 {
				return d
			}
		}
		return cmp.Compare(a, b)
	})
	if strings.HasSuffix(sort, "_desc") {
		slices.Reverse(ids)
	}
	total := len(ids)
	ids = window(ids, c.int("offset"), c.count(1000, 1000))
	fields := c.set("fields")
	if len(fields) == 0 {
		return object{"count": total, "items": ids}, nil
	}
	items := []object{}
	for _, id := range ids {
		items = append(items, userObject(s.users[id], fields))
	}
	return object{"count": total, "items": items}, nil
}

// managers are the users whose tokens administer the community.
func (s *Server) managers(c *call, g *community, filter string) (any, *apiError) {
	if filter != "managers" || !c.token.speaksFor(g.ID) {
		return nil, denied("no access to this filter")
	}
	ids := []int{}
	for _, t := range s.tokens {
		if t.Kind == UserToken && t.CommunityID == g.ID && !slices.Contains(ids, t.UserID) {
			ids = append(ids, t.UserID)
		}
	}
	slices.Sort(ids)
	items := []object{}
	for _, id := range window(ids, c.int("offset"), c.count(1000, 1000)) {
		items = append(items, object{"id": id, "role": "administrator"})
	}
	return object{"count": len(ids), "items": items}, nil
}

func (s *Server) groupsIsMember(c *call) (any, *apiError) {
	g := s.communityOf(c.params.Get("group_id"))
	if g == nil {
		return nil, badParam("group_id is undefined")
	}
	member := func(id int) int {
		_, ok := g.members[id]
		return flag(ok)
	}
	if ids := c.ints("user_ids"); len(ids) > 0 {
		out := []object{}
		for _, id := range ids {
			o := object{"user_id": id, "member": member(id)}
			if c.bool("extended") {
				o["can_invite"] = flag(member(id) == 0)
			}
			out = append(out, o)
		}
		return out, nil
	}
	id := c.int("user_id")
	if id == 0 {
		id = c.viewer()
	}
	if id == 0 {
		return nil, badParam("user_id is undefined")
	}
	if c.bool("extended") {
		return object{"member": member(id), "can_invite": flag(member(id) == 0)}, nil
	}
	return member(id), nil
}

func (s *Server) utilsGetServerTime(*call) (any, *apiError) { return unix(s.now()), nil }
