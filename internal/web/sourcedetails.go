package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/collectors"
	"otklik/internal/alarm"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

// paceView is how much is written on a source: a number and a day of bars.
type paceView struct {
	Hour  string // in the last hour
	Hint  string
	Bars  []paceBar
	Usual string // the usual as the path of a line, "" where it is not known
}

// paceBar is one hour, in the units of the drawing.
type paceBar struct {
	Class string // hr, or hr0 for an hour in which much is usual and nothing came
	X     float64
	Y, H  float64
}

const (
	paceWide, paceHigh = 100.0, 20.0
	// missedLeast is the usual from which an empty hour is drawn as missing.
	missedLeast = 3
)

// pace draws the last day and the present hour.
func (s *server) pace(x collectors.SourceStatus, p collectors.Pace) paceView {
	v := paceView{Hour: ru.Number(x.LastHour)}
	now := p.Now()
	v.Hint = "За последний час " + ru.Count(x.LastHour, "сообщение", "сообщения", "сообщений")
	switch {
	case now.Weeks > 0:
		v.Hint += ", обычно в этот час недели " + usual(now.Usual)
	case len(p.Hours) > 0:
		v.Hint += ". Сколько обычно, станет известно через неделю наблюдений"
	}
	top := 1.0
	for _, h := range p.Hours {
		top = max(top, float64(h.Items), h.Usual)
	}
	step := paceWide / float64(max(len(p.Hours), 1))
	var line strings.Builder
	for i, h := range p.Hours {
		at := step * float64(i)
		b := paceBar{Class: "hr", X: tenth(at), H: tenth(float64(h.Items) / top * paceHigh)}
		if last := i == len(p.Hours)-1; h.Items == 0 && h.Weeks > 0 && h.Usual >= missedLeast && !last {
			b.Class, b.H = "hr0", 2
		}
		b.Y = tenth(paceHigh - b.H)
		v.Bars = append(v.Bars, b)
		if h.Weeks == 0 {
			line.Reset()
			continue
		}
		join := byte('L')
		if line.Len() == 0 {
			join = 'M'
		}
		y := tenth(paceHigh - h.Usual/top*paceHigh)
		fmt.Fprintf(&line, "%c%v %vH%v", join, tenth(at), y, tenth(at+step))
	}
	v.Usual = line.String()
	return v
}

func tenth(x float64) float64 { return float64(int(x*10+.5)) / 10 }

// usual is a mean for people: «около 12», «меньше одного».
func usual(n float64) string {
	if n < 1 {
		return "меньше одного"
	}
	return "около " + ru.Number(int(n+.5))
}

// filledLately is the second half of «полно до 14:03; пробел 02:10–02:40 дозагружен».
func (s *server) filledLately(x collectors.SourceStatus) string {
	var last collectors.SourceGap
	n := 0
	for _, g := range x.Gaps {
		if !g.FilledAt.IsZero() {
			last, n = g, n+1
		}
	}
	switch {
	case n == 0:
		return ""
	case n == 1:
		return "пробел " + s.clock.Time(last.From) + "–" + s.clock.Time(last.To) + " дозагружен"
	}
	return ru.Count(n, "пробел", "пробела", "пробелов") + " за сутки " + ru.Plural(n, "дозагружен", "дозагружены", "дозагружены")
}

// historyView is the reading of what was written before the source was added.
type historyView struct {
	ID      string
	Reading bool
	Text    string
	Percent int // 0 while the size is not known
	Said    string
	Stop    bool // the person may stop it
	Ask     bool // the person may ask for more
	Most    int
}

// askedDays is what the form offers at first.
const askedDays = 30

// Days is what the form offers at first.
func (historyView) Days() int { return askedDays }

