package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/store"
)

type exportCmd struct {
	All exportAllCmd `cmd:"" help:"Забрать всё: таблицы строками JSON, фото и опись с хешами. Паролей и ключей в файле нет."`
}

type exportAllCmd struct {
	database
	Out string `required:"" type:"path" placeholder:"ФАЙЛ.tar.gz" help:"Куда записать. Файл не должен существовать: в нём будут персональные данные."`
}

// Run writes the archive. What is half written is removed.
func (c *exportAllCmd) Run(e *environment) (err error) {
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	f, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return errs.Wrap(errs.Invalid, "Файл "+c.Out+" не создаётся. Проверьте папку и права; существующий файл не перезаписывается.", err)
	}
	w := newTakeout(f)
	err = w.fill(e, s)
	if err = errors.Join(err, w.close(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(c.Out))
	}
	_, err = fmt.Fprintf(e.out, "Выгружено строк: %d, фото: %d. Файл: %s\nВ нём персональные данные: храните его так же, как базу.\n", w.rows, w.pictures, c.Out)
	return err
}

// takeout is the archive on its way to the disk.
type takeout struct {
	gz    *gzip.Writer
	tar   *tar.Writer
	now   time.Time
	table string
	part  int
	lines bytes.Buffer
	n     int // rows in lines

	rows, pictures int
	list           []takenFile
}

// takenFile is a line of the manifest.
type takenFile struct {
	Name   string `json:"name"`
	Rows   int    `json:"rows,omitempty"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func newTakeout(f *os.File) *takeout {
	gz := gzip.NewWriter(f)
	return &takeout{gz: gz, tar: tar.NewWriter(gz), now: time.Now()}
}

func (w *takeout) fill(e *environment, s *store.Store) error {
	if err := s.Record(e.ctx, records.Entry{At: w.now, ActorName: "Командная строка", Action: records.Export, Subject: "everything"}); err != nil {
		return err
	}
	if err := s.Takeout(e.ctx, w.row, w.picture); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	manifest, err := json.MarshalIndent(map[string]any{
		"program": "otklik " + version, "at": w.now.UTC().Format(time.RFC3339), "rows": w.rows, "pictures": w.pictures, "files": w.list,
		"left_out": "passwords, sessions, keys of pages, models, the program's own counters and leases",
	}, "", "  ")
	if err != nil {
		return err
	}
	return w.file("manifest.json", manifest, 0)
}

// partSize bounds a file of rows, which has to be whole in memory.
const partSize = 8 << 20

func (w *takeout) row(table string, line []byte) error {
	if table != w.table || w.lines.Len() >= partSize {
		if err := w.flush(); err != nil {
			return err
		}
		if table != w.table {
			w.table, w.part = table, 0
		}
	}
	w.lines.Write(line)
	w.lines.WriteByte('\n')
	w.n++
	w.rows++
	return nil
}

func (w *takeout) flush() error {
	if w.n == 0 {
		return nil
	}
	w.part++
	err := w.file("tables/"+w.table+"-"+strconv.Itoa(w.part)+".jsonl", w.lines.Bytes(), w.n)
	w.lines.Reset()
	w.n = 0
	return err
}

func (w *takeout) picture(hash, kind string, data []byte) error {
	if err := w.flush(); err != nil {
		return err
	}
	w.pictures++
	ending := ".jpg"
	if kind == "image/png" {
		ending = ".png"
	}
	return w.file("photos/"+hash+ending, data, 0)
}

func (w *takeout) file(name string, data []byte, rows int) error {
	sum := sha256.Sum256(data)
	w.list = append(w.list, takenFile{Name: name, Rows: rows, Bytes: len(data), SHA256: hex.EncodeToString(sum[:])})
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: w.now}); err != nil {
		return err
	}
	_, err := w.tar.Write(data)
	return err
}

func (w *takeout) close() error { return errors.Join(w.tar.Close(), w.gz.Close()) }
