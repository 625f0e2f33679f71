package vk

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// maxAdminBody bounds one request to the admin API; a batch of comments is the
// largest.
const maxAdminBody = 16 << 20

// AdminHandler serves the JSON admin API under /admin/vk/. It has no
// authentication of its own: listen on loopback only.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin/vk/communities", s.adminAddCommunity)
	mux.HandleFunc("POST /admin/vk/users", s.adminAddUser)
	mux.HandleFunc("POST /admin/vk/tokens", s.adminAddToken)
	mux.HandleFunc("POST /admin/vk/posts", s.adminAddPost)
	mux.HandleFunc("PATCH /admin/vk/posts/{owner}/{id}", s.adminEdit(s.EditPost))
	mux.HandleFunc("DELETE /admin/vk/posts/{owner}/{id}", s.adminTouch(s.DeletePost))
	mux.HandleFunc("POST /admin/vk/comments", s.adminAddComment)
	mux.HandleFunc("POST /admin/vk/comments:batch", s.adminAddComments)
	mux.HandleFunc("PATCH /admin/vk/comments/{owner}/{id}", s.adminEdit(s.EditComment))
	mux.HandleFunc("DELETE /admin/vk/comments/{owner}/{id}", s.adminTouch(s.DeleteComment))
	mux.HandleFunc("POST /admin/vk/comments/{owner}/{id}/restore", s.adminTouch(s.RestoreComment))
	mux.HandleFunc("POST /admin/vk/events", s.adminEvent)
	mux.HandleFunc("GET /admin/vk/faults", s.adminFaults)
	mux.HandleFunc("POST /admin/vk/faults", s.adminAddFault)
	mux.HandleFunc("DELETE /admin/vk/faults", s.adminClearFaults)
	mux.HandleFunc("POST /admin/vk/longpoll/{group}/expire", s.adminGroup(s.ExpireKeys))
	mux.HandleFunc("POST /admin/vk/longpoll/{group}/forget", s.adminGroup(s.ForgetEvents))
	mux.HandleFunc("POST /admin/vk/longpoll/{group}/mute", s.adminMute(true))
	mux.HandleFunc("DELETE /admin/vk/longpoll/{group}/mute", s.adminMute(false))
	mux.HandleFunc("GET /admin/vk/walls/{owner}", s.adminWall)
	mux.HandleFunc("POST /admin/vk/scenario", s.adminScenario)
	mux.HandleFunc("GET /admin/vk/switches", s.adminSwitches)
	mux.HandleFunc("PUT /admin/vk/switches", s.adminSetSwitches)
	mux.HandleFunc("DELETE /admin/vk/tokens/{token}", s.adminRevokeToken)
	s.citizens(mux)
	// A page of another site must not be able to post here through a browser.
	return http.NewCrossOriginProtection().Handler(mux)
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(v)
}

// replyErr answers 404 for what does not exist and 400 for the rest.
func replyErr(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if errors.Is(err, ErrNotFound) {
		status = http.StatusNotFound
	}
	reply(w, status, map[string]string{"error": err.Error()})
}

// read decodes the body into a T, or answers 400 itself.
func read[T any](w http.ResponseWriter, r *http.Request) (T, bool) {
	var v T
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAdminBody))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		replyErr(w, err)
		return v, false
	}
	return v, true
}

func (s *Server) adminAddCommunity(w http.ResponseWriter, r *http.Request) {
	c, ok := read[Community](w, r)
	if !ok {
		return
	}
	if c.ID <= 0 {
		replyErr(w, errors.New("id must be positive"))
		return
	}
	s.AddCommunity(c)
	reply(w, http.StatusOK, c)
}

func (s *Server) adminAddUser(w http.ResponseWriter, r *http.Request) {
	u, ok := read[User](w, r)
	if !ok {
		return
	}
	if u.ID <= 0 {
		replyErr(w, errors.New("id must be positive"))
		return
	}
	s.AddUser(u)
	reply(w, http.StatusOK, u)
}

func (s *Server) adminAddToken(w http.ResponseWriter, r *http.Request) {
	t, ok := read[Token](w, r)
	if !ok {
		return
	}
	if err := s.AddToken(t); err != nil {
		replyErr(w, err)
		return
	}
	reply(w, http.StatusOK, map[string]bool{"ok": true})
}

func (s *Server) adminAddPost(w http.ResponseWriter, r *http.Request) {
	n, ok := read[NewPost](w, r)
	if !ok {
		return
	}
	id, err := s.AddPost(n)
	if err != nil {
		replyErr(w, err)
		return
	}
	reply(w, http.StatusOK, map[string]int{"post_id": id})
}

func (s *Server) adminAddComment(w http.ResponseWriter, r *http.Request) {
	n, ok := read[NewComment](w, r)
	if !ok {
		return
	}
	id, err := s.AddComment(n)
	if err != nil {
		replyErr(w, err)
		return
	}
	reply(w, http.StatusOK, map[string]int{"comment_id": id})
}

// adminAddComments adds many comments in their order. At the first that cannot
// be added it stops and tells which ones stand already.
func (s *Server) adminAddComments(w http.ResponseWriter, r *http.Request) {
	list, ok := read[[]NewComment](w, r)
	if !ok {
		return
	}
	ids := make([]int, 0, len(list))
	for _, n := range list {
		id, err := s.AddComment(n)
		if err != nil {
			reply(w, http.StatusBadRequest, map[string]any{"error": err.Error(), "comment_ids": ids})
			return
		}
		ids = append(ids, id)
	}
	reply(w, http.StatusOK, map[string][]int{"comment_ids": ids})
}

// adminEvent sends an event as it is written, even one that no client decodes.
func (s *Server) adminEvent(w http.ResponseWriter, r *http.Request) {
	in, ok := read[struct {
		GroupID int             `json:"group_id"`
		Event   json.RawMessage `json:"event"`
	}](w, r)
	if !ok {
		return
	}
	if len(in.Event) == 0 {
		replyErr(w, errors.New("event is missing"))
		return
	}
	if !s.InjectEvent(in.GroupID, in.Event) {
		replyErr(w, ErrNotFound)
		return
	}
	reply(w, http.StatusOK, map[string]bool{"ok": true})
}

// adminEdit changes the text of the thing in the path.
func (s *Server) adminEdit(edit func(owner, id int, text string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, ok := read[struct {
			Text string `json:"text"`
		}](w, r)
		if !ok {
			return
		}
		s.adminTouch(func(owner, id int) error { return edit(owner, id, body.Text) })(w, r)
	}
}

// adminTouch does something to the thing in the path.
func (s *Server) adminTouch(do func(owner, id int) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		owner, errOwner := strconv.Atoi(r.PathValue("owner"))
		id, errID := strconv.Atoi(r.PathValue("id"))
		err := errors.Join(errOwner, errID)
		if err == nil {
			err = do(owner, id)
		}
		if err != nil {
			replyErr(w, err)
			return
		}
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	}
}

func (s *Server) adminGroup(do func(group int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		group, err := strconv.Atoi(r.PathValue("group"))
		if err != nil {
			replyErr(w, err)
			return
		}
		do(group)
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	}
}

func (s *Server) adminMute(on bool) http.HandlerFunc {
	return s.adminGroup(func(group int) { s.Mute(group, on) })
}

func (s *Server) adminWall(w http.ResponseWriter, r *http.Request) {
	owner, err := strconv.Atoi(r.PathValue("owner"))
	if err != nil {
		replyErr(w, err)
		return
	}
	state, ok := s.Wall(owner)
	if !ok {
		replyErr(w, ErrNotFound)
		return
	}
	reply(w, http.StatusOK, state)
}
