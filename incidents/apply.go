package incidents

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Bounds of what people write, in characters.
const (
	maxReason = 1000
	maxNote   = 4000
	maxLink   = 500
)

// Decision is what follows from a command: the case as it will be, its event,
// and whether an answer has to leave.
type Decision struct {
	Case   Case
	Events []Event
	// Send says that the approved answer is to be put into the ledger.
	Send bool
	// Recall says that an answer in the ledger that has surely not gone out
	// must not go out any more. The keeper of the ledger refuses the whole
	// change if it may be out already.
	Recall bool
	// Settled is the link under which a person found or gave the answer in the
	// network: whatever the ledger still holds for this case is settled by it.
	Settled string
	// Opens is a further card that begins, MergeInto the id of the one that takes
	// the messages of this one.
	Opens     *Opening
	MergeInto string
}

// Apply decides what a command does to a case. It changes nothing itself.
//
// Errors: NotFound when the case lies outside what the actor may see, Forbidden when the table or the case's assignment does not allow it,
// Conflict when the case is at another stage, Invalid when the input is wrong.
func Apply(c Case, cmd Command, by rights.Actor, now time.Time) (Decision, error) {
	kind := kindOf(cmd, c, now)
	r, ok := ruleFor(kind)
	if !ok {
		return Decision{}, errs.Newf(errs.Invalid, "Такого действия с карточкой нет.")
	}
	if err := mayAct(c, r, by); err != nil {
		return Decision{}, err
	}
	if !r.allows(c.Stage) {
		return Decision{}, errs.Newf(errs.Conflict, "Карточка № %d уже на стадии «%s», это действие здесь не подходит. Обновите страницу.", c.Number, c.Stage.Title())
	}
	d := Decision{Case: c}
	d.Case.Version++
	ev := Event{At: now, ActorID: by.ID, ActorName: by.Name, Kind: kind, Version: d.Case.Version, Data: map[string]string{}}
	next := r.next(c)
	if err := d.carryOut(cmd, by, now, &ev); err != nil {
		return Decision{}, err
	}
	if next != c.Stage {
		d.Case.Stage, d.Case.StageSince = next, now
		d.Case.Timing.moved(next)
		if next == Done {
			d.Case.ClosedAt = now
		}
	}
	if c.Answer.Interim() && r.interim != "" {
		d.given(&ev)
	}
	d.Events = []Event{ev}
	return d, nil
}

// mayAct checks the table, and that executors touch only what is theirs.
func mayAct(c Case, r rule, by rights.Actor) error {
	if by.IsSystem() {
		if r.action == "" || r.program {
			return nil
		}
		return errs.New(errs.Forbidden, "Это решает человек.")
	}
	on := c.Subject()
	if by.Can(rights.ViewCases) && !by.May(rights.ViewCases, on) {
		return errs.New(errs.NotFound, "Такой карточки нет. Проверьте номер.")
	}
	if r.action == "" || !by.May(r.action, on) {
		return errs.New(errs.Forbidden, "Для этого действия нужна другая роль. Обратитесь к администратору, если она должна быть у вас.")
	}
	own := c.ExecutorID == by.ID || c.ExecutorID == "" && c.DepartmentID != "" && c.DepartmentID == by.DepartmentID
	needsOwn := r.action == rights.WriteAnswer || (r.action == rights.ReturnCase || r.action == rights.PauseCase) && !by.Can(rights.AssignCase)
	if needsOwn && !own {
		return errs.New(errs.Forbidden, "Карточка поручена другому исполнителю. Отвечает тот, кому она поручена.")
	}
	return nil
}

func (d *Decision) carryOut(cmd Command, by rights.Actor, now time.Time, ev *Event) error {
	c := &d.Case
	var err error
	switch x := cmd.(type) {
	case Reject:
		err = d.reject(x, ev)
	case Classify:
		err = d.classify(x, ev)
	case Locate:
		c.Place = x.Place
		if ev.Data["place"] = x.Place.Title; x.Place.Known() {
			c.Place.From = FromPerson
		}
		d.suggest(x.DepartmentID)
	case Assign:
		if err = d.assign(x, ev); err == nil {
			c.Auto = false
		}
	case Coordinate:
		err = d.coordinate(x, ev)
	case Uncoordinate:
		if !c.Auto {
			return errs.New(errs.Conflict, "Эту карточку распределил человек. Верните её координатору.")
		}
		c.Auto, c.ExecutorID, c.ExecutorName = false, "", ""
	case Return:
		if ev.Text, err = required(x.Reason, maxReason, "Напишите, почему возвращаете карточку координатору."); err == nil {
			c.ExecutorID, c.ExecutorName, c.Auto = "", "", false
		}
	case Submit:
		err = d.submit(x.Text, time.Time{}, by, now)
	case Interim:
		err = d.interim(x, by, now, ev)
	case Agree:
		err = d.agree(x, by)
	case Disagree:
		ev.Text, err = required(x.Reason, maxReason, "Напишите, что исправить в ответе.")
	case Redirect:
		err = d.redirect(x, ev)
	case Merge:
		err = d.merge(x, ev)
	case Split:
		err = d.split(x, ev)
	case Rate:
		err = d.rate(x, by, now, ev)
	case Rework:
		ev.Text, err = required(x.Reason, maxReason, "Напишите, что исправить в ответе.")
	case Approve:
		err = d.approve(x, by, now)
	case Withdraw:
		if ev.Text, err = required(x.Reason, maxReason, "Напишите, почему забираете ответ."); err == nil {
			c.PublicationTrouble, c.Answer.ApprovedHash, d.Recall = "", "", true
		}
	case ByHand:
		err = d.byHand(x, ev)
	case Note:
		ev.Text, err = required(x.Text, maxNote, "Заметка пустая.")
	case Published:
		c.Outcome, c.AnswerLink, c.PublicationTrouble, ev.Data["link"] = Resolved, x.Link, "", x.Link
	case NotPublished:
		c.PublicationTrouble, ev.Text = x.Why, x.Why
	case Uncertain:
		c.PublicationTrouble, ev.Text = x.Why, x.Why
	case Resent:
		c.PublicationTrouble = ""
	case Await, Resume, FastTrack, Raise:
		err = d.applyTiming(cmd, now, ev)
	}
	return err
}

