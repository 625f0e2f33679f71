package incidents

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

func TestLife(t *testing.T) {
	t.Parallel()
	strict := Policy{Agreement: true, Repeats: 1, RepeatDays: 10}
	given := with(at(Execution), func(c *Case) { c.ExecutorID = executor.ID })
	asked := with(given, func(c *Case) { c.Whose.Policy = strict })
	agreed := with(at(Approval), func(c *Case) { c.Stage, c.Whose.Policy = Agreement, strict })
	promised := with(at(Publication), func(c *Case) { c.Answer.Promise = later.Add(72 * time.Hour) })
	solved := with(at(Done), func(c *Case) { c.Whose.Policy, c.Life.Term, c.AnswerLink = strict, 24*time.Hour, "https://x/1" })
	read := agreed.Answer.Hash()
	for name, x := range map[string]struct {
		c    Case
		cmd  Command
		by   rights.Actor
		code errs.Code
		to   Stage
		see  func(Decision) bool
	}{
		"submit where agreement is asked for": {c: asked, cmd: Submit{"Засыплем."}, by: executor, to: Agreement},
		"agree":                               {c: agreed, cmd: Agree{read}, by: coordinator, to: Approval, see: func(d Decision) bool { return d.Case.Answer.AgreedBy == coordinator.Name }},
		"agree as lawyer":                     {c: agreed, cmd: Agree{read}, by: person("l", "", rights.Lawyer), to: Approval},
		"agree as head":                       {c: agreed, cmd: Agree{read}, by: head, code: errs.Forbidden},
		"agree to one's own":                  {c: agreed, cmd: Agree{read}, by: person(executor.ID, "", rights.Coordinator), code: errs.Forbidden},
		"agree to another text":               {c: agreed, cmd: Agree{"x"}, by: press, code: errs.Conflict},
		"disagree":                            {c: agreed, cmd: Disagree{"назовите закон"}, by: press, to: Execution},
		"approve before agreement":            {c: agreed, cmd: Approve{read}, by: head, code: errs.Conflict},
		"approve as one who once edited": {
			c:   with(at(Approval), func(c *Case) { c.Answer.Editors = []string{head.ID, executor.ID} }),
			cmd: Approve{read}, by: head, code: errs.Forbidden,
		},
		"interim":                   {c: given, cmd: Interim{"Сделаем.", later.Add(72 * time.Hour)}, by: executor, to: Approval, see: func(d Decision) bool { return d.Case.Answer.Interim() && d.Case.DueAt.Equal(given.DueAt) }},
		"interim without a date":    {c: given, cmd: Interim{"Сделаем.", later}, by: executor, code: errs.Invalid},
		"interim approved too late": {c: with(at(Approval), func(c *Case) { c.Answer.Promise = begun }), cmd: Approve{read}, by: head, code: errs.Conflict},
		"interim stands in the thread": {c: promised, cmd: Published{"https://x/2"}, by: rights.System(), to: Execution, see: func(d Decision) bool {
			return d.Case.DueAt.Equal(promised.Answer.Promise) && d.Case.Life.Interims == 1 && d.Case.Answer.Text == "" && d.Case.Outcome == "" &&
				d.Case.ClosedAt.IsZero() && d.Case.Answer.Version == 1 && d.Events[0].Data["link"] == "https://x/2"
		}},
		"interim given by hand": {c: promised, cmd: ByHand{"https://x/2"}, by: press, to: Execution, see: func(d Decision) bool { return d.Settled != "" && d.Case.Status() == InWork }},
		"interim withdrawn":     {c: promised, cmd: Withdraw{"рано"}, by: press, to: Execution, see: func(d Decision) bool { return d.Recall && d.Case.Life.Interims == 0 }},
		"redirect": {c: at(Coordination), cmd: Redirect{Whose{OrganisationID: "o2", Organisation: "Область"}, "их дорога"}, by: coordinator, to: Done, see: func(d Decision) bool {
			return d.Case.Status() == SentOnStatus && d.Opens.Whose.OrganisationID == "o2" && d.Opens.Kind == EventReceived
		}},
		"redirect to itself": {c: at(Coordination), cmd: Redirect{Whose{}, "x"}, by: coordinator, code: errs.Invalid},
		"redirect in work":   {c: given, cmd: Redirect{Whose{OrganisationID: "o2"}, "x"}, by: coordinator, code: errs.Conflict},
		"assign abroad":      {c: at(Coordination), cmd: Assign{DepartmentID: "roads", OrganisationID: "o2"}, by: coordinator, code: errs.Conflict},
		"merge": {c: given, cmd: Merge{"other", 12}, by: coordinator, to: Done, see: func(d Decision) bool {
			return d.MergeInto == "other" && d.Case.Life.Into == 12 && d.Case.Status() == DeclinedStatus
		}},
		"merge with itself":    {c: given, cmd: Merge{"id", 7}, by: coordinator, code: errs.Invalid},
		"merge when approving": {c: at(Approval), cmd: Merge{"other", 12}, by: coordinator, code: errs.Conflict},
		"split":                {c: given, cmd: Split{"item", "и свет"}, by: coordinator, to: Execution, see: func(d Decision) bool { return d.Opens.ItemID == "item" && d.Opens.Kind == EventDetached }},
		"rated well":           {c: solved, cmd: Rate{Score: 5, Comment: "сказал спасибо"}, by: press, to: Done, see: func(d Decision) bool { return d.Case.Life.Rating.Score == 5 && d.Events[0].Kind == EventRated }},
		"rated badly": {c: solved, cmd: Rate{Score: 2, Comment: "яма на месте"}, by: rights.System(), to: Coordination, see: func(d Decision) bool {
			return d.Case.Life.Repeats == 1 && d.Case.DueAt.Equal(later.Add(24*time.Hour)) && d.Case.AnswerLink == "" && d.Case.Outcome == "" && d.Events[0].Kind == EventRepeated
		}},
		"rated badly without a word":   {c: solved, cmd: Rate{Score: 1}, by: rights.System(), to: Done},
		"not solved":                   {c: solved, cmd: Rate{Unsolved: true}, by: rights.System(), to: Coordination},
		"not solved once too often":    {c: with(solved, func(c *Case) { c.Life.Repeats = 1 }), cmd: Rate{Unsolved: true, Comment: "опять"}, by: press, to: Done},
		"not solved too late":          {c: with(solved, func(c *Case) { c.ClosedAt = later.AddDate(0, 0, -11) }), cmd: Rate{Unsolved: true, Comment: "опять"}, by: press, to: Done},
		"rated by hand without a note": {c: solved, cmd: Rate{Score: 1}, by: press, code: errs.Invalid},
		"rated beyond the scale":       {c: solved, cmd: Rate{Score: 6, Comment: "x"}, by: press, code: errs.Invalid},
		"rated what was rejected":      {c: with(solved, func(c *Case) { c.Outcome = Rejected }), cmd: Rate{Score: 1, Comment: "x"}, by: press, code: errs.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Apply(x.c, x.cmd, x.by, later)
			if errs.CodeOf(err) != x.code {
				t.Fatalf("%v, want code %q", err, x.code)
			}
			if err == nil && (d.Case.Stage != x.to || x.see != nil && !x.see(d)) {
				t.Fatalf("%+v", d)
			}
		})
	}
}

