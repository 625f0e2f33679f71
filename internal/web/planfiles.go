package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/errs"
	"otklik/internal/planfile"
	"otklik/internal/ru"
	"otklik/internal/sheet"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// withTable lets the route take a file of the plan.
func (a access) withTable() access {
	a.body = sheet.MaxBytes + 64<<10
	return a
}

// Files are the addresses of the plan under this filter, as tables.
func (q planQuery) Files() files {
	return filesAt(strings.Replace(q.url(), "/plan", "/plan/export", 1))
}

// planExport sends the posts that the plan shows under the same filter.
func (s *server) planExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := parsePlanQuery(r.URL.Query(), workcal.On(v.now.In(s.Zone)))
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	from, to := q.span()
	f := q.filter(pages)
	f.From, f.To = begin(from, s.Zone), begin(to, s.Zone)
	posts, err := s.allPosts(r, f)
	if err != nil {
		return err
	}
	// The drafts beside the calendar are a part of the plan.
	drafts := q.filter(pages)
	drafts.Undated = true
	beside, err := s.allPosts(r, drafts)
	if err != nil {
		return err
	}
	posts = append(posts, beside...)
	name := "Контент-план " + ru.Days(begin(from, s.Zone), begin(to.Add(-1), s.Zone))
	return s.download(w, planfile.Export(posts, pages, s.clock), name, r.URL.Query().Get("format"))
}

// allPosts reads a whole span of the plan, part by part.
func (s *server) allPosts(r *http.Request, f publisher.Filter) ([]publisher.Post, error) {
	const part, most = 500, 5000
	var all []publisher.Post
	for f.Limit, f.Offset = part, 0; f.Offset < most; f.Offset += part {
		list, err := s.Planning.Plan.Plan(r.Context(), f)
		if err != nil {
			return nil, err
		}
		all = append(all, list.Posts...)
		if len(list.Posts) < part {
			break
		}
	}
	return all, nil
}

// importPage is the way of a file into the plan.
type importPage struct {
	Shell    shell
	Problem  string
	Columns  []importColumn
	Pages    []string
	ID       string
	Name     string
	Fields   []fieldChoice
	Rows     []importRow
	More     string
	Good     int
	Known    string
	Problems []string
	Hidden   string
	// Notes are what the pre-flight says of rows that are taken all the same.
	Notes     []string
	MoreNotes string
	Done      bool
	Made      string
	// Any says that something was made or changed.
	Any    bool
	Button string
}

type importColumn struct{ Title, Hint string }

// fieldChoice is a field of the plan with the column that stands for it.
type fieldChoice struct {
	Name, Title, Hint string
	Columns           []choice
}

// importRow is a row as it would become a draft.
type importRow struct {
	Number int
	At     string
	Title  string
	Pages  string
	// Changes is the number of the draft that the row changes, 0 for a new one.
	Changes int64
}

func (s *server) planImport(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.importStart(w, r, v, nil)
}

func (s *server) importStart(w http.ResponseWriter, r *http.Request, v *visit, problem error) error {
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	page := importPage{Shell: s.shell(r, v, "plan-import", "План из файла")}
	for _, f := range planfile.Fields() {
		page.Columns = append(page.Columns, importColumn{f.Title(), f.Hint()})
	}
	for _, p := range pages {
		page.Pages = append(page.Pages, p.Title)
	}
	status := http.StatusOK
	if problem != nil {
		page.Problem, status = errs.MessageOf(problem), statusOf(errs.CodeOf(problem))
	}
	s.show(w, v, status, "plan-import", page)
	return nil
}

