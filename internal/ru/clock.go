package ru

import (
	"fmt"
	"time"
)

// Clock writes moments in the agency's time zone.
type Clock struct{ zone *time.Location }

// NewClock returns a clock for a zone.
func NewClock(zone *time.Location) Clock { return Clock{zone: zone} }

// Time is «14:03».
func (c Clock) Time(t time.Time) string { return c.format(t, "15:04") }

// Date is «24.11.2025».
func (c Clock) Date(t time.Time) string { return c.format(t, "02.01.2006") }

// Full is «24.11.2025 14:03».
func (c Clock) Full(t time.Time) string { return c.format(t, "02.01.2006"+nbsp+"15:04") }

// Exact is the full moment with the zone, for hints: «24.11.2025 14:03, время московское, UTC+3».
func (c Clock) Exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return c.Full(t) + ", " + c.ZoneName(t)
}

// Machine is the moment for the attribute datetime.
func (c Clock) Machine(t time.Time) string { return c.format(t, time.RFC3339) }

// Moment is the shortest form that is still clear: «14:03» today,
// «вчера в 17:20», else the date and the time.
func (c Clock) Moment(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	switch c.DayStart(now).Sub(c.DayStart(t)).Round(24 * time.Hour) {
	case 0:
		return c.Time(t)
	case 24 * time.Hour:
		return "вчера в" + nbsp + c.Time(t)
	}
	return c.Full(t)
}

// DayStart is the beginning of t's day in the zone.
func (c Clock) DayStart(t time.Time) time.Time {
	y, m, d := t.In(c.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, c.zone)
}

// DayEnd is the beginning of the day after t's in the zone.
func (c Clock) DayEnd(t time.Time) time.Time {
	y, m, d := t.In(c.zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, c.zone)
}

// ZoneName is «время московское, UTC+3» at the moment t.
func (c Clock) ZoneName(t time.Time) string {
	_, offset := t.In(c.zone).Zone()
	utc := fmt.Sprintf("UTC%+d", offset/3600)
	if rest := offset % 3600 / 60; rest != 0 {
		utc += fmt.Sprintf(":%02d", max(rest, -rest))
	}
	if name := zoneWord(offset); name != "" {
		return "время " + name + ", " + utc
	}
	return "время " + utc
}

// zoneWord names the eleven zones of Russia by their offset in seconds.
func zoneWord(offset int) string {
	switch offset {
	case 2 * 3600:
		return "калининградское"
	case 3 * 3600:
		return "московское"
	case 4 * 3600:
		return "самарское"
	case 5 * 3600:
		return "екатеринбургское"
	case 6 * 3600:
		return "омское"
	case 7 * 3600:
		return "красноярское"
	case 8 * 3600:
		return "иркутское"
	case 9 * 3600:
		return "якутское"
	case 10 * 3600:
		return "владивостокское"
	case 11 * 3600:
		return "магаданское"
	case 12 * 3600:
		return "камчатское"
	}
	return ""
}

func (c Clock) format(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(c.zone).Format(layout)
}

// Span is a length of time: «40 с», «28 мин», «2 ч 05 мин», «4 дн».
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return minus + Span(-d)
	case d < time.Minute:
		return fmt.Sprintf("%d"+nbsp+"с", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d"+nbsp+"мин", int(d.Minutes()))
	case d < 24*time.Hour:
		h, m := int(d.Hours()), int(d.Minutes())%60
		if m == 0 {
			return fmt.Sprintf("%d"+nbsp+"ч", h)
		}
		return fmt.Sprintf("%d"+nbsp+"ч"+nbsp+"%02d"+nbsp+"мин", h, m)
	}
	return fmt.Sprintf("%d"+nbsp+"дн", int(d.Hours())/24)
}

// Left is the time to a deadline; past the deadline it has a minus sign:
// «28 мин», «−2 ч 10 мин», «4 дн». Seconds are not worth reading here.
func Left(due, now time.Time) string {
	d := due.Sub(now)
	if d > -time.Minute && d < time.Minute {
		if d < 0 {
			return minus + "1" + nbsp + "мин"
		}
		return "1" + nbsp + "мин"
	}
	return Span(d)
}
