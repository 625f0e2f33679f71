package storetest

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/workcal"
	"otklik/publisher"
)

var update = flag.Bool("update", false, "write the golden list anew")

// yearly are series of which each meets something: a law about the zone, a
// change of clocks, days off on both sides, days that not every month has.
func yearly() []publisher.SeriesForm {
	rule := func(r publisher.Rule, hour, minute int) publisher.Rule { r.Hour, r.Minute = hour, minute; return r }
	list := []struct {
		title, zone string
		rule        publisher.Rule
	}{
		{"По понедельникам", "Europe/Moscow", rule(publisher.Rule{Repeat: publisher.Weekly, Weekdays: []time.Weekday{time.Monday}, OnDayOff: publisher.MoveForward}, 10, 0)},
		{"31-го числа", "Europe/Kaliningrad", rule(publisher.Rule{Repeat: publisher.Monthly, Date: 31, OnDayOff: publisher.Keep}, 12, 0)},
		{"Первая пятница", "Asia/Kamchatka", rule(publisher.Rule{Repeat: publisher.Nth, Nth: 1, Weekdays: []time.Weekday{time.Friday}, OnDayOff: publisher.MoveBackwards}, 9, 30)},
		{"Ночь воскресенья", "America/New_York", rule(publisher.Rule{Repeat: publisher.Weekly, Weekdays: []time.Weekday{time.Sunday}, OnDayOff: publisher.Keep}, 2, 30)},
	}
	var out []publisher.SeriesForm
	for _, x := range list {
		f := publisher.SeriesForm{Rule: x.rule, Zone: x.zone, Active: true}
		f.Title, f.Content = x.title, publisher.Content{Text: x.title + "."}
		out = append(out, f)
	}
	return out
}

// A year of what repeats, unfolded, stored and given to the ledger as the
// program does it, but with the clock in hand: every occurrence leaves once, at
// its moment.
func TestYearThroughTheLedger(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		p.now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		end := p.now.AddDate(1, 0, 0)
		var ids []string
		titles := map[string]string{}
		zones := map[string]*time.Location{}
		for _, form := range yearly() {
			form.PageIDs = []string{p.vk}
			f := p.facts()
			s, err := b.s.ChangeSeries(b.ctx, "", 0, p.now, func(x publisher.Series) (publisher.Series, error) {
				return publisher.ChangeSeries(x, form, press, f)
			})
			b.must(err)
			s, err = b.s.ChangeSeries(b.ctx, s.ID, s.Version, p.now, func(x publisher.Series) (publisher.Series, error) {
				return publisher.ApproveSeries(x, x.Hash(), head, f)
			})
			b.must(err)
			ids, titles[s.ID] = append(ids, s.ID), s.Title
			zones[s.ID], err = time.LoadLocation(s.Zone)
			b.must(err)
		}
		clerk := p.clerk()
		var lines []string
		unfolded := time.Time{}
		for p.now.Before(end) {
			// Twice, as two processes would: nothing more may follow from it.
			for range 2 {
				for _, id := range ids {
					if p.now.Sub(unfolded) >= 20*24*time.Hour {
						_, err := b.s.UnfoldSeries(b.ctx, id, workcal.Calendar{}, p.facts(), publisher.Horizon)
						b.must(err)
					}
				}
			}
			if p.now.Sub(unfolded) >= 20*24*time.Hour {
				unfolded = p.now
			}
			due, err := b.s.DuePosts(b.ctx, p.now, "", 10)
			b.must(err)
			n, err := clerk.Tick(b.ctx)
			b.must(err)
			again, err := clerk.Tick(b.ctx)
			b.must(err)
			if n != len(due) || again != 0 {
				t.Fatalf("%v: %d due, %d released, %d more", p.now, len(due), n, again)
			}
			for _, x := range due {
				got := p.post(x.ID)
				if !x.At.Equal(p.now) || got.Targets[0].State != publisher.Leaving {
					t.Fatalf("%v: %+v", p.now, got)
				}
				lines = append(lines, fmt.Sprintf("%s %s %s", titles[x.SeriesID], x.Slot, p.now.In(zones[x.SeriesID]).Format("Mon 02.01.2006 15:04 -07:00")))
			}
			next, err := nextDue(p, end)
			b.must(err)
			p.now = next
		}
		if left := b.count("SELECT COUNT(*) FROM deliveries"); left != len(lines) {
			t.Fatalf("%d occurrences, %d in the ledger", len(lines), left)
		}
		slices.SortStableFunc(lines, func(x, y string) int { return strings.Compare(titleOf(x), titleOf(y)) })
		golden(t, "testdata/year.golden", strings.Join(lines, "\n")+"\n")
	})
}

// nextDue is when the next post is due, or when the series are unfolded again.
func nextDue(p *plan, end time.Time) (time.Time, error) {
	list, err := p.s.DuePosts(p.ctx, p.now.Add(publisher.Horizon), "", 1)
	next := p.now.Add(20 * 24 * time.Hour)
	if len(list) > 0 && list[0].At.Before(next) {
		next = list[0].At
	}
	if next.After(end) {
		next = end
	}
	return next, err
}

// titleOf is what a line begins with, up to its slot.
func titleOf(line string) string {
	before, _, _ := strings.Cut(line, " 202")
	return before
}

func golden(t *testing.T, file, have string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), have); d != "" {
		t.Error(d)
	}
}
