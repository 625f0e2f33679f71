package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"otklik/collectors"
	"otklik/internal/rights"
	"otklik/internal/ru"
)

const (
	unreadPerPage = 30
	// rawShown bounds how much of one update is shown, in bytes.
	rawShown = 16 << 10
)

// unreadPage is the page Непонятые обновления.
type unreadPage struct {
	Shell  shell
	Total  int
	Tabs   []tab
	Rows   []unreadRow
	Pager  []tab
	Mended string
	Empty  emptyState
}

// unreadRow is one update that nobody understood.
type unreadRow struct {
	Net    netIcon
	Source string
	At     stamp
	Reason string
	Name   string // which update of which stream, for whoever looks into the log
	Raw    string
	Note   string // what the raw text does not show
}

// unread shows what the networks sent and the program did not understand. The
// texts are as they came, with people's words and names in them, so only the
// administrator sees them.
func (s *server) unread(w http.ResponseWriter, r *http.Request, v *visit) error {
	source, n := r.URL.Query().Get("source"), 1
	if p, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil && p > 1 && p < 10_000 {
		n = p
	}
	list, err := s.Unread.Unread(r.Context(), collectors.UnreadFilter{SourceID: source, Limit: unreadPerPage, Offset: (n - 1) * unreadPerPage})
	if err != nil {
		return err
	}
	page := unreadPage{Shell: s.shell(r, v, "unread", "Непонятые обновления"), Total: list.Total, Empty: emptyUnread(source != "" || n > 1)}
	all := 0
	for _, x := range list.Sources {
		all += x.Count
		page.Tabs = append(page.Tabs, tab{Title: x.Title, URL: unreadURL(x.ID, 1), Count: x.Count, Current: x.ID == source})
	}
	page.Tabs = append([]tab{{Title: "Все", URL: unreadURL("", 1), Count: all, Current: source == ""}}, page.Tabs...)
	for _, x := range list.Rows {
		row := unreadRow{Net: iconOfNet(x.Network), Source: x.SourceTitle, At: s.stamp(x.ReceivedAt, v.now), Reason: x.Reason, Name: x.Stream + ", " + x.Key}
		row.Raw, row.Note = legible(x.Raw)
		page.Rows = append(page.Rows, row)
	}
	for i := 1; list.Total > unreadPerPage && i <= (list.Total+unreadPerPage-1)/unreadPerPage; i++ {
		page.Pager = append(page.Pager, tab{Title: ru.Number(i), URL: unreadURL(source, i), Current: i == n})
	}
	if list.Mended > 0 {
		page.Mended = "Новая версия уже разобрала " + ru.Count(list.Mended, "обновление", "обновления", "обновлений") + " из тех, что не поняла прежняя."
	}
	s.show(w, v, http.StatusOK, "unread", page)
	return nil
}

// unreadNote counts at a source what was not understood, with the way there for
// those who may see it.
func unreadNote(x collectors.SourceStatus, by rights.Actor) sourceNote {
	n := sourceNote{
		Class: "warn", Icon: "q", Title: "Не разобрано: " + ru.Number(x.Broken) + ".",
		Text: "Обновления сохранены как пришли, новая версия программы попробует разобрать их снова.",
	}
	if by.Can(rights.ViewRaw) {
		n.URL = unreadURL(x.ID, 1)
	}
	return n
}

func unreadURL(source string, page int) string {
	q := url.Values{}
	if source != "" {
		q.Set("source", source)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/sources/unread"
	}
	return "/sources/unread?" + q.Encode()
}

func emptyUnread(narrowed bool) emptyState {
	e := emptyState{
		Title: "Всё разобрано", URL: "/sources", Button: "К источникам",
		Text: "Каждое обновление, которое прислали сети, программа поняла.",
	}
	if narrowed {
		e.Title, e.Text = "Здесь пусто", "Под этим отбором непонятых обновлений нет."
		e.URL2, e.Second = unreadURL("", 1), "Показать все"
	}
	return e
}

// legible lays JSON out for reading; what is none stays as it is.
func legible(raw []byte) (text, note string) {
	var out bytes.Buffer
	if json.Indent(&out, raw, "", "  ") == nil {
		raw = out.Bytes()
	}
	if len(raw) > rawShown {
		raw, note = raw[:rawShown], "Показано начало, целиком обновление хранится в базе."
	}
	text = strings.ToValidUTF8(string(raw), "\uFFFD")
	if note == "" && text != string(raw) {
		note = "Часть байтов не является текстом, на их месте стоит знак \uFFFD. В базе они сохранены как пришли."
	}
	return text, note
}
