package store

import (
	"context"

	"otklik/internal/errs"
	"otklik/publisher"
)

// dispatch puts into the ledger what a decision sends.
func (tx *Tx) dispatch(_ context.Context, d publisher.Decision) error {
	if len(d.Send) > 0 || d.Recall || len(d.Settled) > 0 {
		return errs.New(errs.Internal, "the ledger holds answers only")
	}
	return nil
}
