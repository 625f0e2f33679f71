package main

import (
	"fmt"
	"time"

	"otklik/internal/app"
	"otklik/internal/rights"
	"otklik/internal/store"
)

// reindexCmd asks for the search archive to be built anew. The running program
// does it, or the next one that starts: the base carries the wish.
type reindexCmd struct {
	Config string `type:"path" required:"" help:"Файл настроек."`
}

// Run asks all processes of the installation.
func (c *reindexCmd) Run(e *environment) (err error) {
	cfg, err := app.LoadConfig(c.Config)
	if err != nil {
		return err
	}
	s, err := store.Open(e.ctx, cfg.Where())
	if err != nil {
		return err
	}
	defer func() {
		if cerr := s.Close(); err == nil {
			err = cerr
		}
	}()
	if err := s.WishReindex(e.ctx, rights.System(), time.Now()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.out, "Архив поиска будет построен заново рядом с прежним. Работающая программа начнёт сразу, иначе при следующем запуске. Как идёт дело, видно на странице «Архив поиска».")
	return err
}
