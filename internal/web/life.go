package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/ru"
)

// lifeFacts is what the page of a case shows of its status, its flags and the
// cards it came from or went on in.
type lifeFacts struct {
	Status       string
	StatusClass  string
	Flags        []flagPill
	Organisation string // "" while there is only one
	From, Into   int64
	Promised     stamp
	Rating       string
	Comment      string
	// Interim is the day that the answer promises, in words.
	Interim string
	// Where are the organisations a case can be redirected to, Parts its further
	// messages.
	Where []choice
	Parts []choice
	// Tomorrow is the earliest day that can be promised, for the field.
	Tomorrow string
	Day      string
}

type flagPill struct{ Text, Class string }

// More says that there is anything under «Ещё».
func (p *casePage) More() bool {
	return p.Can[string(incidents.EventMerged)] || len(p.Life.Parts) > 0 || len(p.Life.Where) > 0
}

func (s *server) life(r *http.Request, v *visit, view incidents.View, p *casePage) error {
	c := view.Case
	l := lifeFacts{
		Status: c.Status().Title(), StatusClass: statusClass(c.Status()), Flags: flagsOf(c, v.now), From: c.Life.From, Into: c.Life.Into,
		Promised: s.stamp(c.Life.Promised, v.now), Comment: c.Life.Rating.Comment, Tomorrow: v.now.In(s.Zone).AddDate(0, 0, 1).Format(time.DateOnly),
	}
	if c.Answer.Interim() {
		l.Interim = c.Answer.Promise.In(s.Zone).Format("02.01.2006")
	}
	l.Rating = ratingText(c.Life.Rating)
	organisations, err := s.Staff.Organisations(r.Context())
	if err != nil {
		return err
	}
	if len(organisations) > 1 {
		l.Organisation = c.Whose.Organisation
	}
	if p.Can[string(incidents.EventRedirected)] {
		for _, o := range organisations {
			if o.Active && o.ID != c.Whose.OrganisationID {
				l.Where = append(l.Where, choice{Title: o.Name, Value: o.ID})
			}
		}
	}
	if p.Can[string(incidents.EventSplit)] {
		for _, t := range view.Thread {
			if t.IsAttached && !t.IsMessage {
				l.Parts = append(l.Parts, choice{Title: ru.Cut(strings.Join(strings.Fields(t.Item.Text), " "), 60), Value: t.ID})
			}
		}
	}
	p.Life = l
	return nil
}

func statusClass(s incidents.Status) string {
	switch s {
	case incidents.SolvedStatus:
		return "ok"
	case incidents.InWork:
		return "ac"
	}
	return ""
}

// flagsOf are the flags of a case beside its status.
func flagsOf(c incidents.Case, now time.Time) []flagPill {
	var list []flagPill
	if c.Life.Repeats > 0 {
		list = append(list, flagPill{"Повторное рассмотрение", "warn"})
	}
	if c.Life.Interims > 0 && c.Stage != incidents.Done {
		list = append(list, flagPill{"Промежуточный ответ дан", ""})
	}
	if c.Overdue(now) {
		list = append(list, flagPill{"Просрочено", "bad"})
	}
	if c.Fast {
		list = append(list, flagPill{"Фаст-трек", "warn"})
	}
	if c.Stage == incidents.Publication && c.PublicationTrouble != "" && !c.Foreign {
		list = append(list, flagPill{"Ошибка публикации", "bad"})
	}
	return list
}

func ratingText(r incidents.Rating) string {
	var parts []string
	if r.Score > 0 {
		parts = append(parts, strconv.Itoa(r.Score)+" из 5")
	}
	if r.Unsolved {
		parts = append(parts, "вопрос не решён")
	}
	return strings.Join(parts, ", ")
}

// readInterim takes the promised day as the end of work on it.
func (s *server) readInterim(r *http.Request, v *visit, f url.Values) (incidents.Command, error) {
	id, err := s.caseID(r, v)
	if err != nil {
		return nil, err
	}
	view, err := s.Queue.View(r.Context(), id, v.person.Actor(), v.now)
	if err != nil {
		return nil, err
	}
	zone, err := s.workZone(r, view.Case.Whose.OrganisationID)
	if err != nil {
		return nil, err
	}
	day, err := time.ParseInLocation(time.DateOnly, f.Get("day"), zone)
	if err != nil {
		return nil, errs.New(errs.Invalid, "Укажите день, к которому обещаете решить вопрос.")
	}
	at, err := s.Promise(r.Context(), id, day, v.now)
	return incidents.Interim{Text: f.Get("text"), Promise: at}, err
}

// workZone is the working zone of an organisation.
func (s *server) workZone(r *http.Request, id string) (*time.Location, error) {
	all, err := s.Staff.Organisations(r.Context())
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.ID == id && o.Zone != "" {
			return time.LoadLocation(o.Zone)
		}
	}
	return s.Zone, nil
}

