package alarm

import (
	"math"
	"time"

	"otklik/collectors"
	"otklik/internal/finding"
)

// level is how bad a thing is now. Between calm and bad an open alarm stays
// open and no new one is raised.
type level int

const (
	calm level = iota
	uneasy
	bad
)

// Finding is one thing that was looked at and was not calm.
type Finding struct {
	Kind    Kind
	Subject string
	Grade   Grade
	Mark    int64
	Detail  Detail
	level   level
}

// From when a thing is bad, and below what it is calm again.
const (
	downAfter, downCalm   = 10 * time.Minute, 3 * time.Minute
	failAfter             = 5 * time.Minute
	downGrave             = time.Hour
	gapStaysAfter         = 2 * time.Hour
	gapMemory             = 24 * time.Hour
	silentLeast           = 30 * time.Minute
	silentBad, silentCalm = 12, 4 // items that should have been written
	silentGrave           = 60
	ableMemory            = 7 * 24 * time.Hour
	detectBad, detectCalm = 2 * time.Minute, 20 * time.Second
	leaveBad, leaveCalm   = 5 * time.Minute, time.Minute
	lateGrave             = 15 * time.Minute
	planBad, planCalm     = 2 * time.Minute, 30 * time.Second
	heldLong              = 30 * time.Minute
	quotaRefused          = time.Hour // how long a refusal counts
	nodeMemory            = time.Hour
	day                   = 24 * time.Hour
)

// look judges all facts by the rules of each kind.
func look(f Facts, now time.Time) []Finding {
	var list []Finding
	for _, x := range f.Sources {
		list = append(list, lookAtSource(x, f, now)...)
	}
	for _, k := range f.Keys {
		list = append(list, keyEnds(k, f, now)...)
	}
	for _, q := range f.Quotas {
		list = append(list, quota(q, now)...)
	}
	for _, n := range f.Nodes {
		list = append(list, disk(n, now)...)
	}
	list = append(list, late(DetectionLate, f.Detection, detectBad, detectCalm, now)...)
	list = append(list, late(DeliveryLate, f.Delivery, leaveBad, leaveCalm, now)...)
	list = append(list, stuck(AnswerUnknown, f.Unknown)...)
	list = append(list, stuck(AnswerFailed, f.Failed)...)
	list = append(list, late(PlanLate, f.Plan, planBad, planCalm, now)...)
	list = append(list, stuck(PostUnknown, f.PostUnknown)...)
	list = append(list, stuck(PostFailed, f.PostFailed)...)
	for _, x := range f.Vanished {
		list = append(list, vanished(x))
	}
	for _, x := range f.Hindered {
		list = append(list, hindering(x, now))
	}
	for _, h := range f.Halts {
		list = append(list, held(h, now)...)
	}
	for _, c := range f.Archives {
		list = append(list, archive(c)...)
	}
	for _, o := range f.Overdue {
		list = append(list, overdue(o, now)...)
	}
	list = append(list, calendar(f.Calendar)...)
	list = append(list, masses(f.Masses)...)
	return append(list, surges(f.Surges)...)
}

func lookAtSource(x collectors.SourceStatus, f Facts, now time.Time) []Finding {
	if x.Paused {
		return nil // a person wanted it so
	}
	about := func(kind Kind, l level, g Grade, mark int64, d Detail) Finding {
		d.SourceID, d.Source = x.ID, x.Title
		return Finding{Kind: kind, Subject: x.ID, Grade: g, Mark: mark, Detail: d, level: l}
	}
	var list []Finding
	// A refused key explains that nothing is read: one alarm is enough.
	if x.Refused {
		list = append(list, about(KeyRefused, bad, Grave, 1, Detail{Since: x.FailingSince, Trouble: x.Trouble}))
	} else {
		list = append(list, down(x, now, about)...)
	}
	list = append(list, silent(x, f.Paces[x.ID], now, about)...)
	list = append(list, gaps(x, now, about)...)
	list = append(list, lost(x, f.Able, now)...)
	if n := f.Broken[x.ID]; n > 0 {
		// Told again with every power of ten, not with every update.
		g := Warning
		if n >= 100 {
			g = Grave
		}
		list = append(list, about(UpdatesBroken, bad, g, int64(math.Log10(float64(n))), Detail{Count: int64(n)}))
	}
	return list
}

