package collectortest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"otklik/internal/social"
)

// steps is how many things happen in the story.
const steps = 12

// story is what happens in the network, and what must be known of it.
type story struct {
	h     Harness
	plain bool // all is told in posts
	next  int
	posts []Post
	said  []social.Ref // comments in order
	want  map[social.Ref]*wanted
}

// wanted is what must be stored of one item.
type wanted struct {
	kind    social.Kind
	thread  social.Ref
	replyTo social.Ref
	own     bool
	author  string   // "" where it does not matter
	texts   []string // in order; the last is the present one
	deleted bool
	removed bool // whether or not the network tells of it
}

func newStory(h Harness, plain bool) *story {
	return &story{h: h, plain: plain, want: map[social.Ref]*wanted{}}
}

// step lets the next thing happen; after the last one nothing does.
func (s *story) step() {
	if s.next == steps {
		return
	}
	s.next++
	switch s.next {
	case 1:
		s.post("Завтра меняем трубы на Речной улице")
	case 2:
		s.comment(0, social.Ref{}, "Почему третий день нет воды? 💧")
	case 3:
		s.comment(0, s.said[0], "И у нас на Речной, 7 — тоже <нет> & не было")
	case 4:
		s.post("Ярмарка в субботу")
	case 5:
		s.comment(1, social.Ref{}, "На Лесной яма, ярмарку объезжать негде")
	case 6:
		s.edit(s.said[0], "Почему четвёртый день нет воды?")
	case 7:
		s.answer(0, s.said[0], "Воду дадут сегодня к вечеру.")
	case 8:
		s.comment(0, s.said[3], "Спасибо, ждём ответ")
	case 9:
		w := s.want[s.said[1]]
		w.removed, w.deleted = true, s.h.Delete(s.said[1])
	case 10:
		s.edit(s.said[2], "На Лесной, 5 яма, ярмарку объезжать негде")
	case 11:
		s.comment(1, s.said[2], "Подтверждаю")
	case 12:
		s.post("Трубы поменяли")
	}
}

func (s *story) post(text string) {
	p := s.h.Post(text)
	s.posts = append(s.posts, p)
	s.want[p.Ref] = &wanted{kind: social.Post, thread: p.Ref, own: true, texts: []string{text}}
}

func (s *story) comment(post int, replyTo social.Ref, text string) {
	if s.plain {
		s.post(text)
		s.said = append(s.said, s.posts[len(s.posts)-1].Ref)
		return
	}
	p := s.posts[post]
	ref := s.h.Comment(p, replyTo, text)
	s.said = append(s.said, ref)
	s.want[ref] = &wanted{kind: social.Comment, thread: p.Thread, replyTo: replyTo, author: s.h.Citizen(), texts: []string{text}}
}

// answer adds the agency's own comment. What it replies to is not asked for:
// a network may show it only as something that a citizen quotes.
func (s *story) answer(post int, replyTo social.Ref, text string) {
	if s.plain {
		s.comment(post, replyTo, text)
		return
	}
	p := s.posts[post]
	ref := s.h.Answer(p, replyTo, text)
	s.said = append(s.said, ref)
	s.want[ref] = &wanted{kind: social.Comment, thread: p.Thread, own: true, texts: []string{text}}
}

func (s *story) edit(ref social.Ref, text string) {
	s.h.Edit(ref, text)
	s.want[ref].texts = append(s.want[ref].texts, text)
}

// check compares the store with the story. Without everyText, what was gone or
// edited before a reader first connected need not be known.
func (s *story) check(ctx context.Context, db *sql.DB, everyText bool) error {
	known := 0
	for ref, w := range s.want {
		got, err := read(ctx, db, ref)
		if errors.Is(err, sql.ErrNoRows) && w.removed && !everyText {
			continue
		}
		known++
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%s is lost: %q", ref, w.texts[0])
		}
		if err != nil {
			return err
		}
		if err := w.compare(got, everyText); err != nil {
			return fmt.Errorf("%s: %w", ref, err)
		}
	}
	var more int
	err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM items WHERE copy_id = '' AND version > 0").Scan(&more)
	if err == nil && more != known {
		return fmt.Errorf("%d items are stored, %d exist", more, known)
	}
	return err
}

func (w *wanted) compare(got stored, everyText bool) error {
	last := w.texts[len(w.texts)-1]
	texts := slices.Sorted(slices.Values(w.texts))
	switch {
	case got.Kind != w.kind:
		return fmt.Errorf("kind %q, want %q", got.Kind, w.kind)
	case got.Thread != w.thread:
		return fmt.Errorf("thread %s, want %s", got.Thread, w.thread)
	case !w.own && got.ReplyTo != w.replyTo:
		return fmt.Errorf("reply to %s, want %s", got.ReplyTo, w.replyTo)
	case got.Author.Own != w.own:
		return fmt.Errorf("the agency's own: %v, want %v", got.Author.Own, w.own)
	case w.own && got.pending:
		return errors.New("the agency's own words wait for detection")
	case w.author != "" && got.Author.ID != w.author:
		return fmt.Errorf("author %q, want %q", got.Author.ID, w.author)
	case got.Text != last:
		return fmt.Errorf("text %q, want %q", got.Text, last)
	case got.deleted != w.deleted:
		return fmt.Errorf("deleted: %v, want %v", got.deleted, w.deleted)
	case everyText && !slices.Equal(got.texts, texts):
		return fmt.Errorf("texts %q, want %q", got.texts, texts)
	}
	return nil
}