func (s *server) readRedirect(r *http.Request, _ *visit, f url.Values) (incidents.Command, error) {
	to := incidents.Whose{OrganisationID: f.Get("to")}
	organisations, err := s.Staff.Organisations(r.Context())
	if err != nil {
		return nil, err
	}
	for _, o := range organisations {
		if o.ID == to.OrganisationID && o.Active {
			to.Organisation = o.Name
			return incidents.Redirect{To: to, Reason: f.Get("reason")}, nil
		}
	}
	return nil, errs.New(errs.Invalid, "Выберите организацию из списка.")
}

// readMerge finds the card that goes on by its number; one that the person may
// not see is not there for them.
func (s *server) readMerge(r *http.Request, v *visit, f url.Values) (incidents.Command, error) {
	n, ok := caseNumber(f.Get("into"))
	if !ok {
		return nil, errs.New(errs.Invalid, "Напишите номер карточки, с которой объединить эту.")
	}
	id, err := s.Queue.CaseByNumber(r.Context(), v.person.Actor(), n)
	if errs.CodeOf(err) == errs.NotFound {
		return nil, errs.Newf(errs.Invalid, "Карточки № %d нет. Проверьте номер.", n)
	}
	return incidents.Merge{IntoID: id, Into: n}, err
}

func (s *server) readSplit(r *http.Request, v *visit, f url.Values) (incidents.Command, error) {
	id, err := s.caseID(r, v)
	if err != nil {
		return nil, err
	}
	view, err := s.Queue.View(r.Context(), id, v.person.Actor(), v.now)
	if err != nil {
		return nil, err
	}
	for _, t := range view.Thread {
		if t.ID == f.Get("item") && t.ID != "" && t.IsAttached {
			return incidents.Split{ItemID: t.ID, Words: ru.Cut(t.Item.Text, 200)}, nil
		}
	}
	return nil, errs.New(errs.Invalid, "Выберите сообщение из списка.")
}

func readRating(f url.Values) incidents.Command {
	score, err := strconv.Atoi(f.Get("score"))
	if err != nil && f.Get("score") != "" {
		score = -1 // refused with the reason
	}
	return incidents.Rate{Score: score, Unsolved: f.Get("unsolved") == "1", Comment: f.Get("text")}
}

// lifeFlash are the notices of what leads a case through its life.
func lifeFlash(name, n string) string {
	switch name {
	case "interim":
		return n + "промежуточный ответ отправлен на утверждение."
	case "agree":
		return n + "ответ согласован, теперь его утвердит руководитель."
	case "disagree":
		return n + "ответ возвращён исполнителю на доработку."
	case "redirect":
		return n + "передано другой организации, там заведена новая карточка."
	case "merge":
		return n + "объединено. Дальше работайте с той карточкой."
	case "split":
		return n + "сообщение стало отдельной карточкой."
	case "rate":
		return n + "оценка записана."
	case "rate-repeat":
		return n + "оценка записана, карточка снова у координатора."
	}
	return ""
}

// lifeSentence says what happened in the words of the history.
func lifeSentence(e incidents.Event, zone *time.Location) string {
	switch e.Kind {
	case incidents.EventInterim:
		return "промежуточный ответ отправлен на утверждение" + promised(e, zone)
	case incidents.EventAgreed:
		return "ответ согласован"
	case incidents.EventDisagreed:
		return "ответ не согласован, возвращён на доработку"
	case incidents.EventRedirected:
		return "перенаправлено: " + quoted(e.Data["organisation"])
	case incidents.EventReceived:
		return "получено из карточки №\u00a0" + e.Data["from"] + ", организация " + quoted(e.Data["organisation"])
	case incidents.EventMerged:
		return "объединено с карточкой №\u00a0" + e.Data["into"]
	case incidents.EventTookIn:
		return "сюда объединена карточка №\u00a0" + e.Data["from"]
	case incidents.EventSplit:
		return "сообщение выделено в отдельную карточку"
	case incidents.EventDetached:
		return "выделено из карточки №\u00a0" + e.Data["from"]
	case incidents.EventRated:
		return "оценка жителя: " + ratingWords(e)
	case incidents.EventRepeated:
		return "житель недоволен (" + ratingWords(e) + "), карточка рассматривается повторно"
	}
	return "изменение карточки"
}

func promised(e incidents.Event, zone *time.Location) string {
	at, err := time.Parse(time.RFC3339, e.Data["promise"])
	if err != nil {
		return ""
	}
	return ", обещано до " + at.In(zone).Format("02.01.2006")
}

func ratingWords(e incidents.Event) string {
	var parts []string
	if score := e.Data["score"]; score != "" {
		parts = append(parts, score+" из 5")
	}
	if e.Data["unsolved"] != "" {
		parts = append(parts, "вопрос не решён")
	}
	return strings.Join(parts, ", ")
}
