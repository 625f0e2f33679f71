package alarm

import (
	"testing"
	"time"

	"otklik/collectors"
)

func noon() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) }

// quiet is a source on which all is well.
func quiet(now time.Time) collectors.SourceStatus {
	return collectors.SourceStatus{
		ID: "s1", Title: "Город", State: collectors.Healthy, CompleteTo: now.Add(-time.Second), Since: now.Add(-100 * day),
		Abilities: []collectors.Ability{{Kind: collectors.AbleToAnswer, Can: true}, {Kind: collectors.AbleToListen, Can: true}},
	}
}

// pace brings the same number of items in every hour of the week.
func pace(now, newest time.Time, usual float64, weeks int) collectors.Pace {
	p := collectors.Pace{Newest: newest}
	for i := 24; i >= 0; i-- {
		p.Hours = append(p.Hours, collectors.PaceHour{Start: now.Truncate(time.Hour).Add(-time.Duration(i) * time.Hour), Usual: usual, Weeks: weeks})
	}
	return p
}

func TestWhatIsFound(t *testing.T) {
	t.Parallel()
	now := noon()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	with := func(change func(*Facts)) Facts {
		f := Facts{Sources: []collectors.SourceStatus{quiet(now)}, Paces: map[string]collectors.Pace{"s1": pace(now, ago(time.Minute), 30, 4)}}
		change(&f)
		return f
	}
	source := func(change func(*collectors.SourceStatus)) Facts {
		return with(func(f *Facts) { change(&f.Sources[0]) })
	}
	gap := func(after time.Duration, hopeless bool) collectors.SourceGap {
		return collectors.SourceGap{From: ago(after + time.Hour), To: ago(after), Hopeless: hopeless}
	}
	for name, x := range map[string]struct {
		facts Facts
		want  Kind // "" for nothing
		grade Grade
	}{
		"all is well":       {with(func(*Facts) {}), "", 0},
		"failing shortly":   {source(func(x *collectors.SourceStatus) { x.FailingSince = ago(4 * time.Minute) }), "", 0},
		"failing, yet read": {source(func(x *collectors.SourceStatus) { x.FailingSince = ago(time.Hour) }), "", 0},
		"failing": {source(func(x *collectors.SourceStatus) {
			x.FailingSince, x.CompleteTo = ago(6*time.Minute), ago(6*time.Minute)
		}), SourceDown, Warning},
		"behind":             {source(func(x *collectors.SourceStatus) { x.CompleteTo = ago(11 * time.Minute) }), SourceDown, Warning},
		"far behind":         {source(func(x *collectors.SourceStatus) { x.CompleteTo = ago(2 * time.Hour) }), SourceDown, Grave},
		"paused":             {source(func(x *collectors.SourceStatus) { x.Paused, x.CompleteTo = true, time.Time{} }), "", 0},
		"never read":         {source(func(x *collectors.SourceStatus) { x.CompleteTo = time.Time{} }), SourceDown, Grave},
		"just added":         {source(func(x *collectors.SourceStatus) { x.CompleteTo, x.Since = time.Time{}, ago(time.Minute) }), "", 0},
		"read by plan":       {source(func(x *collectors.SourceStatus) { x.CompleteTo, x.DueAt = ago(time.Hour), now.Add(time.Minute) }), "", 0},
		"late for its plan":  {source(func(x *collectors.SourceStatus) { x.CompleteTo, x.DueAt = ago(time.Hour), ago(20*time.Minute) }), SourceDown, Warning},
		"refused":            {source(func(x *collectors.SourceStatus) { x.Refused, x.CompleteTo = true, ago(2*time.Hour) }), KeyRefused, Grave},
		"silent":             {with(func(f *Facts) { f.Paces["s1"] = pace(now, ago(40*time.Minute), 30, 4) }), SourceSilent, Warning},
		"silent for a night": {with(func(f *Facts) { f.Paces["s1"] = pace(now, ago(60*time.Hour), 30, 4) }), SourceSilent, Grave},
		"little is usual":    {with(func(f *Facts) { f.Paces["s1"] = pace(now, ago(3*time.Hour), 3, 4) }), "", 0},
		"usual unknown":      {with(func(f *Facts) { f.Paces["s1"] = pace(now, ago(9*time.Hour), 30, 0) }), "", 0},
		"silent and not read": {with(func(f *Facts) {
			f.Paces["s1"] = pace(now, ago(9*time.Hour), 30, 4)
			f.Sources[0].CompleteTo = ago(20 * time.Minute)
		}), SourceDown, Warning},
		"gap to be filled":   {source(func(x *collectors.SourceStatus) { x.Gaps = []collectors.SourceGap{gap(time.Hour, false)} }), "", 0},
		"gap that stays":     {source(func(x *collectors.SourceStatus) { x.Gaps = []collectors.SourceGap{gap(3*time.Hour, false)} }), GapStays, Warning},
		"gap for ever":       {source(func(x *collectors.SourceStatus) { x.Gaps = []collectors.SourceGap{gap(time.Minute, true)} }), GapLost, Warning},
		"gap of yesterday":   {source(func(x *collectors.SourceStatus) { x.Gaps = []collectors.SourceGap{gap(25*time.Hour, true)} }), "", 0},
		"broken":             {with(func(f *Facts) { f.Broken = map[string]int{"s1": 3} }), UpdatesBroken, Warning},
		"many broken":        {with(func(f *Facts) { f.Broken = map[string]int{"s1": 300} }), UpdatesBroken, Grave},
		"key of long life":   {with(func(f *Facts) { f.Keys = []Key{{SourceID: "s1", ExpiresAt: now.Add(15 * day)}} }), "", 0},
		"key without end":    {with(func(f *Facts) { f.Keys = []Key{{SourceID: "s1"}} }), "", 0},
		"key of a fortnight": {with(func(f *Facts) { f.Keys = []Key{{SourceID: "s1", ExpiresAt: now.Add(13 * day)}} }), KeyExpires, Warning},
		"key of two days":    {with(func(f *Facts) { f.Keys = []Key{{SourceID: "s1", ExpiresAt: now.Add(2 * day)}} }), KeyExpires, Grave},
		"key that is over":   {with(func(f *Facts) { f.Keys = []Key{{SourceID: "s1", ExpiresAt: ago(day)}} }), KeyExpires, Grave},
		"ability never had":  {source(func(x *collectors.SourceStatus) { x.Abilities[0].Can = false }), "", 0},
		"ability lost": {with(func(f *Facts) {
			f.Sources[0].Abilities[0].Can = false
			f.Able = []Able{{"s1", collectors.AbleToAnswer, ago(time.Hour)}}
		}), AbilityLost, Grave},
		"ability lost long ago": {with(func(f *Facts) {
			f.Sources[0].Abilities[0].Can = false
			f.Able = []Able{{"s1", collectors.AbleToAnswer, ago(8 * day)}}
		}), "", 0},
		"quota with room":  {with(func(f *Facts) { f.Quotas = []Quota{{Calls: 5000, Used: 4800, Left: 200}} }), "", 0},
		"quota at its end": {with(func(f *Facts) { f.Quotas = []Quota{{Calls: 5000, Used: 4990, Left: 10}} }), "", 0},
		"quota used up":    {with(func(f *Facts) { f.Quotas = []Quota{{Calls: 5000, Used: 5000}} }), QuotaShort, Warning},
		"quota refused":    {with(func(f *Facts) { f.Quotas = []Quota{{Calls: 5000, Used: 40, Left: 4960, RefusedAt: ago(time.Minute)}} }), QuotaShort, Grave},
		"refused before":   {with(func(f *Facts) { f.Quotas = []Quota{{Calls: 5000, Used: 40, Left: 4960, RefusedAt: ago(2 * time.Hour)}} }), "", 0},
		"judged late":      {with(func(f *Facts) { f.Detection = ago(3 * time.Minute) }), DetectionLate, Warning},
		"judged in time":   {with(func(f *Facts) { f.Detection = ago(time.Second) }), "", 0},
		"leaves late":      {with(func(f *Facts) { f.Delivery = ago(20 * time.Minute) }), DeliveryLate, Grave},
		"unknown":          {with(func(f *Facts) { f.Unknown = Stuck{1, ago(time.Hour), ago(time.Hour)} }), AnswerUnknown, Grave},
		"failed":           {with(func(f *Facts) { f.Failed = Stuck{1, ago(time.Hour), ago(time.Hour)} }), AnswerFailed, Grave},
		"plan late":        {with(func(f *Facts) { f.Plan = ago(3 * time.Minute) }), PlanLate, Warning},
		"plan in time":     {with(func(f *Facts) { f.Plan = ago(5 * time.Second) }), "", 0},
		"post unknown":     {with(func(f *Facts) { f.PostUnknown = Stuck{1, ago(time.Hour), ago(time.Hour)} }), PostUnknown, Grave},
		"post failed":      {with(func(f *Facts) { f.PostFailed = Stuck{1, ago(time.Hour), ago(time.Hour)} }), PostFailed, Grave},
		"stopped by us":    {with(func(f *Facts) { f.Halts = []Halt{{ID: "h", Why: "Часы", At: ago(time.Second)}} }), PlanHeld, Grave},
		"stopped shortly":  {with(func(f *Facts) { f.Halts = []Halt{{ID: "h", ByPerson: true, At: ago(time.Minute), Held: 2}} }), "", 0},
		"stopped, nothing": {with(func(f *Facts) { f.Halts = []Halt{{ID: "h", ByPerson: true, At: ago(time.Hour)}} }), "", 0},
		"stopped for long": {with(func(f *Facts) { f.Halts = []Halt{{ID: "h", ByPerson: true, At: ago(time.Hour), Held: 2}} }), PlanHeld, Warning},
		"disk":             {with(func(f *Facts) { f.Nodes = []Node{{"n", 3 << 30, 100 << 30, now}} }), DiskFull, Warning},
		"disk of bytes":    {with(func(f *Facts) { f.Nodes = []Node{{"n", 100 << 20, 1 << 30, now}} }), DiskFull, Grave},
		"disk with room":   {with(func(f *Facts) { f.Nodes = []Node{{"n", 50 << 30, 100 << 30, now}} }), "", 0},
		"disk of before":   {with(func(f *Facts) { f.Nodes = []Node{{"n", 1, 100 << 30, ago(2 * time.Hour)}} }), "", 0},
	} {
		c := Judge(x.facts, nil, now)
		if x.want == "" {
			if len(c.Raise) != 0 || c.Told {
				t.Errorf("%s: %+v", name, c.Raise)
			}
			continue
		}
		if len(c.Raise) != 1 || c.Raise[0].Kind != x.want || c.Raise[0].Grade != x.grade || !c.Told {
			t.Errorf("%s: want %s of grade %d, got %+v", name, x.want, x.grade, c.Raise)
		}
	}
}

// Each step towards a key's end is told again, whoever has taken the one before.
func TestAKeysEndIsToldAtEveryStep(t *testing.T) {
	t.Parallel()
	end := noon()
	told := 0
	var open []Alarm
	for hour := 20 * 24; hour >= -24; hour-- {
		now := end.Add(-time.Duration(hour) * time.Hour)
		c := Judge(Facts{Keys: []Key{{SourceID: "s1", Kind: "k", ExpiresAt: end}}}, open, now)
		open = append(c.Keep, c.Raise...)
		for i := range open {
			if open[i].Loud() {
				told++
				open[i].TakenAt, open[i].TakenBy = now, "Кто-то"
			}
		}
	}
	if told != 5 {
		t.Fatalf("told %d times, want at 14, 7, 3 and 1 days and at the end", told)
	}
}

func TestEveryKindHasItsOwnName(t *testing.T) {
	t.Parallel()
	seen := map[Kind]bool{}
	for _, k := range Kinds() {
		if seen[k] || k == "" {
			t.Errorf("%q twice", k)
		}
		seen[k] = true
	}
}
