package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"otklik/internal/app"
	"otklik/internal/auth"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/store"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Добавить человека."`
	List     userListCmd     `cmd:"" help:"Показать всех."`
	Password userPasswordCmd `cmd:"" help:"Сменить пароль; открытые входы человека закроются."`
	Dismiss  userDismissCmd  `cmd:"" help:"Закрыть человеку вход; его записи в карточках остаются."`
	Restore  userRestoreCmd  `cmd:"" help:"Снова открыть вход с прежним паролем."`
}

// database is where the people are kept.
type database struct {
	Config string `type:"path" env:"OTKLIK_CONFIG" help:"Файл настроек; из него берётся адрес базы."`
	Data   string `type:"path" env:"OTKLIK_DATA" help:"Папка данных, если файла настроек нет."`
	DB     string `env:"OTKLIK_DB" help:"Адрес PostgreSQL."`
}

// open opens the base of an installation that is there already.
func (d database) open(e *environment) (*store.Store, error) {
	dsn, err := d.where()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dsn); !strings.HasPrefix(dsn, "postgres") && err != nil {
		return nil, errs.Wrap(errs.NotFound, "В папке "+filepath.Dir(dsn)+" нет базы. Проверьте путь; новую базу создаёт otklik user add или otklik serve.", err)
	}
	return store.OpenBeside(e.ctx, dsn)
}

// make opens the base and makes one where there is none.
func (d database) make(e *environment) (*store.Store, error) {
	dsn, err := d.where()
	if err != nil {
		return nil, err
	}
	s, err := store.OpenBeside(e.ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := app.Seed(e.ctx, s, time.Now()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (d database) where() (string, error) {
	if d.DB != "" {
		return d.DB, nil
	}
	if d.Config != "" {
		cfg, err := loadConfig(d.Config, "", d.Data, "")
		return cfg.Where(), err
	}
	if d.Data == "" {
		return "", errs.New(errs.Invalid, "Укажите, где база: --config, --data или --db.")
	}
	return store.FileIn(d.Data), nil
}

type userAddCmd struct {
	database
	Email      string   `required:"" help:"Рабочая почта, она же имя для входа."`
	Name       string   `required:"" help:"Имя и фамилия."`
	Role       []string `required:"" enum:"administrator,head,curator,coordinator,executor,moderator,press" help:"Роль; можно несколько: ${enum}."`
	Department string   `help:"Код ведомства; нужен исполнителю."`
	Password   string   `help:"Пароль. Без него программа придумает и покажет один раз; «-» — прочитать из ввода."`
}

// Run adds a person.
func (c *userAddCmd) Run(e *environment) error {
	if !strings.Contains(c.Email, "@") || strings.TrimSpace(c.Name) == "" {
		return errs.New(errs.Invalid, "Нужны почта вида имя@ведомство.рф и имя с фамилией: --email и --name.")
	}
	s, err := c.make(e)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	p := auth.Person{Email: c.Email, Name: c.Name, DepartmentID: c.Department}
	for _, r := range c.Role {
		p.Roles = append(p.Roles, rights.Role(r))
	}
	if err := c.checkDepartment(e, s); err != nil {
		return err
	}
	password, made, err := choosePassword(e, c.Password)
	if err != nil {
		return err
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	if _, err := s.AddPerson(e.ctx, p, hash, time.Now()); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Добавлено: %s, %s.\n", c.Name, c.Email)
	if made {
		fmt.Fprintf(e.out, "Пароль: %s\nОн показан один раз.\n", password)
	}
	return nil
}

// checkDepartment refuses a department that does not exist, and an executor
// without one, who would see every case and could answer none.
func (c *userAddCmd) checkDepartment(e *environment, s *store.Store) error {
	if c.Department == "" && !slices.Contains(c.Role, string(rights.Executor)) {
		return nil
	}
	list, err := s.Departments(e.ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, d := range list {
		if d.ID == c.Department {
			return nil
		}
		ids = append(ids, d.ID)
	}
	if c.Department == "" {
		return errs.Newf(errs.Invalid, "Исполнителю нужно ведомство: укажите --department. Есть: %s.", strings.Join(ids, ", "))
	}
	return errs.Newf(errs.Invalid, "Ведомства «%s» нет. Есть: %s.", c.Department, strings.Join(ids, ", "))
}

// choosePassword takes the given one, reads one, or makes one.
func choosePassword(e *environment, given string) (password string, made bool, err error) {
	switch given {
	case "":
		return rand.Text()[:16], true, nil
	case "-":
		line, err := bufio.NewReader(e.in).ReadString('\n')
		if given = strings.TrimRight(line, "\r\n"); given == "" && err != nil {
			return "", false, errs.New(errs.Invalid, "Во вводе нет пароля.")
		}
	}
	const least = 10
	if len([]rune(given)) < least {
		return "", false, errs.Newf(errs.Invalid, "Пароль короче %d знаков. Возьмите длиннее.", least)
	}
	return given, false, nil
}

type userListCmd struct{ database }

// Run lists the people.
func (c *userListCmd) Run(e *environment) error {
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	people, err := s.People(e.ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.out, 0, 2, 2, ' ', 0)
	for _, p := range people {
		var roles []string
		for _, r := range p.Roles {
			roles = append(roles, r.Title())
		}
		var state string
		if !p.Active {
			state = "вход закрыт"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Email, p.Name, strings.Join(roles, ", "), p.DepartmentID, state)
	}
	return w.Flush()
}

type userPasswordCmd struct {
	database
	Email    string `required:"" help:"Почта человека."`
	Password string `help:"Новый пароль. Без него программа придумает и покажет один раз; «-» — прочитать из ввода."`
}

// Run changes a password.
func (c *userPasswordCmd) Run(e *environment) error {
	s, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	password, made, err := choosePassword(e, c.Password)
	if err != nil {
		return err
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	if err := s.SetPassword(e.ctx, c.Email, hash, time.Now()); err != nil {
		return err
	}
	fmt.Fprintln(e.out, "Пароль сменён, открытые входы закрыты.")
	if made {
		fmt.Fprintf(e.out, "Пароль: %s\n", password)
	}
	return nil
}

type userDismissCmd struct {
	database
	Email string `required:"" help:"Почта человека."`
}

// Run closes the door to a person.
func (c *userDismissCmd) Run(e *environment) error {
	return c.admit(e, c.Email, false, "Вход закрыт, открытые входы завершены: %s.\n")
}

type userRestoreCmd struct {
	database
	Email string `required:"" help:"Почта человека."`
}

// Run lets a person in again.
func (c *userRestoreCmd) Run(e *environment) error {
	return c.admit(e, c.Email, true, "Вход снова открыт, пароль прежний: %s.\n")
}

func (d database) admit(e *environment, email string, active bool, done string) error {
	s, err := d.open(e)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := s.SetActive(e.ctx, email, active, time.Now()); err != nil {
		return err
	}
	fmt.Fprintf(e.out, done, email)
	return nil
}
