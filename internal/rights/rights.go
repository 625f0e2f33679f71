// Package rights is the one table of who may do what. Everything that is not
// written in it is forbidden.
package rights

// Role is a role of the «Платформа обратной связи» or of a press service.
type Role string

const (
	Administrator Role = "administrator" // Администратор ЛКО: people and settings, no casework
	Head          Role = "head"          // Руководитель: approves answers
	Curator       Role = "curator"       // Куратор: reads everything, answers nothing
	Coordinator   Role = "coordinator"   // Координатор: hands cases out
	Executor      Role = "executor"      // Исполнитель: writes answers
	Moderator     Role = "moderator"     // Модератор: takes in and rejects
	PressOfficer  Role = "press"         // Пресс-служба: watches what leaves
	Lawyer        Role = "lawyer"        // Юрист: agrees to answers
	Pollster      Role = "pollster"      // Уполномоченный: polls and votes
)

// Roles lists all roles in the order in which people read them.
func Roles() []Role {
	return []Role{Administrator, Head, Curator, Coordinator, Executor, Moderator, PressOfficer, Lawyer, Pollster}
}

// Title is the role's name as people read it, "" for an unknown role.
func (r Role) Title() string {
	switch r {
	case Administrator:
		return "Администратор ЛКО"
	case Head:
		return "Руководитель"
	case Curator:
		return "Куратор"
	case Coordinator:
		return "Координатор"
	case Executor:
		return "Исполнитель"
	case Moderator:
		return "Модератор"
	case PressOfficer:
		return "Пресс-служба"
	case Lawyer:
		return "Юрист"
	case Pollster:
		return "Уполномоченный"
	}
	return ""
}

// Action is something that a person may be allowed to do.
type Action string

const (
	ViewCases       Action = "case.view"
	AcceptCase      Action = "case.accept"
	RejectCase      Action = "case.reject"
	ClassifyCase    Action = "case.classify"
	AssignCase      Action = "case.assign"
	ReturnCase      Action = "case.return"
	PauseCase       Action = "case.pause" // the case waits for somebody outside
	UrgeCase        Action = "case.urge"  // the fast track, raised importance
	WriteAnswer     Action = "case.answer"
	ReviewAnswer    Action = "case.review"
	RedirectCase    Action = "case.redirect" // to another organisation
	MergeCase       Action = "case.merge"    // a double into its like, a message out of a case
	AgreeAnswer     Action = "case.agree"    // before approval
	RateCase        Action = "case.rate"     // write down what the citizen said of the answer
	PublishByHand   Action = "case.publish_by_hand"
	WriteNote       Action = "case.note"
	ManageIncidents Action = "incident.manage" // gather, name, merge, close; their limits
	MuteNotices     Action = "incident.mute"
	ViewSources     Action = "source.view"
	ManageSources   Action = "source.manage"
	ViewRules       Action = "rule.view"
	WriteRules      Action = "rule.write"
	ViewRaw         Action = "source.raw" // what the networks sent, as it came
	ViewDeliveries  Action = "delivery.view"
	ResolveDelivery Action = "delivery.resolve"
	ViewDirectory   Action = "directory.view"   // places, routes, the rubricator
	ManageDirectory Action = "directory.manage" // change them
	ViewAlarms      Action = "alarm.view"
	TakeAlarm       Action = "alarm.take"
	ViewDeadlines   Action = "deadline.view" // deadlines, working hours, the calendar
	ManageDeadlines Action = "deadline.manage"
	ViewPeople      Action = "people.view" // organisations and people
	ManagePeople    Action = "people.manage"
	ManageArchive   Action = "archive.manage" // build the search archive anew, how long it keeps
	ViewLearning    Action = "learn.view"     // what the program has learned of people
	ManageLearning  Action = "learn.manage"   // thresholds, trainings, versions

	ViewPlan       Action = "plan.view"
	WritePost      Action = "post.write"   // write, plan, hand in, cancel
	ReviewPost     Action = "post.review"  // approve or send back
	CommentPost    Action = "post.comment" // remarks beside a draft
	ActOnPost      Action = "post.act"     // pin, remove, give by hand what is out
	StopPublishing Action = "plan.stop"    // the emergency stop and its end
	ViewPages      Action = "page.view"    // the register of pages
	ManagePages    Action = "page.manage"
	IssueMandate   Action = "mandate.issue" // what pages have to publish by a deadline
)

