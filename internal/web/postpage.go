package web

import (
	"net/http"
	"strconv"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/publisher"
)

// The ways in which a post is shown.
const (
	writeMode = "write" // a form
	readMode  = "read"  // a text
	amendMode = "amend" // a form for a text that is out
)

// postPage is the page of one post, or of a new one.
type postPage struct {
	Shell   shell
	ID      string
	Number  int64 // 0 for a new post
	Version int
	Heading string
	Mark    postMark
	Mode    string
	Mandate *verdict // what the post is obliged to, nil for most
	Action  string   // where the form goes
	Series  *seriesPart
	Can     map[string]bool
	Writes  bool // the person may write posts
	Form    postForm
	Choices editorChoices
	Net     []netText
	Limits  []limitLine
	Media   []mediaTile
	Preview []netPreview
	Checks  checks
	When    whenLine
	Hash    string
	Approve string // where the consent goes
	Sources []sourceText
	People  []personLine
	Own     bool // the reader wrote it and may not approve it
	Changes []diffPart
	Against string // what the changes are counted from
	// Rework is why the text came back, while it is still to be mended.
	Rework  *line
	Remarks []line
	History []line
	Targets []targetRow
	Amended *amended
	Ask     string // what a person is asked in the state Проверьте
	Note    string
	Saved   stamp // of what is not in the post yet
	Theirs  *theirs
	Problem *problem
	Kept    kept
	Halts   []haltNote
	Back    string
}

// editorChoices are the lists of the editor.
type editorChoices struct {
	Pages     []pageChoice
	Lates     []choice
	Rubrics   []string
	Templates []publisher.Template
	OpenDays  []choice
	Options   []string
	// AnswersMost is how many options the chosen pages take.
	AnswersMost int
	ZoneName    string
}

// pageChoice is a page that a post may go to.
type pageChoice struct {
	choice
	Net   netIcon
	Lacks string // what its keys do not allow
}

// whenLine is when a post leaves.
type whenLine struct {
	At     stamp
	Zone   string
	Late   string
	MustBy stamp
}

// personLine is one person of the approval.
type personLine struct {
	Name, Role string
	Done       bool
	Waits      bool
}

// amended is another content for a post that is out.
type amended struct {
	Writer  string
	Hash    string
	Changes []diffPart
	Own     bool
}

// theirs is what somebody else has written meanwhile.
type theirs struct {
	Who   string
	At    stamp
	Parts []diffPart
}

// postOf finds the post that the address names by its number.
func (s *server) postOf(r *http.Request) (publisher.Post, error) {
	v, err := s.postViewOf(r)
	return v.Post, err
}

func (s *server) postViewOf(r *http.Request) (publisher.View, error) {
	n, ok := caseNumber(r.PathValue("number"))
	if !ok {
		return publisher.View{}, errs.New(errs.NotFound, "Поста с таким номером нет. Проверьте ссылку.")
	}
	id, err := s.Planning.Posts.PostByNumber(r.Context(), n)
	if err != nil {
		return publisher.View{}, err
	}
	return s.Planning.Posts.PostView(r.Context(), id)
}

func (s *server) postView(w http.ResponseWriter, r *http.Request, v *visit) error {
	view, err := s.postViewOf(r)
	if err != nil {
		return err
	}
	page, err := s.postPage(r, v, view)
	if err != nil {
		return err
	}
	if page.Mode != readMode {
		if err := s.restore(r, v, view, page); err != nil {
			return err
		}
		if err := s.fill(r, v, page, view.Post, page.Form); err != nil {
			return err
		}
	}
	page.Shell.Flash, page.Shell.Undo = s.takeFlash(w, r), s.takeUndo(w, r)
	s.show(w, v, http.StatusOK, "post", page)
	return nil
}

// postPage is the page of a post as the base has it.
func (s *server) postPage(r *http.Request, v *visit, view publisher.View) (*postPage, error) {
	p, by := view.Post, v.person.Actor()
	ctx := r.Context()
	pages, err := s.Planning.Register.Pages(ctx)
	if err != nil {
		return nil, err
	}
	halts, err := s.Planning.Halts.Halts(ctx)
	if err != nil {
		return nil, err
	}
	number := strconv.FormatInt(p.Number, 10)
	page := &postPage{
		Shell: s.shell(r, v, "post", "Пост №\u00a0"+number+". "+postTitle(p)), ID: p.ID, Number: p.Number, Version: p.Version, Heading: postTitle(p),
		Mark: markOf(p, halts, v.now), Mode: modeOf(r, p, by), Can: possiblePost(p, by), Hash: p.Hash(), Ask: p.Question,
		Own: p.State == publisher.Review && by.Can(rights.ReviewPost) && wrote(p, by), Back: "/plan",
	}
	page.Action, page.Approve = "/posts/"+number+"/write", "/posts/"+number+"/approve"
	page.Writes = by.Can(rights.WritePost)
	page.Form = formOf(publisher.Copy(p))
	zone := s.zoneFor(p.PageIDs(), pages)
	page.Form.schedule(p.At, p.LateBy, zone)
	page.When = whenLine{At: s.stamp(p.At, v.now), Zone: zoneName(zone, v.now), Late: latenessWords(int(p.LateBy / time.Minute)), MustBy: s.stamp(p.MustBy, v.now)}
	if page.Mode == amendMode {
		page.Action = "/posts/" + number + "/amend"
		if p.Amendment != nil {
			page.Form = formOf(publisher.Write{Content: p.Amendment.Content, PageIDs: p.PageIDs(), Title: p.Title, Rubric: p.Rubric, Tags: p.Tags})
		}
	}
	if p.SeriesID != "" {
		page.Series = &seriesPart{ID: p.SeriesID, Touched: p.Touched}
	}
	page.Remarks, page.History = s.postHistory(view, pages, v.now)
	page.Rework = s.sentBack(view, v.now)
	page.People = people0(p, view)
	page.Changes, page.Against = changesOf(view)
	page.Amended = amendedOf(p, by)
	if page.Targets, err = s.targets(ctx, view, pages, by, v.now); err != nil {
		return nil, err
	}
	if page.Halts, err = s.haltNotes(ctx, pages, covering(halts, p), v); err != nil {
		return nil, err
	}
	return page, s.fill(r, v, page, p, page.Form)
}

