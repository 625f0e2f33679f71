package incidents

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

func (d *Decision) submit(text string, promise time.Time, by rights.Actor, now time.Time) error {
	text, err := required(text, 0, "Ответ пустой: напишите текст.")
	if err != nil {
		return err
	}
	if n, limit := d.Case.Message.Ref.Network.Length(text), AnswerLimit(d.Case); n > limit {
		return errs.Newf(errs.TooLarge, "Ответ длиннее, чем принимает %s: %d из %d знаков. Сократите его.", d.Case.Message.Ref.Network.Title(), n, limit)
	}
	c := &d.Case
	c.Auto = false // whoever answers has taken it as theirs
	editors := slices.Clone(c.Answer.Editors)
	for _, id := range []string{c.Answer.AuthorID, by.ID} {
		if id != "" && !slices.Contains(editors, id) {
			editors = append(editors, id)
		}
	}
	c.Answer = Answer{
		Text: text, Version: c.Answer.Version + 1, AuthorID: by.ID, AuthorName: by.Name, WrittenAt: now,
		Editors: editors, Promise: promise,
	}
	if c.ExecutorID == "" {
		c.ExecutorID, c.ExecutorName = by.ID, by.Name
	}
	return nil
}

// dayForm is how a promised day is written into the history.
const dayForm = time.RFC3339

func (d *Decision) interim(x Interim, by rights.Actor, now time.Time, ev *Event) error {
	if !x.Promise.After(now) {
		return errs.New(errs.Invalid, "Укажите день впереди, к которому обещаете решить вопрос.")
	}
	ev.Data["promise"] = x.Promise.UTC().Format(dayForm)
	return d.submit(x.Text, x.Promise, by, now)
}

// given is what follows when an interim answer stands in the thread: the case
// goes on, and what was promised is its control date.
func (d *Decision) given(ev *Event) {
	c := &d.Case
	c.Life.Interims++
	c.Life.Promised, c.DueAt = c.Answer.Promise, c.Answer.Promise
	c.Answer = Answer{Version: c.Answer.Version}
	c.Outcome, c.PublicationTrouble = "", ""
	ev.Data["promise"], ev.Data["link"] = c.Life.Promised.UTC().Format(dayForm), c.AnswerLink
	c.AnswerLink = ""
}

// fresh refuses whoever had a hand in the text, and a text that is not the one
// that was read.
func (a Answer) fresh(hash string, by rights.Actor, own string) error {
	if a.WrittenBy(by.ID) {
		return errs.New(errs.Forbidden, own)
	}
	if hash != a.Hash() {
		return errs.New(errs.Conflict, "Пока вы читали, текст ответа изменился. Прочитайте его ещё раз.")
	}
	return nil
}

func (d *Decision) agree(x Agree, by rights.Actor) error {
	c := &d.Case
	if err := c.Answer.fresh(x.Hash, by, "Свой ответ согласовать нельзя: его согласует другой человек."); err != nil {
		return err
	}
	c.Answer.AgreedBy = by.Name
	return nil
}

func (d *Decision) approve(x Approve, by rights.Actor, now time.Time) error {
	c := &d.Case
	if err := c.Answer.fresh(x.Hash, by, "Свой ответ утвердить нельзя, даже если его дописали другие: его утверждает другой человек."); err != nil {
		return err
	}
	if c.Answer.Interim() && !c.Answer.Promise.After(now) {
		return errs.New(errs.Conflict, "День, который обещает этот ответ, уже прошёл. Верните ответ на доработку: пусть назовут другой.")
	}
	c.Answer.ApprovedHash, c.Answer.ApproverID, c.Answer.ApproverName, c.Answer.ApprovedAt = x.Hash, by.ID, by.Name, now
	c.PublicationTrouble, d.Send = "", !c.Foreign
	if c.Foreign {
		c.PublicationTrouble = ForeignPage
	}
	return nil
}

