package vk

import (
	"context"
	"errors"
	"strings"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// Edit gives a post its new content. What the revision does not name is gone
// afterwards. Repeating it is harmless.
func (p *Publisher) Edit(ctx context.Context, r delivery.Revision) error {
	post, f := p.post(r.Refs)
	if f != nil {
		return f
	}
	attached, f := p.content(r.Text, r.Media, r.Poll)
	if f != nil {
		return f
	}
	params := map[string]any{"owner_id": p.owner(), "post_id": post, "message": r.Text, "attachments": strings.Join(attached, ",")}
	if r.NoComments { // else they stay as people have left them in the network
		params["close_comments"] = 1
	}
	f = settled(p.do(ctx, EditPost, "wall.edit", params, nil))
	if f != nil && (f.Code == "vk.15" || f.Code == "vk.100") {
		f.Message = "ВКонтакте не дала исправить запись: она удалена, её вложение недоступно или срок правки истёк; откройте её и проверьте."
	}
	return asError(f)
}

// Delete takes a post off the wall. A post that is not there any more is done.
func (p *Publisher) Delete(ctx context.Context, refs []social.Ref) error {
	post, f := p.post(refs)
	if f != nil {
		return f
	}
	f = settled(p.do(ctx, DeletePost, "wall.delete", map[string]any{"owner_id": p.owner(), "post_id": post}, nil))
	if f == nil || f.Outcome != delivery.Refused || f.Code == "vk.key" {
		return asError(f)
	}
	// The network refuses alike what is gone and what may not be deleted.
	left, err := p.Count(ctx, refs[:1])
	var unseen *delivery.Failure
	switch {
	case err == nil && len(left) == 0:
		return nil
	case errors.As(err, &unseen) && unseen.Outcome == delivery.NotSent:
		return unseen // whether it is gone is asked again
	}
	return f
}

// Pin puts a post on top of the wall, in place of the one that was there.
func (p *Publisher) Pin(ctx context.Context, refs []social.Ref) error {
	return p.pin(ctx, "wall.pin", refs)
}

// Unpin lets a post go back to its place.
func (p *Publisher) Unpin(ctx context.Context, refs []social.Ref) error {
	return p.pin(ctx, "wall.unpin", refs)
}

func (p *Publisher) pin(ctx context.Context, method string, refs []social.Ref) error {
	post, f := p.post(refs)
	if f != nil {
		return f
	}
	f = settled(p.do(ctx, PinPost, method, map[string]any{"owner_id": p.owner(), "post_id": post}, nil))
	if f != nil && f.Code == "vk.15" {
		f.Message = "ВКонтакте не дала закрепить или открепить запись: она удалена, или владелец ключа не управляет сообществом; проверьте запись и ключ."
	}
	return asError(f)
}

// post is the number of the post that refs name.
func (p *Publisher) post(refs []social.Ref) (int, *delivery.Failure) {
	if len(refs) == 0 {
		return 0, refusal("vk.ref", "Запись ещё не опубликована во ВКонтакте.")
	}
	owner, id, comment, ok := ParseRef(refs[0])
	if !ok || comment || owner != p.owner() {
		return 0, refusal("vk.ref", "Запись стоит не на стене этого сообщества.")
	}
	return id, nil
}
