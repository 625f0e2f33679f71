package publisher

import (
	"fmt"
	"math"
	"time"

	"otklik/internal/ru"
)

// Week is Monday 00:00 to the next Monday 00:00 in a zone.
type Week struct{ Start, End time.Time }

// WeekOf is the week that a moment belongs to.
func WeekOf(t time.Time, zone *time.Location) Week {
	local := t.In(zone)
	back := (int(local.Weekday()) + 6) % 7
	y, m, d := local.Date()
	return Week{
		Start: time.Date(y, m, d-back, 0, 0, 0, 0, zone),
		End:   time.Date(y, m, d-back+7, 0, 0, 0, 0, zone),
	}
}

// Next is the week after.
func (w Week) Next() Week { return WeekOf(w.End.Add(time.Hour), w.End.Location()) }

// Holds says that a moment lies in the week.
func (w Week) Holds(t time.Time) bool { return !t.Before(w.Start) && t.Before(w.End) }

// WholeWeeks lists the weeks that lie within [from, to) entirely: a month is
// judged by them.
func WholeWeeks(from, to time.Time, zone *time.Location) []Week {
	var out []Week
	w := WeekOf(from, zone)
	if w.Start.Before(from) {
		w = w.Next()
	}
	for ; !w.End.After(to); w = w.Next() {
		out = append(out, w)
	}
	return out
}

// Outlook is how a page's week will end against its norm.
type Outlook struct {
	Norm     int
	Out      int // posts that stand on the page
	Planned  int // posts that will leave by the end of the week
	Missing  int // how many more are needed
	DaysLeft int // days of the week that are left, today among them
}

// Foresee looks at the current week of a page. out are the moments of its
// posts, planned those of approved ones to come; others are left out.
func Foresee(norm int, out, planned []time.Time, now time.Time, zone *time.Location) Outlook {
	w := WeekOf(now, zone)
	o := Outlook{Norm: norm}
	for _, t := range out {
		if w.Holds(t) && !t.After(now) {
			o.Out++
		}
	}
	for _, t := range planned {
		if w.Holds(t) && t.After(now) {
			o.Planned++
		}
	}
	o.Missing = max(0, norm-o.Out-o.Planned)
	for d := now.In(zone); d.Before(w.End); d = time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, zone) {
		o.DaysLeft++
	}
	return o
}

// Words is the outlook as people read it: «до нормы не хватает 1 поста,
// осталось 2 дня».
func (o Outlook) Words() string {
	switch {
	case o.Norm == 0:
		return "норма не задана"
	case o.Missing > 0:
		left := ru.Plural(o.DaysLeft, "остался", "осталось", "осталось") + " " + ru.Count(o.DaysLeft, "день", "дня", "дней")
		return "до нормы не хватает " + ru.Count(o.Missing, "поста", "постов", "постов") + ", " + left
	case o.Out >= o.Norm:
		return fmt.Sprintf("норма выполнена: %d из %d", o.Out, o.Norm)
	}
	return fmt.Sprintf("норма будет выполнена: вышло %d, запланировано %d", o.Out, o.Planned)
}

// Score is the rating of an agency's pages by the rules of 2026:
// P = P3.1 + 0,5·P3.2 + 0,5·P3.3, in percent.
type Score struct{ P31, P32, P33, Total float64 }

// PageWeeks is how many posts a page had in each whole week of the period.
type PageWeeks struct {
	Category Category
	// Norm is what the page itself is held to; P3.2 holds all to the same.
	Norm  int
	Posts []int
}

// Regularity is P3.2: the share of pages that had at least norm posts in every
// week, among all pages but the «визитки», at most 100. Without such pages or
// weeks there is nothing to judge, and false is returned.
func Regularity(pages []PageWeeks, norm int) (float64, bool) {
	all, good := 0, 0
	for _, p := range pages {
		if p.Category == Card || len(p.Posts) == 0 {
			continue
		}
		all++
		every := true
		for _, n := range p.Posts {
			every = every && n >= norm
		}
		if every {
			good++
		}
	}
	if all == 0 {
		return 0, false
	}
	return math.Min(100, 100*float64(good)/float64(all)), true
}

// Reactions are what people did under posts.
type Reactions struct{ Likes, Comments, Reposts, Views int }

// Rate is the engagement rate: reactions to views, in percent; 0 without views.
func (r Reactions) Rate() float64 {
	if r.Views <= 0 {
		return 0
	}
	return 100 * float64(r.Acts()) / float64(r.Views)
}

// Acts is all that people did: likes, comments and reposts.
func (r Reactions) Acts() int { return r.Likes + r.Comments + r.Reposts }

// Doubt is why no engagement rate is made of a post's counts.
type Doubt string

const (
	NoDoubt  Doubt = ""
	NoViews  Doubt = "untold" // the network tells no views
	Unseen   Doubt = "unseen" // nobody has seen the post yet
	MoreActs Doubt = "acts"   // people did more than they saw
)

// Title is the reason as people read it.
func (d Doubt) Title() string {
	switch d {
	case NoViews:
		return "Нет данных: сеть не сообщает просмотры."
	case Unseen:
		return "Нет данных: просмотров ещё нет."
	case MoreActs:
		return "Нет данных: реакций больше, чем просмотров. Счётчик просмотров отстал или считает не всё."
	}
	return ""
}

// Doubt says why the counts give no engagement rate, if they do not. Whoever
// reacts has seen the post, so with more reactions than views the views are not
// all of them: some networks count them late, some show them to a bot in part.
func (r Reactions) Doubt() Doubt {
	switch {
	case r.Views < 0:
		return NoViews
	case r.Known().Acts() > r.Views:
		return MoreActs
	case r.Views == 0:
		return Unseen
	}
	return NoDoubt
}

// Plus sums two counts.
func (r Reactions) Plus(o Reactions) Reactions {
	return Reactions{r.Likes + o.Likes, r.Comments + o.Comments, r.Reposts + o.Reposts, r.Views + o.Views}
}

// FullRate is the engagement rate, in percent, that gives the whole P3.3: 3,6
// since 2026, 3 in 2025.
const FullRate = 3.6

// Involvement is P3.3: the engagement rate against the full one, at most 100.
func Involvement(r Reactions, full float64) float64 {
	return math.Min(100, r.Rate()*100/full)
}

// Rating puts the indicators together. p31 is the penalty for what the design of
// pages lacks, 0 to −22.
func Rating(p31, p32, p33 float64) Score {
	return Score{P31: Round2(p31), P32: Round2(p32), P33: Round2(p33), Total: Round2(p31 + 0.5*p32 + 0.5*p33)}
}

// Round2 rounds to two digits after the point, halves away from zero.
func Round2(x float64) float64 { return math.Round(x*100) / 100 }
