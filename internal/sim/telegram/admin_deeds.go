package telegram

import (
	"encoding/json"
	"net/http"

	"otklik/internal/errs"
	"otklik/internal/sim/record"
)

func (s *Server) adminMigrate(in struct {
	GroupID int64 `json:"group_id"`
},
) (Group, error) {
	id, err := s.Migrate(in.GroupID)
	return Group{ID: id}, err
}

func (s *Server) adminToken(in struct {
	BotID int64 `json:"bot_id"`
},
) (map[string]string, error) {
	token, err := s.RevokeToken(in.BotID)
	return map[string]string{"token": token}, err
}

func (s *Server) adminWrite(in Private) (messageIDs, error) {
	id, err := s.Write(in)
	return messageIDs{id}, err
}

func (s *Server) adminBlock(in struct {
	BotID   int64 `json:"bot_id"`
	UserID  int64 `json:"user_id"`
	Blocked bool  `json:"blocked"`
},
) (done, error) {
	return done{}, s.Block(in.BotID, in.UserID, in.Blocked)
}

// deed is what a citizen does with a message.
type deed struct {
	ChatID    int64  `json:"chat_id"`
	MessageID int64  `json:"message_id"`
	UserID    int64  `json:"user_id"`
	Options   []int  `json:"options"`
	Emoji     string `json:"emoji"`
	Data      string `json:"data"`
}

func (s *Server) adminVote(in deed) (done, error) {
	return done{}, s.Vote(in.ChatID, in.MessageID, in.UserID, in.Options)
}

func (s *Server) adminReact(in deed) (done, error) {
	return done{}, s.React(in.ChatID, in.MessageID, in.UserID, in.Emoji)
}

func (s *Server) adminPress(in deed) (map[string]string, error) {
	id, err := s.Press(in.ChatID, in.MessageID, in.UserID, in.Data)
	return map[string]string{"callback_query_id": id}, err
}

func (s *Server) adminViews(in struct {
	ChatID    int64 `json:"chat_id"`
	MessageID int64 `json:"message_id"`
	Views     int   `json:"views"`
},
) (done, error) {
	return done{}, s.SetViews(in.ChatID, in.MessageID, in.Views)
}

func (s *Server) adminRaw(in struct {
	BotID   int64           `json:"bot_id"`
	Kind    string          `json:"kind"`
	Payload json.RawMessage `json:"payload"`
},
) (done, error) {
	if in.Kind == "" {
		return done{}, errs.New(errs.Invalid, "Укажите вид обновления (kind), например message.")
	}
	return done{}, s.InjectRaw(in.BotID, in.Kind, in.Payload)
}

func (s *Server) adminSwitches(in Switches) (Switches, error) {
	s.SetSwitches(in)
	return in, nil
}

func (s *Server) adminScenario(raw json.RawMessage) (map[string]int, error) {
	scenario, err := record.ParseScenario(raw)
	if err != nil {
		return nil, err
	}
	if err := known().CheckScenario("telegram", scenario); err != nil {
		return nil, err
	}
	s.Play(scenario)
	return map[string]int{"steps": len(scenario)}, nil
}

func (s *Server) adminFault(f record.Fault) (record.Fault, error) {
	if err := known().Check(f); err != nil {
		return f, err
	}
	s.faults.Add(f)
	return f, nil
}

// known are the faults that this network makes something of; "failed" is one
// more name of "error".
func known() record.Known {
	status := record.Codes{Least: 200, Most: 599}
	return record.Known{
		record.FaultError: status, record.FaultFailed: status, record.FaultStatus: status, record.FaultClock: {},
		record.FaultHTML: {}, record.FaultEmpty: {}, record.FaultTruncated: {}, record.FaultSlow: {}, record.FaultDrip: {},
		record.FaultHang: {}, record.FaultLost: {}, record.FaultReset: {}, record.FaultMigrate: {}, record.FaultRevoke: {},
		record.FaultRepeat: {}, record.FaultShuffle: {}, record.FaultDelay: {}, record.FaultDrop: {},
	}
}

func (s *Server) adminPrivate(w http.ResponseWriter, r *http.Request) {
	botID, userID, err := pathIDs(r, "bot", "user")
	if err != nil {
		writeAdmin(w, nil, err)
		return
	}
	c, ok := s.PrivateChat(botID, userID)
	if !ok {
		err = errs.New(errs.NotFound, "Этот житель ещё не писал боту.")
	}
	writeAdmin(w, c, err)
}
