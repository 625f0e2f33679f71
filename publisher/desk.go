package publisher

import (
	"context"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

// Book keeps the posts.
type Book interface {
	// CreatePost stores a new post with its number, id and first event.
	CreatePost(ctx context.Context, p Post, ev Event, now time.Time) (Post, error)
	// ChangePost loads the post, lets decide say what happens, and writes the
	// post, its version, its events and what leaves in one transaction. expect
	// is the version the person saw; 0 takes any. Errors: NotFound, Conflict
	// when the version is another, and whatever decide returns.
	ChangePost(ctx context.Context, postID string, expect int, now time.Time, decide func(Post) (Decision, error)) (Post, error)
}

// Register knows the pages and what their keys allow.
type Register interface {
	Pages(ctx context.Context) ([]Page, error)
}

// Desk is where people act on posts. There is no other way to change one, for
// pages and for programs alike.
type Desk struct {
	book     Book
	register Register
	now      func() time.Time
}

// NewDesk returns a desk over a book and a register.
func NewDesk(book Book, register Register, now func() time.Time) *Desk {
	return &Desk{book: book, register: register, now: now}
}

// New begins a draft. May: WritePost. Errors: Forbidden, Invalid, TooLarge.
func (d *Desk) New(ctx context.Context, by rights.Actor, w Write, plan Plan) (Post, error) {
	f, err := d.facts(ctx)
	if err != nil {
		return Post{}, err
	}
	p, ev, err := Begin(w, plan, by, f)
	if err != nil {
		return Post{}, err
	}
	return d.book.CreatePost(ctx, p, ev, f.Now)
}

// Do carries out a command of by on a post at the version that the person saw.
// A remark takes any version, because it overwrites nothing.
// Errors: those of Apply and of Book.ChangePost.
func (d *Desk) Do(ctx context.Context, by rights.Actor, postID string, expect int, cmd Command) (Post, error) {
	f, err := d.facts(ctx)
	if err != nil {
		return Post{}, err
	}
	if _, ok := cmd.(Remark); ok {
		expect = 0
	}
	return d.book.ChangePost(ctx, postID, expect, f.Now, func(p Post) (Decision, error) {
		return Apply(p, cmd, by, f)
	})
}

func (d *Desk) facts(ctx context.Context) (Facts, error) {
	pages, err := d.register.Pages(ctx)
	return Facts{Now: d.now(), Pages: pages}, err
}

// Begin is the draft that a person starts.
func Begin(w Write, plan Plan, by rights.Actor, f Facts) (Post, Event, error) {
	if !by.Can(rights.WritePost) {
		return Post{}, Event{}, errs.New(errs.Forbidden, "Посты пишет пресс-служба. Обратитесь к администратору, если эта роль должна быть у вас.")
	}
	p := Post{State: Draft, StateSince: f.Now, AuthorID: by.ID, AuthorName: by.Name, CreatedAt: f.Now}
	for _, cmd := range []Command{w, plan} {
		d, err := Apply(p, cmd, by, f)
		if err != nil {
			return Post{}, Event{}, err
		}
		p = d.Post
	}
	p.Version = 1
	return p, Event{At: f.Now, ActorID: by.ID, ActorName: by.Name, Kind: EventCreated, Version: 1, Data: map[string]string{}}, nil
}

// Copy is a draft with the content of another post: for a template, or to
// publish something once more.
func Copy(p Post) Write {
	return Write{Content: p.Content, PageIDs: p.PageIDs(), Title: p.Title, Rubric: p.Rubric, Tags: p.Tags}
}
