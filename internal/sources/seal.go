package sources

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"otklik/internal/errs"
	"otklik/internal/vault"
)

// Locks is the ring of master keys as it is now.
type Locks interface{ Ring() *vault.Ring }

// Sealer seals and opens the keys of sources. Salt is the database's own and
// keys the fingerprints, so that those of two installations say nothing of each
// other.
type Sealer struct {
	Locks Locks
	Salt  []byte
}

// Seal makes the sealed form of a key for its source.
func (s Sealer) Seal(sourceID string, kind KeyKind, secret string) (Key, error) {
	sealed, err := s.Locks.Ring().Seal([]byte(secret), about(sourceID, kind))
	return Key{Kind: kind, Sealed: sealed, Fingerprint: s.Fingerprint(kind, secret)}, err
}

// Open returns the key itself for the call that needs it.
// Errors: Unavailable when its master key is gone or it was damaged.
func (s Sealer) Open(sourceID string, k Key) (string, error) {
	raw, err := s.Locks.Ring().Open(k.Sealed, about(sourceID, k.Kind))
	switch {
	case errors.Is(err, vault.ErrNoMaster):
		return "", errs.Wrap(errs.Unavailable, "Ключ не расшифровывается: на этой машине нет ключа шифрования «"+k.Sealed.MasterID+
			"». Верните его в файл ключей шифрования или впишите ключ страницы заново.", err)
	case err != nil:
		return "", errs.Wrap(errs.Unavailable, "Ключ не расшифровывается: запись в базе изменена. Впишите ключ страницы заново.", err)
	}
	return string(raw), nil
}

// Rewrap moves a key under the current master key and says whether it had to.
func (s Sealer) Rewrap(sourceID string, k Key) (vault.Sealed, bool, error) {
	ring := s.Locks.Ring()
	if k.Sealed.MasterID == ring.Current() {
		return k.Sealed, false, nil
	}
	sealed, err := ring.Rewrap(k.Sealed, about(sourceID, k.Kind))
	return sealed, err == nil, err
}

// Fingerprint is by what a key is known without being shown. A webhook's word
// may be short enough to be guessed from one, so it has none.
func (s Sealer) Fingerprint(kind KeyKind, secret string) string {
	if kind == WebhookSecret {
		return ""
	}
	h := hmac.New(sha256.New, s.Salt)
	_, _ = h.Write([]byte(secret)) // a hash does not fail
	return hex.EncodeToString(h.Sum(nil)[:16])
}
