package app

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"otklik/internal/errs"
)

// openNode locks the data folder and returns the name under which this process
// takes leases. The name stays in the folder: the lock proves that the process
// which had it before is gone, so after a crash its leases are taken over at
// once instead of running out. The fence still refuses whatever it left behind.
func openNode(dir string) (name string, unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", nil, errs.Wrap(errs.Unavailable, "Папка "+dir+" не создаётся. Проверьте права или укажите другую в --data.", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "node"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", nil, errs.Wrap(errs.Unavailable, "В папку "+dir+" нельзя писать. Проверьте права или укажите другую в --data.", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		busy := errs.Wrap(errs.Unavailable, "С папкой "+dir+" уже работает другой «Отклик». Остановите его или укажите другую папку в --data.", err)
		return "", nil, errors.Join(busy, f.Close())
	}
	const most = 64
	raw := make([]byte, most)
	n, _ := f.Read(raw) // an empty file has no name yet
	if name = strings.TrimSpace(string(raw[:n])); name == "" {
		name = rand.Text()
		if _, err := f.WriteAt([]byte(name+"\n"), 0); err != nil {
			return "", nil, errors.Join(errs.Wrap(errs.Unavailable, "В папку "+dir+" нельзя писать. Проверьте место на диске.", err), f.Close())
		}
	}
	return name, f.Close, nil
}
