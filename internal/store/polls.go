package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/publisher"
)

const pollColumns = "id, post_id, version, state, form, places, opened_us, closes_us, closed_us"

func scanPoll(scan func(...any) error) (publisher.Poll, error) {
	var p publisher.Poll
	var state, form, places string
	var opened, closes, closed int64
	if err := scan(&p.ID, &p.PostID, &p.Version, &state, &form, &places, &opened, &closes, &closed); err != nil {
		return p, err
	}
	p.State, p.OpenedAt, p.ClosesAt, p.ClosedAt = publisher.PollState(state), moment(opened), moment(closes), moment(closed)
	return p, errors.Join(json.Unmarshal([]byte(form), &p.Form), json.Unmarshal([]byte(places), &p.Places))
}

func loadPoll(ctx context.Context, q querier, id string) (publisher.Poll, error) {
	p, err := scanPoll(q.QueryRowContext(ctx, "SELECT "+pollColumns+" FROM polls WHERE id = $1", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errs.New(errs.NotFound, "Такого опроса нет. Обновите страницу.")
	}
	return p, err
}

func pollOfPost(ctx context.Context, q querier, postID string) (publisher.Poll, bool, error) {
	p, err := scanPoll(q.QueryRowContext(ctx, "SELECT "+pollColumns+" FROM polls WHERE post_id = $1", postID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	return p, err == nil, err
}

// Poll returns one poll. Errors: NotFound.
func (s *Store) Poll(ctx context.Context, id string) (publisher.Poll, error) {
	return loadPoll(ctx, s.read, id)
}

// Polls lists polls, the newest first.
func (s *Store) Polls(ctx context.Context, limit, offset int) ([]publisher.Poll, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Poll, error) { return scanPoll(r.Scan) },
		"SELECT "+pollColumns+" FROM polls ORDER BY opened_us DESC, id DESC LIMIT $1 OFFSET $2", limit, offset)
}

// DuePolls lists open polls whose time has ended.
func (s *Store) DuePolls(ctx context.Context, now time.Time) ([]publisher.Poll, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Poll, error) { return scanPoll(r.Scan) },
		"SELECT "+pollColumns+" FROM polls WHERE state = 'open' AND closes_us <> 0 AND closes_us <= $1 ORDER BY closes_us", micros(now))
}

// LivePolls lists polls that still change, for taking snapshots.
func (s *Store) LivePolls(ctx context.Context) ([]publisher.Poll, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Poll, error) { return scanPoll(r.Scan) },
		"SELECT "+pollColumns+" FROM polls WHERE state <> 'closed' AND post_id <> '' ORDER BY opened_us")
}

// AddPoll begins a poll of the program's own bots.
func (s *Store) AddPoll(ctx context.Context, p publisher.Poll, now time.Time) (publisher.Poll, error) {
	var out publisher.Poll
	err := s.inTx(ctx, now, func(tx *Tx) error {
		var err error
		out, err = tx.insertPoll(ctx, p)
		return err
	})
	return out, err
}

