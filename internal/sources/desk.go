package sources

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Book is where the registry is kept.
type Book interface {
	Registry(ctx context.Context) ([]Source, error)
	RegisteredSource(ctx context.Context, id string) (Source, error)
	Connect(ctx context.Context, x Source, now time.Time, seal func(id string) ([]Key, error)) (Source, error)
	ChangeSource(ctx context.Context, id string, now time.Time, decide func(*Source) error) error
}

// Desk is where an administrator connects pages and looks after their keys.
// Every command checks the right to do it.
type Desk struct {
	Book   Book
	Check  Checker
	Sealer Sealer
	// Hook returns where Telegram would send the updates of a source.
	// Errors: Invalid with the reason why it could not.
	Hook func(sourceID string) (address string, err error)
	// Shelf asks Telegram whether a chat can hold the files of a channel.
	// Errors: Invalid with what hinders it, Unavailable.
	Shelf func(ctx context.Context, c Candidate, chat string) (Shelf, error)
	Now   func() time.Time
	Log   *slog.Logger
	// Changed is called after the registry was changed, to wake who follows it.
	Changed func()

	mu    sync.Mutex
	asked map[string][]time.Time // when each person had keys checked, of the last minute
}

// checksPerMinute is how many checks one person may ask for: each makes up to a
// dozen calls to a network, which counts wrong keys against the address.
const checksPerMinute = 10

func (d *Desk) allow(by rights.Actor) error {
	if !by.Can(rights.ManageSources) {
		return errs.New(errs.Forbidden, "Подключать страницы и менять ключи может только администратор.")
	}
	return nil
}

// spend counts a check. Errors: RateLimited.
func (d *Desk) spend(by rights.Actor) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked == nil {
		d.asked = map[string][]time.Time{}
	}
	now := d.Now()
	var recent []time.Time
	for _, t := range d.asked[by.ID] {
		if now.Sub(t) < time.Minute {
			recent = append(recent, t)
		}
	}
	if len(recent) >= checksPerMinute {
		return errs.New(errs.RateLimited, "Проверок слишком много: сети считают частые неверные ключи подбором. Подождите минуту и попробуйте ещё раз.")
	}
	d.asked[by.ID] = append(recent, now)
	return nil
}

// View returns a source with what is known of its keys. Errors: NotFound.
func (d *Desk) View(ctx context.Context, id string) (Source, error) {
	return d.Book.RegisteredSource(ctx, id)
}

// Readable says whether a key opens on this machine.
func (d *Desk) Readable(sourceID string, k Key) bool {
	_, err := d.Sealer.Open(sourceID, k)
	return err == nil
}

// mine returns a source that the pages may change. Errors: Conflict for one that
// the file of settings owns.
func (d *Desk) mine(ctx context.Context, by rights.Actor, id string) (Source, error) {
	if err := d.allow(by); err != nil {
		return Source{}, err
	}
	s, err := d.Book.RegisteredSource(ctx, id)
	if err == nil {
		err = owned(s)
	}
	return s, err
}

func owned(s Source) error {
	if s.Origin == FromFile {
		return errs.New(errs.Conflict, "Эта страница и её ключи записаны в файле настроек. Измените их там и перезапустите программу.")
	}
	return nil
}

// ReplaceKey checks a key against the network and puts it in the place of the
// former one, or beside the others. Nothing changes unless the network takes it.
// Errors: Invalid with what is wrong with the key, Conflict, RateLimited,
// Unavailable when the network does not answer.
func (d *Desk) ReplaceKey(ctx context.Context, by rights.Actor, id string, kind KeyKind, secret string, expires time.Time) error {
	s, err := d.mine(ctx, by, id)
	if err != nil {
		return err
	}
	if secret = strings.TrimSpace(secret); secret == "" {
		return errs.New(errs.Invalid, "Вставьте ключ в поле.")
	}
	if !slices.Contains(s.Kind.Typed(), kind) {
		return errs.New(errs.Invalid, "У такой страницы такого ключа не бывает.")
	}
	if err := d.checkExpiry(expires); err != nil {
		return err
	}
	if err := d.spend(by); err != nil {
		return err
	}
	found, err := d.ask(ctx, s, kind, secret)
	if err != nil {
		return err
	}
	if why := found.Keys[kind].Trouble; why != "" {
		return errs.New(errs.Invalid, why)
	}
	k, err := d.Sealer.Seal(id, kind, secret)
	if err != nil {
		return err
	}
	now := d.Now()
	k.SetBy, k.SetByName, k.SetAt, k.ExpiresAt, k.CheckedAt, k.Abilities = by.ID, by.Name, now, expires, now, found.Keys[kind].Abilities
	return d.change(ctx, by, id, "key replaced", func(s *Source) error {
		s.Keys = append(without(s.Keys, kind), k)
		d.learn(s, found)
		return nil
	})
}

// CheckAgain asks the network anew what the keys of a source can do.
// Errors: RateLimited, Unavailable.
func (d *Desk) CheckAgain(ctx context.Context, by rights.Actor, id string) error {
	if err := d.allow(by); err != nil {
		return err
	}
	s, err := d.Book.RegisteredSource(ctx, id)
	if err != nil {
		return err
	}
	if err := d.spend(by); err != nil {
		return err
	}
	found, err := d.ask(ctx, s, "", "")
	if err != nil {
		return err
	}
	return d.change(ctx, by, id, "keys checked", func(now *Source) error {
		d.learn(now, found)
		return nil
	})
}

