package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/incidents/mass"
	"otklik/internal/alarm"
)

// countHour counts a complaint in the hour in which it was written, for its
// topic in each of its places and everywhere; by is 1, or −1 to take it back.
func (tx *Tx) countHour(ctx context.Context, topicID string, p mass.Place, at time.Time, by int) error {
	if at.IsZero() || at.After(tx.now) {
		at = tx.now
	}
	levels := p.Levels()
	if levels[len(levels)-1] != "" {
		levels = append(levels[:len(levels):len(levels)], "")
	}
	for _, level := range levels {
		_, err := tx.exec(ctx, `INSERT INTO topic_hours (topic_id, place_id, hour, cases) VALUES ($1, $2, $3, $4)
			ON CONFLICT (topic_id, place_id, hour) DO UPDATE SET cases = topic_hours.cases + excluded.cases`, topicID, level, micros(at)/hourMicros, by)
		if err != nil {
			return err
		}
	}
	return nil
}

// surges compares the complaints of this hour and the one before with the usual
// of the same hours of the week. Where no earlier week is known, nothing is.
func (s *Store) surges(ctx context.Context, now time.Time, muted func(mass.Subject) string) ([]alarm.Surge, error) {
	hour := micros(now) / hourMicros
	var first int64
	if err := s.read.QueryRowContext(ctx, "SELECT COALESCE(MIN(hour), 0) FROM topic_hours WHERE hour > $1", hour-(paceWeeks+1)*weekHours).Scan(&first); err != nil {
		return nil, err
	}
	weeks := (hour - 1 - first) / weekHours
	if first == 0 || weeks < 1 {
		return nil, nil
	}
	weeks = min(weeks, paceWeeks)
	// Of the present hour only a part is over.
	part := float64(micros(now)%hourMicros) / float64(hourMicros)
	return collect(ctx, s.read, func(r *sql.Rows) (alarm.Surge, error) {
		var x alarm.Surge
		var last, before int64
		err := r.Scan(&x.TopicID, &x.Topic, &x.PlaceID, &x.Place, &x.Count, &last, &before)
		x.Usual = (float64(before) + part*float64(last)) / float64(weeks)
		x.Muted = muted(mass.Subject{TopicID: x.TopicID, Place: mass.Place{ID: x.PlaceID}})
		return x, err
	}, `SELECT h.topic_id, COALESCE(t.name, ''), h.place_id,
		COALESCE((SELECT p.type || ' ' || p.name FROM places p WHERE p.id = h.place_id), ''),
		SUM(CASE WHEN $1 - h.hour < 2 THEN h.cases ELSE 0 END) AS recent,
		SUM(CASE WHEN $1 - h.hour >= 2 AND ($1 - h.hour) % 168 = 0 THEN h.cases ELSE 0 END),
		SUM(CASE WHEN $1 - h.hour >= 2 AND ($1 - h.hour) % 168 = 1 THEN h.cases ELSE 0 END)
		FROM topic_hours h LEFT JOIN topics t ON t.id = h.topic_id
		WHERE h.hour > $2 AND h.hour <= $1 AND ($1 - h.hour) % 168 < 2
		GROUP BY h.topic_id, t.name, h.place_id HAVING SUM(CASE WHEN $1 - h.hour < 2 THEN h.cases ELSE 0 END) > 0
		ORDER BY h.topic_id, h.place_id`, hour, hour-weeks*weekHours-2)
}
