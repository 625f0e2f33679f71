package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/publisher"
)

// postCommand is one thing a form can do to a post, besides writing and moving.
type postCommand struct {
	name   string
	action rights.Action
	read   func(f url.Values, v *visit) publisher.Command
}

func (s *server) postCommands() []postCommand {
	reason := func(make func(text string) publisher.Command) func(url.Values, *visit) publisher.Command {
		return func(f url.Values, _ *visit) publisher.Command { return make(f.Get("reason")) }
	}
	plain := func(cmd publisher.Command) func(url.Values, *visit) publisher.Command {
		return func(url.Values, *visit) publisher.Command { return cmd }
	}
	return []postCommand{
		{"submit", rights.WritePost, plain(publisher.Submit{})},
		{"approve", rights.ReviewPost, func(f url.Values, _ *visit) publisher.Command { return publisher.Approve{Hash: f.Get("hash")} }},
		{"rework", rights.ReviewPost, reason(func(t string) publisher.Command { return publisher.Rework{Reason: t} })},
		{"withdraw", rights.WritePost, reason(func(t string) publisher.Command { return publisher.Withdraw{Reason: t} })},
		{"cancel", rights.WritePost, reason(func(t string) publisher.Command { return publisher.Cancel{Reason: t} })},
		{"reopen", rights.WritePost, plain(publisher.Reopen{})},
		{"remark", rights.CommentPost, func(f url.Values, _ *visit) publisher.Command { return publisher.Remark{Text: f.Get("text")} }},
		{"now", rights.WritePost, func(f url.Values, v *visit) publisher.Command {
			return publisher.Plan{At: v.now, LateBy: time.Duration(number(f.Get("late"))) * time.Minute}
		}},
		{"by-hand", rights.ActOnPost, func(f url.Values, _ *visit) publisher.Command {
			return publisher.ByHand{PageID: f.Get("page"), Link: f.Get("link"), Rest: f.Get("rest")}
		}},
		{"amend-approve", rights.ReviewPost, func(f url.Values, _ *visit) publisher.Command {
			return publisher.ApproveAmend{Hash: f.Get("hash")}
		}},
		{"amend-drop", rights.WritePost, plain(publisher.DropAmend{})},
		{"remove", rights.ActOnPost, func(f url.Values, _ *visit) publisher.Command {
			return publisher.Remove{PageID: f.Get("page"), Reason: f.Get("reason")}
		}},
		{"pin", rights.ActOnPost, func(f url.Values, _ *visit) publisher.Command {
			return publisher.Pin{PageID: f.Get("page"), On: f.Get("on") == "1"}
		}},
	}
}

// postCommand carries out a form and comes back to the page, or shows the page
// again with what was written and why it did not go through.
func (s *server) postCommand(c postCommand) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		f, err := form(r)
		if err != nil {
			return err
		}
		p, err := s.postOf(r)
		if err != nil {
			return err
		}
		seen := number(f.Get("version"))
		if c.name != "remark" && seen < 1 {
			return s.postFailed(w, r, v, p.ID, c.name, f, errs.New(errs.Invalid, "Форма устарела. Проверьте пост и повторите действие."))
		}
		return s.doPost(w, r, v, p.ID, c.name, f, seen, c.read(f, v))
	}
}

func (s *server) doPost(w http.ResponseWriter, r *http.Request, v *visit, id, name string, f url.Values, seen int, cmd publisher.Command) error {
	done, err := s.Planning.Desk.Do(r.Context(), v.person.Actor(), id, seen, cmd)
	if err != nil {
		return s.postFailed(w, r, v, id, name, f, err)
	}
	s.Hub.Publish(live.Posts)
	s.Planning.Changed()
	s.setFlash(w, "post-"+name, done.Number)
	http.Redirect(w, r, planPath(f.Get("back"), fmt.Sprintf("/posts/%d", done.Number)), http.StatusSeeOther)
	return nil
}

// postFailed shows the post as it is now with what the person wrote.
func (s *server) postFailed(w http.ResponseWriter, r *http.Request, v *visit, id, name string, f url.Values, cause error) error {
	code := errs.CodeOf(cause)
	switch code {
	case errs.Invalid, errs.TooLarge, errs.Conflict, errs.Forbidden:
	default:
		return cause
	}
	view, err := s.Planning.Posts.PostView(r.Context(), id)
	if err != nil {
		return cause
	}
	page, err := s.postPage(r, v, view)
	if err != nil {
		return cause
	}
	page.Shell.Here = fmt.Sprintf("/posts/%d", view.Post.Number)
	page.Problem = &problem{Title: "Не получилось", Text: errs.MessageOf(cause)}
	page.Kept = kept{Command: name, Text: f.Get("reason"), Link: f.Get("link"), Choice: f.Get("page")}
	if name == "remark" {
		page.Kept.Text = f.Get("text")
	}
	if page.Mode != readMode {
		if err := s.restore(r, v, view, page); err != nil {
			return cause
		}
		if err := s.fill(r, v, page, view.Post, page.Form); err != nil {
			return cause
		}
	}
	s.show(w, v, statusOf(code), "post", page)
	return nil
}

// amend proposes another text for a post that is out.
func (s *server) amend(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := uploadForm(w, r)
	if err != nil {
		return err
	}
	defer dropFiles(r)
	p, err := s.postOf(r)
	if err != nil {
		return err
	}
	mine := readPostForm(f)
	// What stands under the post stays; only words can be changed.
	c := p.Content
	c.Text, c.Versions = mine.Text, mine.Versions
	return s.doPost(w, r, v, p.ID, "amend", f, number(f.Get("version")), publisher.Amend{Content: c})
}

// dropTemplate forgets a template.
func (s *server) dropTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Planning.Templates.DropPostTemplate(r.Context(), r.PathValue("id"), v.now); err != nil {
		return err
	}
	s.setFlash(w, "template-gone", 0)
	http.Redirect(w, r, "/posts/templates", http.StatusSeeOther)
	return nil
}

// templatesPage is the page of templates.
type templatesPage struct {
	Shell     shell
	Templates []templateRow
	Empty     emptyState
}

type templateRow struct {
	ID, Title, Rubric, Text string
	Edited                  stamp
}

func (s *server) templates(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, err := s.Planning.Templates.PostTemplates(r.Context())
	if err != nil {
		return err
	}
	page := templatesPage{
		Shell: s.shell(r, v, "post-templates", "Шаблоны постов"),
		Empty: emptyState{Title: "Шаблонов пока нет", Text: "Откройте новый пост, напишите в нём то, что повторяется, и нажмите «Сохранить как шаблон».", URL: "/posts/new", Button: "Новый пост"},
	}
	for _, t := range list {
		page.Templates = append(page.Templates, templateRow{ID: t.ID, Title: t.Title, Rubric: t.Rubric, Text: titleOf("", t.Content), Edited: s.stamp(t.EditedAt, v.now)})
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "post-templates", page)
	return nil
}