type making func(Kind, level, Grade, int64, Detail) Finding

// down finds a source that does not answer, or is read far too slowly.
func down(x collectors.SourceStatus, now time.Time, about making) []Finding {
	known := x.CompleteTo
	if known.IsZero() {
		known = x.Since
	}
	// What is read by plan is not behind before its time.
	if x.DueAt.After(known) {
		known = x.DueAt
	}
	behind, failing := now.Sub(known), time.Duration(0)
	if !x.FailingSince.IsZero() {
		failing = now.Sub(x.FailingSince)
	}
	l, g := calm, Warning
	switch {
	case behind >= downAfter || failing >= failAfter && behind >= downCalm:
		l = bad
	case behind >= downCalm || failing >= downCalm:
		l = uneasy
	default:
		return nil
	}
	if behind >= downGrave {
		g = Grave
	}
	return []Finding{about(SourceDown, l, g, int64(g), Detail{Since: known, Trouble: x.Trouble})}
}

// silent finds a source on which nothing is written although much is usual. If
// writing were independent, n expected items would fail to come with a chance
// of e to the power of −n; people write in waves, so twelve are asked for, which
// by that count is one in 160 000.
func silent(x collectors.SourceStatus, p collectors.Pace, now time.Time, about making) []Finding {
	if p.Newest.IsZero() || now.Sub(x.CompleteTo) > downAfter {
		return nil // nothing is known of what is written now
	}
	from := p.Newest
	if first := p.Hours; len(first) > 0 && from.Before(first[0].Start) {
		from = first[0].Start
	}
	n, known := p.Expected(from, now)
	if !known || n < silentCalm || now.Sub(p.Newest) < silentLeast {
		return nil
	}
	l, g := uneasy, Warning
	if n >= silentBad {
		l = bad
	}
	if n >= silentGrave {
		g = Grave
	}
	return []Finding{about(SourceSilent, l, g, int64(g), Detail{Since: p.Newest, Usual: n})}
}

// gaps finds spans that nothing will fill, and such as should have been filled.
func gaps(x collectors.SourceStatus, now time.Time, about making) []Finding {
	var lost, stays []collectors.SourceGap
	for _, g := range x.Gaps {
		switch {
		case !g.FilledAt.IsZero() || now.Sub(g.To) > gapMemory:
		case g.Hopeless:
			lost = append(lost, g)
		case now.Sub(g.To) > gapStaysAfter:
			stays = append(stays, g)
		}
	}
	var list []Finding
	for kind, found := range map[Kind][]collectors.SourceGap{GapLost: lost, GapStays: stays} {
		if len(found) > 0 {
			newest := found[len(found)-1]
			d := Detail{Since: newest.From, Until: newest.To, Trouble: newest.Reason, Count: int64(len(found))}
			list = append(list, about(kind, bad, Warning, newest.From.UnixMicro(), d))
		}
	}
	return list
}

// lost finds what a key was able to do within the last week and is not any more.
func lost(x collectors.SourceStatus, able []Able, now time.Time) []Finding {
	var list []Finding
	for _, kind := range []collectors.AbilityKind{collectors.AbleToListen, collectors.AbleToList, collectors.AbleToAnswer} {
		missing, had := hindered(x.Abilities, kind), lastAble(able, x.ID, kind)
		if missing == nil || had.IsZero() || now.Sub(had) > ableMemory {
			continue
		}
		list = append(list, Finding{
			Kind: AbilityLost, Subject: x.ID + ":" + string(kind), Grade: Grave, level: bad,
			Detail: Detail{SourceID: x.ID, Source: x.Title, Name: string(kind), Since: had, Trouble: missing.Why},
		})
	}
	return list
}

// hindered is what says that an ability is missing, nil if nothing does.
func hindered(list []collectors.Ability, kind collectors.AbilityKind) *collectors.Ability {
	for i, a := range list {
		if a.Kind == kind && !a.Can {
			return &list[i]
		}
	}
	return nil
}

