package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"otklik/incidents"
	"otklik/internal/app"
	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
)

type benchDeskCmd struct {
	Cases    int           `default:"42000" help:"Сколько карточек придумать, от 20 до 200000."`
	People   int           `default:"20" help:"Сколько людей работает одновременно, от 1 до 100."`
	For      time.Duration `default:"30s" help:"Сколько работать, не больше 10m."`
	Pause    time.Duration `default:"1s" help:"Сколько человек в среднем смотрит на страницу."`
	Database string        `placeholder:"АДРЕС" help:"Пустая база PostgreSQL; без неё — SQLite во временной папке."`
	JSON     bool          `name:"json" help:"Вывести числа в JSON."`
}

// deskFigures is what the measurement gives; times are in milliseconds.
type deskFigures struct {
	Cases    int     `json:"cases"`
	People   int     `json:"people"`
	Import   float64 `json:"import_seconds"`
	Requests int     `json:"requests"`
	Failures int     `json:"failures"`
	// CPU is the processor time of a request, that of the people's browsers included.
	CPU   float64               `json:"cpu_ms_per_request"`
	Pages map[string]pageFigure `json:"pages"`
}

type pageFigure struct {
	Requests int     `json:"requests"`
	P50      float64 `json:"p50_ms"`
	P95      float64 `json:"p95_ms"`
	Longest  float64 `json:"max_ms"`
}

// Run fills an empty base, starts the whole program on loopback and has people
// work in it.
func (c *benchDeskCmd) Run(e *environment) (err error) {
	if c.Cases < 20 || c.Cases > 200_000 || c.People < 1 || c.People > 100 || c.For <= 0 || c.For > 10*time.Minute || c.Pause < 0 {
		return errs.New(errs.Invalid, "Карточек — от 20 до 200000, людей — от 1 до 100, времени — до 10m.")
	}
	folder, err := os.MkdirTemp("", "otklik-desk-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	dsn := cmp.Or(c.Database, store.FileIn(folder))
	f := deskFigures{Cases: c.Cases, People: c.People, Pages: map[string]pageFigure{}}
	staff, err := c.fill(e.ctx, dsn, &f)
	if err != nil {
		return err
	}
	a, err := app.New(e.ctx, app.Config{Agency: "Энск", Zone: "Europe/Moscow", Listen: "127.0.0.1:0", Data: folder, DB: c.Database}, version, e.log)
	if err != nil {
		return err
	}
	a.Start(e.ctx)
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		err = errors.Join(err, a.Stop(ctx))
	}()
	if err := waitArchive(e.ctx, a); err != nil {
		return err
	}
	before := cpuTime()
	log, err := c.walk(e.ctx, a.URL(), staff)
	if err != nil {
		return err
	}
	f.CPU = float64((cpuTime() - before).Milliseconds())
	f.add(log)
	return c.tell(e, f)
}

// waitArchive lets the archive take the cases in first: that happens once, not
// while people work.
func waitArchive(ctx context.Context, a *app.App) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for a.Archived().IsZero() {
		select {
		case <-ctx.Done():
			return errs.Wrap(errs.Unavailable, "Архив не наполнился за пять минут.", ctx.Err())
		case <-look.C:
		}
	}
	return nil
}

// fill writes the cases and the people of an empty base.
func (c *benchDeskCmd) fill(ctx context.Context, dsn string, f *deskFigures) ([]string, error) {
	s, err := store.OpenBeside(ctx, dsn)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	staff, err := c.people(ctx, s, now)
	if err == nil {
		err = c.cases(ctx, s, now)
	}
	f.Import = time.Since(now).Seconds()
	return staff, errors.Join(err, s.Close())
}

const benchPassword = "не секрет: база на один замер"

func (c *benchDeskCmd) people(ctx context.Context, s *store.Store, now time.Time) ([]string, error) {
	t, err := s.Tally(ctx)
	if err != nil {
		return nil, err
	}
	if t.Cases > 0 {
		return nil, errs.New(errs.Conflict, "В этой базе уже есть карточки. Для замера нужна пустая.")
	}
	if err := app.Seed(ctx, s, now); err != nil {
		return nil, err
	}
	hash, err := auth.HashPassword(benchPassword)
	if err != nil {
		return nil, err
	}
	var staff []string
	for i := range c.People {
		email := fmt.Sprintf("p%d@enskaya.example", i)
		_, err := s.AddPerson(ctx, auth.Person{
			Email: email, Name: fmt.Sprintf("Сотрудник %d", i+1),
			Roles: []rights.Role{rights.Coordinator, rights.Moderator, rights.Head, rights.PressOfficer},
		}, hash, now)
		if err != nil {
			return nil, err
		}
		staff = append(staff, email)
	}
	return staff, nil
}

