package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/alecthomas/kong"

	"otklik/internal/errs"
)

// version is what the pages and "otklik version" show.
const version = "0.1.0"

// cli is the command line.
type cli struct {
	Debug bool `help:"Подробный журнал."`

	Demo       demoCmd       `cmd:"" help:"Показать всё на этой машине: имитаторы сетей, город с историей, живая лента."`
	Serve      serveCmd      `cmd:"" help:"Работать с настоящими сетями по файлу настроек."`
	Sim        simCmd        `cmd:"" help:"Только имитаторы ВКонтакте и Telegram."`
	User       userCmd       `cmd:"" help:"Люди, которые входят в программу."`
	Vault      vaultCmd      `cmd:"" help:"Ключи шифрования, под которыми в базе лежат ключи страниц."`
	Audit      auditCmd      `cmd:"" help:"Журнал: кто что читал, менял и отправлял."`
	Bench      benchCmd      `cmd:"" help:"Измерить скорость правил и архива на ваших текстах."`
	Import     importCmd     `cmd:"" help:"Загрузить карточки из другой системы."`
	Export     exportCmd     `cmd:"" help:"Забрать данные из программы."`
	Eval       evalCmd       `cmd:"" help:"Измерить, как точно программа находит и разбирает сообщения."`
	Places     placesCmd     `cmd:"" help:"Территории: справочник улиц и районов."`
	Learn      learnCmd      `cmd:"" help:"Решения людей, на которых программа учится."`
	Rules      rulesCmd      `cmd:"" help:"Правила: перенести между установками таблицей."`
	Reindex    reindexCmd    `cmd:"" help:"Построить архив поиска заново, не прерывая поиска."`
	Rubricator rubricatorCmd `cmd:"" help:"Рубрикатор: таблица фактов и сопоставление с другими классификаторами."`
	Version    versionCmd    `cmd:"" help:"Показать версию."`
}

// environment is what commands get from outside.
type environment struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	log *slog.Logger
}

// run carries out one command line.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) error {
	var c cli
	stopped := false
	parser, err := kong.New(&c, kong.Name("otklik"),
		kong.Description("Отклик следит за ВКонтакте и Telegram, находит жалобы жителей, ведёт по ним карточки и отвечает в той же ветке."),
		kong.Writers(out, errOut), kong.Exit(func(int) { stopped = true }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if stopped {
		return nil
	}
	if err != nil {
		return errs.Wrap(errs.Invalid, "Команда непонятна: "+wrongLine(err.Error())+". Посмотрите otklik --help.", err)
	}
	level := slog.LevelWarn
	switch {
	case c.Debug:
		level = slog.LevelDebug
	case parsed.Command() == "demo":
		level = slog.LevelError // the demo's networks fail on purpose
	}
	log := slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: level}))
	return parsed.Run(&environment{ctx: ctx, in: in, out: out, log: log})
}

// sentence is what an administrator reads of an error: one line, and the cause
// where the sentence alone would not tell it.
func sentence(err error) string {
	var e *errs.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	return e.Message
}

// stopTime bounds an orderly stop.
const stopTime = 10 * time.Second

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e *environment) error {
	_, err := io.WriteString(e.out, "otklik "+version+"\n")
	return err
}
