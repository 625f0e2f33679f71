package vk

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"otklik/internal/sim/page"
)

//go:embed pages.html
var pagesFS embed.FS

// maxShown bounds how many comments one page shows; the newest are shown.
const maxShown = 2000

// pages are the human faces of the network.
type pages struct {
	server  *Server
	frame   *page.Frame
	tpl     *template.Template
	mention *regexp.Regexp
}

// PagesHandler serves the pages under /vk/: the list of communities, walls,
// threads and messages with forms to write as any user, and the faults.
func (s *Server) PagesHandler(frame *page.Frame) http.Handler {
	p := &pages{server: s, frame: frame, mention: regexp.MustCompile(`\[((?:id|club)\d+)\|([^\]]+)\]`)}
	p.tpl = template.Must(template.New("pages").Funcs(template.FuncMap{
		"at":   func(t time.Time) string { return t.In(s.opt.Zone).Format("02.01.2006 15:04") },
		"text": p.showText,
	}).ParseFS(pagesFS, "pages.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /vk/{$}", p.list)
	mux.HandleFunc("GET /vk/{name}", p.show)
	mux.HandleFunc("POST /vk/{name}/comments", p.write)
	mux.HandleFunc("POST /vk/{name}/likes", p.like)
	mux.HandleFunc("POST /vk/{name}/votes", p.vote)
	mux.HandleFunc("GET /vk/im/{group}", p.people)
	mux.HandleFunc("GET /vk/im/{group}/{user}", p.dialog)
	mux.HandleFunc("POST /vk/im/{group}/{user}", p.message)
	mux.HandleFunc("POST /vk/im/{group}/{user}/press", p.press)
	mux.HandleFunc("POST /vk/im/{group}/{user}/allow", p.allow)
	mux.HandleFunc("GET /vk/faults", p.faults)
	mux.HandleFunc("POST /vk/faults", p.addFault)
	mux.HandleFunc("POST /vk/faults/clear", p.clearFaults)
	mux.HandleFunc("POST /vk/switches", p.setSwitches)
	return http.NewCrossOriginProtection().Handler(mux)
}

// view is what a thread or a wall shows of one post or comment.
type view struct {
	ID        int
	Author    string
	AuthorURL string
	Own       bool
	Deleted   bool
	Reply     bool
	At        time.Time
	Edited    time.Time
	Text      string
	URL       string
	Comments  int
	// To names whom a reply within a thread answers.
	To     string
	Photos []string
	Links  []link
	Polls  bool
	Likes  int
	Views  int
	Keys   *keysView // of a message
}

func (p *pages) render(w http.ResponseWriter, name, title string, data any) {
	var b bytes.Buffer
	if err := p.tpl.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "the page could not be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	p.frame.Write(w, title, "vk", template.HTML(b.String()))
}

func (p *pages) list(w http.ResponseWriter, _ *http.Request) {
	p.render(w, "list", "ВКонтакте", p.server.Communities())
}

// show finds out what the address names: club1, id1, wall-1_12 or a screen name.
func (p *pages) show(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if owner, post, ok := wallName(name); ok {
		p.thread(w, r, owner, post)
		return
	}
	if id, ok := strings.CutPrefix(name, "id"); ok {
		if n, err := strconv.Atoi(id); err == nil {
			p.user(w, r, n)
			return
		}
	}
	for _, c := range p.server.Communities() {
		if name == c.ScreenName || name == fmt.Sprintf("club%d", c.ID) {
			p.wall(w, -c.ID, c.Name)
			return
		}
	}
	http.NotFound(w, r)
}

func wallName(name string) (owner, post int, ok bool) {
	rest, ok := strings.CutPrefix(name, "wall")
	o, n, found := strings.Cut(rest, "_")
	owner, errO := strconv.Atoi(o)
	post, errN := strconv.Atoi(n)
	return owner, post, ok && found && errO == nil && errN == nil
}

// wall shows the newest posts of a community or a user.
func (p *pages) wall(w http.ResponseWriter, owner int, title string) {
	state, _ := p.server.Wall(owner)
	names := p.names()
	views := []view{}
	for _, t := range state.Threads[:min(len(state.Threads), 100)] {
		v := p.postView(t.Post, names)
		v.Comments = len(t.Comments)
		views = append(views, v)
	}
	p.render(w, "wall", title, map[string]any{"Group": max(-owner, 0), "Posts": views})
}

func (p *pages) user(w http.ResponseWriter, r *http.Request, id int) {
	name, ok := p.names()[id]
	if !ok {
		http.NotFound(w, r)
		return
	}
	p.wall(w, id, name)
}

func (p *pages) thread(w http.ResponseWriter, r *http.Request, owner, post int) {
	state, ok := p.server.Thread(owner, post)
	if !ok {
		http.NotFound(w, r)
		return
	}
	names := p.names()
	total := len(state.Comments)
	comments := state.Comments[max(0, total-maxShown):]
	views := make([]view, 0, len(comments))
	authors := map[int]int{}
	for _, c := range state.Comments {
		authors[c.ID] = c.FromID
	}
	for _, c := range comments {
		v := view{
			ID: c.ID, Author: nameOf(names, c.FromID), AuthorURL: authorURL(c.FromID), Own: c.FromID == owner,
			Deleted: c.Deleted, Reply: c.Root != 0, At: c.Date, Edited: c.Edited, Text: c.Text,
			URL: fmt.Sprintf("/vk/wall%d_%d?reply=%d#r%d", owner, post, c.ID, c.ID),
		}
		v.Photos, v.Links = shownMedia(c.Attachments)
		if c.ReplyToComment != 0 && c.ReplyToComment != c.Root {
			v.To = nameOf(names, authors[c.ReplyToComment])
		}
		views = append(views, v)
	}
	p.render(w, "thread", nameOf(names, owner)+": запись", map[string]any{
		"Post": p.postView(state.Post, names), "Comments": views, "Hidden": total - len(comments),
		"Polls": p.polls(state.Post), "LikeAction": fmt.Sprintf("/vk/wall%d_%d/likes", owner, post),
		"Users": p.server.Users(), "Action": fmt.Sprintf("/vk/wall%d_%d/comments", owner, post),
		"Back": authorURL(owner), "ReplyTo": r.URL.Query().Get("reply"), "Problem": r.URL.Query().Get("problem"),
	})
}

// names are all names that the pages can show, communities under negative ids.
func (p *pages) names() map[int]string {
	out := map[int]string{}
	for _, u := range p.server.Users() {
		out[u.ID] = strings.TrimSpace(u.FirstName + " " + u.LastName)
	}
	for _, c := range p.server.Communities() {
		out[-c.ID] = c.Name
	}
	return out
}

func nameOf(names map[int]string, id int) string {
	if n, ok := names[id]; ok {
		return n
	}
	return "id" + strconv.Itoa(id)
}

func authorURL(id int) string {
	if id < 0 {
		return fmt.Sprintf("/vk/club%d", -id)
	}
	return fmt.Sprintf("/vk/id%d", id)
}

func (p *pages) postView(o Post, names map[int]string) view {
	v := view{
		ID: o.ID, Author: nameOf(names, o.FromID), AuthorURL: authorURL(o.FromID), Own: o.FromID == o.OwnerID,
		Deleted: o.Deleted, At: o.Date, Edited: o.Edited, Text: o.Text, Polls: len(o.Polls) > 0, Views: o.Views,
		URL: fmt.Sprintf("/vk/wall%d_%d", o.OwnerID, o.ID), Likes: p.server.likesOf(Thing{"post", o.OwnerID, o.ID}),
	}
	v.Photos, v.Links = shownMedia(o.Attachments)
	return v
}

// showText turns the mention form [id1|Имя] into links and escapes the rest.
func (p *pages) showText(text string) template.HTML {
	var b strings.Builder
	last := 0
	for _, m := range p.mention.FindAllStringSubmatchIndex(text, -1) {
		page, name := text[m[2]:m[3]], text[m[4]:m[5]]
		b.WriteString(template.HTMLEscapeString(text[last:m[0]]))
		fmt.Fprintf(&b, `<a href="/vk/%s">%s</a>`, page, template.HTMLEscapeString(name))
		last = m[1]
	}
	b.WriteString(template.HTMLEscapeString(text[last:]))
	return template.HTML(b.String())
}
