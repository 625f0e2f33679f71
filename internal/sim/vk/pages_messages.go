package vk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// keysView is a keyboard with what its forms need. Message is zero for the
// dialog's own.
type keysView struct {
	Rows    [][]keyView
	Action  string
	Message int
}

type keyView struct{ Label, Link string }

func keysOf(raw json.RawMessage, action string, message int, inline bool) *keysView {
	k, failure := readKeyboard(string(raw))
	if failure != nil || k.Inline != inline || len(k.Buttons) == 0 {
		return nil
	}
	out := &keysView{Action: action, Message: message}
	for _, row := range k.Buttons {
		keys := []keyView{}
		for _, b := range row {
			v := keyView{Label: b.Action.Label, Link: b.Action.Link}
			if v.Label == "" {
				v.Label = b.Action.Type
			}
			keys = append(keys, v)
		}
		out.Rows = append(out.Rows, keys)
	}
	return out
}

// people lets one choose whose messages to see.
func (p *pages) people(w http.ResponseWriter, r *http.Request) {
	group, err := strconv.Atoi(r.PathValue("group"))
	name, ok := p.names()[-group]
	if err != nil || !ok {
		http.NotFound(w, r)
		return
	}
	p.render(w, "people", name+": сообщения", map[string]any{"Group": group, "Users": p.server.Users()})
}

// pairOf reads whose correspondence a request is about.
func (p *pages) pairOf(w http.ResponseWriter, r *http.Request) (group, user int, ok bool) {
	group, user, err := pair(r, "group", "user")
	names := p.names()
	if err != nil || names[-group] == "" || names[user] == "" {
		http.NotFound(w, r)
		return 0, 0, false
	}
	return group, user, true
}

// dialog shows a correspondence as the citizen sees it.
func (p *pages) dialog(w http.ResponseWriter, r *http.Request) {
	group, user, ok := p.pairOf(w, r)
	if !ok {
		return
	}
	names := p.names()
	d, _ := p.server.Dialog(group, user)
	here := fmt.Sprintf("/vk/im/%d/%d", group, user)
	views := []view{}
	for _, m := range d.Messages[max(0, len(d.Messages)-maxShown):] {
		v := view{ID: m.ID, Author: names[user], Own: m.Out, At: m.Date, Edited: m.Edited, Text: m.Text, Deleted: m.Deleted}
		if m.Out {
			v.Author = names[-group]
			v.Keys = keysOf(m.Keyboard, here+"/press", m.ID, true)
		}
		v.Photos, v.Links = shownMedia(m.Attachments)
		views = append(views, v)
	}
	p.render(w, "dialog", names[user]+" → "+names[-group], map[string]any{
		"Messages": views, "Typing": d.Typing, "Notice": noticeText(d.Notice), "Allowed": d.Allowed,
		"Keys": keysOf(d.Keyboard, here+"/press", 0, false), "Action": here, "AllowAction": here + "/allow",
		"Wall": fmt.Sprintf("/vk/club%d", group), "Problem": r.URL.Query().Get("problem"),
	})
}

// noticeText is what a person sees of the answer to a callback button.
func noticeText(raw json.RawMessage) string {
	var n struct {
		Text string `json:"text"`
		Link string `json:"link"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &n) != nil {
		return ""
	}
	return n.Text + n.Link
}

// message is what a citizen writes.
func (p *pages) message(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	group, user, ok := p.pairOf(w, r)
	if !ok {
		return
	}
	here := fmt.Sprintf("/vk/im/%d/%d", group, user)
	text, media, problem := p.written(r, user, "сообщения")
	if problem == "" {
		if _, err := p.server.Write(NewMessage{GroupID: group, FromID: user, Text: text, Media: media}); err != nil {
			problem = "Сообщение не отправлено: житель или сообщество удалены из имитатора."
		}
	}
	sendBack(w, r, here, problem, "#write")
}

// press is a citizen's press on a button.
func (p *pages) press(w http.ResponseWriter, r *http.Request) {
	group, user, ok := p.pairOf(w, r)
	if !ok {
		return
	}
	message, _ := strconv.Atoi(r.FormValue("message"))
	row, errRow := strconv.Atoi(r.FormValue("row"))
	column, errColumn := strconv.Atoi(r.FormValue("column"))
	problem := ""
	if errRow != nil || errColumn != nil || p.server.Press(group, user, message, row, column) != nil {
		problem = "Этой кнопки больше нет."
	}
	sendBack(w, r, fmt.Sprintf("/vk/im/%d/%d", group, user), problem, "#write")
}

// allow lets a citizen forbid the community to write, or allow it again.
func (p *pages) allow(w http.ResponseWriter, r *http.Request) {
	group, user, ok := p.pairOf(w, r)
	if !ok {
		return
	}
	problem := ""
	if p.server.Allow(group, user, r.FormValue("on") == "1") != nil {
		problem = "Этого жителя или сообщества больше нет."
	}
	sendBack(w, r, fmt.Sprintf("/vk/im/%d/%d", group, user), problem, "#write")
}
