package alarm

import (
	"cmp"
	"slices"
	"time"
)

// Changes are what a round of the auditor writes.
type Changes struct {
	Raise []Alarm // without an id, which the store gives
	Keep  []Alarm // open ones, as they are now
	Clear []Alarm
	// Told says that people have to hear of it: something was raised, has become
	// worse, or has passed.
	Told bool
	// Able are the abilities that keys have now.
	Able []Able
}

// Judge compares what is found now with the alarms that are open. The same
// facts at the same moment change nothing more.
func Judge(f Facts, open []Alarm, now time.Time) Changes {
	found := map[[2]string]Finding{}
	for _, x := range look(f, now) {
		key := [2]string{string(x.Kind), x.Subject}
		if old, ok := found[key]; !ok || x.level > old.level {
			found[key] = x
		}
	}
	var c Changes
	for _, a := range open {
		key := [2]string{string(a.Kind), a.Subject}
		x, ok := found[key]
		delete(found, key)
		c.follow(a, x, ok, now)
	}
	for _, x := range found {
		if x.level == bad {
			c.Raise = append(c.Raise, Alarm{
				Kind: x.Kind, Subject: x.Subject, Grade: x.Grade, Mark: x.Mark, Detail: x.Detail, RaisedAt: now, SeenAt: now,
			})
			c.Told = c.Told || x.Detail.Muted == ""
		}
	}
	slices.SortFunc(c.Raise, func(x, y Alarm) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Subject, y.Subject))
	})
	c.Able = ableNow(f, now)
	return c
}

// follow decides what becomes of one open alarm.
func (c *Changes) follow(a Alarm, x Finding, found bool, now time.Time) {
	if found {
		worse := x.level == bad && (x.Mark > a.Mark || x.Grade > a.Grade)
		if (a.Detail.Muted == "") != (x.Detail.Muted == "") {
			c.Told = true // people hear of it again, or do not any more
		}
		a.SeenAt, a.CalmSince, a.Detail = now, time.Time{}, x.Detail
		if worse {
			// Whoever took it took less than this.
			a.Grade, a.Mark, a.TakenAt, a.TakenBy = max(a.Grade, x.Grade), max(a.Mark, x.Mark), time.Time{}, ""
			c.Told = c.Told || x.Detail.Muted == ""
		}
		c.Keep = append(c.Keep, a)
		return
	}
	if a.CalmSince.IsZero() {
		a.CalmSince = now
	}
	if now.Sub(a.CalmSince) < a.Kind.rest() {
		c.Keep = append(c.Keep, a)
		return
	}
	a.ClearedAt, c.Told = now, true
	c.Clear = append(c.Clear, a)
}

// ableNow lists what the keys can do, which is how it is known later what they
// have lost.
func ableNow(f Facts, now time.Time) []Able {
	var list []Able
	for _, x := range f.Sources {
		for _, a := range x.Abilities {
			if a.Can && a.Kind != "" && hindered(x.Abilities, a.Kind) == nil {
				list = append(list, Able{SourceID: x.ID, Kind: a.Kind, At: now})
			}
		}
	}
	return list
}
