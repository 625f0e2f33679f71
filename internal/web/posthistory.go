package web

import (
	"time"

	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/social"
	"otklik/publisher"
)

// diffPart is what changed in one text.
type diffPart struct {
	Name   string // «Общий текст», «ВКонтакте»
	Pieces []diffPiece
}

type diffPiece struct{ Op, Text string }

// changesOf compares the content with what was read last: the version that was
// approved, sent back or taken back, else the first one.
func changesOf(view publisher.View) ([]diffPart, string) {
	if len(view.Versions) < 2 {
		return nil, ""
	}
	base, against := view.Versions[len(view.Versions)-1], "первой версией"
	for _, e := range view.History {
		switch e.Kind {
		case publisher.EventApproved, publisher.EventReworked, publisher.EventWithdrawn:
		default:
			continue
		}
		for _, x := range view.Versions {
			if x.Number <= e.Version && x.Number < view.Versions[0].Number {
				base, against = x, "версией, которую читали в прошлый раз"
				break
			}
		}
	}
	return differences(base.Content, view.Versions[0].Content), against
}

// differences lists the texts that differ, piece by piece.
func differences(before, after publisher.Content) []diffPart {
	var out []diffPart
	add := func(name, was, is string) {
		if was == is {
			return
		}
		part := diffPart{Name: name}
		for _, x := range publisher.Diff(was, is) {
			part.Pieces = append(part.Pieces, diffPiece{string(x.Op), x.Text})
		}
		out = append(out, part)
	}
	add("Общий текст", before.Text, after.Text)
	for _, n := range []social.Network{social.VK, social.Telegram} {
		add(n.Title(), before.Versions[n], after.Versions[n])
	}
	if was, is := mediaWords(before), mediaWords(after); was != is {
		add("Вложения", was, is)
	}
	if was, is := pollWords(before.Poll), pollWords(after.Poll); was != is {
		add("Опрос", was, is)
	}
	return out
}

// mediaWords name the attachments in their order.
func mediaWords(c publisher.Content) string {
	text := ""
	for _, t := range mediaTiles(c.Media, nil) {
		name := t.URL
		if t.Kind == publisher.Photo && len(t.Hash) >= 6 {
			name = "№\u00a0" + t.Hash[:6]
		}
		text += t.Kinded + " " + name
		if t.Alt != "" {
			text += " (" + t.Alt + ")"
		}
		text += "\n"
	}
	return text
}

func pollWords(f *publisher.PollForm) string {
	if f == nil {
		return ""
	}
	text := f.Question + "\n"
	for _, o := range f.Options {
		text += "• " + o + "\n"
	}
	return text
}

// postHistory turns events into lines, the newest first; remarks stand apart.
func (s *server) postHistory(view publisher.View, pages []publisher.Page, now time.Time) (remarks, history []line) {
	titles := map[string]string{}
	for _, p := range pages {
		titles[p.ID] = p.Title
	}
	for i := len(view.History) - 1; i >= 0; i-- {
		e := view.History[i]
		l := line{What: s.postSentence(e, titles[e.PageID]), Text: e.Text, Link: webLink(e.Data["link"]), At: s.stamp(e.At, now)}
		if e.ActorID != "" {
			l.Who = e.ActorName
		} else {
			l.What = ru.Capital(l.What)
		}
		if e.Kind == publisher.EventRemark {
			remarks = append(remarks, l)
			continue
		}
		l.Newest = len(history) == 0
		history = append(history, l)
	}
	return remarks, history
}

// postSentence says what happened in a form that fits any actor.
func (s *server) postSentence(e publisher.Event, page string) string {
	on := ""
	if page != "" {
		on = " на странице " + quoted(page)
	}
	switch e.Kind {
	case publisher.EventCreated:
		return "черновик начат"
	case publisher.EventWritten:
		return "текст изменён"
	case publisher.EventPlanned:
		if at, err := time.Parse(time.RFC3339, e.Data["at"]); err == nil {
			return "назначено на " + s.clock.Full(at)
		}
		return "снято с календаря"
	case publisher.EventSubmitted:
		return "отправлено на согласование"
	case publisher.EventReworked:
		return "возвращено с замечанием"
	case publisher.EventApproved:
		return "согласовано"
	case publisher.EventWithdrawn:
		return "отозвано, чтобы исправить"
	case publisher.EventCancelled:
		return "отменено"
	case publisher.EventReopened:
		return "возвращено в черновики"
	case publisher.EventRemark:
		return "замечание"
	case publisher.EventByHand:
		return "опубликовано вручную" + on
	case publisher.EventAmended:
		return "предложена правка опубликованного"
	case publisher.EventAmendApproved:
		return "правка согласована и уходит в сети"
	case publisher.EventAmendDropped:
		return "правка отменена"
	case publisher.EventRemoving:
		return "удаление" + on
	case publisher.EventPinning:
		if e.Data["act"] == string(publisher.ActUnpin) {
			return "открепление" + on
		}
		return "закрепление" + on
	case publisher.EventReleased:
		return "время пришло, пост отправляется"
	case publisher.EventAskedLate:
		return "время прошло, программа спрашивает, что делать"
	case publisher.EventSent:
		return "появилось" + on
	case publisher.EventNotSent:
		return "не опубликовано" + on
	case publisher.EventUnsure:
		return "неизвестно, опубликовано ли" + on
	case publisher.EventResent:
		return "отправляется ещё раз" + on
	case publisher.EventChanged:
		return actDone(publisher.Act(e.Data["act"])) + on
	case publisher.EventNotChanged:
		return "не получилось: " + actName(publisher.Act(e.Data["act"])) + on
	case publisher.EventVanished:
		return "удалено в сети, не программой" + on
	case publisher.EventReappeared:
		return "снова видно в сети" + on
	}
	return "изменение"
}

func actDone(a publisher.Act) string {
	switch a {
	case publisher.ActEdit:
		return "правка видна"
	case publisher.ActDelete:
		return "удалено"
	case publisher.ActPin:
		return "закреплено"
	case publisher.ActUnpin:
		return "откреплено"
	}
	return "сделано"
}

func actName(a publisher.Act) string {
	switch a {
	case publisher.ActEdit:
		return "изменить"
	case publisher.ActDelete:
		return "удалить"
	case publisher.ActPin:
		return "закрепить"
	case publisher.ActUnpin:
		return "открепить"
	}
	return "действие"
}

// amendedOf is the other content that waits for approval, if there is one.
func amendedOf(p publisher.Post, by rights.Actor) *amended {
	if p.Amendment == nil {
		return nil
	}
	return &amended{
		Writer: p.Amendment.WriterName, Hash: p.Amendment.Hash(p), Changes: differences(p.Content, p.Amendment.Content),
		Own: by.Can(rights.ReviewPost) && wrote(p, by),
	}
}

// sentBack finds why the post came back, while it is still to be mended.
func (s *server) sentBack(view publisher.View, now time.Time) *line {
	if view.Post.State != publisher.Draft {
		return nil
	}
	for i := len(view.History) - 1; i >= 0; i-- {
		switch e := view.History[i]; e.Kind {
		case publisher.EventReworked:
			return &line{Who: e.ActorName, What: "возвращено с замечанием", Text: e.Text, At: s.stamp(e.At, now)}
		case publisher.EventSubmitted, publisher.EventReopened:
			return nil
		}
	}
	return nil
}
