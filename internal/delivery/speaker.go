package delivery

import (
	"context"
	"errors"
	"slices"
	"time"

	"otklik/internal/social"
)

// Poster publishes on one page of a network. Its errors are *Failures; a failed
// Upload or CreatePoll has left nothing that anybody sees.
type Poster interface {
	// Upload brings a file into the network and returns its name there, "" where
	// files travel with their post.
	Upload(ctx context.Context, m Medium) (string, error)
	// CreatePoll makes a poll that no post shows yet and returns its name, ""
	// where a poll is made together with its post.
	CreatePoll(ctx context.Context, p Poll) (string, error)
	Publish(ctx context.Context, p Publication) (Published, error)
	Edit(ctx context.Context, r Revision) error
}

// Changer changes what stands on a page. Doing so twice leaves what once leaves.
type Changer interface {
	Delete(ctx context.Context, refs []social.Ref) error
	Pin(ctx context.Context, refs []social.Ref) error
	Unpin(ctx context.Context, refs []social.Ref) error
	ClosePoll(ctx context.Context, refs []social.Ref, name string) (social.PollResult, error)
}

// Parts remembers what was made of a delivery before its call.
type Parts interface {
	Prepared(ctx context.Context, id string, uploaded []string, pollID string, now time.Time) error
}

// Speaker says everything that one page says: answers into threads, posts, and
// what is changed of them.
type Speaker struct {
	Answers Sender
	Posts   Poster
	Changes Changer
	Stock   Stock
	Parts   Parts
	Now     func() time.Time
	// Hands bounds how many calls of one key are begun and not ended, so that
	// what waits for the limits of the key waits in the ledger and can still be
	// stopped. It is shared by all pages of the key; nil means no bound.
	Hands chan struct{}
}

// Prepare implements Preparer: files are uploaded and a poll is made, one after
// another, each written down before the next one. What was written down is not
// made again, whatever happens in between.
func (s *Speaker) Prepare(ctx context.Context, d Delivery) error {
	if d.Part == nil || d.Kind != KindPost && d.Kind != KindPoll && d.Kind != KindEdit {
		return nil
	}
	pub := d.Publication()
	if err := s.supply(ctx, &pub, d); err != nil {
		return err
	}
	names := make([]string, len(d.Part.Media))
	copy(names, d.Uploaded)
	for i := range names {
		if names[i] != "" {
			continue
		}
		name, err := s.Posts.Upload(ctx, pub.Media[i])
		if err != nil {
			return err
		}
		if name == "" {
			continue
		}
		names[i] = name
		if err := s.Parts.Prepared(ctx, d.ID, names, d.PollID, s.Now()); err != nil {
			return err
		}
	}
	if pub.Poll == nil || d.PollID != "" || d.Kind == KindEdit {
		return nil
	}
	poll, err := s.Posts.CreatePoll(ctx, *pub.Poll)
	if err != nil || poll == "" {
		return err
	}
	return s.Parts.Prepared(ctx, d.ID, names, poll, s.Now())
}

// supply gives the files that are not in the network yet their bytes.
func (s *Speaker) supply(ctx context.Context, pub *Publication, d Delivery) error {
	for i, m := range d.Part.Media {
		if pub.Media[i].Uploaded != "" {
			continue
		}
		kind, size, err := s.Stock.PictureSize(ctx, m.Hash)
		if err != nil {
			return unstocked(err)
		}
		pub.Media[i].Type, pub.Media[i].Size = kind, size
		pub.Media[i].Data = &stocked{ctx: ctx, stock: s.Stock, hash: m.Hash}
	}
	return nil
}

// Turn implements Turner.
func (s *Speaker) Turn(ctx context.Context) (func(), error) {
	if s.Hands == nil {
		return func() {}, nil
	}
	select {
	case s.Hands <- struct{}{}:
		return func() { <-s.Hands }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Send implements Sender.
func (s *Speaker) Send(ctx context.Context, d Delivery) (Receipt, error) {
	refs := d.Refs
	if len(refs) == 0 && !d.Thread.IsZero() {
		refs = []social.Ref{d.Thread}
	}
	switch d.Kind {
	case KindPost, KindPoll:
		return s.publish(ctx, d)
	case KindEdit:
		return Receipt{}, s.edit(ctx, d)
	case KindDelete:
		return Receipt{}, s.Changes.Delete(ctx, refs)
	case KindPin:
		return Receipt{}, s.Changes.Pin(ctx, refs)
	case KindUnpin:
		return Receipt{}, s.Changes.Unpin(ctx, refs)
	case KindClosePoll:
		result, err := s.Changes.ClosePoll(ctx, refs, d.PollID)
		if err != nil {
			return Receipt{}, err
		}
		return Receipt{Result: &result}, nil
	}
	return s.Answers.Send(ctx, d)
}

func (s *Speaker) publish(ctx context.Context, d Delivery) (Receipt, error) {
	if d.Part == nil {
		return Receipt{}, &Failure{Outcome: Refused, Code: "no_content", Message: "В посте ничего нет. Откройте его и запланируйте заново."}
	}
	pub := d.Publication()
	if err := s.supply(ctx, &pub, d); err != nil {
		return Receipt{}, failed(err)
	}
	out, err := s.Posts.Publish(ctx, pub)
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Permalink: out.Permalink, PollID: out.Poll}
	if len(out.Refs) > 0 {
		r.Ref, r.Also = out.Refs[0], slices.Clone(out.Refs[1:])
	}
	return r, nil
}

func (s *Speaker) edit(ctx context.Context, d Delivery) error {
	if d.Part == nil {
		return &Failure{Outcome: Refused, Code: "no_content", Message: "В правке ничего нет. Откройте пост и предложите её заново."}
	}
	pub := d.Publication()
	if err := s.supply(ctx, &pub, d); err != nil {
		return failed(err)
	}
	r := Revision{Refs: d.Refs, Text: pub.Text, Entities: pub.Entities, Media: pub.Media, NoComments: pub.NoComments, NoPreview: pub.NoPreview}
	if pub.Poll != nil {
		r.Poll = d.PollID
	}
	return s.Posts.Edit(ctx, r)
}

// failed is an error of our own before a call: surely nothing was sent.
func failed(err error) error {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Outcome: NotSent, Code: "store", Message: "База не отдала вложение; программа повторит отправку сама.", Cause: err}
}
