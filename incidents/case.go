// Package incidents is casework: what a case is, which stages it passes, who
// may move it, and what must follow from each move. It knows no database and
// no network; whoever keeps the cases implements Book.
package incidents

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"otklik/internal/social"
)

// Stage is the inner stage of a case (domain: «Стадия»).
type Stage string

const (
	Moderation   Stage = "moderation"   // Модерация
	Coordination Stage = "coordination" // Координация
	Execution    Stage = "execution"    // Исполнение
	Agreement    Stage = "agreement"    // Согласование: only where the organisation asks for it
	Approval     Stage = "approval"     // Утверждение
	Publication  Stage = "publication"  // Публикация ответа
	Done         Stage = "done"         // Завершено
)

// Stages lists the stages in the order in which a case passes them.
func Stages() []Stage {
	return []Stage{Moderation, Coordination, Execution, Agreement, Approval, Publication, Done}
}

// Title is the stage's name as people read it, "" for an unknown stage.
func (s Stage) Title() string {
	switch s {
	case Moderation:
		return "Модерация"
	case Coordination:
		return "Координация"
	case Execution:
		return "Исполнение"
	case Agreement:
		return "Согласование"
	case Approval:
		return "Утверждение"
	case Publication:
		return "Публикация ответа"
	case Done:
		return "Завершено"
	}
	return ""
}

// Outcome is how a case ended; it is empty while the case is open.
type Outcome string

const (
	Resolved Outcome = "resolved" // Решено: the answer stands in the thread
	Rejected Outcome = "rejected" // Отклонено
	// Redirected: another organisation answers, on a card of its own.
	Redirected Outcome = "redirected"
	// Merged: the message says what another card is about already.
	Merged Outcome = "merged"
)

// Title is the outcome's name as people read it.
func (o Outcome) Title() string {
	switch o {
	case Resolved:
		return "Решено"
	case Rejected:
		return "Отклонено"
	case Redirected:
		return "Перенаправлено"
	case Merged:
		return "Объединено"
	}
	return ""
}

// Case is one case (карточка): a citizen's message and all that became of it.
type Case struct {
	ID     string
	Number int64
	// Version grows by one with every change; a change names the version it saw.
	Version int

	Stage      Stage
	StageSince time.Time
	Outcome    Outcome

	// Message is the message that opened the case, with its text as first seen.
	Message social.Item
	// SourceID is the page in whose thread the message stands and from which
	// the answer goes out.
	SourceID string
	// Foreign says that this page is not the agency's own: the program has no
	// key with which it could answer there, so a person does.
	Foreign bool

	TopicID string
	// FactID is the fact of the rubricator that a person chose, "" for none;
	// Fast says that it goes the short way.
	FactID, FactName string
	Fast             bool
	// Place is where it happens.
	Place        Place
	DepartmentID string
	ExecutorID   string
	ExecutorName string
	// Importance is 0 for what is usual; the greater, the higher in the queue.
	Importance int
	// Auto says that the program took the case in and handed it out, and nobody
	// has decided otherwise.
	Auto bool

	// Timing is what people have said about the clock of the case.
	Timing Timing
	// Whose says in whose hands the card is; it does not change while the card lives.
	Whose Whose
	// Life is what has happened to the card beside its stages.
	Life Life

	Answer Answer
	// RejectReason is for colleagues, never sent.
	RejectReason string
	// PublicationTrouble is why the answer does not stand in the thread yet.
	PublicationTrouble string
	// AnswerLink leads to the answer in the network once it is there.
	AnswerLink string

	OpenedAt time.Time
	// DueAt is the next open deadline, zero while every clock stands still.
	DueAt    time.Time
	ClosedAt time.Time
}

// Answer is the text that will stand in the thread.
type Answer struct {
	Text string
	// Version counts the submitted texts; 0 means that there is none yet.
	Version    int
	AuthorID   string
	AuthorName string
	WrittenAt  time.Time
	// Editors are all who wrote this text or one that it was made of.
	Editors []string `json:",omitempty"`
	// Promise is the day that an interim answer names; the matter stays in work.
	// It is zero for the answer that ends the case.
	Promise time.Time
	// AgreedBy is who agreed to the text, where agreement is asked for.
	AgreedBy string `json:",omitempty"`
	// ApprovedHash is the hash of the text that was approved; approval of one
	// text never covers another.
	ApprovedHash string
	ApproverID   string
	ApproverName string
	ApprovedAt   time.Time
}

// Hash identifies the text an approval was given for.
func (a Answer) Hash() string {
	sum := sha256.Sum256([]byte(a.Text))
	return hex.EncodeToString(sum[:])
}

// Overdue says that an open case is past its deadline.
func (c Case) Overdue(now time.Time) bool {
	return c.Stage != Done && !c.DueAt.IsZero() && now.After(c.DueAt)
}

// EventKind is what happened to a case.
type EventKind string

const (
	EventOpened   EventKind = "opened"
	EventAttached EventKind = "attached"
	// EventCopied: somebody repeated the message elsewhere, as a repost or in the same words.
	EventCopied     EventKind = "copied"
	EventAccepted   EventKind = "accepted"
	EventRejected   EventKind = "rejected"
	EventClassified EventKind = "classified"
	EventLocated    EventKind = "located"
	EventAssigned   EventKind = "assigned"
	// EventCoordinated: the program took the case in and handed it out by itself.
	EventCoordinated   EventKind = "coordinated"
	EventUncoordinated EventKind = "uncoordinated"
	EventReturned      EventKind = "returned"
	EventSubmitted     EventKind = "submitted"
	EventReworked      EventKind = "reworked"
	EventApproved      EventKind = "approved"
	EventPublished     EventKind = "published"
	EventNotPublished  EventKind = "not_published"
	EventUncertain     EventKind = "uncertain"
	EventResent        EventKind = "resent"
	EventByHand        EventKind = "by_hand"
	EventWithdrawn     EventKind = "withdrawn"
	EventNote          EventKind = "note"
	// EventInterim: an interim answer was handed in.
	EventInterim    EventKind = "interim"
	EventAgreed     EventKind = "agreed"
	EventDisagreed  EventKind = "disagreed"
	EventRedirected EventKind = "redirected"
	// EventReceived opens the card of the organisation that a case was redirected to.
	EventReceived EventKind = "received"
	EventMerged   EventKind = "merged"
	EventTookIn   EventKind = "took_in" // another card was merged into this one
	EventSplit    EventKind = "split"
	// EventDetached opens a card of a message that was taken out of another one.
	EventDetached EventKind = "detached"
	EventRated    EventKind = "rated"
	EventRepeated EventKind = "repeated" // the citizen is not content: it begins anew
	// EventJoined, EventLeft: the case is a member of a mass incident, or is none any more.
	EventJoined        EventKind = "joined"
	EventLeft          EventKind = "left"
	EventAuthorEdited  EventKind = "author_edited"
	EventAuthorDeleted EventKind = "author_deleted"
	// EventAuthorRestored: a deleted message is back in the network.
	EventAuthorRestored EventKind = "author_restored"
)

// Event is one line of a case's history. Events are only ever added.
type Event struct {
	At        time.Time
	ActorID   string // empty when the program acted
	ActorName string
	Kind      EventKind
	// Version is the case's version after the event.
	Version int
	// Text is what a person wrote: a reason, a note; or what the network said.
	Text string
	// Data names what changed, by keys such as "topic", "department",
	// "executor", "rule", "link", in words for people.
	Data map[string]string
}
