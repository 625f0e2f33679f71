package telegram

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"otklik/internal/errs"
	"otklik/internal/sim/page"
)

const (
	// maxShown is how many of the newest posts or comments a page shows.
	maxShown = 500
	// maxSpeakers is how many of the newest citizens a form offers.
	maxSpeakers = 100
	maxForm     = 64 << 10
	maxUpload   = 32 << 20
)

// pages are the handlers of the human pages.
type pages struct {
	s     *Server
	frame *page.Frame

	channels, channel, thread, bot, faults, problem *template.Template
}

// PagesHandler serves /tg/: the channels, a channel, a post with its
// discussion. A link of the form /tg/<channel>/<post>?comment=<id> or
// /tg/c/<group>/<id> leads to the comment.
func (s *Server) PagesHandler(frame *page.Frame) http.Handler {
	p := newPages(s, frame)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /tg/{$}", p.showChannels)
	mux.HandleFunc("GET /tg/{username}", p.showChannel)
	mux.HandleFunc("GET /tg/{username}/{post}", p.showPost)
	mux.HandleFunc("GET /tg/{username}/{post}/{comment}", p.showPost)
	mux.HandleFunc("GET /tg/c/{group}/{message}", p.showMessage)
	mux.HandleFunc("POST /tg/{username}/posts", p.addPost)
	mux.HandleFunc("POST /tg/{username}/{post}/comments", p.addComment)
	mux.HandleFunc("GET /tg/files/{folder}/{name}", p.showFile)
	mux.HandleFunc("POST /tg/me", p.become)
	mux.HandleFunc("POST /tg/deeds", p.act)
	mux.HandleFunc("GET /tg/bots/{bot}", p.showBot)
	mux.HandleFunc("POST /tg/bots/{bot}/messages", p.writeToBot)
	mux.HandleFunc("POST /tg/bots/{bot}/block", p.blockBot)
	mux.HandleFunc("GET /tg/faults", p.showFaults)
	mux.HandleFunc("POST /tg/faults", p.addFault)
	mux.HandleFunc("POST /tg/faults/clear", p.clearFaults)
	mux.HandleFunc("/tg/", func(w http.ResponseWriter, _ *http.Request) {
		p.fail(w, errs.New(errs.NotFound, "Такой страницы нет."))
	})
	// A page of another site must not be able to post here through a browser.
	return http.NewCrossOriginProtection().Handler(mux)
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
	p.write(w, "Каналы Telegram", p.channels, struct {
		Channels []Channel
		Bots     []Bot
	}{p.s.channelList(), p.s.botList()})
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
		Posts   []deeds
		Me      me
	}{channel, deedsOf(channel.ID, r.URL.Path, newestFirst), p.me(r)})
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
	p.writeThread(w, r, channel.Title, thread, focus, fmt.Sprintf("/tg/%s/%d/comments", channel.Username, post))
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
		p.writeThread(w, r, title, thread, id, "")
	}
}

func (p *pages) writeThread(w http.ResponseWriter, r *http.Request, title string, t Thread, focus int64, action string) {
	shown := shownComments(t, focus)
	comments := make([]threadItem, 0, len(shown))
	for _, c := range shown {
		comments = append(comments, threadItem{deeds{c.Message, t.GroupID, r.URL.Path}, c.Class})
	}
	p.write(w, title, p.thread, struct {
		Root     deeds
		Comments []threadItem
		Hidden   int
		Me       me
		Action   string
	}{deeds{t.Root, t.GroupID, r.URL.Path}, comments, len(t.Messages) - len(shown), p.me(r), action})
}
