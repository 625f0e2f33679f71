package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/lease"
	"otklik/internal/records"
	"otklik/internal/rights"
	"otklik/internal/social"
)

const erasureColumns = "id, number, mode, network, author_id, alias, basis, lasting, done, by_id, by_name, asked_us, ended_us"

func scanErasure(r *sql.Rows) (records.Erasure, error) {
	var e records.Erasure
	var network, done string
	var lasting int
	var asked, ended int64
	err := r.Scan(&e.ID, &e.Number, &e.Mode, &network, &e.Author.ID, &e.Alias, &e.Basis, &lasting, &done, &e.ByID, &e.ByName, &asked, &ended)
	if err != nil {
		return e, err
	}
	e.Network, e.Lasting, e.AskedAt, e.EndedAt = social.Network(network), lasting == 1, moment(asked), moment(ended)
	return e, json.Unmarshal([]byte(done), &e.Done)
}

// Erasures returns requests, the newest first; number 0 stands for all.
func (s *Store) Erasures(ctx context.Context, number int64, limit int) ([]records.Erasure, error) {
	return collect(ctx, s.read, scanErasure, "SELECT "+erasureColumns+" FROM erasures WHERE ($1 = 0 OR number = $1) ORDER BY number DESC LIMIT $2", number, limit)
}

// OpenErasures are the requests whose work is not over, the oldest first.
func (s *Store) OpenErasures(ctx context.Context) ([]records.Erasure, error) {
	return collect(ctx, s.read, scanErasure, "SELECT "+erasureColumns+" FROM erasures WHERE state = 'open' ORDER BY number")
}

// FindAuthor finds an author by the end of their page's address.
// Errors: NotFound.
func (s *Store) FindAuthor(ctx context.Context, network social.Network, handle string) (records.Author, error) {
	a := records.Author{Network: network}
	err := s.read.QueryRowContext(ctx, `SELECT author_id FROM items WHERE network = $1 AND author LIKE $2 ESCAPE '\' AND own = 0 LIMIT 1`, string(network),
		"%/"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(handle)+`"%`).Scan(&a.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return a, errs.New(errs.NotFound, "Среди прочитанного такой страницы нет. Если знаете номер человека в сети, найдите по нему.")
	}
	return a, err
}

// Holding says what there is of a person.
func (s *Store) Holding(ctx context.Context, a records.Author) (records.Holding, error) {
	h := records.Holding{Author: a}
	var first, last int64
	args := []any{string(a.Network), a.ID}
	err := s.read.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(MIN(published_us), 0), COALESCE(MAX(published_us), 0) FROM items WHERE network = $1 AND author_id = $2 AND own = 0", args...).Scan(&h.Items, &first, &last)
	for _, x := range []struct {
		into *int
		text string
	}{
		{&h.Versions, "SELECT COUNT(*) FROM item_versions v JOIN items i ON i.id = v.item_id WHERE i.network = $1 AND i.author_id = $2 AND i.own = 0"},
		{&h.Photos, "SELECT COUNT(*) FROM photos p JOIN items i ON i.id = p.item_id WHERE i.network = $1 AND i.author_id = $2 AND i.own = 0"},
		{&h.Decisions, "SELECT COUNT(*) FROM decisions d JOIN items i ON i.id = d.item_id WHERE i.network = $1 AND i.author_id = $2 AND i.own = 0"},
		{&h.CaseCount, "SELECT COUNT(*) FROM cases WHERE network = $1 AND author_id = $2"},
		{&h.OpenCases, "SELECT COUNT(*) FROM cases WHERE network = $1 AND author_id = $2 AND stage <> 'done'"},
	} {
		if err == nil {
			err = s.read.QueryRowContext(ctx, x.text, args...).Scan(x.into)
		}
	}
	if err != nil {
		return h, err
	}
	h.First, h.Last = moment(first), moment(last)
	if h.Cases, err = collect(ctx, s.read, scanInt, "SELECT number FROM cases WHERE network = $1 AND author_id = $2 ORDER BY number DESC LIMIT 100", args...); err != nil {
		return h, err
	}
	if h.Names, err = names(ctx, s.read, a); err != nil {
		return h, err
	}
	raw, err := rawOf(ctx, s.read, a, 1000)
	h.Updates = len(raw)
	if err != nil {
		return h, err
	}
	h.Past, err = collect(ctx, s.read, scanErasure, "SELECT "+erasureColumns+" FROM erasures WHERE network = $1 AND author_id = $2 ORDER BY number DESC LIMIT 20", args...)
	return h, err
}

func scanInt(r *sql.Rows) (int64, error) {
	var n int64
	return n, r.Scan(&n)
}

