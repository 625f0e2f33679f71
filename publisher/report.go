package publisher

import (
	"slices"
	"strconv"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// report carries out what is said about a post on its way: by the program, and
// by a person who gave it by hand.
func (d *Decision) report(cmd Command, f Facts, ev *Event) (State, error) {
	p := &d.Post
	switch x := cmd.(type) {
	case Release:
		if err := d.release(x, f); err != nil {
			return "", err
		}
		return overall(*p), nil
	case AskLate:
		p.Question = "Время публикации прошло, пока программа не могла её начать."
		return Check, nil
	case ByHand:
		return d.byHand(x, f, ev)
	case Sent:
		return d.sent(x, f, ev)
	case Found:
		return p.State, d.found(x)
	case NotSent:
		ev.PageID, ev.Text = x.PageID, x.Why
		return d.mark(x.PageID, Refused, x.Why)
	case Uncertain:
		ev.PageID, ev.Text = x.PageID, x.Why
		return d.mark(x.PageID, Unsure, x.Why)
	case Resent:
		ev.PageID = x.PageID
		return d.mark(x.PageID, Leaving, "")
	case Changed:
		ev.PageID, ev.Data["act"] = x.PageID, string(x.Act)
		return p.State, d.changed(x)
	case NotChanged:
		ev.PageID, ev.Text, ev.Data["act"] = x.PageID, x.Why, string(x.Act)
		t, err := d.target(x.PageID)
		if err == nil && t.State != Refused {
			t.Trouble = x.Why
		}
		return p.State, err
	case Vanished:
		ev.PageID = x.PageID
		return p.State, d.vanished(x, f)
	case Reappeared:
		ev.PageID = x.PageID
		return p.State, d.reappeared(x)
	}
	return "", errs.New(errs.Invalid, "Такого действия с постом нет.")
}

func (d *Decision) target(pageID string) (*Target, error) {
	i := slices.IndexFunc(d.Post.Targets, func(t Target) bool { return t.PageID == pageID })
	if i < 0 {
		return nil, errs.New(errs.Invalid, "На эту страницу пост не идёт. Обновите страницу.")
	}
	return &d.Post.Targets[i], nil
}

// release puts the first part for every page that is not held and that can take
// it into the ledger. What was not approved never gets here: the hash is
// compared once more.
func (d *Decision) release(x Release, f Facts) error {
	p := &d.Post
	if !p.Consented() {
		return errs.New(errs.Conflict, "Этот текст не согласован, поэтому не уходит.")
	}
	if p.At.IsZero() || f.Now.Before(p.At) {
		return errs.New(errs.Conflict, "Время этого поста ещё не пришло.")
	}
	for i := range p.Targets {
		t := &p.Targets[i]
		if t.State != Waiting || slices.Contains(x.Held, t.PageID) {
			continue
		}
		parts := Render(t.Network, p.Content)
		if len(parts) <= len(t.Refs) {
			t.State, t.Trouble = Refused, "Для этой сети в посте ничего нет."
			continue
		}
		// The page and its keys may have changed since the approval.
		if found := obstacles(t.PageID, *p, f, f.Now); len(found) > 0 {
			t.State, t.Trouble = Refused, found[0].Text
			continue
		}
		t.State = Leaving
		d.Send = append(d.Send, parcel(*t, parts, len(t.Refs)))
	}
	return nil
}

func parcel(t Target, parts []Part, number int) Parcel {
	act := ActPost
	if parts[number].Kind == Question {
		act = ActPoll
	}
	return Parcel{Act: act, PageID: t.PageID, Network: t.Network, Number: number, Part: parts[number]}
}

// sent takes one part as confirmed and sends the next one, in order.
func (d *Decision) sent(x Sent, f Facts, ev *Event) (State, error) {
	ev.PageID, ev.Data["link"], ev.Data["part"] = x.PageID, x.Link, strconv.Itoa(x.Part)
	t, err := d.target(x.PageID)
	if err != nil {
		return "", err
	}
	if t.State != Leaving && t.State != Unsure || x.Part != len(t.Refs) {
		return "", errs.New(errs.Conflict, "Эта часть поста уже отмечена.")
	}
	parts := Render(t.Network, d.Post.Content)
	d.takePart(t, parts, x, f)
	d.goOn(t, parts)
	return overall(d.Post), nil
}

func (d *Decision) mark(pageID string, s TargetState, why string) (State, error) {
	t, err := d.target(pageID)
	if err != nil {
		return "", err
	}
	if t.State == Out || t.State == Taken || t.State == Dropped || t.State == Waiting {
		return "", errs.New(errs.Conflict, "На этой странице пост уже не отправляется.")
	}
	t.State, t.Trouble = s, why
	return overall(d.Post), nil
}

// changeOut carries out what people do with a post that is out.
func (d *Decision) changeOut(cmd Command, by rights.Actor, f Facts, ev *Event) error {
	p := &d.Post
	switch x := cmd.(type) {
	case Amend:
		return d.amend(x, by, f)
	case ApproveAmend:
		return d.approveAmend(x, by, f)
	case DropAmend:
		if p.Amendment == nil {
			return errs.New(errs.Conflict, "Правки уже нет. Обновите страницу.")
		}
		p.Amendment = nil
	case Remove:
		var err error
		if ev.Text, err = required(x.Reason, maxReason, "Напишите, почему пост удаляют: это увидят коллеги."); err != nil {
			return err
		}
		ev.PageID = x.PageID
		return d.actOn(x.PageID, ActDelete, CanDelete, f)
	case Pin:
		ev.PageID = x.PageID
		act := ActUnpin
		if x.On {
			act = ActPin
		}
		ev.Data["act"] = string(act)
		return d.actOn(x.PageID, act, CanPin, f)
	}
	return nil
}

func (d *Decision) amend(x Amend, by rights.Actor, f Facts) error {
	p := &d.Post
	if !slices.ContainsFunc(p.Targets, Target.stands) {
		return errs.New(errs.Conflict, "Пост нигде не стоит. Измените сам пост.")
	}
	a := &Amendment{Content: x.Content.tidy(), WriterID: by.ID, WriterName: by.Name}
	if err := bounded(a.Content); err != nil {
		return err
	}
	if a.Hash(*p) == p.Hash() {
		return errs.New(errs.Invalid, "В правке ничего не изменилось.")
	}
	if len(a.Content.Media) != len(p.Content.Media) || (a.Content.Poll == nil) != (p.Content.Poll == nil) {
		return errs.New(errs.Invalid, "У опубликованного поста можно изменить текст; вложения и опрос остаются.")
	}
	a.Content.Media, a.Content.Poll = p.Content.Media, p.Content.Poll
	if err := p.bound(a.Content, p.PageIDs()); err != nil {
		return err
	}
	p.Amendment = a
	if !slices.Contains(p.Writers, by.ID) {
		p.Writers = append(p.Writers, by.ID)
	}
	return d.amendable(f)
}

// amendable is the pre-flight of an amendment: for the pages where the post
// stands, and for those where it is still to come out. A page that refused the
// post is looked at when the post is planned for it anew.
func (d *Decision) amendable(f Facts) error {
	p := d.Post.clone()
	before := p.Content
	p.Content, p.At = p.Amendment.Content, f.Now
	for _, t := range p.Targets {
		if !t.stands() {
			continue
		}
		page, ok := f.Page(t.PageID)
		if !ok || !page.Can(CanEdit) {
			return errs.Newf(errs.Invalid, "%s: изменить пост нельзя, нет нужного ключа. Добавьте ключ или измените пост в самой сети.", page.Title)
		}
		if !sameShape(Render(t.Network, before), Render(t.Network, p.Content)) {
			return errs.Newf(errs.Invalid, "%s: у поста, который вышел с текстом, текст нельзя убрать, а к вышедшему без него — добавить. Исправьте слова или опубликуйте новый пост.", page.Title)
		}
	}
	p.Targets = slices.DeleteFunc(p.Targets, func(t Target) bool { return !t.stands() && t.State != Waiting })
	return refusals(p, f)
}

// sameShape says that an edit can make the second of the first: a network edits
// messages and neither adds nor removes them.
func sameShape(before, after []Part) bool {
	return slices.EqualFunc(before, after, func(a, b Part) bool { return a.Kind == b.Kind && len(a.Attach) == len(b.Attach) })
}

func (d *Decision) approveAmend(x ApproveAmend, by rights.Actor, f Facts) error {
	p := &d.Post
	switch {
	case p.Amendment == nil:
		return errs.New(errs.Conflict, "Правки уже нет. Обновите страницу.")
	case p.Amendment.WriterID == by.ID || slices.Contains(p.Writers, by.ID) || p.AuthorID == by.ID:
		return errs.New(errs.Forbidden, "Вы писали этот пост, поэтому согласовать правку должен другой человек.")
	case x.Hash != p.Amendment.Hash(*p):
		return errs.New(errs.Conflict, "Пока вы читали, правка изменилась. Прочитайте её ещё раз.")
	case p.Has(Leaving):
		return errs.New(errs.Conflict, "Пост ещё уходит на одну из страниц. Подождите минуту и согласуйте правку снова.")
	case p.Has(Unsure):
		return errs.New(errs.Conflict, "Пост мог уже выйти ещё на одной странице. Сначала проверьте её и отметьте в «Доставке», появился ли он.")
	}
	if err := d.amendable(f); err != nil {
		return err
	}
	// What the ledger still holds for a page that refused the post is the old
	// text: it must not be sent again, the new one is planned for the page instead.
	d.Recall = p.Has(Refused)
	p.Content, p.Amendment = p.Amendment.Content, nil
	p.Approval = Approval{Hash: p.Hash(), ByID: by.ID, ByName: by.Name, At: f.Now}
	for _, t := range p.Targets {
		if part := Render(t.Network, p.Content); t.stands() && part[0].Kind != Question {
			d.Send = append(d.Send, Parcel{Act: ActEdit, PageID: t.PageID, Network: t.Network, Part: part[0], Refs: append(t.Refs[:1:1], t.Also...)})
		}
	}
	return nil
}

func (d *Decision) actOn(pageID string, act Act, need Ability, f Facts) error {
	t, err := d.target(pageID)
	if err != nil {
		return err
	}
	if t.State != Out || !t.stands() {
		return errs.New(errs.Conflict, "На этой странице пост не стоит или вышел без участия программы: сделайте это в самой сети.")
	}
	page, ok := f.Page(pageID)
	if !ok || !page.Can(need) {
		return errs.Newf(errs.Invalid, "%s: нет ключа, который это позволяет. Добавьте ключ или сделайте это в самой сети.", page.Title)
	}
	t.Trouble = ""
	refs := t.Refs[:1:1]
	if act == ActDelete {
		refs = slices.DeleteFunc(append(slices.Clone(t.Refs), t.Also...), social.Ref.IsZero)
	}
	d.Send = append(d.Send, Parcel{Act: act, PageID: pageID, Network: t.Network, Refs: refs})
	return nil
}

func (d *Decision) changed(x Changed) error {
	t, err := d.target(x.PageID)
	if err != nil {
		return err
	}
	if !t.stands() && t.State != Out {
		return errs.New(errs.Conflict, "На этой странице поста уже нет.")
	}
	if t.State == Out {
		t.Trouble = ""
	}
	switch x.Act {
	case ActDelete:
		t.State, t.Pinned = Taken, false
	case ActPin, ActUnpin:
		t.Pinned = x.Act == ActPin
	}
	return nil
}
