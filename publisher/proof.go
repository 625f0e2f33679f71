package publisher

import "time"

// ProofState is how far a page is with what it has to publish.
type ProofState string

const (
	ProofOpen      ProofState = "open"      // nothing is decided yet
	ProofPlanned   ProofState = "planned"   // will go out by itself
	ProofOut       ProofState = "out"       // stands there, in time
	ProofLate      ProofState = "late"      // stands there, after the deadline
	ProofTrouble   ProofState = "trouble"   // did not go out, or nobody knows
	ProofDeclined  ProofState = "declined"  // the page's people cancelled it
	ProofRemoved   ProofState = "removed"   // stood there and was taken away
	ProofWithdrawn ProofState = "withdrawn" // the mandate ended before it went out
)

// Title is the state as people read it.
func (s ProofState) Title() string {
	switch s {
	case ProofOpen:
		return "Ещё не готов"
	case ProofPlanned:
		return "Запланирован"
	case ProofOut:
		return "Опубликован"
	case ProofLate:
		return "Опубликован с опозданием"
	case ProofTrouble:
		return "Не вышел"
	case ProofDeclined:
		return "Отменён страницей"
	case ProofRemoved:
		return "Удалён со страницы"
	case ProofWithdrawn:
		return "Отозван"
	}
	return ""
}

// Proof is what became of a mandate on one page.
type Proof struct {
	PageID string
	Post   Post
	State  ProofState
	Link   string
	OutAt  time.Time
	// Overdue says that the deadline has passed, or will have, without the post:
	// it is planned for later, or nothing is out yet.
	Overdue bool
	Adapted bool
}

// Done says that nothing is expected of the page any more.
func (p Proof) Done() bool {
	return p.State == ProofOut || p.State == ProofLate || p.State == ProofWithdrawn
}

// Prove judges a page's post against the mandate it is for.
func Prove(m Mandate, p Post, now time.Time) Proof {
	out := Proof{Post: p, State: ProofOpen}
	if p.Mandated != nil {
		out.Adapted = p.Mandated.Adapted(p.Content)
	}
	if len(p.Targets) == 0 {
		return out
	}
	t := p.Targets[0]
	out.PageID, out.Link, out.OutAt = t.PageID, t.Link, t.OutAt
	switch {
	case t.State == Out && t.OutAt.After(m.DueAt):
		out.State = ProofLate
	case t.State == Out:
		out.State = ProofOut
	case t.State == Taken:
		out.State, out.Link = ProofRemoved, "" // it leads nowhere any more
	case p.State == Cancelled && m.Withdrawn():
		out.State = ProofWithdrawn
	case p.State == Cancelled:
		out.State = ProofDeclined
	case t.State == Refused || t.State == Unsure || p.State == Check:
		out.State = ProofTrouble
	case p.State == Scheduled:
		out.State = ProofPlanned
	}
	late := now.After(m.DueAt) || out.State == ProofPlanned && p.At.After(m.DueAt)
	out.Overdue = late && !out.Done() && !m.Withdrawn() || out.State == ProofLate
	return out
}
