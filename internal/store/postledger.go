package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/publisher"
)

// dispatch brings the ledger into line with a decision on a post: it takes back
// what has not gone out, settles what a person found, and adds what leaves.
func (tx *Tx) dispatch(ctx context.Context, d publisher.Decision) error {
	if d.Recall {
		if err := tx.recallPost(ctx, d.Post.ID); err != nil {
			return err
		}
	}
	for page, at := range d.Settled {
		if err := tx.settlePage(ctx, d.Post.ID, page, at); err != nil {
			return err
		}
	}
	for _, x := range d.Send {
		out := delivery.Delivery{
			Kind: delivery.Kind(x.Act), SubjectID: d.Post.ID, Number: d.Post.Number, Network: x.Network, SourceID: x.PageID,
			Text: x.Part.Text, PartNumber: x.Number, Refs: x.Refs,
		}
		if len(x.Refs) > 0 {
			out.Thread = x.Refs[0]
		}
		if x.Part.Kind != "" {
			part := x.Part
			out.Part = &part
		}
		if x.Part.Kind == publisher.Question {
			out.Text = x.Part.Poll.Question
		}
		if x.Act == publisher.ActEdit {
			var err error
			if out.PollID, err = tx.pollUnder(ctx, d.Post.ID, x.PageID); err != nil {
				return err
			}
			if out.Uploaded, err = tx.uploadedFor(ctx, d.Post.ID, x.PageID); err != nil {
				return err
			}
		}
		if x.Number == 0 && (x.Act == publisher.ActPost || x.Act == publisher.ActPoll) {
			out.LeaveBy = d.Post.LeaveBy()
		}
		if err := tx.insertDelivery(ctx, out, d.Post.Approval.ByName); err != nil {
			return err
		}
	}
	return nil
}

// pollUnder is the network's name of the poll under a post on a page, "" if
// there is none.
func (tx *Tx) pollUnder(ctx context.Context, postID, page string) (string, error) {
	p, found, err := pollOfPost(ctx, tx, postID)
	if err != nil || !found {
		return "", err
	}
	for _, x := range p.Places {
		if x.PageID == page {
			return x.RemoteID, nil
		}
	}
	return "", nil
}

// uploadedFor is how a network calls the media of a post that stands on a page:
// an edit names all that shall stay.
func (tx *Tx) uploadedFor(ctx context.Context, postID, page string) ([]string, error) {
	d, err := scanDelivery(tx.QueryRowContext(ctx, "SELECT "+deliveryColumns+` FROM deliveries d WHERE d.subject_id = $1 AND d.source_id = $2
		AND d.kind = 'post' AND d.part = 0 AND d.state = 'sent' ORDER BY d.planned_us DESC LIMIT 1`, postID, page).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return d.Uploaded, err
}

// recallPost stops what has surely not gone out, or refuses.
func (tx *Tx) recallPost(ctx context.Context, postID string) error {
	if err := tx.lockAnswers(ctx, postID); err != nil {
		return err
	}
	var busy int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM deliveries WHERE subject_id = $1 AND kind IN ('post', 'poll')
		AND (state IN ('sending', 'unknown') OR state = 'planned' AND maybe_out = 1)`, postID).Scan(&busy)
	if err != nil {
		return err
	}
	if busy > 0 {
		return errs.New(errs.Conflict, "Пост уже уходит или мог уйти, забрать его нельзя. Сначала проверьте страницу и отметьте в «Доставке», появился ли он.")
	}
	if _, err := tx.exec(ctx, "UPDATE deliveries SET state = $2, done_us = $3 WHERE subject_id = $1 AND kind IN ('post', 'poll') AND state IN ('planned', 'failed')",
		postID, string(delivery.Cancelled), tx.us); err != nil {
		return err
	}
	return tx.bump(ctx, "deliveries")
}

// settlePage closes whatever the ledger holds of a post for a page on which a
// person found or published it.
func (tx *Tx) settlePage(ctx context.Context, postID, page string, at publisher.Standing) error {
	if err := tx.unclaimed(ctx, postID, at.Ref); err != nil {
		return err
	}
	if err := tx.lockAnswers(ctx, postID); err != nil {
		return err
	}
	var sending int
	err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM deliveries WHERE subject_id = $1 AND source_id = $2 AND kind IN ('post', 'poll') AND state = 'sending'",
		postID, page).Scan(&sending)
	if err != nil {
		return err
	}
	if sending > 0 {
		return errs.New(errs.Conflict, "Пост как раз отправляется. Подождите минуту и обновите страницу.")
	}
	if _, err := tx.exec(ctx, `UPDATE deliveries SET state = $3, done_us = $4, permalink = $5, remote_owner = $6, remote_id = $7 WHERE subject_id = $1 AND source_id = $2
		AND kind IN ('post', 'poll') AND (state = 'unknown' OR state = 'planned' AND maybe_out = 1 OR state = 'sent' AND remote_id = '' AND part = $8)`,
		postID, page, string(delivery.Sent), tx.us, at.Link, at.Ref.Owner, at.Ref.ID, at.Part); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE deliveries SET state = $3, done_us = $4 WHERE subject_id = $1 AND source_id = $2
		AND kind IN ('post', 'poll') AND state IN ('planned', 'failed')`, postID, page, string(delivery.Cancelled), tx.us); err != nil {
		return err
	}
	return tx.bump(ctx, "deliveries")
}

// unclaimed refuses a link that another post of the plan has already.
func (tx *Tx) unclaimed(ctx context.Context, postID string, ref social.Ref) error {
	known, err := tx.plannedAs(ctx, ref)
	if err != nil || known.post == "" || known.post == postID {
		return err
	}
	other, err := loadPost(ctx, tx, known.post)
	if err != nil {
		return err
	}
	return errs.Newf(errs.Conflict, "По этой ссылке стоит пост № %d. Вставьте ссылку на этот пост.", other.Number)
}

// ClosePoll closes a poll on all its pages, for a person or, when its time has
// come, for the program. Closing twice is harmless. Errors: NotFound, Forbidden.
func (s *Store) ClosePoll(ctx context.Context, by rights.Actor, id string, now time.Time) (publisher.Poll, error) {
	var out publisher.Poll
	err := s.inTx(ctx, now, func(tx *Tx) error {
		p, err := tx.lockPoll(ctx, id)
		if err != nil {
			return err
		}
		var places []publisher.Place
		if out, places, err = p.Close(by, now); err != nil || out.Version == p.Version {
			return err
		}
		var number int64
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(number), 0) FROM posts WHERE id = $1", p.PostID).Scan(&number); err != nil {
			return err
		}
		for _, x := range places {
			if err := tx.planClosing(ctx, p, x, number, by.Name); err != nil {
				return err
			}
		}
		return tx.savePoll(ctx, out)
	})
	return out, err
}

// Prepared keeps how the network calls the media that were uploaded and the poll
// that was made for a delivery, before it is published: what is named is not
// uploaded or made again. Errors: NotFound.
func (s *Store) Prepared(ctx context.Context, id string, uploaded []string, pollID string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		if _, err := tx.exec(ctx, "UPDATE deliveries SET state = state WHERE id = $1", id); err != nil {
			return err
		}
		d, err := loadDelivery(ctx, tx, id)
		if err != nil {
			return err
		}
		d.Uploaded, d.PollID = uploaded, pollID
		payload, err := cargoOf(d)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, "UPDATE deliveries SET payload = $2 WHERE id = $1", id, payload)
		return err
	})
}
