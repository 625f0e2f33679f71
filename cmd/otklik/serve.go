package main

import (
	"context"
	"fmt"
	"os"

	"otklik/internal/app"
)

type serveCmd struct {
	Config string `required:"" type:"path" env:"OTKLIK_CONFIG" help:"Файл настроек (JSON), пример в docs/ru/install.md."`
	Listen string `env:"OTKLIK_LISTEN" help:"Адрес страниц вместо указанного в настройках."`
	Data   string `type:"path" env:"OTKLIK_DATA" help:"Папка для данных вместо указанной в настройках."`
	DB     string `env:"OTKLIK_DB" help:"Адрес PostgreSQL вместо указанного в настройках."`

	KeyFile string `type:"path" env:"OTKLIK_KEY_FILE" help:"Файл ключей шифрования вместо указанного в настройках. Сами ключи можно передать в переменной OTKLIK_KEY."`
}

// Run works until it is told to stop.
func (c *serveCmd) Run(e *environment) error {
	cfg, err := loadConfig(c.Config, c.Listen, c.Data, c.DB)
	if err != nil {
		return err
	}
	if c.KeyFile != "" {
		cfg.KeyFile = c.KeyFile
	}
	cfg.MasterKeys = app.NewSecret(os.Getenv("OTKLIK_KEY"))
	a, err := app.New(e.ctx, cfg, version, e.log)
	if err != nil {
		return err
	}
	a.Start(e.ctx)
	fmt.Fprintf(e.out, "Отклик работает: %s\n", a.URL())
	if a.Connected() == 0 {
		e.log.Warn("no pages are connected, nothing will be read", "config", c.Config)
		fmt.Fprintf(e.out, "Не подключена ни одна страница, поэтому читать нечего: нет ни одной страницы ни в базе, ни в файле настроек %s. Войдите администратором и подключите их в «Источниках».\n", c.Config)
	}
	<-e.ctx.Done()
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return a.Stop(ctx)
}

// loadConfig reads the file and lets the flags win.
func loadConfig(path, listen, data, db string) (app.Config, error) {
	cfg, err := app.LoadConfig(path)
	if err != nil {
		return cfg, err
	}
	if listen != "" {
		cfg.Listen = listen
	}
	if data != "" {
		cfg.Data = data
	}
	if db != "" {
		cfg.DB = db
	}
	if cfg.Data == "" {
		cfg.Data = "data"
	}
	return cfg, nil
}
