package main

import (
	"time"

	"otklik/internal/demo"
)

type demoCmd struct {
	Listen  string        `default:"127.0.0.1:8080" help:"Адрес страниц."`
	Data    string        `type:"path" help:"Папка для данных; без неё — временная, в конце удаляется."`
	DB      string        `help:"Адрес PostgreSQL (postgres://…) вместо SQLite."`
	Replay  string        `type:"path" help:"Файл CSV или TSV (можно .gz), тексты которого напишут жители."`
	Column  string        `default:"text" help:"Столбец с текстом."`
	Rate    string        `default:"50/s" help:"Скорость: 50/s или 600/m."`
	As      string        `default:"vk-comment" enum:"vk-comment,vk-post,tg-post,tg-comment" help:"Чем станут тексты: ${enum}."`
	For     time.Duration `help:"Остановиться через это время, например 60s."`
	Summary string        `type:"path" help:"Куда записать итог в JSON."`
	Faults  faultFlags    `embed:""`
}

// Run shows the program on this machine.
func (c *demoCmd) Run(e *environment) error {
	faults, err := c.Faults.load()
	if err != nil {
		return err
	}
	o := demo.Options{
		Listen: c.Listen, Data: c.Data, DB: c.DB, For: c.For, Summary: c.Summary, Faults: faults,
		Version: version, Out: e.out, Log: e.log,
	}
	if c.Replay != "" {
		o.Replay = &demo.Replay{File: c.Replay, Column: c.Column, Rate: c.Rate, As: c.As}
	}
	return demo.Run(e.ctx, o)
}
