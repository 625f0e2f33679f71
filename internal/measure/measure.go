// Package measure counts what happens on the agency's pages: posts, pages and
// polls, each as often as it still changes, and closes polls whose time is over.
package measure

import (
	"context"
	"log/slog"
	"time"

	"otklik/internal/lease"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/wake"
	"otklik/publisher"
)

// Posts is where the posts stand that are counted.
type Posts interface {
	// Watched lists the posts of pages since a moment.
	Watched(ctx context.Context, since, now time.Time) ([]publisher.Watched, error)
	AddPostNumbers(ctx context.Context, list []publisher.PostStats, now time.Time) error
	AddPostReach(ctx context.Context, pageID string, list []social.PostReach, now time.Time) error
	// NoteMeasured keeps when a page was counted, or why it was not.
	NoteMeasured(ctx context.Context, pageID string, m publisher.Measured, now time.Time) error
}

// Pages is where the figures of whole pages go.
type Pages interface {
	Pages(ctx context.Context) ([]publisher.Page, error)
	// PagesNow returns the newest word about each page before a moment.
	PagesNow(ctx context.Context, before time.Time) (map[string]publisher.PageStats, error)
	AddPageStats(ctx context.Context, x publisher.PageStats, now time.Time) error
	AddPageDays(ctx context.Context, x publisher.PageDays, now time.Time) error
}

// Polls is where the polls stand that are looked at and closed.
type Polls interface {
	DuePolls(ctx context.Context, now time.Time) ([]publisher.Poll, error)
	// ClosePoll puts the closing into the ledger; doing it twice is harmless.
	ClosePoll(ctx context.Context, by rights.Actor, id string, now time.Time) (publisher.Poll, error)
	WatchedPolls(ctx context.Context, now time.Time) ([]publisher.PollLook, error)
	AddSnapshot(ctx context.Context, x publisher.Snapshot, now time.Time) error
}

// Gauge is what can be asked about one page. What the network or the page's
// keys do not tell is nil.
type Gauge struct {
	Posts PostCounter
	Page  PageCounter
	Days  DayCounter
	Reach ReachCounter
	Polls PollReader
	// Lack says in a sentence for people what the page's keys do not allow to
	// count, empty if nothing.
	Lack string
}

// PostCounter counts under posts. A post that is not there is left out.
type PostCounter interface {
	Count(ctx context.Context, refs []social.Ref) ([]social.PostNumbers, error)
}

// PageCounter counts who follows a page.
type PageCounter interface {
	Members(ctx context.Context) (int, error)
}

// ReachCounter tells how many people saw posts. Those of which the network tells
// nothing are left out.
type ReachCounter interface {
	Reach(ctx context.Context, refs []social.Ref) ([]social.PostReach, error)
}

// DayCounter tells the network's own days of a page.
type DayCounter interface {
	Days(ctx context.Context, from, to time.Time) ([]social.PageDay, error)
}

// PollReader tells how a poll stands.
type PollReader interface {
	PollResult(ctx context.Context, refs []social.Ref, poll string) (social.PollResult, error)
}

// Gauges finds the gauge of a page; false while the page is not at work here.
type Gauges interface {
	Gauge(ctx context.Context, pageID string) (Gauge, bool)
}

// Told are counts that a network sent by itself.
type Told struct {
	Posts []publisher.PostStats
	Polls []ToldPoll
}

// ToldPoll is how a poll of a page stood at a moment.
type ToldPoll struct {
	PageID string
	At     time.Time
	Result social.PollResult
}

// Teller returns what networks sent by themselves since a moment. What came
// before may come again.
type Teller interface {
	Told(ctx context.Context, since time.Time) (Told, error)
}

// Worker counts. All fields but the bell are required.
type Worker struct {
	// Wake rings when something has just appeared or ended that people want to
	// see counted, such as a poll; without it the clock is enough.
	Wake   wake.Bell
	Posts  Posts
	Pages  Pages
	Polls  Polls
	Gauges Gauges
	Teller Teller
	Now    func() time.Time
	Log    *slog.Logger
}

// tick is how often the worker looks for what is due.
const tick = time.Minute

// Run works until ctx ends, as the only one under its lease. Everything that it
// writes is harmless to write twice, so its writes show no fence.
func (w *Worker) Run(ctx context.Context, _ lease.Lease) error {
	s := w.newShift()
	for {
		s.look(ctx)
		if err := w.Wake.Sleep(ctx, tick); err != nil {
			return err
		}
	}
}

// Every is how often something is counted that has stood for some time: a post
// grows for hours and is read for weeks. Zero means no more.
func Every(age time.Duration) time.Duration {
	switch {
	case age < 6*time.Hour:
		return 15 * time.Minute
	case age < 48*time.Hour:
		return time.Hour
	case age < watchFor:
		return 24 * time.Hour
	}
	return 0
}

// watchFor is how long a post is counted after it was published.
const watchFor = 30 * 24 * time.Hour

// everyPoll is Every for polls, which are looked at for as long as they last.
func everyPoll(age time.Duration) time.Duration {
	if d := Every(age); d > 0 && d < time.Hour {
		return d
	}
	return time.Hour
}
