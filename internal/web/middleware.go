package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"otklik/internal/auth"
	"otklik/internal/errs"
)

// maxBody bounds a request's body in bytes: the longest answer, urlencoded.
const maxBody = 128 << 10

// partHeader marks a request of our own scripts for a part of a page. Such a
// request wants a status, not a page to sign in on.
const partHeader = "Otklik-Part"

// visit is one request: who asks, when, and under which short name it is logged.
type visit struct {
	person auth.Person // zero where nobody is signed in
	now    time.Time
	id     string
}

func (v *visit) signedIn() bool { return v.person.ID != "" }

// wrap puts around all routes what none of them may forget.
func (s *server) wrap(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, s.newVisit(), errs.New(errs.Forbidden, "Запрос пришёл с чужой страницы, поэтому ничего не сделано. Откройте Отклик и повторите действие там."))
	}))
	guarded := origin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.recover(w, r)
		s.setHeaders(w.Header())
		guarded.ServeHTTP(w, r)
	})
}

// setHeaders allows the pages nothing but their own files.
func (s *server) setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "+
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

func (s *server) recover(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	s.fail(w, r, s.newVisit(), errs.Wrap(errs.Internal, "", fmt.Errorf("panic: %v\n%s", p, debug.Stack())))
}

func (s *server) newVisit() *visit {
	return &visit{now: s.Now(), id: strings.ToUpper(rand.Text()[:4])}
}

// guard lets a request through to its route only as the table says.
func (s *server) guard(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := s.newVisit()
		// Only whoever is let through may send more than a form of words.
		body := r.Body
		r.Body = http.MaxBytesReader(w, body, maxBody)
		if err := s.admit(r, rt.access, v); err != nil {
			if errs.CodeOf(err) == errs.Unauthenticated {
				s.askToSignIn(w, r, v, err)
				return
			}
			s.fail(w, r, v, err)
			return
		}
		if rt.access.body > 0 {
			r.Body = http.MaxBytesReader(w, body, rt.access.body)
		}
		if err := s.trace(r, rt, v); err != nil {
			s.fail(w, r, v, err)
			return
		}
		if err := rt.handle(w, r, v); err != nil {
			s.fail(w, r, v, err)
		}
	}
}

func (s *server) admit(r *http.Request, a access, v *visit) error {
	if strings.HasPrefix(r.URL.Path, "/static/") {
		return nil
	}
	person, err := s.whose(r)
	if err == nil {
		v.person = person
	}
	switch {
	case a.kind == accessOpen:
		return nil
	case err != nil:
		return err
	case a.kind == accessAction && !person.Actor().Can(a.action):
		return errs.New(errs.Forbidden, "Для этого нужна другая роль. Обратитесь к администратору, если она должна быть у вас.")
	}
	return nil
}

func (s *server) whose(r *http.Request) (auth.Person, error) {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return auth.Person{}, errs.New(errs.Unauthenticated, "Войдите, чтобы продолжить.")
	}
	return s.Auth.Session(r.Context(), c.Value)
}

// askToSignIn sends a reader to the sign-in page. Whoever was sending a form
// gets their text back, because the session may have ended while they wrote.
func (s *server) askToSignIn(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	if r.Header.Get(partHeader) != "" || r.URL.Path == "/live" {
		s.fail(w, r, v, err)
		return
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		to := "/signin"
		if r.URL.Path != "/" {
			to += "?next=" + url.QueryEscape(r.URL.RequestURI())
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	kept := r.PostFormValue("text")
	if kept == "" {
		kept = r.PostFormValue("reason")
	}
	page := s.signInView(r, "/")
	if i := strings.LastIndexByte(r.URL.Path, '/'); i > 0 && strings.HasPrefix(r.URL.Path, "/cases/") {
		page.Next = r.URL.Path[:i]
	}
	page.Kept, page.Ended = kept, true
	s.show(w, v, http.StatusUnauthorized, "signin", page)
}

// form reads the body of a form. Errors: TooLarge, Invalid.
func form(r *http.Request) (url.Values, error) {
	err := r.ParseForm()
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return nil, errs.Wrap(errs.TooLarge, "Слишком много текста: столько не примет ни одна сеть. Сократите его и отправьте ещё раз.", err)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "Форма пришла повреждённой. Вернитесь назад и отправьте её ещё раз.", err)
	}
	return r.PostForm, nil
}

// remoteIP is the caller's address without the port.
func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// localPath returns next if it is a path on this site, else the fallback, so
// that no link can send a person elsewhere.
func localPath(next, fallback string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return fallback
	}
	return next
}

// gone says that the caller has left, which is nobody's failure.
func gone(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}
