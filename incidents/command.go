package incidents

import "time"

// Command is what somebody wants done with a case. The table in transitions.go
// says from which stage, to which, and by whom.
type Command interface{ kind() EventKind }

// Accept takes the message in: it is a matter for the agency.
// May: moderator, coordinator. Модерация → Координация.
type Accept struct{}

// Reject closes the case without an answer. The reason is for colleagues; it may
// be left out where there is a ground.
// May: moderator, coordinator. Модерация, Координация → Завершено, Отклонено.
type Reject struct {
	Ground Ground
	Reason string
}

// Classify sets the topic and, where a person chose one, the fact of the
// rubricator, whose time to answer and short way hold from then on. The
// department that answers for it is suggested until a coordinator has chosen one.
// May: moderator, coordinator. Any stage before Утверждение.
type Classify struct {
	TopicID, TopicName string
	// FactID is "" for no fact; Hours is the fact's time, counted from the opening.
	FactID, FactName string
	Fast             bool
	Hours            int
	// DepartmentID is who answers for it, "" to leave who is there.
	DepartmentID string
}

// Locate sets where it happens; a place that is not known takes it away.
// May: moderator, coordinator. Any stage before Утверждение.
type Locate struct {
	Place Place
	// DepartmentID is who answers there, "" to leave who is there.
	DepartmentID string
}

// Assign hands the case to a department and, optionally, to one executor.
// May: coordinator. Координация, Исполнение → Исполнение.
type Assign struct {
	DepartmentID, DepartmentName, ExecutorID, ExecutorName string
	// OrganisationID is whose the department is, "" to leave that to whoever keeps
	// the cases: it must be the card's own.
	OrganisationID string
}

// Coordinate takes the message in, sets its topic and hands it to a department.
// Why are the words for which the program is sure. Only the program.
// Модерация → Исполнение.
type Coordinate struct {
	TopicID, TopicName           string
	DepartmentID, DepartmentName string
	// Probability is that of the topic, from 0 to 1.
	Probability float64
	Why         string
}

// Uncoordinate takes back what the program did by Coordinate.
// May: moderator, coordinator. Исполнение → Модерация.
type Uncoordinate struct{}

// Return gives the case back to the coordinator with a reason.
// May: the case's executor or department, coordinator. Исполнение → Координация.
type Return struct{ Reason string }

// Submit hands a text in for approval.
// May: the case's executor or department. Исполнение → Утверждение.
type Submit struct{ Text string }

// Interim hands in an answer that promises: once it is approved and stands in
// the thread, the case goes on and the promised moment is its control date.
// May: the case's executor or department. Исполнение → Утверждение; published → Исполнение.
type Interim struct {
	Text string
	// Promise is the end of work on the promised day.
	Promise time.Time
}

// Agree lets the text go to the head, where the organisation asks for that.
// May: coordinator, lawyer, press officer who had no hand in it. Согласование → Утверждение.
type Agree struct{ Hash string }

// Disagree sends the text back with a reason. May: as Agree. Согласование → Исполнение.
type Disagree struct{ Reason string }

// Redirect hands the matter to another organisation: this card ends, a new one
// with the same clock begins there.
// May: coordinator. Координация → Завершено, Перенаправлено.
type Redirect struct {
	To     Whose
	Reason string
}

// Merge closes a double in favour of another open card, which takes its messages.
// May: coordinator. Any stage before Утверждение → Завершено.
type Merge struct {
	IntoID string
	Into   int64 // the number
}

// Split makes a card of its own out of a further message of the case.
// May: coordinator. Any stage before Утверждение.
type Split struct{ ItemID, Words string }

// Rate writes down what the citizen said of the answer. If they are not content
// and the organisation's limits allow it, the matter is taken up again.
// May: coordinator, press officer, who say how they know; the program in the
// citizen's name. Завершено, Решено → Завершено or Координация.
type Rate struct {
	Score    int // 1 to 5; 0 when the citizen only said that it is not solved
	Unsolved bool
	Comment  string
}

// Rework sends the text back with a reason.
// May: head. Утверждение → Исполнение.
type Rework struct{ Reason string }

// Approve lets the text out. It names the hash of the text that was read.
// May: head who is not the author of the text. Утверждение → Публикация ответа.
type Approve struct{ Hash string }

// Withdraw takes an answer that surely did not go out back to the executor.
// May: press officer. Публикация ответа → Исполнение.
type Withdraw struct{ Reason string }

// ByHand closes the case with a link to an answer that a person gave in the network.
// May: press officer. Публикация ответа → Завершено, Решено.
type ByHand struct{ Link string }

// Note adds an internal note. May: everyone who may write notes; at any stage.
type Note struct{ Text string }

// Published records the network's confirmation. Only the program.
type Published struct{ Link string }

// NotPublished records that the network refused the answer. Only the program.
type NotPublished struct{ Why string }

// Uncertain records that the answer may or may not stand in the thread. Only the program.
type Uncertain struct{ Why string }

// Resent records that a person has the answer sent once more. Only the program,
// in that person's name.
type Resent struct{}

func (Accept) kind() EventKind       { return EventAccepted }
func (Reject) kind() EventKind       { return EventRejected }
func (Locate) kind() EventKind       { return EventLocated }
func (Classify) kind() EventKind     { return EventClassified }
func (Assign) kind() EventKind       { return EventAssigned }
func (Coordinate) kind() EventKind   { return EventCoordinated }
func (Uncoordinate) kind() EventKind { return EventUncoordinated }
func (Return) kind() EventKind       { return EventReturned }
func (Submit) kind() EventKind       { return EventSubmitted }
func (Interim) kind() EventKind      { return EventInterim }
func (Agree) kind() EventKind        { return EventAgreed }
func (Disagree) kind() EventKind     { return EventDisagreed }
func (Redirect) kind() EventKind     { return EventRedirected }
func (Merge) kind() EventKind        { return EventMerged }
func (Split) kind() EventKind        { return EventSplit }
func (Rate) kind() EventKind         { return EventRated }
func (Rework) kind() EventKind       { return EventReworked }
func (Approve) kind() EventKind      { return EventApproved }
func (Withdraw) kind() EventKind     { return EventWithdrawn }
func (ByHand) kind() EventKind       { return EventByHand }
func (Note) kind() EventKind         { return EventNote }
func (Published) kind() EventKind    { return EventPublished }
func (NotPublished) kind() EventKind { return EventNotPublished }
func (Uncertain) kind() EventKind    { return EventUncertain }
func (Resent) kind() EventKind       { return EventResent }