func TestOutsideOnesBoundsNothingIsThere(t *testing.T) {
	t.Parallel()
	c := with(at(Coordination), func(c *Case) { c.Whose = Whose{OrganisationID: "o2", Above: []string{"o2", "root"}} })
	bound := func(org string) rights.Actor {
		a := coordinator
		a.Bounds = map[rights.Role]rights.Scope{rights.Coordinator: {Organisations: []string{org}}}
		return a
	}
	for org, code := range map[string]errs.Code{"o2": "", "root": "", "o3": errs.NotFound} {
		if _, err := Apply(c, Reject{Reason: "не к нам"}, bound(org), later); errs.CodeOf(err) != code {
			t.Errorf("%s: %v", org, err)
		}
	}
}

// shelf keeps cards as a store does, with their logs.
type shelf struct {
	cards []Case
	logs  [][]Event
}

func (s *shelf) put(c Case, ev Event) {
	s.cards, s.logs = append(s.cards, c), append(s.logs, []Event{ev})
}

func (s *shelf) do(i int, cmd Command, by rights.Actor, now time.Time) (Decision, error) {
	d, err := Apply(s.cards[i], cmd, by, now)
	if err != nil {
		return d, err
	}
	into := -1
	for j := range s.cards {
		if d.MergeInto == s.cards[j].ID && d.MergeInto != "" {
			if into = j; s.cards[j].Stage == Done {
				return d, errs.New(errs.Conflict, "closed")
			}
		}
	}
	s.cards[i], s.logs[i] = d.Case, append(s.logs[i], d.Events...)
	if o := d.Opens; o != nil {
		n := len(s.cards)
		c, ev := OpenFrom(d.Case, *o, fmt.Sprint("case", n), int64(n+1), by, now)
		s.put(c, ev)
	}
	if into >= 0 {
		c, ev := JoinDouble(s.cards[into], d.Case.Number, by, now)
		s.cards[into], s.logs[into] = c, append(s.logs[into], ev)
	}
	return d, nil
}