// ask checks a source with its keys, one of them replaced by another. A key that
// does not open here is left out; the one that is put in its place matters.
func (d *Desk) ask(ctx context.Context, s Source, kind KeyKind, secret string) (Found, error) {
	c, err := d.candidate(s, kind, secret)
	if err != nil {
		return Found{}, err
	}
	return d.Check.Check(ctx, c)
}

func (d *Desk) candidate(s Source, kind KeyKind, secret string) (Candidate, error) {
	c := Candidate{Kind: s.Kind, ExternalID: s.ExternalID, Settings: s.Settings, Secrets: map[KeyKind]string{}}
	for _, k := range s.Keys {
		opened, err := d.Sealer.Open(s.ID, k)
		if err != nil && kind == "" {
			return c, err
		}
		c.Secrets[k.Kind] = opened
	}
	if kind != "" {
		c.Secrets[kind] = secret
	}
	return c, nil
}

// learn writes what the network said to the keys that it was said of.
func (d *Desk) learn(s *Source, f Found) {
	if len(f.Abilities) > 0 {
		s.Abilities = f.Abilities
	}
	for i, k := range s.Keys {
		if said, ok := f.Keys[k.Kind]; ok {
			s.Keys[i].Abilities, s.Keys[i].Trouble, s.Keys[i].CheckedAt = said.Abilities, said.Trouble, d.Now()
		}
	}
}

// RemoveKey takes a key away that the source can do without.
// Errors: Invalid for one that it cannot.
func (d *Desk) RemoveKey(ctx context.Context, by rights.Actor, id string, kind KeyKind) error {
	s, err := d.mine(ctx, by, id)
	if err != nil {
		return err
	}
	if s.Kind.Needs(kind) {
		return errs.New(errs.Invalid, "Без этого ключа страница не работает. Замените его или отключите страницу.")
	}
	return d.change(ctx, by, id, "key removed", func(s *Source) error {
		removed, _ := s.Key(kind)
		s.Keys = without(s.Keys, kind)
		s.forgo(removed)
		return nil
	})
}

// forgo notes what a source cannot do any more without a key.
func (s *Source) forgo(k Key) {
	can := func(list []collectors.Ability, kind collectors.AbilityKind) bool {
		return slices.ContainsFunc(list, func(a collectors.Ability) bool { return a.Kind == kind && a.Can })
	}
	s.Abilities = slices.Clone(s.Abilities)
	for i, a := range s.Abilities {
		others := slices.ContainsFunc(s.Keys, func(other Key) bool { return can(other.Abilities, a.Kind) })
		if a.Can && can(k.Abilities, a.Kind) && !others {
			s.Abilities[i].Can, s.Abilities[i].Why = false, "Ключ, который это позволял, убран."
		}
	}
}

// SetExpiry notes until when a key is good, as its owner was told; the zero time
// takes the note away. Errors: Invalid for a time that is over, NotFound.
func (d *Desk) SetExpiry(ctx context.Context, by rights.Actor, id string, kind KeyKind, expires time.Time) error {
	if _, err := d.mine(ctx, by, id); err != nil {
		return err
	}
	if err := d.checkExpiry(expires); err != nil {
		return err
	}
	return d.change(ctx, by, id, "key's expiry noted", func(s *Source) error {
		for i, k := range s.Keys {
			if k.Kind == kind {
				s.Keys[i].ExpiresAt = expires
				return nil
			}
		}
		return errs.New(errs.NotFound, "Такого ключа у страницы уже нет. Обновите её.")
	})
}

func (d *Desk) checkExpiry(t time.Time) error {
	if !t.IsZero() && !t.After(d.Now()) {
		return errs.New(errs.Invalid, "Этот срок уже прошёл. Укажите день в будущем или оставьте поле пустым.")
	}
	return nil
}

// Pause stops reading a source and holds what would be sent in its name, until
// it is resumed. A page of the file of settings can be paused too.
func (d *Desk) Pause(ctx context.Context, by rights.Actor, id string) error {
	return d.hold(ctx, by, id, true)
}

// Resume goes on where Pause stopped.
func (d *Desk) Resume(ctx context.Context, by rights.Actor, id string) error {
	return d.hold(ctx, by, id, false)
}

func (d *Desk) hold(ctx context.Context, by rights.Actor, id string, on bool) error {
	if err := d.allow(by); err != nil {
		return err
	}
	what := "source resumed"
	if on {
		what = "source paused"
	}
	return d.change(ctx, by, id, what, func(s *Source) error {
		s.Paused = on
		return nil
	})
}

// Remove ends the work with a source and forgets its keys. What was collected
// stays, and connecting it again goes on with it.
func (d *Desk) Remove(ctx context.Context, by rights.Actor, id string) error {
	if _, err := d.mine(ctx, by, id); err != nil {
		return err
	}
	return d.change(ctx, by, id, "source removed", func(s *Source) error {
		if err := owned(*s); err != nil {
			return err
		}
		s.Removed = true
		return nil
	})
}

func (d *Desk) change(ctx context.Context, by rights.Actor, id, what string, decide func(*Source) error) error {
	if err := d.Book.ChangeSource(ctx, id, d.Now(), decide); err != nil {
		return err
	}
	d.Log.InfoContext(ctx, what, "source", id, "person", by.ID)
	d.Changed()
	return nil
}

func without(keys []Key, kind KeyKind) []Key {
	var out []Key
	for _, k := range keys {
		if k.Kind != kind {
			out = append(out, k)
		}
	}
	return out
}
