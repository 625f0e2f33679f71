package mass

import "time"

// Brief is what other pages show of an incident.
type Brief struct {
	Number  int64
	Title   string
	State   State
	Members int
}

// Row is one line of the list of incidents.
type Row struct {
	Incident
	Topic   string
	Members int
	Authors int
	// Unanswered is how many members' cases are not finished.
	Unanswered int
	// Parts is how many members are in incidents of places within this one's.
	Parts int
	// Muted is why nobody is told of it, "" when people are.
	Muted string
}

// Member is one case of an incident.
type Member struct {
	CaseID  string
	Number  int64
	Stage   string // incidents.Stage
	Outcome string // incidents.Outcome
	Network string // social.Network
	Text    string
	Author  string
	Source  string
	Came    time.Time
	DueAt   time.Time
	AddedAt time.Time
	ByName  string // the person who added it, "" for the program
}

// View is all that the page of an incident shows.
type View struct {
	Row
	MemberList []Member // the newest first, at most MostShown
	// Growth are the moments when members were written, the oldest first.
	Growth []time.Time
	Events []Event
	// Parts are the incidents of narrower places.
	PartList []Row
}

// MostShown bounds the members on the page; the queue shows all of them.
const MostShown = 100
