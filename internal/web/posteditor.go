package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"otklik/internal/ru"
	"otklik/publisher"
)

// newPostPage shows the editor for a post that does not exist yet.
func (s *server) newPostPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.blank(r, v)
	if err != nil {
		return err
	}
	u, found, err := s.Planning.Editing.Unsaved(r.Context(), "", v.person.ID)
	if err != nil {
		return err
	}
	form := page.Form
	if found {
		form = readPostForm(u.Fields)
		page.Saved = s.stamp(u.At, v.now)
		page.Note = "Это ваш несохранённый черновик. Продолжите его или начните заново."
	}
	if err := s.fill(r, v, page, publisher.Post{State: publisher.Draft}, form); err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "post", page)
	return nil
}

// blank is the editor before anything is written: on a day, from a template, as
// a copy, or with a poll, as the address asks.
func (s *server) blank(r *http.Request, v *visit) (*postPage, error) {
	q := r.URL.Query()
	page := &postPage{
		Shell: s.shell(r, v, "post", "Новый пост"), Heading: "Новый пост", Mark: postMark{"draft", "po-dr", "Черновик"}, Mode: writeMode,
		Action: "/posts/new", Can: map[string]bool{}, Back: "/plan",
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return nil, err
	}
	form := postForm{Versions: nil}
	if id := q.Get("template"); id != "" {
		list, err := s.Planning.Templates.PostTemplates(r.Context())
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			if t.ID == id {
				form = formOf(publisher.Write{Content: t.Content, Title: t.Title, Rubric: t.Rubric, Tags: t.Tags})
			}
		}
	}
	if n, ok := caseNumber(q.Get("copy")); ok {
		id, err := s.Planning.Posts.PostByNumber(r.Context(), n)
		if err != nil {
			return nil, err
		}
		view, err := s.Planning.Posts.PostView(r.Context(), id)
		if err != nil {
			return nil, err
		}
		form = formOf(publisher.Copy(view.Post))
	}
	if q.Get("poll") == "1" && form.Poll == nil {
		form.Poll = &pollFields{}
	}
	if len(form.Pages) == 0 && len(pages) == 1 {
		form.Pages = []string{pages[0].ID}
	}
	form.Zone = s.zoneFor(form.Pages, pages).String()
	if d, err := optionalDate(q.Get("date")); err == nil && q.Get("date") != "" {
		form.Date, form.Time = d.String(), "10:00"
		if t, err := time.Parse("15:04", q.Get("time")); err == nil {
			form.Time = t.Format("15:04")
		}
	}
	page.Form = form
	return page, nil
}

// restore puts what the person has written and not saved into the form, and
// says what others have changed meanwhile.
func (s *server) restore(r *http.Request, v *visit, view publisher.View, page *postPage) error {
	u, found, err := s.Planning.Editing.Unsaved(r.Context(), view.Post.ID, v.person.ID)
	if err != nil || !found || page.Mode != writeMode {
		return err
	}
	page.Form, page.Saved = readPostForm(u.Fields), s.stamp(u.At, v.now)
	page.Note = "В пост это ещё не записано."
	if u.Version != view.Post.Version {
		page.Theirs = s.theirs(view, page.Form, u.Version, v.now)
	}
	return nil
}

// theirs is what others have written since a version, against what stands in
// the form; nil if only the post's time or state has changed.
func (s *server) theirs(view publisher.View, mine postForm, since int, now time.Time) *theirs {
	if len(view.Versions) == 0 || view.Versions[0].Number <= since {
		return nil
	}
	newest := view.Versions[0]
	parts := differences(mine.content(nil), withoutMedia(newest.Content))
	if len(parts) == 0 {
		return nil
	}
	return &theirs{Who: newest.By, At: s.stamp(newest.At, now), Parts: parts}
}

func withoutMedia(c publisher.Content) publisher.Content {
	c.Media = nil
	return c
}

// editorChoices fills the lists of the editor.
func (s *server) editorChoices(ctx context.Context, page *postPage, form postForm, pages []publisher.Page, now time.Time) error {
	c := editorChoices{Lates: latenessChoices(form.Late)}
	for _, p := range pages {
		if p.Silent && !slices.Contains(form.Pages, p.ID) {
			continue
		}
		x := pageChoice{choice: choice{Title: p.Title, Value: p.ID, Checked: slices.Contains(form.Pages, p.ID)}, Net: iconOfNet(p.Network)}
		x.Lacks = lacks(p)
		c.Pages = append(c.Pages, x)
	}
	zone := s.Zone
	if z, err := time.LoadLocation(form.Zone); err == nil && form.Zone != "" {
		zone = z
	}
	c.ZoneName = zoneName(zone, now)
	facets, err := s.Planning.Plan.PlanFacets(ctx, now.AddDate(-1, 0, 0))
	if err != nil {
		return err
	}
	c.Rubrics = facets.Rubrics
	if page.Number == 0 {
		if c.Templates, err = s.Planning.Templates.PostTemplates(ctx); err != nil {
			return err
		}
	}
	if form.Poll != nil {
		c.Options, c.AnswersMost = form.Poll.shownOptions(), answersMost(pages, form.Pages)
		c.OpenDays = openDays(form.Poll.OpenDays)
	}
	page.Choices = c
	return nil
}

// lacks says in one line what the keys of a page do not allow.
func lacks(p publisher.Page) string {
	if why, ok := p.Missing[publisher.CanText]; ok {
		return why + ": публиковать нельзя"
	}
	why, photo := p.Missing[publisher.CanPhoto]
	_, poll := p.Missing[publisher.CanPoll]
	switch {
	case photo && poll:
		return why + ": фото и опросы недоступны"
	case photo:
		return why + ": фото недоступны"
	case poll:
		return p.Missing[publisher.CanPoll] + ": опросы недоступны"
	}
	return ""
}

func openDays(chosen int) []choice {
	list := []choice{{Title: "пока не закрою", Value: "0"}}
	days := []int{1, 3, 7, 14, 30}
	if chosen > 0 && !slices.Contains(days, chosen) {
		days = append(days, chosen)
		slices.Sort(days)
	}
	for _, d := range days {
		list = append(list, choice{Title: ru.Count(d, "день", "дня", "дней"), Value: strconv.Itoa(d)})
	}
	return mark(list, strconv.Itoa(chosen))
}

func zoneName(zone *time.Location, at time.Time) string { return ru.NewClock(zone).ZoneName(at) }

// writePost carries out what a button of the editor asks. Buttons that only
// change the form keep it as unsaved and come back to it.
func (s *server) writePost(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := uploadForm(w, r)
	if err != nil {
		return err
	}
	defer dropFiles(r)
	var view publisher.View
	if r.PathValue("number") != "" {
		if view, err = s.postViewOf(r); err != nil {
			return err
		}
	}
	e := edit{server: s, w: w, r: r, v: v, view: view, f: f, form: readPostForm(f), seen: number(f.Get("version"))}
	return e.carryOut(f.Get("do"))
}
