package web

import (
	"context"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/media"
	"otklik/internal/rights"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// Plan is where the pages read the plan from.
type Plan interface {
	Plan(ctx context.Context, f publisher.Filter) (publisher.List, error)
	// PlanFacets lists the rubrics and authors of what was planned since a moment.
	PlanFacets(ctx context.Context, since time.Time) (publisher.Facets, error)
	// PlanWaits counts what waits for a person.
	PlanWaits(ctx context.Context, personID string) (publisher.Waits, error)
	// RecentTexts lists what a new text is compared with, except for one post.
	RecentTexts(ctx context.Context, since time.Time, except string) ([]publisher.Recent, error)
}

// Posts is where the pages read single posts from.
type Posts interface {
	// PostView returns all that the page of a post shows. Errors: NotFound.
	PostView(ctx context.Context, id string) (publisher.View, error)
	// PostByNumber returns the id of a post. Errors: NotFound.
	PostByNumber(ctx context.Context, number int64) (string, error)
	// Stopped lists what of a post waits for a person in the ledger.
	Stopped(ctx context.Context, postID string) ([]delivery.Delivery, error)
}

// Editing keeps what the editor has at hand besides posts.
type Editing interface {
	// SaveUnsaved keeps what a person has written; no fields remove it.
	SaveUnsaved(ctx context.Context, u publisher.Unsaved, now time.Time) error
	Unsaved(ctx context.Context, postID, personID string) (publisher.Unsaved, bool, error)
	// KeepUpload stores a photo for posts.
	KeepUpload(ctx context.Context, by rights.Actor, name string, p media.Picture, now time.Time) (publisher.Upload, error)
	Uploads(ctx context.Context, hashes []string) (map[string]publisher.Upload, error)
}

// PostTemplates keeps contents to begin posts with.
type PostTemplates interface {
	PostTemplates(ctx context.Context) ([]publisher.Template, error)
	SavePostTemplate(ctx context.Context, t publisher.Template, now time.Time) (publisher.Template, error)
	// DropPostTemplate forgets a template. Errors: NotFound.
	DropPostTemplate(ctx context.Context, id string, now time.Time) error
}

// SeriesBook keeps posts that repeat.
type SeriesBook interface {
	Series(ctx context.Context, id string) (publisher.Series, error)
	AllSeries(ctx context.Context) ([]publisher.Series, error)
	ChangeSeries(ctx context.Context, id string, expect int, now time.Time, decide func(publisher.Series) (publisher.Series, error)) (publisher.Series, error)
	// UnfoldSeries makes the occurrences up to the horizon.
	UnfoldSeries(ctx context.Context, id string, days workcal.Calendar, f publisher.Facts, horizon time.Duration) (int, error)
}

// Halts keeps the stops of what leaves.
type Halts interface {
	// Halts lists the stops that hold now.
	Halts(ctx context.Context) ([]publisher.Halt, error)
	AddHalt(ctx context.Context, h publisher.Halt, now time.Time) error
	EndHalt(ctx context.Context, id string, now time.Time, decide func(publisher.Halt) (publisher.Halt, error)) error
	// HeldPosts lists scheduled posts that a stop of the pages holds; no pages
	// stand for all.
	HeldPosts(ctx context.Context, pageIDs []string, limit int) ([]publisher.Post, error)
	// HeldDeliveries lists what stands in the ledger and is covered by one of the
	// stops.
	HeldDeliveries(ctx context.Context, halts []publisher.Halt, limit int) ([]delivery.Delivery, error)
}

// Planning is what the press officer's pages need.
type Planning struct {
	Plan      Plan
	Posts     Posts
	Desk      *publisher.Desk
	Register  publisher.Register
	Editing   Editing
	Templates PostTemplates
	Series    SeriesBook
	Halts     Halts
	// Days is the calendar of working days.
	Days workcal.Calendar
	// Changed tells whoever sends posts that there may be something to send.
	Changed func()
}

func (p Planning) lacking() bool {
	return p.Plan == nil || p.Posts == nil || p.Desk == nil || p.Register == nil || p.Editing == nil || p.Templates == nil ||
		p.Series == nil || p.Halts == nil || p.Changed == nil
}
