package incidents

import "otklik/internal/rights"

// rule is one row of the state machine.
type rule struct {
	from []Stage
	// to is the stage after the command; empty leaves it.
	to Stage
	// action is what the actor must be allowed; empty means only the program.
	action rights.Action
}

// ruleFor is the state machine as a table (domain reference §8, the stages of
// this edition). A command without a row does not exist.
func ruleFor(kind EventKind) (rule, bool) {
	switch kind {
	case EventAccepted:
		return rule{from: []Stage{Moderation}, to: Coordination, action: rights.AcceptCase}, true
	case EventRejected:
		return rule{from: []Stage{Moderation, Coordination}, to: Done, action: rights.RejectCase}, true
	case EventClassified:
		return rule{from: []Stage{Moderation, Coordination, Execution}, action: rights.ClassifyCase}, true
	case EventLocated:
		return rule{from: []Stage{Moderation, Coordination, Execution}, action: rights.ClassifyCase}, true
	case EventAssigned:
		return rule{from: []Stage{Coordination, Execution}, to: Execution, action: rights.AssignCase}, true
	case EventCoordinated:
		return rule{from: []Stage{Moderation}, to: Execution}, true
	case EventUncoordinated:
		return rule{from: []Stage{Execution}, to: Moderation, action: rights.AcceptCase}, true
	case EventReturned:
		return rule{from: []Stage{Execution}, to: Coordination, action: rights.ReturnCase}, true
	case EventSubmitted:
		return rule{from: []Stage{Execution}, to: Approval, action: rights.WriteAnswer}, true
	case EventReworked:
		return rule{from: []Stage{Approval}, to: Execution, action: rights.ReviewAnswer}, true
	case EventApproved:
		return rule{from: []Stage{Approval}, to: Publication, action: rights.ReviewAnswer}, true
	case EventWithdrawn:
		return rule{from: []Stage{Publication}, to: Execution, action: rights.ResolveDelivery}, true
	case EventByHand:
		return rule{from: []Stage{Publication}, to: Done, action: rights.PublishByHand}, true
	case EventNote:
		return rule{from: Stages(), action: rights.WriteNote}, true
	case EventPublished:
		return rule{from: []Stage{Publication}, to: Done}, true
	case EventNotPublished, EventUncertain, EventResent:
		return rule{from: []Stage{Publication}}, true
	}
	return rule{}, false
}

func (r rule) allows(s Stage) bool {
	for _, f := range r.from {
		if f == s {
			return true
		}
	}
	return false
}
