package incidents

import "otklik/internal/rights"

// kinds lists what people can do with a case, in the order in which buttons
// stand.
func kinds() []EventKind {
	return []EventKind{
		EventAccepted, EventAssigned, EventSubmitted, EventInterim, EventAgreed, EventDisagreed, EventApproved, EventReworked,
		EventUncoordinated, EventReturned, EventWithdrawn, EventByHand, EventClassified, EventLocated, EventRejected, EventRedirected, EventMerged, EventSplit, EventRated,
		EventWaits, EventResumed, EventFastTrack, EventRaised, EventNote,
	}
}

// Possible lists what the actor could do with the case as it is now, by the
// same table that Apply follows: whatever it lists fails only for its input,
// or because the case has changed since.
func Possible(c Case, by rights.Actor) []EventKind {
	var list []EventKind
	for _, kind := range kinds() {
		r, ok := ruleFor(kind)
		if !ok || !r.allows(c.Stage) || mayAct(c, r, by) != nil {
			continue
		}
		if (kind == EventApproved || kind == EventAgreed) && c.Answer.WrittenBy(by.ID) || kind == EventRated && c.Outcome != Resolved {
			continue
		}
		if kind == EventResumed && c.Timing.Wait == "" {
			continue
		}
		if kind == EventUncoordinated && !c.Auto {
			continue
		}
		list = append(list, kind)
	}
	return list
}
