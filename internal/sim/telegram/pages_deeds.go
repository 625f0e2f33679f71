package telegram

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"otklik/internal/errs"
)

// meCookie remembers as which citizen a person acts on the pages.
const meCookie = "tg_user"

// me is the citizen as whom one acts, and who else there is.
type me struct {
	ID    int64
	Users []User
	Back  string
}

func (p *pages) me(r *http.Request) me {
	out := me{Users: p.s.citizens(maxSpeakers), Back: r.URL.Path}
	if len(out.Users) > 0 {
		out.ID = out.Users[0].ID
	}
	if c, err := r.Cookie(meCookie); err == nil {
		if id, err := strconv.ParseInt(c.Value, 10, 64); err == nil {
			for _, u := range out.Users {
				if u.ID == id {
					out.ID = id
				}
			}
		}
	}
	return out
}

// deeds is a message with where its forms lead.
type deeds struct {
	Message
	ChatID int64
	Back   string
}

// threadItem is a comment in its place on the page.
type threadItem struct {
	deeds
	Class string
}

func deedsOf(chatID int64, back string, list []Message) []deeds {
	out := make([]deeds, 0, len(list))
	for _, m := range list {
		out = append(out, deeds{m, chatID, back})
	}
	return out
}

func (p *pages) become(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: meCookie, Value: url.QueryEscape(r.FormValue("user")), Path: "/tg/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	back(w, r, 0)
}

// act votes, reacts or presses a button for the chosen citizen.
func (p *pages) act(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	chat, _ := strconv.ParseInt(r.PostFormValue("chat"), 10, 64)
	message, _ := strconv.ParseInt(r.PostFormValue("message"), 10, 64)
	user := p.me(r).ID
	var err error
	switch r.PostFormValue("do") {
	case "vote":
		var options []int
		for _, text := range r.PostForm["option"] {
			i, _ := strconv.Atoi(text)
			options = append(options, i)
		}
		err = p.s.Vote(chat, message, user, options)
	case "react":
		err = p.s.React(chat, message, user, r.PostFormValue("emoji"))
	case "press":
		_, err = p.s.Press(chat, message, user, r.PostFormValue("data"))
	default:
		err = errs.New(errs.Invalid, "Такого действия нет.")
	}
	if err != nil {
		p.fail(w, err)
		return
	}
	back(w, r, message)
}

// back returns to the page of the form, which is always one of these pages.
func back(w http.ResponseWriter, r *http.Request, message int64) {
	to := r.FormValue("back")
	if !strings.HasPrefix(to, "/tg/") {
		to = "/tg/"
	}
	to = (&url.URL{Path: to}).EscapedPath()
	if message != 0 {
		to += "#m" + strconv.FormatInt(message, 10)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// photos are the pictures of a form; a field without a file has none.
func photos(w http.ResponseWriter, r *http.Request) ([][]byte, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return nil, r.ParseForm()
	}
	if err := r.ParseMultipartForm(maxUpload); err != nil {
		return nil, errs.Wrap(errs.TooLarge, "Форма не читается или файлы больше 32 МБ.", err)
	}
	var out [][]byte
	for _, header := range r.MultipartForm.File["photo"] {
		f, err := header.Open()
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		if len(raw) > 0 {
			out = append(out, raw)
		}
	}
	return out, nil
}

func first(list [][]byte) []byte {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func (p *pages) addPost(w http.ResponseWriter, r *http.Request) {
	pictures, err := photos(w, r)
	var channel Channel
	if err == nil {
		channel, err = p.find(r)
	}
	if err == nil {
		_, err = p.s.Publish(NewPost{ChannelID: channel.ID, Text: r.PostFormValue("text"), Photos: pictures})
	}
	if err != nil {
		p.fail(w, err)
		return
	}
	http.Redirect(w, r, "/tg/"+channel.Username, http.StatusSeeOther)
}

func (p *pages) addComment(w http.ResponseWriter, r *http.Request) {
	pictures, err := photos(w, r)
	var channel Channel
	if err == nil {
		channel, err = p.find(r)
	}
	if err != nil {
		p.fail(w, err)
		return
	}
	post, _ := strconv.ParseInt(r.PathValue("post"), 10, 64)
	from, _ := strconv.ParseInt(r.PostFormValue("from"), 10, 64)
	reply, _ := strconv.ParseInt(r.PostFormValue("reply_to"), 10, 64)
	if post == 0 {
		p.fail(w, errs.New(errs.NotFound, "Такой записи нет."))
		return
	}
	id, err := p.s.Comment(Comment{
		ChannelID: channel.ID, PostID: post, FromID: from, ReplyTo: reply, Text: r.PostFormValue("text"), Photo: first(pictures),
	})
	if err != nil {
		p.fail(w, err)
		return
	}
	path := channel.Username + "/" + strconv.FormatInt(post, 10) + "/" + strconv.FormatInt(id, 10)
	http.Redirect(w, r, "/tg/"+path+"#m"+strconv.FormatInt(id, 10), http.StatusSeeOther)
}

func (p *pages) showFile(w http.ResponseWriter, r *http.Request) {
	p.s.mu.Lock()
	f := p.s.files.byPath[r.PathValue("folder")+"/"+r.PathValue("name")]
	p.s.mu.Unlock()
	if f == nil || f.kind.name != "photo" {
		p.fail(w, errs.New(errs.NotFound, "Такого файла нет."))
		return
	}
	w.Header().Set("Content-Type", http.DetectContentType(f.data))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(f.data)
}
