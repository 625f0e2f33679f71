package vk

import (
	"context"
	"encoding/json"

	"otklik/collectors"
	"otklik/internal/social"
)

var (
	_ collectors.Rereader = (*History)(nil)
	_ collectors.Rereader = (*Search)(nil)
)

// Reader implements collectors.Rereader.
func (h *History) Reader() int { return readerVersion }

// Reread implements collectors.Rereader for what a listing showed.
func (h *History) Reread(ctx context.Context, _ collectors.Cursor, list []collectors.KeptUpdate) ([]collectors.KeptUpdate, error) {
	return rereadListed(ctx, list, h.opt.Names, h.mapper)
}

// Reader implements collectors.Rereader.
func (s *Search) Reader() int { return readerVersion }

// Reread implements collectors.Rereader for what a search found.
func (s *Search) Reread(ctx context.Context, _ collectors.Cursor, list []collectors.KeptUpdate) ([]collectors.KeptUpdate, error) {
	return rereadListed(ctx, list, s.opt.Names, s.mapper)
}

// rereadListed reads posts and comments anew that were kept from a list.
func rereadListed(ctx context.Context, list []collectors.KeptUpdate, known *Names, m mapper) ([]collectors.KeptUpdate, error) {
	out := make([]collectors.KeptUpdate, len(list))
	for i, kept := range list {
		u := kept.Update
		u.Reader = readerVersion
		if item, ok := listedItem(ctx, kept.Raw, known, m); ok {
			u.Broken = ""
			u.Changes = []collectors.Change{{Op: collectors.Listed, Item: item, AskedAt: kept.ReceivedAt}}
		}
		out[i] = collectors.KeptUpdate{Update: u, ReceivedAt: kept.ReceivedAt}
	}
	return out, ctx.Err()
}

// listedItem reads a post, which tells its type, or a comment, which tells the
// post under which it stands.
func listedItem(ctx context.Context, raw []byte, known *Names, m mapper) (social.Item, bool) {
	var p post
	if json.Unmarshal(raw, &p) == nil && p.Type != "" && p.Type != "reply" {
		if p.ID <= 0 || p.OwnerID == 0 || bool(p.Deleted) || p.Type == "suggest" || p.Type == "postpone" {
			return social.Item{}, false
		}
		return m.post(p, known.of(ctx, []int{p.FromID})), true
	}
	var c comment
	if json.Unmarshal(raw, &c) != nil || c.ID <= 0 || c.PostID <= 0 || c.owner() == 0 || bool(c.Deleted) {
		return social.Item{}, false
	}
	return m.comment(c, known.of(ctx, []int{c.FromID})), true
}
