package telegram

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"otklik/internal/errs"
	"otklik/internal/sim/page"
)

const (
	// maxShown is how many of the newest posts or comments a page shows.
	maxShown = 500
	// maxSpeakers is how many of the newest citizens a form offers.
	maxSpeakers = 100
	maxForm     = 64 << 10
)

const channelsTemplate = `{{range .}}<article><a class="by" href="/tg/{{.Username}}">{{.Title}}</a>
<span class="at">@{{.Username}}</span>
<p class="text">{{if .GroupTitle}}Обсуждения: {{.GroupTitle}}{{else}}Обсуждений нет{{end}}</p></article>
{{else}}<article><p class="text">Каналов пока нет. Добавьте канал запросом POST /admin/telegram/channels.</p></article>{{end}}`

const channelTemplate = `<article><form method="post" action="/tg/{{.Channel.Username}}/posts">
<label for="text">Новая запись канала</label><textarea id="text" name="text" rows="3" required></textarea>
<button>Опубликовать</button></form></article>
{{range .Posts}}<article id="m{{.ID}}"{{if .Deleted}} class="gone"{{end}}><span class="by">{{.From}}</span><span class="at">{{when .At}}</span>
<p class="text">{{.Text}}</p><p><a href="/tg/{{$.Channel.Username}}/{{.ID}}">Открыть обсуждение</a></p></article>
{{else}}<article><p class="text">В канале пока нет записей.</p></article>{{end}}`

const threadTemplate = `<article{{if .Root.Deleted}} class="gone"{{end}} id="m{{.Root.ID}}"><span class="by">{{.Root.From}}</span><span class="at">{{when .Root.At}}</span>
<p class="text">{{.Root.Text}}</p>
{{if .Hidden}}<p class="at">Показаны последние комментарии, более ранних: {{.Hidden}}.</p>{{end}}
<ul class="comments">{{range .Comments}}
<li id="m{{.ID}}" class="{{.Class}}"><span class="by">{{.From}}</span><span class="at">{{when .At}}{{if not .EditedAt.IsZero}}, изменено {{when .EditedAt}}{{end}}{{if .Deleted}}, удалено{{end}}</span>
<p class="text">{{if .Photo}}[фото] {{end}}{{.Text}}</p></li>{{end}}</ul>
{{if not .Comments}}<p class="at">Комментариев пока нет.</p>{{end}}</article>
{{if .Action}}<article><form method="post" action="{{.Action}}">
<label for="from">Написать комментарий как</label>
<select id="from" name="from" required>{{range .Speakers}}<option value="{{.ID}}">{{.FirstName}} {{.LastName}}</option>{{end}}</select>
<label for="reply">Ответить на</label>
<select id="reply" name="reply_to"><option value="">саму запись</option>{{range .Comments}}{{if not .Deleted}}<option value="{{.ID}}">{{.From}}: {{short .Text}}</option>{{end}}{{end}}</select>
<label for="text">Текст</label><textarea id="text" name="text" rows="3" required></textarea>
<button>Отправить</button></form></article>{{end}}`

const problemTemplate = `<article><p class="text">{{.}}</p><p><a href="/tg/">Все каналы</a></p></article>`

// pages are the handlers of the human pages.
type pages struct {
	s     *Server
	frame *page.Frame

	channels, channel, thread, problem *template.Template
}

