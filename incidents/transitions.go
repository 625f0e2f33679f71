package incidents

import "otklik/internal/rights"

// rule is one row of the state machine.
type rule struct {
	from []Stage
	// to is the stage after the command; empty leaves it.
	to Stage
	// agreed is where the command leads instead while the organisation asks for
	// agreement, and interim where an interim answer goes.
	agreed, interim Stage
	// action is what the actor must be allowed; empty means only the program.
	action rights.Action
	// program says that the program may do it as well.
	program bool
}

// next is the stage to which the command leads.
func (r rule) next(c Case) Stage {
	switch {
	case r.agreed != "" && c.Whose.Policy.Agreement:
		return r.agreed
	case r.interim != "" && c.Answer.Interim():
		return r.interim
	case r.to != "":
		return r.to
	}
	return c.Stage
}

// ruleFor is the state machine as a table. A command without a row does not exist.
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
		return rule{from: []Stage{Execution}, to: Approval, agreed: Agreement, action: rights.WriteAnswer}, true
	case EventInterim:
		return rule{from: []Stage{Execution}, to: Approval, agreed: Agreement, action: rights.WriteAnswer}, true
	case EventAgreed:
		return rule{from: []Stage{Agreement}, to: Approval, action: rights.AgreeAnswer}, true
	case EventDisagreed:
		return rule{from: []Stage{Agreement}, to: Execution, action: rights.AgreeAnswer}, true
	case EventRedirected:
		return rule{from: []Stage{Coordination}, to: Done, action: rights.RedirectCase}, true
	case EventMerged:
		return rule{from: beforeApproval(), to: Done, action: rights.MergeCase}, true
	case EventSplit:
		return rule{from: beforeApproval(), action: rights.MergeCase}, true
	case EventRated:
		return rule{from: []Stage{Done}, action: rights.RateCase, program: true}, true
	case EventRepeated:
		return rule{from: []Stage{Done}, to: Coordination, action: rights.RateCase, program: true}, true
	case EventReworked:
		return rule{from: []Stage{Approval}, to: Execution, action: rights.ReviewAnswer}, true
	case EventApproved:
		return rule{from: []Stage{Approval}, to: Publication, action: rights.ReviewAnswer}, true
	case EventWithdrawn:
		return rule{from: []Stage{Publication}, to: Execution, action: rights.ResolveDelivery}, true
	case EventByHand:
		return rule{from: []Stage{Publication}, to: Done, interim: Execution, action: rights.PublishByHand}, true
	case EventNote:
		return rule{from: Stages(), action: rights.WriteNote}, true
	case EventPublished:
		return rule{from: []Stage{Publication}, to: Done, interim: Execution}, true
	case EventNotPublished, EventUncertain, EventResent:
		return rule{from: []Stage{Publication}}, true
	}
	return timingRule(kind)
}

func beforeApproval() []Stage { return []Stage{Moderation, Coordination, Execution, Agreement} }

func (r rule) allows(s Stage) bool {
	for _, f := range r.from {
		if f == s {
			return true
		}
	}
	return false
}
