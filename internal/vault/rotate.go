package vault

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"otklik/internal/errs"
)

// Rotate puts a new current key before those of the file, which is made if it
// is not there, and returns the new key's id. When it returns, the file is on
// the disk; a crash leaves the old file or the new one. Of two rotations at once
// one waits for the other, so that no key is lost. A link is followed, and the
// file keeps its owner. Errors: Invalid for a file that is not a ring,
// Unavailable when it cannot be written.
func Rotate(path string, now time.Time) (string, error) {
	path, err := target(path)
	if err != nil {
		return "", unwritten(path, err)
	}
	unlock, err := lock(path)
	if err != nil {
		return "", unwritten(path, err)
	}
	id, err := rotate(path, now)
	return id, errors.Join(err, unlock())
}

func rotate(path string, now time.Time) (string, error) {
	ring, err := readRing(path)
	if errors.Is(err, os.ErrNotExist) {
		ring, err = &Ring{}, nil
	}
	if err != nil {
		return "", err
	}
	id := "k" + now.UTC().Format("20060102-150405")
	if ring, err = ring.Grown(id); err != nil {
		return "", err
	}
	if err := write(path, ring.file()); err != nil {
		return "", unwritten(path, err)
	}
	return id, nil
}

// target is the file that a path leads to, which need not be there yet.
func target(path string) (string, error) {
	led, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, os.ErrNotExist) {
		return led, err
	}
	// A link to nothing is not replaced by a file of its own: whoever made it
	// keeps the keys elsewhere, and that place is away just now.
	if _, err := os.Lstat(path); err == nil {
		return path, os.ErrNotExist
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(folder, filepath.Base(path)), err
}

// lock keeps other rotations out of the folder of the file until unlock is
// called. The folder stays when the file is replaced, and so does the lock.
func lock(path string) (unlock func() error, err error) {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	return folder.Close, nil
}

// write replaces a file at once; nobody but its owner may read it.
func write(path string, text []byte) error {
	// CreateTemp gives the rights 0600.
	f, err := os.CreateTemp(filepath.Dir(path), ".otklik-key-")
	if err != nil {
		return err
	}
	err = keepOwner(path, f)
	if err == nil {
		_, err = f.Write(text)
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// keepOwner gives the new file to the owner of the one that it replaces: the
// program, which is another user than whoever rotates, would not read it else.
func keepOwner(path string, f *os.File) error {
	about, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	had, ok := about.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	mine, err := f.Stat()
	if err != nil {
		return err
	}
	if has, ok := mine.Sys().(*syscall.Stat_t); ok && has.Uid == had.Uid && has.Gid == had.Gid {
		return nil
	}
	return f.Chown(int(had.Uid), int(had.Gid))
}

// syncFolder makes a rename outlast a loss of power: whatever is sealed under
// the new key is lost with it.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func unwritten(path string, err error) error {
	return errs.Wrap(errs.Unavailable, "Файл ключей шифрования "+path+" не записывается. Проверьте права, владельца и место на диске.", err)
}
