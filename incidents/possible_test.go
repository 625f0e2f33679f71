package incidents

import (
	"slices"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// proper are commands whose input is in order, one for each kind people have.
func proper(c Case) []Command {
	return []Command{
		Accept{},
		Reject{Reason: "повтор"},
		Classify{TopicID: "snow", TopicName: "Снег"},
		Locate{Place: Place{Title: "улица Мира"}},
		Assign{DepartmentID: "d1", DepartmentName: "Дороги"},
		Uncoordinate{},
		Return{Reason: "не наше"},
		Submit{Text: "Здравствуйте!"},
		Interim{Text: "Здравствуйте! Сделаем.", Promise: time.Date(2025, 11, 28, 15, 0, 0, 0, time.UTC)},
		Agree{Hash: c.Answer.Hash()},
		Disagree{Reason: "сверьте с законом"},
		Redirect{To: Whose{OrganisationID: "o2"}, Reason: "их дорога"},
		Merge{IntoID: "c2", Into: 2},
		Split{ItemID: "i2"},
		Rate{Score: 5, Comment: "поблагодарил"},
		Rework{Reason: "короче"},
		Approve{Hash: c.Answer.Hash()},
		Withdraw{Reason: "ошибка"},
		ByHand{Link: "https://vk.com/wall-1_2"},
		Note{Text: "заметка"},
	}
}

func TestPossibleAgreesWithApply(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 11, 24, 14, 0, 0, 0, time.UTC)
	var actors []rights.Actor
	for _, role := range rights.Roles() {
		actors = append(actors,
			rights.Actor{ID: "p1", Roles: []rights.Role{role}, DepartmentID: "d1"},
			rights.Actor{ID: "p2", Roles: []rights.Role{role}, DepartmentID: "d2"},
			rights.Actor{ID: "p1", Roles: []rights.Role{role, rights.Head}})
	}
	actors = append(actors, rights.Actor{ID: "p9"})
	for _, stage := range Stages() {
		for _, executor := range []string{"", "p1", "p3"} {
			c := Case{
				ID: "c", Number: 1, Version: 3, Stage: stage, DepartmentID: "d1", ExecutorID: executor, Auto: executor == "",
				Message: social.Item{Ref: social.Ref{Network: social.VK, Owner: "-1", ID: "r2"}},
				Answer:  Answer{Text: "Здравствуйте!", Version: 1, AuthorID: "p1"},
			}
			for _, by := range actors {
				possible := Possible(c, by)
				for _, cmd := range proper(c) {
					_, err := Apply(c, cmd, by, now)
					if got, want := slices.Contains(possible, cmd.kind()), err == nil; got != want {
						t.Errorf("%s, executor %q, %s %v: possible %v, but Apply says %v", stage, executor, cmd.kind(), by, got, err)
					}
					if code := errs.CodeOf(err); code == errs.Invalid {
						t.Errorf("%s: the input of the test is wrong: %v", cmd.kind(), err)
					}
				}
			}
		}
	}
}
