package app

import (
	"context"
	"time"

	"otklik/index"
	"otklik/index/kin"
	"otklik/internal/detect"
	"otklik/internal/lease"
	"otklik/internal/store"
)

// keptPrints bounds how many messages of cases are remembered for their copies.
const keptPrints = 50_000

// kinship finds copies among what is due. It is for the one detector.
type kinship struct {
	store  *store.Store
	now    func() time.Time
	reader *kin.Reader
	shelf  *kin.Shelf
}

func newKinship(s *store.Store, a *index.Analyzer, now func() time.Time) *kinship {
	return &kinship{store: s, now: now, reader: kin.NewReader(a), shelf: kin.NewShelf(keptPrints)}
}

// recalling has a worker begin with what was kept by whoever detected before.
func (k *kinship) recalling(run func(context.Context, lease.Lease) error) func(context.Context, lease.Lease) error {
	return func(ctx context.Context, l lease.Lease) error {
		if err := k.recall(ctx); err != nil {
			return err
		}
		return run(ctx, l)
	}
}

func (k *kinship) recall(ctx context.Context) error {
	list, err := k.store.Prints(ctx, k.now().Add(-kin.Window), keptPrints)
	if err != nil {
		return err
	}
	k.shelf = kin.NewShelf(keptPrints)
	for _, p := range list {
		print, err := kin.Decode(p.Print)
		if err != nil {
			continue // of another version: its copies will be cases of their own
		}
		k.shelf.Put(kin.Original{ID: p.ItemID, Author: p.Author, At: p.At, Print: print})
	}
	return nil
}

// Kin implements detect.Kin.
func (k *kinship) Kin(_ context.Context, found []detect.Conclusion) ([]detect.Kinship, error) {
	out := make([]detect.Kinship, len(found))
	for i, f := range found {
		if !f.Due() {
			continue
		}
		o := kin.Original{ID: f.Item.ID, At: f.Item.PublishedAt, Print: k.reader.Print(f.Item.Text)}
		if o.At.IsZero() {
			o.At = k.now()
		}
		if f.Item.Author.ID != "" {
			o.Author = string(f.Item.Ref.Network) + " " + f.Item.Author.ID
		}
		out[i] = detect.Kinship{Author: o.Author, Print: o.Print.Encode()}
		if of, ok := k.shelf.Find(o); ok {
			out[i].CopyOf = of.Of
			continue
		}
		k.shelf.Put(o)
	}
	return out, nil
}