// names under which a person was seen.
func names(ctx context.Context, q querier, a records.Author) ([]string, error) {
	seen := map[string]bool{}
	var out []string
	_, err := collect(ctx, q, func(r *sql.Rows) (struct{}, error) {
		var text string
		var x social.Author
		if err := r.Scan(&text); err != nil {
			return struct{}{}, err
		}
		if err := json.Unmarshal([]byte(text), &x); err == nil && x.Name != "" && !seen[x.Name] {
			seen[x.Name] = true
			out = append(out, x.Name)
		}
		return struct{}{}, nil
	}, "SELECT DISTINCT author FROM items WHERE network = $1 AND author_id = $2 AND own = 0 LIMIT 50", string(a.Network), a.ID)
	return out, err
}

// update is the name of a raw update.
type update struct{ stream, key string }

// rawOf finds raw updates of a network in which a person's number stands as a
// whole number. What merely looks alike is found too: a raw update is a copy of
// what was understood, so taking one too many costs nothing.
func rawOf(ctx context.Context, q querier, a records.Author, most int) ([]update, error) {
	whole := regexp.MustCompile(`(^|[^0-9])` + regexp.QuoteMeta(strings.TrimPrefix(a.ID, "-")) + `([^0-9]|$)`)
	var out []update
	_, err := collect(ctx, q, func(r *sql.Rows) (struct{}, error) {
		var u update
		var raw, encoding string
		if err := r.Scan(&u.stream, &u.key, &raw, &encoding); err != nil {
			return struct{}{}, err
		}
		if encoding == "base64" {
			data, err := base64.StdEncoding.DecodeString(raw)
			if err != nil {
				return struct{}{}, err
			}
			raw = string(data)
		}
		if len(out) < most && whole.MatchString(raw) {
			out = append(out, u)
		}
		return struct{}{}, nil
	}, `SELECT u.stream, u.key, u.raw, u.encoding FROM updates u JOIN streams t ON t.name = u.stream JOIN sources s ON s.id = t.source_id
		WHERE s.network = $1 AND (u.encoding = 'base64' OR u.raw LIKE $2)`, string(a.Network), "%"+strings.TrimPrefix(a.ID, "-")+"%")
	return out, err
}

// AskErasure begins a request about a person and returns it. What the journal
// knows of searches for the person is erased at once; a worker does the rest.
// Errors: Forbidden, Invalid, Conflict while an earlier request is at work.
func (s *Store) AskErasure(ctx context.Context, by rights.Actor, e records.Erasure, now time.Time) (records.Erasure, error) {
	if !by.Can(rights.ManageRecords) {
		return e, errs.New(errs.Forbidden, "Стирать и обезличивать данные может администратор.")
	}
	e.Basis = strings.TrimSpace(clean(e.Basis))
	if err := e.Check(); err != nil {
		return e, err
	}
	id, err := newID()
	if err != nil {
		return e, err
	}
	err = s.inTx(ctx, now, func(tx *Tx) error {
		e.ID, e.ByID, e.ByName, e.AskedAt, e.Done = id, by.ID, by.Name, now, records.Tally{}
		var err error
		if e.Number, err = tx.take(ctx, "erasure", 1); err != nil {
			return err
		}
		if e.Alias, err = tx.alias(ctx, e.Author); err != nil {
			return err
		}
		if e.Done.Words, err = tx.eraseWords(ctx, e.Author); err != nil {
			return err
		}
		done, err := json.Marshal(e.Done)
		if err != nil {
			return err
		}
		n, err := tx.exec(ctx, `INSERT INTO erasures (id, number, mode, state, network, author_id, alias, basis, lasting, done, by_id, by_name, asked_us, ended_us)
			VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, $8, $9, $10, $11, $12, 0) ON CONFLICT DO NOTHING`,
			e.ID, e.Number, string(e.Mode), string(e.Network), e.Author.ID, e.Alias, e.Basis, flag(e.Lasting), string(done), by.ID, by.Name, tx.us)
		if err == nil && n == 0 {
			return errs.New(errs.Conflict, "Данные этого человека уже стираются. Дождитесь конца и посмотрите, что осталось.")
		}
		if err != nil {
			return err
		}
		// Only the newest request says what becomes of later messages.
		if _, err := tx.exec(ctx, "UPDATE erasures SET lasting = 0 WHERE network = $1 AND author_id = $2 AND id <> $3", string(e.Network), e.Author.ID, e.ID); err != nil {
			return err
		}
		tx.note(by, records.Erase, "erasure:"+itoa(int(e.Number)), map[string]string{"event": "asked", "mode": string(e.Mode), "basis": e.Basis})
		return nil
	})
	return e, err
}

