package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/ru"
)

// keepingPage is the page Хранение данных.
type keepingPage struct {
	Shell   shell
	Version int
	By      string
	At      stamp
	Rows    []keepingRow
	Dry     bool // what would be removed is shown
	Problem string
}

type keepingRow struct {
	Class, Title, Note string
	Days               string
	Least, Most        int
	Due                string // what would be removed now
}

func classTitle(c records.Class) string {
	switch c {
	case records.Updates:
		return "Сырые обновления"
	case records.Broken:
		return "Непонятые обновления"
	case records.Items:
		return "Сообщения без карточки"
	case records.Photos:
		return "Фото жителей"
	case records.Cases:
		return "Тексты и имена в закрытых карточках"
	case records.Decisions:
		return "Тексты для обучения"
	case records.Journal:
		return "Журнал"
	}
	return ""
}

// classNote says what is lost with a class, and what a term is usually based on.
func classNote(c records.Class) string {
	switch c {
	case records.Updates:
		return "Копии того, что прислали сети. Всё понятое из них уже лежит в сообщениях, поэтому хватает месяца."
	case records.Broken:
		return "Новая версия программы пробует разобрать их снова; после удаления это невозможно."
	case records.Items:
		return "Комментарии жителей, на которые реагировать не нужно, с текстами и фото. Закон № 152-ФЗ, статья 5: не дольше, чем требует цель."
	case records.Photos:
		return "Сами снимки. В карточке останется отметка, что фото было."
	case records.Cases:
		return "Остаются номер, тема, сроки, стадии и ответ ведомства: статистика не меняется. Для обращений граждан обычно берут 5 лет."
	case records.Decisions:
		return "На них программа учится. Выученное раньше остаётся."
	case records.Journal:
		return "Удаляется только с начала, цепочка хешей не рвётся. Выгрузку об уничтожении данных хранят 3 года (приказ Роскомнадзора № 179 от 28.10.2022)."
	}
	return ""
}

func (s *server) keeping(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.keepingPage(r, v)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "keeping", page)
	return nil
}

func (s *server) keepingPage(r *http.Request, v *visit) (*keepingPage, error) {
	t, by, err := s.Records.Terms.Terms(r.Context())
	if err != nil {
		return nil, err
	}
	p := &keepingPage{Shell: s.shell(r, v, "keeping", "Хранение данных"), Version: by.Version, By: by.By, At: s.stamp(by.At, v.now), Dry: r.URL.Query().Get("dry") == "1"}
	for _, c := range records.Classes() {
		row := keepingRow{Class: string(c), Title: classTitle(c), Note: classNote(c), Days: strconv.Itoa(t[c])}
		row.Least, row.Most = c.Bounds()
		if p.Dry {
			if row.Due, err = s.dueOf(r, v, t, c); err != nil {
				return nil, err
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

func (s *server) dueOf(r *http.Request, v *visit, t records.Terms, c records.Class) (string, error) {
	before := t.Before(c, v.now)
	if before.IsZero() {
		return "бессрочно, ничего", nil
	}
	due, err := s.Records.Terms.DueOf(r.Context(), c, before)
	if err != nil {
		return "", err
	}
	if due.Count == 0 {
		return "ничего", nil
	}
	return ru.Number(due.Count) + ", самое старое от " + s.clock.Date(due.Oldest), nil
}

func (s *server) saveKeeping(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	t, err := readKeeping(f)
	if err == nil {
		seen, _ := strconv.Atoi(f.Get("version")) // a form without it has seen nothing
		err = s.Records.Terms.SetTerms(r.Context(), v.person.Actor(), t, seen, v.now)
	}
	if code := errs.CodeOf(err); code == errs.Invalid || code == errs.Conflict {
		page, failed := s.keepingPage(r, v)
		if failed != nil {
			return failed
		}
		page.Problem = errs.MessageOf(err)
		for i := range page.Rows {
			if given := f.Get("days." + page.Rows[i].Class); given != "" && code == errs.Invalid {
				page.Rows[i].Days = given
			}
		}
		s.show(w, v, statusOf(code), "keeping", page)
		return nil
	}
	if err != nil {
		return err
	}
	s.setFlash(w, "terms-saved", 0)
	http.Redirect(w, r, "/keeping", http.StatusSeeOther)
	return nil
}

func readKeeping(f url.Values) (records.Terms, error) {
	t := records.Terms{}
	for _, c := range records.Classes() {
		days, err := strconv.Atoi(strings.TrimSpace(f.Get("days." + string(c))))
		if err != nil || days < 0 {
			return t, errs.Newf(errs.Invalid, "%s: срок — целое число дней, 0 — бессрочно.", classTitle(c))
		}
		t[c] = days
	}
	return t, t.Check()
}
