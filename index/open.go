package index

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"otklik/internal/errs"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bolt "go.etcd.io/bbolt/errors"
)

const (
	// analysisVersion changes with the terms that the Analyzer makes, so that
	// archives of older terms are built anew.
	analysisVersion = "2"
	// lockWait is how long Open waits for another process to let go.
	lockWait = "3s"
	// pointerName is the file that names the present volume.
	pointerName  = "current"
	volumePrefix = "volume-"
)

// Opening says what Open found.
type Opening struct {
	// Fresh: the archive covers nothing for certain and the caller has to fill
	// it from the beginning. Otherwise the caller goes on from Cursor.
	Fresh bool
	// MovedTo is where a damaged archive, or a damaged month of one, was put
	// aside, empty if none was.
	MovedTo string
	// Reason is a sentence for people about an archive that was not taken over.
	Reason string
	// Cause is for the log.
	Cause error
}

// Open opens the archive in the folder path, or makes it. A damaged archive is
// put aside, one of an older format is removed, and a fresh one takes its
// place: Opening says so, and the caller fills it. Of an archive in which only
// some months are damaged the others go on answering.
//
// Errors have the code errs.Unavailable: another process holds the folder, or
// it cannot be written.
func Open(path string, analyzer *Analyzer) (*Archive, Opening, error) {
	if err := register(); err != nil {
		return nil, Opening{}, errs.Wrap(errs.Internal, "", err)
	}
	format, err := archiveFormat()
	if err != nil {
		return nil, Opening{}, errs.Wrap(errs.Internal, "", err)
	}
	a := &Archive{root: path, format: format, analyzer: analyzer}
	opening, err := a.open()
	if err != nil {
		return nil, opening, err
	}
	opening.Fresh = a.now.cursor() == ""
	if err := a.openNext(); err != nil {
		return nil, opening, errors.Join(err, a.now.close())
	}
	return a, opening, nil
}

func (a *Archive) open() (Opening, error) {
	entries, err := os.ReadDir(a.root)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return Opening{}, a.begin()
	}
	if errors.Is(err, fs.ErrPermission) {
		return Opening{}, errs.Wrap(errs.Unavailable, "Нет прав на папку архива поиска "+a.root+". Дайте программе право на запись.", err)
	}
	if _, serr := os.Stat(filepath.Join(a.root, "index_meta.json")); serr == nil {
		// Before the months there was one index in this folder.
		return a.replaceOld()
	}
	var name []byte
	if err == nil {
		name, err = os.ReadFile(filepath.Join(a.root, pointerName))
	}
	if err != nil {
		return a.replaceDamaged(err)
	}
	v, opening, err := openVolume(filepath.Join(a.root, strings.TrimSpace(string(name))))
	switch {
	case errs.CodeOf(err) == errs.Unavailable:
		return Opening{}, err
	case err != nil:
		return a.replaceDamaged(err)
	case v.manifest.Format != a.format:
		if err := v.close(); err != nil {
			return Opening{}, errs.Wrap(errs.Unavailable, "Архив поиска в папке "+a.root+" не закрывается.", err)
		}
		return a.replaceOld()
	}
	a.now = v
	return opening, nil
}

// begin makes a new archive in an empty folder.
func (a *Archive) begin() error {
	v, err := newVolume(filepath.Join(a.root, volumePrefix+"1"), manifest{Format: a.format})
	if err != nil {
		return err
	}
	a.now = v
	return pointTo(a.root, v)
}

func (a *Archive) replaceOld() (Opening, error) {
	if err := os.RemoveAll(a.root); err != nil {
		return Opening{}, errs.Wrap(errs.Unavailable, "Не удалось заменить архив поиска старого образца в папке "+a.root+".", err)
	}
	return Opening{Reason: "Архив поиска старого образца, строится заново."}, a.begin()
}

func (a *Archive) replaceDamaged(cause error) (Opening, error) {
	aside, err := putAside(a.root, a.root)
	if err != nil {
		return Opening{}, errs.Wrap(errs.Unavailable,
			"Архив поиска в папке "+a.root+" повреждён, и отложить его не удалось. Удалите папку и запустите программу снова.", errors.Join(cause, err))
	}
	return Opening{
		MovedTo: aside, Cause: cause,
		Reason: "Архив поиска повреждён. Он отложен в " + aside + " и строится заново, данные не потеряны.",
	}, a.begin()
}

