package vk

// Switches choose between what VK's documents say and what live reports tell.
// The zero value is what reports of 2025 and 2026 describe.
type Switches struct {
	// CommunityCannotPost makes wall.post refuse a community's token with error
	// 27, as the schema's access_token_type has it. Otherwise it posts a text
	// from the community, as reported live: gitroomhq/postiz-app#1408
	// (2026-07-25), trypostit/trypost#311 (2026-08-30).
	CommunityCannotPost bool `json:"community_cannot_post"`
	// ImageCaptcha gives error 14 its image alone, as the older documents say.
	// Otherwise it carries redirect_uri, and the image says nothing:
	// negezor/vk-io#581, python273/vk_api#536 (both 2025-07).
	ImageCaptcha bool `json:"image_captcha"`
	// ServicePerSecond is how often a service token may call; zero means 5, as
	// copies of VK's documents say for applications below 10,000 users. Older
	// documents said 3.
	ServicePerSecond int `json:"service_per_second"`
	// PostsPerDay is how many posts a wall takes in a day; zero means 500
	// (vk.com/wall-59800369_175307, through SevereCloud/vk-limits). An older
	// report of error 214 names 50: vknet/vk#597.
	PostsPerDay int `json:"posts_per_day"`
}

func (w Switches) servicePerSecond() int {
	if w.ServicePerSecond > 0 {
		return w.ServicePerSecond
	}
	return 5
}

func (w Switches) postsPerDay() int {
	if w.PostsPerDay > 0 {
		return w.PostsPerDay
	}
	return 500
}

// Switches returns how the simulator is set.
func (s *Server) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.switches
}

// SetSwitches sets all switches.
func (s *Server) SetSwitches(w Switches) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = w
}
