package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/records"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Пройти журнал от начала до конца и сказать, не менял ли его кто-то в обход программы."`
	Export auditExportCmd `cmd:"" help:"Выгрузить журнал: по одной записи JSON в строке."`
}

type auditVerifyCmd struct {
	database
	Anchor []string `placeholder:"НОМЕР:ХЕШ" help:"Якорь, записанный раньше вне программы; можно несколько."`
}

// Run walks along the journal. A journal that does not hold is an error, so that
// scripts notice it.
func (c *auditVerifyCmd) Run(e *environment) (err error) {
	anchors := make([]records.Anchor, len(c.Anchor))
	for i, text := range c.Anchor {
		number, hash, ok := strings.Cut(text, ":")
		if anchors[i].Seq, err = strconv.ParseInt(number, 10, 64); err != nil || !ok {
			return errs.New(errs.Invalid, "Якорь записывается как номер и хеш через двоеточие: 4127:9f86…")
		}
		anchors[i].Hash = strings.TrimSpace(hash)
	}
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	check, err := s.VerifyJournal(e.ctx, anchors, time.Now())
	if err != nil {
		return err
	}
	if !check.Whole() {
		return errs.Newf(errs.Conflict, "Журнал повреждён: %s. Первая запись, которая не сходится, — № %d.", check.Trouble, check.Broken)
	}
	_, err = fmt.Fprintf(e.out, "Журнал цел: записи с № %d по № %d идут подряд.\nЯкорь: %s\nЗапишите его вне программы: по нему видно, не отрезан ли потом конец.\n", check.First, check.Head.Seq, check.Head)
	return err
}

type auditExportCmd struct {
	database
	From string `placeholder:"ГГГГ-ММ-ДД" help:"С какого дня; без него — с начала."`
	To   string `placeholder:"ГГГГ-ММ-ДД" help:"По какой день включительно; без него — до конца."`
}

// Run writes rows with their hashes, so that whoever has the file can check it.
func (c *auditExportCmd) Run(e *environment) (err error) {
	from, to, err := days(c.From, c.To)
	if err != nil {
		return err
	}
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Record(e.ctx, records.Entry{At: time.Now(), ActorName: "Командная строка", Action: records.Export, Subject: "journal", Data: map[string]string{"from": c.From, "to": c.To}}); err != nil {
		return err
	}
	out := json.NewEncoder(e.out)
	out.SetEscapeHTML(false)
	var failed error
	err = s.WalkJournal(e.ctx, 0, func(r records.Row) bool {
		if r.At.Before(from) || !to.IsZero() && !r.At.Before(to) {
			return true
		}
		failed = out.Encode(r)
		return failed == nil
	})
	return errors.Join(err, failed)
}

// days reads a span of days in local time; to is the end of its day.
func days(first, last string) (from, to time.Time, err error) {
	for _, x := range []struct {
		text string
		into *time.Time
		plus int
	}{{first, &from, 0}, {last, &to, 1}} {
		if x.text == "" {
			continue
		}
		at, err := time.ParseInLocation(time.DateOnly, x.text, time.Local)
		if err != nil {
			return from, to, errs.Newf(errs.Invalid, "День пишется как 2026-11-23, а не «%s».", x.text)
		}
		*x.into = at.AddDate(0, 0, x.plus)
	}
	return from, to, nil
}
