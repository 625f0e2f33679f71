package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/collectors"
)

const (
	hourMicros = int64(time.Hour / time.Microsecond)
	weekHours  = 7 * 24
	paceHours  = 25 // the last whole day and the present hour
	paceWeeks  = 4  // of which the usual is the mean
	// keepHours is how far back hours are kept.
	keepHours = (paceWeeks + 1) * weekHours
)

// written counts the items of a batch by the hour in which they were written.
type written struct {
	items  int
	newest int64
	hours  map[int64]int
}

func (w *written) add(published, now int64) {
	w.items++
	if published <= 0 {
		return // a deletion that came before its item
	}
	published = min(published, now) // a network's clock may be ahead
	w.newest = max(w.newest, published)
	if w.hours == nil {
		w.hours = map[int64]int{}
	}
	if hour := published / hourMicros; hour > now/hourMicros-keepHours {
		w.hours[hour]++
	}
}

// count adds what a batch has brought to the counts of its source.
func (in *intake) count(ctx context.Context) error {
	if in.written.items == 0 {
		return nil
	}
	_, err := in.tx.exec(ctx, `UPDATE sources SET items = items + $2,
		newest_us = CASE WHEN $3 > newest_us THEN $3 ELSE newest_us END WHERE id = $1`,
		in.stream.SourceID, in.written.items, in.written.newest)
	for hour, n := range in.written.hours {
		if err == nil {
			_, err = in.tx.exec(ctx, `INSERT INTO source_hours (source_id, hour, items) VALUES ($1, $2, $3)
				ON CONFLICT (source_id, hour) DO UPDATE SET items = source_hours.items + excluded.items`, in.stream.SourceID, hour, n)
		}
	}
	return err
}

// paceRow is what one hour of the week brought to a source.
type paceRow struct {
	source         string
	ago            int64 // hours ago, 0 the present one
	items, earlier int   // in the last day, and in the same hours of the weeks before
}

// Paces returns how much is written on every source in use, by source id. The
// hours that are looked at are counted as they come in, so the number of items
// does not matter.
func (s *Store) Paces(ctx context.Context, now time.Time) (map[string]collectors.Pace, error) {
	hour := micros(now) / hourMicros
	type source struct {
		id              string
		covered, newest int64
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (source, error) {
		var x source
		return x, r.Scan(&x.id, &x.covered, &x.newest)
	}, "SELECT id, covered_us, newest_us FROM sources WHERE active = 1")
	if err != nil {
		return nil, err
	}
	rows, err := collect(ctx, s.read, func(r *sql.Rows) (paceRow, error) {
		var x paceRow
		return x, r.Scan(&x.source, &x.ago, &x.items, &x.earlier)
	}, `SELECT h.source_id, ($1 - h.hour) % 168 AS ago,
		SUM(CASE WHEN $1 - h.hour < 168 THEN h.items ELSE 0 END), SUM(CASE WHEN $1 - h.hour >= 168 THEN h.items ELSE 0 END)
		FROM sources s JOIN source_hours h ON h.source_id = s.id AND h.hour > $2 AND h.hour <= $1
		WHERE s.active = 1 AND ($1 - h.hour) % 168 < $3 GROUP BY h.source_id, ago`, hour, hour-paceWeeks*weekHours-paceHours, paceHours)
	if err != nil {
		return nil, err
	}
	out := make(map[string]collectors.Pace, len(list))
	for _, x := range list {
		out[x.id] = collectors.Pace{Newest: moment(x.newest), Hours: emptyHours(hour, x.covered)}
	}
	for _, x := range rows {
		h := &out[x.source].Hours[paceHours-1-int(x.ago)]
		h.Items = x.items
		if h.Weeks > 0 {
			h.Usual = float64(x.earlier) / float64(h.Weeks)
		}
	}
	return out, nil
}

// emptyHours are the hours of a pace with the weeks for which each is known: a
// source that is read since covered knows nothing of the weeks before.
func emptyHours(hour, covered int64) []collectors.PaceHour {
	list := make([]collectors.PaceHour, paceHours)
	for i := range list {
		at := hour - int64(paceHours-1-i)
		list[i].Start = moment(at * hourMicros)
		for week := int64(1); week <= paceWeeks; week++ {
			if (at-week*weekHours)*hourMicros >= covered {
				list[i].Weeks++
			}
		}
	}
	return list
}
