package index

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"otklik/internal/errs"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bolt "go.etcd.io/bbolt/errors"
)

const (
	// analysisVersion changes with the terms that the Analyzer makes, so that
	// archives of older terms are built anew.
	analysisVersion = "2"
	formatKey       = "otklik.format"
	// lockWait is how long Open waits for another process to let go.
	lockWait = "3s"
)

// Opening says what Open found.
type Opening struct {
	// Fresh: the archive covers nothing and the caller has to fill it from the
	// beginning. Otherwise the caller goes on from Cursor, which may be older
	// than the last one put: bleve falls back to an earlier state that is
	// whole, of documents and cursor alike.
	Fresh bool
	// MovedTo is where a damaged archive was put aside, empty if none was.
	MovedTo string
	// Reason is a sentence for people about an archive that was not taken over.
	Reason string
	// Cause is for the log.
	Cause error
}

// Open opens the archive in the folder path, or makes it. A damaged archive is
// put aside, one of an older format is removed, and a fresh one takes its
// place: Opening says so, and the caller fills it.
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
	index, opening, err := openOrCreate(path, format)
	if err != nil {
		return nil, opening, err
	}
	archive := &Archive{analyzer: analyzer, index: index}
	cursor, err := archive.Cursor()
	if err != nil {
		return nil, opening, errors.Join(err, archive.Close())
	}
	opening.Fresh = cursor == ""
	return archive, opening, nil
}

func openOrCreate(path, format string) (bleve.Index, Opening, error) {
	if entries, err := os.ReadDir(path); errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		index, err := create(path, format)
		return index, Opening{}, err
	}
	index, err := openExisting(path)
	if err != nil {
		if errors.Is(err, bolt.ErrTimeout) {
			return nil, Opening{}, errs.Wrap(errs.Unavailable,
				"Архив поиска в папке "+path+" занят другой копией программы. Остановите её и запустите эту снова.", err)
		}
		if errors.Is(err, fs.ErrPermission) {
			return nil, Opening{}, errs.Wrap(errs.Unavailable, "Нет прав на папку архива поиска "+path+". Дайте программе право на запись.", err)
		}
		return replaceDamaged(path, format, err)
	}
	if found, err := index.GetInternal([]byte(formatKey)); err == nil && string(found) == format {
		return index, Opening{}, nil
	}
	if err := errors.Join(index.Close(), os.RemoveAll(path)); err != nil {
		return nil, Opening{}, errs.Wrap(errs.Unavailable, "Не удалось заменить архив поиска старого образца в папке "+path+".", err)
	}
	index, err = create(path, format)
	return index, Opening{Reason: "Архив поиска старого образца, строится заново."}, err
}

func replaceDamaged(path, format string, cause error) (bleve.Index, Opening, error) {
	aside, err := putAside(path)
	if err != nil {
		return nil, Opening{}, errs.Wrap(errs.Unavailable,
			"Архив поиска в папке "+path+" повреждён, и отложить его не удалось. Удалите папку и запустите программу снова.", errors.Join(cause, err))
	}
	index, err := create(path, format)
	return index, Opening{
		MovedTo: aside, Cause: cause,
		Reason: "Архив поиска повреждён. Он отложен в " + aside + " и строится заново, данные не потеряны.",
	}, err
}

// putAside renames the folder to the first free name beside it.
func putAside(path string) (string, error) {
	const tries = 1000
	for i := range tries {
		aside := fmt.Sprintf("%s.damaged-%d", path, i+1)
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

func create(path, format string) (bleve.Index, error) {
	index, err := bleve.NewUsing(path, archiveMapping(), scorch.Name, scorch.Name, map[string]any{"bolt_timeout": lockWait})
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "Не удалось создать архив поиска в папке "+path+". Проверьте права и место на диске.", err)
	}
	if err := index.SetInternal([]byte(formatKey), []byte(format)); err != nil {
		return nil, errs.Wrap(errs.Unavailable, "Не удалось записать архив поиска в папку "+path+". Проверьте место на диске.", errors.Join(err, index.Close()))
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
