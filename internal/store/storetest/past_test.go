package storetest

import (
	"testing"
	"time"

	"otklik/incidents"
	"otklik/internal/rights"
	"otklik/internal/social"
)

func past(number string, opened time.Time, stage incidents.Stage) incidents.Past {
	ref := social.Ref{Network: social.Imported, Owner: "import", ID: number}
	return incidents.Past{
		Message: social.Item{Ref: ref, Thread: ref, Kind: social.Comment, Author: social.Author{Name: "Житель"}, Text: "Яма \x00 у дома", PublishedAt: opened},
		TopicID: "pits", TopicName: "Ямы", Stage: stage,
	}
}

func TestCasesOfAnotherSystem(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		opened := b.now.AddDate(0, -2, 0)
		solved := past("7", opened, incidents.Done)
		solved.Answer, solved.ClosedAt = "Засыпали.", opened.Add(time.Hour)
		open := past("8", opened, incidents.Execution)
		open.DepartmentID, open.DueAt = "roads", opened.AddDate(0, 0, 8)
		fresh := past("9", b.now, incidents.Moderation)
		list := []incidents.Past{solved, open, fresh, solved}
		n, err := b.s.ImportCases(b.ctx, rights.System(), list[:2], b.now)
		b.must(err)
		again, err := b.s.ImportCases(b.ctx, rights.System(), list, b.now)
		b.must(err)
		if n != 2 || again != 1 {
			t.Fatalf("%d written, then %d", n, again)
		}
		all, err := b.s.Inbox(b.ctx, incidents.Filter{By: rights.System(), Closed: true, Sort: incidents.Newest, Now: b.now, TodayEnds: b.now, Limit: 10})
		b.must(err)
		if all.Total != 3 || all.Overdue != 1 || all.Rows[2].Outcome != incidents.Resolved || !all.Rows[1].DueAt.Equal(open.DueAt) {
			t.Fatalf("%+v", all)
		}
		if due := all.Rows[0].DueAt; !due.After(b.now) {
			t.Errorf("a case without a deadline of its own is due %v", due)
		}
		facts, err := b.s.Facts(b.ctx, b.now)
		b.must(err)
		if len(facts.Overdue) != 1 || facts.Overdue[0].Untold != 0 {
			t.Errorf("nobody is to be alarmed by what was overdue before: %+v", facts.Overdue)
		}
		// It goes on as any other case.
		desk := incidents.NewDesk(b.s, func() time.Time { return b.now.Add(time.Minute) })
		if _, err := desk.Do(b.ctx, rights.Actor{ID: "p", Name: "Анна", Roles: []rights.Role{rights.Moderator}}, all.Rows[0].ID, 1, incidents.Accept{}); err != nil {
			t.Error(err)
		}
		tally, err := b.s.Tally(b.ctx)
		b.must(err)
		if tally.Pending != 0 || tally.Cases != 3 {
			t.Errorf("%+v", tally)
		}
	})
}