func (d *Decision) redirect(x Redirect, ev *Event) error {
	c := &d.Case
	if x.To.OrganisationID == "" {
		return errs.New(errs.Invalid, "Выберите организацию, которой передаёте карточку.")
	}
	if x.To.OrganisationID == c.Whose.OrganisationID {
		return errs.New(errs.Invalid, "Карточка уже в этой организации. Выберите другую.")
	}
	var err error
	if ev.Text, err = required(x.Reason, maxReason, "Напишите, почему вопрос решает другая организация."); err != nil {
		return err
	}
	c.Outcome, ev.Data["organisation"] = Redirected, x.To.Organisation
	d.Opens = &Opening{Whose: x.To, Kind: EventReceived, Reason: ev.Text}
	return nil
}

func (d *Decision) merge(x Merge, ev *Event) error {
	c := &d.Case
	switch {
	case x.IntoID == "" || x.Into < 1:
		return errs.New(errs.Invalid, "Укажите номер карточки, с которой объединить эту.")
	case x.IntoID == c.ID:
		return errs.New(errs.Invalid, "Карточку нельзя объединить с самой собой. Укажите номер другой.")
	}
	c.Auto = false
	c.Outcome, c.Life.Into, d.MergeInto, ev.Data["into"] = Merged, x.Into, x.IntoID, itoa(x.Into)
	return nil
}

func (d *Decision) split(x Split, ev *Event) error {
	if x.ItemID == "" {
		return errs.New(errs.Invalid, "Выберите сообщение, которое станет отдельной карточкой.")
	}
	ev.Text = x.Words
	d.Opens = &Opening{ItemID: x.ItemID, Whose: d.Case.Whose, Kind: EventDetached}
	return nil
}

// discontent says that the citizen does not take the matter for solved: by a
// low score with a comment, or in so many words.
func (x Rate) discontent() bool {
	return x.Unsolved || x.Score > 0 && x.Score <= 2 && strings.TrimSpace(x.Comment) != ""
}

// kindOf is the row of the table for a command: a rating takes the matter up
// again when it has to.
func kindOf(cmd Command, c Case, now time.Time) EventKind {
	if x, ok := cmd.(Rate); ok && x.discontent() && c.MayRepeat(now) {
		return EventRepeated
	}
	return cmd.kind()
}

func (d *Decision) rate(x Rate, by rights.Actor, now time.Time, ev *Event) error {
	c := &d.Case
	if c.Outcome != Resolved {
		return errs.New(errs.Conflict, "Оценивают только решённые карточки: здесь жителю не отвечали.")
	}
	if x.Score < 0 || x.Score > 5 || x.Score == 0 && !x.Unsolved {
		return errs.New(errs.Invalid, "Укажите оценку от 1 до 5 или отметьте, что вопрос не решён.")
	}
	var err error
	comment := strings.TrimSpace(x.Comment)
	if !by.IsSystem() || comment != "" {
		if comment, err = required(comment, maxNote, "Напишите, что сказал житель и откуда это известно."); err != nil {
			return err
		}
	}
	ev.Text = comment
	c.Life.Rating = Rating{Score: x.Score, Unsolved: x.Unsolved, Comment: comment, At: now}
	if x.Score > 0 {
		ev.Data["score"] = strconv.Itoa(x.Score)
	}
	if x.Unsolved {
		ev.Data["unsolved"] = "1"
	}
	if ev.Kind == EventRepeated {
		d.beginAnew(now)
	}
	return nil
}

// beginAnew opens a solved case once more. Its time is that of a new one.
func (d *Decision) beginAnew(now time.Time) {
	c := &d.Case
	c.Life.Repeats++
	c.Life.Promised = time.Time{}
	c.Outcome, c.ClosedAt, c.AnswerLink, c.PublicationTrouble = "", time.Time{}, "", ""
	c.ExecutorID, c.ExecutorName, c.Auto = "", "", false
	c.Answer = Answer{Version: c.Answer.Version}
	term := c.Life.Term
	if term <= 0 { // opened by an earlier version
		term = c.DueAt.Sub(c.OpenedAt)
	}
	c.DueAt = now.Add(term)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
