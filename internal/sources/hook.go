package sources

import (
	"context"
	"crypto/rand"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Webhook returns where Telegram would send the updates of a source.
// Errors: Invalid with the reason why it could not.
func (d *Desk) Webhook(sourceID string) (string, error) { return d.Hook(sourceID) }

// TurnOnWebhook makes Telegram send the updates of a channel itself, with a word
// that nobody but the program and Telegram knows. Errors: Invalid with the
// reason why that is not possible, Conflict for a page of the file of settings.
func (d *Desk) TurnOnWebhook(ctx context.Context, by rights.Actor, id string) error {
	s, err := d.mine(ctx, by, id)
	if err != nil {
		return err
	}
	if s.Kind != TelegramChannel {
		return errs.New(errs.Invalid, "Вебхук бывает только у канала Telegram с ботом.")
	}
	if _, err := d.Hook(id); err != nil {
		return err
	}
	k, err := d.Sealer.Seal(id, WebhookSecret, rand.Text())
	if err != nil {
		return err
	}
	k.SetBy, k.SetByName, k.SetAt = by.ID, by.Name, d.Now()
	return d.change(ctx, by, id, "webhook turned on", func(s *Source) error {
		if err := owned(*s); err != nil {
			return err
		}
		s.Keys = append(without(s.Keys, WebhookSecret), k)
		return nil
	})
}

// TurnOffWebhook makes the program ask Telegram for the updates of a channel.
// Errors: Conflict for a page of the file of settings.
func (d *Desk) TurnOffWebhook(ctx context.Context, by rights.Actor, id string) error {
	if _, err := d.mine(ctx, by, id); err != nil {
		return err
	}
	return d.change(ctx, by, id, "webhook turned off", func(s *Source) error {
		if err := owned(*s); err != nil {
			return err
		}
		s.Keys = without(s.Keys, WebhookSecret)
		return nil
	})
}