// Actions lists all actions.
func Actions() []Action {
	return []Action{
		ViewCases, AcceptCase, RejectCase, ClassifyCase, AssignCase, ReturnCase, PauseCase, UrgeCase, WriteAnswer,
		ReviewAnswer, RedirectCase, MergeCase, AgreeAnswer, RateCase, PublishByHand, WriteNote, ManageIncidents, MuteNotices, ViewSources, ViewRules, WriteRules, ViewRaw, ManageSources, ViewDeliveries, ResolveDelivery,
		ViewDirectory, ManageDirectory, ViewAlarms, TakeAlarm, ViewDeadlines, ManageDeadlines, ManageArchive, ViewLearning, ManageLearning, ViewPeople, ManagePeople,
		ViewPlan, WritePost, ReviewPost, CommentPost, ActOnPost, StopPublishing, ViewPages, ManagePages, IssueMandate,
	}
}

// Actor is whoever acts: a person with roles, or the program itself.
type Actor struct {
	ID           string
	Name         string
	Roles        []Role
	DepartmentID string
	// Bounds are the scopes of roles; a role without an entry has no bounds.
	Bounds map[Role]Scope
	system bool
}

// System is the program acting by itself: it records what the networks said
// and may do only what no person decides.
func System() Actor { return Actor{Name: "Отклик", system: true} }

// IsSystem says that the program itself acts.
func (a Actor) IsSystem() bool { return a.system }

// Has says that the actor has the role.
func (a Actor) Has(r Role) bool {
	for _, x := range a.Roles {
		if x == r {
			return true
		}
	}
	return false
}

// Can says whether the table allows the action to one of the actor's roles, on
// whatever lies within that role's bounds.
func (a Actor) Can(action Action) bool {
	for _, r := range a.Roles {
		if allowed(r, action) {
			return true
		}
	}
	return false
}

// allowed is the table. Its source is the division of labour in the ПОС:
// moderation, coordination, execution and approval lie in different hands, the
// curator only reads, the administrator does no casework.
func allowed(r Role, action Action) bool {
	switch r {
	case Administrator:
		return one(action, ViewRules, WriteRules, ViewSources, ViewRaw, ManageSources, ViewDeliveries, ViewDirectory, ManageDirectory, ViewAlarms, TakeAlarm, ViewDeadlines, ManageDeadlines, ManageArchive, ViewLearning, ManageLearning, ViewPeople, ManagePeople, ViewPages, ManagePages)
	case Head:
		return one(action, ViewCases, ViewRules, ReviewAnswer, ViewPeople, WriteNote, ManageIncidents, MuteNotices, ViewSources, ViewDeliveries, ViewDirectory, ViewAlarms, TakeAlarm, ViewDeadlines, ViewLearning,
			ViewPlan, ReviewPost, CommentPost, StopPublishing, ViewPages)
	case Curator:
		return one(action, ViewCases, ViewRules, WriteRules, ViewPeople, WriteNote, ViewSources, ViewDeliveries, ViewDirectory, ViewAlarms, ViewDeadlines, ManageDeadlines, ViewLearning, ManageLearning, ViewPlan, CommentPost, ViewPages, IssueMandate)
	case Coordinator:
		return one(action, ViewCases, ViewRules, AcceptCase, RejectCase, ClassifyCase, AssignCase, ReturnCase, PauseCase, UrgeCase, RedirectCase, MergeCase, AgreeAnswer, RateCase, WriteNote, ManageIncidents, MuteNotices, ViewSources, ViewDeliveries, ViewDirectory, ManageDirectory, ViewAlarms, TakeAlarm, ViewDeadlines, ViewLearning)
	case Executor:
		return one(action, ViewCases, ViewRules, ReturnCase, PauseCase, WriteAnswer, WriteNote, ViewAlarms)
	case Moderator:
		return one(action, ViewCases, ViewRules, AcceptCase, RejectCase, ClassifyCase, UrgeCase, WriteNote, ManageIncidents, ViewSources, ViewDirectory, ViewAlarms)
	case PressOfficer:
		return one(action, ViewCases, ViewRules, AgreeAnswer, RateCase, PublishByHand, WriteNote, MuteNotices, ViewSources, ViewDeliveries, ResolveDelivery, ViewAlarms, TakeAlarm,
			ViewPlan, WritePost, CommentPost, ActOnPost, StopPublishing, ViewPages, ManagePages, IssueMandate)
	case Lawyer:
		return one(action, ViewCases, ViewRules, AgreeAnswer, WriteNote, ViewAlarms)
	case Pollster:
		return one(action, ViewPlan, WritePost, CommentPost, ViewPages)
	}
	return false
}

func one(action Action, list ...Action) bool {
	for _, a := range list {
		if a == action {
			return true
		}
	}
	return false
}
