package vk

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"otklik/internal/sim/record"
)

// citizens are the requests for what citizens do besides commenting.
func (s *Server) citizens(mux *http.ServeMux) {
	mux.HandleFunc("POST /admin/vk/messages", s.adminWrite)
	mux.HandleFunc("POST /admin/vk/messages/{group}/{user}/press", s.adminPress)
	mux.HandleFunc("POST /admin/vk/messages/{group}/{user}/allow", s.adminPair(func(g, u int) error { return s.Allow(g, u, true) }))
	mux.HandleFunc("DELETE /admin/vk/messages/{group}/{user}/allow", s.adminPair(func(g, u int) error { return s.Allow(g, u, false) }))
	mux.HandleFunc("GET /admin/vk/messages/{group}/{user}", s.adminDialog)
	mux.HandleFunc("POST /admin/vk/members/{group}/{user}", s.adminPair(s.Join))
	mux.HandleFunc("DELETE /admin/vk/members/{group}/{user}", s.adminPair(s.Leave))
	mux.HandleFunc("POST /admin/vk/likes", s.adminLike)
	mux.HandleFunc("POST /admin/vk/reposts", s.adminRepost)
	mux.HandleFunc("POST /admin/vk/polls", s.adminAddPoll)
	mux.HandleFunc("GET /admin/vk/polls/{owner}/{id}", s.adminPoll)
	mux.HandleFunc("POST /admin/vk/polls/{owner}/{id}/votes", s.adminVote)
	mux.HandleFunc("POST /admin/vk/photos/{owner}", s.adminAddPhoto)
	mux.HandleFunc("PUT /admin/vk/posts/{owner}/{id}/views", s.adminViews)
}

// done answers with what was made, or with the error.
func done(w http.ResponseWriter, what any, err error) {
	if err != nil {
		replyErr(w, err)
		return
	}
	reply(w, http.StatusOK, what)
}

func ok() map[string]bool { return map[string]bool{"ok": true} }

// pair reads two numbers of the path.
func pair(r *http.Request, first, second string) (int, int, error) {
	a, errA := strconv.Atoi(r.PathValue(first))
	b, errB := strconv.Atoi(r.PathValue(second))
	return a, b, errors.Join(errA, errB)
}

func (s *Server) adminPair(do func(group, user int) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		group, user, err := pair(r, "group", "user")
		if err == nil {
			err = do(group, user)
		}
		done(w, ok(), err)
	}
}

func (s *Server) adminWrite(w http.ResponseWriter, r *http.Request) {
	if n, fine := read[NewMessage](w, r); fine {
		id, err := s.Write(n)
		done(w, map[string]int{"message_id": id}, err)
	}
}

// adminPress presses a button; message 0 means the dialog's keyboard.
func (s *Server) adminPress(w http.ResponseWriter, r *http.Request) {
	b, fine := read[struct {
		Message int `json:"message_id"`
		Row     int `json:"row"`
		Column  int `json:"column"`
	}](w, r)
	if !fine {
		return
	}
	group, user, err := pair(r, "group", "user")
	if err == nil {
		err = s.Press(group, user, b.Message, b.Row, b.Column)
	}
	done(w, ok(), err)
}

func (s *Server) adminDialog(w http.ResponseWriter, r *http.Request) {
	group, user, err := pair(r, "group", "user")
	d, known := s.Dialog(group, user)
	if err == nil && !known {
		err = ErrNotFound
	}
	done(w, d, err)
}

func (s *Server) adminLike(w http.ResponseWriter, r *http.Request) {
	l, fine := read[struct {
		Thing
		UserID int  `json:"user_id"`
		Off    bool `json:"off"`
	}](w, r)
	if fine {
		done(w, ok(), s.Like(l.Thing, l.UserID, !l.Off))
	}
}

func (s *Server) adminRepost(w http.ResponseWriter, r *http.Request) {
	p, fine := read[struct {
		OwnerID int    `json:"owner_id"`
		PostID  int    `json:"post_id"`
		UserID  int    `json:"user_id"`
		Text    string `json:"text"`
	}](w, r)
	if fine {
		id, err := s.Repost(p.OwnerID, p.PostID, p.UserID, p.Text)
		done(w, map[string]int{"post_id": id}, err)
	}
}

func (s *Server) adminAddPoll(w http.ResponseWriter, r *http.Request) {
	if p, fine := read[Poll](w, r); fine {
		made, err := s.AddPoll(p)
		done(w, made, err)
	}
}

func (s *Server) adminPoll(w http.ResponseWriter, r *http.Request) {
	owner, id, err := pair(r, "owner", "id")
	p, known := s.Poll(owner, id)
	if err == nil && !known {
		err = ErrNotFound
	}
	done(w, p, err)
}

func (s *Server) adminVote(w http.ResponseWriter, r *http.Request) {
	v, fine := read[struct {
		UserID  int   `json:"user_id"`
		Answers []int `json:"answer_ids"`
	}](w, r)
	if !fine {
		return
	}
	owner, id, err := pair(r, "owner", "id")
	if err == nil {
		err = s.Vote(owner, id, v.UserID, v.Answers)
	}
	done(w, ok(), err)
}

// adminAddPhoto takes a photo as the body and returns its name for attachments.
func (s *Server) adminAddPhoto(w http.ResponseWriter, r *http.Request) {
	owner, err := strconv.Atoi(r.PathValue("owner"))
	data, failed := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpload))
	if err = errors.Join(err, failed); err != nil {
		replyErr(w, err)
		return
	}
	name, err := s.AddPhoto(owner, data)
	done(w, map[string]string{"name": name}, err)
}

func (s *Server) adminViews(w http.ResponseWriter, r *http.Request) {
	v, fine := read[struct {
		Views int `json:"views"`
	}](w, r)
	if !fine {
		return
	}
	owner, id, err := pair(r, "owner", "id")
	if err == nil {
		err = s.SetViews(owner, id, v.Views)
	}
	done(w, ok(), err)
}

func (s *Server) adminRevokeToken(w http.ResponseWriter, r *http.Request) {
	s.RevokeToken(r.PathValue("token"))
	reply(w, http.StatusOK, ok())
}

func (s *Server) adminSwitches(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, s.Switches())
}

func (s *Server) adminSetSwitches(w http.ResponseWriter, r *http.Request) {
	if v, fine := read[Switches](w, r); fine {
		s.SetSwitches(v)
		reply(w, http.StatusOK, v)
	}
}

// adminScenario starts a scenario of faults now.
func (s *Server) adminScenario(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAdminBody))
	if err != nil {
		replyErr(w, err)
		return
	}
	scenario, err := record.ParseScenario(raw)
	if err == nil {
		err = known().CheckScenario("vk", scenario)
	}
	if err == nil {
		s.Play(scenario)
	}
	done(w, ok(), err)
}

func (s *Server) adminFaults(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, s.faults.List())
}

func (s *Server) adminAddFault(w http.ResponseWriter, r *http.Request) {
	f, fine := read[record.Fault](w, r)
	if !fine {
		return
	}
	err := known().Check(f)
	if err == nil {
		s.faults.Add(f)
	}
	done(w, ok(), err)
}

func (s *Server) adminClearFaults(w http.ResponseWriter, _ *http.Request) {
	s.faults.Clear()
	reply(w, http.StatusOK, map[string]bool{"ok": true})
}