// history is nil where the network gives none.
func (s *server) sourceHistory(x collectors.SourceStatus, by rights.Actor, now time.Time) *historyView {
	h := x.History
	if h == nil {
		return nil
	}
	may := by.Can(rights.ManageSources)
	v := &historyView{ID: x.ID, Reading: h.Reading, Percent: int(h.Share * 100), Most: collectors.MaxWishDays}
	v.Text = strings.TrimSuffix(x.Progress, ".")
	asked := h.Wish != nil && (h.Wish.State == collectors.WishAsked || h.Wish.State == collectors.WishTaken)
	v.Stop = may && (h.Reading || asked && h.Wish.Kind == collectors.WishRead)
	v.Ask = may && !h.Reading && !asked
	if h.Wish != nil {
		v.Said = s.wish(*h.Wish, now)
	}
	return v
}

// wish says what became of what a person asked for.
func (s *server) wish(w collectors.Wish, now time.Time) string {
	who := w.By + ", " + s.clock.Moment(w.At, now) + ": "
	days := "историю за " + ru.Count(w.Days, "день", "дня", "дней")
	known := ""
	if !w.KnownFrom.IsZero() {
		known = " Известно всё с " + s.clock.Full(w.KnownFrom) + "."
	}
	switch {
	case w.Kind == collectors.WishStop && w.State == collectors.WishDone:
		return who + "чтение истории остановлено." + known
	case w.Kind == collectors.WishStop:
		return who + "остановить чтение истории. Остановим в ближайшую минуту."
	case w.State == collectors.WishAsked:
		return who + "прочитать " + days + ". Начнём в ближайшую минуту."
	case w.State == collectors.WishTaken:
		return who + "прочитать " + days + ". Читаем."
	case w.State == collectors.WishDone && w.Short:
		return who + "прочитать " + days + ". Сеть отдала меньше." + known
	case w.State == collectors.WishDone:
		return who + "прочитать " + days + ". Готово." + known
	}
	return ""
}

// stopHistory asks the reading of a source's history to end.
func (s *server) stopHistory(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.wishHistory(w, r, v, "stop-history", collectors.Wish{Kind: collectors.WishStop})
}

// readHistory asks for a source's history some days back.
func (s *server) readHistory(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(strings.TrimSpace(f.Get("days")))
	if err != nil {
		return errs.Newf(errs.Invalid, "Укажите, за сколько дней прочитать историю: от 1 до %d.", collectors.MaxWishDays)
	}
	return s.wishHistory(w, r, v, "read-history", collectors.Wish{Kind: collectors.WishRead, Days: days})
}

func (s *server) wishHistory(w http.ResponseWriter, r *http.Request, v *visit, notice string, wish collectors.Wish) error {
	wish.By = v.person.Name
	id := r.PathValue("id")
	if err := s.Sources.WishHistory(r.Context(), id, wish, v.now); err != nil {
		return err
	}
	s.Hub.Publish(live.Sources)
	s.setFlash(w, notice, 0)
	http.Redirect(w, r, "/sources#s-"+id, http.StatusSeeOther)
	return nil
}

const (
	troubleDays  = 7
	troubleShown = 5 // of each source
)

// pastTrouble is one alarm of the last days in the details of a source.
type pastTrouble struct {
	Title string
	From  stamp
	To    stamp // zero while it lasts
}

// pastTroubles are the alarms of the last days by source, newest first.
func (s *server) pastTroubles(r *http.Request, now time.Time) (map[string][]pastTrouble, error) {
	open, err := s.Alarms.OpenAlarms(r.Context())
	if err != nil {
		return nil, err
	}
	const most = 200
	past, err := s.Alarms.AlarmPage(r.Context(), alarm.Filter{Past: true, Since: now.AddDate(0, 0, -troubleDays), Limit: most})
	if err != nil {
		return nil, err
	}
	out := map[string][]pastTrouble{}
	for _, a := range append(open, past.Alarms...) {
		id := a.Detail.SourceID
		if id == "" || len(out[id]) == troubleShown {
			continue
		}
		title := s.alarmWords(a, now).Title
		title = ru.Capital(strings.TrimPrefix(title, quoted(a.Detail.Source)+": "))
		out[id] = append(out[id], pastTrouble{Title: title, From: s.stamp(a.RaisedAt, now), To: s.stamp(a.ClearedAt, now)})
	}
	return out, nil
}