func (tx *Tx) insertPoll(ctx context.Context, p publisher.Poll) (publisher.Poll, error) {
	var err error
	if p.ID, err = newID(); err != nil {
		return p, err
	}
	form, places, err := pollJSON(p)
	if err != nil {
		return p, err
	}
	_, err = tx.exec(ctx, `INSERT INTO polls (id, post_id, version, state, form, places, opened_us, closes_us, closed_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.ID, p.PostID, p.Version, string(p.State), form, places, micros(p.OpenedAt), micros(p.ClosesAt), micros(p.ClosedAt))
	return p, err
}

func (tx *Tx) savePoll(ctx context.Context, p publisher.Poll) error {
	form, places, err := pollJSON(p)
	if err != nil {
		return err
	}
	if _, err = tx.exec(ctx, "UPDATE polls SET version = $2, state = $3, form = $4, places = $5, opened_us = $6, closes_us = $7, closed_us = $8 WHERE id = $1",
		p.ID, p.Version, string(p.State), form, places, micros(p.OpenedAt), micros(p.ClosesAt), micros(p.ClosedAt)); err != nil {
		return err
	}
	return tx.bump(ctx, "posts")
}

func pollJSON(p publisher.Poll) (form, places string, err error) {
	f, err1 := json.Marshal(p.Form)
	x, err2 := json.Marshal(p.Places)
	return string(f), string(x), errors.Join(err1, err2)
}

func (tx *Tx) lockPoll(ctx context.Context, id string) (publisher.Poll, error) {
	if _, err := tx.exec(ctx, "UPDATE polls SET version = version WHERE id = $1", id); err != nil {
		return publisher.Poll{}, err
	}
	return loadPoll(ctx, tx, id)
}

// openPoll notes that a post's poll now stands on one more page. The post is
// locked, so that two pages do not begin two polls.
func (tx *Tx) openPoll(ctx context.Context, d publisher.Decision) error {
	if d.Opened == nil || d.Post.Content.Poll == nil {
		return nil
	}
	p, found, err := pollOfPost(ctx, tx, d.Post.ID)
	if err != nil {
		return err
	}
	if !found {
		p = publisher.Poll{PostID: d.Post.ID, Form: *d.Post.Content.Poll, State: publisher.PollOpen}
		if p, err = tx.insertPoll(ctx, p); err != nil {
			return err
		}
	}
	p, added := p.Add(*d.Opened, tx.now)
	if !added {
		return nil
	}
	if err := tx.savePoll(ctx, p); err != nil {
		return err
	}
	// The poll may be over by now: people have closed it, or its time has ended.
	if x, ok := p.ToClose(d.Opened.PageID); ok {
		return tx.planClosing(ctx, p, x, d.Post.Number, d.Post.Approval.ByName)
	}
	return nil
}

// planClosing puts the closing of a poll on one page into the ledger, in place
// of one that could not be carried out yet.
func (tx *Tx) planClosing(ctx context.Context, p publisher.Poll, x publisher.Place, number int64, by string) error {
	if _, err := tx.exec(ctx, `UPDATE deliveries SET state = $3, done_us = $4 WHERE subject_id = $1 AND source_id = $2 AND kind = 'poll_close'
		AND state IN ('planned', 'failed')`, p.ID, x.PageID, string(delivery.Cancelled), tx.us); err != nil {
		return err
	}
	return tx.insertDelivery(ctx, delivery.Delivery{
		Kind: delivery.KindClosePoll, SubjectID: p.ID, Number: number, Network: x.Network, SourceID: x.PageID,
		Thread: x.Ref, Text: p.Form.Question, PollID: x.RemoteID,
	}, by)
}

// AddSnapshot keeps what a page shows of a poll; the same moment twice is one.
func (s *Store) AddSnapshot(ctx context.Context, x publisher.Snapshot, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error { return tx.addSnapshot(ctx, x) })
}

func (tx *Tx) addSnapshot(ctx context.Context, x publisher.Snapshot) error {
	votes, err := json.Marshal(x.Votes)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `INSERT INTO poll_snapshots (poll_id, page_id, at_us, voters, votes) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, x.PollID, x.PageID, micros(x.At), x.Voters, string(votes)); err != nil {
		return err
	}
	return tx.bump(ctx, "posts")
}

// Snapshots lists what was seen of a poll over time.
func (s *Store) Snapshots(ctx context.Context, pollID string) ([]publisher.Snapshot, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Snapshot, error) {
		x := publisher.Snapshot{PollID: pollID}
		var votes string
		var at int64
		if err := r.Scan(&x.PageID, &at, &x.Voters, &votes); err != nil {
			return x, err
		}
		x.At = moment(at)
		return x, json.Unmarshal([]byte(votes), &x.Votes)
	}, "SELECT page_id, at_us, voters, votes FROM poll_snapshots WHERE poll_id = $1 ORDER BY at_us", pollID)
}

// CastVote keeps one person's vote in a poll of the program's own. Errors:
// NotFound, Invalid, Conflict when the poll is over or the person has voted.
func (s *Store) CastVote(ctx context.Context, v publisher.Vote) error {
	options, err := json.Marshal(v.Options)
	if err != nil {
		return err
	}
	return s.inTx(ctx, v.At, func(tx *Tx) error {
		p, err := loadPoll(ctx, tx, v.PollID)
		if err != nil {
			return err
		}
		if err := v.Check(p); err != nil {
			return err
		}
		n, err := tx.exec(ctx, "INSERT INTO poll_votes (poll_id, voter, options, at_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
			v.PollID, v.Voter, string(options), tx.us)
		if err == nil && n == 0 {
			return errs.New(errs.Conflict, "Вы уже проголосовали. Спасибо!")
		}
		return err
	})
}

// OwnVotes counts the votes of a poll of the program's own, by option.
func (s *Store) OwnVotes(ctx context.Context, pollID string) (voters int, votes []int, err error) {
	p, err := loadPoll(ctx, s.read, pollID)
	if err != nil {
		return 0, nil, err
	}
	votes = make([]int, len(p.Form.Options))
	list, err := collect(ctx, s.read, func(r *sql.Rows) ([]int, error) {
		var raw string
		var options []int
		err := r.Scan(&raw)
		return options, errors.Join(err, json.Unmarshal([]byte(raw), &options))
	}, "SELECT options FROM poll_votes WHERE poll_id = $1", pollID)
	for _, options := range list {
		for _, o := range options {
			if o >= 0 && o < len(votes) {
				votes[o]++
			}
		}
	}
	return len(list), votes, err
}
