package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/publisher"
)

const postColumns = `p.id, p.number, p.version, p.state, p.state_us, p.title, p.content, p.rubric, p.tags, p.at_us, p.late_us, p.must_us, p.targets,
	p.author_id, p.author_name, p.writers, p.approval, p.amendment, p.question, p.series_id, p.slot, p.touched, p.created_us, p.mandated`

func scanPost(scan func(...any) error, more ...any) (publisher.Post, error) {
	var p publisher.Post
	var state, content, tags, targets, writers, approval, amendment, mandated string
	var since, at, late, must, created, touched int64
	args := append([]any{
		&p.ID, &p.Number, &p.Version, &state, &since, &p.Title, &content, &p.Rubric, &tags, &at, &late, &must, &targets,
		&p.AuthorID, &p.AuthorName, &writers, &approval, &amendment, &p.Question, &p.SeriesID, &p.Slot, &touched, &created, &mandated,
	}, more...)
	if err := scan(args...); err != nil {
		return p, err
	}
	p.State, p.Touched, p.LateBy = publisher.State(state), touched == 1, time.Duration(late)*time.Microsecond
	p.StateSince, p.At, p.MustBy, p.CreatedAt = moment(since), moment(at), moment(must), moment(created)
	return p, errors.Join(json.Unmarshal([]byte(content), &p.Content), json.Unmarshal([]byte(tags), &p.Tags),
		json.Unmarshal([]byte(targets), &p.Targets), json.Unmarshal([]byte(writers), &p.Writers),
		json.Unmarshal([]byte(approval), &p.Approval), json.Unmarshal([]byte(amendment), &p.Amendment),
		json.Unmarshal([]byte(mandated), &p.Mandated))
}

// postRow is a post as its columns hold it.
type postRow struct{ content, tags, targets, writers, approval, amendment, mandated, folded string }

func rowOfPost(p publisher.Post) (postRow, error) {
	var r postRow
	for _, x := range []struct {
		to *string
		v  any
	}{{&r.content, p.Content}, {&r.tags, p.Tags}, {&r.targets, p.Targets}, {&r.writers, p.Writers}, {&r.approval, p.Approval}, {&r.amendment, p.Amendment}, {&r.mandated, p.Mandated}} {
		raw, err := json.Marshal(x.v)
		if err != nil {
			return r, err
		}
		*x.to = string(raw)
	}
	words := []string{fmt.Sprintf("№%d", p.Number), p.Title, p.Rubric, p.Content.Text, strings.Join(p.Tags, " ")}
	for _, v := range p.Content.Versions {
		words = append(words, v)
	}
	r.folded = fold(strings.Join(words, " "))
	return r, nil
}

