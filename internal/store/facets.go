package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/publisher"
)

// PlanFacets lists the rubrics and authors of what was planned since a moment.
func (s *Store) PlanFacets(ctx context.Context, since time.Time) (publisher.Facets, error) {
	var f publisher.Facets
	var err error
	const recent = " FROM posts WHERE (at_us >= $1 OR created_us >= $1)"
	if f.Rubrics, err = collect(ctx, s.read, func(r *sql.Rows) (string, error) {
		var x string
		return x, r.Scan(&x)
	}, "SELECT DISTINCT rubric"+recent+" AND rubric <> '' ORDER BY rubric", micros(since)); err != nil {
		return f, err
	}
	f.Authors, err = collect(ctx, s.read, func(r *sql.Rows) (publisher.Author, error) {
		var a publisher.Author
		return a, r.Scan(&a.ID, &a.Name)
	}, "SELECT author_id, MAX(author_name) AS name"+recent+" AND author_id <> '' GROUP BY author_id ORDER BY name", micros(since))
	return f, err
}

// PlanWaits counts what waits for a person.
func (s *Store) PlanWaits(ctx context.Context, personID string) (publisher.Waits, error) {
	var w publisher.Waits
	err := s.read.QueryRowContext(ctx, `SELECT
		COALESCE(SUM(CASE WHEN state = 'review' AND author_id <> $1 AND writers NOT LIKE $2 ESCAPE '\' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN state IN ('failed', 'check') THEN 1 ELSE 0 END), 0)
		FROM posts WHERE state IN ('review', 'failed', 'check')`, personID, like(`"`+personID+`"`)).Scan(&w.Review, &w.Stuck)
	return w, err
}
