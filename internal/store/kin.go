package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// How a further message came to a case.
const (
	notKin    = ""
	textCopy  = "copy"
	repostKin = "repost"
)

// original finds the open case of the message that this one repeats: what it
// reposts, what else reposts the same, or what its text was copied from. Where
// the first case is finished, a copy is a new matter for people to look at.
func (tx *Tx) original(ctx context.Context, f detect.Conclusion) (caseID, kin string, err error) {
	if from := f.Item.Reposts(); !from.IsZero() {
		err = tx.QueryRowContext(ctx, `SELECT c.id FROM cases c WHERE c.stage <> 'done' AND c.id IN (
			SELECT x.case_id FROM items i JOIN case_items x ON x.item_id = i.id WHERE i.network = $1 AND i.owner = $2 AND i.item_id = $3
			UNION SELECT x.case_id FROM kin k JOIN case_items x ON x.item_id = k.item_id WHERE k.first_id = $4)
			ORDER BY c.number LIMIT 1`, string(from.Network), from.Owner, from.ID, from.String()).Scan(&caseID)
		if !errors.Is(err, sql.ErrNoRows) {
			return caseID, repostKin, err
		}
	}
	if f.Kinship.CopyOf == "" {
		return "", notKin, nil
	}
	err = tx.QueryRowContext(ctx, `SELECT c.id FROM kin k JOIN case_items x ON x.item_id = k.item_id JOIN cases c ON c.id = x.case_id
		WHERE k.first_id = $1 AND c.stage <> 'done' ORDER BY c.number LIMIT 1`, f.Kinship.CopyOf).Scan(&caseID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", notKin, nil
	}
	return caseID, textCopy, err
}

// keepPrint keeps what the copies of a message are known by.
func (tx *Tx) keepPrint(ctx context.Context, f detect.Conclusion) error {
	k := f.Kinship
	if k.Print == "" {
		return nil
	}
	first, at := f.Item.ID, f.Item.PublishedAt
	if from := f.Item.Reposts(); !from.IsZero() {
		first = from.String()
	} else if k.CopyOf != "" {
		// What is like a copy is found by its original.
		first, k.Print = k.CopyOf, ""
	}
	if at.IsZero() || at.After(tx.now) {
		at = tx.now
	}
	_, err := tx.exec(ctx, "INSERT INTO kin (item_id, first_id, author, print, at_us) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		f.Item.ID, first, clean(k.Author), k.Print, micros(at))
	return err
}

// openGathered opens a case and looks whether it is one of many.
func (tx *Tx) openGathered(ctx context.Context, f detect.Conclusion, finding incidents.Finding) (string, error) {
	id, err := tx.openCase(ctx, f.Item.ID, finding)
	if err != nil {
		return "", err
	}
	return id, tx.gather(ctx, f.Item.ID, f.Item.Place)
}

// echoed adds a repost without a word of its own to the open case of what it
// passes on: it says the same, only elsewhere.
func (tx *Tx) echoed(ctx context.Context, f detect.Conclusion, tally *detect.Tally) error {
	if strings.TrimSpace(f.Item.Text) != "" || f.Item.Reposts().IsZero() {
		return nil
	}
	open, kin, err := tx.original(ctx, f)
	if err != nil || open == "" {
		return err
	}
	var held int
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM case_items WHERE item_id = $1", f.Item.ID).Scan(&held); err != nil || held > 0 {
		return err
	}
	c, err := tx.lockCase(ctx, open)
	if err != nil || c.Stage == incidents.Done {
		return err
	}
	tally.Attached++
	return tx.attachCopy(ctx, c, f, incidents.Finding{Item: f.Item.Item, SourceID: f.Item.SourceID, Topic: f.Topic, By: rights.System()}, kin)
}

// attachCopy adds a repost or a copied text to the case of its original.
func (tx *Tx) attachCopy(ctx context.Context, c incidents.Case, f detect.Conclusion, finding incidents.Finding, kin string) error {
	after, ev := incidents.Attach(c, finding, tx.now)
	ev.Kind = incidents.EventCopied
	if kin == repostKin {
		ev.Data["repost"] = "1"
	}
	if name := finding.Item.Author.Name; name != "" {
		ev.Data["author"] = name
	}
	if err := tx.saveCase(ctx, c.Version, after); err != nil {
		return err
	}
	if err := tx.regather(ctx, c, after); err != nil {
		return err
	}
	if err := tx.holdItem(ctx, c.ID, f.Item.ID); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "UPDATE case_items SET kin = $2 WHERE item_id = $1", f.Item.ID, kin); err != nil {
		return err
	}
	if err := tx.countHour(ctx, c.TopicID, spotOfCase(after), f.Item.PublishedAt, 1); err != nil {
		return err
	}
	return tx.addEvent(ctx, c.ID, ev)
}

// Print is what the copies of a message are known by.
type Print struct {
	ItemID, Author, Print string
	At                    time.Time
}

// Prints returns what is kept of messages that were written since, the oldest
// first and at most the newest limit of them.
func (s *Store) Prints(ctx context.Context, since time.Time, limit int) ([]Print, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (Print, error) {
		var p Print
		var at int64
		err := r.Scan(&p.ItemID, &p.Author, &p.Print, &at)
		p.At = moment(at)
		return p, err
	}, `SELECT item_id, author, print, at_us FROM (SELECT item_id, author, print, at_us FROM kin WHERE print <> '' AND at_us >= $1
		ORDER BY at_us DESC, item_id DESC LIMIT $2) k ORDER BY at_us, item_id`, micros(since), limit)
}

// viewCopies reads the messages that repeat the one of the case.
func (s *Store) viewCopies(ctx context.Context, v *incidents.View) error {
	var err error
	v.Copies, err = collect(ctx, s.read, func(r *sql.Rows) (incidents.Copy, error) {
		var c incidents.Copy
		var network string
		var at int64
		var repost int
		err := r.Scan(&network, &c.Author, &c.Permalink, &c.Source, &at, &repost)
		c.Network, c.At, c.Repost = social.Network(network), moment(at), repost == 1
		return c, err
	}, `SELECT i.network, i.author, i.permalink, s.title, i.published_us, CASE WHEN x.kin = 'repost' THEN 1 ELSE 0 END
		FROM case_items x JOIN items i ON i.id = x.item_id JOIN sources s ON s.id = i.source_id
		WHERE x.case_id = $1 AND x.kin <> '' ORDER BY x.added_us DESC, x.item_id LIMIT 50`, v.Case.ID)
	return err
}
