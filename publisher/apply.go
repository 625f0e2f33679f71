package publisher

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// Bounds of what people write, in characters; of lists, in entries.
const (
	maxReason = 1000
	maxRemark = 4000
	maxTitle  = 200
	maxTag    = 50
	maxTags   = 20
	maxLink   = 500
	maxSource = 20000
	maxPages  = 500
	maxMedia  = 50
)

// Act is what a row of the ledger does in a network.
type Act string

const (
	ActPost   Act = "post"
	ActPoll   Act = "poll"
	ActEdit   Act = "edit"
	ActDelete Act = "delete"
	ActPin    Act = "pin"
	ActUnpin  Act = "unpin"
)

// Parcel is one thing to be put into the ledger.
type Parcel struct {
	Act     Act
	PageID  string
	Network social.Network
	// Number is the part's place, from 0.
	Number int
	// Part is what is sent, for posts, polls and edits.
	Part Part
	// Refs are the messages that are changed, for edits, removals and pins.
	Refs []social.Ref
}

// Decision is what follows from a command: the post as it will be, its events,
// and what has to leave.
type Decision struct {
	Post   Post
	Events []Event
	Send   []Parcel
	// Recall says that what the ledger holds of this post and has surely not
	// gone out must not go out any more. The keeper of the ledger refuses the
	// whole change if some of it may be out already.
	Recall bool
	// Settled is where a person found or published the part that had stopped, by
	// pages: what the ledger still holds for the page is settled by it.
	Settled map[string]Standing
	// Opened is a poll that now stands on one more page, or of whose place more
	// is known.
	Opened *Place
}

// Standing is where a part of a post stands.
type Standing struct {
	Part int        // of which the link is, from 0
	Ref  social.Ref // zero where the link alone does not tell it
	Link string
}

// Apply decides what a command does to a post. It changes nothing itself.
//
// Errors: Forbidden when the table does not allow it or the approver is one of
// the writers, Conflict when the post is in another state or another content
// was approved, Invalid or TooLarge when the input is wrong.
func Apply(p Post, cmd Command, by rights.Actor, f Facts) (Decision, error) {
	kind := cmd.kind()
	r, ok := ruleFor(kind)
	if !ok {
		return Decision{}, errs.New(errs.Invalid, "Такого действия с постом нет.")
	}
	if err := mayAct(r, by); err != nil {
		return Decision{}, err
	}
	if err := within(p.PageIDs(), r.action, by); err != nil {
		return Decision{}, err
	}
	if !r.allows(p.State) {
		return Decision{}, errs.Newf(errs.Conflict, "Пост № %d уже в состоянии «%s», это действие здесь не подходит. Обновите страницу.", p.Number, p.State.Title())
	}
	d := Decision{Post: p.clone()}
	d.Post.Version++
	ev := Event{At: f.Now, ActorID: by.ID, ActorName: by.Name, Kind: kind, Version: d.Post.Version, Data: map[string]string{}}
	next, err := d.carryOut(cmd, by, f, &ev)
	if err != nil {
		return Decision{}, err
	}
	if err := within(d.Post.PageIDs(), r.action, by); err != nil {
		return Decision{}, err
	}
	if _, remark := cmd.(Remark); p.SeriesID != "" && !by.IsSystem() && !remark {
		d.Post.Touched = true
	}
	if next != p.State {
		d.Post.State, d.Post.StateSince = next, f.Now
	}
	if kind != EventFound {
		d.Events = []Event{ev}
	}
	return d, nil
}

func mayAct(r rule, by rights.Actor) error {
	if by.IsSystem() {
		if r.action == "" {
			return nil
		}
		return errs.New(errs.Forbidden, "Это решает человек.")
	}
	if r.action == "" || !by.Can(r.action) {
		return errs.New(errs.Forbidden, "Для этого действия нужна другая роль. Обратитесь к администратору, если она должна быть у вас.")
	}
	return nil
}

