package vk

import (
	"strconv"
	"time"
)

// maxReachPosts is how many posts one call of stats.getPostReach may name.
const maxReachPosts = 30

func (s *Server) statsGet(c *call) (any, *apiError) {
	id := c.int("group_id")
	w := s.walls[-id]
	if w == nil || !c.token.speaksFor(id) {
		return nil, denied("no access to the statistics of this group")
	}
	to := s.now()
	if at := c.int("timestamp_to"); at > 0 {
		to = time.Unix(int64(at), 0)
	}
	interval := c.params.Get("interval")
	if interval == "" {
		interval = "day"
	}
	n := c.int("intervals_count")
	from := time.Unix(int64(c.int("timestamp_from")), 0)
	if n == 0 && c.int("timestamp_from") == 0 {
		n = 1
	}
	out := []object{}
	for start := periodStart(to, interval); len(out) < 400 && (n == 0 || len(out) < n); {
		end := to
		if len(out) > 0 {
			end = nextPeriod(start, interval, 1).Add(-time.Second)
		}
		if n == 0 && end.Before(from) {
			break
		}
		out = append(out, s.period(w, start, end))
		if interval == "all" {
			break
		}
		start = nextPeriod(start, interval, -1)
	}
	return out, nil
}

// periodStart is where the day, week, month or year of a moment begins. The
// network counts by Moscow time.
func periodStart(at time.Time, interval string) time.Time {
	at = at.In(time.FixedZone("MSK", 3*60*60))
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
	switch interval {
	case "week":
		return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	case "month":
		return day.AddDate(0, 0, 1-day.Day())
	case "year":
		return time.Date(at.Year(), 1, 1, 0, 0, 0, 0, at.Location())
	case "all":
		return time.Unix(0, 0)
	}
	return day
}

func nextPeriod(start time.Time, interval string, n int) time.Time {
	switch interval {
	case "week":
		return start.AddDate(0, 0, 7*n)
	case "month":
		return start.AddDate(0, n, 0)
	case "year":
		return start.AddDate(n, 0, 0)
	}
	return start.AddDate(0, 0, n)
}

// period counts what happened on a wall. Likes and reposts are counted with
// their posts, as the simulator does not keep their moments.
func (s *Server) period(w *wall, from, to time.Time) object {
	within := func(t time.Time) bool { return !t.Before(from) && !t.After(to) }
	comments, likes, copies, views, subscribed := 0, 0, 0, 0, 0
	for _, k := range w.comments {
		comments += flag(!k.Deleted && within(k.Date))
	}
	for _, p := range w.posts {
		if p.Deleted || p.Type != "post" || !within(p.Date) {
			continue
		}
		likes += len(s.likes[Thing{"post", w.owner, p.ID}])
		copies += len(p.reposts)
		views += p.Views
	}
	g := s.communities[-w.owner]
	for _, at := range g.members {
		subscribed += flag(within(at))
	}
	// Followers look at a page without any new post too, an eighth of them a day.
	views += int(float64(g.Followers) * to.Sub(from).Hours() / (8 * 24))
	reach := views * 4 / 5
	return object{
		"period_from": unix(from), "period_to": unix(to),
		"visitors": object{"views": views, "visitors": views / 2, "mobile_views": views * 3 / 5},
		"reach":    object{"reach": reach, "reach_subscribers": reach / 2, "mobile_reach": reach * 3 / 5},
		"activity": object{"comments": comments, "likes": likes, "copies": copies, "subscribed": subscribed, "unsubscribed": 0, "hidden": 0},
	}
}

func (s *Server) statsGetPostReach(c *call) (any, *apiError) {
	owner, err := strconv.Atoi(c.params.Get("owner_id"))
	ids := c.ints("post_ids")
	switch {
	case err != nil || len(ids) == 0 || len(ids) > maxReachPosts:
		return nil, badParam("post_ids is invalid")
	case !c.token.speaksFor(-owner):
		return nil, denied("no access to the statistics of this group")
	}
	out := []object{}
	for _, id := range ids {
		p := s.post(owner, id)
		if p == nil {
			continue
		}
		reach := p.Views * 4 / 5
		out = append(out, object{
			"post_id": id, "reach_total": reach, "reach_subscribers": reach / 2, "reach_viral": reach - reach/2, "reach_ads": 0,
			"links": p.Views / 50, "to_group": p.Views / 100, "join_group": p.Views / 1000, "hide": 0, "report": 0, "unsubscribe": 0,
		})
	}
	return out, nil
}
