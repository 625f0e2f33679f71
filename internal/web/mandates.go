package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/internal/sheet"
	"otklik/publisher"
)

const mandatesPerPage = 30

// mandatesPage is the page Обязательные посты.
type mandatesPage struct {
	Shell    shell
	Mandates []mandateRow
	Pager    []tab
	CanIssue bool
	Empty    emptyState
}

// mandateRow is one mandate with how far its pages are.
type mandateRow struct {
	Number  int64
	Title   string
	From    string
	DueAt   string
	Done    int
	All     int
	Width   float64 // of what is done, percent
	Overdue int
	State   verdict
}

func (s *server) mandates(w http.ResponseWriter, r *http.Request, v *visit) error {
	n := pageNumber(r)
	list, err := s.Press.Mandates.Mandates(r.Context(), mandatesPerPage+1, (n-1)*mandatesPerPage)
	if err != nil {
		return err
	}
	page := mandatesPage{
		Shell: s.shell(r, v, "mandates", "Обязательные посты"), CanIssue: v.person.Actor().Can(rights.IssueMandate), Pager: endless("/mandates", n, len(list) > mandatesPerPage),
		Empty: emptyState{Title: "Обязательных постов нет", Text: "Здесь то, что нужно опубликовать на подведомственных страницах к сроку, и доказательства, что это вышло."},
	}
	if page.CanIssue {
		page.Empty.URL, page.Empty.Button = "/mandates/new", "Назначить пост"
	}
	for _, m := range list[:min(len(list), mandatesPerPage)] {
		page.Mandates = append(page.Mandates, s.mandateRow(m, v.now))
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "mandates", page)
	return nil
}

func (s *server) mandateRow(m publisher.MandateView, now time.Time) mandateRow {
	x := m.Mandate
	row := mandateRow{Number: x.Number, Title: x.Title, From: x.From, All: len(m.Posts), DueAt: s.clock.Full(x.DueAt)}
	for _, p := range m.Proofs(now) {
		if p.State == publisher.ProofOut || p.State == publisher.ProofLate {
			row.Done++
		}
		if p.Overdue && p.State != publisher.ProofLate {
			row.Overdue++
		}
	}
	if row.All > 0 {
		row.Width = publisher.Round2(100 * float64(row.Done) / float64(row.All))
	}
	switch {
	case x.Withdrawn():
		row.State = verdict{"", "x", "отозван", ""}
	case row.Done == row.All:
		row.State = verdict{"ok", "check", "вышел везде", ""}
	case row.Overdue > 0:
		row.State = verdict{"bad", "alert", ru.Count(row.Overdue, "страница просрочила", "страницы просрочили", "страниц просрочили"), ""}
	default:
		row.State = verdict{"ac", "clock", "осталось " + ru.Left(x.DueAt, now), ""}
	}
	return row
}

// mandatePage is one mandate with its proofs.
type mandatePage struct {
	Shell    shell
	Row      mandateRow
	Text     string
	Poll     string
	Media    []mediaTile
	Adapt    string
	Issued   string
	Why      string
	Proofs   []proofRow
	Withdraw bool
	Files    files
}

// proofRow is what became of a mandate on one page.
type proofRow struct {
	Net     netIcon
	Title   string
	Post    int64
	State   verdict
	At      string
	Link    string
	Adapted bool
	Note    string
	Overdue bool
}

func (s *server) mandate(w http.ResponseWriter, r *http.Request, v *visit) error {
	m, err := s.loadMandate(r)
	if err != nil {
		return err
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	x := m.Mandate
	page := mandatePage{
		Shell: s.shell(r, v, "mandate", x.Title), Row: s.mandateRow(m, v.now), Text: x.Content.Text, Adapt: x.Adapt.Title(), Why: x.Why,
		Issued: x.ByName + ", " + s.clock.Moment(x.At, v.now), Withdraw: v.person.Actor().Can(rights.IssueMandate) && !x.Withdrawn(),
		Files: filesAt("/mandates/" + strconv.FormatInt(x.Number, 10) + "/export"),
	}
	page.Poll = strings.TrimSpace(pollWords(x.Content.Poll))
	kept, err := s.Planning.Editing.Uploads(r.Context(), hashesOf(x.Content.Media))
	if err != nil {
		return err
	}
	page.Media = mediaTiles(x.Content.Media, kept)
	names := pageNames(pages)
	for _, p := range m.Proofs(v.now) {
		page.Proofs = append(page.Proofs, s.proofRow(p, names, v.now))
	}
	// What needs somebody stands first.
	slices.SortStableFunc(page.Proofs, func(a, b proofRow) int {
		rank := func(p proofRow) int {
			return map[string]int{"bad": 0, "warn": 1, "ac": 2, "": 3, "ok": 4}[p.State.Class]
		}
		return rank(a) - rank(b)
	})
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "mandate", page)
	return nil
}

