package store

import (
	"context"
	"database/sql"

	"otklik/internal/delivery"
)

// Stopped lists what of a subject has stopped on its way out and waits for a
// person: deliveries that failed, or of which it is not known.
func (s *Store) Stopped(ctx context.Context, subjectID string) ([]delivery.Delivery, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (delivery.Delivery, error) { return scanDelivery(r.Scan) },
		"SELECT "+deliveryColumns+" FROM deliveries d WHERE d.subject_id = $1 AND d.state IN ('unknown', 'failed') ORDER BY d.planned_us, d.id", subjectID)
}
