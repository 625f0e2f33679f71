package store

import (
	"context"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/publisher"
)

// lockSubject keeps what a delivery is sent for as it is until the transaction
// ends: its case, its post or its poll. It is always locked before the delivery.
func (tx *Tx) lockSubject(ctx context.Context, d delivery.Delivery) error {
	var err error
	switch d.Kind {
	case delivery.KindAnswer:
		_, err = tx.lockCase(ctx, d.SubjectID)
	case delivery.KindClosePoll:
		_, err = tx.lockPoll(ctx, d.SubjectID)
	case delivery.KindPost, delivery.KindPoll, delivery.KindEdit, delivery.KindDelete, delivery.KindPin, delivery.KindUnpin:
		_, err = tx.lockPost(ctx, d.SubjectID)
	case delivery.KindNotice:
		// A notice to one person changes nothing but its own row.
	}
	return err
}

// tellSent says to the subject that a delivery was carried out, in the name of
// whoever found it out.
func (tx *Tx) tellSent(ctx context.Context, d delivery.Delivery, r delivery.Receipt, by rights.Actor) error {
	switch d.Kind {
	case delivery.KindAnswer:
		return tx.tellAs(ctx, d.SubjectID, incidents.Published{Link: r.Permalink}, by)
	case delivery.KindPost, delivery.KindPoll:
		return tx.tellPost(ctx, d.SubjectID, publisher.Sent{PageID: d.SourceID, Part: d.PartNumber, Ref: r.Ref, Also: r.Also, Link: r.Permalink, PollID: r.PollID}, by)
	case delivery.KindEdit, delivery.KindDelete, delivery.KindPin, delivery.KindUnpin:
		return tx.tellPost(ctx, d.SubjectID, publisher.Changed{PageID: d.SourceID, Act: publisher.Act(d.Kind)}, by)
	case delivery.KindClosePoll:
		if err := tx.lastLook(ctx, d, r); err != nil {
			return err
		}
		return tx.tellPoll(ctx, d.SubjectID, func(p publisher.Poll) publisher.Poll { return p.PlaceClosed(d.SourceID, tx.now) })
	case delivery.KindNotice:
	}
	return nil
}

// tellTrouble says to the subject that a delivery failed, or that its fate is
// not known.
func (tx *Tx) tellTrouble(ctx context.Context, d delivery.Delivery, v delivery.Verdict) error {
	unknown := v.State == delivery.Unknown
	switch d.Kind {
	case delivery.KindAnswer:
		if unknown {
			return tx.tellAs(ctx, d.SubjectID, incidents.Uncertain{Why: v.Trouble}, rights.System())
		}
		return tx.tellAs(ctx, d.SubjectID, incidents.NotPublished{Why: v.Trouble}, rights.System())
	case delivery.KindPost, delivery.KindPoll:
		if unknown {
			return tx.tellPost(ctx, d.SubjectID, publisher.Uncertain{PageID: d.SourceID, Why: v.Trouble}, rights.System())
		}
		return tx.tellPost(ctx, d.SubjectID, publisher.NotSent{PageID: d.SourceID, Why: v.Trouble}, rights.System())
	case delivery.KindEdit, delivery.KindDelete, delivery.KindPin, delivery.KindUnpin:
		return tx.tellPost(ctx, d.SubjectID, publisher.NotChanged{PageID: d.SourceID, Act: publisher.Act(d.Kind), Why: v.Trouble}, rights.System())
	case delivery.KindClosePoll:
		return tx.tellPoll(ctx, d.SubjectID, func(p publisher.Poll) publisher.Poll { return p.PlaceStuck(d.SourceID, v.Trouble, tx.now) })
	case delivery.KindNotice:
	}
	return nil
}

// tellResent says to the subject that a person has it sent once more.
func (tx *Tx) tellResent(ctx context.Context, d delivery.Delivery, by rights.Actor) error {
	switch d.Kind {
	case delivery.KindAnswer:
		return tx.tellAs(ctx, d.SubjectID, incidents.Resent{}, by)
	case delivery.KindPost, delivery.KindPoll:
		return tx.tellPost(ctx, d.SubjectID, publisher.Resent{PageID: d.SourceID}, by)
	}
	return nil
}

// tellAs carries out what the program has to say about a case, in the name of
// whoever found it out.
func (tx *Tx) tellAs(ctx context.Context, caseID string, cmd incidents.Command, by rights.Actor) error {
	c, err := tx.lockCase(ctx, caseID)
	if err != nil {
		return err
	}
	if c.Stage != incidents.Publication {
		// The case has gone on without this answer. What the ledger knows must
		// be written all the same, or its worker would stumble over it for ever.
		return nil
	}
	d, err := incidents.Apply(c, cmd, rights.System(), tx.now)
	if err != nil {
		return err
	}
	for i := range d.Events {
		d.Events[i].ActorID, d.Events[i].ActorName = by.ID, by.Name
	}
	return tx.carryOut(ctx, c, d)
}

// tellPost is tellAs for a post. A post that has gone on without this delivery
// is left as it is.
func (tx *Tx) tellPost(ctx context.Context, postID string, cmd publisher.Command, by rights.Actor) error {
	p, err := tx.lockPost(ctx, postID)
	if err != nil {
		return err
	}
	d, err := publisher.Apply(p, cmd, rights.System(), publisher.Facts{Now: tx.now})
	if errs.CodeOf(err) == errs.Conflict {
		return nil
	}
	if err != nil {
		return err
	}
	for i := range d.Events {
		d.Events[i].ActorID, d.Events[i].ActorName = by.ID, by.Name
	}
	return tx.carryOutPost(ctx, p, d)
}

// lastLook keeps the final result that the network told when it closed a poll.
func (tx *Tx) lastLook(ctx context.Context, d delivery.Delivery, r delivery.Receipt) error {
	if r.Result == nil || len(r.Result.Answers) == 0 {
		return nil
	}
	p, err := loadPoll(ctx, tx, d.SubjectID)
	if err != nil {
		return err
	}
	return tx.addSnapshot(ctx, publisher.SnapshotOf(p, d.SourceID, *r.Result, tx.now))
}

func (tx *Tx) tellPoll(ctx context.Context, pollID string, change func(publisher.Poll) publisher.Poll) error {
	p, err := tx.lockPoll(ctx, pollID)
	if err != nil {
		return err
	}
	return tx.savePoll(ctx, change(p))
}
