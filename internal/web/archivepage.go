package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/ru"
)

// upkeep is what an administrator sees of the archive.
type upkeep struct {
	State  string
	Months int
	Checks []string
	Busy   bool
}

func (s *server) upkeep(ctx context.Context) (*upkeep, error) {
	_, months, newest, err := s.Searching.Upkeep.ArchiveWishes(ctx)
	if err != nil {
		return nil, err
	}
	u := &upkeep{Months: months, State: "Архив построен."}
	if _, cursor, busy := s.Searching.Archive.Rebuilding(); busy {
		done, _ := strconv.ParseInt(cursor, 10, 64) // an empty cursor is the beginning
		u.Busy, u.State = true, "Архив перестраивается: "+strconv.FormatInt(100*done/max(newest, 1), 10)+"\u00a0%. Поиск всё это время работает по прежнему."
	}
	checks, err := s.Searching.Upkeep.ArchiveChecks(ctx, 5)
	for _, c := range checks {
		line := s.clock.Exact(c.Begun) + ": сверено " + ru.Count(c.Items, "сообщение", "сообщения", "сообщений")
		switch {
		case c.Trouble != "":
			line = s.clock.Exact(c.Begun) + ": сверка не закончена. " + c.Trouble
		case c.Differs():
			line += ", исправлено " + ru.Number(c.Mended())
		default:
			line += ", расхождений нет"
		}
		u.Checks = append(u.Checks, line)
	}
	return u, err
}

// archivePage is what an administrator sees of the archive.
type archivePage struct {
	Shell  shell
	Upkeep *upkeep
}

func (s *server) archive(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := archivePage{Shell: s.shell(r, v, "archive", "Архив поиска")}
	var err error
	if page.Upkeep, err = s.upkeep(r.Context()); err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "archive", page)
	return nil
}

func (s *server) reindex(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Searching.Upkeep.WishReindex(r.Context(), v.person.Actor(), v.now); err != nil {
		return err
	}
	return s.searched(w, r, "/archive", "reindex")
}

func (s *server) keepMonths(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	months, err := strconv.Atoi(strings.TrimSpace(f.Get("months")))
	if err != nil {
		return errs.New(errs.Invalid, "Укажите число месяцев, 0 — хранить всё.")
	}
	if err := s.Searching.Upkeep.KeepMonths(r.Context(), v.person.Actor(), months, v.now); err != nil {
		return err
	}
	return s.searched(w, r, "/archive", "months")
}
