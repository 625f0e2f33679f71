package web

import (
	"time"

	"otklik/incidents"
	"otklik/internal/ru"
)

// line is one line of the history: who, what, when, and what was written.
type line struct {
	Who    string // empty when the program or the citizen acted
	What   string
	Text   string
	Link   string
	At     stamp
	Newest bool
}

// history turns events into lines, the newest first. Notes stand apart.
func (s *server) history(events []incidents.Event, now time.Time) (lines, notes []line) {
	for i := len(events) - 1; i >= 0; i-- {
		l := s.line(events[i], now)
		if events[i].Kind == incidents.EventNote {
			notes = append(notes, l)
			continue
		}
		l.Newest = len(lines) == 0
		lines = append(lines, l)
	}
	return lines, notes
}

func (s *server) line(e incidents.Event, now time.Time) line {
	l := line{What: sentence(e, s.Zone), Text: e.Text, At: s.stamp(e.At, now), Link: e.Data["link"]}
	if e.ActorID != "" {
		l.Who = e.ActorName
	} else {
		l.What = ru.Capital(l.What)
	}
	return l
}

// sentence says what happened in a form that fits any actor: «Илья Гордеев:
// принято в работу», «Отправлен ответ».
func sentence(e incidents.Event, zone *time.Location) string {
	switch e.Kind {
	case incidents.EventOpened:
		if there := e.Data["external"]; there != "" {
			return "загружено из прежней системы, номер там — " + there
		}
		if rule := e.Data["rule"]; rule != "" {
			if e.ActorID != "" {
				return "взято в очередь, правило " + quoted(rule)
			}
			return "найдено правилом " + quoted(rule)
		}
		if e.ActorID == "" {
			return "похоже на жалобу, хотя ни одно правило не сработало"
		}
		return "взято в очередь"
	case incidents.EventAttached:
		return "автор написал ещё раз в этой ветке"
	case incidents.EventCopied:
		what := "то же написали в другом месте"
		if e.Data["repost"] != "" {
			what = "сообщение переслали"
		}
		if author := e.Data["author"]; author != "" {
			what += ": " + author
		}
		return what
	case incidents.EventJoined:
		return "вошла в массовый инцидент " + e.Data["incident"]
	case incidents.EventLeft:
		return "убрана из массового инцидента " + e.Data["incident"]
	case incidents.EventAccepted:
		return "принято в работу"
	case incidents.EventRejected:
		return "отклонено"
	case incidents.EventClassified:
		if fact := e.Data["fact"]; fact != "" {
			return "выбрана тема " + quoted(e.Data["topic"]) + ", факт " + quoted(fact)
		}
		return "выбрана тема " + quoted(e.Data["topic"])
	case incidents.EventLocated:
		if e.Data["place"] == "" {
			return "место убрано"
		}
		return "указано место: " + e.Data["place"]
	case incidents.EventAssigned:
		return assigned(e.Data["department"], e.Data["executor"])
	case incidents.EventCoordinated:
		return "принято и передано ведомству " + quoted(e.Data["department"]) + ", тема " + quoted(e.Data["topic"])
	case incidents.EventUncoordinated:
		return "автокоординация отменена"
	case incidents.EventReturned:
		return "возвращено координатору"
	case incidents.EventSubmitted:
		return "ответ отправлен на утверждение"
	case incidents.EventReworked:
		return "ответ возвращён на доработку"
	case incidents.EventApproved:
		return "ответ утверждён"
	case incidents.EventPublished:
		if e.Data["promise"] != "" {
			return "промежуточный ответ появился в ветке" + promised(e, zone)
		}
		return "ответ появился в ветке"
	case incidents.EventNotPublished:
		return "ответ не ушёл"
	case incidents.EventUncertain:
		return "неизвестно, ушёл ли ответ"
	case incidents.EventByHand:
		if e.Data["promise"] != "" {
			return "промежуточный ответ дан вручную" + promised(e, zone)
		}
		return "ответ дан вручную"
	case incidents.EventWithdrawn:
		return "ответ отозван, чтобы исправить"
	case incidents.EventNote:
		return "заметка"
	case incidents.EventAuthorEdited:
		if e.Data["what"] == "photos" {
			return "автор изменил фото"
		}
		return "автор изменил текст"
	case incidents.EventAuthorDeleted:
		return "автор удалил сообщение"
	case incidents.EventAuthorRestored:
		return "автор вернул сообщение"
	case incidents.EventWaits, incidents.EventResumed, incidents.EventFastTrack, incidents.EventRaised:
		return timingSentence(e)
	case incidents.EventResent:
		return "ответ отправляется ещё раз"
	}
	return lifeSentence(e, zone)
}

