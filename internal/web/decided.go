package web

import (
	"net/http"

	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/ru"
)

// decidedRow is one decision that the program learns of.
type decidedRow struct {
	Key     string
	At      stamp
	Who     string
	What    string
	Text    string
	Skipped string // who has left it out
	Mute    bool   // it says nothing of what is due
}

const (
	shownDecisions = 30
	decidedText    = 160
)

func (s *server) lastDecisions(r *http.Request, v *visit) ([]decidedRow, error) {
	list, err := s.Learning.Decisions.LastDecisions(r.Context(), shownDecisions, 0)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	topics, err := s.Directory.Topics(r.Context())
	if err != nil {
		return nil, err
	}
	desks, err := s.deskNames(r)
	if err != nil {
		return nil, err
	}
	var out []decidedRow
	for _, d := range list {
		row := decidedRow{
			Key: d.Key, At: s.stamp(d.At, v.now), Who: d.PersonName, What: decidedWhat(d), Text: ru.Cut(oneLine(d.Item.Text), decidedText),
			Skipped: d.Skipped, Mute: d.Kind == learn.Rejected && !d.Ground.Teaches(),
		}
		if row.Who == "" {
			row.Who = "Из файла"
		}
		if d.Kind == learn.Classified {
			row.What += ": " + topicName(topics, d.TopicID)
		}
		if name := desks[d.DepartmentID]; d.Kind == learn.Assigned && name != "" {
			row.What += ": " + name
		}
		out = append(out, row)
	}
	return out, nil
}

// decidedWhat says what was decided.
func decidedWhat(d learn.Decision) string {
	switch d.Kind {
	case learn.Accepted:
		return "Принято"
	case learn.Rejected:
		return "Отклонено: " + ru.Cut(oneLine(d.Reason), 80)
	case learn.Classified:
		return "Тема"
	case learn.Assigned:
		return "Передано"
	case learn.Taken:
		return "Взято из отсеянного"
	case learn.Dismissed:
		return "Не жалоба"
	case learn.Uncoordinated:
		return "Автокоординация отменена"
	case learn.Imported:
		if d.Due {
			return "Жалоба"
		}
		return "Не жалоба"
	}
	return ""
}

func (s *server) skipDecision(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	key, skip := f.Get("key"), f.Get("skip") == "1"
	if key == "" {
		return errs.New(errs.Invalid, "Выберите решение из списка.")
	}
	if err := s.Learning.Decisions.SkipDecision(r.Context(), v.person.Actor(), key, skip, v.now); err != nil {
		return err
	}
	if skip {
		return s.learned(w, r, "learn-skipped")
	}
	return s.learned(w, r, "learn-unskipped")
}