func (s *server) loadMandate(r *http.Request) (publisher.MandateView, error) {
	n, ok := caseNumber(r.PathValue("number"))
	if !ok {
		return publisher.MandateView{}, errs.New(errs.NotFound, "Такого обязательного поста нет. Проверьте номер.")
	}
	return s.Press.Mandates.Mandate(r.Context(), n)
}

func (s *server) proofRow(p publisher.Proof, names map[string]publisher.Page, now time.Time) proofRow {
	page := names[p.PageID]
	row := proofRow{Net: iconOfNet(page.Network), Title: page.Title, Post: p.Post.Number, Link: webLink(p.Link), Adapted: p.Adapted, Overdue: p.Overdue}
	if page.ID == "" && len(p.Post.Targets) > 0 {
		row.Net, row.Title = iconOfNet(p.Post.Targets[0].Network), "Страница отключена"
	}
	if !p.OutAt.IsZero() {
		row.At = s.clock.Full(p.OutAt)
	}
	row.State = verdict{"", "draft", p.State.Title(), ""}
	switch p.State {
	case publisher.ProofOpen:
		row.Note = lower(p.Post.State.Title())
	case publisher.ProofPlanned:
		row.State.Class, row.State.Icon = "ac", "clock"
		row.At = "выйдет " + s.clock.Full(p.Post.At)
	case publisher.ProofOut:
		row.State.Class, row.State.Icon = "ok", "check"
	case publisher.ProofLate:
		row.State.Class, row.State.Icon = "warn", "check"
		row.Note = "позже срока на " + ru.Span(p.OutAt.Sub(p.Post.MustBy))
	case publisher.ProofTrouble:
		row.State.Class, row.State.Icon = "bad", "alert"
		if len(p.Post.Targets) > 0 {
			row.Note = p.Post.Targets[0].Trouble
		}
	case publisher.ProofDeclined, publisher.ProofRemoved:
		row.State.Class, row.State.Icon = "bad", "x"
		if p.State == publisher.ProofRemoved && len(p.Post.Targets) > 0 {
			row.Note = p.Post.Targets[0].Trouble
		}
	}
	if p.Overdue && p.State != publisher.ProofLate {
		row.State.Class = "bad"
		if p.State == publisher.ProofPlanned {
			row.Note = "позже срока"
		}
	}
	return row
}

func (s *server) mandateExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	m, err := s.loadMandate(r)
	if err != nil {
		return err
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	names := pageNames(pages)
	t := sheet.Table{Name: "Публикации", Columns: []string{"Страница", "Организация", "Сеть", "Состояние", "Вышел", "Ссылка", "Срок", "Просрочен", "Адаптирован", "№ поста"}}
	yes := func(b bool) sheet.Cell { return sheet.Text(map[bool]string{true: "да", false: "нет"}[b]) }
	for _, p := range m.Proofs(v.now) {
		x, out := names[p.PageID], ""
		if !p.OutAt.IsZero() {
			out = s.clock.Date(p.OutAt) + " " + s.clock.Time(p.OutAt)
		}
		t.Rows = append(t.Rows, []sheet.Cell{
			sheet.Text(x.Title), sheet.Text(x.Organisation), sheet.Text(x.Network.Title()), sheet.Text(p.State.Title()), sheet.Text(out), sheet.Text(p.Link),
			sheet.Text(s.clock.Date(m.Mandate.DueAt) + " " + s.clock.Time(m.Mandate.DueAt)), yes(p.Overdue), yes(p.Adapted), sheet.Int(int(p.Post.Number)),
		})
	}
	return s.download(w, t, "Обязательный пост "+strconv.FormatInt(m.Mandate.Number, 10), r.URL.Query().Get("format"))
}

func (s *server) withdrawMandate(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	m, err := s.loadMandate(r)
	if err != nil {
		return err
	}
	if _, err := s.Press.Mandates.Withdraw(r.Context(), v.person.Actor(), m.Mandate.Number, f.Get("reason"), v.now); err != nil {
		return err
	}
	s.Hub.Publish(live.Posts, live.Deliveries)
	s.setFlash(w, "mandate-withdrawn", m.Mandate.Number)
	http.Redirect(w, r, "/mandates/"+strconv.FormatInt(m.Mandate.Number, 10), http.StatusSeeOther)
	return nil
}

// mandateNote says on a post's own page what it is obliged to.
func (s *server) mandateNote(p publisher.Post, now time.Time) *verdict {
	if p.Mandated == nil {
		return nil
	}
	out := verdict{"", "okf", "Обязательный пост: должен выйти не позже " + s.clock.Full(p.MustBy) + ".", ru.Capital(p.Mandated.Adapt.Title()) + "."}
	if p.Mandated.Adapt == publisher.AsIs {
		out.Hint = "Текст публикуют слово в слово."
	}
	if now.After(p.MustBy) && (p.State == publisher.Draft || p.State == publisher.Review || p.State == publisher.Approved || p.State == publisher.Scheduled) {
		out.Class, out.Icon = "bad", "alert"
		out.Hint = "Срок прошёл. " + out.Hint
	}
	return &out
}
