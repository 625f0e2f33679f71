package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/learn"
)

// settingsForm is what an agency chooses about learning.
type settingsForm struct {
	Version       int
	On            bool
	Threshold     int // percent
	Auto          bool
	AutoThreshold int
	Topics        []topicThreshold
	Own           int // topics with a threshold of their own
	By            string
	At            stamp
}

type topicThreshold struct{ ID, Title, Value string }

const neverWord = "нет"

func (s *server) settingsForm(x learn.Settings, by learn.Chosen, topics []incidents.Topic, v *visit) settingsForm {
	f := settingsForm{
		Version: by.Version, On: !x.Off, Threshold: hundredths(x.Threshold), Auto: x.Auto.On, AutoThreshold: hundredths(x.Auto.Threshold),
		By: by.Name, At: s.stamp(by.At, v.now),
	}
	for _, t := range topics {
		row := topicThreshold{ID: t.ID, Title: t.Name}
		if own, ok := x.Auto.Topics[t.ID]; ok {
			f.Own++
			row.Value = strconv.Itoa(hundredths(own))
			if own == learn.Never {
				row.Value = neverWord
			}
		}
		f.Topics = append(f.Topics, row)
	}
	return f
}

func hundredths(x float64) int { return int(x*100 + 0.5) }

func (s *server) saveLearning(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	x, err := readSettings(f)
	if err == nil {
		seen, _ := strconv.Atoi(f.Get("version"))
		err = s.Learning.Lessons.SetLearn(r.Context(), v.person.Actor(), x, seen, v.now)
	}
	if code := errs.CodeOf(err); err != nil && (code == errs.Invalid || code == errs.Conflict) {
		page, failed := s.learningPage(r, v)
		if failed != nil {
			return failed
		}
		page.Problem = errs.MessageOf(err)
		s.show(w, v, statusOf(code), "learning", page)
		return nil
	}
	if err != nil {
		return err
	}
	return s.learned(w, r, "learn-saved")
}

func readSettings(f url.Values) (learn.Settings, error) {
	x := learn.Settings{Off: f.Get("on") != "1", Auto: learn.Auto{On: f.Get("auto") == "1", Topics: map[string]float64{}}}
	var err error
	if x.Threshold, err = readPercent(f.Get("threshold")); err != nil {
		return x, err
	}
	if x.Auto.Threshold, err = readPercent(f.Get("auto-threshold")); err != nil {
		return x, err
	}
	for name := range f {
		id, ok := strings.CutPrefix(name, "topic.")
		switch value := f.Get(name); {
		case !ok || value == "":
		case value == neverWord:
			x.Auto.Topics[id] = learn.Never
		default:
			if x.Auto.Topics[id], err = readPercent(value); err != nil {
				return x, err
			}
		}
	}
	return x, nil
}

func readPercent(text string) (float64, error) {
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%")))
	if err != nil {
		return 0, errs.New(errs.Invalid, "Порог — целое число процентов, например 90.")
	}
	return float64(n) / 100, nil
}
