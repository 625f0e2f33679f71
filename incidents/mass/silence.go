package mass

import (
	"slices"
	"strconv"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Silence keeps notices about a topic, a place or an incident from people for a
// time. What happens is counted and listed all the same.
type Silence struct {
	ID       string
	TopicID  string // "" for any
	PlaceID  string // with all that lies in it; "" for any
	Incident int64  // its number, 0 for any
	// Place is the place's title, Topic the topic's.
	Place, Topic string
	ByID, ByName string
	Why          string
	From, Until  time.Time
	EndedAt      time.Time // by a person, earlier than Until
	EndedBy      string
}

// longest is how long notices can be kept away at once.
const longest = 30 * 24 * time.Hour

// Holds says that the silence is not over.
func (s Silence) Holds(now time.Time) bool {
	return s.EndedAt.IsZero() && now.Before(s.Until)
}

// Hush checks a silence that a person begins.
// Errors: Forbidden, Invalid, TooLarge.
func Hush(s Silence, by rights.Actor, now time.Time) (Silence, error) {
	if !by.Can(rights.MuteNotices) {
		return s, errs.New(errs.Forbidden, "Тишину включают координатор, руководитель и пресс-служба.")
	}
	if s.TopicID == "" && s.PlaceID == "" && s.Incident == 0 {
		return s, errs.New(errs.Invalid, "Выберите тему, территорию или инцидент: тишины обо всём сразу нет.")
	}
	if !s.Until.After(now) || s.Until.Sub(now) > longest {
		return s, errs.New(errs.Invalid, "Конец тишины — позже, чем сейчас, и не дальше 30 дней.")
	}
	var err error
	if s.Why, err = required(s.Why, maxWhy, "Напишите причину: по ней коллеги поймут, почему тихо."); err != nil {
		return s, err
	}
	s.ByID, s.ByName, s.From = by.ID, by.Name, now
	return s, nil
}

// Unhush ends a silence before its time. Errors: Forbidden, Conflict.
func Unhush(s Silence, by rights.Actor, now time.Time) (Silence, error) {
	if !by.Can(rights.MuteNotices) {
		return s, errs.New(errs.Forbidden, "Тишину снимают координатор, руководитель и пресс-служба.")
	}
	if !s.Holds(now) {
		return s, errs.New(errs.Conflict, "Эта тишина уже кончилась.")
	}
	s.EndedAt, s.EndedBy = now, by.Name
	return s, nil
}

// Subject is what a notice would be about.
type Subject struct {
	TopicID  string
	Place    Place
	Incident int64 // 0 for none
}

func (s Silence) covers(x Subject) bool {
	if s.Incident != 0 && s.Incident != x.Incident {
		return false
	}
	return (s.TopicID == "" || s.TopicID == x.TopicID) && (s.PlaceID == "" || slices.Contains(x.Place.Levels(), s.PlaceID))
}

// Wider says that an incident is about the same as the subject in a place that
// holds the subject's place and more.
func (i Incident) Wider(x Subject) bool {
	if i.State != Open || i.Number == x.Incident || i.TopicID == "" || i.TopicID != x.TopicID || i.Place.ID == "" {
		return false
	}
	levels := x.Place.Levels()
	return slices.Index(levels, i.Place.ID) > 0
}

// Muted is why nobody is told of a subject, as a phrase for people; "" when
// people are told.
func Muted(x Subject, silences []Silence, incidents []Incident, now time.Time) string {
	for _, s := range silences {
		if s.Holds(now) && s.covers(x) {
			return "тишина: " + s.ByName + ", «" + s.Why + "»"
		}
	}
	for _, i := range incidents {
		if i.Wider(x) {
			return "входит в более широкий инцидент №\u00a0" + strconv.FormatInt(i.Number, 10)
		}
	}
	return ""
}
