package measure

import (
	"context"
	"errors"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/social"
	"otklik/publisher"
)

const (
	// everyPage is how often a whole page is counted.
	everyPage = 6 * time.Hour
	// daysBack is how many of the network's days are asked for: it corrects them
	// for some time.
	daysBack = 8 * 24 * time.Hour
	// rest is how long a page is left alone that could not be counted.
	rest = 15 * time.Minute
	// perPage bounds what one page may hold up the others.
	perPage = 2 * time.Minute
	// toldBack is how far back a shift begins to look for what networks told by
	// themselves, toldOverlap how far it looks back then: transactions end in
	// another order than they begin.
	toldBack    = 72 * time.Hour
	toldOverlap = 5 * time.Minute
)

// shift is the work of one holder of the lease, with what it remembers.
type shift struct {
	*Worker
	// asked is when each post was last asked about, so that one that the network
	// does not know is not asked about every minute.
	asked   map[social.Ref]time.Time
	resting map[string]time.Time // pages, until when
	lacking map[string]string    // what was last said of a page
	told    time.Time
}

func (w *Worker) newShift() *shift {
	return &shift{Worker: w, asked: map[social.Ref]time.Time{}, resting: map[string]time.Time{}, lacking: map[string]string{}}
}

// look does all that is due now. What fails is logged and tried again; it never
// holds up the rest.
func (s *shift) look(ctx context.Context) {
	now := s.Now()
	for _, step := range []struct {
		name string
		do   func(context.Context, time.Time) error
	}{
		{"polls were not closed", s.closePolls},
		{"what networks told was not read", s.hear},
		{"polls were not looked at", s.lookAtPolls},
		{"posts were not counted", s.countPosts},
		{"pages were not counted", s.countPages},
	} {
		if err := step.do(ctx, now); err != nil && ctx.Err() == nil {
			s.Log.Error(step.name, "err", err)
		}
	}
}

// countPosts counts the posts that are due, page by page.
func (s *shift) countPosts(ctx context.Context, now time.Time) error {
	list, err := s.Posts.Watched(ctx, now.Add(-watchFor), now)
	if err != nil {
		return err
	}
	due := map[string][]social.Ref{}
	var order []string
	standing := map[social.Ref]time.Time{}
	for _, x := range list {
		last := x.CountedAt
		if at := s.asked[x.Ref]; at.After(last) {
			last = at
		}
		standing[x.Ref] = s.asked[x.Ref]
		if every := Every(now.Sub(x.PublishedAt)); every == 0 || now.Sub(last) < every {
			continue
		}
		if due[x.PageID] == nil {
			order = append(order, x.PageID)
		}
		due[x.PageID] = append(due[x.PageID], x.Ref)
	}
	s.asked = standing // what is not watched any more is forgotten
	var all error
	for _, page := range order {
		all = errors.Join(all, s.countOn(ctx, page, due[page], now))
	}
	return all
}

func (s *shift) countOn(ctx context.Context, page string, refs []social.Ref, now time.Time) error {
	g, ok := s.gauge(ctx, page, now)
	if !ok {
		return nil
	}
	if g.Posts == nil {
		return s.note(ctx, page, g.Lack, now)
	}
	ctx, cancel := context.WithTimeout(ctx, perPage)
	defer cancel()
	numbers, err := g.Posts.Count(ctx, refs)
	if err != nil {
		return s.failed(ctx, page, err, now)
	}
	for _, ref := range refs {
		s.asked[ref] = now
	}
	var out []publisher.PostStats
	for _, n := range numbers {
		r := publisher.Reactions{Likes: n.Likes, Comments: n.Comments, Reposts: n.Reposts, Views: n.Views}
		out = append(out, publisher.PostStats{PageID: page, Ref: n.Ref, At: now, Reactions: r})
	}
	if err := s.Posts.AddPostNumbers(ctx, out, now); err != nil {
		return err
	}
	if err := s.reach(ctx, page, g, refs, now); err != nil {
		return err
	}
	s.lacking[page] = g.Lack
	return s.Posts.NoteMeasured(ctx, page, publisher.Measured{At: now, Trouble: g.Lack}, now)
}

