package app

import (
	"context"

	"otklik/collectors"
)

// The wrappers of sources pass on what the source itself can read anew.

// Reader implements collectors.Rereader.
func (c *checked) Reader() int {
	if r, ok := c.Source.(collectors.Rereader); ok {
		return r.Reader()
	}
	return 0
}

// Reread implements collectors.Rereader.
func (c *checked) Reread(ctx context.Context, at collectors.Cursor, list []collectors.KeptUpdate) ([]collectors.KeptUpdate, error) {
	if r, ok := c.Source.(collectors.Rereader); ok {
		return r.Reread(ctx, at, list)
	}
	return list, nil
}

// Reader implements collectors.Rereader; it is asked after the first Fetch.
func (l *late) Reader() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.source.Reader()
}

// Reread implements collectors.Rereader.
func (l *late) Reread(ctx context.Context, at collectors.Cursor, list []collectors.KeptUpdate) ([]collectors.KeptUpdate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.source.Reread(ctx, at, list)
}

// Reader implements collectors.Rereader; it is asked after the first Fetch.
func (h *webhook) Reader() int { return h.source.Reader() }

// Reread implements collectors.Rereader.
func (h *webhook) Reread(ctx context.Context, at collectors.Cursor, list []collectors.KeptUpdate) ([]collectors.KeptUpdate, error) {
	return h.source.Reread(ctx, at, list)
}
