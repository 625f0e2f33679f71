package publisher

import (
	"slices"

	"otklik/internal/rights"
)

// kinds lists what people can do with a post, in the order in which buttons stand.
func kinds() []EventKind {
	return []EventKind{
		EventApproved, EventReworked, EventSubmitted, EventWritten, EventPlanned, EventWithdrawn,
		EventByHand, EventAmendApproved, EventAmended, EventAmendDropped, EventPinning, EventRemoving,
		EventReopened, EventCancelled, EventRemark,
	}
}

// Possible lists what the actor could do with the post as it is now, by the
// same table that Apply follows: whatever it lists fails only for its input, for
// what the pages' keys allow, or because the post has changed since.
func Possible(p Post, by rights.Actor) []EventKind {
	var list []EventKind
	for _, kind := range kinds() {
		r, ok := ruleFor(kind)
		if ok && r.allows(p.State) && mayAct(r, by) == nil && fits(p, kind, by) {
			list = append(list, kind)
		}
	}
	return list
}

// fits is what Apply asks of the post besides its state.
func fits(p Post, kind EventKind, by rights.Actor) bool {
	wrote := slices.Contains(p.Writers, by.ID) || p.AuthorID == by.ID
	switch kind {
	case EventApproved:
		return !wrote
	case EventSubmitted:
		return !p.Content.Empty() && len(p.PageIDs()) > 0
	case EventWithdrawn:
		return !p.begun() && !p.Has(Unsure)
	case EventWritten:
		return !p.begun() && !p.Has(Unsure)
	case EventPlanned:
		return !p.Has(Leaving, Unsure)
	case EventCancelled:
		return !p.Has(Unsure)
	case EventByHand:
		return p.Has(Refused, Unsure) || p.Question != "" && p.Has(Waiting) || slices.ContainsFunc(p.Targets, Target.Lost)
	case EventAmended:
		return slices.ContainsFunc(p.Targets, Target.stands)
	case EventAmendApproved:
		return p.Amendment != nil && !wrote && !p.Has(Leaving, Unsure)
	case EventAmendDropped:
		return p.Amendment != nil
	case EventPinning, EventRemoving:
		return slices.ContainsFunc(p.Targets, func(t Target) bool { return t.State == Out && t.stands() })
	}
	return true
}
