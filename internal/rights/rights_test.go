package rights

import "testing"

// The table, once more, as the people who answer for it read it.
func TestTable(t *testing.T) {
	t.Parallel()
	want := map[Action][]Role{
		ViewCases:       {Head, Curator, Coordinator, Executor, Moderator, PressOfficer, Lawyer},
		AcceptCase:      {Coordinator, Moderator},
		RejectCase:      {Coordinator, Moderator},
		ClassifyCase:    {Coordinator, Moderator},
		AssignCase:      {Coordinator},
		ReturnCase:      {Coordinator, Executor},
		PauseCase:       {Coordinator, Executor},
		UrgeCase:        {Coordinator, Moderator},
		WriteAnswer:     {Executor},
		ReviewAnswer:    {Head},
		RedirectCase:    {Coordinator},
		MergeCase:       {Coordinator},
		AgreeAnswer:     {Coordinator, PressOfficer, Lawyer},
		RateCase:        {Coordinator, PressOfficer},
		ViewPeople:      {Administrator, Head, Curator},
		ManagePeople:    {Administrator},
		PublishByHand:   {PressOfficer},
		WriteNote:       {Head, Curator, Coordinator, Executor, Moderator, PressOfficer, Lawyer},
		ManageIncidents: {Head, Coordinator, Moderator},
		MuteNotices:     {Head, Coordinator, PressOfficer},
		ViewSources:     {Administrator, Head, Curator, Coordinator, Moderator, PressOfficer},
		ManageSources:   {Administrator},
		ViewRules:       {Administrator, Head, Curator, Coordinator, Executor, Moderator, PressOfficer, Lawyer},
		WriteRules:      {Administrator, Curator},
		ViewRaw:         {Administrator},
		ViewDeliveries:  {Administrator, Head, Curator, Coordinator, PressOfficer},
		ResolveDelivery: {PressOfficer},
		ViewDirectory:   {Administrator, Head, Curator, Coordinator, Moderator},
		ManageDirectory: {Administrator, Coordinator},
		ViewAlarms:      {Administrator, Head, Curator, Coordinator, Executor, Moderator, PressOfficer, Lawyer},
		TakeAlarm:       {Administrator, Head, Coordinator, PressOfficer},
		ViewDeadlines:   {Administrator, Head, Curator, Coordinator},
		ManageDeadlines: {Administrator, Curator},
		ViewLearning:    {Administrator, Head, Curator, Coordinator},
		ManageLearning:  {Administrator, Curator},
		ManageArchive:   {Administrator},
		ViewPlan:        {Head, Curator, PressOfficer, Pollster},
		WritePost:       {PressOfficer, Pollster},
		ReviewPost:      {Head},
		CommentPost:     {Head, Curator, PressOfficer, Pollster},
		ActOnPost:       {PressOfficer},
		StopPublishing:  {Head, PressOfficer},
		ViewPages:       {Administrator, Head, Curator, PressOfficer, Pollster},
		ManagePages:     {Administrator, PressOfficer},
		IssueMandate:    {Curator, PressOfficer},
	}
	if len(want) != len(Actions()) {
		t.Fatalf("%d actions are described, %d exist", len(want), len(Actions()))
	}
	for _, action := range Actions() {
		for _, role := range Roles() {
			may := false
			for _, r := range want[action] {
				may = may || r == role
			}
			if got := (Actor{ID: "x", Roles: []Role{role}}).Can(action); got != may {
				t.Errorf("%s, %s: %v, want %v", role, action, got, may)
			}
		}
	}
}

func TestWhatIsNotWrittenIsForbidden(t *testing.T) {
	t.Parallel()
	everyone := Actor{ID: "x", Roles: Roles()}
	for _, action := range []Action{"", "case.delete", "CASE.VIEW", "case.view "} {
		if everyone.Can(action) {
			t.Errorf("%q is allowed", action)
		}
	}
	for _, a := range []Actor{{}, {ID: "x"}, {ID: "x", Roles: []Role{"", "root", "Head"}}, System()} {
		for _, action := range Actions() {
			if a.Can(action) {
				t.Errorf("%+v may %s", a, action)
			}
		}
	}
}

func TestNamesForPeople(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"": true}
	for _, r := range Roles() {
		if seen[r.Title()] {
			t.Errorf("%s: title %q", r, r.Title())
		}
		seen[r.Title()] = true
		if a := (Actor{Roles: []Role{r}}); !a.Has(r) || a.IsSystem() {
			t.Errorf("%+v", a)
		}
	}
	if Role("root").Title() != "" || !System().IsSystem() || System().Has(Head) {
		t.Error("an unknown role has a name, or the program has a role")
	}
}
