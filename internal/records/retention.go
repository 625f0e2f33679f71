package records

import (
	"context"
	"log/slog"
	"time"

	"otklik/internal/errs"
	"otklik/internal/lease"
)

// Class is a kind of data that stays for as long as an agency wants.
type Class string

const (
	Updates   Class = "updates"   // raw updates that were understood
	Broken    Class = "broken"    // raw updates that were not
	Items     Class = "items"     // citizens' messages without a case, with texts and photos
	Photos    Class = "photos"    // citizens' photos in cases
	Cases     Class = "cases"     // words and names in closed cases; their figures stay
	Decisions Class = "decisions" // texts that the program learns from
	Journal   Class = "journal"   // this journal
)

// Classes lists all classes in the order in which people read them.
func Classes() []Class { return []Class{Updates, Broken, Items, Photos, Cases, Decisions, Journal} }

// Bounds of a class in days; zero days mean for ever.
func (c Class) Bounds() (least, most int) {
	switch c {
	case Updates, Broken:
		return 7, 3650
	case Journal:
		return 365, 7300
	}
	return 30, 7300
}

// Terms says for how many days each class stays; 0 for ever.
type Terms map[Class]int

// DefaultTerms are those that an installation begins with.
func DefaultTerms() Terms {
	return Terms{Updates: 30, Broken: 365, Items: 1095, Photos: 1825, Cases: 1825, Decisions: 1825, Journal: 1095}
}

// Check says what is wrong with terms. Errors: Invalid.
func (t Terms) Check() error {
	for _, c := range Classes() {
		least, most := c.Bounds()
		if days := t[c]; days != 0 && (days < least || days > most) {
			return errs.Newf(errs.Invalid, "Срок — от %d до %d дней, 0 — хранить бессрочно.", least, most)
		}
	}
	return nil
}

// Before is the moment before which a class has run out; zero for never.
func (t Terms) Before(c Class, now time.Time) time.Time {
	if t[c] == 0 {
		return time.Time{}
	}
	return now.AddDate(0, 0, -t[c])
}

// Chosen says who has set the terms last.
type Chosen struct {
	Version int
	By      string
	At      time.Time
}

// Due is what of a class has run out.
type Due struct {
	Class  Class
	Count  int
	Oldest time.Time
}

// Book is the base as the keeper needs it.
type Book interface {
	Terms(ctx context.Context) (Terms, Chosen, error)
	// Expire removes a batch of what has run out before a moment, under the
	// lease, and returns how much it was. Errors: lease.ErrLost.
	Expire(ctx context.Context, l lease.Lease, c Class, before, now time.Time) (int, error)
	// Expired is when everything was last looked through.
	Expired(ctx context.Context) (time.Time, error)
	// EndExpiry writes down what was removed of each class. Errors: lease.ErrLost.
	EndExpiry(ctx context.Context, l lease.Lease, removed map[Class]int, now time.Time) error
}

// Eraser does the work of requests.
type Eraser interface {
	OpenErasures(ctx context.Context) ([]Erasure, error)
	// EraseSome does a part and says whether the request is done.
	EraseSome(ctx context.Context, l lease.Lease, id string, now time.Time) (over bool, err error)
}

// pauseBetween leaves the base to others between two batches.
const pauseBetween = 20 * time.Millisecond

// Waiter sleeps until it is woken.
type Waiter interface {
	Sleep(ctx context.Context, d time.Duration) error
}

// Keeper removes what has run out, once in a day, and erases what people ask for.
type Keeper struct {
	Book   Book
	Eraser Eraser
	Now    func() time.Time
	Log    *slog.Logger
	Wake   Waiter
	Tick   time.Duration
	// Told is called when something was erased or removed.
	Told func()
	// Night says whether a look through everything is due, given the last one.
	Night func(last, now time.Time) bool
}

// Run works until ctx ends. It is meant for lease.Keeper.Hold: what a killed
// process left is found by the next one.
func (k *Keeper) Run(ctx context.Context, l lease.Lease) error {
	for {
		if err := k.erase(ctx, l); err != nil {
			return err
		}
		if err := k.expire(ctx, l); err != nil {
			return err
		}
		if err := k.Wake.Sleep(ctx, k.Tick); err != nil {
			return err
		}
	}
}

func (k *Keeper) erase(ctx context.Context, l lease.Lease) error {
	list, err := k.Eraser.OpenErasures(ctx)
	for _, e := range list {
		for over := false; !over && err == nil; {
			if over, err = k.Eraser.EraseSome(ctx, l, e.ID, k.Now()); err == nil {
				err = rest(ctx)
			}
		}
		if err != nil {
			return err
		}
		k.Log.InfoContext(ctx, "a person's data were erased", "request", e.Number, "mode", e.Mode)
		k.Told()
	}
	return err
}

func (k *Keeper) expire(ctx context.Context, l lease.Lease) error {
	last, err := k.Book.Expired(ctx)
	if err != nil || !k.Night(last, k.Now()) {
		return err
	}
	terms, _, err := k.Book.Terms(ctx)
	if err != nil {
		return err
	}
	removed := map[Class]int{}
	for _, c := range Classes() {
		before := terms.Before(c, k.Now())
		if before.IsZero() {
			continue
		}
		for {
			n, err := k.Book.Expire(ctx, l, c, before, k.Now())
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			removed[c] += n
			if err := rest(ctx); err != nil {
				return err
			}
		}
	}
	if err := k.Book.EndExpiry(ctx, l, removed, k.Now()); err != nil {
		return err
	}
	if len(removed) > 0 {
		k.Log.InfoContext(ctx, "data whose time has run out were removed", "removed", removed)
		k.Told()
	}
	return nil
}

func rest(ctx context.Context) error {
	t := time.NewTimer(pauseBetween)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
