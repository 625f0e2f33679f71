package web

import (
	"context"
	"time"

	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/sources"
	"otklik/publisher"
)

// PageBook keeps what people say of pages, and when posts stand on them.
type PageBook interface {
	// SavePage writes what people say of a page. Errors: Forbidden, NotFound, Invalid.
	SavePage(ctx context.Context, by rights.Actor, p publisher.Page, now time.Time) error
	// Registry lists the pages that are connected, with what is known of their keys.
	Registry(ctx context.Context) ([]sources.Source, error)
	// PostMoments lists when posts came onto each page in [from, to).
	PostMoments(ctx context.Context, from, to time.Time) (map[string][]time.Time, error)
	// PlannedMoments lists when approved posts will leave for each page in [from, to).
	PlannedMoments(ctx context.Context, from, to time.Time) (map[string][]time.Time, error)
}

// PollBook keeps polls.
type PollBook interface {
	// Poll returns one poll. Errors: NotFound.
	Poll(ctx context.Context, id string) (publisher.Poll, error)
	// Polls lists polls, the newest first.
	Polls(ctx context.Context, limit, offset int) ([]publisher.Poll, error)
	// Snapshots lists what was seen of a poll over time.
	Snapshots(ctx context.Context, pollID string) ([]publisher.Snapshot, error)
	// ClosePoll closes a poll on all its pages. Errors: NotFound, Forbidden.
	ClosePoll(ctx context.Context, by rights.Actor, id string, now time.Time) (publisher.Poll, error)
}

// PostFigures tells what was counted under posts.
type PostFigures interface {
	// Figures lists the posts that came onto pages in [from, to), the oldest first.
	Figures(ctx context.Context, from, to time.Time) ([]publisher.Figure, error)
	// Figure returns one post of a page. Errors: NotFound.
	Figure(ctx context.Context, ref social.Ref) (publisher.Figure, error)
	// NumbersOf lists what was counted under one post over time.
	NumbersOf(ctx context.Context, ref social.Ref) ([]publisher.PostStats, error)
}

// PageFigures tells what was counted of whole pages.
type PageFigures interface {
	// PagesNow returns the newest word about each page before a moment.
	PagesNow(ctx context.Context, before time.Time) (map[string]publisher.PageStats, error)
	// Days lists the networks' own days that begin in [from, to).
	Days(ctx context.Context, from, to time.Time) (map[string][]social.PageDay, error)
	// Measured says when each page was counted and what stands in the way.
	Measured(ctx context.Context) (map[string]publisher.Measured, error)
}

// MandateBook keeps posts that pages have to publish.
type MandateBook interface {
	// Issue keeps a mandate and the drafts of its pages, all or nothing.
	Issue(ctx context.Context, m publisher.Mandate, posts []publisher.Begun, now time.Time) (publisher.Mandate, error)
	Mandates(ctx context.Context, limit, offset int) ([]publisher.MandateView, error)
	// Mandate returns one mandate by its number. Errors: NotFound.
	Mandate(ctx context.Context, number int64) (publisher.MandateView, error)
	// Withdraw ends a mandate. Errors: NotFound, Forbidden, Conflict, Invalid.
	Withdraw(ctx context.Context, by rights.Actor, number int64, reason string, now time.Time) (publisher.Mandate, error)
}

// PlanFiles keeps files of the plan while their person looks at them.
type PlanFiles interface {
	KeepPlanFile(ctx context.Context, personID, name, body string, now time.Time) (id string, err error)
	// PlanFile returns a kept file of a person. Errors: NotFound.
	PlanFile(ctx context.Context, personID, id string) (name, body string, err error)
	// ImportPost makes a draft of a row, unless the row has made one before.
	ImportPost(ctx context.Context, key string, x publisher.Begun, now time.Time) (made bool, err error)
	// Imported are the posts that rows have made before, by the rows' keys.
	Imported(ctx context.Context, keys []string) (map[string]publisher.Post, error)
	// Numbered are the posts with these numbers, by their numbers.
	Numbered(ctx context.Context, numbers []int64) (map[int64]publisher.Post, error)
}

// Press is what the register, the polls, the statistics, the mandates and the
// files of the plan need besides Planning.
type Press struct {
	Pages    PageBook
	Polls    PollBook
	Posts    PostFigures
	Figures  PageFigures
	Mandates MandateBook
	Files    PlanFiles
}

func (p Press) lacking() bool {
	return p.Pages == nil || p.Polls == nil || p.Posts == nil || p.Figures == nil || p.Mandates == nil || p.Files == nil
}
