package web

import (
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/ru"
	"otklik/publisher"
)

// newMandatePage is the form of a mandate.
type newMandatePage struct {
	Shell   shell
	Problem string
	Form    mandateForm
	Adapts  []choice
	Pages   []mandatePageChoice
	Zone    string
	Media   []mediaTile
	Choices editorChoices
}

// mandatePageChoice is a page that may be chosen.
type mandatePageChoice struct {
	ID, Title, Organisation string
	Net                     netIcon
	Checked                 bool
}

// mandateForm is a mandate as a person wrote it.
type mandateForm struct {
	Title, From, Text, Adapt, Date, Time string
	Pages                                []string
	Media                                []publisher.Media
	Poll                                 *pollFields
}

func (s *server) newMandate(w http.ResponseWriter, r *http.Request, v *visit) error {
	f := mandateForm{Adapt: string(publisher.Around), Date: s.clock.DayEnd(v.now).In(s.Zone).Format(time.DateOnly), Time: "18:00"}
	return s.mandateFormPage(w, r, v, f, nil)
}

func (s *server) mandateFormPage(w http.ResponseWriter, r *http.Request, v *visit, f mandateForm, problem error) error {
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	page := newMandatePage{Shell: s.shell(r, v, "mandate-new", "Новый обязательный пост"), Form: f, Zone: s.clock.ZoneName(v.now)}
	for _, a := range publisher.Adaptings() {
		page.Adapts = append(page.Adapts, choice{Title: ru.Capital(a.Title()), Value: string(a), Checked: f.Adapt == string(a)})
	}
	for _, p := range pages {
		if !p.Silent {
			page.Pages = append(page.Pages, mandatePageChoice{p.ID, p.Title, p.Organisation, iconOfNet(p.Network), slices.Contains(f.Pages, p.ID)})
		}
	}
	kept, err := s.Planning.Editing.Uploads(r.Context(), hashesOf(f.Media))
	if err != nil {
		return err
	}
	page.Media = mediaTiles(f.Media, kept)
	if f.Poll != nil {
		page.Choices = editorChoices{Options: f.Poll.shownOptions(), AnswersMost: answersMost(pages, f.Pages), OpenDays: openDays(f.Poll.OpenDays)}
	}
	status := http.StatusOK
	if problem != nil {
		page.Problem, status = errs.MessageOf(problem), statusOf(errs.CodeOf(problem))
	}
	s.show(w, v, status, "mandate-new", page)
	return nil
}

func readMandateForm(v url.Values) mandateForm {
	p := readPostForm(v)
	return mandateForm{
		Title: v.Get("title"), From: v.Get("from"), Text: v.Get("text"), Adapt: v.Get("adapt"), Date: v.Get("date"), Time: v.Get("time"), Pages: v["page"],
		Media: p.Media, Poll: p.Poll,
	}
}

// issueMandate carries out what a button of the form asks: those that only
// change the form show it again.
func (s *server) issueMandate(w http.ResponseWriter, r *http.Request, v *visit) error {
	values, err := uploadForm(w, r)
	if err != nil {
		return err
	}
	defer dropFiles(r)
	f := readMandateForm(values)
	e := edit{server: s, w: w, r: r, v: v, f: values, form: readPostForm(values)}
	do := values.Get("do")
	if do == "" && r.MultipartForm != nil && filesChosen(r.MultipartForm.File["photo"]) {
		// Photos that were chosen and not loaded belong to the post all the same.
		err = e.upload()
	} else if do != "" {
		err = e.change(do)
	}
	f.Media, f.Poll = e.form.Media, e.form.Poll
	if do != "" || err != nil {
		if code := errs.CodeOf(err); err != nil && code != errs.Invalid && code != errs.TooLarge {
			return err
		}
		return s.mandateFormPage(w, r, v, f, err)
	}
	m, err := s.issue(r, v, f, values)
	switch code := errs.CodeOf(err); {
	case code == errs.Invalid || code == errs.TooLarge:
		return s.mandateFormPage(w, r, v, f, err)
	case err != nil:
		return err
	}
	s.Hub.Publish(live.Posts)
	s.setFlash(w, "mandate-issued", m.Number)
	http.Redirect(w, r, "/mandates/"+strconv.FormatInt(m.Number, 10), http.StatusSeeOther)
	return nil
}

// filesChosen says that a person has chosen files: a browser sends a nameless one
// where there is none.
func filesChosen(files []*multipart.FileHeader) bool {
	return slices.ContainsFunc(files, func(f *multipart.FileHeader) bool { return f.Filename != "" })
}

func (s *server) issue(r *http.Request, v *visit, f mandateForm, values url.Values) (publisher.Mandate, error) {
	due, err := s.readMoment(values, s.Zone)
	if err != nil {
		return publisher.Mandate{}, err
	}
	if due.IsZero() {
		return publisher.Mandate{}, errs.New(errs.Invalid, "Укажите срок: день и время, к которым пост должен выйти.")
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return publisher.Mandate{}, err
	}
	kept, err := s.Planning.Editing.Uploads(r.Context(), hashesOf(f.Media))
	if err != nil {
		return publisher.Mandate{}, err
	}
	content := postForm{Text: strings.TrimSpace(f.Text), Media: f.Media, Poll: f.Poll}.content(kept)
	m, posts, err := publisher.Issue(publisher.Mandate{
		Title: f.Title, From: f.From, Content: content, Adapt: publisher.Adapting(f.Adapt), DueAt: due, PageIDs: f.Pages,
	}, v.person.Actor(), publisher.Facts{Now: v.now, Pages: pages})
	if err != nil {
		return m, err
	}
	return s.Press.Mandates.Issue(r.Context(), m, posts, v.now)
}
