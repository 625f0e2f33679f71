package incidents

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

var (
	begun = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	later = begun.Add(time.Hour)
)

func person(id, department string, roles ...rights.Role) rights.Actor {
	return rights.Actor{ID: id, Name: "Имя " + id, Roles: roles, DepartmentID: department}
}

var (
	moderator   = person("m", "", rights.Moderator)
	coordinator = person("c", "", rights.Coordinator)
	executor    = person("e", "roads", rights.Executor)
	neighbour   = person("n", "roads", rights.Executor)
	stranger    = person("s", "water", rights.Executor)
	head        = person("h", "", rights.Head)
	press       = person("p", "", rights.PressOfficer)
)

// at is a case at a stage, as it usually is there.
func at(s Stage) Case {
	c := Case{
		ID: "id", Number: 7, Version: 3, Stage: s, StageSince: begun, OpenedAt: begun, DueAt: begun.Add(24 * time.Hour), DepartmentID: "roads",
		Message: social.Item{Ref: social.Ref{Network: social.VK, Owner: "-1", ID: "r5"}, Text: "яма"},
	}
	if s == Agreement || s == Approval || s == Publication || s == Done {
		c.ExecutorID, c.ExecutorName = executor.ID, executor.Name
		c.Answer = Answer{Text: "Засыплем.", Version: 1, AuthorID: executor.ID, AuthorName: executor.Name, WrittenAt: begun}
	}
	if s == Publication || s == Done {
		c.Answer.ApprovedHash, c.Answer.ApproverID, c.Answer.ApprovedAt = c.Answer.Hash(), head.ID, begun
	}
	if s == Done {
		c.Outcome, c.ClosedAt = Resolved, begun
	}
	return c
}

func with(c Case, change func(*Case)) Case {
	change(&c)
	return c
}

