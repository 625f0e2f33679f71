package publisher

import (
	"strings"
	"testing"
	"time"
)

func TestWeeks(t *testing.T) {
	t.Parallel()
	z := zone(t, "Europe/Moscow")
	w := WeekOf(time.Date(2026, 11, 29, 20, 59, 0, 0, time.UTC), z) // Sunday 23:59 in Moscow
	if w.Start.Format("02.01 15:04") != "23.11 00:00" || w.End.Format("02.01 15:04") != "30.11 00:00" || w.Holds(w.End) || !w.Holds(w.Start) {
		t.Fatal(w)
	}
	from := time.Date(2026, 6, 1, 0, 0, 0, 0, z)
	weeks := WholeWeeks(from, from.AddDate(0, 1, 0), z)
	if len(weeks) != 4 || !weeks[0].Start.Equal(from) || weeks[3].End.Format("02.01") != "29.06" {
		t.Fatal(weeks)
	}
	ny := zone(t, "America/New_York")
	if w := WeekOf(time.Date(2026, 3, 8, 12, 0, 0, 0, ny), ny); w.End.Sub(w.Start) != 7*24*time.Hour-time.Hour || !w.Next().Start.Equal(w.End) {
		t.Fatal(w)
	}
}

func TestOutlookInsideTheWeek(t *testing.T) {
	t.Parallel()
	z := zone(t, "Europe/Moscow")
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, z) }
	saturday := at(28, 12)
	for name, x := range map[string]struct {
		norm         int
		out, planned []time.Time
		now          time.Time
		words        string
	}{
		"one is missing":      {3, []time.Time{at(23, 0), at(27, 10)}, nil, saturday, "до нормы не хватает 1 поста, осталось 2 дня"},
		"last week's":         {3, []time.Time{at(22, 23), at(27, 10)}, nil, saturday, "до нормы не хватает 2 постов, осталось 2 дня"},
		"the last day":        {3, nil, nil, at(29, 23), "до нормы не хватает 3 постов, остался 1 день"},
		"the first day":       {1, nil, nil, at(23, 0), "до нормы не хватает 1 поста, осталось 7 дней"},
		"planned":             {3, []time.Time{at(23, 10)}, []time.Time{at(28, 13), at(29, 23)}, saturday, "норма будет выполнена: вышло 1, запланировано 2"},
		"planned too late":    {3, []time.Time{at(23, 10), at(24, 1)}, []time.Time{at(30, 0), at(28, 11)}, saturday, "до нормы не хватает 1 поста, осталось 2 дня"},
		"done":                {3, []time.Time{at(23, 10), at(24, 1), at(25, 1), at(25, 2)}, nil, saturday, "норма выполнена: 4 из 3"},
		"nothing is expected": {0, nil, nil, saturday, "норма не задана"},
	} {
		got := strings.ReplaceAll(Foresee(x.norm, x.out, x.planned, x.now, z).Words(), "\u00a0", " ")
		if got != x.words {
			t.Errorf("%s: %q, want %q", name, got, x.words)
		}
	}
}

// The worked example of the rules: 49 of 64 pages, an involvement of 97.37 %.
func TestRatingOfTheWorkedExample(t *testing.T) {
	t.Parallel()
	var pages []PageWeeks
	for i := range 70 {
		p := PageWeeks{Category: Active, Posts: []int{3, 4, 3, 9}}
		switch {
		case i >= 64:
			p = PageWeeks{Category: Card, Posts: []int{0, 0, 0, 0}}
		case i >= 49:
			p.Posts[i%4] = 2
		}
		pages = append(pages, p)
	}
	p32, ok := Regularity(pages, 3)
	if !ok || Round2(p32) != 76.56 {
		t.Fatal(p32)
	}
	// 35 053 reactions to 1 000 000 views are 97.37 % of the full 3.6 %.
	p33 := Involvement(Reactions{Likes: 30000, Comments: 2000, Reposts: 3053, Views: 1000000}, FullRate)
	if Round2(p33) != 97.37 {
		t.Fatal(p33)
	}
	if s := Rating(0, p32, p33); s.Total != 86.97 || s.P32 != 76.56 || s.P33 != 97.37 {
		t.Fatalf("%+v", s)
	}
	if s := Rating(-22, 100, 100); s.Total != 78 {
		t.Fatalf("%+v", s)
	}
}

func TestIndicatorsAtTheirEnds(t *testing.T) {
	t.Parallel()
	if _, ok := Regularity([]PageWeeks{{Category: Card, Posts: []int{9}}, {Category: Active}}, 3); ok {
		t.Error("there was nothing to judge")
	}
	if got := Involvement(Reactions{Likes: 900, Views: 1000}, FullRate); got != 100 {
		t.Error(got)
	}
	if got := Involvement(Reactions{Likes: 5}, FullRate); got != 0 {
		t.Error(got)
	}
	if r := (Reactions{1, 2, 3, 4}).Plus(Reactions{Likes: 1, Views: 6}); r != (Reactions{2, 2, 3, 10}) || r.Rate() != 70 {
		t.Error(r)
	}
}

// A rate is made only of posts whose views can be all of them.
func TestDoubtfulViewsGiveNoRate(t *testing.T) {
	t.Parallel()
	good := Reactions{Likes: 3, Comments: 1, Views: 100}
	for name, x := range map[string]struct {
		r    Reactions
		want Doubt
	}{
		"as usual":                      {good, NoDoubt},
		"everybody did something":       {Reactions{Likes: 2, Views: 2}, NoDoubt},
		"untold":                        {Reactions{Likes: 5, Views: -1}, NoViews},
		"nobody has seen it":            {Reactions{}, Unseen},
		"views are late":                {Reactions{Likes: 5}, MoreActs},
		"nineteen reactions, two views": {Reactions{Likes: 9, Comments: 8, Reposts: 2, Views: 2}, MoreActs},
		"what is untold is no reaction": {Reactions{Likes: -1, Comments: -1, Reposts: -1}, Unseen},
	} {
		if got := x.r.Doubt(); got != x.want || (got == NoDoubt) != (got.Title() == "") {
			t.Errorf("%s: %q", name, got)
		}
		s := Sum{}.Add(x.r)
		if _, ok := s.Rate(); ok != (x.want == NoDoubt) || s.Doubt() != x.want {
			t.Errorf("%s: %+v says %q", name, s, s.Doubt())
		}
		// Beside a good post it changes neither the rate nor P3.3.
		if rate, ok := s.Add(good).Rate(); x.want != NoDoubt && (!ok || rate != 4) {
			t.Errorf("%s beside a good post: %v", name, rate)
		}
	}
	if s := (Sum{}).Add(good).Plus(Sum{}.Add(Reactions{Likes: 5})); s.Posts != 2 || s.Viewed != 2 || s.Doubted != 1 || s.All.Likes != 8 || s.Rated != good {
		t.Errorf("%+v", s)
	}
}
