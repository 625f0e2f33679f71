package vk

// userScopeBits are the rights of a user token by their bits in the mask.
func userScopeBits() map[string]int {
	return map[string]int{"photos": 4, "video": 16, "wall": 8192, "docs": 131072, "groups": 262144, "stats": 1048576}
}

func (s *Server) accountGetAppPermissions(c *call) (any, *apiError) {
	if id := c.int("user_id"); id != c.token.UserID {
		return nil, denied("no access to this user")
	}
	mask := 0
	for name, bit := range userScopeBits() {
		if c.token.may(name) {
			mask |= bit
		}
	}
	return mask, nil
}

// managed adds to a community what it is to the person who asks.
func (c *call) managed(group object) object {
	if c.token.Kind != UserToken {
		return group
	}
	group["is_admin"] = 0
	if id, ok := group["id"].(int); ok && c.token.speaksFor(id) {
		group["is_admin"], group["admin_level"] = 1, 3
	}
	return group
}
