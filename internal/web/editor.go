package web

import (
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/social"
)

// editor is the middle column: the answer, as a field or as a text.
type editor struct {
	// Mode is write (a field), read (a text), or wait (nothing yet).
	Mode    string
	Text    string
	Hash    string // of the text that would be approved
	Length  int
	Limit   int
	Network string
	// Units is how the network counts: "utf16" or "chars".
	Units    string
	Saved    stamp // when the draft was saved
	Author   string
	Written  stamp
	Approver string
	Approved stamp
	// Wait says who is to do what.
	Wait string
	// Rework is the latest reason for which the text came back.
	Rework *line
	// OwnAnswer says that the head reads a text of their own.
	OwnAnswer bool
}

// Filled is how much of the limit is used, in percent.
func (e editor) Filled() int { return min(100, e.Length*100/max(e.Limit, 1)) }

func (s *server) editor(view incidents.View, v *visit) editor {
	c := view.Case
	by := v.person.Actor()
	e := editor{
		Mode: "read", Text: c.Answer.Text, Hash: c.Answer.Hash(), Limit: incidents.AnswerLimit(c), Network: c.Message.Ref.Network.Title(),
		Author: c.Answer.AuthorName, Written: s.stamp(c.Answer.WrittenAt, v.now),
		Rework: s.rework(view, v.now), OwnAnswer: c.Answer.WrittenBy(by.ID) && (c.Stage == incidents.Approval && by.Can(rights.ReviewAnswer) || c.Stage == incidents.Agreement && by.Can(rights.AgreeAnswer)),
	}
	if c.Answer.ApprovedHash != "" {
		e.Approver, e.Approved = c.Answer.ApproverName, s.stamp(c.Answer.ApprovedAt, v.now)
	}
	switch {
	case possible(c, by)[string(incidents.EventSubmitted)]:
		e.Mode = "write"
		if view.Draft != "" && view.DraftAt.After(c.Answer.WrittenAt) {
			e.Text, e.Saved = view.Draft, s.stamp(view.DraftAt, v.now)
		}
	case c.Answer.Text == "":
		e.Mode, e.Wait = "wait", waiting(c)
	case c.Stage == incidents.Execution:
		e.Wait = waiting(c)
	}
	e.Units = "chars"
	if c.Message.Ref.Network == social.Telegram {
		e.Units = "utf16"
	}
	e.Length = c.Message.Ref.Network.Length(strings.TrimSpace(e.Text))
	return e
}

// waiting says whose turn it is.
func waiting(c incidents.Case) string {
	switch c.Stage {
	case incidents.Moderation:
		return "Сначала модератор решит, относится ли сообщение к работе ведомств. Ответ пишут после этого."
	case incidents.Coordination:
		return "Координатор ещё не передал карточку исполнителю. Ответ пишет исполнитель."
	case incidents.Execution:
		if c.ExecutorName != "" {
			return "Ответ пишет исполнитель: " + c.ExecutorName + "."
		}
		return "Ответ напишет тот, кто возьмёт карточку в ведомстве."
	}
	return "Карточка закрыта без ответа."
}

// rework finds why the text came back, while it is still to be mended.
func (s *server) rework(view incidents.View, now time.Time) *line {
	if view.Case.Stage != incidents.Execution {
		return nil
	}
	for i := len(view.History) - 1; i >= 0; i-- {
		switch e := view.History[i]; e.Kind {
		case incidents.EventReworked, incidents.EventDisagreed, incidents.EventWithdrawn:
			l := s.line(e, now)
			return &l
		case incidents.EventSubmitted, incidents.EventInterim, incidents.EventAccepted, incidents.EventReturned, incidents.EventPublished, incidents.EventByHand:
			return nil
		}
	}
	return nil
}

// sending is how far the answer is on its way out.
type sending struct {
	ID     string
	Class  string // of the note: "", ok, unk, bad
	Icon   string
	Title  string
	Text   string
	At     stamp
	Link   string
	Settle bool // the two buttons of an unknown
	Again  bool // the button of a refusal
}

// foreign says beforehand that somebody has to answer by hand.
func foreign(c incidents.Case) *sending {
	out := &sending{Class: "warn", Icon: "alert", Title: "Ответить отсюда нельзя: это не ваша страница.", Link: webLink(c.Message.Permalink)}
	switch c.Stage {
	case incidents.Publication:
		out.Text = "Ответьте в сети сами и закройте карточку ссылкой на ответ."
	case incidents.Execution, incidents.Agreement, incidents.Approval:
		out.Text = "Подготовьте текст: когда его утвердят, ответить в сети нужно будет самим."
	default:
		return nil
	}
	return out
}

func (s *server) sending(view incidents.View, by rights.Actor, now time.Time) *sending {
	c, d := view.Case, view.Delivery
	if c.Foreign && c.Stage != incidents.Done {
		return foreign(c)
	}
	if c.Stage != incidents.Publication && c.Outcome != incidents.Resolved {
		return nil
	}
	network := c.Message.Ref.Network.Title()
	settle := by.Can(rights.ResolveDelivery)
	if c.Outcome == incidents.Resolved {
		return &sending{ID: d.ID, Class: "ok", Icon: "check", Title: "Опубликовано, видно в ветке.", Text: "Карточка закрыта.", At: s.stamp(c.ClosedAt, now), Link: webLink(c.AnswerLink)}
	}
	out := &sending{ID: d.ID, Icon: "send", Title: "Ждёт отправки.", Text: "Ответ утверждён и уйдёт сам в ближайшую минуту.", At: s.stamp(d.PlannedAt, now)}
	switch delivery.State(d.State) {
	case delivery.Planned:
		if d.Trouble != "" {
			out.Class, out.Icon, out.Title, out.Text = "warn", "clock", "Пока не ушло, попробуем ещё раз.", d.Trouble
			if wait := d.NextTryAt.Sub(now); wait > 0 {
				out.Text += " Следующая попытка через " + ru.Span(wait) + "."
			}
		}
	case delivery.Sending:
		out.Title, out.Text, out.At = "Отправляем.", network+" подтвердит ответ в течение минуты.", s.stamp(d.SendingAt, now)
	case delivery.Sent:
		out.Class, out.Icon, out.Title, out.Text = "ok", "check", "Опубликовано, видно в ветке.", "Карточка сейчас закроется."
		out.At, out.Link = s.stamp(d.DoneAt, now), webLink(d.Permalink)
	case delivery.Unknown:
		out.Class, out.Icon, out.Title, out.Settle = "unk", "q", "Неизвестно, ушёл ли ответ.", settle
		out.Text = d.Trouble
		out.At, out.Link = s.stamp(d.SendingAt, now), webLink(c.Message.Permalink)
	case delivery.Failed, delivery.Cancelled:
		out.Class, out.Icon, out.Title, out.Text, out.Again = "bad", "x", "Не ушло.", d.Trouble, settle
		out.At = s.stamp(d.SendingAt, now)
	}
	if out.Text == "" {
		out.Text = c.PublicationTrouble
	}
	return out
}
