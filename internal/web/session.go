package web

import (
	"net/http"
	"time"

	"otklik/internal/errs"
)

// cookieLife is the longest a session can last; the server ends it earlier.
const cookieLife = 7 * 24 * time.Hour

// signInPage is the page of the sign-in.
type signInPage struct {
	Shell  shell
	Agency string
	Email  string
	Next   string
	Error  string
	Ended  bool   // the session ended while a form was being sent
	Kept   string // the text of that form
}

func (s *server) signInView(r *http.Request, next string) signInPage {
	return signInPage{
		Shell:  shell{Title: "Вход", Page: "login", Theme: theme(r), Version: s.Version},
		Agency: s.Agency, Next: localPath(next, "/"),
	}
}

func (s *server) signInPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	next := localPath(r.URL.Query().Get("next"), "/")
	if v.signedIn() {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	s.show(w, v, http.StatusOK, "signin", s.signInView(r, next))
	return nil
}

func (s *server) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	token, _, err := s.Auth.SignIn(r.Context(), f.Get("email"), f.Get("password"), remoteIP(r), r.UserAgent())
	switch code := errs.CodeOf(err); code {
	case "":
	case errs.Unauthenticated, errs.RateLimited:
		page := s.signInView(r, f.Get("next"))
		page.Email, page.Error = f.Get("email"), errs.MessageOf(err)
		s.show(w, v, statusOf(code), "signin", page)
		return nil
	default:
		return err
	}
	http.SetCookie(w, s.cookie(s.cookieName(), token, cookieLife))
	http.Redirect(w, r, localPath(f.Get("next"), "/"), http.StatusSeeOther)
	return nil
}

func (s *server) signOut(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if c, err := r.Cookie(s.cookieName()); err == nil {
		if err := s.Auth.SignOut(r.Context(), c.Value); err != nil {
			return err
		}
	}
	http.SetCookie(w, s.cookie(s.cookieName(), "", 0))
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}

// cookieName uses the browser's own guard where it can: a name with __Host-
// cannot be set by a neighbouring site.
func (s *server) cookieName() string {
	if s.Secure {
		return "__Host-otklik"
	}
	return "otklik"
}

// cookie makes a cookie that scripts and other sites cannot use; a life of
// zero removes it.
func (s *server) cookie(name, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.Secure}
	if c.MaxAge = int(life.Seconds()); life == 0 {
		c.MaxAge = -1
	}
	return c
}

const themeCookie = "theme"

// theme is the look the person has chosen; the address may choose for once.
func theme(r *http.Request) string {
	choice := r.URL.Query().Get("theme")
	if c, err := r.Cookie(themeCookie); err == nil && choice == "" {
		choice = c.Value
	}
	if choice == "dark" || choice == "light" {
		return choice
	}
	return ""
}

// theme remembers the look. Without scripts the button does not know what the
// system prefers, so it begins with the dark one.
func (s *server) theme(w http.ResponseWriter, r *http.Request, _ *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	choice := f.Get("theme")
	if choice != "light" && choice != "dark" {
		choice = "dark"
		if theme(r) == "dark" {
			choice = "light"
		}
	}
	http.SetCookie(w, s.cookie(themeCookie, choice, 365*24*time.Hour))
	if r.Header.Get(partHeader) != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, localPath(f.Get("back"), "/"), http.StatusSeeOther)
	return nil
}

func (s *server) noRole() error {
	return errs.New(errs.Forbidden, "У вас пока нет ни одной роли. Её назначит администратор.")
}
