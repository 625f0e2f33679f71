package web

import (
	"net/http"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/planfile"
	"otklik/internal/ru"
)

// importPlan makes and changes the drafts. It may be repeated: a row makes one.
func (s *server) importPlan(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	page, rows, err := s.foresee(r, v, f)
	if err != nil {
		return err
	}
	if page.Problem != "" {
		s.show(w, v, http.StatusUnprocessableEntity, "plan-import", page)
		return nil
	}
	made, changed, err := s.carryIn(r, v, page, rows)
	if err != nil {
		return err
	}
	s.Hub.Publish(live.Posts)
	page.Done, page.Rows, page.More = true, nil, ""
	page.Made, page.Any = imported(made, changed), made+changed > 0
	s.show(w, v, http.StatusOK, "plan-import", page)
	return nil
}

// carryIn makes and changes drafts. What somebody has changed meanwhile is left
// as it is and named.
func (s *server) carryIn(r *http.Request, v *visit, page *importPage, rows []planfile.Row) (made, changed int, err error) {
	for _, x := range rows {
		if x.Post.ID == "" {
			ok, err := s.Press.Files.ImportPost(r.Context(), x.Key, x.Draft, v.now)
			if err != nil {
				return made, changed, err
			}
			if ok {
				made++
			}
			continue
		}
		expect := x.Post.Version
		for _, cmd := range x.Change {
			p, err := s.Planning.Desk.Do(r.Context(), v.person.Actor(), x.Post.ID, expect, cmd)
			if err != nil {
				if code := errs.CodeOf(err); code != errs.Conflict && code != errs.Invalid && code != errs.Forbidden {
					return made, changed, err
				}
				page.Problems = append(page.Problems, planfile.Problem{Row: x.Number, Text: errs.MessageOf(err)}.Words())
				break
			}
			expect = p.Version
		}
		if expect != x.Post.Version {
			changed++
		}
	}
	return made, changed, nil
}

// imported says what has become of a file.
func imported(made, changed int) string {
	var deeds []string
	if made > 0 {
		deeds = append(deeds, ru.Plural(made, "Готов ", "Готовы ", "Готово ")+ru.Count(made, "черновик", "черновика", "черновиков"))
	}
	if changed > 0 {
		deeds = append(deeds, ru.Plural(changed, "Изменён ", "Изменены ", "Изменено ")+ru.Count(changed, "черновик", "черновика", "черновиков"))
	}
	if len(deeds) == 0 {
		return "Новых черновиков нет"
	}
	return strings.Join(deeds, ". ")
}