func loadPost(ctx context.Context, q querier, id string) (publisher.Post, error) {
	p, err := scanPost(q.QueryRowContext(ctx, "SELECT "+postColumns+" FROM posts p WHERE p.id = $1", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errs.New(errs.NotFound, "Такого поста нет. Проверьте номер.")
	}
	return p, err
}

// lockPost loads a post that nobody else changes until the transaction ends.
func (tx *Tx) lockPost(ctx context.Context, id string) (publisher.Post, error) {
	if _, err := tx.exec(ctx, "UPDATE posts SET version = version WHERE id = $1", id); err != nil {
		return publisher.Post{}, err
	}
	return loadPost(ctx, tx, id)
}

// CreatePost implements publisher.Book.
func (s *Store) CreatePost(ctx context.Context, p publisher.Post, ev publisher.Event, now time.Time) (publisher.Post, error) {
	var out publisher.Post
	err := s.inTx(ctx, now, func(tx *Tx) error {
		var err error
		out, err = tx.insertPost(ctx, p, ev)
		return err
	})
	return out, err
}

func (tx *Tx) insertPost(ctx context.Context, p publisher.Post, ev publisher.Event) (publisher.Post, error) {
	var err error
	if p.ID, err = newID(); err != nil {
		return p, err
	}
	if p.Number, err = tx.take(ctx, "post", 1); err != nil {
		return p, err
	}
	r, err := rowOfPost(p)
	if err != nil {
		return p, err
	}
	_, err = tx.exec(ctx, `INSERT INTO posts (id, number, version, state, state_us, title, content, rubric, tags, at_us, late_us, must_us, targets,
		author_id, author_name, writers, approval, amendment, question, series_id, slot, touched, folded, waiting, created_us, mandated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`,
		p.ID, p.Number, p.Version, string(p.State), micros(p.StateSince), p.Title, r.content, p.Rubric, r.tags, micros(p.At), p.LateBy.Microseconds(),
		micros(p.MustBy), r.targets, p.AuthorID, p.AuthorName, r.writers, r.approval, r.amendment, p.Question, p.SeriesID, p.Slot, flag(p.Touched),
		r.folded, flag(p.Has(publisher.Waiting)), micros(p.CreatedAt), r.mandated)
	if err != nil {
		return p, err
	}
	if err := tx.projectPost(ctx, p); err != nil {
		return p, err
	}
	if err := tx.addPostVersion(ctx, p, ev); err != nil {
		return p, err
	}
	if err := tx.addPostEvent(ctx, p.ID, ev); err != nil {
		return p, err
	}
	return p, tx.bump(ctx, "posts")
}

// ChangePost implements publisher.Book: the post, its version, its events and
// what leaves change together or not at all.
func (s *Store) ChangePost(ctx context.Context, postID string, expect int, now time.Time, decide func(publisher.Post) (publisher.Decision, error)) (publisher.Post, error) {
	var out publisher.Post
	err := s.inTx(ctx, now, func(tx *Tx) error {
		p, err := tx.lockPost(ctx, postID)
		if err != nil {
			return err
		}
		if expect != 0 && p.Version != expect {
			return errs.New(errs.Conflict, "Пока вы смотрели, пост изменили. Обновите страницу.")
		}
		d, err := decide(p)
		if err != nil {
			return err
		}
		out = d.Post
		return tx.carryOutPost(ctx, p, d)
	})
	return out, err
}

// carryOutPost writes a decision on a post that is locked.
func (tx *Tx) carryOutPost(ctx context.Context, before publisher.Post, d publisher.Decision) error {
	if err := tx.savePost(ctx, before.Version, d.Post); err != nil {
		return err
	}
	for _, ev := range d.Events {
		if err := tx.addPostEvent(ctx, before.ID, ev); err != nil {
			return err
		}
	}
	if d.Post.Hash() != before.Hash() && len(d.Events) > 0 {
		if err := tx.addPostVersion(ctx, d.Post, d.Events[0]); err != nil {
			return err
		}
	}
	if err := tx.openPoll(ctx, d); err != nil {
		return err
	}
	if err := tx.dispatch(ctx, d); err != nil {
		return err
	}
	for page := range d.Settled {
		if err := tx.learnOf(ctx, d.Post, page); err != nil {
			return err
		}
	}
	return tx.bump(ctx, "posts")
}

func (tx *Tx) savePost(ctx context.Context, version int, p publisher.Post) error {
	r, err := rowOfPost(p)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `UPDATE posts SET version = $3, state = $4, state_us = $5, title = $6, content = $7, rubric = $8, tags = $9, at_us = $10,
		late_us = $11, must_us = $12, targets = $13, writers = $14, approval = $15, amendment = $16, question = $17, touched = $18, folded = $19,
		waiting = $20, author_id = $21, author_name = $22 WHERE id = $1 AND version = $2`,
		p.ID, version, p.Version, string(p.State), micros(p.StateSince), p.Title, r.content, p.Rubric, r.tags, micros(p.At),
		p.LateBy.Microseconds(), micros(p.MustBy), r.targets, r.writers, r.approval, r.amendment, p.Question, flag(p.Touched), r.folded,
		flag(p.Has(publisher.Waiting)), p.AuthorID, p.AuthorName)
	if err == nil && n == 0 {
		return errStale
	}
	if err != nil {
		return err
	}
	return tx.projectPost(ctx, p)
}

