package vk

import (
	"fmt"
	"slices"
	"time"
)

// TokenKind is whose key it is.
type TokenKind string

const (
	ServiceToken   TokenKind = "service"
	CommunityToken TokenKind = "community"
	UserToken      TokenKind = "user"
)

// Token is a key that the network accepts. A community token belongs to
// CommunityID; a user token belongs to UserID, who administers CommunityID if
// that is not zero.
type Token struct {
	Value       string    `json:"token"`
	Kind        TokenKind `json:"kind"`
	CommunityID int       `json:"community_id,omitempty"`
	// Also are further communities that the person of a user token administers.
	Also   []int `json:"also,omitempty"`
	UserID int   `json:"user_id,omitempty"`
	// Scopes of a community or a user token; nil means all that the simulator knows.
	Scopes []string `json:"scopes,omitempty"`
	// VKID marks a user token of the new VK ID (vk2.a.*), with which wall.post
	// answers 1051: gitroomhq/postiz-app#1408.
	VKID bool `json:"vk_id,omitempty"`
}

type token struct {
	Token
	calls []time.Time            // of the last second
	days  map[string][]time.Time // of the last day, by the methods that are counted
}

// AddToken makes a key valid.
func (s *Server) AddToken(t Token) error {
	switch {
	case t.Value == "":
		return fmt.Errorf("vk simulator: a token needs a value")
	case t.Kind != ServiceToken && t.Kind != CommunityToken && t.Kind != UserToken:
		return fmt.Errorf("vk simulator: unknown token kind %q", t.Kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Kind == CommunityToken && s.communities[t.CommunityID] == nil {
		return fmt.Errorf("vk simulator: community %d: %w", t.CommunityID, ErrNotFound)
	}
	s.tokens[t.Value] = &token{Token: t}
	return nil
}

// RevokeToken makes a key invalid.
func (s *Server) RevokeToken(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, value)
}

// scopeBits are the rights of a community token by their bits in the mask.
func scopeBits() map[string]int {
	return map[string]int{
		"stories": 1, "photos": 4, "messages": 4096, "wall": 8192, "docs": 131072, "manage": 262144,
	}
}

func (t *token) may(scope string) bool {
	if t.Scopes == nil {
		return true
	}
	for _, s := range t.Scopes {
		if s == scope {
			return true
		}
	}
	return false
}

// speaksFor says that the token may act for the community.
func (t *token) speaksFor(groupID int) bool {
	return t.Kind != ServiceToken && groupID != 0 && (t.CommunityID == groupID || t.Kind == UserToken && slices.Contains(t.Also, groupID))
}

// perSecond is how many calls a kind of token has in a sliding second.
func (s *Server) perSecond(kind TokenKind) int {
	switch kind {
	case ServiceToken:
		return s.switches.servicePerSecond()
	case CommunityToken:
		return 20
	}
	return 3
}

// tooMany counts a call and says whether it is above the limit of a sliding second.
func (t *token) tooMany(now time.Time, limit int) (over bool) {
	t.calls, over = count(t.calls, now, time.Second, limit)
	return over
}

// usedUp counts a call and says whether the method's day is used up.
func (t *token) usedUp(method string, now time.Time) (over bool) {
	limit := perDay(method)
	if limit == 0 {
		return false
	}
	if t.days == nil {
		t.days = map[string][]time.Time{}
	}
	t.days[method], over = count(t.days[method], now, 24*time.Hour, limit)
	return over
}

// count adds a moment to a sliding window, unless that is full.
func count(window []time.Time, now time.Time, length time.Duration, limit int) ([]time.Time, bool) {
	first := 0
	for first < len(window) && now.Sub(window[first]) >= length {
		first++
	}
	window = window[first:]
	if len(window) >= limit {
		return window, true
	}
	return append(window, now), false
}
