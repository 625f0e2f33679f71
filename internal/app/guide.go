package app

import (
	"context"
	"sync"

	"otklik/internal/detect"
	"otklik/internal/social"
	"otklik/internal/web"
)

// guide is what the pages of places, routes and the rubricator work with.
func (a *App) guide() web.Guide {
	dry := &dryRun{app: a, revision: -1}
	return web.Guide{Atlas: a.atlas, Places: a.store, Routes: a.store, Rubric: a.store, Answers: a.store, Words: a.store, TopicOf: dry.topicOf}
}

// dryRun asks the rules about a text that is in no network.
type dryRun struct {
	app *App

	mu       sync.Mutex
	revision int64
	matcher  detect.Matcher
}

func (d *dryRun) topicOf(ctx context.Context, text string) (web.Seen, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	book, changed, err := d.app.store.Rulebook(ctx, d.revision)
	if err != nil {
		return web.Seen{}, err
	}
	if changed {
		d.matcher, _ = compile(book.Rules)
		d.revision = book.Revision
	}
	items := []detect.Item{{Item: social.Item{Ref: social.Ref{Network: social.VK}, Kind: social.Comment, Text: text}}}
	found, err := d.app.atlas.Locate(ctx, items)
	if err != nil {
		return web.Seen{}, err
	}
	items[0].Place = found[0]
	hits := d.matcher.Match(items[0])
	if len(hits) == 0 {
		return web.Seen{}, nil
	}
	desk := detect.Desk(hits)
	return web.Seen{TopicID: hits[0].TopicID, Rule: hits[0].RuleName, DepartmentID: desk.DepartmentID, DeskRule: desk.RuleName}, nil
}
