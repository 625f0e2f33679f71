package publisher

import (
	"slices"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/social"
)

// byHand takes the part that has stopped as standing under a person's link.
func (d *Decision) byHand(x ByHand, f Facts, ev *Event) (State, error) {
	t, err := d.target(x.PageID)
	if err != nil {
		return "", err
	}
	if part, ok := t.lost(); ok {
		return d.Post.State, d.locate(t, part, x, f, ev)
	}
	if t.State != Refused && t.State != Unsure && !(t.State == Waiting && d.Post.Question != "") {
		return "", errs.New(errs.Conflict, "На этой странице с постом всё ясно. Обновите страницу.")
	}
	parts := Render(t.Network, d.Post.Content)
	links := []string{x.Link}
	if strings.TrimSpace(x.Rest) != "" {
		if len(t.Refs)+1 >= len(parts) {
			return "", errs.New(errs.Invalid, "Продолжения у этого поста нет: вставьте одну ссылку.")
		}
		links = append(links, x.Rest)
	}
	page, _ := f.Page(x.PageID)
	page.Network = t.Network
	for i, link := range links {
		at, err := page.Find(link)
		if err != nil {
			return "", err
		}
		if !at.Ref.IsZero() && slices.Contains(t.Refs, at.Ref) {
			return "", errs.New(errs.Invalid, "Это ссылка на другую часть того же поста. Вставьте ссылку на ту, которой не хватает.")
		}
		at.Part = len(t.Refs)
		if i == 0 {
			d.Settled = map[string]Standing{x.PageID: at}
			ev.PageID, ev.Data["link"] = x.PageID, at.Link
		}
		d.takePart(t, parts, Sent{PageID: x.PageID, Part: at.Part, Ref: at.Ref, Link: at.Link}, f)
	}
	d.goOn(t, parts)
	if !d.Post.Has(Waiting) {
		d.Post.Question = ""
	}
	return overall(d.Post), nil
}

// lost is the first part of a post that stands on a page and of which nobody
// knows where: a person has said so, and no collector has seen it.
func (t Target) lost() (part int, ok bool) {
	if t.State != Out {
		return 0, false
	}
	if len(t.Refs) == 0 {
		return 0, true
	}
	part = slices.IndexFunc(t.Refs, social.Ref.IsZero)
	return part, part >= 0
}

// Lost says that a person's link is wanted to what stands on the page: without
// it the post can be neither counted nor changed.
func (t Target) Lost() bool {
	_, ok := t.lost()
	return ok
}

// locate takes a person's link to a part that stands on the page.
func (d *Decision) locate(t *Target, part int, x ByHand, f Facts, ev *Event) error {
	page, _ := f.Page(x.PageID)
	page.Network = t.Network
	at, err := page.Find(x.Link)
	if err != nil {
		return err
	}
	if at.Ref.IsZero() {
		return errs.New(errs.Invalid, "Telegram ещё не сообщил программе номер канала. Повторите, когда источник подключится.")
	}
	at.Part = part
	d.Settled = map[string]Standing{x.PageID: at}
	ev.PageID, ev.Data["link"] = x.PageID, at.Link
	if part == 0 {
		t.Link = at.Link
	}
	if len(t.Refs) == 0 {
		t.Refs = []social.Ref{{}}
	}
	return d.found(Found{PageID: x.PageID, Part: part, Ref: at.Ref, Link: at.Link})
}

// takePart writes down that the next part of a target stands.
func (d *Decision) takePart(t *Target, parts []Part, x Sent, f Facts) {
	t.Refs = append(slices.Clone(t.Refs), x.Ref)
	t.Also = append(slices.Clone(t.Also), x.Also...)
	t.Trouble = ""
	if x.Part == 0 {
		t.Link, t.OutAt = x.Link, f.Now
	}
	if x.Part < len(parts) && parts[x.Part].Poll != nil {
		d.Opened = &Place{PageID: t.PageID, Network: t.Network, Ref: x.Ref, RemoteID: x.PollID, Link: x.Link}
	}
}

// goOn sends the next part of a target, or takes it as out.
func (d *Decision) goOn(t *Target, parts []Part) {
	t.State = Out
	if !t.VanishedAt.IsZero() {
		t.State = Taken // deleted in the network while its last part was leaving
	}
	if len(t.Refs) < len(parts) {
		t.State = Leaving
		d.Send = append(d.Send, parcel(*t, parts, len(t.Refs)))
	}
}

// found adds what was learned of a part that stands. Errors: Conflict when
// there is nothing to add.
func (d *Decision) found(x Found) error {
	t, err := d.target(x.PageID)
	if err != nil {
		return err
	}
	if x.Part < 0 || x.Part >= len(t.Refs) {
		return errs.New(errs.Conflict, "Эта часть поста ещё не отмечена.")
	}
	news := false
	if t.Refs[x.Part].IsZero() && !x.Ref.IsZero() {
		t.Refs, news = slices.Clone(t.Refs), true
		t.Refs[x.Part] = x.Ref
	}
	if x.Part == 0 && t.Link == "" && x.Link != "" {
		t.Link, news = x.Link, true
	}
	for _, ref := range x.Also {
		if x.Part == 0 && !slices.Contains(t.Refs, ref) && !slices.Contains(t.Also, ref) {
			t.Also, news = append(slices.Clone(t.Also), ref), true
		}
	}
	slices.SortStableFunc(t.Also, social.Ref.Compare)
	parts := Render(t.Network, d.Post.Content)
	if x.Part < len(parts) && parts[x.Part].Poll != nil && (news || x.PollID != "") {
		d.Opened, news = &Place{PageID: t.PageID, Network: t.Network, Ref: t.Refs[x.Part], RemoteID: x.PollID, Link: x.Link}, true
	}
	if !news {
		return errs.New(errs.Conflict, "Об этой части поста всё известно.")
	}
	return nil
}
