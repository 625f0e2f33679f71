package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/ru"
	"otklik/internal/social"
)

const shownErasures = 50

// personsPage is where a person's data are found and erased.
type personsPage struct {
	Shell    shell
	Whom     string
	Networks []choice
	Problem  string
	Found    *personView
	Past     []erasureRow
}

// personView is what there is of a person.
type personView struct {
	Net     netIcon
	Network string
	ID      string
	Names   string
	Empty   bool
	Lines   []figure
	Cases   []int64
	Open    string
	Span    string
	Basis   string
	Past    []erasureRow
}

type erasureRow struct {
	Number       int64
	Title, State string
	Class, Icon  string
	At           stamp
	By           string
}

func (s *server) persons(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.personsPage(r, v, social.VK)
	if err != nil {
		return err
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "persons", page)
	return nil
}

func (s *server) personsPage(r *http.Request, v *visit, chosen social.Network) (*personsPage, error) {
	p := &personsPage{Shell: s.shell(r, v, "persons", "Данные человека")}
	for _, n := range networks() {
		p.Networks = append(p.Networks, choice{Title: n.Title(), Value: string(n), Checked: n == chosen})
	}
	list, err := s.Records.Erasing.Erasures(r.Context(), 0, shownErasures)
	for _, e := range list {
		p.Past = append(p.Past, s.erasureRow(e, v))
	}
	return p, err
}

func (s *server) erasureRow(e records.Erasure, v *visit) erasureRow {
	row := erasureRow{Number: e.Number, Title: modeTitle(e.Mode) + ": " + e.Alias, State: "Готово", Class: "ok", Icon: "check", At: s.stamp(e.AskedAt, v.now), By: e.ByName}
	if e.Open() {
		row.State, row.Class, row.Icon = "Идёт", "", "clock"
	}
	return row
}

func modeTitle(m records.Mode) string {
	if m == records.Wipe {
		return "Стёрто"
	}
	return "Обезличено"
}

// findPerson shows what there is of a person. Whom stands in the form and not in
// the address, which browsers and proxies keep.
func (s *server) findPerson(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	return s.showPerson(w, r, v, f.Get("whom"), social.Network(f.Get("net")), nil, "")
}

func (s *server) showPerson(w http.ResponseWriter, r *http.Request, v *visit, whom string, network social.Network, problem error, basis string) error {
	page, err := s.personsPage(r, v, network)
	if err != nil {
		return err
	}
	page.Whom = ru.Cut(whom, maxFind)
	status := http.StatusOK
	a, handle, err := records.Whom(whom, network)
	if err == nil && handle != "" {
		a, err = s.Records.Erasing.FindAuthor(r.Context(), a.Network, handle)
	}
	if err == nil {
		var h records.Holding
		if h, err = s.Records.Erasing.Holding(r.Context(), a); err == nil {
			page.Found = s.personView(h, v)
			page.Found.Basis = basis
			err = problem
		}
	}
	switch code := errs.CodeOf(err); code {
	case "":
	case errs.Invalid, errs.NotFound, errs.Conflict:
		page.Problem, status = errs.MessageOf(err), statusOf(code)
	default:
		return err
	}
	s.show(w, v, status, "persons", page)
	return nil
}

func (s *server) personView(h records.Holding, v *visit) *personView {
	p := &personView{Net: iconOfNet(h.Network), Network: string(h.Network), ID: h.ID, Names: strings.Join(h.Names, ", "), Empty: h.Empty(), Cases: h.Cases}
	for _, x := range []struct {
		title string
		n     int
	}{{"Сообщения", h.Items}, {"Тексты с прежними", h.Versions}, {"Фото", h.Photos}, {"Карточки", h.CaseCount}, {"Тексты для обучения", h.Decisions}, {"Сырые обновления", h.Updates}} {
		p.Lines = append(p.Lines, figure{Title: x.title, Value: ru.Number(x.n)})
	}
	if h.OpenCases > 0 {
		p.Open = ru.Count(h.OpenCases, "карточка ещё открыта", "карточки ещё открыты", "карточек ещё открыто")
	}
	if !h.First.IsZero() {
		p.Span = s.clock.Date(h.First) + "–" + s.clock.Date(h.Last)
	}
	for _, e := range h.Past {
		p.Past = append(p.Past, s.erasureRow(e, v))
	}
	return p
}

func (s *server) erase(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	network := social.Network(f.Get("net"))
	e := records.Erasure{
		Mode: records.Mode(f.Get("mode")), Author: records.Author{Network: network, ID: f.Get("id")}, Basis: f.Get("basis"), Lasting: f.Get("lasting") == "1",
	}
	if f.Get("sure") != "1" {
		err = errs.New(errs.Invalid, "Отметьте, что понимаете: вернуть данные будет нельзя.")
	} else {
		e, err = s.Records.Erasing.AskErasure(r.Context(), v.person.Actor(), e, v.now)
	}
	if code := errs.CodeOf(err); code == errs.Invalid || code == errs.Conflict {
		return s.showPerson(w, r, v, f.Get("id"), network, err, f.Get("basis"))
	}
	if err != nil {
		return err
	}
	s.setFlash(w, "erase-asked", 0)
	http.Redirect(w, r, "/persons/"+strconv.FormatInt(e.Number, 10), http.StatusSeeOther)
	return nil
}

// erasurePage is the statement of what was done for a request.
type erasurePage struct {
	Shell shell
	Row   erasureRow
	Open  bool
	Facts []figure
	Done  []figure
	Gone  []string
	Stays []string
}

