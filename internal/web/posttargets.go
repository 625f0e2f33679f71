package web

import (
	"cmp"
	"context"
	"slices"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/publisher"
)

// targetRow is a post on one page.
type targetRow struct {
	PageID  string
	Page    string
	Net     netIcon
	Class   string
	Icon    string
	State   string
	At      stamp
	Link    string
	Trouble string
	Pinned  bool
	CanPin  bool
	Remove  bool
	ByHand  bool
	// Follows says that the poll of the post leaves after what a person
	// published; Lost that nobody knows where the post stands.
	Follows bool
	Lost    bool
	Settle  []settle
	Under   *underRow
	// Thread leads to the post in its network, for whoever looks whether it is there.
	Thread string
}

// settle is one delivery that waits for a person.
type settle struct {
	ID      string
	Unknown bool
	What    string
}

// underRow is what happens under a post.
type underRow struct {
	Comments, Complaints string
	Cases                string
	Numbers              []numberLine
	At                   stamp
	Search               string // where its cases are
}

type numberLine struct{ Name, Value string }

func (s *server) targets(ctx context.Context, view publisher.View, pages []publisher.Page, by rights.Actor, now time.Time) ([]targetRow, error) {
	p := view.Post
	if p.State == publisher.Draft || p.State == publisher.Review {
		return nil, nil
	}
	stopped, err := s.Planning.Posts.Stopped(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	facts := publisher.Facts{Now: now, Pages: pages}
	var out []targetRow
	for _, t := range p.Targets {
		page, known := facts.Page(t.PageID)
		row := targetRow{
			PageID: t.PageID, Page: cmp.Or(page.Title, "Страница отключена"), Net: iconOfNet(t.Network), At: s.stamp(t.OutAt, now), Link: webLink(t.Link),
			Trouble: t.Trouble, Pinned: t.Pinned, Thread: webLink(page.URL),
		}
		row.Class, row.Icon, row.State = targetMark(t)
		if t.State == publisher.Taken {
			row.Link = "" // it leads nowhere any more
		}
		standing := t.State == publisher.Out && len(t.Refs) > 0 && !t.Refs[0].IsZero()
		row.CanPin = standing && known && page.Can(publisher.CanPin) && can(p, by, publisher.EventPinning)
		row.Remove = standing && known && page.Can(publisher.CanDelete) && can(p, by, publisher.EventRemoving)
		row.Lost = t.Lost()
		row.ByHand = can(p, by, publisher.EventByHand) && (row.Lost || t.State == publisher.Refused || t.State == publisher.Unsure || t.State == publisher.Waiting && p.Question != "")
		row.Follows = row.ByHand && !row.Lost && len(publisher.Render(t.Network, p.Content)) > len(t.Refs)+1
		for _, d := range stopped {
			if d.SourceID == t.PageID && by.Can(rights.ResolveDelivery) {
				row.Settle = append(row.Settle, settle{ID: d.ID, Unknown: d.State == delivery.Unknown, What: actWords(d.Kind)})
			}
		}
		for _, u := range view.Under {
			if u.PageID == t.PageID {
				row.Under = s.under(u, now)
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// actWords says what it is that stopped, where it is not the post itself.
func actWords(k delivery.Kind) string {
	switch k {
	case delivery.KindEdit:
		return "правка"
	case delivery.KindDelete:
		return "удаление"
	case delivery.KindPin:
		return "закрепление"
	case delivery.KindUnpin:
		return "открепление"
	case delivery.KindPoll:
		return "опрос"
	}
	return ""
}

func targetMark(t publisher.Target) (class, icon, state string) {
	switch t.State {
	case publisher.Leaving:
		return "ac", "send", "Отправляем"
	case publisher.Out:
		return "ok", "check", "Опубликовано"
	case publisher.Refused:
		return "bad", "x", "Не опубликовано"
	case publisher.Unsure:
		return "unk", "q", "Неизвестно"
	case publisher.Dropped:
		return "", "x", "Не пойдёт"
	case publisher.Taken:
		if !t.VanishedAt.IsZero() {
			return "bad", "alert", "Удалено в сети"
		}
		return "", "x", "Удалено"
	}
	return "", "clock", "Ждёт"
}

func (s *server) under(u publisher.Under, now time.Time) *underRow {
	row := &underRow{
		Comments:   ru.Count(u.Comments, "комментарий", "комментария", "комментариев"),
		Complaints: ru.Count(u.Complaints, "жалоба", "жалобы", "жалоб"), At: s.stamp(u.At, now),
	}
	if u.Open+u.Answered+u.Rejected > 0 {
		row.Cases = "карточки: " + ru.Count(u.Open, "открыта", "открыты", "открыто") + ", " + ru.Count(u.Answered, "с ответом", "с ответом", "с ответом") + ", " + ru.Count(u.Rejected, "отклонена", "отклонены", "отклонено")
	}
	if !u.At.IsZero() {
		for _, x := range []struct {
			name string
			n    int
		}{{"просмотры", u.Stats.Views}, {"нравится", u.Stats.Likes}, {"поделились", u.Stats.Reposts}} {
			row.Numbers = append(row.Numbers, numberLine{x.name, dash(x.n)})
		}
		if u.Reach >= 0 {
			row.Numbers = slices.Insert(row.Numbers, 1, numberLine{"охват", ru.Number(u.Reach)})
		}
	}
	return row
}
