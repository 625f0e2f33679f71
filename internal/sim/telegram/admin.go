package telegram

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"otklik/internal/errs"
)

const (
	maxAdminBody  = 8 << 20
	maxAdminBatch = 1000
	maxSnapshot   = 1000
)

// AdminHandler serves /admin/telegram/: it injects what people do and shows
// the state. Errors are {"error": sentence}.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /admin/telegram/bots", inject(s.AddBot))
	mux.Handle("POST /admin/telegram/users", inject(s.AddUser))
	mux.Handle("POST /admin/telegram/channels", inject(s.AddChannel))
	mux.Handle("POST /admin/telegram/posts", inject(s.adminPost))
	mux.Handle("POST /admin/telegram/comments", inject(s.adminComment))
	mux.Handle("POST /admin/telegram/comments/batch", inject(s.adminComments))
	mux.Handle("POST /admin/telegram/members", inject(s.adminMember))
	mux.HandleFunc("PATCH /admin/telegram/messages/{chat}/{message}", s.adminEdit)
	mux.HandleFunc("DELETE /admin/telegram/messages/{chat}/{message}", s.adminDelete)
	mux.HandleFunc("GET /admin/telegram/chats/{id}", s.adminChat)
	mux.HandleFunc("GET /admin/telegram/threads/{group}/{thread}", s.adminThread)
	mux.Handle("POST /admin/telegram/groups", inject(s.AddGroup))
	mux.Handle("POST /admin/telegram/migrations", inject(s.adminMigrate))
	mux.Handle("POST /admin/telegram/tokens", inject(s.adminToken))
	mux.Handle("POST /admin/telegram/private", inject(s.adminWrite))
	mux.Handle("POST /admin/telegram/blocks", inject(s.adminBlock))
	mux.Handle("POST /admin/telegram/votes", inject(s.adminVote))
	mux.Handle("POST /admin/telegram/reactions", inject(s.adminReact))
	mux.Handle("POST /admin/telegram/presses", inject(s.adminPress))
	mux.Handle("POST /admin/telegram/views", inject(s.adminViews))
	mux.Handle("POST /admin/telegram/raw", inject(s.adminRaw))
	mux.Handle("POST /admin/telegram/switches", inject(s.adminSwitches))
	mux.Handle("POST /admin/telegram/scenario", inject(s.adminScenario))
	mux.HandleFunc("GET /admin/telegram/private/{bot}/{user}", s.adminPrivate)
	mux.Handle("POST /admin/telegram/faults", inject(s.adminFault))
	mux.HandleFunc("GET /admin/telegram/faults", func(w http.ResponseWriter, _ *http.Request) {
		writeAdmin(w, s.faults.List(), nil)
	})
	mux.HandleFunc("DELETE /admin/telegram/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.faults.Clear()
		writeAdmin(w, struct{}{}, nil)
	})
	// A page of another site must not be able to post here through a browser.
	return http.NewCrossOriginProtection().Handler(mux)
}

// inject turns a function into a handler of JSON in and JSON out.
func inject[In, Out any](f func(In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := readAdmin[In](w, r)
		if err != nil {
			writeAdmin(w, nil, err)
			return
		}
		out, err := f(in)
		writeAdmin(w, out, err)
	})
}

func readAdmin[In any](w http.ResponseWriter, r *http.Request) (In, error) {
	var in In
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAdminBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return in, errs.New(errs.TooLarge, "Запрос больше 8 МБ: разделите его на части.")
		}
		return in, errs.Wrap(errs.Invalid, "Тело запроса не разобрать: "+err.Error()+".", err)
	}
	return in, nil
}

func writeAdmin(w http.ResponseWriter, out any, err error) {
	status := http.StatusOK
	if err != nil {
		out = map[string]string{"error": errs.MessageOf(err)}
		switch errs.CodeOf(err) {
		case errs.Invalid:
			status = http.StatusBadRequest
		case errs.NotFound:
			status = http.StatusNotFound
		case errs.Conflict:
			status = http.StatusConflict
		case errs.TooLarge:
			status = http.StatusRequestEntityTooLarge
		default:
			status = http.StatusInternalServerError
		}
	}
	writeRaw(w, status, mustJSON(out))
}

type messageIDs struct {
	MessageID int64 `json:"message_id"`
}

type batchIDs struct {
	MessageIDs []int64 `json:"message_ids"`
}

type done struct{}

// postedAlbum is a post, and where it is an album all of its messages.
type postedAlbum struct {
	Posted
	Album []Posted `json:"album,omitempty"`
}

func (s *Server) adminPost(in NewPost) (postedAlbum, error) {
	list, err := s.Publish(in)
	if err != nil {
		return postedAlbum{}, err
	}
	if len(list) == 1 {
		return postedAlbum{Posted: list[0]}, nil
	}
	return postedAlbum{list[0], list}, nil
}

func (s *Server) adminComment(in Comment) (messageIDs, error) {
	id, err := s.Comment(in)
	return messageIDs{id}, err
}

func (s *Server) adminComments(in struct {
	Comments []Comment `json:"comments"`
},
) (batchIDs, error) {
	if len(in.Comments) > maxAdminBatch {
		return batchIDs{}, errs.Newf(errs.TooLarge, "За один раз — не больше %d комментариев.", maxAdminBatch)
	}
	ids, err := s.Comments(in.Comments)
	return batchIDs{ids}, err
}

func (s *Server) adminMember(in struct {
	ChatID int64  `json:"chat_id"`
	UserID int64  `json:"user_id"`
	Status string `json:"status"`
},
) (done, error) {
	return done{}, s.SetMember(in.ChatID, in.UserID, in.Status)
}

func (s *Server) adminEdit(w http.ResponseWriter, r *http.Request) {
	chatID, messageID, err := pathIDs(r, "chat", "message")
	if err != nil {
		writeAdmin(w, nil, err)
		return
	}
	in, err := readAdmin[struct {
		Text string `json:"text"`
	}](w, r)
	if err == nil {
		err = s.EditMessage(chatID, messageID, in.Text)
	}
	writeAdmin(w, done{}, err)
}

func (s *Server) adminDelete(w http.ResponseWriter, r *http.Request) {
	chatID, messageID, err := pathIDs(r, "chat", "message")
	if err == nil {
		err = s.DeleteMessage(chatID, messageID)
	}
	writeAdmin(w, done{}, err)
}

func (s *Server) adminChat(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		writeAdmin(w, nil, errs.New(errs.Invalid, "Номер чата — целое число."))
		return
	}
	c, ok := s.Chat(id, maxSnapshot)
	if !ok {
		err = errs.New(errs.NotFound, "Такого чата в имитаторе нет.")
	}
	writeAdmin(w, c, err)
}

func (s *Server) adminThread(w http.ResponseWriter, r *http.Request) {
	groupID, threadID, err := pathIDs(r, "group", "thread")
	if err != nil {
		writeAdmin(w, nil, err)
		return
	}
	t, ok := s.Thread(groupID, threadID)
	if !ok {
		err = errs.New(errs.NotFound, "Такого обсуждения в имитаторе нет.")
	}
	writeAdmin(w, t, err)
}

func pathIDs(r *http.Request, chat, message string) (int64, int64, error) {
	chatID, err1 := strconv.ParseInt(r.PathValue(chat), 10, 64)
	messageID, err2 := strconv.ParseInt(r.PathValue(message), 10, 64)
	if err1 != nil || err2 != nil {
		return 0, 0, errs.New(errs.Invalid, "Номера чата и сообщения — целые числа.")
	}
	return chatID, messageID, nil
}