func (s *server) erasureOf(r *http.Request) (records.Erasure, error) {
	n, ok := caseNumber(r.PathValue("number"))
	if !ok {
		return records.Erasure{}, errs.New(errs.NotFound, "Заявки с таким номером нет. Проверьте ссылку.")
	}
	list, err := s.Records.Erasing.Erasures(r.Context(), n, 1)
	if err == nil && len(list) == 0 {
		err = errs.New(errs.NotFound, "Заявки с таким номером нет. Проверьте ссылку.")
	}
	if err != nil {
		return records.Erasure{}, err
	}
	return list[0], nil
}

func (s *server) erasure(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, err := s.erasureOf(r)
	if err != nil {
		return err
	}
	page := s.statement(e, v)
	page.Shell = s.shell(r, v, "erasure", "Заявка №\u00a0"+strconv.FormatInt(e.Number, 10))
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "erasure", page)
	return nil
}

// statement says what was erased, what stays and on which ground.
func (s *server) statement(e records.Erasure, v *visit) erasurePage {
	p := erasurePage{Row: s.erasureRow(e, v), Open: e.Open()}
	later := "Новые сообщения собираются как у всех: на них ведомство обязано отвечать"
	if e.Lasting {
		later = "Новые сообщения собираются под именем «" + e.Alias + "», без ссылки и вложений"
	}
	p.Facts = []figure{
		{Title: "Оператор", Value: s.Agency},
		{Title: "Человек", Value: e.Network.Title() + ", номер " + e.Author.ID},
		{Title: "Что сделано", Value: modeTitle(e.Mode) + ", вместо имени — «" + e.Alias + "»"},
		{Title: "Основание", Value: e.Basis},
		{Title: "Кто поручил", Value: e.ByName + ", " + s.clock.Exact(e.AskedAt)},
		{Title: "Дальше", Value: later},
	}
	if !e.Open() {
		p.Facts = append(p.Facts, figure{Title: "Закончено", Value: s.clock.Exact(e.EndedAt)})
	}
	for _, x := range []struct {
		title string
		n     int
	}{
		{"Сообщения", e.Done.Items},
		{"Тексты с прежними", e.Done.Versions},
		{"Фото", e.Done.Photos},
		{"Карточки", e.Done.Cases},
		{"Тексты для обучения", e.Done.Decisions},
		{"Сырые обновления", e.Done.Updates},
		{"Слова поиска в журнале", e.Done.Words},
	} {
		p.Done = append(p.Done, figure{Title: x.title, Value: ru.Number(x.n)})
	}
	p.Gone = []string{"Имя, номер и ссылка на страницу автора, ссылки на сообщения: в сообщениях, карточках, отправленных ответах и архиве поиска.", "Сырые обновления, в которых стоит номер автора."}
	if e.Mode == records.Wipe {
		p.Gone = append(p.Gone, "Тексты сообщений со всеми прежними, фото, пояснения правил и тексты для обучения. Архив поиска строится заново, чтобы слов не осталось и в его файлах.")
	}
	p.Stays = statementStays(e)
	return p
}

func statementStays(e records.Erasure) []string {
	list := []string{
		"Номер сообщения в сети: без него программа прочла бы сообщение снова. Закон № 152-ФЗ, статья 5: точность данных.",
		"Номер карточки, тема, место, сроки и стадии: обезличенная статистика. Закон № 152-ФЗ, статья 6, часть 1, пункт 9.",
		"Ответ ведомства и заметки сотрудников: документы ведомства по закону № 59-ФЗ. Если в них названо имя, его правят по отдельному решению.",
		"Записи журнала о том, кто и когда работал с карточкой, без слов жителя. Закон № 152-ФЗ, статья 19.",
		"Эта заявка с номером автора: по нему видно, что поручение выполнено.",
		"Слова других людей, которые упомянули автора, и само сообщение в сети: его удаляет автор или сеть.",
		"Копии базы, снятые раньше. Удалите их или, если копию вернёте, повторите заявку.",
	}
	if e.Mode == records.Anonymise {
		list = append([]string{"Тексты и фото сообщений. Если в самом тексте есть имя или телефон, выберите «стереть»."}, list...)
	}
	return list
}

// erasureFile is the statement as a text to be printed and signed.
func (s *server) erasureFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, err := s.erasureOf(r)
	if err != nil {
		return err
	}
	if e.Open() {
		return errs.New(errs.Conflict, "Работа по заявке ещё идёт. Файл будет готов, когда она закончится.")
	}
	p := s.statement(e, v)
	var b strings.Builder
	fmt.Fprintf(&b, "АКТ № %d\nоб уничтожении персональных данных в информационной системе «Отклик»\n\n", e.Number)
	for _, f := range p.Facts {
		fmt.Fprintf(&b, "%s: %s\n", f.Title, f.Value)
	}
	fmt.Fprint(&b, "\nКоличество\n")
	for _, f := range p.Done {
		fmt.Fprintf(&b, "%s: %s\n", f.Title, f.Value)
	}
	fmt.Fprint(&b, "\nУдалено\n")
	for _, line := range p.Gone {
		fmt.Fprintf(&b, "— %s\n", line)
	}
	fmt.Fprint(&b, "\nОстаётся\n")
	for _, line := range p.Stays {
		fmt.Fprintf(&b, "— %s\n", line)
	}
	fmt.Fprint(&b, "\nСпособ: программное стирание записей базы данных и перестроение архива поиска.\n\nПодпись ____________________\n")
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="otklik-akt-%d.txt"`, e.Number))
	// The reader may be gone; there is nobody to tell.
	_, _ = w.Write([]byte(b.String()))
	return nil
}
