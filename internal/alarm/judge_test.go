package alarm

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/collectors"
)

// TestRaisingAndClearing lets a source, the work that waits and the disk go up
// and down at random for hours and watches the alarms.
func TestRaisingAndClearing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := noon()
		var open []Alarm
		f := Facts{Sources: []collectors.SourceStatus{quiet(now)}}
		x := &f.Sources[0]
		for range rapid.IntRange(1, 60).Draw(t, "minutes") {
			now = now.Add(time.Duration(rapid.IntRange(1, 180).Draw(t, "seconds")) * time.Second)
			if !rapid.Bool().Draw(t, "stands") {
				x.CompleteTo = now
			}
			x.Refused = rapid.IntRange(0, 9).Draw(t, "refused") == 0
			f.Detection = now.Add(-time.Duration(rapid.IntRange(0, 240).Draw(t, "waits")) * time.Second)
			f.Nodes = []Node{{"n", int64(rapid.IntRange(0, 12).Draw(t, "free")) << 30, 100 << 30, now}}
			f.Unknown = Stuck{Count: rapid.IntRange(0, 2).Draw(t, "unknown"), Oldest: noon(), Newest: noon()}
			c := Judge(f, open, now)
			checkRound(t, f, open, c, now)
			open = append(c.Keep, c.Raise...)
			if again := Judge(f, open, now); again.Told || len(again.Raise) != 0 || len(again.Clear) != 0 {
				t.Fatalf("the same facts changed something: %+v", again)
			}
			for i := range open {
				if rapid.IntRange(0, 3).Draw(t, "take") == 0 {
					open[i].TakenAt = now
				}
			}
		}
	})
}

// checkRound holds one round to the rules.
func checkRound(t *rapid.T, f Facts, open []Alarm, c Changes, now time.Time) {
	level, before := map[[2]string]level{}, map[[2]string]Alarm{}
	for _, x := range look(f, now) {
		level[[2]string{string(x.Kind), x.Subject}] = x.level
	}
	for _, a := range open {
		before[[2]string{string(a.Kind), a.Subject}] = a
	}
	after := map[[2]string]bool{}
	for _, a := range append(append([]Alarm{}, c.Keep...), c.Raise...) {
		key := [2]string{string(a.Kind), a.Subject}
		if after[key] {
			t.Fatalf("two alarms are open for %v", key)
		}
		after[key] = true
		if !a.Open() {
			t.Fatalf("a cleared alarm is kept: %+v", a)
		}
		old, had := before[key]
		if had && (a.Grade < old.Grade || a.Mark < old.Mark) {
			t.Fatalf("an alarm became milder: %+v after %+v", a, old)
		}
		if had && !old.Loud() && a.Loud() && a.Mark == old.Mark && a.Grade == old.Grade {
			t.Fatalf("a taken alarm is told again and nothing is worse: %+v", a)
		}
	}
	for key, l := range level {
		if l == bad && !after[key] {
			t.Fatalf("%v is bad and nobody is told", key)
		}
	}
	for _, a := range c.Raise {
		if level[[2]string{string(a.Kind), a.Subject}] != bad {
			t.Fatalf("raised without need: %+v", a)
		}
	}
	for _, a := range c.Clear {
		key := [2]string{string(a.Kind), a.Subject}
		if level[key] != calm {
			t.Fatalf("cleared while it is not calm: %+v", a)
		}
		if now.Sub(a.CalmSince) < a.Kind.rest() {
			t.Fatalf("cleared after %v: %+v", now.Sub(a.CalmSince), a)
		}
	}
	if len(c.Keep)+len(c.Clear) != len(open) {
		t.Fatalf("of %d alarms %d are kept and %d cleared", len(open), len(c.Keep), len(c.Clear))
	}
}

// What comes and goes within minutes stays one alarm.
func TestFlappingIsOneAlarm(t *testing.T) {
	t.Parallel()
	now := noon()
	f := Facts{Sources: []collectors.SourceStatus{quiet(now)}}
	var open []Alarm
	raised := 0
	for i := range 120 {
		now = now.Add(time.Minute)
		f.Sources[0].CompleteTo = now
		if i%4 == 0 {
			f.Sources[0].CompleteTo = now.Add(-11 * time.Minute)
		}
		c := Judge(f, open, now)
		raised += len(c.Raise)
		open = append(c.Keep, c.Raise...)
	}
	if raised != 1 {
		t.Fatalf("raised %d times", raised)
	}
}
