package web

import (
	"context"
	"time"

	"otklik/incidents"
	"otklik/index"
	"otklik/internal/finding"
	"otklik/internal/rights"
)

// ArchiveSearch asks the archive.
type ArchiveSearch interface {
	// Search returns a page of what was found. Errors: Invalid with the place
	// and the mend of a mistake in the words.
	Search(ctx context.Context, q index.Query) (index.Found, error)
	// Rebuilding says that the archive is being built anew, and how far.
	Rebuilding() (note, cursor string, ok bool)
}

// FoundItems reads what the archive found.
type FoundItems interface {
	// FoundItems returns items by their ids, in that order.
	FoundItems(ctx context.Context, ids []string) ([]finding.Item, error)
	// FoundItem returns one item with all its texts. Errors: NotFound.
	FoundItem(ctx context.Context, id string) (finding.Item, []incidents.Version, error)
}

// SavedSearches are those that people come back to.
type SavedSearches interface {
	SavedSearches(ctx context.Context, personID string) ([]finding.Saved, error)
	SaveSearch(ctx context.Context, by rights.Actor, x finding.Saved, now time.Time) (string, error)
	ForgetSearch(ctx context.Context, by rights.Actor, id string, now time.Time) error
	LookAtSearch(ctx context.Context, personID, id string, now time.Time) error
}

// Upkeep is what an administrator asks of the archive.
type Upkeep interface {
	WishReindex(ctx context.Context, by rights.Actor, now time.Time) error
	KeepMonths(ctx context.Context, by rights.Actor, months int, now time.Time) error
	ArchiveWishes(ctx context.Context) (wish int64, months int, newest int64, err error)
	ArchiveChecks(ctx context.Context, limit int) ([]finding.Check, error)
}

// Searching is what the page Поиск needs.
type Searching struct {
	Archive ArchiveSearch
	Items   FoundItems
	Saved   SavedSearches
	Upkeep  Upkeep
}

func (x Searching) lacking() bool {
	return x.Archive == nil || x.Items == nil || x.Saved == nil || x.Upkeep == nil
}