// cases imports made-up cases in the proportions of a real portal: one in seven
// is open still.
func (c *benchDeskCmd) cases(ctx context.Context, s *store.Store, now time.Time) error {
	topics, err := s.Topics(ctx)
	if err != nil {
		return err
	}
	dice := rand.New(rand.NewPCG(1, 1))
	const batch = 500
	for at := 0; at < c.Cases; at += batch {
		var list []incidents.Past
		for i := at; i < min(at+batch, c.Cases); i++ {
			list = append(list, madeUp(dice, topics, i, now))
		}
		if _, err := s.ImportCases(ctx, rights.System(), list, now); err != nil {
			return err
		}
	}
	return nil
}

func madeUp(dice *rand.Rand, topics []incidents.Topic, i int, now time.Time) incidents.Past {
	pick := func(words string) string {
		list := strings.Split(words, "|")
		return list[dice.IntN(len(list))]
	}
	t := topics[dice.IntN(len(topics))]
	street := pick("Садовая|Заречная|Луговая|Полевая|Школьная|Речная|Лесная|Парковая|Кленовая|Южная")
	text := fmt.Sprintf("%s %s. %s, дом %d. %s", pick("Не убирают двор|Не горит фонарь|Течёт труба|Разбита дорога|Не вывозят мусор|Скользко у подъезда|Холодно в квартире"),
		pick("вторую неделю|с понедельника|уже месяц|после ремонта"), "Улица "+street, 1+dice.IntN(120), strings.Repeat(pick("Просим принять меры. |Когда исправят? |Звонили, никто не приехал. "), 1+dice.IntN(6)))
	ref := social.Ref{Network: social.Imported, Owner: string(social.Imported), ID: fmt.Sprint(1_000_000 + i)}
	opened := now.Add(-time.Duration(dice.IntN(150*24)) * time.Hour)
	p := incidents.Past{
		Message: social.Item{Ref: ref, Kind: social.Comment, Thread: ref, Author: social.Author{Name: "Житель"}, Text: text, PublishedAt: opened},
		TopicID: t.ID, TopicName: t.Name, DepartmentID: t.DepartmentID, Address: "улица " + street,
		Stage: incidents.Done, Outcome: incidents.Resolved, Answer: "Работы выполнены.", ClosedAt: opened.Add(time.Duration(dice.IntN(20*24)) * time.Hour),
	}
	if stage := i % 7; stage == 0 {
		p.Stage = []incidents.Stage{incidents.Moderation, incidents.Coordination, incidents.Execution}[dice.IntN(3)]
		p.Outcome, p.Answer, p.ClosedAt = "", "", time.Time{}
	}
	return p
}

// walk has all people work at once until the time is over.
func (c *benchDeskCmd) walk(ctx context.Context, url string, staff []string) (*deskLog, error) {
	// Signing in and the first round take their time as well.
	ctx, cancel := context.WithTimeout(ctx, c.For+5*time.Minute)
	defer cancel()
	log := &deskLog{took: map[string][]time.Duration{}}
	walkers := make([]*walker, len(staff))
	for i, email := range staff {
		w, err := newWalker(ctx, url, email, uint64(i), log)
		if err != nil {
			return nil, err
		}
		walkers[i] = w
	}
	over, stop := context.WithTimeout(ctx, c.For)
	defer stop()
	var all sync.WaitGroup
	for _, w := range walkers {
		all.Go(func() { w.work(ctx, over, c.Pause) })
	}
	all.Wait()
	return log, nil
}

func (f *deskFigures) add(log *deskLog) {
	f.Failures = log.failed
	defer func() { f.CPU /= float64(max(f.Requests, 1)) }()
	for page, list := range log.took {
		slices.Sort(list)
		f.Requests += len(list)
		f.Pages[page] = pageFigure{Requests: len(list), P50: quantile(list, 0.5), P95: quantile(list, 0.95), Longest: quantile(list, 1)}
	}
}

func (c *benchDeskCmd) tell(e *environment, f deskFigures) error {
	if c.JSON {
		return json.NewEncoder(e.out).Encode(f)
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Карточек: %d, людей: %d, загрузка: %.1f с, запросов: %d, отказов: %d, процессор: %.0f мс на запрос\n", f.Cases, f.People, f.Import, f.Requests, f.Failures, f.CPU)
	fmt.Fprint(w, "страница\tзапросов\tp50, мс\tp95, мс\tдольше всего, мс\n")
	pages := make([]string, 0, len(f.Pages))
	for page := range f.Pages {
		pages = append(pages, page)
	}
	slices.Sort(pages)
	for _, page := range pages {
		x := f.Pages[page]
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%.0f\t%.0f\n", page, x.Requests, x.P50, x.P95, x.Longest)
	}
	return w.Flush()
}
