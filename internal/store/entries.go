package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// Entries returns a part of the ledger for the page Доставка.
func (s *Store) Entries(ctx context.Context, f delivery.EntryFilter) (delivery.EntryPage, error) {
	p := delivery.EntryPage{Counts: map[delivery.Tab]int{}}
	for _, tab := range []delivery.Tab{delivery.TabToday, delivery.TabUnknown, delivery.TabFailed, delivery.TabWaiting, delivery.TabSent} {
		q := entryQuery(tab, f)
		var n int
		if err := s.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM deliveries d"+q.clause(), q.args...).Scan(&n); err != nil {
			return p, err
		}
		p.Counts[tab] = n
	}
	p.Total = p.Counts[f.Tab]
	q := entryQuery(f.Tab, f)
	limit, offset := q.arg(min(max(f.Limit, 1), 200)), q.arg(max(f.Offset, 0))
	var err error
	p.Entries, err = collect(ctx, s.read, scanEntry, "SELECT "+deliveryColumns+`, s.title, COALESCE(c.message, ''), COALESCE(p.title, ''), d.next_us, d.done_us, d.trouble, d.trouble_code, d.permalink, d.approver, COALESCE(r.permalink, t.permalink, CASE WHEN d.kind = 'answer' THEN '' ELSE s.url END)
		FROM deliveries d JOIN sources s ON s.id = d.source_id LEFT JOIN cases c ON c.id = d.subject_id
		LEFT JOIN posts p ON p.id = d.subject_id
		LEFT JOIN items r ON r.network = d.network AND r.owner = d.reply_owner AND r.item_id = d.reply_id AND r.permalink <> ''
		LEFT JOIN items t ON t.network = d.network AND t.owner = d.thread_owner AND t.item_id = d.thread_id`+q.clause()+`
		ORDER BY CASE d.state WHEN 'unknown' THEN 0 WHEN 'failed' THEN 1 WHEN 'sending' THEN 2 WHEN 'planned' THEN 3 ELSE 4 END,
		d.planned_us DESC LIMIT `+limit+" OFFSET "+offset, q.args...)
	return p, err
}

func entryQuery(tab delivery.Tab, f delivery.EntryFilter) *query {
	q := &query{}
	switch tab {
	case delivery.TabUnknown:
		q.and("d.state = " + q.arg(string(delivery.Unknown)))
	case delivery.TabFailed:
		q.and("d.state = " + q.arg(string(delivery.Failed)))
	case delivery.TabWaiting:
		q.and("d.state IN (" + q.arg(string(delivery.Planned)) + ", " + q.arg(string(delivery.Sending)) + ")")
	case delivery.TabSent:
		q.and("d.state = " + q.arg(string(delivery.Sent)))
	default:
		// What stands still belongs to today, whenever it was planned.
		q.and("(d.planned_us >= " + q.arg(micros(f.Since)) + " OR d.state IN ('unknown', 'failed', 'planned', 'sending'))")
		q.and("d.state <> " + q.arg(string(delivery.Cancelled)))
	}
	return q
}

func scanEntry(r *sql.Rows) (delivery.Entry, error) {
	var e delivery.Entry
	var message, title string
	var next, done int64
	d, err := scanDelivery(r.Scan, &e.SourceTitle, &message, &title, &next, &done, &e.Trouble, &e.TroubleCode, &e.Permalink, &e.Approver, &e.ThreadLink)
	if err != nil {
		return e, err
	}
	var m social.Item
	if message != "" {
		err = errors.Join(err, json.Unmarshal([]byte(message), &m))
	}
	e.Delivery, e.CaseTitle, e.NextTryAt, e.DoneAt = d, cmp.Or(m.Text, title, d.Text), moment(next), moment(done)
	return e, err
}
