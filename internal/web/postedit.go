package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/ru"
	"otklik/publisher"
)

// edit is one request of the editor.
type edit struct {
	*server
	w    http.ResponseWriter
	r    *http.Request
	v    *visit
	view publisher.View // zero for a new post
	f    url.Values
	form postForm
	seen int
}

func (e *edit) carryOut(do string) error {
	what, _, _ := strings.Cut(do, ":")
	switch what {
	case "", "save", "submit":
		return e.save(what == "submit")
	case "forget":
		return e.forget()
	case "template":
		return e.saveTemplate()
	}
	if err := e.change(do); err != nil {
		return e.refuse(err)
	}
	if err := e.keep(); err != nil {
		return err
	}
	http.Redirect(e.w, e.r, e.home(), http.StatusSeeOther)
	return nil
}

// change does what a button asks that only changes the form.
func (e *edit) change(do string) error {
	what, arg, _ := strings.Cut(do, ":")
	switch what {
	case "upload":
		return e.upload()
	case "link":
		return e.addLink()
	case "poll-more":
		return e.moreAnswers()
	}
	e.reshape(what, number(arg))
	return nil
}

// home is where the editor of this post is.
func (e *edit) home() string {
	if e.view.Post.ID == "" {
		return "/posts/new"
	}
	if e.view.Post.State != publisher.Draft {
		return fmt.Sprintf("/posts/%d?edit=1", e.view.Post.Number)
	}
	return fmt.Sprintf("/posts/%d", e.view.Post.Number)
}

// reshape changes the form: the order of attachments, the poll's lines.
func (e *edit) reshape(what string, i int) {
	m := e.form.Media
	switch what {
	case "media-up":
		if i > 0 && i < len(m) {
			m[i-1], m[i] = m[i], m[i-1]
		}
	case "media-down":
		if i >= 0 && i < len(m)-1 {
			m[i], m[i+1] = m[i+1], m[i]
		}
	case "media-drop":
		if i < len(m) {
			e.form.Media = slices.Delete(m, i, i+1)
		}
	case "poll-add":
		e.form.Poll = &pollFields{}
	case "poll-drop":
		e.form.Poll = nil
	case "option-up":
		if p := e.form.Poll; p != nil && i > 0 && i < len(p.Options) {
			p.Options[i-1], p.Options[i] = p.Options[i], p.Options[i-1]
		}
	}
}

// moreAnswers adds a line for one more option of the poll.
func (e *edit) moreAnswers() error {
	pages, err := e.Planning.Register.Pages(e.r.Context())
	if err != nil || e.form.Poll == nil {
		return err
	}
	options, most := e.form.Poll.shownOptions(), answersMost(pages, e.form.Pages)
	if len(options) >= most {
		return errs.Newf(errs.Invalid, "На выбранных страницах у опроса может быть не больше %s.", ru.Count(most, "варианта", "вариантов", "вариантов"))
	}
	e.form.Poll.Options = append(options, "")
	return nil
}

func (e *edit) addLink() error {
	link := strings.TrimSpace(e.f.Get("newlink"))
	if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") {
		return errs.New(errs.Invalid, "Вставьте адрес целиком, вместе с https://.")
	}
	kind := publisher.Link
	for _, host := range []string{"vk.com/video", "vk.ru/video", "vkvideo.ru/", "rutube.ru/video", "youtube.com/watch", "youtu.be/"} {
		if strings.Contains(link, host) {
			kind = publisher.Video
		}
	}
	e.form.Media = append(e.form.Media, publisher.Media{Kind: kind, URL: link})
	return nil
}

// keep remembers the form as unsaved.
func (e *edit) keep() error {
	u := publisher.Unsaved{PostID: e.view.Post.ID, PersonID: e.v.person.ID, Version: e.seen}
	if e.view.Post.ID != "" || !e.form.empty() {
		u.Fields = e.form.fields()
	}
	return e.Planning.Editing.SaveUnsaved(e.r.Context(), u, e.v.now)
}

