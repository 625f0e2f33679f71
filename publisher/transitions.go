package publisher

import (
	"slices"

	"otklik/internal/rights"
)

// rule is one row of the state machine.
type rule struct {
	from []State
	// to are the states that the command may lead to; empty leaves the state.
	// Which of several it is follows from the post: from its time, or from what
	// became of it on its pages.
	to []State
	// action is what the actor must be allowed; empty means only the program.
	action rights.Action
}

// ruleFor is the state machine as a table. A command without a row does not exist.
func ruleFor(kind EventKind) (rule, bool) {
	open := []State{Draft, Review, Approved, Scheduled, Failed, Check}
	onTheWay := []State{Scheduled, Failed, Check, Published}
	gone := []State{Scheduled, Published, Failed, Check, Cancelled}
	switch kind {
	case EventWritten:
		return rule{from: open, to: open, action: rights.WritePost}, true
	case EventPlanned:
		return rule{from: open, to: open, action: rights.WritePost}, true
	case EventSubmitted:
		return rule{from: []State{Draft}, to: []State{Review}, action: rights.WritePost}, true
	case EventReworked:
		return rule{from: []State{Review}, to: []State{Draft}, action: rights.ReviewPost}, true
	case EventApproved:
		return rule{from: []State{Review}, to: []State{Approved, Scheduled}, action: rights.ReviewPost}, true
	case EventWithdrawn:
		return rule{from: []State{Review, Approved, Scheduled}, to: []State{Draft}, action: rights.WritePost}, true
	case EventCancelled:
		return rule{from: open, to: []State{Cancelled, Published}, action: rights.WritePost}, true
	case EventReopened:
		return rule{from: []State{Cancelled}, to: []State{Draft}, action: rights.WritePost}, true
	case EventRemark:
		return rule{from: States(), action: rights.CommentPost}, true
	case EventByHand:
		return rule{from: []State{Failed, Check, Published}, to: gone, action: rights.ActOnPost}, true
	case EventAmended, EventAmendDropped:
		return rule{from: onTheWay, action: rights.WritePost}, true
	case EventAmendApproved:
		return rule{from: onTheWay, action: rights.ReviewPost}, true
	case EventRemoving, EventPinning:
		return rule{from: onTheWay, action: rights.ActOnPost}, true
	case EventReleased:
		return rule{from: []State{Scheduled}, to: []State{Scheduled, Failed}}, true
	case EventAskedLate:
		return rule{from: []State{Scheduled}, to: []State{Check}}, true
	case EventSent, EventNotSent, EventUnsure, EventResent:
		return rule{from: onTheWay, to: gone}, true
	case EventChanged, EventNotChanged, EventFound, EventVanished, EventReappeared:
		return rule{from: onTheWay}, true
	}
	return rule{}, false
}

func (r rule) allows(s State) bool { return slices.Contains(r.from, s) }

func (r rule) leads(from, to State) bool {
	return len(r.to) == 0 && from == to || slices.Contains(r.to, to)
}
