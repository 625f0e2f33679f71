package sources

import (
	"context"

	"otklik/collectors"
)

// Candidate is a page with keys that somebody wants to connect or to change.
type Candidate struct {
	Kind Kind
	// Address is what a person typed; ExternalID is set for a page that is
	// connected already.
	Address    string
	ExternalID string
	Settings   Settings
	Secrets    map[KeyKind]string
}

// KeyFinding is what the network said of one key.
type KeyFinding struct {
	Abilities []collectors.Ability
	Trouble   string // why it is of no use, a sentence; empty if it is
}

// Found is what the network said of a candidate.
type Found struct {
	ExternalID string
	Title      string
	URL        string
	ChannelID  int64
	Abilities  []collectors.Ability // of all keys together
	Keys       map[KeyKind]KeyFinding
}

// Checker asks the networks about a candidate and changes nothing there.
// Errors: Invalid when the address names no page; Unavailable when the network
// does not answer, so that nothing is known of the keys.
type Checker interface {
	Check(ctx context.Context, c Candidate) (Found, error)
}