func (e *edit) forget() error {
	u := publisher.Unsaved{PostID: e.view.Post.ID, PersonID: e.v.person.ID}
	if err := e.Planning.Editing.SaveUnsaved(e.r.Context(), u, e.v.now); err != nil {
		return err
	}
	http.Redirect(e.w, e.r, e.home(), http.StatusSeeOther)
	return nil
}

// save writes the form into the post, and hands it in if asked.
func (e *edit) save(submit bool) error {
	p, err := e.store(submit)
	if err != nil {
		return e.refuse(err)
	}
	ctx := e.r.Context()
	if err := e.Planning.Editing.SaveUnsaved(ctx, publisher.Unsaved{PostID: e.view.Post.ID, PersonID: e.v.person.ID}, e.v.now); err != nil {
		e.Logger.WarnContext(ctx, "a draft that was saved is still kept", "err", err)
	}
	e.Hub.Publish(live.Posts)
	e.Planning.Changed()
	name := "post-saved"
	if submit {
		name = "post-submit"
	}
	e.setFlash(e.w, name, p.Number)
	http.Redirect(e.w, e.r, fmt.Sprintf("/posts/%d", p.Number), http.StatusSeeOther)
	return nil
}

// store carries out the commands that the form stands for: what is written,
// when it leaves, and the handing in. All of them are tried before the first one
// is carried out, so that nothing is half done.
func (e *edit) store(submit bool) (publisher.Post, error) {
	ctx, by := e.r.Context(), e.v.person.Actor()
	pages, err := e.Planning.Register.Pages(ctx)
	if err != nil {
		return publisher.Post{}, err
	}
	kept, err := e.Planning.Editing.Uploads(ctx, e.form.hashes())
	if err != nil {
		return publisher.Post{}, err
	}
	at, err := e.readMoment(e.form.values(), e.zoneFor(e.form.Pages, pages))
	if err != nil {
		return publisher.Post{}, err
	}
	w, plan := e.form.write(kept), publisher.Plan{At: at, LateBy: time.Duration(e.form.Late) * time.Minute}
	facts := publisher.Facts{Now: e.v.now, Pages: pages}
	if e.view.Post.ID == "" {
		return e.begin(ctx, w, plan, submit, facts)
	}
	if e.seen < 1 {
		return publisher.Post{}, errs.New(errs.Invalid, "Форма устарела. Проверьте пост и повторите действие.")
	}
	p := e.view.Post
	commands := []publisher.Command{w}
	if !at.Equal(p.At) || plan.LateBy != p.LateBy {
		commands = append(commands, plan)
	}
	if submit {
		commands = append(commands, publisher.Submit{})
	}
	tried := p
	for _, cmd := range commands {
		d, err := publisher.Apply(tried, cmd, by, facts)
		if err != nil {
			return p, err
		}
		tried = d.Post
	}
	expect := e.seen
	for _, cmd := range commands {
		if p, err = e.Planning.Desk.Do(ctx, by, p.ID, expect, cmd); err != nil {
			return p, err
		}
		expect = p.Version
	}
	return p, nil
}

// begin makes the post, after all that is asked of it has been tried.
func (e *edit) begin(ctx context.Context, w publisher.Write, plan publisher.Plan, submit bool, facts publisher.Facts) (publisher.Post, error) {
	by := e.v.person.Actor()
	tried, _, err := publisher.Begin(w, plan, by, facts)
	if err != nil {
		return tried, err
	}
	if submit {
		if _, err := publisher.Apply(tried, publisher.Submit{}, by, facts); err != nil {
			return tried, err
		}
	}
	p, err := e.Planning.Desk.New(ctx, by, w, plan)
	if err != nil || !submit {
		return p, err
	}
	return e.Planning.Desk.Do(ctx, by, p.ID, p.Version, publisher.Submit{})
}

