package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
)

// WishHistory writes down what a person asks of a source's history: w.Kind,
// w.By, and w.Days of collectors.WishRead. The stream follows it within seconds,
// or as soon as the network lets it work. Errors: NotFound, Invalid for days that
// are not 1 to collectors.MaxWishDays, Conflict when there is nothing to stop.
func (s *Store) WishHistory(ctx context.Context, sourceID string, w collectors.Wish, now time.Time) error {
	if w.Kind == collectors.WishRead && (w.Days < 1 || w.Days > collectors.MaxWishDays) {
		return errs.Newf(errs.Invalid, "Укажите, за сколько дней прочитать историю: от 1 до %d.", collectors.MaxWishDays)
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		// The counter is taken first: whoever has it sees all earlier wishes.
		n, err := tx.take(ctx, "wish", 1)
		if err != nil {
			return err
		}
		if err := tx.mayWish(ctx, sourceID, w.Kind); err != nil {
			return err
		}
		_, err = tx.exec(ctx, "INSERT INTO wishes (source_id, number, kind, days, state, asked_us, asked_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			sourceID, n, string(w.Kind), w.Days, string(collectors.WishAsked), tx.us, clean(w.By))
		if err != nil {
			return err
		}
		return tx.bump(ctx, "sources")
	})
}

// mayWish says why a wish cannot be carried out at all.
func (tx *Tx) mayWish(ctx context.Context, sourceID string, kind collectors.WishKind) error {
	var streams, reading, waiting int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN progress <> '' OR cursor = '' THEN 1 ELSE 0 END), 0),
		(SELECT COUNT(*) FROM wishes w WHERE w.source_id = $1 AND w.kind = $2 AND w.state IN ($3, $4))
		FROM streams WHERE source_id = $1 AND history = 1`, sourceID,
		string(collectors.WishRead), string(collectors.WishAsked), string(collectors.WishTaken)).Scan(&streams, &reading, &waiting)
	switch {
	case err != nil:
		return err
	case streams == 0:
		return errs.New(errs.NotFound, "У этого источника нет истории, которую можно прочитать.")
	case kind == collectors.WishStop && reading+waiting == 0:
		return errs.New(errs.Conflict, "История сейчас не читается: останавливать нечего.")
	}
	return nil
}

const wishColumns = "w.source_id, w.number, w.kind, w.days, w.state, w.asked_us, w.asked_by, w.said_us, w.known_us, w.short = 1"

func scanWish(scan func(...any) error) (source string, w collectors.Wish, err error) {
	var kind, state string
	var asked, said, known int64
	err = scan(&source, &w.Number, &kind, &w.Days, &state, &asked, &w.By, &said, &known, &w.Short)
	w.Kind, w.State = collectors.WishKind(kind), collectors.WishState(state)
	w.At, w.SaidAt, w.KnownFrom = moment(asked), moment(said), moment(known)
	return source, w, err
}

// Wish returns the newest wish about a source's history, or one with no number.
func (s *Store) Wish(ctx context.Context, sourceID string) (collectors.Wish, error) {
	row := s.read.QueryRowContext(ctx, "SELECT "+wishColumns+" FROM wishes w WHERE w.source_id = $1 ORDER BY w.number DESC LIMIT 1", sourceID)
	_, w, err := scanWish(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return collectors.Wish{}, nil
	}
	return w, err
}

// wishes returns the newest wish of every source that has one.
func (s *Store) wishes(ctx context.Context) (map[string]*collectors.Wish, error) {
	out := map[string]*collectors.Wish{}
	_, err := collect(ctx, s.read, func(r *sql.Rows) (string, error) {
		source, w, err := scanWish(r.Scan)
		out[source] = &w
		return source, err
	}, "SELECT "+wishColumns+" FROM wishes w WHERE w.number = (SELECT MAX(x.number) FROM wishes x WHERE x.source_id = w.source_id)")
	return out, err
}

// reply writes down what the stream says of a wish. Earlier ones that were not
// done will not be.
func (in *intake) reply(ctx context.Context, r collectors.WishReply) error {
	_, err := in.tx.exec(ctx, "UPDATE wishes SET state = $3, said_us = $4, known_us = $5, short = $6 WHERE source_id = $1 AND number = $2",
		in.stream.SourceID, r.Number, string(r.State), in.tx.us, micros(r.KnownFrom), flag(r.Short))
	if err != nil {
		return err
	}
	_, err = in.tx.exec(ctx, "UPDATE wishes SET state = $3, said_us = $4 WHERE source_id = $1 AND number < $2 AND state IN ($5, $6)",
		in.stream.SourceID, r.Number, string(collectors.WishDropped), in.tx.us, string(collectors.WishAsked), string(collectors.WishTaken))
	return err
}