func lastAble(able []Able, source string, kind collectors.AbilityKind) time.Time {
	for _, a := range able {
		if a.SourceID == source && a.Kind == kind {
			return a.At
		}
	}
	return time.Time{}
}

// keyEnds warns a fortnight, a week, three days and a day before a key runs
// out, and once it has.
func keyEnds(k Key, f Facts, now time.Time) []Finding {
	left := k.ExpiresAt.Sub(now)
	if k.ExpiresAt.IsZero() || left > 14*day {
		return nil
	}
	step, g := int64(1), Warning
	for i, limit := range []time.Duration{7 * day, 3 * day, day, 0} {
		if left <= limit {
			step = int64(i + 2)
		}
	}
	if left <= 3*day {
		g = Grave
	}
	d := Detail{SourceID: k.SourceID, Name: k.Kind, Until: k.ExpiresAt}
	for _, x := range f.Sources {
		if x.ID == k.SourceID {
			d.Source = x.Title
		}
	}
	return []Finding{{Kind: KeyExpires, Subject: k.SourceID + ":" + k.Kind, Grade: g, Mark: step, Detail: d, level: bad}}
}

// quota finds one that is used up, by our own count or by the network's word.
// The plan spends it over the day, so that little being left is no alarm.
func quota(q Quota, now time.Time) []Finding {
	refused := !q.RefusedAt.IsZero() && now.Sub(q.RefusedAt) < quotaRefused
	l, g := bad, Warning
	switch {
	case q.Calls <= 0:
		return nil
	case refused:
		g = Grave
	case q.Left == 0:
	case q.Left*50 < q.Calls:
		l = uneasy
	default:
		return nil
	}
	return []Finding{{
		Kind: QuotaShort, Subject: q.KeyPrint + ":" + q.Method, Grade: g, Mark: int64(g), level: l,
		Detail: Detail{Name: q.Method, Count: int64(q.Used), Limit: int64(q.Calls), Until: q.FreesAt},
	}}
}

// disk finds a disk with less than a twentieth or less than a gigabyte left. A
// machine that has not been heard of for an hour says nothing.
func disk(n Node, now time.Time) []Finding {
	const gib = 1 << 30
	if n.DiskTotal <= 0 || now.Sub(n.SeenAt) > nodeMemory {
		return nil
	}
	share := float64(n.DiskFree) / float64(n.DiskTotal)
	l, g := calm, Warning
	switch {
	case share < .05 || n.DiskFree < gib:
		l = bad
	case share < .08 || n.DiskFree < gib*3/2:
		l = uneasy
	default:
		return nil
	}
	if share < .02 || n.DiskFree < gib/4 {
		g = Grave
	}
	return []Finding{{
		Kind: DiskFull, Subject: n.Name, Grade: g, Mark: int64(g), level: l,
		Detail: Detail{Name: n.Name, Count: n.DiskFree, Limit: n.DiskTotal},
	}}
}

// archive finds one that had to be mended, or could not be compared, until the
// next comparison finds nothing.
func archive(c finding.Check) []Finding {
	if !c.Differs() && c.Trouble == "" {
		return nil
	}
	return []Finding{{
		Kind: ArchiveWrong, Subject: c.Node, Grade: Warning, Mark: c.Begun.UnixMicro(), level: bad,
		Detail: Detail{Name: c.Node, Since: c.Begun, Count: int64(c.Mended()), Limit: int64(c.Items), Trouble: c.Trouble},
	}}
}

func late(kind Kind, since time.Time, tooLong, fine time.Duration, now time.Time) []Finding {
	age := now.Sub(since)
	if since.IsZero() || age < fine {
		return nil
	}
	l, g := uneasy, Warning
	if age >= tooLong {
		l = bad
	}
	if age >= lateGrave {
		g = Grave
	}
	return []Finding{{Kind: kind, Grade: g, Mark: int64(g), Detail: Detail{Since: since}, level: l}}
}

// stuck asks for a person again with everything that joins what waits.
func stuck(kind Kind, x Stuck) []Finding {
	if x.Count == 0 {
		return nil
	}
	return []Finding{{
		Kind: kind, Grade: Grave, Mark: x.Newest.UnixMicro(), level: bad,
		Detail: Detail{Count: int64(x.Count), Since: x.Oldest},
	}}
}
