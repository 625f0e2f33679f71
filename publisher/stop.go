package publisher

import (
	"slices"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Cause is why nothing leaves.
type Cause string

const (
	ByPerson   Cause = "person"   // the emergency stop
	ByClock    Cause = "clock"    // the computer's clock has jumped
	ByRestored Cause = "restored" // the base is older than what the program remembers
)

// Title is the cause as people read it.
func (c Cause) Title() string {
	switch c {
	case ByPerson:
		return "Экстренная остановка"
	case ByClock:
		return "Часы компьютера скакнули: проверьте дату и время и разрешите отправку"
	case ByRestored:
		return "База восстановлена из копии: часть постов и ответов могла уже выйти. Проверьте страницы и разрешите отправку"
	}
	return ""
}

// Halt is one stop of what leaves, until a person ends it.
type Halt struct {
	ID    string
	Cause Cause
	// PageIDs are the pages that are stopped; none means all.
	PageIDs   []string
	Reason    string
	ByID      string // empty when the program stopped by itself
	ByName    string
	At        time.Time
	EndedAt   time.Time
	EndedByID string
	EndedBy   string
}

// Covers says that the halt holds what leaves for a page. The emergency stop
// holds the plan and lets go what must not wait: answers to citizens, and the
// closing of polls, which were promised to end. The others hold everything.
func (h Halt) Covers(pageID string, urgent bool) bool {
	if !h.EndedAt.IsZero() || urgent && h.Cause == ByPerson {
		return false
	}
	return len(h.PageIDs) == 0 || slices.Contains(h.PageIDs, pageID)
}

// NewHalt is the emergency stop that a person asks for. May: StopPublishing.
// Errors: Forbidden, TooLarge, Invalid when one of the pages is not known.
func NewHalt(pageIDs []string, reason string, by rights.Actor, f Facts) (Halt, error) {
	if err := mayAct(rule{action: rights.StopPublishing}, by); err != nil {
		return Halt{}, err
	}
	if len(pageIDs) == 0 && onSomePages(rights.StopPublishing, by) {
		return Halt{}, errs.New(errs.Forbidden, "Остановить всё может тот, у чьей роли нет границ. Выберите свои страницы.")
	}
	if err := within(pageIDs, rights.StopPublishing, by); err != nil {
		return Halt{}, err
	}
	for _, id := range pageIDs {
		if _, ok := f.Page(id); !ok {
			return Halt{}, errs.New(errs.Invalid, "Одной из отмеченных страниц больше нет. Обновите страницу и отметьте снова.")
		}
	}
	reason, err := optional(reason, maxReason)
	return Halt{Cause: ByPerson, PageIDs: slices.Clone(pageIDs), Reason: reason, ByID: by.ID, ByName: by.Name, At: f.Now}, err
}

// End lets things leave again. May: StopPublishing. Errors: Forbidden, Conflict.
func (h Halt) End(by rights.Actor, now time.Time) (Halt, error) {
	if err := mayAct(rule{action: rights.StopPublishing}, by); err != nil {
		return Halt{}, err
	}
	if err := within(h.PageIDs, rights.StopPublishing, by); err != nil {
		return Halt{}, err
	}
	if len(h.PageIDs) == 0 && onSomePages(rights.StopPublishing, by) {
		return Halt{}, errs.New(errs.Forbidden, "Всё остановил тот, у чьей роли нет границ: пусть он и снимет остановку.")
	}
	if !h.EndedAt.IsZero() {
		return Halt{}, errs.New(errs.Conflict, "Остановку уже сняли. Обновите страницу.")
	}
	h.EndedAt, h.EndedByID, h.EndedBy = now, by.ID, by.Name
	return h, nil
}

// Held says that something holds what leaves for a page, and what.
func Held(halts []Halt, pageID string, urgent bool) (Halt, bool) {
	for _, h := range halts {
		if h.Covers(pageID, urgent) {
			return h, true
		}
	}
	return Halt{}, false
}

// patience is by how much any post may be late: the program looks often, not
// at every moment.
const patience = 2 * time.Minute

// Due says what the program has to do with a scheduled post now: release it,
// but for the pages that are held, or ask a person because it is too late.
// It returns false when there is nothing to do yet.
func Due(p Post, halts []Halt, now time.Time) (Command, bool) {
	if p.State != Scheduled || p.At.IsZero() || now.Before(p.At) || !p.Has(Waiting) {
		return nil, false
	}
	var held []string
	free := false
	for _, t := range p.Targets {
		if t.State != Waiting {
			continue
		}
		if _, stopped := Held(halts, t.PageID, false); stopped {
			held = append(held, t.PageID)
		} else {
			free = true
		}
	}
	switch {
	case !free:
		return nil, false
	case now.Sub(p.At) > max(p.LateBy, patience):
		return AskLate{}, true
	}
	return Release{Held: held}, true
}

// queueing is how long a post that was given to the ledger in time may wait for
// the limits of the networks and for their passing troubles.
const queueing = 15 * time.Minute

// LeaveBy is until when the post may leave by itself, once it is in the ledger.
func (p Post) LeaveBy() time.Time {
	if p.At.IsZero() {
		return time.Time{}
	}
	return p.At.Add(max(p.LateBy, queueing))
}

// Beat is a sign of life: the program writes one after another into the base,
// and remembers the last one outside of it.
type Beat struct {
	Seq int64
	At  time.Time
}

// Signs are the signs of life that stand in the base, as one computer sees
// them. A beat of number zero was never given.
type Signs struct {
	Last  Beat // the newest of all
	Own   Beat // the newest of this computer
	Other Beat // the newest of another one
}

// Known says that this computer can judge by its memory whether the base is the
// one that it worked with: nobody has worked with the base yet, or it did so
// itself and remembers it. A base in which nobody is named was written before
// signs had names, and memory alone decides.
func (s Signs) Known(remembers bool) bool {
	return s.Last.Seq == 0 || remembers && (s.Own.Seq > 0 || s.Other.Seq == 0)
}

// joining is how long a computer that comes to a base looks for the signs of
// those that know it; they come every few seconds.
const joining = 20 * time.Second

// Acquaintance is what a computer that does not know the base finds in it.
type Acquaintance int

const (
	Stranger Acquaintance = iota // nobody vouches for the base
	Waiter                       // somebody may: look again soon
	Member                       // another computer works with the base now
)

// Acquaint judges a base that this computer does not know. met is what it saw
// when it came, waited how long ago that was. Only a sign that was given since
// counts: in a base that was put back from a copy old ones stand as well, and
// however fresh they seem, none follows.
func Acquaint(met, seen Signs, waited time.Duration, now time.Time) Acquaintance {
	switch {
	case seen.Other.Seq > met.Other.Seq:
		return Member
	case waited < joining && now.Sub(seen.Other.At) < patience:
		return Waiter
	}
	return Stranger
}

// Suspicion says why nothing must leave until a person has looked, if anything
// is wrong. base is what stands in the base before the present sign;
// remembered the newest beat that this computer has seen, zero if none.
func Suspicion(base Signs, remembered Beat, now time.Time) (Cause, bool) {
	switch {
	case remembered.Seq > base.Last.Seq, base.Own.Seq > 0 && remembered.Seq > base.Own.Seq:
		return ByRestored, true
	case now.Before(base.Last.At.Add(-patience)), now.Before(remembered.At.Add(-patience)):
		return ByClock, true
	}
	return "", false
}

// Jumped says that the clock was set while the program ran: between two looks
// the wall clock went further, or less far, than time did.
func Jumped(wallWent, timeWent time.Duration) bool {
	return max(wallWent-timeWent, timeWent-wallWent) > patience
}
