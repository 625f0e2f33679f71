package web

import (
	"net/http"
	"strconv"
	"time"

	"otklik/incidents/mass"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

// massSettingsPage is the page Пороги массовых инцидентов.
type massSettingsPage struct {
	Shell  shell
	Manage bool
	Rows   []limitRow
	Topics []choice
}

// limitRow are the limits of a topic.
type limitRow struct {
	TopicID string
	Topic   string
	Text    string
	Own     bool // may be taken back
}

func (s *server) massSettings(w http.ResponseWriter, r *http.Request, v *visit) error {
	set, err := s.Masses.Limits.MassSettings(r.Context())
	if err != nil {
		return err
	}
	page := massSettingsPage{Shell: s.shell(r, v, "mass-settings", "Пороги массовых инцидентов"), Manage: v.person.Actor().Can(rights.ManageIncidents)}
	if page.Topics, err = s.topicChoices(r, "", "Все остальные темы"); err != nil {
		return err
	}
	for _, t := range page.Topics {
		if l, own := set[t.Value]; own || t.Value == "" {
			if !own {
				l = mass.Default()
			}
			page.Rows = append(page.Rows, limitRow{t.Value, t.Title, limitWords(l), own})
		}
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "mass-settings", page)
	return nil
}

func limitWords(l mass.Limits) string {
	if l.Off {
		return "сами не собираются"
	}
	return "от " + ru.Count(l.Authors, "автора", "авторов", "авторов") + " за " + ru.Count(int(l.Window/time.Hour), "час", "часа", "часов")
}

func (s *server) saveMassLimits(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	topic, err := s.knownTopic(r, f.Get("topic"))
	if err != nil {
		return err
	}
	var limits *mass.Limits
	if f.Get("reset") == "" {
		authors, e1 := strconv.Atoi(f.Get("authors"))
		hours, e2 := strconv.Atoi(f.Get("hours"))
		if e1 != nil || e2 != nil || hours > 1000 {
			return errs.New(errs.Invalid, "Укажите число авторов и число часов.")
		}
		limits = &mass.Limits{Authors: authors, Window: time.Duration(hours) * time.Hour, Off: f.Get("off") == "1"}
	}
	if err := s.Masses.Limits.SaveMassLimits(r.Context(), v.person.Actor(), topic, limits, v.now); err != nil {
		return err
	}
	s.setFlash(w, "mass-limits", 0)
	http.Redirect(w, r, "/incidents/settings", http.StatusSeeOther)
	return nil
}

// silencesPage is the page Тишина.
type silencesPage struct {
	Shell  shell
	Mute   bool
	Now    []silenceRow
	Past   []silenceRow
	Topics []choice
	Hours  []choice
	Empty  emptyState
}

// silenceRow is one silence.
type silenceRow struct {
	ID, About, Why, By string
	From, Until        stamp
	Ended              string
	End                bool // the person may end it
}

const pastSilences = 50

func (s *server) silences(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, err := s.Masses.Silences.Silences(r.Context(), v.now)
	if err != nil {
		return err
	}
	past, err := s.Masses.Silences.PastSilences(r.Context(), v.now, pastSilences)
	if err != nil {
		return err
	}
	page := silencesPage{
		Shell: s.shell(r, v, "silences", "Тишина"), Mute: v.person.Actor().Can(rights.MuteNotices), Hours: quietHours(),
		Empty: emptyState{Title: "Тишины нет", Text: "Обо всех массовых инцидентах и всплесках приходят уведомления.", URL: "/incidents", Button: "К инцидентам"},
	}
	if page.Topics, err = s.topicChoices(r, "", "Любая тема"); err != nil {
		return err
	}
	for _, z := range list {
		page.Now = append(page.Now, s.silenceRow(z, v))
	}
	for _, z := range past {
		page.Past = append(page.Past, s.silenceRow(z, v))
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "silences", page)
	return nil
}

func (s *server) silenceRow(z mass.Silence, v *visit) silenceRow {
	row := silenceRow{
		ID: z.ID, Why: z.Why, By: z.ByName, From: s.stamp(z.From, v.now), Until: s.stamp(z.Until, v.now),
		End: z.Holds(v.now) && v.person.Actor().Can(rights.MuteNotices),
	}
	switch {
	case z.Incident != 0:
		row.About = "Инцидент №\u00a0" + strconv.FormatInt(z.Incident, 10)
	case z.Topic != "" && z.Place != "":
		row.About = z.Topic + ": " + z.Place
	default:
		row.About = z.Topic + z.Place
	}
	if !z.EndedAt.IsZero() {
		row.Ended = "снято: " + z.EndedBy + ", " + s.clock.Moment(z.EndedAt, v.now)
	}
	return row
}

// quietHours are the spans that the form offers.
func quietHours() []choice {
	var out []choice
	for _, h := range []int{2, 6, 12, 24, 72, 168} {
		title := ru.Count(h, "час", "часа", "часов")
		if h > 24 {
			title = ru.Count(h/24, "сутки", "суток", "суток")
		}
		out = append(out, choice{Title: title, Value: strconv.Itoa(h), Checked: h == 6})
	}
	return out
}

func (s *server) beginSilence(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	z := mass.Silence{Why: f.Get("reason")}
	if z.TopicID, err = s.knownTopic(r, f.Get("topic")); err != nil {
		return err
	}
	place, err := s.placeOfForm(r, f.Get("place"), false)
	if err != nil {
		return err
	}
	z.PlaceID, z.Place = place.ID, place.Title
	z.Incident, _ = caseNumber(f.Get("incident"))
	hours, err := strconv.Atoi(f.Get("hours"))
	if err != nil || hours < 1 || hours > 1000 {
		return errs.New(errs.Invalid, "Выберите, до какого времени будет тихо.")
	}
	z.Until = v.now.Add(time.Duration(hours) * time.Hour)
	if err := s.Masses.Silences.BeginSilence(r.Context(), v.person.Actor(), z, v.now); err != nil {
		return err
	}
	s.quietChanged(w, r, "silence-begun", f.Get("back"))
	return nil
}

func (s *server) endSilence(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	if err := s.Masses.Silences.EndSilence(r.Context(), v.person.Actor(), r.PathValue("id"), v.now); err != nil {
		return err
	}
	s.quietChanged(w, r, "silence-ended", f.Get("back"))
	return nil
}

func (s *server) quietChanged(w http.ResponseWriter, r *http.Request, flash, back string) {
	s.Hub.Publish(live.Incidents, live.Alarms)
	s.setFlash(w, flash, 0)
	http.Redirect(w, r, localPath(back, "/silences"), http.StatusSeeOther)
}