// replay tells from a log alone whose the card is and how it stands.
func replay(log []Event) (organisation string, status Status) {
	organisation = log[0].Data["organisation_id"]
	for _, ev := range log {
		switch ev.Kind {
		case EventOpened, EventReceived, EventDetached, EventAccepted, EventReturned, EventRepeated, EventUncoordinated:
			status = Considered
		case EventAssigned, EventCoordinated, EventSubmitted, EventInterim, EventReworked, EventDisagreed, EventWithdrawn:
			status = InWork
		case EventRejected, EventMerged:
			status = DeclinedStatus
		case EventRedirected:
			status = SentOnStatus
		case EventPublished, EventByHand:
			if status = SolvedStatus; ev.Data["promise"] != "" {
				status = InWork
			}
		}
	}
	return organisation, status
}

// What has come in is the sum of the five statuses, for every organisation and
// period, and no card and no event gets lost, whatever people do.
func TestWhatCameInIsTheSumOfTheStatuses(t *testing.T) {
	t.Parallel()
	var repeats, redirects, interims int
	rapid.Check(t, func(t *rapid.T) {
		s := &shelf{}
		now := begun
		for i, org := range []string{"roads", "water", "roads"} {
			f := Finding{Item: at(Moderation).Message, Topic: Topic{ID: "t", DepartmentID: "roads", DueHours: 8}, Whose: Whose{OrganisationID: org, Policy: UsualPolicy()}}
			s.put(Open(f, fmt.Sprint("case", i), int64(i+1), now))
		}
		for range 80 {
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "hours")) * time.Hour)
			i := rapid.IntRange(0, len(s.cards)-1).Draw(t, "card")
			cmd, by := commands(s.cards[i], []string{""}).Draw(t, "do"), actors().Draw(t, "by")
			if rapid.IntRange(0, 3).Draw(t, "sense") > 0 {
				cmd, by = sensible(t, s.cards[i], now)
			}
			switch x := cmd.(type) {
			case Redirect:
				x.To.Policy = Policy{Agreement: rapid.Bool().Draw(t, "agreement"), Repeats: 2, RepeatDays: 30}
				cmd = x
			case Assign:
				x.OrganisationID = s.cards[i].Whose.OrganisationID
				cmd = x
			case Merge:
				j := rapid.IntRange(0, len(s.cards)-1).Draw(t, "into")
				cmd = Merge{s.cards[j].ID, s.cards[j].Number}
			case Interim:
				x.Promise = now.Add(48 * time.Hour)
				cmd = x
			}
			before := s.cards[i]
			d, err := s.do(i, cmd, by, now)
			if err != nil {
				continue
			}
			if _, ok := cmd.(Approve); ok && before.Answer.WrittenBy(d.Case.Answer.ApproverID) {
				t.Fatalf("approved by one who wrote it: %+v", d.Case.Answer)
			}
			repeats, redirects, interims = repeats+d.Case.Life.Repeats, redirects+b2i(d.Opens != nil), interims+d.Case.Life.Interims
		}
		tally(t, s, begun, now)
	})
	if repeats*redirects*interims == 0 {
		t.Errorf("repeats %d, redirects %d, interims %d: the property says too little", repeats, redirects, interims)
	}
}

