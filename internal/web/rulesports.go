package web

import (
	"context"
	"time"

	"otklik/internal/rights"
	"otklik/internal/rules"
)

// RuleBook keeps rules and lists with all their versions.
type RuleBook interface {
	RuleSet(ctx context.Context) (rules.Set, error)
	// RuleVersions returns a rule's versions, the newest first. Errors: NotFound.
	RuleVersions(ctx context.Context, id string) ([]rules.Rule, error)
	// ListVersions returns a list's versions, the newest first. Errors: NotFound.
	ListVersions(ctx context.Context, name string) ([]rules.List, error)
	// MoveRule puts a rule before another one, "" for the end. Errors: Forbidden, NotFound.
	MoveRule(ctx context.Context, by rights.Actor, id, before string, now time.Time) error
	// ChangeRules writes what decide says; a since that is not zero asks for a
	// scan of history back to it. Errors: those of decide.
	ChangeRules(ctx context.Context, since, now time.Time, decide func(rules.Set) (rules.Change, error)) (rules.Change, error)
}

// RuleScans meets rules with what was stored before them.
type RuleScans interface {
	RuleQuality(ctx context.Context, since time.Time) (map[string]rules.Quality, error)
	LastScan(ctx context.Context, ruleID string) (rules.Scan, bool, error)
	CancelScan(ctx context.Context, by rights.Actor, ruleID string, now time.Time) error
}

// RuleOffers are messages that scans found and nobody has looked at.
type RuleOffers interface {
	Offered(ctx context.Context, ruleID string, limit int) ([]rules.Offer, int, error)
	// OpenOffered makes cases and says of how many. Errors: Forbidden, NotFound.
	OpenOffered(ctx context.Context, by rights.Actor, ruleID string, itemIDs []string, now time.Time) (int, error)
	DismissOffered(ctx context.Context, by rights.Actor, ruleID string, itemIDs []string, now time.Time) (int, error)
}

// Rules is what the page of rules needs.
type Rules struct {
	Book   RuleBook
	Scans  RuleScans
	Offers RuleOffers
	Trials *rules.Trials
	// Changed is called after rules were saved.
	Changed func()
}

func (r Rules) lacking() bool {
	return r.Book == nil || r.Scans == nil || r.Offers == nil || r.Trials == nil || r.Changed == nil
}
