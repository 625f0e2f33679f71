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
)

// cast is the agency's staff by what they do.
type cast struct {
	byRole map[rights.Role]auth.Person
	staff  []auth.Person
}

// hire adds the agency's people; those of an earlier start are there already.
func hire(ctx context.Context, a *app.App) (cast, error) {
	c := cast{byRole: map[rights.Role]auth.Person{}}
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
		c.staff = append(c.staff, p)
		c.byRole[e.role] = p
	}
	return c, nil
}

// executor finds who answers for a department; some departments of the demo
// have nobody, and then the coordinator gives the case to another one.
func (c cast) executor(departmentID string) auth.Person {
	var any auth.Person
	for _, p := range c.staff {
		if !p.Actor().Has(rights.Executor) {
			continue
		}
		if p.DepartmentID == departmentID {
			return p
		}
		any = p
	}
	return any
}

// play carries the first cases of the hour to different stages, as people do.
func (c cast) play(ctx context.Context, a *app.App) error {
	page, err := a.Store().Inbox(ctx, incidents.Filter{Now: time.Now(), TodayEnds: time.Now(), Sort: incidents.Newest, Limit: 200, Closed: true})
	if err != nil {
		return err
	}
	departments, err := a.Store().Departments(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, d := range departments {
		names[d.ID] = d.Name
	}
	p := player{cast: c, desk: a.Desk(), departments: names}
	for i := range page.Rows {
		row := page.Rows[len(page.Rows)-1-i]
		if i >= len(scripts()) {
			break
		}
		if err := p.act(ctx, row, scripts()[i]); err != nil {
			return fmt.Errorf("demo case %d: %w", row.Number, err)
		}
	}
	return nil
}

// script is how far a case of the hour has come.
type script int

const (
	published script = iota
	accepted
	submitted
	assigned
	reworked
	rejected
	untouched
)

// scripts are given to the cases in the order of their numbers.
func scripts() []script {
	return []script{published, submitted, assigned, untouched, accepted, published, reworked, submitted, untouched, accepted}
}

type player struct {
	cast
	desk        *incidents.Desk
	departments map[string]string
}

// act carries one case as far as its script says.
func (p player) act(ctx context.Context, row incidents.Row, s script) error {
	if row.Stage != incidents.Moderation || s == untouched {
		return nil
	}
	by := func(r rights.Role) rights.Actor { return p.byRole[r].Actor() }
	executor := p.executor(row.DepartmentID)
	assign := incidents.Assign{
		DepartmentID: executor.DepartmentID, DepartmentName: p.departments[executor.DepartmentID],
		ExecutorID: executor.ID, ExecutorName: executor.Name,
	}
	answer := incidents.Submit{Text: answerTo(row)}
	steps := []struct {
		upTo []script
		by   rights.Actor
		cmd  incidents.Command
	}{
		{[]script{rejected}, by(rights.Moderator), incidents.Reject{Reason: "Это не жалоба: житель делится впечатлением."}},
		{[]script{accepted, assigned, submitted, reworked, published}, by(rights.Moderator), incidents.Accept{}},
		{[]script{assigned, submitted, reworked, published}, by(rights.Coordinator), assign},
		{[]script{assigned}, by(rights.Coordinator), incidents.Note{Text: "Созвонился с мастером участка: бригада выезжает сегодня, пришлют фото после."}},
		{[]script{submitted, reworked, published}, executor.Actor(), answer},
		{[]script{reworked}, by(rights.Head), incidents.Rework{Reason: "Назовите срок датой и часом и скажите, куда позвонить, если бригада не приедет."}},
		{[]script{published}, by(rights.Head), incidents.Approve{Hash: incidents.Answer{Text: answer.Text}.Hash()}},
	}
	for _, st := range steps {
		for _, want := range st.upTo {
			if want != s {
				continue
			}
			if _, err := p.desk.Do(ctx, st.by, row.ID, 0, st.cmd); err != nil {
				return err
			}
		}
	}
	return nil
}

// answerTo writes an answer in the words of the demo's agency.
func answerTo(row incidents.Row) string {
	first, _, _ := strings.Cut(row.AuthorName, " ")
	body := "Передали ваше сообщение тем, кто за это отвечает. Мастер будет на месте сегодня до 18:00, о результате напишем здесь же."
	switch row.DepartmentID {
	case "zkh":
		body = "Аварийная бригада уже получила заявку и будет у вас сегодня до 18:00. За перерасчётом обращаться не нужно: его сделают сами. Если к вечеру ничего не изменится, напишите прямо здесь."
	case "dorogi":
		body = "Участок внесли в наряд на сегодня: расчистят и посыплют до 20:00. Завтра в 9:00 мастер проверит ещё раз. Спасибо, что указали точное место."
	case "blago":
		body = "Подрядчик получил предписание и вывезет всё сегодня до 21:00. Завтра утром проверим и приложим фото."
	}
	return first + ", здравствуйте! " + body
}