// openNext takes up a building that was interrupted; what cannot be taken up,
// and what a swap left, is removed.
func (a *Archive) openNext() error {
	entries, err := os.ReadDir(a.root)
	if err != nil {
		return errs.Wrap(errs.Unavailable, "Папка архива поиска "+a.root+" не читается.", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), volumePrefix) || e.Name() == filepath.Base(a.now.path) {
			continue
		}
		if a.next == nil {
			v, _, err := openVolume(filepath.Join(a.root, e.Name()))
			if err == nil && v.manifest.Format == a.format && v.manifest.Building {
				a.next = v
				continue
			}
			if err == nil {
				err = v.close()
			}
			if errs.CodeOf(err) == errs.Unavailable {
				return err
			}
		}
		if err := os.RemoveAll(filepath.Join(a.root, e.Name())); err != nil {
			return errs.Wrap(errs.Unavailable, "Остаток прежнего архива поиска не удаляется. Проверьте права на папку "+a.root+".", err)
		}
	}
	return nil
}

func newVolume(path string, m manifest) (*volume, error) {
	m.Shards = map[string]uint64{}
	v := &volume{path: path, names: newColumnNames(), shards: map[string]*shard{}, manifest: m}
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, errs.Wrap(errs.Unavailable, "Не удалось создать архив поиска в папке "+path+". Проверьте права и место на диске.", err)
	}
	return v, v.save()
}

// openVolume opens all months. A month that is damaged or holds less than the
// manifest says is put aside or kept as it is, and the cursor begins anew.
func openVolume(path string) (*volume, Opening, error) {
	v := &volume{path: path, names: newColumnNames(), shards: map[string]*shard{}}
	raw, err := os.ReadFile(filepath.Join(path, manifestName))
	if err == nil {
		err = json.Unmarshal(raw, &v.manifest)
	}
	if err != nil {
		return nil, Opening{}, err
	}
	if v.manifest.Shards == nil {
		v.manifest.Shards = map[string]uint64{}
	}
	var opening Opening
	for name, put := range v.manifest.Shards {
		if err := v.openShard(name, put, &opening); err != nil {
			return nil, Opening{}, errors.Join(err, v.close())
		}
	}
	if opening.Reason != "" {
		v.manifest.Cursor = ""
		if err := v.save(); err != nil {
			return nil, opening, errors.Join(err, v.close())
		}
	}
	return v, opening, nil
}

func (v *volume) openShard(name string, put uint64, opening *Opening) error {
	path := filepath.Join(v.path, name)
	index, err := openExisting(path)
	switch {
	case errors.Is(err, bolt.ErrTimeout):
		return errs.Wrap(errs.Unavailable,
			"Архив поиска в папке "+path+" занят другой копией программы. Остановите её и запустите эту снова.", err)
	case errors.Is(err, fs.ErrPermission):
		return errs.Wrap(errs.Unavailable, "Нет прав на папку архива поиска "+path+". Дайте программе право на запись.", err)
	case err != nil:
		delete(v.manifest.Shards, name)
		*opening = Opening{Cause: err, Reason: "Часть архива поиска за " + name + " повреждена и строится заново, данные не потеряны."}
		if _, serr := os.Lstat(path); errors.Is(serr, fs.ErrNotExist) {
			return nil
		}
		root := filepath.Dir(v.path)
		aside, err := putAside(path, root+"-"+name)
		if err != nil {
			return errs.Wrap(errs.Unavailable, "Повреждённую часть архива поиска не удалось отложить. Удалите папку "+path+" и запустите программу снова.", err)
		}
		opening.MovedTo = aside
		return nil
	}
	s := &shard{month: name, index: index}
	v.shards[name] = s
	if s.reached() < put {
		*opening = Opening{Reason: "В части архива поиска за " + name + " не хватает последних записей, они добавляются заново."}
	}
	return nil
}

// putAside renames the folder to the first free name that begins with name.
func putAside(path, name string) (string, error) {
	const tries = 1000
	for i := range tries {
		aside := fmt.Sprintf("%s.damaged-%d", name, i+1)
		if _, err := os.Lstat(aside); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return aside, os.Rename(path, aside)
	}
	return "", fmt.Errorf("%d damaged archives lie beside %s", tries, path)
}

// openExisting opens an index. Damage can make bleve panic: that is damage
// found, not a defect of ours.
func openExisting(path string) (index bleve.Index, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("opening the index panicked: %v", r)
		}
	}()
	return bleve.OpenUsing(path, map[string]any{"bolt_timeout": lockWait})
}

func create(path string) (bleve.Index, error) {
	index, err := bleve.NewUsing(path, archiveMapping(), scorch.Name, scorch.Name, map[string]any{"bolt_timeout": lockWait})
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "Не удалось создать архив поиска в папке "+path+". Проверьте права и место на диске.", err)
	}
	return index, nil
}

// archiveFormat identifies what documents and terms look like on disk.
func archiveFormat() (string, error) {
	fields, err := json.Marshal(archiveMapping())
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, part := range []string{
		analysisVersion, string(fields), formFamilies, stemJoins, hardNouns, hardEndings, softNouns, softEndings, shortAdjectives,
		installedDictionary().name(),
	} {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
