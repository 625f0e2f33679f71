package sources

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/vault"
)

// Draft is a page that somebody is about to connect.
type Draft struct {
	Kind    Kind
	Address string
	Title   string // the person's own, may be empty
	Secrets map[KeyKind]string
	Expires map[KeyKind]time.Time
	// Kept is what an earlier check of the same draft returned: the keys that
	// were good then need not be typed again.
	Kept string
}

// Checked is a draft after the network was asked.
type Checked struct {
	Found Found
	// Ready says that nothing hinders connecting it.
	Ready bool
	// Kept holds the draft between two steps, sealed for the person who made it,
	// so that no key ever travels back to a browser and nothing half-made stands
	// in the database.
	Kept string
	// Holds are the keys that Kept holds, which need not be typed again.
	Holds map[KeyKind]bool
}

// kept is what is sealed into Checked.Kept.
type kept struct {
	Kind    Kind
	Address string
	Title   string
	Secrets map[KeyKind]string
	Expires map[KeyKind]time.Time
	Found   Found
	Ready   bool
	At      time.Time
}

// draftLife is how long a checked draft may wait for its last step.
const draftLife = 30 * time.Minute

func draftOf(by rights.Actor) string { return "draft of " + by.ID }

// CheckDraft asks the network about a page and its keys, and changes nothing.
// With an error too it returns the draft sealed, so that what was typed is not
// lost when the network does not answer. Errors: Invalid with what is missing,
// Conflict when it cannot stand beside the pages that are connected,
// RateLimited, Unavailable.
func (d *Desk) CheckDraft(ctx context.Context, by rights.Actor, x Draft) (Checked, error) {
	if err := d.allow(by); err != nil {
		return Checked{}, err
	}
	next := kept{Kind: x.Kind, Address: strings.TrimSpace(x.Address), Title: strings.TrimSpace(x.Title), Secrets: map[KeyKind]string{}, Expires: x.Expires, At: d.Now()}
	was, err := d.open(by, x.Kept)
	if x.Kept != "" && err != nil {
		return Checked{}, err
	}
	for _, kind := range x.Kind.Typed() {
		secret := strings.TrimSpace(x.Secrets[kind])
		if secret == "" && was.Kind == x.Kind {
			secret = was.Secrets[kind]
		}
		if secret != "" {
			next.Secrets[kind] = secret
		}
	}
	if err := d.complete(next); err != nil {
		return d.keep(by, next, err)
	}
	if err := d.spend(by); err != nil {
		return d.keep(by, next, err)
	}
	found, err := d.Check.Check(ctx, Candidate{Kind: next.Kind, Address: next.Address, Secrets: next.Secrets})
	if err != nil {
		return d.keep(by, next, err)
	}
	next.Found, next.Ready = found, true
	for kind, f := range found.Keys {
		if f.Trouble != "" {
			next.Ready = false
			delete(next.Secrets, kind)
		}
	}
	if next.Ready {
		err = d.clash(ctx, next)
		next.Ready = err == nil
	}
	return d.keep(by, next, err)
}

// keep seals a draft until its next step.
func (d *Desk) keep(by rights.Actor, x kept, err error) (Checked, error) {
	token, sealErr := d.seal(by, x)
	if sealErr != nil {
		return Checked{}, sealErr
	}
	out := Checked{Found: x.Found, Ready: x.Ready, Kept: token, Holds: map[KeyKind]bool{}}
	for kind := range x.Secrets {
		out.Holds[kind] = true
	}
	return out, err
}

// complete says what of a draft is missing.
func (d *Desk) complete(x kept) error {
	if x.Address == "" {
		return errs.New(errs.Invalid, noAddress(x.Kind))
	}
	for _, kind := range x.Kind.Typed() {
		if x.Kind.Needs(kind) && x.Secrets[kind] == "" {
			return errs.New(errs.Invalid, "Вставьте первый ключ: без него страница не работает.")
		}
	}
	for _, t := range x.Expires {
		if err := d.checkExpiry(t); err != nil {
			return err
		}
	}
	return nil
}

// noAddress asks for what a source of the kind is found by.
func noAddress(k Kind) string {
	switch k {
	case VKWall:
		return "Укажите адрес страницы, стену которой читать."
	case VKSearch:
		return "Напишите, что искать."
	case TelegramPreview:
		return "Укажите имя канала: оно стоит в его адресе после t.me/."
	}
	return "Укажите адрес страницы: по нему программа проверит, что ключи от неё."
}

