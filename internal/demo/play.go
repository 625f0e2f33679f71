package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/app"
	"otklik/internal/auth"
	"otklik/internal/rights"
	"otklik/internal/sim/record"
	"otklik/internal/social"
)

// cast is the agency's staff by what they do.
type cast struct {
	byRole     map[rights.Role]auth.Person
	executorOf map[string]auth.Person // by the id of the department
}

// hire adds the agency's people; those of an earlier start are there already.
func hire(ctx context.Context, a *app.App) (cast, error) {
	c := cast{byRole: map[rights.Role]auth.Person{}, executorOf: map[string]auth.Person{}}
	have, err := a.Store().People(ctx)
	if err != nil {
		return c, err
	}
	known := map[string]auth.Person{}
	for _, p := range have {
		known[p.Email] = p
	}
	var hash string
	for _, e := range employees() {
		p, ok := known[e.email]
		if !ok {
			if hash == "" {
				if hash, err = auth.HashPassword(password); err != nil {
					return c, err
				}
			}
			p, err = a.Store().AddPerson(ctx, auth.Person{Email: e.email, Name: e.name, Roles: []rights.Role{e.role}, DepartmentID: e.department}, hash, time.Now())
			if err != nil {
				return c, err
			}
		}
		if _, ok := c.byRole[e.role]; !ok {
			c.byRole[e.role] = p
		}
		if e.role == rights.Executor {
			c.executorOf[e.department] = p
		}
	}
	return c, nil
}

// fate is how far people have carried the case of a remark; the zero fate
// leaves it as it came.
type fate int

const (
	untouched fate = iota
	rejected
	accepted
	assigned
	submitted
	reworked
	published
	// lost: the network took the answer, and the connection broke before it
	// could say so. Whether the answer stands is for a person to look up.
	lost
)

// story is what became of one remark.
type story struct {
	fate fate
	// words is what people wrote: the answer, or the reason of a rejection.
	words string
}

// play carries the cases of the hour to where their stories say, as people do.
func (d *Demo) play(ctx context.Context) error {
	page, err := d.app.Store().Inbox(ctx, incidents.Filter{By: rights.System(), Now: time.Now(), TodayEnds: time.Now(), Sort: incidents.Newest, Limit: 200, Closed: true})
	if err != nil {
		return err
	}
	departments, err := d.app.Store().Departments(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, x := range departments {
		names[x.ID] = x.Name
	}
	stories := map[string]story{}
	for _, p := range append(history(), discussion()...) {
		for _, r := range p.comments {
			stories[r.text] = r.story
		}
	}
	p := player{cast: d.cast, desk: d.app.Desk(), departments: names, world: d.world}
	for _, row := range page.Rows {
		if err := p.act(ctx, row, stories[row.Text]); err != nil {
			return fmt.Errorf("demo case %d: %w", row.Number, err)
		}
	}
	return nil
}

type player struct {
	cast
	desk        *incidents.Desk
	departments map[string]string
	world       *World
}

// act carries one case as far as its story says. A case of an earlier start of
// the demo stays where it is.
func (p player) act(ctx context.Context, row incidents.Row, s story) error {
	if row.Stage != incidents.Moderation || s.fate == untouched {
		return nil
	}
	by := func(r rights.Role) rights.Actor { return p.byRole[r].Actor() }
	executor := p.executorOf[row.DepartmentID]
	assign := incidents.Assign{
		DepartmentID: row.DepartmentID, DepartmentName: p.departments[row.DepartmentID],
		ExecutorID: executor.ID, ExecutorName: executor.Name,
	}
	answer := incidents.Submit{Text: answerTo(row, s.words)}
	steps := []struct {
		upTo []fate
		by   rights.Actor
		cmd  incidents.Command
	}{
		{[]fate{rejected}, by(rights.Moderator), incidents.Reject{Reason: s.words}},
		{[]fate{accepted, assigned, submitted, reworked, published, lost}, by(rights.Moderator), incidents.Accept{}},
		{[]fate{assigned, submitted, reworked, published, lost}, by(rights.Coordinator), assign},
		{[]fate{assigned}, by(rights.Coordinator), incidents.Note{Text: "Созвонился с исполнителем: сегодня будут на месте, пришлют фото после."}},
		{[]fate{submitted, reworked, published, lost}, executor.Actor(), answer},
		{[]fate{reworked}, by(rights.Head), incidents.Rework{Reason: "Назовите срок датой и часом и скажите, куда написать, если не сделают."}},
		{[]fate{published, lost}, by(rights.Head), incidents.Approve{Hash: incidents.Answer{Text: answer.Text}.Hash()}},
	}
	if s.fate == lost {
		// The answer of this case must meet the misfortune, and no other.
		defer p.misfortune(ctx, row.Network)()
	}
	for _, st := range steps {
		for _, want := range st.upTo {
			if want != s.fate {
				continue
			}
			if _, err := p.desk.Do(ctx, st.by, row.ID, 0, st.cmd); err != nil {
				return err
			}
		}
	}
	return nil
}

// lossTime bounds the wait for an answer to get lost.
const lossTime = 10 * time.Second

// misfortune prepares the loss of the network's next confirmation and returns
// the function that waits until it has happened.
func (p player) misfortune(ctx context.Context, n social.Network) func() {
	faults, method := p.world.Sim.VK.Faults(), "wall.createComment"
	if n == social.Telegram {
		faults, method = p.world.Sim.Telegram.Faults(), "sendMessage"
	}
	faults.Add(record.Fault{Method: method, Kind: record.FaultLost})
	return func() {
		for end := time.Now().Add(lossTime); time.Now().Before(end) && ctx.Err() == nil && len(faults.List()) > 0; {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// answerTo addresses the words to the author.
func answerTo(row incidents.Row, words string) string {
	first, _, _ := strings.Cut(row.AuthorName, " ")
	return first + ", здравствуйте! " + words
}
