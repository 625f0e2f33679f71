package incidents

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// commands draws any command; the hash is now and then that of an older text.
func commands(c Case, hashes []string) *rapid.Generator[Command] {
	return rapid.Custom(func(t *rapid.T) Command {
		text := rapid.SampledFrom([]string{"", "сделаем", "сделано"}).Draw(t, "text")
		id := rapid.SampledFrom([]string{"", "roads", "water"}).Draw(t, "id")
		return rapid.SampledFrom([]Command{
			Accept{},
			Reject{Reason: text},
			Classify{TopicID: id, FactID: id, Hours: 5, DepartmentID: id},
			Locate{Place: Place{Title: text}, DepartmentID: id},
			Assign{DepartmentID: id, ExecutorID: rapid.SampledFrom([]string{"", "0", "1"}).Draw(t, "executor")},
			Coordinate{TopicID: id, DepartmentID: id, Why: text},
			Uncoordinate{},
			Return{text},
			Submit{text},
			Submit{text},
			Interim{text, later.Add(48 * time.Hour)},
			Agree{c.Answer.Hash()},
			Disagree{text},
			Redirect{Whose{OrganisationID: id, Organisation: id}, text},
			Merge{IntoID: id, Into: 9},
			Split{ItemID: id},
			Rate{Score: rapid.IntRange(0, 5).Draw(t, "score"), Unsolved: rapid.Bool().Draw(t, "unsolved"), Comment: text},
			Rework{text},
			Approve{rapid.SampledFrom(append(hashes, c.Answer.Hash())).Draw(t, "hash")},
			Withdraw{text},
			ByHand{"https://x/" + text},
			Note{text},
			Await{For: rapid.SampledFrom([]Wait{"", WaitAuthor, WaitOther}).Draw(t, "for"), Note: text},
			Resume{},
			FastTrack{len(text) > 0},
			Raise{len(id) > 0},
			Published{"link"},
			NotPublished{"why"},
			Uncertain{"why"},
			Resent{},
		}).Draw(t, "command")
	})
}

func actors() *rapid.Generator[rights.Actor] {
	return rapid.Custom(func(t *rapid.T) rights.Actor {
		if rapid.IntRange(0, 9).Draw(t, "program") == 0 {
			return rights.System()
		}
		return person(rapid.SampledFrom([]string{"0", "1", "2"}).Draw(t, "who"), rapid.SampledFrom([]string{"", "roads", "water"}).Draw(t, "where"),
			rapid.SliceOfN(rapid.SampledFrom(rights.Roles()), 0, 7).Draw(t, "roles")...)
	})
}

func TestNoSequenceOfCommandsBreaksACase(t *testing.T) {
	t.Parallel()
	reached := map[Stage]int{}
	rapid.Check(t, func(t *rapid.T) {
		c := at(rapid.SampledFrom(Stages()).Draw(t, "begin at"))
		c.Whose.Policy = Policy{Agreement: rapid.Bool().Draw(t, "agreement"), Repeats: 2, RepeatDays: 30}
		hashes := []string{""}
		for range 60 {
			cmd, by := commands(c, hashes).Draw(t, "do"), actors().Draw(t, "by")
			d, err := Apply(c, cmd, by, later)
			if err != nil {
				if code := errs.CodeOf(err); code == errs.Internal || code == errs.NotFound {
					t.Fatalf("%T: %v", cmd, err)
				}
				continue
			}
			checkStep(t, c, d, cmd, by)
			c = d.Case
			hashes = append(hashes, c.Answer.Hash())
			reached[c.Stage]++
		}
	})
	for _, s := range Stages() {
		if reached[s] == 0 {
			t.Errorf("no sequence reached %s: the property says nothing of it", s)
		}
	}
}

