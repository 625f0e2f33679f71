package storetest

import (
	"os"
	"testing"
	"time"

	"otklik/internal/alarm"
)

// TestMillion measures what the page of sources, the rail and the auditor ask of
// a base with a million items of four weeks on forty sources. OTKLIK_MILLION
// asks for it, because filling the base takes a minute.
func TestMillion(t *testing.T) {
	if os.Getenv("OTKLIK_MILLION") == "" {
		t.Skip("a million items are stored when OTKLIK_MILLION is set")
	}
	each(t, func(t *testing.T, b *bundle) {
		const items, sources, span = 1_000_000, 40, 28 * 24 * time.Hour
		step := (span / items).Microseconds()
		begin := b.now.Add(-span).UnixMicro()
		run := func(query string, args ...any) {
			t.Helper()
			_, err := b.raw.ExecContext(b.ctx, query, args...)
			b.must(err)
		}
		const count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
		run(`INSERT INTO sources (id, network, external_id, kind, title, url, abilities, created_us, covered_us) `+count+`40)
			SELECT 's' || i, 'vk', '-' || (i + 100), 'vk.community', 'Источник ' || i, '', '[]', CAST($1 AS BIGINT), CAST($1 AS BIGINT) FROM n`, begin)
		run(`INSERT INTO streams (name, source_id, complete_us, history) SELECT 'live:' || id, id, $1, 1 FROM sources WHERE id LIKE 's%'`, b.now.UnixMicro())
		run(`INSERT INTO items (id, seq, network, owner, item_id, source_id, kind, thread_owner, thread_id, reply_id, copy_owner, copy_id, author_id,
			author, own, body, media, permalink, version, published_us, edited_us, seen_us, deleted_us, pending) `+count+`1000000)
			SELECT 'i' || i, 1000000 + i, 'vk', '-1', 'm' || i, 's' || (i % 40 + 1), 'comment', '-1', '1', '', '', '', '5', '{}', 0,
			'Во дворе третью неделю не вывозят мусор, контейнеры переполнены', '[]', '', 1, CAST($1 AS BIGINT) + CAST($2 AS BIGINT) * i, 0, CAST($1 AS BIGINT) + CAST($2 AS BIGINT) * i, 0, 0 FROM n`, begin, step)
		run(`UPDATE sources SET items = (SELECT COUNT(*) FROM items i WHERE i.source_id = sources.id)`)
		run(`INSERT INTO source_hours (source_id, hour, items) SELECT source_id, published_us / 3600000000, COUNT(*) FROM items GROUP BY 1, 2`)
		run("ANALYZE")
		for name, ask := range map[string]func() error{
			"how much is written": func() error { _, err := b.s.Paces(b.ctx, b.now); return err },
			"sources":             func() error { _, err := b.s.Sources(b.ctx, b.now); return err },
			"the rail":            func() error { _, err := b.s.Counts(b.ctx, reader(""), b.now); return err },
			"the auditor's facts": func() error { _, err := b.s.Facts(b.ctx, b.now); return err },
			"what waits":          func() error { _, err := b.s.Waiting(b.ctx, b.now); return err },
			"alarms":              func() error { _, err := b.s.AlarmPage(b.ctx, alarm.Filter{Limit: 50}); return err },
		} {
			b.must(ask())
			const times = 10
			start := time.Now()
			for range times {
				b.must(ask())
			}
			took := time.Since(start) / times
			t.Logf("%s: %v", name, took.Round(10*time.Microsecond))
			if took > time.Second/4 {
				t.Errorf("%s takes %v", name, took)
			}
		}
	})
}