// reach asks how many people saw posts. Networks refuse it for small pages, so a
// refusal costs nothing else.
func (s *shift) reach(ctx context.Context, page string, g Gauge, refs []social.Ref, now time.Time) error {
	key := "reach " + page
	if g.Reach == nil || now.Before(s.resting[key]) {
		return nil
	}
	list, err := g.Reach.Reach(ctx, refs)
	if err != nil {
		s.resting[key] = now.Add(everyPage)
		if ctx.Err() == nil {
			s.Log.Warn("reach was not told", "page", page, "why", messageOf(err))
		}
		return nil
	}
	return s.Posts.AddPostReach(ctx, page, list, now)
}

// gauge is what can be asked of a page that does not rest.
func (s *shift) gauge(ctx context.Context, page string, now time.Time) (Gauge, bool) {
	if now.Before(s.resting[page]) {
		return Gauge{}, false
	}
	return s.Gauges.Gauge(ctx, page)
}

// failed lets a page rest, for as long as the network asks, and says why.
func (s *shift) failed(ctx context.Context, page string, err error, now time.Time) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	pause, why := rest, "Статистика не собралась: сеть не ответила. Программа спросит позже."
	var f *delivery.Failure
	if errors.As(err, &f) {
		pause, why = max(rest, f.RetryAfter), f.Message
	}
	s.resting[page] = now.Add(pause)
	s.Log.Warn("page was not counted", "page", page, "err", err)
	return s.note(context.WithoutCancel(ctx), page, why, now)
}

// note says once what stands in the way of counting a page.
func (s *shift) note(ctx context.Context, page, why string, now time.Time) error {
	if said, ok := s.lacking[page]; ok && said == why {
		return nil
	}
	s.lacking[page] = why
	return s.Posts.NoteMeasured(ctx, page, publisher.Measured{Trouble: why}, now)
}

// countPages counts the pages of the register that are due.
func (s *shift) countPages(ctx context.Context, now time.Time) error {
	pages, err := s.Pages.Pages(ctx)
	if err != nil {
		return err
	}
	last, err := s.Pages.PagesNow(ctx, now.Add(time.Second))
	if err != nil {
		return err
	}
	var all error
	for _, p := range pages {
		if now.Sub(last[p.ID].At) < everyPage {
			continue
		}
		if g, ok := s.gauge(ctx, p.ID, now); ok && g.Page != nil {
			all = errors.Join(all, s.countPage(ctx, p.ID, g, now))
		}
	}
	return all
}

func (s *shift) countPage(ctx context.Context, page string, g Gauge, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, perPage)
	defer cancel()
	members, err := g.Page.Members(ctx)
	if err != nil {
		return s.failed(ctx, page, err, now)
	}
	x := publisher.PageStats{PageID: page, At: now, Subscribers: members, Reach: social.Untold}
	if g.Days != nil {
		days, err := g.Days.Days(ctx, now.Add(-daysBack), now)
		if err != nil {
			return s.failed(ctx, page, err, now)
		}
		if err := s.Pages.AddPageDays(ctx, publisher.PageDays{PageID: page, Days: days}, now); err != nil {
			return err
		}
		x.Reach = lastReach(days, now)
	}
	return s.Pages.AddPageStats(ctx, x, now)
}

// lastReach is the reach of the newest day that is over.
func lastReach(days []social.PageDay, now time.Time) int {
	var newest social.PageDay
	for _, d := range days {
		if d.To.Sub(d.From) >= 23*time.Hour && d.To.Before(now) && d.From.After(newest.From) {
			newest = d
		}
	}
	if newest.From.IsZero() {
		return social.Untold
	}
	return newest.Reach
}

// hear keeps what networks told by themselves.
func (s *shift) hear(ctx context.Context, now time.Time) error {
	since := s.told.Add(-toldOverlap)
	if s.told.IsZero() {
		since = now.Add(-toldBack)
	}
	told, err := s.Teller.Told(ctx, since)
	if err != nil {
		return err
	}
	if err := s.Posts.AddPostNumbers(ctx, told.Posts, now); err != nil {
		return err
	}
	if err := s.hearPolls(ctx, told.Polls, now); err != nil {
		return err
	}
	s.told = now
	return nil
}

// messageOf is what a person is told of an error.
func messageOf(err error) string {
	var f *delivery.Failure
	if errors.As(err, &f) {
		return f.Message
	}
	return errs.MessageOf(err)
}
