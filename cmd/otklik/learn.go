package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/table"
)

type learnCmd struct {
	Import learnImportCmd `cmd:"" help:"Добавить решения из таблицы: на них программа учится наравне с решениями людей."`
}

type learnImportCmd struct {
	database
	File       string      `arg:"" type:"path" placeholder:"ФАЙЛ" help:"CSV или TSV, можно сжатый (.gz)."`
	Text       string      `default:"text" placeholder:"СТОЛБЕЦ" help:"Столбец с текстом."`
	Due        string      `default:"due" placeholder:"СТОЛБЕЦ" help:"Столбец с решением: да или нет; пусто — решения нет."`
	Topic      string      `placeholder:"СТОЛБЕЦ" help:"Столбец с темой: название или код темы из словаря."`
	Department string      `placeholder:"СТОЛБЕЦ" help:"Столбец с ведомством: название или код."`
	At         string      `placeholder:"СТОЛБЕЦ" help:"Столбец с днём решения, ГГГГ-ММ-ДД; без него — сегодня."`
	Kind       social.Kind `enum:"comment,post" default:"comment" help:"Что это за сообщения: comment или post."`
}

// importBatch bounds one transaction, so that people are never kept waiting.
const importBatch = 500

// Run reads the table and stores what is new in it.
func (c *learnImportCmd) Run(e *environment) (err error) {
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rows, err := c.read(e, s)
	if err != nil {
		return err
	}
	added := 0
	for part := range slices.Chunk(rows, importBatch) {
		n, err := s.ImportDecisions(e.ctx, part, time.Now())
		if err != nil {
			return err
		}
		added += n
	}
	_, err = fmt.Fprintf(e.out, "Прочитано решений: %d, новых: %d. Обучение начнётся само или по кнопке на странице «Обучение».\n", len(rows), added)
	return err
}

func (c *learnImportCmd) read(e *environment, s *store.Store) ([]learn.Decision, error) {
	names, err := labels(e, s)
	if err != nil {
		return nil, err
	}
	columns := []string{c.Text, c.Due}
	place := func(column string) int {
		if column == "" {
			return -1
		}
		columns = append(columns, column)
		return len(columns) - 1
	}
	topic, department, at := place(c.Topic), place(c.Department), place(c.At)
	t, err := table.Open(c.File, columns...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }()
	var list []learn.Decision
	for n := 1; ; n++ {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		cell := func(i int) string {
			if i < 0 {
				return ""
			}
			return row[i]
		}
		d, err := c.decision(row[0], row[1], cell(at))
		if err == nil {
			d.TopicID, err = names.find("темы", names.topics, cell(topic))
		}
		if err == nil {
			d.DepartmentID, err = names.find("ведомства", names.departments, cell(department))
		}
		if err != nil {
			return nil, errs.Wrap(errs.Invalid, fmt.Sprintf("Строка %d (считая строки с текстом): %s", n, errs.MessageOf(err)), err)
		}
		if row[1] != "" {
			list = append(list, d)
		}
	}
}

// decision is a row; the same text with the same word is the same decision.
func (c *learnImportCmd) decision(text, due, at string) (learn.Decision, error) {
	d := learn.Decision{Kind: learn.Imported, PersonName: "Из файла", At: time.Now()}
	d.Item.Text, d.Item.Kind, d.Item.OwnPage = text, c.Kind, true
	if c.Kind == social.Comment {
		d.Item.Depth = 1
	}
	switch strings.ToLower(due) {
	case "да", "yes", "true", "1", "":
		d.Due = true
	case "нет", "no", "false", "0":
	default:
		return d, errs.Newf(errs.Invalid, "в столбце «%s» стоит «%s», а нужно «да» или «нет».", c.Due, due)
	}
	if at != "" {
		var err error
		if d.At, err = time.Parse(time.DateOnly, at); err != nil {
			return d, errs.Newf(errs.Invalid, "в столбце «%s» стоит «%s», а нужен день, например 2026-11-23.", c.At, at)
		}
	}
	sum := sha256.Sum256([]byte(text))
	d.Subject = "file " + hex.EncodeToString(sum[:])
	d.Key = d.Subject + " " + strings.ToLower(due)
	return d, nil
}

// dictionary finds topics and departments by their names or codes.
type dictionary struct{ topics, departments map[string]string }

func labels(e *environment, s *store.Store) (dictionary, error) {
	d := dictionary{map[string]string{}, map[string]string{}}
	topics, err := s.Topics(e.ctx)
	if err != nil {
		return d, err
	}
	departments, err := s.Departments(e.ctx)
	for _, t := range topics {
		d.topics[strings.ToLower(t.Name)], d.topics[strings.ToLower(t.ID)] = t.ID, t.ID
	}
	for _, x := range departments {
		d.departments[strings.ToLower(x.Name)], d.departments[strings.ToLower(x.ID)] = x.ID, x.ID
	}
	return d, err
}

func (d dictionary) find(what string, in map[string]string, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	if id, ok := in[strings.ToLower(name)]; ok {
		return id, nil
	}
	return "", errs.Newf(errs.Invalid, "%s «%s» нет в словаре.", what, name)
}
