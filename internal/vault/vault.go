// Package vault seals small secrets for the database. Each secret is encrypted
// with a data key of its own, and that data key with a master key which the
// database never sees. Both layers are AES-256-GCM and are bound to the place
// where the secret stands, so a row that was moved does not open.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
)

// Sealed is a secret as the database keeps it.
type Sealed struct {
	Text     string // base64
	MasterID string // the master key that opens it
}

var (
	// ErrNoMaster says that the ring lacks the master key that sealed the secret.
	ErrNoMaster = errors.New("vault: the master key is not in the ring")
	// ErrDamaged says that the secret is not what was sealed for this place.
	ErrDamaged = errors.New("vault: the sealed text was changed or moved")
)

const (
	keySize   = 32
	nonceSize = 12
	tagSize   = 16
	format    = 1
	wrapped   = nonceSize + keySize + tagSize
)

// Seal encrypts a secret for the place that about names, under the ring's
// current master key.
func (r *Ring) Seal(secret []byte, about string) (Sealed, error) {
	if len(r.keys) == 0 {
		return Sealed{}, ErrNoMaster
	}
	master := r.keys[0]
	data := random(keySize)
	out, err := encrypt([]byte{format}, master.secret, data, "key of "+about)
	if err == nil {
		out, err = encrypt(out, data, secret, about)
	}
	return Sealed{base64.StdEncoding.EncodeToString(out), master.id}, err
}

// Open returns the secret that was sealed for the place.
// Errors: ErrNoMaster, ErrDamaged.
func (r *Ring) Open(s Sealed, about string) ([]byte, error) {
	raw, data, err := r.dataKey(s, about)
	if err != nil {
		return nil, err
	}
	return decrypt(data, raw[1+wrapped:], about)
}

// Rewrap moves a secret under the current master key. The secret itself is not
// decrypted, only its data key. Errors: ErrNoMaster, ErrDamaged.
func (r *Ring) Rewrap(s Sealed, about string) (Sealed, error) {
	raw, data, err := r.dataKey(s, about)
	if err != nil {
		return Sealed{}, err
	}
	master := r.keys[0]
	out, err := encrypt([]byte{format}, master.secret, data, "key of "+about)
	out = append(out, raw[1+wrapped:]...)
	return Sealed{base64.StdEncoding.EncodeToString(out), master.id}, err
}

// Has says whether the ring can open what this master key has sealed.
func (r *Ring) Has(masterID string) bool { return r.find(masterID) != nil }

// Current is the id of the master key that seals.
func (r *Ring) Current() string {
	if len(r.keys) == 0 {
		return ""
	}
	return r.keys[0].id
}

func (r *Ring) find(id string) []byte {
	for _, k := range r.keys {
		if k.id == id {
			return k.secret
		}
	}
	return nil
}

// dataKey decodes a sealed text and opens the key within it.
func (r *Ring) dataKey(s Sealed, about string) (raw, data []byte, err error) {
	master := r.find(s.MasterID)
	if master == nil {
		return nil, nil, ErrNoMaster
	}
	raw, err = base64.StdEncoding.Strict().DecodeString(s.Text)
	if err != nil || len(raw) < 1+wrapped+nonceSize+tagSize || raw[0] != format {
		return nil, nil, ErrDamaged
	}
	data, err = decrypt(master, raw[1:1+wrapped], "key of "+about)
	return raw, data, err
}

// encrypt appends the nonce and the encrypted text to out.
func encrypt(out, key, text []byte, about string) ([]byte, error) {
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	nonce := random(nonceSize)
	return box.Seal(append(out, nonce...), nonce, text, []byte(about)), nil
}

func decrypt(key, sealed []byte, about string) ([]byte, error) {
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	text, err := box.Open(nil, sealed[:nonceSize], sealed[nonceSize:], []byte(about))
	if err != nil {
		return nil, ErrDamaged
	}
	return text, nil
}

func newBox(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return cipher.NewGCM(block)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails; the runtime ends the program if it could
	return b
}
