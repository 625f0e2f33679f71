package publisher

import (
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/workcal"
)

func form() SeriesForm {
	return SeriesForm{
		Write: Write{Content: words, PageIDs: []string{"vk", "tg"}, Title: "Сводка"}, Zone: "Europe/Moscow", Active: true, LateBy: time.Hour,
		Rule: Rule{Repeat: Weekly, Weekdays: []time.Weekday{time.Monday}, Hour: 10, OnDayOff: MoveForward},
	}
}

func begunSeries(t *testing.T) Series {
	t.Helper()
	s, err := ChangeSeries(Series{ID: "s"}, form(), writer, facts())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSeriesIsApprovedByAnother(t *testing.T) {
	t.Parallel()
	s := begunSeries(t)
	for name, x := range map[string]struct {
		hash string
		by   rights.Actor
		code errs.Code
	}{
		"its writer":   {s.Hash(), person(writer.ID, rights.Head), errs.Forbidden},
		"press":        {s.Hash(), other, errs.Forbidden},
		"another text": {"x", head, errs.Conflict},
		"head":         {s.Hash(), head, ""},
	} {
		got, err := ApproveSeries(s, x.hash, x.by, facts())
		if errs.CodeOf(err) != x.code || err == nil && !got.Approved() {
			t.Errorf("%s: %v", name, err)
		}
	}
	approved, _ := ApproveSeries(s, s.Hash(), head, facts())
	moved := form()
	moved.Rule.Hour = 11
	if again, err := ChangeSeries(approved, moved, other, facts()); err != nil || !again.Approved() {
		t.Error("another hour voided the approval", err)
	}
	edited := form()
	edited.Content.Text = "Другое"
	if again, err := ChangeSeries(approved, edited, other, facts()); err != nil || again.Approved() || len(again.Writers) != 2 {
		t.Error("another text kept the approval", err)
	}
	for name, change := range map[string]func(*SeriesForm){
		"zone": func(f *SeriesForm) { f.Zone = "Mars/Olympus" },
		"rule": func(f *SeriesForm) { f.Rule.Hour = 25 },
		"page": func(f *SeriesForm) { f.PageIDs = []string{"x"} },
		"text": func(f *SeriesForm) { f.Content = Content{} },
		"late": func(f *SeriesForm) { f.LateBy = -1 },
	} {
		x := form()
		change(&x)
		if _, err := ChangeSeries(s, x, writer, facts()); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An approval holds for all that is made ahead of its time.
func TestSeriesIsNotApprovedBeyondTheEndOfAKey(t *testing.T) {
	t.Parallel()
	s := begunSeries(t)
	for name, x := range map[string]struct {
		ends time.Duration
		code errs.Code
	}{
		"before the first":       {time.Hour, errs.Invalid},
		"amid what is ahead":     {30 * 24 * time.Hour, errs.Invalid},
		"after all that is so":   {Horizon + 24*time.Hour, ""},
		"it has ended by itself": {-time.Hour, errs.Invalid},
	} {
		f := facts()
		for i := range f.Pages {
			f.Pages[i].Ends = map[Ability]time.Time{CanText: now.Add(x.ends)}
		}
		if _, err := ApproveSeries(s, s.Hash(), head, f); errs.CodeOf(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// book keeps occurrences as a store would: a slot that is there stays.
type book map[string]Post

func (b book) unfold(s Series, now time.Time) int {
	f := facts()
	f.Now = now
	var have []Post
	for _, p := range b {
		have = append(have, p)
	}
	u := Unfold(s, have, workcal.Calendar{}, f, 30*24*time.Hour)
	for _, p := range append(u.New, u.Changed...) {
		b[p.Slot] = p
	}
	return len(u.New) + len(u.Changed)
}

func TestOccurrencesAreMadeAheadAndLeftAlone(t *testing.T) {
	t.Parallel()
	s := begunSeries(t)
	b := book{}
	if n := b.unfold(s, now); n != 4 || b.unfold(s, now) != 0 {
		t.Fatalf("%d occurrences, and again %d", n, b.unfold(s, now))
	}
	first := b["2026-03-09T10:00"] // a day off: it moved, and its name did not
	if first.State != Draft || first.At.Format("02.01 15:04") != "10.03 07:00" {
		t.Fatalf("%+v", first)
	}
	s, _ = ApproveSeries(s, s.Hash(), head, facts())
	if b.unfold(s, now) != 4 || b["2026-03-16T10:00"].State != Scheduled || !b["2026-03-16T10:00"].Approval.Inherits {
		t.Fatalf("%+v", b["2026-03-16T10:00"])
	}
	// One is moved by a person, one cancelled: they stay so whatever the series does.
	for slot, cmd := range map[string]Command{"2026-03-16T10:00": Plan{At: now.Add(50 * time.Hour)}, "2026-03-23T10:00": Cancel{}} {
		d, err := Apply(b[slot], cmd, writer, facts())
		if err != nil || !d.Post.Touched {
			t.Fatal(err)
		}
		b[slot] = d.Post
	}
	if b.unfold(s, now) != 0 {
		t.Fatal("what a person decided was changed")
	}
	x := form()
	x.Rule.Hour = 12
	s, err := ChangeSeries(s, x, writer, facts())
	if err != nil {
		t.Fatal(err)
	}
	b.unfold(s, now)
	states := map[string]State{
		"2026-03-09T10:00": Cancelled, "2026-03-16T10:00": Scheduled, "2026-03-23T10:00": Cancelled, "2026-03-30T10:00": Cancelled,
		"2026-03-09T12:00": Scheduled, "2026-03-16T12:00": Scheduled, "2026-03-23T12:00": Scheduled, "2026-03-30T12:00": Scheduled,
	}
	for slot, want := range states {
		if b[slot].State != want {
			t.Errorf("%s is %s, want %s", slot, b[slot].State, want)
		}
	}
	if len(b) != len(states) || b.unfold(s, now) != 0 {
		t.Errorf("%d occurrences", len(b))
	}
	s.Active = false
	b.unfold(s, now)
	for slot, p := range b {
		if (p.State == Scheduled) != (slot == "2026-03-16T10:00") {
			t.Errorf("%s is %s although the series ended", slot, p.State)
		}
	}
	s.Active = true
	if b.unfold(s, now); b["2026-03-30T12:00"].State != Scheduled || b["2026-03-23T10:00"].State != Cancelled {
		t.Error("the series does not go on as before")
	}
}

// When the law moves a zone, what was made ahead follows the wall clock.
func TestLawAboutTheZoneChanges(t *testing.T) {
	t.Parallel()
	s, _ := ApproveSeries(begunSeries(t), begunSeries(t).Hash(), head, facts())
	b := book{}
	b.unfold(s, now)
	at := b["2026-03-16T10:00"].At
	s.Zone = "Europe/Samara" // the same wall clock, an hour earlier for the world
	b.unfold(s, now)
	if got := b["2026-03-16T10:00"].At; at.Sub(got) != time.Hour {
		t.Fatal(at, got)
	}
}

func TestWhatIsDue(t *testing.T) {
	t.Parallel()
	all := Halt{Cause: ByPerson, At: now}
	vk := Halt{Cause: ByPerson, PageIDs: []string{"vk"}, At: now}
	over := Halt{Cause: ByPerson, At: now, EndedAt: now}
	p := with(at(Scheduled), func(p *Post) { p.At, p.LateBy = now, time.Hour })
	for name, x := range map[string]struct {
		p     Post
		halts []Halt
		after time.Duration
		want  Command
	}{
		"before its time":    {p, nil, -time.Second, nil},
		"in time":            {p, nil, 0, Release{}},
		"late, as it may be": {p, nil, time.Hour, Release{}},
		"too late":           {p, nil, time.Hour + time.Second, AskLate{}},
		"late by patience":   {with(p, func(p *Post) { p.LateBy = 0 }), nil, patience, Release{}},
		"stopped":            {p, []Halt{all}, 0, nil},
		"stopped for long":   {p, []Halt{all}, 9 * time.Hour, nil},
		"the stop is over":   {p, []Halt{over}, 0, Release{}},
		"one page stopped":   {p, []Halt{vk}, 0, Release{Held: []string{"vk"}}},
		"not approved":       {with(p, func(p *Post) { p.State = Review }), nil, 0, nil},
		"gone already":       {with(p, func(p *Post) { p.Targets[0].State, p.Targets[1].State = Leaving, Out }), nil, 0, nil},
	} {
		cmd, ok := Due(x.p, x.halts, now.Add(x.after))
		same := ok == (x.want != nil)
		if r, is := x.want.(Release); is && ok {
			got, also := cmd.(Release)
			same = also && len(got.Held) == len(r.Held)
		} else if ok {
			same = cmd == x.want
		}
		if !same {
			t.Errorf("%s: %+v %v", name, cmd, ok)
		}
	}
}

func TestHalts(t *testing.T) {
	t.Parallel()
	h, err := NewHalt(nil, "  ложная тревога ", head, facts())
	if err != nil || !h.Covers("vk", false) || h.Covers("vk", true) {
		t.Fatalf("%+v %v", h, err)
	}
	if _, err := NewHalt(nil, "", person("x", rights.Executor), facts()); errs.CodeOf(err) != errs.Forbidden {
		t.Error(err)
	}
	if _, err := NewHalt([]string{"vk", "gone"}, "", head, facts()); errs.CodeOf(err) != errs.Invalid {
		t.Error("a page that is not known is stopped", err)
	}
	restored := Halt{Cause: ByRestored}
	if !restored.Covers("vk", true) {
		t.Error("an answer leaves from a restored base")
	}
	ended, err := h.End(writer, now)
	if err != nil || ended.Covers("vk", false) {
		t.Fatal(err)
	}
	if _, err := ended.End(writer, now); errs.CodeOf(err) != errs.Conflict {
		t.Error(err)
	}
}

func TestWhoKnowsABase(t *testing.T) {
	t.Parallel()
	beat := func(seq int64, ago time.Duration) Beat { return Beat{Seq: seq, At: now.Add(-ago)} }
	for name, x := range map[string]struct {
		signs     Signs
		remembers bool
		want      bool
	}{
		"a new base":                                   {Signs{}, false, true},
		"a memory of this base":                        {Signs{Last: beat(9, 0), Own: beat(9, 0)}, true, true},
		"the memory was lost":                          {Signs{Last: beat(9, 0), Own: beat(9, 0)}, false, false},
		"a memory of another base":                     {Signs{Last: beat(9, 0), Other: beat(9, 0)}, true, false},
		"a new computer":                               {Signs{Last: beat(9, 0), Other: beat(9, 0)}, false, false},
		"a base from before names, with a memory":      {Signs{Last: beat(9, 0)}, true, true},
		"a base from before names, without any memory": {Signs{Last: beat(9, 0)}, false, false},
	} {
		if got := x.signs.Known(x.remembers); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	came := Signs{Last: beat(9, 0), Other: beat(9, 4*time.Second)}
	for name, x := range map[string]struct {
		seen   Signs
		waited time.Duration
		want   Acquaintance
	}{
		"just come, signs seem fresh":  {came, 0, Waiter},
		"a sign followed":              {Signs{Last: beat(10, 0), Other: beat(10, 0)}, 5 * time.Second, Member},
		"none followed":                {came, joining, Stranger},
		"signs of another day":         {Signs{Last: beat(9, 24*time.Hour), Other: beat(9, 24*time.Hour)}, 0, Stranger},
		"only this computer was there": {Signs{Last: beat(9, time.Second), Own: beat(9, time.Second)}, 0, Stranger},
	} {
		if got := Acquaint(came, x.seen, x.waited, now); got != x.want {
			t.Errorf("%s: %d", name, got)
		}
	}
}

func TestSuspicion(t *testing.T) {
	t.Parallel()
	beat := func(seq int64, ago time.Duration) Beat { return Beat{Seq: seq, At: now.Add(-ago)} }
	signs := func(last, own Beat) Signs { return Signs{Last: last, Own: own} }
	for name, x := range map[string]struct {
		base       Signs
		remembered Beat
		want       Cause
	}{
		"first start":               {Signs{}, Beat{}, ""},
		"after a night":             {signs(beat(9, 12*time.Hour), beat(9, 12*time.Hour)), beat(9, 12*time.Hour), ""},
		"another node went on":      {signs(beat(20, time.Minute), beat(9, 12*time.Hour)), beat(9, 12*time.Hour), ""},
		"a base from a copy":        {signs(beat(5, 40*time.Hour), beat(5, 40*time.Hour)), beat(9, time.Hour), ByRestored},
		"a copy that others use":    {signs(beat(20, time.Second), beat(5, 40*time.Hour)), beat(9, time.Hour), ByRestored},
		"an empty base":             {Signs{}, beat(9, time.Hour), ByRestored},
		"before signs had names":    {signs(beat(9, time.Hour), Beat{}), beat(9, time.Hour), ""},
		"the clock went back":       {signs(beat(9, -time.Hour), beat(9, -time.Hour)), beat(9, -time.Hour), ByClock},
		"a little, as clocks do":    {signs(beat(9, -time.Minute), Beat{}), beat(9, -time.Minute), ""},
		"back, on another computer": {signs(beat(9, -time.Hour), Beat{}), Beat{}, ByClock},
	} {
		if got, ok := Suspicion(x.base, x.remembered, now); got != x.want || ok != (x.want != "") {
			t.Errorf("%s: %q", name, got)
		}
	}
	if Jumped(time.Minute, time.Minute+time.Second) || !Jumped(time.Hour, time.Minute) || !Jumped(-time.Hour, time.Minute) {
		t.Error("jumps are judged wrongly")
	}
}