func TestCommands(t *testing.T) {
	t.Parallel()
	read := at(Approval).Answer.Hash()
	given := with(at(Execution), func(c *Case) { c.ExecutorID = executor.ID })
	for name, x := range map[string]struct {
		c    Case
		cmd  Command
		by   rights.Actor
		code errs.Code
		to   Stage
		see  func(Decision) bool
	}{
		"accept":       {c: at(Moderation), cmd: Accept{}, by: moderator, to: Coordination},
		"accept twice": {c: at(Coordination), cmd: Accept{}, by: moderator, code: errs.Conflict},
		"reject": {c: at(Moderation), cmd: Reject{Reason: " не к нам "}, by: moderator, to: Done, see: func(d Decision) bool {
			return d.Case.RejectReason == "не к нам" && d.Case.Outcome == Rejected && d.Case.ClosedAt == later
		}},
		"reject without a reason": {c: at(Moderation), cmd: Reject{Reason: " \r\n"}, by: moderator, code: errs.Invalid},
		"reject at length":        {c: at(Moderation), cmd: Reject{Reason: strings.Repeat("я", maxReason+1)}, by: moderator, code: errs.TooLarge},
		"reject when in work":     {c: given, cmd: Reject{Reason: "x"}, by: moderator, code: errs.Conflict},
		"classify": {c: at(Execution), cmd: Classify{TopicID: "pits", TopicName: "Ямы"}, by: coordinator, to: Execution, see: func(d Decision) bool {
			return d.Case.TopicID == "pits" && d.Events[0].Data["topic"] == "Ямы" && d.Case.StageSince == begun
		}},
		"classify as nothing": {c: at(Execution), cmd: Classify{}, by: coordinator, code: errs.Invalid},
		"assign":              {c: at(Coordination), cmd: Assign{DepartmentID: "water", DepartmentName: "Водоканал", ExecutorID: "w", ExecutorName: "Вера"}, by: coordinator, to: Execution, see: func(d Decision) bool { return d.Case.ExecutorID == "w" && d.Case.DepartmentID == "water" }},
		"assign to nobody":    {c: at(Coordination), cmd: Assign{}, by: coordinator, code: errs.Invalid},
		"assign as executor":  {c: at(Coordination), cmd: Assign{DepartmentID: "roads"}, by: executor, code: errs.Forbidden},
		"hand over":           {c: given, cmd: Assign{DepartmentID: "water"}, by: coordinator, to: Execution, see: func(d Decision) bool { return d.Case.ExecutorID == "" }},
		"return":              {c: given, cmd: Return{"не наше"}, by: executor, to: Coordination, see: func(d Decision) bool { return d.Case.ExecutorID == "" }},
		"coordinate": {c: at(Moderation), cmd: Coordinate{"leaks", "Протечки", "water", "Водоканал", 0.97, "слово «течёт»"}, by: rights.System(), to: Execution, see: func(d Decision) bool {
			return d.Case.Auto && d.Case.DepartmentID == "water" && d.Case.TopicID == "leaks" && d.Events[0].ActorName == "Отклик" && d.Events[0].Data["probability"] == "0.97"
		}},
		"coordinate by a person":  {c: at(Moderation), cmd: Coordinate{TopicID: "x", DepartmentID: "x"}, by: coordinator, code: errs.Forbidden},
		"coordinate twice":        {c: given, cmd: Coordinate{TopicID: "x", DepartmentID: "x"}, by: rights.System(), code: errs.Conflict},
		"coordinate to nobody":    {c: at(Moderation), cmd: Coordinate{TopicID: "x"}, by: rights.System(), code: errs.Invalid},
		"uncoordinate":            {c: with(at(Execution), func(c *Case) { c.Auto = true }), cmd: Uncoordinate{}, by: moderator, to: Moderation, see: func(d Decision) bool { return !d.Case.Auto }},
		"uncoordinate a person's": {c: at(Execution), cmd: Uncoordinate{}, by: moderator, code: errs.Conflict},
		"return by coordinator":   {c: given, cmd: Return{"не туда"}, by: coordinator, to: Coordination},
		"return another's":        {c: given, cmd: Return{"x"}, by: neighbour, code: errs.Forbidden},
		"submit": {c: given, cmd: Submit{" Засыплем.\r\nЗавтра. "}, by: executor, to: Approval, see: func(d Decision) bool {
			return d.Case.Answer.Text == "Засыплем.\nЗавтра." && d.Case.Answer.Version == 1
		}},
		"submit for the department":   {c: at(Execution), cmd: Submit{"Засыплем."}, by: neighbour, to: Approval, see: func(d Decision) bool { return d.Case.ExecutorID == neighbour.ID }},
		"submit another's":            {c: given, cmd: Submit{"x"}, by: neighbour, code: errs.Forbidden},
		"submit of another service":   {c: at(Execution), cmd: Submit{"x"}, by: stranger, code: errs.Forbidden},
		"submit without a department": {c: with(at(Execution), func(c *Case) { c.DepartmentID = "" }), cmd: Submit{"x"}, by: person("x", "", rights.Executor), code: errs.Forbidden},
		"submit nothing":              {c: given, cmd: Submit{"\x00 \xff"}, by: executor, code: errs.Invalid},
		"submit at the limit":         {c: given, cmd: Submit{strings.Repeat("я", AnswerLimit(given))}, by: executor, to: Approval},
		"submit above the limit":      {c: given, cmd: Submit{strings.Repeat("я", AnswerLimit(given)+1)}, by: executor, code: errs.TooLarge},
		"rework":                      {c: at(Approval), cmd: Rework{"назовите срок"}, by: head, to: Execution, see: func(d Decision) bool { return d.Case.Answer.Text != "" && d.Case.ExecutorID == executor.ID }},
		"approve": {c: at(Approval), cmd: Approve{read}, by: head, to: Publication, see: func(d Decision) bool {
			return d.Send && d.Case.Answer.ApprovedHash == read && d.Case.Answer.ApproverID == head.ID
		}},
		"approve another text":   {c: at(Approval), cmd: Approve{"hash of what was read before"}, by: head, code: errs.Conflict},
		"approve one's own":      {c: at(Approval), cmd: Approve{read}, by: person(executor.ID, "", rights.Executor, rights.Head), code: errs.Forbidden},
		"approve as executor":    {c: at(Approval), cmd: Approve{read}, by: neighbour, code: errs.Forbidden},
		"withdraw":               {c: at(Publication), cmd: Withdraw{"ошибка"}, by: press, to: Execution, see: func(d Decision) bool { return d.Recall && !d.Send && d.Case.Answer.ApprovedHash == "" }},
		"by hand":                {c: at(Publication), cmd: ByHand{"https://vk.example/1"}, by: press, to: Done, see: func(d Decision) bool { return d.Settled == "https://vk.example/1" && d.Case.Outcome == Resolved }},
		"by hand without a link": {c: at(Publication), cmd: ByHand{"javascript:alert(1)"}, by: press, code: errs.Invalid},
		"note": {c: at(Done), cmd: Note{"Звонил житель."}, by: person("k", "", rights.Curator), to: Done, see: func(d Decision) bool {
			return d.Events[0].Text == "Звонил житель." && d.Case.ClosedAt == begun
		}},
		"note by the program":   {c: at(Done), cmd: Note{"x"}, by: rights.System(), code: errs.Forbidden},
		"published":             {c: at(Publication), cmd: Published{"link"}, by: rights.System(), to: Done, see: func(d Decision) bool { return d.Case.Outcome == Resolved && d.Case.AnswerLink == "link" && !d.Send }},
		"published by a person": {c: at(Publication), cmd: Published{"link"}, by: press, code: errs.Forbidden},
		"not published":         {c: at(Publication), cmd: NotPublished{"закрыто"}, by: rights.System(), to: Publication, see: func(d Decision) bool { return d.Case.PublicationTrouble == "закрыто" }},
		"uncertain":             {c: at(Publication), cmd: Uncertain{"тишина"}, by: rights.System(), to: Publication, see: func(d Decision) bool { return d.Case.PublicationTrouble == "тишина" }},
		"resent":                {c: with(at(Publication), func(c *Case) { c.PublicationTrouble = "тишина" }), cmd: Resent{}, by: rights.System(), to: Publication, see: func(d Decision) bool { return d.Case.PublicationTrouble == "" && !d.Send }},
		"resent after the end":  {c: at(Done), cmd: Resent{}, by: rights.System(), code: errs.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Apply(x.c, x.cmd, x.by, later)
			if errs.CodeOf(err) != x.code {
				t.Fatalf("%v, want code %q", err, x.code)
			}
			if err != nil {
				return
			}
			ev := d.Events[0]
			if d.Case.Stage != x.to || d.Case.Version != x.c.Version+1 || len(d.Events) != 1 || ev.Version != d.Case.Version || ev.ActorID != x.by.ID || ev.At != later {
				t.Fatalf("%+v", d)
			}
			if x.see != nil && !x.see(d) {
				t.Fatalf("%+v", d)
			}
		})
	}
}

