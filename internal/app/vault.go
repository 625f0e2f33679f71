package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/sources"
	"otklik/internal/vault"
)

// keyFileName is the file of master keys in the data folder, where the
// configuration names no other.
const keyFileName = "keys"

// openVault finds the master keys. A ring is made only for a database in which
// nothing is sealed yet: beside another node's keys it would split the base.
func (a *App) openVault(ctx context.Context) error {
	salt, err := a.store.Salt(ctx, a.now())
	if err != nil {
		return err
	}
	used, err := a.store.MasterIDs(ctx)
	if err != nil {
		return err
	}
	if a.vault, err = a.findRing(used); err != nil {
		return err
	}
	a.sealer = sources.Sealer{Locks: a.vault, Salt: salt}
	if gone := lacking(a.vault.Ring(), used); len(gone) > 0 {
		a.log.Error("master keys are missing: the keys of pages sealed under them cannot be read here", "missing", strings.Join(gone, ", "), "at_hand", a.vault.Ring())
	}
	return nil
}

func (a *App) findRing(used map[string]int) (*vault.Vault, error) {
	if !a.cfg.MasterKeys.IsZero() {
		if a.cfg.KeyFile != "" {
			return nil, errs.New(errs.Invalid, "Ключи шифрования указаны дважды: файлом и в OTKLIK_KEY. Оставьте что-то одно.")
		}
		ring, err := vault.Parse(a.cfg.MasterKeys.Reveal())
		if err != nil {
			return nil, errs.Wrap(errs.Invalid, "OTKLIK_KEY. "+errs.MessageOf(err), err)
		}
		return vault.Fixed(ring), nil
	}
	path := a.cfg.KeyFilePath()
	_, err := os.Stat(path)
	if a.cfg.KeyFile == "" && errors.Is(err, os.ErrNotExist) {
		if len(used) > 0 {
			return nil, errs.Newf(errs.Invalid, "Ключи страниц в базе зашифрованы ключом «%s», а файла ключей шифрования %s на этой машине нет. Скопируйте его с той машины, где он есть, или укажите путь в --key-file. Если он потерян, сделайте новый: otklik vault rotate --key-file %s, — и впишите ключи страниц заново.",
				strings.Join(lacking(&vault.Ring{}, used), "», «"), path, path)
		}
		if _, err := vault.Rotate(path, a.now()); err != nil {
			return nil, err
		}
		a.log.Warn("a file of master keys was made: keep a copy of it, apart from the backups of the database", "file", path)
	}
	return vault.OpenFile(path)
}

// KeyFilePath is where the master keys stand if they come from a file.
func (c *Config) KeyFilePath() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	return filepath.Join(c.Data, keyFileName)
}

// lacking are the master keys that the base needs and the ring has not.
func lacking(ring *vault.Ring, used map[string]int) []string {
	var out []string
	for id := range used {
		if !ring.Has(id) {
			out = append(out, id)
		}
	}
	return out
}

const (
	// vaultTick is how soon a changed file of master keys is noticed.
	vaultTick = 2 * time.Second
	// resealTick is how often keys are looked for that another node has sealed
	// under a former master key.
	resealTick = 10 * time.Minute
)

// keepVault follows the file of master keys and moves all keys of pages under
// the current one, while everything goes on.
func (a *App) keepVault(ctx context.Context) {
	var next time.Time
	broken := false
	for {
		changed, err := a.vault.Refresh()
		if err != nil && !broken {
			a.log.Error("the file of master keys is not read, the former keys stay in use", "err", err)
		}
		broken = err != nil
		if changed {
			a.log.Warn("the file of master keys has changed", "keys", a.vault.Ring())
			a.registry.Ring()
		}
		if now := a.now(); changed || !now.Before(next) {
			if err := a.reseal(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("keys of pages are not all under the current master key yet", "err", err)
			}
			next = now.Add(resealTick)
		}
		if a.tick(ctx, vaultTick) != nil {
			return
		}
	}
}

// reseal moves every key of a page that is sealed under a former master key.
// What another process changes meanwhile is left to the next time.
func (a *App) reseal(ctx context.Context) error {
	list, err := a.store.Registry(ctx)
	if err != nil {
		return err
	}
	moved := 0
	for _, s := range list {
		for _, k := range s.Keys {
			sealed, needed, err := a.sealer.Rewrap(s.ID, k)
			if err != nil || !needed {
				continue // what does not open is told on the page of the source
			}
			if err := a.store.Reseal(ctx, s.ID, k, a.now(), sealed.Text, sealed.MasterID); err != nil {
				return err
			}
			moved++
		}
	}
	if moved > 0 {
		a.log.Warn("keys of pages were sealed anew", "keys", moved, "master_key", a.vault.Ring().Current())
	}
	return nil
}

// tick waits, and returns an error when ctx has ended.
func (a *App) tick(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
