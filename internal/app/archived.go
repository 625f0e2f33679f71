package app

import (
	"context"

	"otklik/incidents"
	"otklik/index"
	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/store"
)

// searchMost bounds how many messages a search by word forms hands to the
// queue; the rest of a wider search is found by its letters alone.
const searchMost = 10_000

// archived searches the queue by word forms too: «ямы» finds «яма».
type archived struct {
	*store.Store
	a *App
}

// Inbox implements web.Queue.
func (q archived) Inbox(ctx context.Context, f incidents.Filter) (incidents.Page, error) {
	note := ""
	if f.Text != "" {
		f.Messages, note = q.messages(ctx, f.Text)
	}
	p, err := q.Store.Inbox(ctx, f)
	p.Note = note
	return p, err
}

// messages are those with a case that have the words, and what people have to
// know about the search. What is not a query in the rule language is still a
// text to look for by its letters.
func (q archived) messages(ctx context.Context, text string) (list []string, note string) {
	const page = 500
	ask := index.Query{Text: text, WithCase: true, Limit: page}
	for len(list) < searchMost {
		found, err := q.a.archive.Search(ctx, ask)
		if errs.CodeOf(err) == errs.Invalid {
			return list, "Ищем по буквам: " + errs.MessageOf(err)
		}
		if err != nil {
			q.a.log.Error("the queue is searched by letters alone", "err", err)
			return list, "Поиск по формам слов сейчас не работает, ищем по буквам."
		}
		for _, h := range found.Hits {
			list = append(list, h.ID)
		}
		if ask.After = found.Next; ask.After == "" {
			return list, ""
		}
	}
	return list, "По формам слов просмотрены " + ru.Count(searchMost, "самое новое сообщение", "самых новых сообщения", "самых новых сообщений") + ", остальные — по буквам. Уточните слова."
}
