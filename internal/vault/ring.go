package vault

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"otklik/internal/errs"
)

// Ring is the master keys at hand. The first one seals, all of them open.
type Ring struct{ keys []master }

type master struct {
	id     string
	secret []byte
}

// ringLimit bounds how many master keys a ring holds; a rotation a month leaves
// room for years.
const ringLimit = 100

// Parse reads a ring: one "id:base64" line for each master key of 32 bytes, the
// current one first; empty lines and those that begin with # are skipped. Lines
// may be separated by commas too, as an environment variable wants it.
// Errors: Invalid with the number of the line and never with its text.
func Parse(text string) (*Ring, error) {
	r := &Ring{}
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for part := range strings.SplitSeq(line, ",") {
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			if err := r.add(part, i+1); err != nil {
				return nil, err
			}
		}
	}
	if len(r.keys) == 0 {
		return nil, errs.New(errs.Invalid, "Среди ключей шифрования нет ни одного ключа. Нужна хотя бы одна строка «имя:ключ в base64».")
	}
	if len(r.keys) > ringLimit {
		return nil, tooMany()
	}
	return r, nil
}

func tooMany() error {
	return errs.Newf(errs.Invalid, "Ключей шифрования бывает не больше %d. Уберите те, которыми ничего не зашифровано.", ringLimit)
}

// add takes one "id:base64" from a line of the ring.
func (r *Ring) add(text string, line int) error {
	id, encoded, ok := strings.Cut(text, ":")
	secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	id = strings.TrimSpace(id)
	switch {
	case !ok || !named(id):
		return errs.Newf(errs.Invalid, "Ключ шифрования в строке %d записан не так: нужно «имя:ключ в base64», имя из латинских букв, цифр, «.», «_» и «-».", line)
	case err != nil || len(secret) != keySize:
		return errs.Newf(errs.Invalid, "Ключ шифрования в строке %d не подходит: после имени нужны 32 байта в base64. Новый делает команда otklik vault rotate.", line)
	case r.Has(id):
		return errs.Newf(errs.Invalid, "Имя ключа шифрования «%s» стоит дважды. Оставьте один из них.", id)
	}
	r.keys = append(r.keys, master{id, secret})
	return nil
}

// named says that a text may be the name of a key.
func named(id string) bool {
	const most, letters = 40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
	return id != "" && len(id) <= most && strings.Trim(id, letters) == ""
}

// IDs are the names of the master keys, the current one first.
func (r *Ring) IDs() []string {
	out := make([]string, len(r.keys))
	for i, k := range r.keys {
		out[i] = k.id
	}
	return out
}

// Grown returns the ring with a new current key before the others.
// Errors: Conflict when the id is taken, Invalid when the ring is full.
func (r *Ring) Grown(id string) (*Ring, error) {
	if len(r.keys) >= ringLimit {
		return nil, tooMany()
	}
	if r.Has(id) {
		return nil, errs.Newf(errs.Conflict, "Ключ шифрования «%s» уже есть. Повторите через секунду.", id)
	}
	return &Ring{append([]master{{id, random(keySize)}}, slices.Clone(r.keys)...)}, nil
}

// file is the ring as Parse reads it.
func (r *Ring) file() []byte {
	var b bytes.Buffer
	b.WriteString("# Ключи шифрования Отклика, верхний — действующий. Храните отдельно от копий базы.\n")
	for _, k := range r.keys {
		fmt.Fprintf(&b, "%s:%s\n", k.id, base64.StdEncoding.EncodeToString(k.secret))
	}
	return b.Bytes()
}

// String keeps the keys out of logs.
func (r *Ring) String() string { return strings.Join(r.IDs(), ", ") }

// GoString keeps the keys out of %#v.
func (r *Ring) GoString() string { return r.String() }

// MarshalJSON never writes the keys.
func (r *Ring) MarshalJSON() ([]byte, error) { return []byte(`"•••"`), nil }
