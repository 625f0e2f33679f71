package vault

import (
	"io"
	"os"
	"sync"
	"time"

	"otklik/internal/errs"
)

// Vault is a ring that follows its file while the program runs.
type Vault struct {
	path string // empty: the ring came from elsewhere and does not change
	mu   sync.RWMutex
	ring *Ring
	seen stamp
}

// stamp tells one state of a file from another.
type stamp struct {
	size int64
	time time.Time
}

// ringSize bounds the file of a ring in bytes.
const ringSize = 64 << 10

// Fixed returns a vault whose ring does not change.
func Fixed(r *Ring) *Vault { return &Vault{ring: r} }

// OpenFile reads the ring of a file. Errors: Invalid.
func OpenFile(path string) (*Vault, error) {
	v := &Vault{path: path}
	_, err := v.Refresh()
	return v, err
}

// Ring is the ring as it is now.
func (v *Vault) Ring() *Ring {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.ring
}

// Refresh reads the file again if it has changed, and says whether it had. A
// file that cannot be read or understood leaves the ring as it was.
func (v *Vault) Refresh() (bool, error) {
	if v.path == "" {
		return false, nil
	}
	about, err := os.Stat(v.path)
	if err != nil {
		return false, unreadable(v.path, err)
	}
	now := stamp{about.Size(), about.ModTime()}
	v.mu.RLock()
	same := v.ring != nil && v.seen == now
	v.mu.RUnlock()
	if same {
		return false, nil
	}
	ring, err := readRing(v.path)
	if err != nil {
		return false, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ring, v.seen = ring, now
	return true, nil
}

func readRing(path string) (*Ring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, ringSize+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(raw) > ringSize {
		return nil, errs.Newf(errs.Invalid, "Файл ключей шифрования %s слишком велик: это не он.", path)
	}
	ring, err := Parse(string(raw))
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "Файл "+path+". "+errs.MessageOf(err), err)
	}
	return ring, nil
}

func unreadable(path string, err error) error {
	return errs.Wrap(errs.Invalid, "Файл ключей шифрования "+path+" не читается. Проверьте путь и права.", err)
}