func checkStep(t *rapid.T, before Case, d Decision, cmd Command, by rights.Actor) {
	after := d.Case
	kind := kindOf(cmd, before, later)
	r, ok := ruleFor(kind)
	switch {
	case !ok || !slices.Contains(r.from, before.Stage):
		t.Fatalf("%T was allowed at %s", cmd, before.Stage)
	case after.Version != before.Version+1:
		t.Fatalf("version %d after %d", after.Version, before.Version)
	case after.Stage != r.next(before):
		t.Fatalf("%T led from %s to %s", cmd, before.Stage, after.Stage)
	case by.IsSystem() && r.action != "" && !r.program, !by.IsSystem() && !by.Can(r.action):
		t.Fatalf("%T by %+v", cmd, by)
	case (after.Stage == Done) != (after.Outcome != "") || (after.Stage == Done) == after.ClosedAt.IsZero():
		t.Fatalf("%T: %s with outcome %q closed %v", cmd, after.Stage, after.Outcome, after.ClosedAt)
	case (after.Outcome == Rejected) != (after.RejectReason != ""):
		t.Fatalf("outcome %q, reason %q", after.Outcome, after.RejectReason)
	case d.Send && (after.Stage != Publication || after.Answer.ApprovedHash != after.Answer.Hash() || after.Answer.Text == "" || after.Answer.WrittenBy(after.Answer.ApproverID)):
		t.Fatalf("sent without approval: %+v", after.Answer)
	case after.Stage == Publication && after.Answer.ApprovedHash != after.Answer.Hash(),
		after.Stage == Execution && after.Answer.ApprovedHash != "", after.Stage == Agreement && after.Answer.ApprovedHash != "", after.Stage == Approval && after.Answer.ApprovedHash != "":
		t.Fatalf("%s with approval %q", after.Stage, after.Answer.ApprovedHash)
	case after.Auto && after.Stage != Execution:
		t.Fatalf("%T left a case at %s that the program is said to have handed out", cmd, after.Stage)
	case by.IsSystem() && after.Outcome == Rejected:
		t.Fatalf("%T: the program rejected a case", cmd)
	case after.Stage != Publication && after.PublicationTrouble != "":
		t.Fatalf("trouble %q at %s", after.PublicationTrouble, after.Stage)
	}
	if before.Stage == Done && kind != EventNote && kind != EventRated && kind != EventRepeated {
		t.Fatalf("%T moved a finished case", cmd)
	}
}

// Every role without the right is refused, at every stage, whatever it owns.
func TestRolesWithoutTheRightAreRefused(t *testing.T) {
	t.Parallel()
	all := []Command{
		Accept{},
		Reject{Reason: "x"},
		Classify{TopicID: "x"},
		Assign{DepartmentID: "x"},
		Coordinate{TopicID: "x", DepartmentID: "x"},
		Uncoordinate{},
		Return{"x"},
		Submit{"x"},
		Interim{"x", later.Add(time.Hour)},
		Agree{"x"},
		Disagree{"x"},
		Redirect{Whose{OrganisationID: "x"}, "x"},
		Merge{IntoID: "x", Into: 1},
		Split{ItemID: "x"},
		Rate{Score: 1, Comment: "x"},
		Rework{"x"},
		Approve{"x"},
		Withdraw{"x"},
		ByHand{"https://x"},
		Note{"x"},
		Await{For: WaitAuthor},
		Resume{},
		FastTrack{true},
		Raise{true},
		Published{},
		NotPublished{},
		Uncertain{},
		Resent{},
	}
	covered := map[rights.Action]bool{}
	for _, cmd := range all {
		r, ok := ruleFor(cmd.kind())
		if !ok {
			t.Fatalf("%T has no row", cmd)
		}
		covered[r.action] = true
		for _, role := range rights.Roles() {
			for _, s := range Stages() {
				by := person("e", "roads", role)
				_, err := Apply(at(s), cmd, by, later)
				if may := r.action != "" && by.Can(r.action); !may && errs.CodeOf(err) != errs.Forbidden {
					t.Errorf("%s, %T at %s: %v", role, cmd, s, err)
				}
			}
		}
	}
	for _, action := range rights.Actions() {
		if casework := strings.HasPrefix(string(action), "case."); casework && action != rights.ViewCases && !covered[action] {
			t.Errorf("no command asks for %s", action)
		}
	}
}

// The program rejects nothing, whatever stage a case is at and whatever it wants.
func TestTheProgramNeverRejects(t *testing.T) {
	t.Parallel()
	for _, s := range Stages() {
		for _, auto := range []bool{false, true} {
			c := with(at(s), func(c *Case) { c.Auto = auto })
			for _, cmd := range append(proper(c), Coordinate{TopicID: "x", DepartmentID: "x"}, Published{}, NotPublished{}, Uncertain{}, Resent{}) {
				d, err := Apply(c, cmd, rights.System(), later)
				if err == nil && (d.Case.Outcome == Rejected || d.Case.RejectReason != "") {
					t.Errorf("%T at %s: %+v", cmd, s, d.Case)
				}
			}
			if _, err := Apply(c, Reject{Reason: "спам"}, rights.System(), later); errs.CodeOf(err) != errs.Forbidden {
				t.Errorf("reject at %s: %v", s, err)
			}
		}
	}
}
