package web

import (
	"context"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"otklik/index"
	"otklik/internal/finding"
	"otklik/internal/ru"
	"otklik/internal/sheet"
)

// searchExport bounds the messages of a file.
const searchExport = 100_000

// searchFile writes all that was found, a part at a time; who closes the page
// ends it. What breaks off in the middle ends without its end, so that nobody
// takes half a file for the whole.
func (s *server) searchFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	const part = 500
	q := parseSearch(r.URL.Query())
	ask := q.ask(s.Zone, v.now)
	ask.After, ask.Facets, ask.Limit = "", false, part
	if _, err := s.searchedPlace(r, &ask); err != nil {
		return err
	}
	first, err := s.Searching.Archive.Search(r.Context(), ask)
	if err != nil {
		return err
	}
	t := sheet.Table{Name: "Поиск", Columns: []string{"Опубликовано", "Сеть", "Вид", "Источник", "Автор", "Тема", "Карточка", "Текст", "Удалено автором", "Ссылка"}}
	write, kind, ending := sheet.StreamCSV, "text/csv; charset=utf-8", ".csv"
	if r.URL.Query().Get("format") == "xlsx" {
		write, kind, ending = sheet.StreamXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"
	}
	name := "otklik-search-" + v.now.In(s.Zone).Format(time.DateOnly) + ending
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	if err := write(w, t, s.exported(r.Context(), ask, first)); err != nil {
		if r.Context().Err() == nil {
			s.Logger.ErrorContext(r.Context(), "a file of the search broke off", slog.Any("err", err))
		}
		panic(http.ErrAbortHandler)
	}
	return nil
}

// exported are the rows of a file: a page of messages after the other, and a
// sentence where the bound cuts them.
func (s *server) exported(ctx context.Context, ask index.Query, found index.Found) sheet.Rows {
	return func(yield func([]sheet.Cell, error) bool) {
		for left := searchExport; ; {
			ids := make([]string, 0, len(found.Hits))
			for _, h := range found.Hits[:min(left, len(found.Hits))] {
				ids = append(ids, h.ID)
			}
			items, err := s.Searching.Items.FoundItems(ctx, ids)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, x := range items {
				if !yield(s.foundCells(x), nil) {
					return
				}
			}
			cut := len(found.Hits) > left
			left -= len(ids)
			if cut || left == 0 && found.Next != "" {
				yield([]sheet.Cell{sheet.Text("Здесь первые " + ru.Count(searchExport, "сообщение", "сообщения", "сообщений") + ". Сузьте срок, чтобы выгрузить остальные.")}, nil)
				return
			}
			if ask.After = found.Next; ask.After == "" {
				return
			}
			if found, err = s.Searching.Archive.Search(ctx, ask); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

func (s *server) foundCells(x finding.Item) []sheet.Cell {
	number, deleted := sheet.Text(""), ""
	if x.CaseNumber > 0 {
		number = sheet.Int(int(x.CaseNumber))
	}
	if !x.DeletedAt.IsZero() {
		deleted = s.clock.Exact(x.DeletedAt)
	}
	return []sheet.Cell{
		sheet.Text(s.clock.Exact(x.Message.PublishedAt)), sheet.Text(x.Message.Ref.Network.Title()), sheet.Text(kindTitle(string(x.Message.Kind))), sheet.Text(x.Source),
		sheet.Text(authorName(x.Message.Author.Name)), sheet.Text(x.Topic), number, sheet.Text(x.Message.Text), sheet.Text(deleted), sheet.Text(x.Message.Permalink),
	}
}