// covering keeps the stops that hold the post.
func covering(halts []publisher.Halt, p publisher.Post) []publisher.Halt {
	var out []publisher.Halt
	if p.State != publisher.Scheduled && p.State != publisher.Approved {
		return nil
	}
	for _, h := range halts {
		if held(p, []publisher.Halt{h}) {
			out = append(out, h)
		}
	}
	return out
}

func wrote(p publisher.Post, by rights.Actor) bool {
	for _, id := range p.Writers {
		if id == by.ID {
			return true
		}
	}
	return p.AuthorID == by.ID
}

// modeOf says whether the person writes or reads: a draft is written, anything
// else only if the person asks for it, because writing voids the approval.
func modeOf(r *http.Request, p publisher.Post, by rights.Actor) string {
	asked := r.URL.Query().Get("edit") == "1"
	switch {
	case can(p, by, publisher.EventWritten) && (p.State == publisher.Draft || asked):
		return writeMode
	case can(p, by, publisher.EventAmended) && asked:
		return amendMode
	}
	return readMode
}

// possiblePost is what the person could do now, for the templates.
func possiblePost(p publisher.Post, by rights.Actor) map[string]bool {
	out := map[string]bool{}
	for _, kind := range publisher.Possible(p, by) {
		out[string(kind)] = true
	}
	return out
}

// people0 are those on whom the approval rests.
func people0(p publisher.Post, view publisher.View) []personLine {
	list := []personLine{{Name: p.AuthorName, Role: "автор", Done: true}}
	seen := map[string]bool{p.AuthorID: true}
	for _, x := range view.Versions {
		if !seen[x.ByID] && x.ByID != "" {
			seen[x.ByID] = true
			list = append(list, personLine{Name: x.By, Role: "менял текст", Done: true})
		}
	}
	switch {
	case p.Approval.Hash != "":
		role := "согласовал"
		if p.Approval.Inherits {
			role = "согласовал весь повтор"
		}
		list = append(list, personLine{Name: p.Approval.ByName, Role: role, Done: true})
	case p.State == publisher.Review:
		list = append(list, personLine{Name: "Руководитель", Role: "ждём согласования", Waits: true})
	}
	return list
}

// fill makes all that follows from what is written: choices, counters,
// previews and checks. p is the post as the base has it, form what it would say.
func (s *server) fill(r *http.Request, v *visit, page *postPage, p publisher.Post, form postForm) error {
	ctx := r.Context()
	pages, err := s.Planning.Register.Pages(ctx)
	if err != nil {
		return err
	}
	kept, err := s.Planning.Editing.Uploads(ctx, form.hashes())
	if err != nil {
		return err
	}
	page.Form = form
	w := form.write(kept)
	if page.Mode == readMode {
		w = publisher.Copy(p)
	}
	page.Media, page.Mandate = mediaTiles(w.Content.Media, kept), s.mandateNote(p, v.now)
	page.Net, page.Limits = netTexts(form, w, pages)
	page.Sources = sourceTexts(w, pages)
	at := p.At
	if page.Mode == writeMode {
		if x, err := s.readMoment(form.values(), s.zoneFor(form.Pages, pages)); err == nil {
			at = x
		}
	}
	// Where the pages have changed, the same clock time is meant in their zone.
	page.Form.Zone = s.zoneFor(form.Pages, pages).String()
	page.Preview = s.previews(w, pages, kept, at, v.now)
	if page.Checks, err = s.checks(ctx, page, p, w, pages, at, v.now); err != nil {
		return err
	}
	return s.editorChoices(ctx, page, page.Form, pages, v.now)
}

// values are the fields that say when.
func (p postForm) values() map[string][]string {
	return map[string][]string{"date": {p.Date}, "time": {p.Time}, "zone": {p.Zone}}
}

func zoneOfNetwork(pages []publisher.Page, ids []string) []social.Network {
	var out []social.Network
	for _, n := range networks() {
		for _, p := range pages {
			if p.Network != n {
				continue
			}
			for _, id := range ids {
				if id == p.ID {
					out = append(out, n)
				}
			}
		}
	}
	return dedupe(out)
}

func dedupe(list []social.Network) []social.Network {
	var out []social.Network
	for i, n := range list {
		if i == 0 || list[i-1] != n {
			out = append(out, n)
		}
	}
	return out
}