func (d *Desk) clash(ctx context.Context, x kept) error {
	connected, err := d.Book.Registry(ctx)
	if err != nil {
		return err
	}
	s := x.source()
	for kind, secret := range x.Secrets {
		s.Keys = append(s.Keys, Key{Kind: kind, Fingerprint: d.Sealer.Fingerprint(kind, secret)})
	}
	return Clash(connected, s)
}

func (x kept) source() Source {
	s := Source{
		Kind: x.Kind, ExternalID: x.Found.ExternalID, Title: x.Found.Title, URL: x.Found.URL, Origin: FromPerson,
		Settings: Settings{Title: x.Title, ChannelID: x.Found.ChannelID}, Abilities: x.Found.Abilities,
	}
	if x.Title != "" {
		s.Title = x.Title
	}
	return s
}

// ConnectDraft connects the page of a checked draft and returns its id. The same
// draft given a second time, as by two clicks, is the page that it connected.
// Errors: Invalid when the draft is too old or was not good, Conflict.
func (d *Desk) ConnectDraft(ctx context.Context, by rights.Actor, token string) (string, error) {
	if err := d.allow(by); err != nil {
		return "", err
	}
	x, err := d.open(by, token)
	if err != nil {
		return "", err
	}
	if !x.Ready {
		return "", errs.New(errs.Invalid, "Проверка нашла, что мешает подключить страницу. Исправьте это и проверьте ещё раз.")
	}
	now := d.Now()
	s, err := d.Book.Connect(ctx, x.source(), now, func(id string) ([]Key, error) {
		var keys []Key
		for _, kind := range x.Kind.Typed() {
			if x.Secrets[kind] == "" {
				continue
			}
			k, err := d.Sealer.Seal(id, kind, x.Secrets[kind])
			if err != nil {
				return nil, err
			}
			k.SetBy, k.SetByName, k.SetAt, k.ExpiresAt, k.CheckedAt = by.ID, by.Name, now, x.Expires[kind], x.At
			k.Abilities = x.Found.Keys[kind].Abilities
			keys = append(keys, k)
		}
		return keys, nil
	})
	if errs.CodeOf(err) == errs.Conflict {
		return d.twice(ctx, by, x, err)
	}
	if err != nil {
		return "", err
	}
	d.Log.InfoContext(ctx, "source connected", "source", s.ID, "person", by.ID)
	d.Changed()
	return s.ID, nil
}

// twice is the page that the same draft of the same person has connected
// already; otherwise it passes the conflict on.
func (d *Desk) twice(ctx context.Context, by rights.Actor, x kept, conflict error) (string, error) {
	connected, err := d.Book.Registry(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range connected {
		if s.Kind != x.Kind || s.ExternalID != x.Found.ExternalID || s.Origin != FromPerson || len(s.Keys) != len(x.Secrets) {
			continue
		}
		same := true
		for _, k := range s.Keys {
			same = same && k.SetBy == by.ID && !k.SetAt.Before(x.At.Truncate(time.Microsecond)) && k.Fingerprint == d.Sealer.Fingerprint(k.Kind, x.Secrets[k.Kind])
		}
		if same {
			return s.ID, nil
		}
	}
	return "", conflict
}

func (d *Desk) seal(by rights.Actor, x kept) (string, error) {
	raw, err := json.Marshal(x)
	if err != nil {
		return "", err
	}
	s, err := d.Sealer.Locks.Ring().Seal(raw, draftOf(by))
	return s.MasterID + ":" + s.Text, err
}

// open returns a draft that the same person had checked not long ago.
func (d *Desk) open(by rights.Actor, token string) (kept, error) {
	var x kept
	id, text, _ := strings.Cut(token, ":")
	raw, err := d.Sealer.Locks.Ring().Open(vault.Sealed{Text: text, MasterID: id}, draftOf(by))
	if err == nil {
		err = json.Unmarshal(raw, &x)
	}
	if err != nil {
		return kept{}, errs.Wrap(errs.Invalid, "Эту проверку начали не вы или на другой машине, и ключи из неё не открываются. Впишите их и проверьте ещё раз.", err)
	}
	if d.Now().Sub(x.At) > draftLife {
		return kept{}, errs.New(errs.Invalid, "С проверки прошло больше получаса, и ключи забыты. Впишите их и проверьте ещё раз.")
	}
	return x, nil
}
