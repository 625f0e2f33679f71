package vk

import (
	"slices"
	"strconv"
	"strings"
)

// communityOf finds a community by id or screen name.
func (s *Server) communityOf(name string) *community {
	if id, err := strconv.Atoi(name); err == nil {
		return s.communities[id]
	}
	for _, c := range s.communities {
		if c.ScreenName == name {
			return c
		}
	}
	return nil
}

func (s *Server) groupsGetByID(c *call) (any, *apiError) {
	names := c.list("group_ids")
	if one := c.params.Get("group_id"); one != "" {
		names = append(names, one)
	}
	if len(names) == 0 && c.token.Kind == CommunityToken {
		names = []string{strconv.Itoa(c.token.CommunityID)}
	}
	if len(names) == 0 || len(names) > 500 {
		return nil, badParam("group_ids is undefined")
	}
	out := []object{}
	for _, name := range names {
		if g := s.communityOf(name); g != nil {
			o := groupObject(g)
			if c.set("fields")["members_count"] {
				o["members_count"] = len(g.members) + g.Followers
			}
			out = append(out, c.managed(o))
		}
	}
	if len(out) == 0 {
		return nil, badParam("group_ids is undefined")
	}
	return out, nil
}

// own returns the community of the call's group_id, if the token acts for it.
func (s *Server) own(c *call) (*community, *apiError) {
	id := c.int("group_id")
	if id <= 0 {
		return nil, badParam("group_id is undefined")
	}
	g := s.communities[id]
	if g == nil || !c.token.speaksFor(id) {
		return nil, denied("no access to this group")
	}
	return g, nil
}

func (s *Server) groupsGetLongPollServer(c *call) (any, *apiError) {
	g, failure := s.own(c)
	if failure != nil {
		return nil, failure
	}
	if !c.token.may("manage") {
		return nil, denied("group manage rights are required")
	}
	if !g.enabled {
		return nil, badParam("longpoll for this group is not enabled")
	}
	return object{
		"key": s.newKey(g), "server": s.opt.BaseURL() + "/longpoll/" + strconv.Itoa(g.ID),
		"ts": strconv.Itoa(g.ts()),
	}, nil
}

func (s *Server) groupsGetLongPollSettings(c *call) (any, *apiError) {
	g, failure := s.own(c)
	if failure != nil {
		return nil, failure
	}
	return object{"is_enabled": g.enabled, "api_version": APIVersion, "events": eventSettings(g.wanted)}, nil
}

func (s *Server) groupsSetLongPollSettings(c *call) (any, *apiError) {
	g, failure := s.own(c)
	if failure != nil {
		return nil, failure
	}
	if !c.token.may("manage") {
		return nil, denied("group manage rights are required")
	}
	if c.params.Has("enabled") {
		g.enabled = c.bool("enabled")
	}
	for _, name := range sentEvents() {
		if c.params.Has(name) {
			g.wanted[name] = c.bool(name)
		}
	}
	return 1, nil
}

func (s *Server) groupsGetTokenPermissions(c *call) (any, *apiError) {
	mask, list := 0, []object{}
	for name, bit := range scopeBits() {
		if c.token.may(name) {
			mask |= bit
			list = append(list, object{"name": name, "setting": bit})
		}
	}
	return object{"mask": mask, "permissions": list}, nil
}

func (s *Server) usersGet(c *call) (any, *apiError) {
	names := c.list("user_ids")
	if len(names) == 0 && c.token.Kind == UserToken {
		names = []string{strconv.Itoa(c.token.UserID)}
	}
	if len(names) > 1000 {
		return nil, badParam("user_ids should be less than 1000")
	}
	fields, out := c.set("fields"), []object{}
	for _, name := range names {
		if u := s.userOf(strings.TrimSpace(name)); u != nil {
			out = append(out, userObject(u, fields))
		}
	}
	return out, nil
}

func (s *Server) userOf(name string) *User {
	if id, err := strconv.Atoi(name); err == nil {
		return s.users[id]
	}
	for _, u := range s.users {
		if u.ScreenName == name {
			return u
		}
	}
	return nil
}

func (s *Server) utilsResolveScreenName(c *call) (any, *apiError) {
	name := c.params.Get("screen_name")
	if name == "" {
		return nil, badParam("screen_name is undefined")
	}
	if _, err := strconv.Atoi(name); err == nil {
		return []any{}, nil
	}
	if g := s.communityOf(name); g != nil {
		return object{"type": "group", "object_id": g.ID}, nil
	}
	if u := s.userOf(name); u != nil {
		return object{"type": "user", "object_id": u.ID}, nil
	}
	// The network answers with an empty array where nothing was found.
	return []any{}, nil
}

// window cuts a page out of a list.
func window(ids []int, offset, count int) []int {
	offset = min(max(offset, 0), len(ids))
	return slices.Clone(ids[offset:min(offset+count, len(ids))])
}
