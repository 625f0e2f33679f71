package publisher

import (
	"slices"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/workcal"
)

// Series is a post that repeats: a content with its approval, and a rule.
// Each occurrence is a post of its own, made ahead, moved and cancelled alone.
type Series struct {
	ID       string
	Version  int
	Title    string
	Content  Content
	PageIDs  []string
	Rubric   string
	Tags     []string
	LateBy   time.Duration
	Rule     Rule
	Zone     string // of the pages, by its name in the zone database
	Active   bool
	Approval Approval
	AuthorID string
	Author   string
	Writers  []string
	// Through is up to when its occurrences were made.
	Through   time.Time
	CreatedAt time.Time
}

// Hash identifies what an approval of the series is given for.
func (s Series) Hash() string { return contentHash(s.Content, s.PageIDs) }

// Approved says that the present content was approved.
func (s Series) Approved() bool { return consented(s.Approval.Hash, s.Content, s.PageIDs) }

// SeriesForm is what a person fills in.
type SeriesForm struct {
	Write
	Rule   Rule
	Zone   string
	LateBy time.Duration
	Active bool
}

// ChangeSeries is the series as a person wants it; a zero series begins one.
// Another content or other pages void the approval; another rule does not.
// May: WritePost. Errors: Forbidden, Invalid, TooLarge.
func ChangeSeries(s Series, x SeriesForm, by rights.Actor, f Facts) (Series, error) {
	if err := mayAct(rule{action: rights.WritePost}, by); err != nil {
		return Series{}, err
	}
	for _, pages := range [][]string{s.PageIDs, x.PageIDs} {
		if err := within(pages, rights.WritePost, by); err != nil {
			return Series{}, err
		}
	}
	if err := x.Rule.Check(); err != nil {
		return Series{}, err
	}
	if _, err := time.LoadLocation(x.Zone); err != nil || x.Zone == "" {
		return Series{}, errs.New(errs.Invalid, "Такого часового пояса нет. Выберите его из списка.")
	}
	if x.LateBy < 0 || x.LateBy > maxLate {
		return Series{}, errs.New(errs.Invalid, "Допустимое опоздание — от 0 до 24 часов.")
	}
	before := s.Hash()
	p, _, err := Begin(x.Write, Plan{}, by, f)
	if err != nil {
		return Series{}, err
	}
	if stops := Stops(Preflight(p, f)); len(stops) > 0 {
		return Series{}, errs.New(errs.Invalid, stops[0].Text)
	}
	s.Title, s.Content, s.PageIDs, s.Rubric, s.Tags = p.Title, p.Content, p.PageIDs(), p.Rubric, p.Tags
	s.Rule, s.Zone, s.LateBy, s.Active = x.Rule, x.Zone, x.LateBy, x.Active
	s.Version++
	if s.AuthorID == "" {
		s.AuthorID, s.Author, s.CreatedAt = by.ID, by.Name, f.Now
	}
	if s.Hash() != before {
		s.Approval = Approval{}
		if !slices.Contains(s.Writers, by.ID) {
			s.Writers = append(slices.Clone(s.Writers), by.ID)
		}
	}
	return s, nil
}

// ApproveSeries consents to the content of all occurrences to come. It names
// the hash of what was read. May: ReviewPost, who has written none of it.
// Errors: Forbidden, Conflict, Invalid.
func ApproveSeries(s Series, hash string, by rights.Actor, f Facts) (Series, error) {
	if err := mayAct(rule{action: rights.ReviewPost}, by); err != nil {
		return Series{}, err
	}
	if err := within(s.PageIDs, rights.ReviewPost, by); err != nil {
		return Series{}, err
	}
	if slices.Contains(s.Writers, by.ID) || s.AuthorID == by.ID {
		return Series{}, errs.New(errs.Forbidden, "Вы писали этот пост, поэтому согласовать его должен другой человек.")
	}
	if hash != s.Hash() {
		return Series{}, errs.New(errs.Conflict, "Пока вы читали, пост изменился. Прочитайте его ещё раз.")
	}
	for _, slot := range s.ahead(f) {
		if err := refusals(s.occurrence(slot, f), f); err != nil {
			return Series{}, err
		}
	}
	s.Approval = Approval{Hash: hash, ByID: by.ID, ByName: by.Name, At: f.Now}
	s.Version++
	return s, nil
}

