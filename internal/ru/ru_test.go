package ru

import (
	"strings"
	"testing"
	"time"
)

// plain makes the special spaces readable in a table.
func plain(s string) string {
	return strings.NewReplacer(nbsp, " ", thin, "'").Replace(s)
}

func TestCount(t *testing.T) {
	t.Parallel()
	cases := map[int]string{
		0: "0 сообщений", 1: "1 сообщение", 2: "2 сообщения", 4: "4 сообщения", 5: "5 сообщений",
		11: "11 сообщений", 14: "14 сообщений", 21: "21 сообщение", 22: "22 сообщения", 25: "25 сообщений",
		111: "111 сообщений", 121: "121 сообщение", 1000: "1'000 сообщений", 1002: "1'002 сообщения",
		1234567: "1'234'567 сообщений", -3: "−3 сообщения", -1000: "−1'000 сообщений",
	}
	for n, want := range cases {
		if got := plain(Count(n, "сообщение", "сообщения", "сообщений")); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestLeft(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 11, 24, 14, 5, 0, 0, time.UTC)
	cases := map[time.Duration]string{
		20 * time.Second:                "1 мин",
		-20 * time.Second:               "−1 мин",
		28*time.Minute + 59*time.Second: "28 мин",
		-48 * time.Minute:               "−48 мин",
		-130 * time.Minute:              "−2 ч 10 мин",
		125 * time.Minute:               "2 ч 05 мин",
		5 * time.Hour:                   "5 ч",
		24 * time.Hour:                  "1 дн",
		119 * time.Hour:                 "4 дн",
		-50 * time.Hour:                 "−2 дн",
	}
	for d, want := range cases {
		if got := plain(Left(now.Add(d), now)); got != want {
			t.Errorf("Left(%v) = %q, want %q", d, got, want)
		}
	}
	if got := plain(Span(40 * time.Second)); got != "40 с" {
		t.Errorf("Span(40s) = %q", got)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	c := NewClock(time.FixedZone("MSK", 3*3600))
	now := time.Date(2025, 11, 24, 21, 30, 0, 0, time.UTC) // 00:30 on the 25th in Moscow
	cases := []struct {
		at   time.Time
		want string
	}{
		{now.Add(-10 * time.Minute), "00:20"},
		{now.Add(-time.Hour), "вчера в 23:30"},
		{now.Add(-48 * time.Hour), "23.11.2025 00:30"},
		{now.Add(36 * time.Hour), "26.11.2025 12:30"},
		{time.Time{}, ""},
	}
	for _, tc := range cases {
		if got := plain(c.Moment(tc.at, now)); got != tc.want {
			t.Errorf("Moment(%v) = %q, want %q", tc.at, got, tc.want)
		}
	}
	if got, want := plain(c.Exact(now)), "25.11.2025 00:30, время московское, UTC+3"; got != want {
		t.Errorf("Exact = %q, want %q", got, want)
	}
	if got, want := c.DayEnd(now).Sub(c.DayStart(now)), 24*time.Hour; got != want {
		t.Errorf("a day lasts %v, want %v", got, want)
	}
	if got, want := NewClock(time.FixedZone("", 5*3600+1800)).ZoneName(now), "время UTC+5:30"; got != want {
		t.Errorf("ZoneName = %q, want %q", got, want)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	if got := Initials("Дарья Кольцова"); got != "ДК" {
		t.Errorf("Initials = %q", got)
	}
	if got := Initials("«ёж»"); got != "Ё" {
		t.Errorf("Initials = %q", got)
	}
	if got := Surname("Илья Гордеев"); got != "Гордеев" {
		t.Errorf("Surname = %q", got)
	}
	cases := []struct {
		text  string
		limit int
		want  string
	}{
		{"Нет воды", 20, "Нет воды"},
		{"Нет горячей воды, третий день", 20, "Нет горячей воды…"},
		{"строка\nвторая", 40, "строка вторая"},
		{strings.Repeat("а", 30), 10, strings.Repeat("а", 10) + "…"},
	}
	for _, tc := range cases {
		if got := Cut(tc.text, tc.limit); got != tc.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tc.text, tc.limit, got, tc.want)
		}
	}
}
