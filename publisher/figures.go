package publisher

import (
	"cmp"
	"time"

	"otklik/internal/social"
)

// Watched is one post of a page that is counted from time to time.
type Watched struct {
	PageID      string
	Ref         social.Ref
	PublishedAt time.Time
	// CountedAt is when it was last counted, zero for never.
	CountedAt time.Time
}

// Figure is one post on a page, whoever published it, with its newest counts.
type Figure struct {
	PageID string
	Ref    social.Ref
	// PostID and Number are those of the plan, zero for posts made elsewhere.
	PostID      string
	Number      int64
	Text        string
	Link        string
	PublishedAt time.Time
	// CountedAt is zero while nothing was counted; Reactions are untold then.
	CountedAt time.Time
	Reactions Reactions
	// Reach is how many different people saw it, untold where the network or the
	// page's keys do not tell.
	Reach int
}

// Measured is when a page was last counted, and why not since, if it was not.
type Measured struct {
	At      time.Time
	Trouble string
}

// PageDays are the network's own statistics of one page, by its days.
type PageDays struct {
	PageID string
	Days   []social.PageDay
}

// Untold are reactions of which the network has told nothing.
func Untold() Reactions {
	return Reactions{social.Untold, social.Untold, social.Untold, social.Untold}
}

// Known are reactions with nought for what was not told.
func (r Reactions) Known() Reactions {
	return Reactions{max(0, r.Likes), max(0, r.Comments), max(0, r.Reposts), max(0, r.Views)}
}

// told has one for what the network tells and nought for the rest.
func (r Reactions) told() Reactions {
	one := func(n int) int { return min(1, n+1) }
	return Reactions{one(r.Likes), one(r.Comments), one(r.Reposts), one(r.Views)}
}

// Filled takes what r does not tell from an earlier count.
func (r Reactions) Filled(earlier Reactions) Reactions {
	pick := func(now, then int) int {
		if now == social.Untold {
			return then
		}
		return now
	}
	return Reactions{pick(r.Likes, earlier.Likes), pick(r.Comments, earlier.Comments), pick(r.Reposts, earlier.Reposts), pick(r.Views, earlier.Views)}
}

// Sum is what several posts have brought together.
type Sum struct {
	Posts int
	// All sums what was told of all posts, Told counts the posts that told each.
	All  Reactions
	Told Reactions
	// Viewed is how many of the posts have told views, Doubted how many of those
	// have more reactions than views. Rated sums the posts that give an engagement
	// rate: of reactions without their views it would be too high.
	Viewed  int
	Doubted int
	Rated   Reactions
}

// Add counts one more post.
func (s Sum) Add(r Reactions) Sum {
	s.Posts++
	s.All = s.All.Plus(r.Known())
	s.Told = s.Told.Plus(r.told())
	if r.Views >= 0 {
		s.Viewed++
	}
	switch r.Doubt() {
	case NoDoubt:
		s.Rated = s.Rated.Plus(r.Known())
	case MoreActs:
		s.Doubted++
	}
	return s
}

// Plus sums two sums.
func (s Sum) Plus(o Sum) Sum {
	return Sum{s.Posts + o.Posts, s.All.Plus(o.All), s.Told.Plus(o.Told), s.Viewed + o.Viewed, s.Doubted + o.Doubted, s.Rated.Plus(o.Rated)}
}

// Rate is the engagement rate in percent; false where no post gives one.
func (s Sum) Rate() (float64, bool) { return s.Rated.Rate(), s.Rated.Views > 0 }

// Doubt says why there is no rate of all the posts together, if there is none.
func (s Sum) Doubt() Doubt {
	switch {
	case s.Rated.Views > 0, s.Posts == 0:
		return NoDoubt
	case s.Doubted > 0:
		return MoreActs
	case s.Viewed > 0:
		return Unseen
	}
	return NoViews
}

// ByPage sums posts page by page.
func ByPage(list []Figure) map[string]Sum {
	out := map[string]Sum{}
	for _, f := range list {
		out[f.PageID] = out[f.PageID].Add(f.Reactions)
	}
	return out
}

// LeastPosts is how many posts a page needs in every week for P3.2, and where
// its own norm is not set.
const LeastPosts = 3

// InWeeks counts a page's posts week by week, for P3.2.
func InWeeks(p Page, out []time.Time, weeks []Week) PageWeeks {
	x := PageWeeks{Category: p.Category, Norm: cmp.Or(p.Norm, LeastPosts), Posts: make([]int, len(weeks))}
	for _, at := range out {
		for i, w := range weeks {
			if w.Holds(at) {
				x.Posts[i]++
			}
		}
	}
	return x
}

// Kept says in how many weeks the norm was reached.
func (p PageWeeks) Kept() int {
	n := 0
	for _, posts := range p.Posts {
		if posts >= p.Norm {
			n++
		}
	}
	return n
}
