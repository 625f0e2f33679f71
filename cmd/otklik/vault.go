package main

import (
	"fmt"
	"sort"
	"time"

	"otklik/internal/vault"
)

// vaultCmd are the master keys, under which the keys of pages stand in the base.
type vaultCmd struct {
	Rotate rotateCmd `cmd:"" help:"Добавить новый действующий ключ шифрования; работающая программа перейдёт на него сама."`
	Show   showCmd   `cmd:"" help:"Показать, сколько ключей страниц зашифровано каким ключом шифрования."`
}

type rotateCmd struct {
	KeyFile string `required:"" type:"path" env:"OTKLIK_KEY_FILE" help:"Файл ключей шифрования; если его нет, он будет создан."`
}

// Run puts a new master key before the others.
func (c *rotateCmd) Run(e *environment) error {
	id, err := vault.Rotate(c.KeyFile, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "Ключ шифрования %s добавлен в %s и теперь действующий.\nПрежние ключи оставьте в файле, пока otklik vault show не скажет, что ими ничего не зашифровано. Копию файла храните отдельно от копий базы.\n", id, c.KeyFile)
	return err
}

type showCmd struct{ database }

// Run counts what each master key has sealed.
func (c *showCmd) Run(e *environment) error {
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	use, err := s.MasterIDs(e.ctx)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(use))
	for id := range use {
		names = append(names, id)
	}
	sort.Strings(names)
	for _, id := range names {
		if _, err := fmt.Fprintf(e.out, "%-20s ключей страниц: %d\n", id, use[id]); err != nil {
			return err
		}
	}
	if len(names) == 0 {
		_, err = fmt.Fprintln(e.out, "В базе нет ни одного ключа страниц.")
	}
	return err
}
