package publisher

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Mandate is a post that a parent organisation asks pages to publish by a
// deadline. Each page gets a draft of its own, whose people hand it in.
type Mandate struct {
	ID     string
	Number int64
	// Title names it in lists; it is never sent.
	Title string
	// From is the organisation that asks.
	From    string
	Content Content
	Adapt   Adapting
	// DueAt is when the post has to stand on every page.
	DueAt   time.Time
	PageIDs []string
	ByID    string
	ByName  string
	At      time.Time
	// WithdrawnAt is zero while the mandate holds.
	WithdrawnAt time.Time
	WithdrawnBy string
	Why         string
}

// Withdrawn says that the mandate holds no more.
func (m Mandate) Withdrawn() bool { return !m.WithdrawnAt.IsZero() }

// Begun is a post that a decision begins, with its first event.
type Begun struct {
	Post  Post
	Event Event
}

// Issue checks a mandate and makes the draft for each of its pages: nothing of
// it is kept unless all are. What a page's keys do not allow is left to the
// page's people; what no version of the text could pass is refused here.
// May: IssueMandate. Errors: Forbidden, Invalid, TooLarge.
func Issue(m Mandate, by rights.Actor, f Facts) (Mandate, []Begun, error) {
	if !by.Can(rights.IssueMandate) {
		return m, nil, errs.New(errs.Forbidden, "Обязательные посты назначают куратор и пресс-служба.")
	}
	if err := within(m.PageIDs, rights.IssueMandate, by); err != nil {
		return m, nil, err
	}
	m.Title, m.From, m.Content = oneLine(m.Title), oneLine(m.From), m.Content.tidy()
	if err := m.check(f); err != nil {
		return m, nil, err
	}
	m.ByID, m.ByName, m.At = by.ID, by.Name, f.Now
	var out []Begun
	for _, id := range m.PageIDs {
		page, _ := f.Page(id)
		p := Post{
			Version: 1, State: Draft, StateSince: f.Now, Title: m.Title, Content: m.Content, MustBy: m.DueAt,
			Targets:  []Target{{PageID: id, Network: page.Network, State: Waiting}},
			AuthorID: by.ID, AuthorName: by.Name, Writers: []string{by.ID}, CreatedAt: f.Now,
			Mandated: &Mandated{Adapt: m.Adapt, Content: m.Content},
		}
		if stops := slices.DeleteFunc(Stops(Preflight(p, f)), func(x Problem) bool { return strings.HasPrefix(x.Code, "key.") }); len(stops) > 0 {
			return m, nil, errs.New(errs.Invalid, stops[0].Text)
		}
		out = append(out, Begun{p, Event{At: f.Now, ActorID: by.ID, ActorName: by.Name, Kind: EventCreated, Version: 1, Data: map[string]string{}}})
	}
	return m, out, nil
}

func (m *Mandate) check(f Facts) error {
	switch {
	case m.Title == "":
		return errs.New(errs.Invalid, "Назовите обязательный пост, чтобы его узнавали в списках.")
	case utf8.RuneCountInString(m.Title) > maxTitle || utf8.RuneCountInString(m.From) > maxTitle:
		return errs.Newf(errs.TooLarge, "Название слишком длинное: до %d знаков.", maxTitle)
	case m.Content.Empty():
		return errs.New(errs.Invalid, "Пост пустой: напишите текст.")
	case m.Adapt.Title() == "":
		return errs.New(errs.Invalid, "Выберите, можно ли менять текст.")
	case !m.DueAt.After(f.Now):
		return errs.New(errs.Invalid, "Срок уже прошёл. Выберите другой.")
	case len(m.PageIDs) == 0:
		return errs.New(errs.Invalid, "Выберите хотя бы одну страницу.")
	}
	if err := bounded(m.Content); err != nil {
		return err
	}
	// The same page twice is one page; the rest is checked as for any post.
	list, err := targets(nil, m.PageIDs, f)
	if err != nil {
		return err
	}
	m.PageIDs = nil
	for _, t := range list {
		m.PageIDs = append(m.PageIDs, t.PageID)
	}
	return nil
}

// Withdraw ends a mandate. May: IssueMandate. Errors: Forbidden, Conflict,
// Invalid without a reason.
func (m Mandate) Withdraw(reason string, by rights.Actor, now time.Time) (Mandate, error) {
	if !by.Can(rights.IssueMandate) {
		return m, errs.New(errs.Forbidden, "Обязательные посты назначают и отзывают куратор и пресс-служба.")
	}
	if err := within(m.PageIDs, rights.IssueMandate, by); err != nil {
		return m, err
	}
	if m.Withdrawn() {
		return m, errs.New(errs.Conflict, "Этот пост уже отозвали. Обновите страницу.")
	}
	var err error
	if m.Why, err = required(reason, maxReason, "Напишите, почему пост больше не обязателен: это увидят на страницах."); err != nil {
		return m, err
	}
	m.WithdrawnAt, m.WithdrawnBy = now, by.Name
	return m, nil
}

// Release cancels the post of a withdrawn mandate where nothing of it is out.
// It returns false for a post that stays as it is: one that went out, that may
// have gone out, or that is cancelled already.
func (m Mandate) Release(p Post, by rights.Actor, now time.Time) (Decision, bool) {
	r, _ := ruleFor(EventCancelled)
	if !m.Withdrawn() || !r.allows(p.State) || p.begun() || p.Has(Unsure) {
		return Decision{}, false
	}
	d := Decision{Post: p.clone()}
	d.Post.Version++
	ev := Event{At: now, ActorID: by.ID, ActorName: by.Name, Kind: EventCancelled, Version: d.Post.Version, Data: map[string]string{}}
	next, err := d.cancel(Cancel{Reason: m.Why}, &ev)
	if err != nil {
		return Decision{}, false
	}
	d.Post.State, d.Post.StateSince, d.Events = next, now, []Event{ev}
	return d, true
}