// PagesHandler serves /tg/: the channels, a channel, a post with its
// discussion. A link of the form /tg/<channel>/<post>?comment=<id> or
// /tg/c/<group>/<id> leads to the comment.
func (s *Server) PagesHandler(frame *page.Frame) http.Handler {
	funcs := template.FuncMap{
		"when": func(t time.Time) string { return t.Format("02.01.2006 15:04") },
		"short": func(text string) string {
			if r := []rune(text); len(r) > 40 {
				return string(r[:40]) + "…"
			}
			return text
		},
	}
	parse := func(text string) *template.Template {
		return template.Must(template.New("page").Funcs(funcs).Parse(text))
	}
	p := &pages{
		s: s, frame: frame, channels: parse(channelsTemplate), channel: parse(channelTemplate),
		thread: parse(threadTemplate), problem: parse(problemTemplate),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /tg/{$}", p.showChannels)
	mux.HandleFunc("GET /tg/{username}", p.showChannel)
	mux.HandleFunc("GET /tg/{username}/{post}", p.showPost)
	mux.HandleFunc("GET /tg/{username}/{post}/{comment}", p.showPost)
	mux.HandleFunc("GET /tg/c/{group}/{message}", p.showMessage)
	mux.HandleFunc("POST /tg/{username}/posts", p.addPost)
	mux.HandleFunc("POST /tg/{username}/{post}/comments", p.addComment)
	mux.HandleFunc("/tg/", func(w http.ResponseWriter, _ *http.Request) {
		p.fail(w, errs.New(errs.NotFound, "Такой страницы нет."))
	})
	return mux
}

func (p *pages) write(w http.ResponseWriter, title string, t *template.Template, data any) {
	var body bytes.Buffer
	if err := t.Execute(&body, data); err != nil {
		p.fail(w, errs.Wrap(errs.Internal, "", err))
		return
	}
	p.frame.Write(w, title, "tg", template.HTML(body.String()))
}

func (p *pages) fail(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if errs.CodeOf(err) == errs.NotFound {
		status = http.StatusNotFound
	}
	var body bytes.Buffer
	_ = p.problem.Execute(&body, errs.MessageOf(err))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	p.frame.Write(w, "Не получилось", "tg", template.HTML(body.String()))
}

func (p *pages) showChannels(w http.ResponseWriter, _ *http.Request) {
	p.write(w, "Каналы Telegram", p.channels, p.s.channelList())
}

// find is the channel that the path names.
func (p *pages) find(r *http.Request) (Channel, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c := p.s.chatByUsername(r.PathValue("username"))
	if c == nil {
		return Channel{}, errs.New(errs.NotFound, "Такого канала нет.")
	}
	return Channel{ID: c.wire.ID, Title: c.wire.Title, Username: c.wire.Username, GroupID: c.linked}, nil
}

func (p *pages) showChannel(w http.ResponseWriter, r *http.Request) {
	channel, err := p.find(r)
	if err != nil {
		p.fail(w, err)
		return
	}
	state, _ := p.s.Chat(channel.ID, maxShown)
	newestFirst := make([]Message, 0, len(state.Messages))
	for i := len(state.Messages) - 1; i >= 0; i-- {
		newestFirst = append(newestFirst, state.Messages[i])
	}
	p.write(w, channel.Title, p.channel, struct {
		Channel Channel
		Posts   []Message
	}{channel, newestFirst})
}

func (p *pages) showPost(w http.ResponseWriter, r *http.Request) {
	channel, err := p.find(r)
	if err != nil {
		p.fail(w, err)
		return
	}
	post, _ := strconv.ParseInt(r.PathValue("post"), 10, 64)
	// A fragment never reaches the server, so the comment of a permalink is
	// turned into one here.
	if id, err := strconv.ParseInt(r.URL.Query().Get("comment"), 10, 64); err == nil {
		http.Redirect(w, r, fmt.Sprintf("/tg/%s/%d/%d#m%d", channel.Username, post, id, id), http.StatusFound)
		return
	}
	focus, _ := strconv.ParseInt(r.PathValue("comment"), 10, 64)
	thread, ok := p.s.ThreadOfPost(channel.ID, post)
	if !ok {
		p.fail(w, errs.New(errs.NotFound, "Такой записи нет или у неё нет обсуждения."))
		return
	}
	p.writeThread(w, channel.Title, thread, focus, fmt.Sprintf("/tg/%s/%d/comments", channel.Username, post))
}

// showMessage resolves a link that knows only the group and the message.
func (p *pages) showMessage(w http.ResponseWriter, r *http.Request) {
	bare, _ := strconv.ParseInt(r.PathValue("group"), 10, 64)
	id, _ := strconv.ParseInt(r.PathValue("message"), 10, 64)
	group := groupPrefix - bare
	p.s.mu.Lock()
	c := p.s.chats[group]
	var root int64
	var title, username string
	var post int64
	if c != nil && c.messages[id] != nil {
		title = c.wire.Title
		if root = c.messages[id].thread; root == 0 {
			root = id
		}
		if origin := c.messages[root].origin; c.messages[root].auto {
			username, post = origin.Chat.Username, origin.MessageID
		}
	}
	p.s.mu.Unlock()
	switch {
	case root == 0:
		p.fail(w, errs.New(errs.NotFound, "Такого сообщения нет."))
	case username != "":
		http.Redirect(w, r, fmt.Sprintf("/tg/%s/%d/%d#m%d", username, post, id, id), http.StatusFound)
	default:
		thread, _ := p.s.Thread(group, root)
		p.writeThread(w, title, thread, id, "")
	}
}

func (p *pages) writeThread(w http.ResponseWriter, title string, t Thread, focus int64, action string) {
	shown := shownComments(t, focus)
	p.write(w, title, p.thread, struct {
		Root     Message
		Comments []shownComment
		Hidden   int
		Speakers []User
		Action   string
	}{t.Root, shown, len(t.Messages) - len(shown), p.s.citizens(maxSpeakers), action})
}

func (p *pages) addPost(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	channel, err := p.find(r)
	if err == nil {
		_, err = p.s.Post(channel.ID, r.PostFormValue("text"))
	}
	if err != nil {
		p.fail(w, err)
		return
	}
	http.Redirect(w, r, "/tg/"+channel.Username, http.StatusSeeOther)
}

func (p *pages) addComment(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	channel, err := p.find(r)
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
	id, err := p.s.Comment(Comment{ChannelID: channel.ID, PostID: post, FromID: from, ReplyTo: reply, Text: r.PostFormValue("text")})
	if err != nil {
		p.fail(w, err)
		return
	}
	http.Redirect(w, r, fmt.Sprintf("/tg/%s/%d/%d#m%d", channel.Username, post, id, id), http.StatusSeeOther)
}
