package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/workcal"
	"otklik/publisher"
)

func scanSeries(scan func(...any) error) (publisher.Series, error) {
	var s publisher.Series
	var body string
	var through int64
	if err := scan(&body, &through); err != nil {
		return s, err
	}
	err := json.Unmarshal([]byte(body), &s)
	s.Through = moment(through)
	return s, err
}

// Series returns one series. Errors: NotFound.
func (s *Store) Series(ctx context.Context, id string) (publisher.Series, error) {
	return loadSeries(ctx, s.read, id)
}

func loadSeries(ctx context.Context, q querier, id string) (publisher.Series, error) {
	x, err := scanSeries(q.QueryRowContext(ctx, "SELECT body, through_us FROM series WHERE id = $1", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return x, errs.New(errs.NotFound, "Такого повторяющегося поста нет. Обновите страницу.")
	}
	return x, err
}

// AllSeries lists the series, the active ones first.
func (s *Store) AllSeries(ctx context.Context) ([]publisher.Series, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Series, error) { return scanSeries(r.Scan) },
		"SELECT body, through_us FROM series ORDER BY active DESC, created_us")
}

// ChangeSeries loads a series, lets decide say what it becomes, and writes it;
// an empty id begins one. expect is the version the person saw; 0 takes any.
// Errors: NotFound, Conflict, and whatever decide returns.
func (s *Store) ChangeSeries(ctx context.Context, id string, expect int, now time.Time, decide func(publisher.Series) (publisher.Series, error)) (publisher.Series, error) {
	var out publisher.Series
	err := s.inTx(ctx, now, func(tx *Tx) error {
		before, err := tx.lockSeries(ctx, id)
		if err != nil {
			return err
		}
		if expect != 0 && before.Version != expect {
			return errs.New(errs.Conflict, "Пока вы смотрели, повторение изменили. Обновите страницу.")
		}
		if out, err = decide(before); err != nil {
			return err
		}
		return tx.saveSeries(ctx, &out)
	})
	return out, err
}

func (tx *Tx) lockSeries(ctx context.Context, id string) (publisher.Series, error) {
	if id == "" {
		return publisher.Series{}, nil
	}
	if _, err := tx.exec(ctx, "UPDATE series SET version = version WHERE id = $1", id); err != nil {
		return publisher.Series{}, err
	}
	return loadSeries(ctx, tx, id)
}

func (tx *Tx) saveSeries(ctx context.Context, x *publisher.Series) error {
	fresh := x.ID == ""
	if fresh {
		var err error
		if x.ID, err = newID(); err != nil {
			return err
		}
	}
	body, err := json.Marshal(x)
	if err != nil {
		return err
	}
	text := "UPDATE series SET version = $2, title = $3, active = $4, body = $5, through_us = $6, created_us = $7 WHERE id = $1"
	if fresh {
		text = "INSERT INTO series (id, version, title, active, body, through_us, created_us) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	}
	if _, err := tx.exec(ctx, text, x.ID, x.Version, x.Title, flag(x.Active), string(body), micros(x.Through), micros(x.CreatedAt)); err != nil {
		return err
	}
	return tx.bump(ctx, "posts")
}

// UnfoldSeries makes the occurrences of a series up to the horizon and brings
// the untouched ones into line with it. Any number of nodes may do so at once:
// an occurrence is unique by its series and its slot. It returns how many posts
// were made or changed.
func (s *Store) UnfoldSeries(ctx context.Context, id string, days workcal.Calendar, f publisher.Facts, horizon time.Duration) (int, error) {
	n := 0
	err := s.inTx(ctx, f.Now, func(tx *Tx) error {
		n = 0
		x, err := tx.lockSeries(ctx, id)
		if err != nil {
			return err
		}
		have, err := collect(ctx, tx, func(r *sql.Rows) (publisher.Post, error) { return scanPost(r.Scan) },
			"SELECT "+postColumns+" FROM posts p WHERE p.series_id = $1 AND (p.slot >= $2 OR p.at_us >= $3)", id, f.Now.AddDate(0, -3, 0).Format("2006-01-02"), tx.us)
		if err != nil {
			return err
		}
		u := publisher.Unfold(x, have, days, f, horizon)
		for _, p := range u.New {
			if _, err := tx.insertPost(ctx, p, systemEvent(publisher.EventCreated, p.Version, f.Now)); err != nil {
				return err
			}
		}
		for _, p := range u.Changed {
			if err := tx.alignPost(ctx, p, f.Now); err != nil {
				return err
			}
		}
		n = len(u.New) + len(u.Changed)
		if n == 0 && !u.Through.After(x.Through.Add(time.Hour)) {
			return nil
		}
		x.Through = u.Through
		return tx.saveSeries(ctx, &x)
	})
	return n, err
}

// alignPost writes an occurrence as its series has it now. Its version is one
// above the stored one.
func (tx *Tx) alignPost(ctx context.Context, p publisher.Post, now time.Time) error {
	before, err := tx.lockPost(ctx, p.ID)
	if err != nil {
		return err
	}
	if before.Version != p.Version-1 {
		return errStale
	}
	return tx.carryOutPost(ctx, before, publisher.Decision{Post: p, Events: []publisher.Event{systemEvent(publisher.EventWritten, p.Version, now)}})
}

func systemEvent(kind publisher.EventKind, version int, now time.Time) publisher.Event {
	return publisher.Event{At: now, ActorName: rights.System().Name, Kind: kind, Version: version, Data: map[string]string{}}
}