// takePlanFile reads a file and keeps its rows until their person has decided.
func (s *server) takePlanFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := s.keepPlanFile(r, v)
	switch code := errs.CodeOf(err); {
	case code == errs.Invalid || code == errs.TooLarge:
		return s.importStart(w, r, v, err)
	case err != nil:
		return err
	}
	http.Redirect(w, r, "/plan/import/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

func (s *server) keepPlanFile(r *http.Request, v *visit) (string, error) {
	file, head, err := r.FormFile("file")
	if err != nil {
		return "", errs.Wrap(errs.Invalid, "Выберите файл XLSX или CSV, не больше 5 МБ.", err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, sheet.MaxBytes+1))
	if err != nil {
		return "", errs.Wrap(errs.Invalid, "Файл не дошёл целиком. Отправьте его ещё раз.", err)
	}
	table, err := sheet.Read(data)
	if err != nil {
		return "", err
	}
	if len(table.Rows) == 0 {
		return "", errs.New(errs.Invalid, "В файле только названия столбцов, строк с постами нет.")
	}
	body, err := json.Marshal(table)
	if err != nil {
		return "", err
	}
	name := filepath.Base(head.Filename)
	if !utf8.ValidString(name) {
		name = "файл"
	}
	return s.Press.Files.KeepPlanFile(r.Context(), v.person.ID, ru.Cut(name, 100), string(body), v.now)
}

// planPreview shows what a kept file would become.
func (s *server) planPreview(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, _, err := s.foresee(r, v, r.URL.Query())
	if err != nil {
		return err
	}
	s.show(w, v, http.StatusOK, "plan-import", page)
	return nil
}

// foresee reads a kept file by the columns that were chosen, or guessed.
func (s *server) foresee(r *http.Request, v *visit, chosen url.Values) (*importPage, []planfile.Row, error) {
	name, body, err := s.Press.Files.PlanFile(r.Context(), v.person.ID, r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	var table sheet.File
	if err := json.Unmarshal([]byte(body), &table); err != nil {
		return nil, nil, err
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return nil, nil, err
	}
	m := readMapping(table.Header, chosen)
	page := &importPage{Shell: s.shell(r, v, "plan-import", "План из файла"), ID: r.PathValue("id"), Name: name, Fields: fieldChoices(table.Header, m)}
	reader := planfile.Reader{Mapping: m, Zone: s.Zone, Facts: publisher.Facts{Now: v.now, Pages: pages}, By: v.person.Actor()}
	if reader.Posts, err = s.standing(r, reader.Keys(table)); err != nil {
		return nil, nil, err
	}
	found, err := reader.Read(table)
	if errs.CodeOf(err) == errs.Invalid && err != nil {
		page.Problem = errs.MessageOf(err)
		return page, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	s.fillPreview(page, found, pages)
	return page, found.Rows, nil
}

// standing are the posts for which rows stand already: those that were exported
// with their numbers, and those that rows have made before.
func (s *server) standing(r *http.Request, keys []string) (map[string]publisher.Post, error) {
	out, err := s.Press.Files.Imported(r.Context(), keys)
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, key := range keys {
		if n, ok := planfile.Number(key); ok {
			numbers = append(numbers, n)
		}
	}
	numbered, err := s.Press.Files.Numbered(r.Context(), numbers)
	for _, key := range keys {
		if n, ok := planfile.Number(key); ok && numbered[n].ID != "" {
			out[key] = numbered[n]
		}
	}
	return out, err
}

func (s *server) fillPreview(page *importPage, found planfile.Result, pages []publisher.Page) {
	const shown, mistakes = 20, 50
	names, fresh, changed := pageNames(pages), found.Rows, 0
	for _, x := range fresh {
		if x.Post.ID != "" {
			changed++
		}
	}
	for _, x := range fresh[:min(len(fresh), shown)] {
		p := x.Draft.Post
		row := importRow{Number: x.Number, At: "без времени"}
		if x.Post.ID != "" {
			p, row.Changes = changedBy(x), x.Post.Number
		}
		row.Title = postTitle(p)
		if !p.At.IsZero() {
			row.At = s.clock.Full(p.At)
		}
		for i, id := range p.PageIDs() {
			if i > 0 {
				row.Pages += ", "
			}
			row.Pages += names[id].Title
		}
		page.Rows = append(page.Rows, row)
	}
	if rest := len(fresh) - shown; rest > 0 {
		page.More = "И ещё " + ru.Count(rest, "строка", "строки", "строк") + "."
	}
	for _, p := range found.Problems[:min(len(found.Problems), mistakes)] {
		page.Problems = append(page.Problems, p.Words())
	}
	if rest := len(found.Problems) - mistakes; rest > 0 {
		page.Hidden = "И ещё " + ru.Count(rest, "ошибка", "ошибки", "ошибок") + ". Исправьте эти и загрузите файл снова."
	}
	for _, p := range found.Notes[:min(len(found.Notes), mistakes)] {
		page.Notes = append(page.Notes, p.Words())
	}
	if rest := len(found.Notes) - mistakes; rest > 0 {
		page.MoreNotes = "И ещё " + ru.Count(rest, "замечание", "замечания", "замечаний") + "."
	}
	if known := found.Known; known > 0 {
		page.Known = ru.Count(known, "строка уже стоит в плане, её пропустим", "строки уже стоят в плане, их пропустим", "строк уже стоят в плане, их пропустим") + "."
	}
	page.Good = len(fresh)
	var deeds []string
	if made := len(fresh) - changed; made > 0 {
		deeds = append(deeds, "сделать "+ru.Count(made, "черновик", "черновика", "черновиков"))
	}
	if changed > 0 {
		deeds = append(deeds, "изменить "+ru.Count(changed, "черновик", "черновика", "черновиков"))
	}
	page.Button = ru.Capital(strings.Join(deeds, ", "))
}

// changedBy is the post as a row makes it.
func changedBy(x planfile.Row) publisher.Post {
	p := x.Post
	for _, cmd := range x.Change {
		switch c := cmd.(type) {
		case publisher.Write:
			p.Title, p.Content = c.Title, c.Content
			p.Targets = nil
			for _, id := range c.PageIDs {
				p.Targets = append(p.Targets, publisher.Target{PageID: id})
			}
		case publisher.Plan:
			p.At = c.At
		}
	}
	return p
}

func readMapping(header []string, chosen url.Values) planfile.Mapping {
	if chosen.Get("chosen") == "" {
		return planfile.Suggest(header)
	}
	m := planfile.Mapping{}
	for _, f := range planfile.Fields() {
		if i, err := strconv.Atoi(chosen.Get(string(f))); err == nil && i >= 0 && i < len(header) {
			m[f] = i
		}
	}
	return m
}

func fieldChoices(header []string, m planfile.Mapping) []fieldChoice {
	var out []fieldChoice
	for _, f := range planfile.Fields() {
		x := fieldChoice{Name: string(f), Title: f.Title(), Hint: f.Hint(), Columns: []choice{{Title: "нет в файле", Value: ""}}}
		at, mapped := m[f]
		for i, h := range header {
			if h == "" {
				h = "столбец " + strconv.Itoa(i+1)
			}
			x.Columns = append(x.Columns, choice{Title: h, Value: strconv.Itoa(i), Checked: mapped && i == at})
		}
		out = append(out, x)
	}
	return out
}