// ahead are the moments at which an approval has to hold: now, and the last
// occurrence that is made ahead, before which a key may end.
func (s Series) ahead(f Facts) []Slot {
	out := []Slot{{At: f.Now}}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return out
	}
	if slots := s.Rule.Slots(zone, workcal.Calendar{}, f.Now.Add(soon), f.Now.Add(Horizon)); len(slots) > 0 {
		out = append(out, slots[len(slots)-1])
	}
	return out
}

// occurrence is the post for one slot.
func (s Series) occurrence(slot Slot, f Facts) Post {
	p := Post{
		Version: 1, State: Draft, StateSince: f.Now, Title: s.Title, Content: s.Content, Rubric: s.Rubric, Tags: s.Tags,
		At: slot.At, LateBy: s.LateBy, AuthorID: s.AuthorID, AuthorName: s.Author, Writers: s.Writers,
		SeriesID: s.ID, Slot: slot.Key, CreatedAt: f.Now,
	}
	for _, id := range s.PageIDs {
		t := Target{PageID: id, State: Waiting}
		if page, ok := f.Page(id); ok {
			t.Network = page.Network
		}
		p.Targets = append(p.Targets, t)
	}
	if s.Approved() {
		p.State, p.Approval = Scheduled, s.Approval
		p.Approval.Inherits = true
	}
	return p
}

// Unfolded is what a series needs written so that its occurrences are as its
// rule says now.
type Unfolded struct {
	New     []Post // keyed by series and slot: one that is there already stays
	Changed []Post
	Through time.Time
}

// Horizon is how far ahead the occurrences of all series are made. It is one for
// everybody: a shorter one would take back what a longer one has made.
const Horizon = 60 * 24 * time.Hour

// Unfold makes the occurrences of a series ahead, up to the horizon, and brings
// those that no person has touched into line with the series: its content, its
// approval, its rule, and the law about the zone. have are the occurrences
// that exist from now on. Saying it twice changes nothing.
func Unfold(s Series, have []Post, days workcal.Calendar, f Facts, horizon time.Duration) Unfolded {
	out := Unfolded{Through: f.Now.Add(horizon)}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return out
	}
	slots := map[string]Slot{}
	if s.Active {
		for _, slot := range s.Rule.Slots(zone, days, f.Now.Add(soon), out.Through) {
			slots[slot.Key] = slot
		}
	}
	seen := map[string]bool{}
	for _, p := range have {
		seen[p.Slot] = true
		slot, fires := slots[p.Slot]
		if q, changed := s.align(p, slot, fires, f); changed {
			out.Changed = append(out.Changed, q)
		}
	}
	for key, slot := range slots {
		if !seen[key] {
			out.New = append(out.New, s.occurrence(slot, f))
		}
	}
	slices.SortFunc(out.New, func(a, b Post) int { return a.At.Compare(b.At) })
	return out
}

// align is an untouched occurrence as the series has it now.
func (s Series) align(p Post, slot Slot, fires bool, f Facts) (Post, bool) {
	if p.Touched || p.begun() || p.Has(Leaving, Refused, Unsure) || p.State == Check {
		return p, false
	}
	if !p.At.After(f.Now.Add(soon)) {
		return p, false
	}
	want := p.clone()
	if fires {
		want = s.occurrence(slot, f)
		want.ID, want.Number, want.Version, want.StateSince, want.CreatedAt = p.ID, p.Number, p.Version, p.StateSince, p.CreatedAt
	} else {
		want.State, want.Approval = Cancelled, Approval{}
		for i := range want.Targets {
			want.Targets[i].State = Dropped
		}
	}
	same := want.State == p.State && want.At.Equal(p.At) && want.Hash() == p.Hash() && want.Approval.Hash == p.Approval.Hash &&
		want.Title == p.Title && want.Rubric == p.Rubric && slices.Equal(want.Tags, p.Tags) && want.LateBy == p.LateBy
	if same {
		return p, false
	}
	want.Version++
	if want.State != p.State {
		want.StateSince = f.Now
	}
	return want, true
}
