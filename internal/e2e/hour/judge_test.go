package hour

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
)

// row is one stored item.
type row struct {
	version int
	body    string
	deleted bool
	thread  string
	replyTo string
	seen    time.Time
	texts   []string
}

// open opens the database past the program's own code.
func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	driver := "sqlite"
	if strings.HasPrefix(dsn, "postgres") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// stored is every item with all its versions.
func stored(t *testing.T, dsn string) map[social.Ref]*row {
	t.Helper()
	db := open(t, dsn)
	defer func() { _ = db.Close() }()
	rows, err := db.Query(`SELECT i.network, i.owner, i.item_id, i.version, i.body, i.deleted_us <> 0, i.thread_id, i.reply_id, i.seen_us, COALESCE(v.body, '')
		FROM items i LEFT JOIN item_versions v ON v.item_id = i.id ORDER BY i.seq, v.version`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	out := map[social.Ref]*row{}
	for rows.Next() {
		var ref social.Ref
		var x row
		var seen int64
		var text string
		if err := rows.Scan(&ref.Network, &ref.Owner, &ref.ID, &x.version, &x.body, &x.deleted, &x.thread, &x.replyTo, &seen, &text); err != nil {
			t.Fatal(err)
		}
		x.seen = time.UnixMicro(seen)
		if out[ref] == nil {
			out[ref] = &x
		}
		out[ref].texts = append(out[ref].texts, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// verdict gathers complaints, so that a thousand of one kind read as one line.
type verdict struct {
	t     *testing.T
	count map[string]int
	first map[string]string
}

func (v *verdict) wrong(kind, detail string) {
	if v.count[kind]++; v.count[kind] == 1 {
		v.first[kind] = detail
	}
}

func (v *verdict) done() {
	for kind, n := range v.count {
		v.t.Errorf("%s: %d, such as %s", kind, n, v.first[kind])
	}
}

func judge(t *testing.T, c *city, l *life, p *program, dsn string, recorded *calls) {
	t.Helper()
	v := &verdict{t, map[string]int{}, map[string]string{}}
	have := stored(t, dsn)
	list, err := p.store.Sources(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	gaps := named(t, dsn)
	for _, s := range list {
		t.Logf("%s: %s, complete to %s, %d gaps named; %s", s.Network, s.State, s.CompleteTo.Format(time.TimeOnly), len(gaps[s.Network]), s.Trouble)
		for _, g := range s.Gaps {
			if g.Hopeless != (s.Network == social.Telegram) {
				v.wrong("a gap is hopeless where there is no history, and only there", g.Reason)
			}
		}
		if s.State == collectors.Sick || s.State == collectors.Lagging || s.Trouble != "" {
			v.wrong("a source is not well after the faults", string(s.State)+" "+s.Trouble)
		}
	}
	for name, s := range p.stats {
		t.Logf("%s: %d fetches, %d batches, %d updates, %d broken, troubles %v", name, s.fetches, s.batches, s.updates, s.broken, s.troubles)
	}
	v.versions(l, have)
	v.told(c.told, l, have)
	v.wall(c, l, p, have, gaps[social.VK])
	v.chats(c, have, gaps[social.Telegram])
	for ref, r := range have {
		if len(l.texts[ref]) == 0 {
			v.wrong("stored, but nobody wrote it", ref.String()+" "+r.body)
		}
	}
	limits(t, v, recorded)
	edits := -l.written
	for _, texts := range l.texts {
		edits += len(texts)
	}
	t.Logf("%d items written, %d edits, %d deletions; %d updates came twice", l.written, edits, l.deleted, c.told.again)
	v.done()
}

// versions: no text that nobody wrote, and none twice in a row.
func (v *verdict) versions(l *life, have map[social.Ref]*row) {
	for ref, r := range have {
		for i, text := range r.texts {
			if r.version > 0 && !slices.Contains(l.texts[ref], text) {
				v.wrong("a version that nobody wrote", ref.String()+" "+text)
			}
			if i > 0 && text == r.texts[i-1] {
				v.wrong("a version twice", ref.String()+" "+text)
			}
		}
	}
}

// told: what a network told is known, every text of it.
func (v *verdict) told(x *told, l *life, have map[social.Ref]*row) {
	for ref, s := range x.items {
		r := have[ref]
		if r == nil {
			v.wrong("told and not stored", ref.String())
			continue
		}
		for text := range s.texts {
			if !slices.Contains(r.texts, text) {
				v.wrong("a told text is not among the versions", ref.String()+" "+text)
			}
		}
		// A quotation may have told a later text than the edits that came.
		if ref.Network == social.Telegram && slices.Index(l.texts[ref], r.body) < slices.Index(l.texts[ref], s.last) {
			v.wrong("the newest told text is not the present one", ref.String()+" "+s.last+" / "+r.body)
		}
	}
}

// wall: VK lets one list everything, so everything has to be right.
func (v *verdict) wall(c *city, l *life, p *program, have map[social.Ref]*row, gaps []collectors.SourceGap) {
	state, _ := c.vk.Wall(wallID)
	compared := 0
	for _, th := range state.Threads {
		id := strconv.Itoa(th.Post.ID)
		v.item(c, l, p, vkRef(id), have, th.Post.Text, th.Post.Deleted, th.Post.Date, gaps)
		if th.Post.Deleted {
			continue
		}
		for _, k := range th.Comments {
			ref := vkRef("r" + strconv.Itoa(k.ID))
			compared++
			v.item(c, l, p, ref, have, k.Text, k.Deleted, k.Date, gaps)
			if r := have[ref]; r != nil && r.version > 0 {
				if r.thread != id || k.ReplyToComment != 0 && r.replyTo != "r"+strconv.Itoa(k.ReplyToComment) {
					v.wrong("stands in the wrong place", ref.String())
				}
			}
		}
	}
	v.t.Logf("%d comments of the wall compared one by one", compared)
	for _, g := range gaps {
		if g.FilledAt.IsZero() {
			v.wrong("a gap is open after the reconciliation", g.Reason+" "+g.From.String())
		}
	}
}

func (v *verdict) item(c *city, l *life, p *program, ref social.Ref, have map[social.Ref]*row, text string, deleted bool, at time.Time, gaps []collectors.SourceGap) {
	r := have[ref]
	switch {
	case r == nil && !deleted:
		v.wrong("stands and is not stored", ref.String())
	case r == nil:
	case r.deleted != deleted:
		v.wrong("deletion not known, or wrongly", ref.String()+" deleted in the network: "+strconv.FormatBool(deleted))
	case !deleted && r.body != text:
		v.wrong("the present text is not known", ref.String()+" "+r.body+" / "+text)
	}
	late := r != nil && p.stats[liveName].claimed(l.at[ref], r.seen)
	if late && c.told.items[ref] == nil && r.version > 0 && !covered(at, gaps) {
		v.wrong("the events left it out, and no gap was named", ref.String()+" "+at.String())
	}
}

// chats: Telegram has no history, so what was not told must lie in a gap.
func (v *verdict) chats(c *city, have map[social.Ref]*row, gaps []collectors.SourceGap) {
	for _, id := range []int64{c.channel.ID, c.channel.GroupID} {
		chat, _ := c.tg.Chat(id, 1<<30)
		gone := map[int64]bool{}
		for _, m := range chat.Messages {
			gone[m.ID] = m.Deleted
		}
		for _, m := range chat.Messages {
			ref := tgRef(id, m.ID)
			switch r := have[ref]; {
			case r == nil && !covered(m.At, gaps) && !numbered(m.ID, gaps):
				v.wrong("not told, not stored, and no gap was named", ref.String()+" "+m.At.String())
			case r != nil && m.ReplyTo != 0 && m.ReplyTo != m.ThreadID && !gone[m.ReplyTo] && r.replyTo != strconv.FormatInt(m.ReplyTo, 10):
				v.wrong("stands in the wrong place", ref.String())
			}
		}
	}
}

// numbered says that a gap names the message by its number, which tells more
// than its span: while a network's clock is put back, times tell nothing.
func numbered(id int64, gaps []collectors.SourceGap) bool {
	return slices.ContainsFunc(gaps, func(g collectors.SourceGap) bool {
		_, list, _ := strings.Cut(g.Reason, "№ ")
		list, _, _ = strings.Cut(list, " не приш")
		return slices.ContainsFunc(strings.Split(list, ", "), func(run string) bool {
			from, to, two := strings.Cut(run, "–")
			first, err := strconv.ParseInt(from, 10, 64)
			last, errLast := strconv.ParseInt(to, 10, 64)
			return err == nil && (id == first || two && errLast == nil && first < id && id <= last)
		})
	})
}

// named are all gaps of a source; the program's own list shows the newest only.
func named(t *testing.T, dsn string) map[social.Network][]collectors.SourceGap {
	t.Helper()
	db := open(t, dsn)
	defer func() { _ = db.Close() }()
	rows, err := db.Query("SELECT s.network, g.from_us, g.to_us, g.reason, g.filled_us FROM gaps g JOIN sources s ON s.id = g.source_id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	out := map[social.Network][]collectors.SourceGap{}
	for rows.Next() {
		var network social.Network
		var g collectors.SourceGap
		var from, to, filled int64
		if err := rows.Scan(&network, &from, &to, &g.Reason, &filled); err != nil {
			t.Fatal(err)
		}
		g.From, g.To = time.UnixMicro(from).UTC(), time.UnixMicro(to).UTC()
		if filled != 0 {
			g.FilledAt = time.UnixMicro(filled)
		}
		out[network] = append(out[network], g)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// covered says that a moment lies in a gap; the networks cut to whole seconds.
func covered(at time.Time, gaps []collectors.SourceGap) bool {
	return slices.ContainsFunc(gaps, func(g collectors.SourceGap) bool {
		return !at.Before(g.From.Truncate(time.Second)) && !at.After(g.To)
	})
}