// alias is what stands in a person's place: the same for later requests.
func (tx *Tx) alias(ctx context.Context, a records.Author) (string, error) {
	var alias string
	err := tx.QueryRowContext(ctx, "SELECT alias FROM erasures WHERE network = $1 AND author_id = $2 ORDER BY number DESC LIMIT 1", string(a.Network), a.ID).Scan(&alias)
	if !errors.Is(err, sql.ErrNoRows) {
		return alias, err
	}
	n, err := tx.take(ctx, "applicant", 1)
	return "Заявитель " + strconv.FormatInt(n, 10), err
}

// masked is who stands in a person's place.
func masked(alias string) social.Author {
	return social.Author{ID: "erased " + strings.TrimPrefix(alias, "Заявитель "), Name: alias}
}

// eraseWords takes searches for a person out of the journal: their hashes stay.
func (tx *Tx) eraseWords(ctx context.Context, a records.Author) (int, error) {
	known, err := names(ctx, tx, a)
	if err != nil {
		return 0, err
	}
	seqs, err := collect(ctx, tx, func(r *sql.Rows) (int64, error) {
		var seq int64
		var words string
		err := r.Scan(&seq, &words)
		for _, part := range append(strings.Fields(strings.Join(known, " ")), a.ID) {
			if strings.Contains(fold(words), fold(part)) {
				return seq, err
			}
		}
		return 0, err
	}, "SELECT seq, words FROM audit_words")
	n := 0
	for _, seq := range seqs {
		if seq == 0 || err != nil {
			continue
		}
		n++
		_, err = tx.exec(ctx, "DELETE FROM audit_words WHERE seq = $1", seq)
	}
	return n, err
}

// eraseBatch bounds one transaction of erasing.
const eraseBatch = 50

// EraseSome does a part of a request under the worker's lease and says whether
// it is done. Whatever is interrupted goes on where it was: what is left is what
// still stands there. Errors: lease.ErrLost.
func (s *Store) EraseSome(ctx context.Context, l lease.Lease, id string, now time.Time) (over bool, err error) {
	err = s.inTx(ctx, now, func(tx *Tx) error {
		over = false
		if err := tx.fenced(ctx, l); err != nil {
			return err
		}
		list, err := collect(ctx, tx, scanErasure, "SELECT "+erasureColumns+" FROM erasures WHERE id = $1 AND state = 'open'", id)
		if err != nil || len(list) == 0 {
			over = true
			return err
		}
		r := list[0]
		e := &eraser{tx: tx, as: masked(r.Alias), wipe: r.Mode == records.Wipe}
		more, err := e.person(ctx, r.Author)
		if err != nil {
			return err
		}
		done, err := json.Marshal(r.Done.Plus(e.done))
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE erasures SET done = $2 WHERE id = $1", id, string(done)); err != nil || more {
			return err
		}
		over = true
		return tx.endErasure(ctx, r, string(done))
	})
	return over, err
}

// person erases a batch of what there is of a person, and says whether there
// may be more.
func (e *eraser) person(ctx context.Context, a records.Author) (bool, error) {
	for _, x := range []struct {
		text string
		do   func(context.Context, string) error
	}{
		{"SELECT id FROM items WHERE network = $1 AND author_id = $2 AND own = 0 ORDER BY id LIMIT $3", e.item},
		{"SELECT id FROM cases WHERE network = $1 AND author_id = $2 ORDER BY id LIMIT $3", e.caseOf},
	} {
		ids, err := collect(ctx, e.tx, scanText, x.text, string(a.Network), a.ID, eraseBatch)
		for _, id := range ids {
			if err == nil {
				err = x.do(ctx, id)
			}
		}
		if err != nil || len(ids) > 0 {
			return true, err
		}
	}
	raw, err := rawOf(ctx, e.tx, a, eraseBatch*4)
	for _, u := range raw {
		if err == nil {
			_, err = e.tx.exec(ctx, "UPDATE updates SET raw = '{}', encoding = 'text', broken = '' WHERE stream = $1 AND key = $2", u.stream, u.key)
		}
	}
	e.done.Updates += len(raw)
	return len(raw) > 0, err
}

func scanText(r *sql.Rows) (string, error) {
	var text string
	return text, r.Scan(&text)
}

// endErasure ends a request: the search archives are built anew, so that no
// former segment of theirs holds a word of it.
func (tx *Tx) endErasure(ctx context.Context, r records.Erasure, done string) error {
	if _, err := tx.exec(ctx, "UPDATE erasures SET state = 'done', ended_us = $2 WHERE id = $1", r.ID, tx.us); err != nil {
		return err
	}
	tx.note(rights.System(), records.Erase, "erasure:"+itoa(int(r.Number)), map[string]string{"event": "done", "mode": string(r.Mode), "done": done})
	if r.Mode != records.Wipe {
		return nil
	}
	_, err := tx.take(ctx, "archive.wish", 1)
	return err
}