// projectPost writes which pages the post is for and what it became there.
func (tx *Tx) projectPost(ctx context.Context, p publisher.Post) error {
	for _, table := range []string{"post_pages", "post_refs"} {
		if _, err := tx.exec(ctx, "DELETE FROM "+table+" WHERE post_id = $1", p.ID); err != nil {
			return err
		}
	}
	for _, t := range p.Targets {
		if _, err := tx.exec(ctx, "INSERT INTO post_pages (post_id, page_id, state, vanished_us) VALUES ($1, $2, $3, $4)",
			p.ID, t.PageID, string(t.State), micros(t.VanishedAt)); err != nil {
			return err
		}
		for i, ref := range slices.Concat(t.Refs, t.Also) {
			if ref.IsZero() {
				continue
			}
			part := i
			if i >= len(t.Refs) {
				part = 0 // only the first part is an album
			}
			if _, err := tx.exec(ctx, `INSERT INTO post_refs (network, owner, item_id, post_id, page_id, part, link, out_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
				ON CONFLICT DO NOTHING`, string(ref.Network), ref.Owner, ref.ID, p.ID, t.PageID, part, t.Link, micros(t.OutAt)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (tx *Tx) addPostVersion(ctx context.Context, p publisher.Post, ev publisher.Event) error {
	r, err := rowOfPost(p)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, "INSERT INTO post_versions (post_id, version, content, by_id, by_name, written_us) VALUES ($1, $2, $3, $4, $5, $6)",
		p.ID, p.Version, r.content, ev.ActorID, ev.ActorName, tx.us)
	return err
}

func (tx *Tx) addPostEvent(ctx context.Context, postID string, ev publisher.Event) error {
	data, err := json.Marshal(ev.Data)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO post_events (post_id, seq, at_us, actor_id, actor_name, kind, version, page_id, note, data)
		SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9 FROM post_events WHERE post_id = $1`,
		postID, micros(ev.At), ev.ActorID, ev.ActorName, string(ev.Kind), ev.Version, ev.PageID, clean(ev.Text), string(data))
	if err != nil || ev.ActorID == "" {
		return err
	}
	action := records.Change
	if ev.Kind == publisher.EventApproved {
		action = records.Approve
	}
	tx.note(rights.Actor{ID: ev.ActorID, Name: ev.ActorName}, action, "post:"+postID, map[string]string{"event": string(ev.Kind)})
	return nil
}

// Post returns one post. Errors: NotFound.
func (s *Store) Post(ctx context.Context, id string) (publisher.Post, error) {
	return loadPost(ctx, s.read, id)
}

// PostByNumber returns the id of a post. Errors: NotFound.
func (s *Store) PostByNumber(ctx context.Context, number int64) (string, error) {
	var id string
	err := s.read.QueryRowContext(ctx, "SELECT id FROM posts WHERE number = $1", number).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errs.New(errs.NotFound, "Такого поста нет. Проверьте номер.")
	}
	return id, err
}

// DuePosts implements publisher.Agenda.
func (s *Store) DuePosts(ctx context.Context, now time.Time, after string, limit int) ([]publisher.Post, error) {
	var at int64
	if after != "" {
		if err := s.read.QueryRowContext(ctx, "SELECT at_us FROM posts WHERE id = $1", after).Scan(&at); err != nil {
			return nil, err
		}
	}
	return collect(ctx, s.read, func(r *sql.Rows) (publisher.Post, error) { return scanPost(r.Scan) },
		"SELECT "+postColumns+` FROM posts p WHERE p.state = 'scheduled' AND p.waiting = 1 AND p.at_us <> 0 AND p.at_us <= $1
		AND (p.at_us > $2 OR p.at_us = $2 AND p.id > $3) ORDER BY p.at_us, p.id LIMIT $4`, micros(now), at, after, cmp.Or(limit, 100))
}