// sensible draws what usually comes next.
func sensible(t *rapid.T, c Case, now time.Time) (Command, rights.Actor) {
	who := func(n int) rights.Actor { return person(fmt.Sprint(n), "roads", rights.Roles()...) }
	switch c.Stage {
	case Moderation:
		return Accept{}, who(0)
	case Coordination:
		if rapid.IntRange(0, 4).Draw(t, "elsewhere") == 0 {
			return Redirect{To: Whose{OrganisationID: "far"}, Reason: "их дело"}, who(0)
		}
		return Assign{DepartmentID: "roads", ExecutorID: "1"}, who(0)
	case Execution:
		if rapid.Bool().Draw(t, "promise") {
			return Interim{Text: "Сделаем."}, who(1)
		}
		return Submit{"Сделали."}, who(1)
	case Agreement:
		return Agree{c.Answer.Hash()}, who(0)
	case Approval:
		return Approve{c.Answer.Hash()}, who(2)
	case Publication:
		return Published{"https://x"}, rights.System()
	}
	return Rate{Unsolved: true}, rights.System()
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func tally(t *rapid.T, s *shelf, from, to time.Time) {
	half := from.Add(to.Sub(from) / 2)
	for _, period := range [][2]time.Time{{from, half}, {half, to.Add(time.Second)}, {from, to.Add(time.Second)}} {
		came, stand := map[string]int{}, map[string]map[Status]int{}
		for i, log := range s.logs {
			if c := s.cards[i]; c.Version != len(log) || log[len(log)-1].Version != c.Version {
				t.Fatalf("card %d: version %d, %d events", c.Number, c.Version, len(log))
			}
			org, status := replay(log)
			if c := s.cards[i]; c.Status() != status || c.Whose.OrganisationID != org {
				t.Fatalf("card %d is %s of %s, its log says %s of %s", c.Number, c.Status(), c.Whose.OrganisationID, status, org)
			}
			if at := log[0].At; at.Before(period[0]) || !at.Before(period[1]) {
				continue
			}
			came[org]++
			if stand[s.cards[i].Whose.OrganisationID] == nil {
				stand[s.cards[i].Whose.OrganisationID] = map[Status]int{}
			}
			stand[s.cards[i].Whose.OrganisationID][s.cards[i].Status()]++
		}
		for org, n := range came {
			sum := 0
			for _, st := range Statuses() {
				sum += stand[org][st]
			}
			if sum != n {
				t.Fatalf("%s: %d came in, the statuses are %d", org, n, sum)
			}
		}
	}
}

// Whatever a role may do, it may not do outside its bounds, at any stage.
func TestEveryActionOfEveryRoleStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	outside := map[string]rights.Scope{
		"organisation": {Organisations: []string{"far"}},
		"page":         {Pages: []string{"far"}},
		"topic":        {Topics: []string{"far"}},
		"territory":    {Territories: []string{"far"}},
		"half":         {Organisations: []string{"root"}, Topics: []string{"far"}},
	}
	inside := rights.Scope{Organisations: []string{"root"}, Pages: []string{"page"}, Topics: []string{"pits"}, Territories: []string{"district"}}
	for _, stage := range Stages() {
		c := with(at(stage), func(c *Case) {
			c.Whose.Above, c.SourceID, c.TopicID, c.Place.Path = []string{"root", "lake"}, "page", "pits", []string{"street", "district"}
		})
		for _, role := range rights.Roles() {
			by := person("e", "roads", role)
			for _, cmd := range proper(c) {
				for name, scope := range outside {
					by.Bounds = map[rights.Role]rights.Scope{role: scope}
					if _, err := Apply(c, cmd, by, begun); errs.CodeOf(err) != errs.NotFound && errs.CodeOf(err) != errs.Forbidden {
						t.Errorf("%s, %T at %s, another %s: %v", role, cmd, stage, name, err)
					}
				}
				by.Bounds = map[rights.Role]rights.Scope{role: inside}
				_, bound := Apply(c, cmd, by, begun)
				by.Bounds = nil
				if _, free := Apply(c, cmd, by, begun); errs.CodeOf(bound) != errs.CodeOf(free) {
					t.Errorf("%s, %T at %s: within the bounds %v, without any %v", role, cmd, stage, bound, free)
				}
			}
		}
	}
}
