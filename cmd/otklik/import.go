package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/casefile"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/store"
	"otklik/internal/table"
)

type importCmd struct {
	Cases importCasesCmd `cmd:"" help:"Загрузить карточки из другой системы таблицей CSV. Повторный запуск загрузит только то, чего ещё нет."`
}

type importCasesCmd struct {
	database
	CSV    string            `name:"csv" required:"" type:"path" placeholder:"ФАЙЛ" help:"CSV или TSV, можно сжатый (.gz)."`
	Map    map[string]string `mapsep:"none" placeholder:"ПОЛЕ=СТОЛБЕЦ" help:"В каком столбце поле; можно несколько раз. Остальное программа узнаёт по названиям."`
	Status map[string]string `mapsep:"none" placeholder:"СТАТУС=СТАДИЯ" help:"Что значит статус той системы; можно несколько раз."`
	Topics string            `type:"path" placeholder:"ФАЙЛ" help:"CSV со столбцами «название» и «тема»: какой теме соответствует название той системы."`
	Zone   string            `default:"Europe/Moscow" help:"Часовой пояс дат, у которых он не указан."`
	Batch  int               `default:"500" help:"Сколько карточек в одной записи, от 1 до 2000."`
	Check  bool              `help:"Только проверить файл, ничего не загружать."`
}

// imported is what became of a file.
type imported struct {
	rows, written, known, bad int
}

// mostProblems bounds how many bad rows are named one by one.
const mostProblems = 20

// Run loads the file batch by batch; what was loaded before stays as it is.
func (c *importCasesCmd) Run(e *environment) (err error) {
	if c.Batch < 1 || c.Batch > 2000 {
		return errs.New(errs.Invalid, "В --batch — число от 1 до 2000.")
	}
	s, err := c.make(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	o, err := c.options(e, s)
	if err != nil {
		return err
	}
	r, err := casefile.Open(c.CSV, o)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	if _, err := fmt.Fprintf(e.out, "Столбцы: %s.\n", strings.Join(r.Columns(), ", ")); err != nil {
		return err
	}
	begun := time.Now()
	n, err := c.load(e, s, r)
	return errors.Join(err, c.tell(e.out, r, n, time.Since(begun)))
}

func (c *importCasesCmd) options(e *environment, s *store.Store) (o casefile.Options, err error) {
	o = casefile.Options{Map: c.Map, Statuses: c.Status, Now: time.Now()}
	if o.Zone, err = time.LoadLocation(c.Zone); err != nil {
		return o, errs.Newf(errs.Invalid, "Часового пояса «%s» нет. Пример: Europe/Moscow.", c.Zone)
	}
	if o.Topics, err = s.Topics(e.ctx); err != nil {
		return o, err
	}
	if o.Departments, err = s.Departments(e.ctx); err != nil || c.Topics == "" {
		return o, err
	}
	t, err := table.Open(c.Topics, "название", "тема")
	if err != nil {
		return o, err
	}
	defer func() { _ = t.Close() }()
	o.TopicNames = map[string]string{}
	for {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			return o, nil
		}
		if err != nil {
			return o, err
		}
		o.TopicNames[row[0]] = row[1]
	}
}

func (c *importCasesCmd) load(e *environment, s *store.Store, r *casefile.Reader) (n imported, err error) {
	var batch []incidents.Past
	flush := func() error {
		if c.Check || len(batch) == 0 {
			return nil
		}
		written, err := s.ImportCases(e.ctx, rights.System(), batch, time.Now())
		if err == nil {
			n.written, n.known = n.written+written, n.known+len(batch)-written
		}
		batch = batch[:0]
		return err
	}
	for {
		p, problems, err := r.Next()
		if errors.Is(err, io.EOF) {
			return n, flush()
		}
		if err != nil {
			return n, errors.Join(flush(), err)
		}
		n.rows++
		if len(problems) > 0 {
			if n.bad++; n.bad <= mostProblems {
				for _, p := range problems {
					if _, err := fmt.Fprintln(e.out, p.Words()); err != nil {
						return n, err
					}
				}
			}
			continue
		}
		if batch = append(batch, p); len(batch) == c.Batch {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
}

func (c *importCasesCmd) tell(out io.Writer, r *casefile.Reader, n imported, took time.Duration) error {
	var b strings.Builder
	if n.bad > mostProblems {
		fmt.Fprintf(&b, "Строк с ошибками больше: %d, показаны первые %d.\n", n.bad, mostProblems)
	}
	if c.Check {
		fmt.Fprintf(&b, "Проверено строк: %d. С ошибками: %d. Ничего не загружено.\n", n.rows, n.bad)
	} else {
		fmt.Fprintf(&b, "Строк: %d. Загружено карточек: %d. Уже были: %d. С ошибками: %d. Секунд: %.1f.\n", n.rows, n.written, n.known, n.bad, took.Seconds())
	}
	if r.Undated > 0 {
		fmt.Fprintf(&b, "Без даты закрытия: %d, для них взята дата создания.\n", r.Undated)
	}
	names := slices.SortedFunc(maps.Keys(r.Unmatched), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Unmatched[b], r.Unmatched[a]), cmp.Compare(a, b))
	})
	const most = 10
	for i, name := range names {
		if i == most {
			fmt.Fprintf(&b, "Других тем, которых нет в программе: %d.\n", len(names)-most)
			break
		}
		fmt.Fprintf(&b, "Темы «%s» нет в программе, карточек: %d. Сопоставьте её через --topics.\n", name, r.Unmatched[name])
	}
	_, err := io.WriteString(out, b.String())
	return err
}