// carryOut changes the decision's post and returns the state that follows.
func (d *Decision) carryOut(cmd Command, by rights.Actor, f Facts, ev *Event) (State, error) {
	p := &d.Post
	var err error
	switch x := cmd.(type) {
	case Write:
		return d.write(x, by, f)
	case Plan:
		return d.plan(x, f, ev)
	case Submit:
		return Review, d.submit(f)
	case Rework:
		ev.Text, err = required(x.Reason, maxReason, "Напишите, что исправить в посте.")
		return Draft, err
	case Approve:
		return d.approve(x, by, f)
	case Withdraw:
		ev.Text, err = optional(x.Reason, maxReason)
		if err == nil {
			err = d.takeBack()
		}
		return Draft, err
	case Cancel:
		return d.cancel(x, ev)
	case Reopen:
		for i := range p.Targets {
			p.Targets[i] = Target{PageID: p.Targets[i].PageID, Network: p.Targets[i].Network, State: Waiting}
		}
		p.Approval = Approval{}
		return Draft, nil
	case Remark:
		ev.Text, err = required(x.Text, maxRemark, "Замечание пустое.")
		return p.State, err
	case Amend, ApproveAmend, DropAmend, Remove, Pin:
		return p.State, d.changeOut(cmd, by, f, ev)
	default:
		return d.report(cmd, f, ev)
	}
}

func (d *Decision) write(x Write, by rights.Actor, f Facts) (State, error) {
	p := &d.Post
	before := p.Hash()
	if err := p.describe(x); err != nil {
		return "", err
	}
	next := *p
	next.Content = x.Content.tidy()
	if err := errors.Join(bounded(next.Content), p.bound(next.Content, x.PageIDs)); err != nil {
		return "", err
	}
	var err error
	if next.Targets, err = targets(p.Targets, x.PageIDs, f); err != nil {
		return "", err
	}
	if next.Hash() == before {
		p.Content = next.Content
		return p.State, nil
	}
	if err := d.takeBack(); err != nil {
		return "", err
	}
	p.Content = next.Content
	p.Targets, err = targets(p.Targets, x.PageIDs, f)
	if by.ID != "" && !slices.Contains(p.Writers, by.ID) {
		p.Writers = append(p.Writers, by.ID)
	}
	return Draft, err
}

// describe sets what is not part of the approval.
func (p *Post) describe(x Write) error {
	p.Title, p.Rubric = oneLine(x.Title), oneLine(x.Rubric)
	if utf8.RuneCountInString(p.Title) > maxTitle || utf8.RuneCountInString(p.Rubric) > maxTitle {
		return errs.Newf(errs.TooLarge, "Название слишком длинное: до %d знаков.", maxTitle)
	}
	p.Tags = nil
	for _, tag := range x.Tags {
		tag = strings.TrimLeft(oneLine(tag), "#")
		if tag == "" || slices.Contains(p.Tags, tag) {
			continue
		}
		if utf8.RuneCountInString(tag) > maxTag || len(p.Tags) == maxTags {
			return errs.Newf(errs.TooLarge, "Меток можно до %d, каждая до %d знаков.", maxTags, maxTag)
		}
		p.Tags = append(p.Tags, tag)
	}
	return nil
}

// bounded refuses what no network takes in any form, so that a draft stays small.
func bounded(c Content) error {
	texts := []string{c.Text}
	for _, v := range c.Versions {
		texts = append(texts, v)
	}
	for _, t := range texts {
		if utf8.RuneCountInString(t) > maxSource {
			return errs.Newf(errs.TooLarge, "Текст слишком длинный: до %d знаков.", maxSource)
		}
	}
	if len(c.Media) > maxMedia {
		return errs.Newf(errs.TooLarge, "Вложений слишком много: до %d.", maxMedia)
	}
	return nil
}

// targets keeps what is known of pages that stay and begins those that are new.
func targets(have []Target, pageIDs []string, f Facts) ([]Target, error) {
	if len(pageIDs) > maxPages {
		return nil, errs.Newf(errs.TooLarge, "Страниц слишком много: до %d.", maxPages)
	}
	var out []Target
	for _, id := range pageIDs {
		if slices.ContainsFunc(out, func(t Target) bool { return t.PageID == id }) {
			continue
		}
		page, ok := f.Page(id)
		if i := slices.IndexFunc(have, func(t Target) bool { return t.PageID == id }); i >= 0 {
			out = append(out, have[i])
			continue
		}
		if !ok {
			return nil, errs.New(errs.Invalid, "Такой страницы нет. Обновите список страниц.")
		}
		out = append(out, Target{PageID: id, Network: page.Network, State: Waiting})
	}
	return out, nil
}

// takeBack makes sure that nothing of the post is out or leaves, and voids its
// approval.
func (d *Decision) takeBack() error {
	p := &d.Post
	if p.begun() {
		return errs.New(errs.Conflict, "Пост уже вышел хотя бы на одной странице. Предложите правку опубликованного поста.")
	}
	if p.Has(Unsure) {
		return errs.New(errs.Conflict, "Пост мог уже выйти. Сначала проверьте страницу и отметьте в «Доставке», появился ли он.")
	}
	for i := range p.Targets {
		t := &p.Targets[i]
		d.Recall = d.Recall || t.State == Leaving || t.State == Refused
		if t.State != Dropped {
			t.State, t.Trouble = Waiting, ""
		}
	}
	p.Approval, p.Question = Approval{}, ""
	return nil
}