func (d *Decision) classify(x Classify, ev *Event) error {
	if x.TopicID == "" {
		return errs.New(errs.Invalid, "Выберите тему.")
	}
	c := &d.Case
	c.TopicID, ev.Data["topic"] = x.TopicID, x.TopicName
	c.FactID, c.FactName, c.Fast = x.FactID, x.FactName, x.FactID != "" && x.Fast
	if x.FactID != "" {
		ev.Data["fact"] = x.FactName
	}
	if x.FactID != "" && x.Hours > 0 {
		c.Life.Term = time.Duration(x.Hours) * time.Hour
		c.DueAt, ev.Data["hours"] = c.OpenedAt.Add(c.Life.Term), strconv.Itoa(x.Hours)
	}
	d.suggest(x.DepartmentID)
	return nil
}

// suggest names who answers, until a coordinator has handed the case out.
func (d *Decision) suggest(departmentID string) {
	if c := &d.Case; departmentID != "" && c.ExecutorID == "" && (c.Stage == Moderation || c.Stage == Coordination) {
		c.DepartmentID = departmentID
	}
}

func (d *Decision) assign(x Assign, ev *Event) error {
	if x.DepartmentID == "" {
		return errs.New(errs.Invalid, "Выберите ведомство.")
	}
	c := &d.Case
	if x.OrganisationID != "" && x.OrganisationID != c.Whose.OrganisationID {
		return errs.New(errs.Conflict, "Это ведомство другой организации. Перенаправьте карточку туда.")
	}
	c.DepartmentID, c.ExecutorID, c.ExecutorName = x.DepartmentID, x.ExecutorID, x.ExecutorName
	ev.Data["department"] = x.DepartmentName
	if x.ExecutorName != "" {
		ev.Data["executor"] = x.ExecutorName
	}
	return nil
}

// coordinate is what the program does by itself: it never rejects.
func (d *Decision) coordinate(x Coordinate, ev *Event) error {
	if x.TopicID == "" || x.DepartmentID == "" {
		return errs.New(errs.Invalid, "Выберите тему и ведомство.")
	}
	c := &d.Case
	c.TopicID, c.DepartmentID, c.Auto = x.TopicID, x.DepartmentID, true
	ev.Text = x.Why
	ev.Data["topic"], ev.Data["department"] = x.TopicName, x.DepartmentName
	ev.Data["probability"] = strconv.FormatFloat(x.Probability, 'f', 2, 64)
	return nil
}

func (d *Decision) byHand(x ByHand, ev *Event) error {
	link, err := required(x.Link, maxLink, "Вставьте ссылку на ответ в сети.")
	if err != nil {
		return err
	}
	if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") {
		return errs.New(errs.Invalid, "Ссылка должна начинаться с https://.")
	}
	c := &d.Case
	c.Outcome, c.AnswerLink, c.PublicationTrouble, d.Settled, ev.Data["link"] = Resolved, link, "", link, link
	return nil
}

// ForeignPage is what stands on a case whose message is on somebody else's page.
const ForeignPage = "Ответить отсюда нельзя: это не ваша страница. Ответьте в сети сами и вставьте сюда ссылку на ответ."

// AnswerLimit is how many characters the answer may have: what the network
// takes, less the room for addressing the citizen by a mention.
func AnswerLimit(c Case) int {
	const mention = 96
	return c.Message.Ref.Network.TextLimit() - mention
}

// required trims what a person wrote and checks that something is left. A
// bound of zero leaves the length to the caller. Bytes that no database and no
// network takes as text go first, so that what is approved is what is sent.
func required(s string, bound int, empty string) (string, error) {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if s == "" {
		return "", errs.New(errs.Invalid, empty)
	}
	if bound > 0 && utf8.RuneCountInString(s) > bound {
		return "", errs.Newf(errs.TooLarge, "Слишком длинно: до %d знаков.", bound)
	}
	return s, nil
}
