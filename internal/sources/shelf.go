package sources

import (
	"context"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Shelf is a closed chat of Telegram that nobody reads: files are put there
// before their post, so that each is uploaded once, and the results of polls are
// read through it. The zero value is none.
type Shelf struct {
	ID    int64  `json:"id"`
	Title string `json:"title,omitempty"`
}

// SetShelf makes a chat the shelf of a channel, once Telegram has said that its
// bot can write there; no chat takes the shelf away.
// Errors: Invalid with what hinders it, Conflict, RateLimited, Unavailable.
func (d *Desk) SetShelf(ctx context.Context, by rights.Actor, id, chat string) error {
	s, err := d.mine(ctx, by, id)
	if err != nil {
		return err
	}
	if s.Kind != TelegramChannel {
		return errs.New(errs.Invalid, "Чат для файлов бывает только у канала Telegram.")
	}
	var shelf Shelf
	if chat = strings.TrimSpace(chat); chat != "" {
		if err := d.spend(by); err != nil {
			return err
		}
		c, err := d.candidate(s, "", "")
		if err != nil {
			return err
		}
		if shelf, err = d.Shelf(ctx, c, chat); err != nil {
			return err
		}
	}
	return d.change(ctx, by, id, "shelf set", func(s *Source) error {
		s.Settings.Shelf = shelf
		return nil
	})
}
