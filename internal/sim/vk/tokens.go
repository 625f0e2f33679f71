package vk

import (
	"fmt"
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
	UserID      int       `json:"user_id,omitempty"`
	// Scopes of a community token; nil means all that the simulator knows.
	Scopes []string `json:"scopes,omitempty"`
}

type token struct {
	Token
	calls []time.Time // of the last second
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
	return t.Kind != ServiceToken && t.CommunityID == groupID && groupID != 0
}

// tooMany counts a call and says whether it is above the limit of a sliding second.
func (t *token) tooMany(now time.Time) bool {
	limit := map[TokenKind]int{ServiceToken: 5, CommunityToken: 20, UserToken: 3}[t.Kind]
	kept := t.calls[:0]
	for _, at := range t.calls {
		if now.Sub(at) < time.Second {
			kept = append(kept, at)
		}
	}
	t.calls = kept
	if len(t.calls) >= limit {
		return true
	}
	t.calls = append(t.calls, now)
	return false
}
