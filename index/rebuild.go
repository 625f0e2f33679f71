package index

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"otklik/internal/errs"
)

// Rebuild begins to build the archive anew beside the present one, which goes
// on answering. note is the caller's word for why; a building that a stop or a
// crash interrupted goes on where it was, and has the note it began with.
func (a *Archive) Rebuild(note string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return errClosed()
	}
	if a.next != nil {
		return nil
	}
	for i := 1; ; i++ {
		path := filepath.Join(a.root, fmt.Sprintf("%s%d", volumePrefix, i))
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		v, err := newVolume(path, manifest{Format: a.format, Note: note, Building: true, Oldest: a.oldest()})
		a.next = v
		return err
	}
}

// Rebuilding says that the archive is being built anew, under which note, and
// how far: the cursor of the last PutNext.
func (a *Archive) Rebuilding() (note, cursor string, ok bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.closed || a.next == nil {
		return "", "", false
	}
	a.next.mu.Lock()
	defer a.next.mu.Unlock()
	return a.next.manifest.Note, a.next.manifest.Cursor, true
}

// Note is the note of the building that made the present archive, empty for
// one that was filled since it was opened first.
func (a *Archive) Note() string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	a.now.mu.Lock()
	defer a.now.mu.Unlock()
	return a.now.manifest.Note
}

// SetNote writes the note of the present archive.
func (a *Archive) SetNote(note string) error {
	leave, err := a.enter()
	if err != nil {
		return err
	}
	defer leave()
	a.now.mu.Lock()
	defer a.now.mu.Unlock()
	a.now.manifest.Note = note
	return a.now.save()
}

// PutNext is Put into the archive that is being built.
func (a *Archive) PutNext(ctx context.Context, docs []Doc, cursor string) error {
	leave, err := a.enter()
	if err != nil {
		return err
	}
	defer leave()
	if a.next == nil {
		return errs.New(errs.Conflict, "Архив поиска сейчас не перестраивается.")
	}
	return a.next.put(ctx, docs, cursor)
}

// Swap puts the archive that was built in the place of the present one, which
// is removed. A search finds either the one or the other.
func (a *Archive) Swap() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return errClosed()
	}
	if a.next == nil {
		return errs.New(errs.Conflict, "Архив поиска сейчас не перестраивается.")
	}
	a.next.mu.Lock()
	a.next.manifest.Building = false
	err := a.next.save()
	a.next.mu.Unlock()
	if err != nil {
		return err
	}
	if err := pointTo(a.root, a.next); err != nil {
		return err
	}
	old := a.now
	a.now, a.next = a.next, nil
	if err := old.close(); err != nil {
		return errs.Wrap(errs.Unavailable, "Прежний архив поиска не закрылся. Он будет удалён при следующем запуске.", err)
	}
	if err := os.RemoveAll(old.path); err != nil {
		return errs.Wrap(errs.Unavailable, "Прежний архив поиска не удаляется. Проверьте права на папку данных.", err)
	}
	return nil
}

// pointTo says on the disk which volume is the present one.
func pointTo(root string, v *volume) error {
	if err := replaceFile(filepath.Join(root, pointerName), []byte(filepath.Base(v.path)+"\n")); err != nil {
		return errs.Wrap(errs.Unavailable, "В папку архива поиска нельзя писать. Проверьте место на диске.", err)
	}
	return nil
}

func (a *Archive) oldest() string {
	a.now.mu.Lock()
	defer a.now.mu.Unlock()
	return a.now.manifest.Oldest
}