// refuse shows the editor again with what was written and why it did not go
// through; what was written is kept as unsaved as well.
func (e *edit) refuse(cause error) error {
	code := errs.CodeOf(cause)
	switch code {
	case errs.Invalid, errs.TooLarge, errs.Conflict, errs.Forbidden:
	default:
		return cause
	}
	if err := e.keep(); err != nil {
		e.Logger.WarnContext(e.r.Context(), "the text of a refused post is not kept", "err", err)
	}
	page, p, err := e.again()
	if err != nil {
		return cause
	}
	page.Problem = &problem{Title: "Не получилось", Text: errs.MessageOf(cause)}
	if meanwhile := e.meanwhile(); code == errs.Conflict && meanwhile != "" {
		page.Problem.Title = "Пока вы писали, пост изменили"
		page.Problem.Text = meanwhile + " Ваш текст цел и стоит в полях."
		if page.Theirs = e.theirs(e.view, e.form, e.seen, e.v.now); page.Theirs == nil && !page.Can[string(publisher.EventWritten)] {
			page.Problem.Text += " Записать его уже нельзя. " + errs.MessageOf(e.tooLate())
		}
	}
	page.Mode = writeMode
	if err := e.fill(e.r, e.v, page, p, e.form); err != nil {
		return cause
	}
	page.Shell.Here = e.home()
	e.show(e.w, e.v, statusOf(code), "post", page)
	return nil
}

// meanwhile tells what others have done to the post since the person opened it,
// "" if nothing.
func (e *edit) meanwhile() string {
	var done []string
	for _, x := range e.view.History {
		if x.Version <= e.seen || x.Kind == publisher.EventRemark {
			continue
		}
		who := x.ActorName
		if x.ActorID == "" {
			who = "программа"
		}
		done = append(done, e.clock.Moment(x.At, e.v.now)+", "+who+": "+e.postSentence(x, ""))
	}
	if len(done) == 0 {
		return ""
	}
	const most = 3
	if rest := len(done) - most; rest > 0 {
		done = append(done[:0:0], done[rest:]...)
	}
	return ru.Capital(strings.Join(done, "; ")) + "."
}

// tooLate is why the post as it is now cannot be written any more.
func (e *edit) tooLate() error {
	_, err := publisher.Apply(e.view.Post, e.form.write(nil), e.v.person.Actor(), publisher.Facts{Now: e.v.now})
	return err
}

// again is the page of the editor as the base has it now.
func (e *edit) again() (*postPage, publisher.Post, error) {
	if e.view.Post.ID == "" {
		page, err := e.blank(e.r, e.v)
		return page, publisher.Post{State: publisher.Draft}, err
	}
	view, err := e.Planning.Posts.PostView(e.r.Context(), e.view.Post.ID)
	if err != nil {
		return nil, publisher.Post{}, err
	}
	e.view = view
	page, err := e.postPage(e.r, e.v, view)
	return page, view.Post, err
}

// saveTemplate keeps the form as a content to begin posts with.
func (e *edit) saveTemplate() error {
	kept, err := e.Planning.Editing.Uploads(e.r.Context(), e.form.hashes())
	if err != nil {
		return err
	}
	w := e.form.write(kept)
	title := strings.TrimSpace(e.form.Title)
	if title == "" {
		return e.refuse(errs.New(errs.Invalid, "Назовите пост: под этим названием шаблон будет в списке."))
	}
	facts := publisher.Facts{Now: e.v.now}
	if _, _, err := publisher.Begin(publisher.Write{Content: w.Content, Title: title, Rubric: w.Rubric, Tags: w.Tags}, publisher.Plan{}, e.v.person.Actor(), facts); err != nil {
		return e.refuse(err)
	}
	t := publisher.Template{Title: title, Content: w.Content, Rubric: strings.TrimSpace(w.Rubric), Tags: w.Tags}
	if _, err := e.Planning.Templates.SavePostTemplate(e.r.Context(), t, e.v.now); err != nil {
		return err
	}
	if err := e.keep(); err != nil {
		return err
	}
	e.setFlash(e.w, "template", 0)
	http.Redirect(e.w, e.r, e.home(), http.StatusSeeOther)
	return nil
}