type nonsense struct{}

func (nonsense) kind() EventKind { return "nonsense" }

func TestUnknownCommand(t *testing.T) {
	t.Parallel()
	if _, err := Apply(at(Moderation), nonsense{}, rights.System(), later); errs.CodeOf(err) != errs.Invalid {
		t.Fatal(err)
	}
}

func TestOpenAndOverdue(t *testing.T) {
	t.Parallel()
	f := Finding{Item: at(Moderation).Message, SourceID: "src", RuleName: "Ямы", Topic: Topic{ID: "pits", Name: "Ямы", DepartmentID: "roads", DueHours: 8}}
	c, ev := Open(f, "id", 5, begun)
	if c.Version != 1 || c.Stage != Moderation || c.DepartmentID != "roads" || !c.DueAt.Equal(begun.Add(8*time.Hour)) || ev.Data["rule"] != "Ямы" || ev.Kind != EventOpened {
		t.Fatalf("%+v %+v", c, ev)
	}
	after, ev := Attach(c, f, later)
	if after.Version != 2 || after.Stage != c.Stage || ev.Text != "яма" || ev.Version != 2 {
		t.Fatalf("%+v %+v", after, ev)
	}
	if c.Overdue(c.DueAt) || !c.Overdue(c.DueAt.Add(time.Second)) || at(Done).Overdue(begun.Add(1000*time.Hour)) {
		t.Fatal("overdue at the wrong time")
	}
	for _, s := range Stages() {
		if s.Title() == "" {
			t.Errorf("%s has no name", s)
		}
	}
}
