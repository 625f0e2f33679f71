package mass

import (
	"slices"
	"strconv"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Command is what a person wants done with an incident. The table below says in
// which state; all of it needs rights.ManageIncidents.
type Command interface{ kind() Kind }

// Rename gives it another title.
type Rename struct{ Title string }

// Add makes cases its members.
type Add struct{ Cases []int64 }

// Remove takes cases out of it; they do not come back by themselves.
type Remove struct{ Cases []int64 }

// Merge puts its members into another open incident.
type Merge struct{ Into int64 }

// Close ends the gathering. The cases of its members stay as they are.
type Close struct{ Why string }

// Reopen lets cases join it again.
type Reopen struct{}

// Draft keeps the answer for all members.
type Draft struct{ Text string }

func (Rename) kind() Kind { return Renamed }
func (Add) kind() Kind    { return Added }
func (Remove) kind() Kind { return Removed }
func (Merge) kind() Kind  { return Yielded }
func (Close) kind() Kind  { return Ended }
func (Reopen) kind() Kind { return Reopened }
func (Draft) kind() Kind  { return Drafted }

// rule is one row of the state machine.
type rule struct {
	from []State
	to   State // "" leaves it
}

// ruleFor is the state machine as a table. A kind without a row is no command.
func ruleFor(k Kind) (rule, bool) {
	switch k {
	case Renamed, Removed:
		return rule{from: []State{Open, Closed}}, true
	case Added, Absorbed, Drafted:
		return rule{from: []State{Open}}, true
	case Yielded:
		return rule{from: []State{Open, Closed}, to: Merged}, true
	case Ended:
		return rule{from: []State{Open}, to: Closed}, true
	case Reopened:
		return rule{from: []State{Closed}, to: Open}, true
	}
	return rule{}, false
}

// Possible lists what the actor could do with the incident as it is now.
func Possible(i Incident, by rights.Actor) []Kind {
	if !by.Can(rights.ManageIncidents) {
		return nil
	}
	return slices.DeleteFunc(Kinds(), func(k Kind) bool {
		r, ok := ruleFor(k)
		return !ok || k == Absorbed || !slices.Contains(r.from, i.State)
	})
}

// Decision is what follows from a command.
type Decision struct {
	Incident Incident
	Event    Event
	// Join and Leave are the numbers of cases that become members or are none any more.
	Join, Leave []int64
	// Into is the number of the incident that takes all members.
	Into int64
}

// Begin makes an incident of cases that a person has chosen. The id and the
// number come from whoever keeps incidents.
// Errors: Forbidden, Invalid, TooLarge.
func Begin(i Incident, cases []int64, by rights.Actor, now time.Time) (Decision, error) {
	if !by.Can(rights.ManageIncidents) {
		return Decision{}, forbidden()
	}
	list, err := numbers(cases)
	if err != nil {
		return Decision{}, err
	}
	if i.Title, err = required(i.Title, maxTitle, "Назовите инцидент: это увидят коллеги."); err != nil {
		return Decision{}, err
	}
	i.ByID, i.ByName = by.ID, by.Name
	return Decision{Incident: begun(i, now), Join: list, Event: Event{At: now, ActorID: by.ID, ActorName: by.Name, Kind: Begun, Cases: list}}, nil
}

// Gather makes an incident by itself of cases that are enough by Limits.
func Gather(i Incident, cases []int64, now time.Time) Decision {
	i.Title = titled(i.Title)
	return Decision{Incident: begun(i, now), Join: cases, Event: Event{At: now, ActorName: "Отклик", Kind: Begun, Cases: cases}}
}

func titled(title string) string {
	if r := []rune(title); len(r) > maxTitle {
		return string(r[:maxTitle])
	}
	return title
}

func begun(i Incident, now time.Time) Incident {
	i.Version, i.State, i.OpenedAt, i.GrewAt = 1, Open, now, now
	return i
}

// Apply decides what a command does to an incident. It changes nothing itself.
// Errors: Forbidden, Conflict in another state, Invalid, TooLarge.
func Apply(i Incident, cmd Command, by rights.Actor, now time.Time) (Decision, error) {
	kind := cmd.kind()
	r, ok := ruleFor(kind)
	if !ok {
		return Decision{}, errs.New(errs.Invalid, "Такого действия с инцидентом нет.")
	}
	if !by.Can(rights.ManageIncidents) {
		return Decision{}, forbidden()
	}
	if !slices.Contains(r.from, i.State) {
		return Decision{}, wrongState(i)
	}
	d := Decision{Incident: i, Event: Event{At: now, ActorID: by.ID, ActorName: by.Name, Kind: kind}}
	d.Incident.Version++
	if err := d.carryOut(cmd, now); err != nil {
		return Decision{}, err
	}
	if r.to != "" {
		d.Incident.State = r.to
	}
	return d, nil
}

func (d *Decision) carryOut(cmd Command, now time.Time) error {
	var err error
	i := &d.Incident
	switch x := cmd.(type) {
	case Rename:
		i.Title, err = required(x.Title, maxTitle, "Название пустое.")
		d.Event.Text = i.Title
	case Add:
		d.Join, err = numbers(x.Cases)
		d.Event.Cases, i.GrewAt = d.Join, now
	case Remove:
		d.Leave, err = numbers(x.Cases)
		d.Event.Cases = d.Leave
	case Merge:
		if x.Into == i.Number || x.Into <= 0 {
			return errs.New(errs.Invalid, "Выберите другой инцидент, в который перейдут карточки.")
		}
		d.Into, i.Into, i.ClosedAt = x.Into, x.Into, now
		d.Event.Text = "№\u00a0" + strconv.FormatInt(x.Into, 10)
	case Close:
		if i.Why, err = said(x.Why, maxWhy); err == nil {
			d.Event.Text, i.ClosedAt = i.Why, now
		}
	case Reopen:
		i.ClosedAt, i.GrewAt, i.Why = time.Time{}, now, ""
	case Draft:
		i.Draft, err = said(x.Text, maxDraft)
	}
	return err
}

// Absorb is what becomes of the incident into which another is merged.
// Errors: Conflict when it does not take members any more.
func Absorb(into, from Incident, by rights.Actor, now time.Time) (Decision, error) {
	if r, _ := ruleFor(Absorbed); !slices.Contains(r.from, into.State) {
		return Decision{}, wrongState(into)
	}
	d := Decision{Incident: into, Event: Event{At: now, ActorID: by.ID, ActorName: by.Name, Kind: Absorbed, Text: "№\u00a0" + strconv.FormatInt(from.Number, 10) + " «" + from.Title + "»"}}
	d.Incident.Version++
	if from.GrewAt.After(into.GrewAt) {
		d.Incident.GrewAt = from.GrewAt
	}
	return d, nil
}

func forbidden() error {
	return errs.New(errs.Forbidden, "Массовые инциденты ведут модератор, координатор и руководитель.")
}

func wrongState(i Incident) error {
	switch i.State {
	case Merged:
		return errs.Newf(errs.Conflict, "Инцидент № %d объединён с № %d, его карточки там.", i.Number, i.Into)
	case Closed:
		return errs.Newf(errs.Conflict, "Инцидент № %d закрыт. Откройте его снова, если он продолжается.", i.Number)
	}
	return errs.Newf(errs.Conflict, "Инцидент № %d ещё идёт, это действие здесь не подходит. Обновите страницу.", i.Number)
}
