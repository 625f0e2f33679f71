package vk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxForm bounds a form with a photo.
const maxForm = 20 << 20

// link is an attachment that is shown as a link.
type link struct{ Title, URL string }

// shownMedia are the attachments that a page can show. Files are served by the
// simulator itself, whatever address the API names.
func shownMedia(list []json.RawMessage) (photos []string, links []link) {
	for _, raw := range list {
		var a struct {
			Type  string `json:"type"`
			Photo struct {
				ID      int `json:"id"`
				OwnerID int `json:"owner_id"`
			} `json:"photo"`
			Doc struct {
				ID      int    `json:"id"`
				OwnerID int    `json:"owner_id"`
				Title   string `json:"title"`
			} `json:"doc"`
			Link struct {
				URL string `json:"url"`
			} `json:"link"`
		}
		if json.Unmarshal(raw, &a) != nil {
			continue
		}
		switch a.Type {
		case "photo":
			photos = append(photos, "/vkfile/"+fileKey("photo", a.Photo.OwnerID, a.Photo.ID))
		case "doc":
			links = append(links, link{a.Doc.Title, "/vkfile/" + fileKey("doc", a.Doc.OwnerID, a.Doc.ID)})
		case "link":
			links = append(links, link{a.Link.URL, a.Link.URL})
		}
	}
	return photos, links
}

// sendBack redirects to a page, with a problem if there is one.
func sendBack(w http.ResponseWriter, r *http.Request, page, problem, anchor string) {
	if problem != "" {
		page += "?problem=" + url.QueryEscape(problem)
	}
	http.Redirect(w, r, page+anchor, http.StatusSeeOther)
}

// photo takes the form's photo into the network and returns its name, "" if
// there is none.
func (p *pages) photo(r *http.Request, owner int) (string, error) {
	file, _, err := r.FormFile("photo")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	if err != nil || len(data) == 0 {
		return "", err
	}
	return p.server.AddPhoto(owner, data)
}

// written is what a form with a text and a photo says; problem is in Russian.
func (p *pages) written(r *http.Request, owner int, what string) (text string, media []string, problem string) {
	text = strings.TrimSpace(r.FormValue("text"))
	name, err := p.photo(r, owner)
	switch {
	case err != nil:
		return text, nil, "Фотографию не удалось прочитать: подходят PNG, JPEG и GIF до 20 МБ."
	case name != "":
		media = []string{name}
	case text == "":
		return text, nil, "Напишите текст " + what + "."
	}
	return text, media, ""
}

// write is the form's target: a citizen's comment.
func (p *pages) write(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	owner, post, ok := wallName(r.PathValue("name"))
	from, errFrom := strconv.Atoi(r.FormValue("from"))
	if !ok || errFrom != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	back := fmt.Sprintf("/vk/wall%d_%d", owner, post)
	replyTo, _ := strconv.Atoi(r.FormValue("reply_to"))
	text, media, problem := p.written(r, from, "комментария")
	if problem != "" {
		sendBack(w, r, back, problem, "#write")
		return
	}
	id, err := p.server.AddComment(NewComment{OwnerID: owner, PostID: post, FromID: from, Text: text, ReplyTo: replyTo, Media: media})
	if err != nil {
		sendBack(w, r, back, "Комментарий или запись, на которую вы отвечаете, уже удалены.", "#write")
		return
	}
	http.Redirect(w, r, fmt.Sprintf("%s?reply=%d#r%d", back, id, id), http.StatusSeeOther)
}

// like adds a citizen's like to a post, or takes it back.
func (p *pages) like(w http.ResponseWriter, r *http.Request) {
	owner, post, ok := wallName(r.PathValue("name"))
	from, err := strconv.Atoi(r.FormValue("from"))
	thing := Thing{"post", owner, post}
	if !ok || err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	problem := ""
	if p.server.Like(thing, from, !p.server.liked(thing, from)) != nil {
		problem = "Эта запись уже удалена."
	}
	sendBack(w, r, fmt.Sprintf("/vk/wall%d_%d", owner, post), problem, "")
}

// pollView is a poll with what its form needs.
type pollView struct {
	Poll  Poll
	Over  bool
	Users []User
	Back  string
}

func (p *pages) polls(post Post) []pollView {
	out := []pollView{}
	for _, id := range post.Polls {
		if poll, ok := p.server.Poll(post.OwnerID, id); ok {
			over := !poll.End.IsZero() && !p.server.now().Before(poll.End)
			out = append(out, pollView{poll, over, p.server.Users(), fmt.Sprintf("/vk/wall%d_%d", post.OwnerID, post.ID)})
		}
	}
	return out
}

// vote is a citizen's vote. The name is that of the poll: poll-1_2.
func (p *pages) vote(w http.ResponseWriter, r *http.Request) {
	_, owner, id, ok := mediaName(r.PathValue("name"))
	from, err := strconv.Atoi(r.FormValue("from"))
	back := r.FormValue("back")
	if _, _, onWall := wallName(strings.TrimPrefix(back, "/vk/")); !ok || err != nil || !onWall {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	answers := []int{}
	for _, v := range r.Form["answer"] {
		if n, err := strconv.Atoi(v); err == nil {
			answers = append(answers, n)
		}
	}
	problem := ""
	if len(answers) == 0 {
		problem = "Выберите ответ в опросе."
	} else if p.server.Vote(owner, id, from, answers) != nil {
		problem = "Этот житель уже голосовал, или опрос завершён."
	}
	sendBack(w, r, back, problem, "")
}