func assigned(department, executor string) string {
	text := "передано ведомству " + quoted(department)
	if executor != "" {
		text += ", исполнитель " + executor
	}
	return text
}

// quoted puts a name into «ёлочки», and the quotes it has itself into „лапки“.
func quoted(name string) string {
	r := []rune(name)
	for i, c := range r {
		switch c {
		case '«':
			r[i] = '„'
		case '»':
			r[i] = '“'
		}
	}
	return "«" + string(r) + "»"
}

// step is one stage on the track of the page of a case.
type step struct {
	Title   string
	Icon    string
	Class   string // done, now or ""
	Under   string
	UnderAt stamp
	Current bool
}

// track draws the way of a case through its stages.
func (s *server) track(c incidents.Case, events []incidents.Event, now time.Time) []step {
	left := leftBy(events)
	position := position(c)
	var steps []step
	for i, stage := range incidents.Stages() {
		if _, was := left[stage]; stage == incidents.Agreement && !was && c.Stage != stage && !c.Whose.Policy.Agreement {
			continue // nobody asks for it here
		}
		st := step{Title: stage.Title(), Icon: "draft"}
		e, passed := left[stage]
		switch {
		case stage == c.Stage && stage == incidents.Done:
			st.Icon, st.Class, st.Current = "okf", "done", true
			st.Under, st.UnderAt = lower(c.Outcome.Title()), s.stamp(c.ClosedAt, now)
		case stage == c.Stage:
			st.Icon, st.Class, st.Current = iconOfStage(stage).Icon, "now", true
			st.Under, st.UnderAt = "с", s.stamp(c.StageSince, now)
		case i < position && passed:
			st.Icon, st.Class = "okf", "done"
			st.Under, st.UnderAt = surname(e), s.stamp(e.At, now)
		}
		steps = append(steps, st)
	}
	return steps
}

func position(c incidents.Case) int {
	for i, stage := range incidents.Stages() {
		if stage == c.Stage {
			return i
		}
	}
	return 0
}

// leftBy finds the latest event by which a case left each stage forwards.
func leftBy(events []incidents.Event) map[incidents.Stage]incidents.Event {
	left := map[incidents.Stage]incidents.Event{}
	stage := incidents.Moderation
	for _, e := range events {
		switch e.Kind {
		case incidents.EventAccepted:
			left[incidents.Moderation], stage = e, incidents.Coordination
		case incidents.EventAssigned:
			left[incidents.Coordination], stage = e, incidents.Execution
		case incidents.EventSubmitted, incidents.EventInterim:
			left[incidents.Execution], stage = e, incidents.Approval
		case incidents.EventAgreed:
			left[incidents.Agreement] = e
		case incidents.EventApproved:
			left[incidents.Approval], stage = e, incidents.Publication
		case incidents.EventPublished, incidents.EventByHand:
			left[incidents.Publication], stage = e, incidents.Done
			if e.Data["promise"] != "" {
				stage = incidents.Execution
			}
		case incidents.EventReceived, incidents.EventRepeated:
			stage = incidents.Coordination
		case incidents.EventRejected, incidents.EventMerged, incidents.EventRedirected:
			left[stage] = e
		case incidents.EventReturned:
			stage = incidents.Coordination
		case incidents.EventReworked, incidents.EventDisagreed, incidents.EventWithdrawn:
			stage = incidents.Execution
		}
	}
	return left
}