func (d *Decision) plan(x Plan, f Facts, ev *Event) (State, error) {
	p := &d.Post
	if !x.At.IsZero() && x.At.Before(f.Now.Add(-soon)) {
		return "", errs.New(errs.Invalid, "Это время уже прошло. Выберите другое.")
	}
	if x.LateBy < 0 || x.LateBy > maxLate {
		return "", errs.New(errs.Invalid, "Допустимое опоздание — от 0 до 24 часов.")
	}
	if p.Has(Leaving) {
		return "", errs.New(errs.Conflict, "Пост уже уходит, перенести его нельзя.")
	}
	if p.Has(Unsure) {
		return "", errs.New(errs.Conflict, "Пост мог уже выйти. Сначала проверьте страницу и отметьте в «Доставке», появился ли он.")
	}
	p.At, p.LateBy = x.At, x.LateBy
	if !x.At.IsZero() {
		ev.Data["at"] = x.At.UTC().Format(time.RFC3339)
	}
	if p.Approval.Hash == "" {
		return p.State, nil
	}
	for i := range p.Targets {
		if t := &p.Targets[i]; t.State == Refused {
			t.State, t.Trouble, d.Recall = Waiting, "", true
		}
	}
	p.Question = ""
	if x.At.IsZero() {
		if p.begun() {
			return "", errs.New(errs.Invalid, "Выберите время для страниц, где пост ещё не вышел, или отмените его.")
		}
		return Approved, nil
	}
	return Scheduled, refusals(*p, f)
}

// maxLate is the most by which a post may be late and still leave by itself.
const maxLate = 24 * time.Hour

// refusals is the pre-flight as an error: the first grave finding.
func refusals(p Post, f Facts) error {
	if stops := Stops(Preflight(p, f)); len(stops) > 0 {
		return errs.New(errs.Invalid, stops[0].Text)
	}
	return nil
}

func (d *Decision) submit(f Facts) error {
	p := d.Post
	if p.Content.Empty() {
		return errs.New(errs.Invalid, "Пост пустой: напишите текст или приложите фото.")
	}
	if len(p.PageIDs()) == 0 {
		return errs.New(errs.Invalid, "Выберите хотя бы одну страницу.")
	}
	return refusals(p, f)
}

func (d *Decision) approve(x Approve, by rights.Actor, f Facts) (State, error) {
	p := &d.Post
	if slices.Contains(p.Writers, by.ID) || p.AuthorID == by.ID {
		return "", errs.New(errs.Forbidden, "Вы писали этот пост, поэтому согласовать его должен другой человек.")
	}
	if x.Hash != p.Hash() {
		return "", errs.New(errs.Conflict, "Пока вы читали, пост изменился. Прочитайте его ещё раз.")
	}
	if err := refusals(*p, f); err != nil {
		return "", err
	}
	p.Approval = Approval{Hash: x.Hash, ByID: by.ID, ByName: by.Name, At: f.Now}
	if p.At.IsZero() {
		return Approved, nil
	}
	return Scheduled, nil
}

func (d *Decision) cancel(x Cancel, ev *Event) (State, error) {
	p := &d.Post
	var err error
	if ev.Text, err = optional(x.Reason, maxReason); err != nil {
		return "", err
	}
	if p.Has(Unsure) {
		return "", errs.New(errs.Conflict, "Пост мог уже выйти. Сначала проверьте страницу и отметьте в «Доставке», появился ли он.")
	}
	for i := range p.Targets {
		t := &p.Targets[i]
		switch t.State {
		case Leaving, Refused:
			d.Recall = true
			t.State = Dropped
		case Waiting:
			t.State = Dropped
		}
		if t.State == Dropped && len(t.Refs) > 0 {
			// A part of it stands there already; the rest will not follow.
			t.State = Out
		}
	}
	p.Question = ""
	return overall(*p), nil
}

// required trims what a person wrote and checks that something is left.
func required(s string, bound int, empty string) (string, error) {
	s, err := optional(s, bound)
	if err == nil && s == "" {
		err = errs.New(errs.Invalid, empty)
	}
	return s, err
}

func optional(s string, bound int) (string, error) {
	s = tidyText(s)
	if utf8.RuneCountInString(s) > bound {
		return "", errs.Newf(errs.TooLarge, "Слишком длинно: до %d знаков.", bound)
	}
	return s, nil
}
