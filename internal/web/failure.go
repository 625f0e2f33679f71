package web

import (
	"net/http"
	"strconv"

	"otklik/internal/errs"
)

// statusOf is the one table from error codes to HTTP statuses.
func statusOf(code errs.Code) int {
	switch code {
	case errs.Invalid:
		return http.StatusUnprocessableEntity
	case errs.Unauthenticated:
		return http.StatusUnauthorized
	case errs.Forbidden:
		return http.StatusForbidden
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict:
		return http.StatusConflict
	case errs.TooLarge:
		return http.StatusRequestEntityTooLarge
	case errs.RateLimited:
		return http.StatusTooManyRequests
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// failurePage is the page of an error: what happened and where to go.
type failurePage struct {
	Shell   shell
	Title   string
	Text    string
	Code    string // for the administrator
	At      stamp
	Retry   string // where trying again makes sense, "" where it does not
	Home    string
	HomeTxt string
}

func headline(code errs.Code) string {
	switch code {
	case errs.Unauthenticated:
		return "Нужно войти"
	case errs.Forbidden:
		return "Сюда нет доступа"
	case errs.NotFound:
		return "Здесь ничего нет"
	case errs.Conflict:
		return "Кто-то успел раньше"
	case errs.TooLarge:
		return "Слишком много текста"
	case errs.RateLimited:
		return "Слишком часто"
	case errs.Unavailable:
		return "Сейчас не получается"
	case errs.Invalid:
		return "Так не получится"
	}
	return "Страница не открылась"
}

// fail shows an error, and logs it if it is ours.
func (s *server) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	if gone(r.Context(), err) {
		return
	}
	code := errs.CodeOf(err)
	status := statusOf(code)
	ref := strconv.Itoa(status) + "-" + v.id
	if status >= http.StatusInternalServerError {
		s.Logger.ErrorContext(r.Context(), "request failed", "ref", ref, "method", r.Method, "path", r.URL.Path, "err", err)
	}
	if r.Header.Get(partHeader) != "" || r.URL.Path == "/live" {
		http.Error(w, errs.MessageOf(err), status)
		return
	}
	page := failurePage{
		Shell: s.shell(r, v, "error", headline(code)), Title: headline(code), Text: errs.MessageOf(err),
		Code: ref, At: s.stamp(v.now, v.now), Home: "/", HomeTxt: "На главную",
	}
	if v.signedIn() {
		page.Home, page.HomeTxt = homeOf(v)
	}
	if r.Method == http.MethodGet && (code == errs.Unavailable || code == errs.Internal) {
		page.Retry = r.URL.RequestURI()
	}
	s.show(w, v, status, "failure", page)
}

// nothing answers for every address that is not in the table.
func (s *server) nothing(http.ResponseWriter, *http.Request, *visit) error {
	return errs.New(errs.NotFound, "Такой страницы нет. Возможно, ссылка скопирована не целиком.")
}
