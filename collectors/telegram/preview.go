package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"otklik/collectors"
	"otklik/internal/social"
)

// PreviewOptions of a Preview. Channel and Now are required.
type PreviewOptions struct {
	// Channel is the public name, without @.
	Channel string
	// BaseURL is where /s/<channel> is found, PermalinkBase where the posts are
	// shown; empty means https://t.me/.
	BaseURL       string
	PermalinkBase string
	// HTTP is the client to use; nil makes one that honours the proxy of the
	// environment. It is never redirected.
	HTTP *http.Client
	// Own says that the channel is the agency's.
	Own bool
	// Depth is how far back the first reading goes; zero means 48 hours.
	Depth time.Duration
	// Every is the time between two passes; zero means two minutes.
	Every time.Duration
	// Sweep is how often all posts of the last 48 hours are looked at again, to
	// find those that were changed or deleted; zero means an hour.
	Sweep time.Duration
	// Memory lets the stream notice what has vanished; nil means that vanished
	// posts are not noticed.
	Memory PreviewMemory
	Now    func() time.Time
}

// PreviewMemory tells what is stored and believed to stand in the channel.
type PreviewMemory interface {
	// Posts returns the channel's posts published at since or later.
	Posts(ctx context.Context, owner string, since time.Time) ([]collectors.Standing, error)
}

// Preview reads a public channel from the page that Telegram shows to anybody.
// It sees posts and no comments, and no times of edits. One Fetch makes one
// call. Its posts have the names that a bot in the channel would give them; a
// page that does not tell the channel's number has them under "@name" in place
// of it.
type Preview struct {
	opt    PreviewOptions
	client *previewClient
	links  mapper
}

var _ collectors.Source = (*Preview)(nil)

const (
	previewEvery  = 2 * time.Minute
	previewSweep  = time.Hour
	previewRecent = 48 * time.Hour
	// previewLag is how far a pass reaches back behind the last one.
	previewLag = 10 * time.Minute
	// previewPages bounds a pass, previewPause is the rest between its pages.
	previewPages = 100
	previewPause = time.Second
	// previewFresh is the age below which a missing post is not yet missed.
	previewFresh = 2 * time.Minute
)

// NewPreview returns a stream; it makes no call.
func NewPreview(o PreviewOptions) *Preview {
	o.Channel = strings.TrimPrefix(o.Channel, "@")
	for d, usual := range map[*time.Duration]time.Duration{
		&o.Depth: previewRecent, &o.Every: previewEvery, &o.Sweep: previewSweep,
	} {
		if *d == 0 {
			*d = usual
		}
	}
	return &Preview{opt: o, client: newPreviewClient(o.BaseURL, o.HTTP), links: newMapper(Page{}, o.PermalinkBase)}
}

// previewCursor is where the stream stands. Times are Unix microseconds.
type previewCursor struct {
	Pass *previewPass `json:"pass,omitempty"`
	Due  int64        `json:"due,omitempty"`
	// Last is when the last finished pass began, Swept when the last one that
	// looked at all recent posts.
	Last  int64 `json:"last,omitempty"`
	Swept int64 `json:"swept,omitempty"`
	// Chat is the channel's number, zero while the page has not told it.
	Chat int64 `json:"chat,omitempty"`
	// Strange is the day on which a page was kept that nobody understands.
	Strange string `json:"strange,omitempty"`
}

// previewPass is an unfinished pass, from the newest page back.
type previewPass struct {
	Start  int64 `json:"start"`
	From   int64 `json:"from"`
	Sweep  bool  `json:"sweep,omitempty"`
	Before int64 `json:"before,omitempty"`
	Pages  int   `json:"pages,omitempty"`
	Found  int   `json:"found,omitempty"`
}

// Fetch implements collectors.Source.
func (s *Preview) Fetch(ctx context.Context, cursor collectors.Cursor) (collectors.Batch, error) {
	var c previewCursor
	if cursor != "" && json.Unmarshal([]byte(cursor), &c) != nil {
		// Looking again costs calls and loses nothing.
		c = previewCursor{}
	}
	now := s.opt.Now()
	if c.Pass == nil {
		if wait := time.UnixMicro(c.Due).Sub(now); c.Due != 0 && wait > 0 {
			return collectors.Batch{Next: cursor, Pause: wait}, nil
		}
		c.Pass = s.begin(now, c)
	}
	raw, err := s.client.get(ctx, s.opt.Channel, c.Pass.Before)
	if err != nil {
		return collectors.Batch{}, err
	}
	page := readPreview(raw, s.opt.Channel)
	if !page.Known || len(page.Posts) == 0 && len(page.Odd) > 0 {
		return s.strange(&c, raw, now)
	}
	var b collectors.Batch
	if err := s.report(ctx, &c, page, now, &b); err != nil {
		return collectors.Batch{}, err
	}
	s.advance(&c, page, now, &b)
	b.Next, err = encodePreview(c)
	return b, err
}

func encodePreview(c previewCursor) (collectors.Cursor, error) {
	raw, err := json.Marshal(c)
	return collectors.Cursor(raw), err
}

func (s *Preview) begin(now time.Time, c previewCursor) *previewPass {
	p := &previewPass{Start: now.UnixMicro()}
	from := time.UnixMicro(c.Last).Add(-previewLag)
	switch {
	case c.Last == 0:
		from, p.Sweep = now.Add(-s.opt.Depth), true
	case now.Sub(time.UnixMicro(c.Swept)) >= s.opt.Sweep:
		p.Sweep = true
		if recent := now.Add(-previewRecent); recent.Before(from) {
			from = recent
		}
	}
	p.From = from.UnixMicro()
	return p
}

// strange keeps a page that is none, once a day, and otherwise tells of it.
func (s *Preview) strange(c *previewCursor, raw []byte, now time.Time) (collectors.Batch, error) {
	const most = 64 << 10
	day := now.UTC().Format(time.DateOnly)
	if c.Strange == day {
		return collectors.Batch{}, &collectors.Trouble{
			Kind: collectors.Passing, RetryAfter: s.opt.Every,
			Message: "Страницу канала не разобрать: Telegram изменил её вид или показывает другое. Новая версия программы может это исправить.",
		}
	}
	c.Strange = day
	next, err := encodePreview(*c)
	return collectors.Batch{Next: next, Pause: s.opt.Every, Updates: []collectors.Update{{
		Key: "page:" + day, Raw: raw[:min(len(raw), most)], Broken: "Страница канала имеет неизвестный вид.", Reader: readerVersion,
	}}}, err
}

// report turns a page into updates, and notices what it lacks.
func (s *Preview) report(ctx context.Context, c *previewCursor, page previewPage, now time.Time, b *collectors.Batch) error {
	for _, p := range page.Posts {
		if p.Chat != 0 {
			c.Chat = p.Chat
		}
	}
	for _, p := range page.Posts {
		if p.Service {
			continue
		}
		c.Pass.Found++
		b.Updates = append(b.Updates, collectors.Update{Changes: []collectors.Change{{
			Op: collectors.Listed, Item: s.item(p, page.Title, c.Chat), AskedAt: now,
		}}})
	}
	certain := true
	for i, o := range page.Odd {
		certain = certain && o.ID != 0
		key := "post:" + decimal(o.ID)
		if o.ID == 0 {
			key = fmt.Sprintf("odd:%s:%d", now.UTC().Format(time.DateOnly), i)
		}
		b.Updates = append(b.Updates, collectors.Update{Key: key, Raw: o.Raw, Broken: o.Why, Reader: readerVersion})
	}
	if s.opt.Memory == nil || !certain || len(page.Posts) == 0 {
		return nil
	}
	return s.vanished(ctx, c, page, now, b)
}

// vanished reports the stored posts that the page should have shown: those
// between its earliest post and the page before.
func (s *Preview) vanished(ctx context.Context, c *previewCursor, page previewPage, now time.Time, b *collectors.Batch) error {
	lowest, present := page.lowest(c.Pass.Before), page.present()
	stored, err := s.opt.Memory.Posts(ctx, s.owner(c.Chat), time.UnixMicro(c.Pass.From))
	if err != nil {
		return err
	}
	for _, x := range stored {
		var id int64
		if _, err := fmt.Sscan(x.Ref.ID, &id); err != nil {
			continue
		}
		shown := id >= lowest && (c.Pass.Before == 0 || id < c.Pass.Before)
		if shown && !present[x.Ref.ID] && x.PublishedAt.Before(now.Add(-previewFresh)) {
			b.Updates = append(b.Updates, collectors.Update{Changes: []collectors.Change{{
				Op: collectors.Deleted, Item: social.Item{Ref: x.Ref},
			}}})
		}
	}
	return nil
}

// advance goes on to the earlier page, or ends the pass.
func (s *Preview) advance(c *previewCursor, page previewPage, now time.Time, b *collectors.Batch) {
	p := c.Pass
	p.Pages++
	oldest, lowest := p.Start, page.lowest(p.Before)
	for _, x := range page.Posts {
		oldest = min(oldest, x.At.UnixMicro())
	}
	// A page that leads no further back would lead nowhere for ever.
	further := page.More && lowest > 0 && lowest != p.Before && oldest >= p.From
	if further && p.Pages < previewPages {
		p.Before, b.Pause = lowest, min(previewPause, s.opt.Every)
		if c.Last == 0 {
			b.Progress = fmt.Sprintf("Читаем историю канала: найдено записей — %d", p.Found)
		}
		return
	}
	from := p.From
	if further {
		from = oldest
		b.Gaps = append(b.Gaps, collectors.Gap{
			From: time.UnixMicro(p.From).UTC(), To: time.UnixMicro(oldest).UTC(),
			Reason: "В канале больше записей, чем читается за один раз: более ранние не прочитаны.",
		})
	}
	start := time.UnixMicro(p.Start).UTC()
	b.CompleteTo, b.Filled = start, []collectors.Gap{{From: time.UnixMicro(from).UTC(), To: start}}
	b.Due, b.Pause = now.Add(s.opt.Every), s.opt.Every
	next := previewCursor{Due: b.Due.UnixMicro(), Last: p.Start, Swept: c.Swept, Chat: c.Chat}
	if p.Sweep {
		next.Swept = p.Start
	}
	*c = next
}

func (s *Preview) owner(chat int64) string {
	if chat == 0 {
		return "@" + strings.ToLower(s.opt.Channel)
	}
	return decimal(chat)
}

func (s *Preview) item(p previewPost, title string, chat int64) social.Item {
	ref := social.Ref{Network: social.Telegram, Owner: s.owner(chat), ID: decimal(p.ID)}
	return social.Item{
		Ref: ref, Kind: social.Post, Thread: ref,
		Author: social.Author{ID: ref.Owner, Name: title, URL: s.links.profile(s.opt.Channel), Own: s.opt.Own},
		Text:   p.Text, Media: p.Media, Permalink: s.links.profile(s.opt.Channel) + "/" + decimal(p.ID), PublishedAt: p.At,
	}
}

// Close closes the connections that wait for the next page.
func (s *Preview) Close() { s.client.http.CloseIdleConnections() }

// LookAtPreview finds out whether a channel can be read from its public page,
// and what it is called. Errors: *collectors.Trouble.
func LookAtPreview(ctx context.Context, o PreviewOptions) (title string, err error) {
	s := NewPreview(o)
	defer s.Close()
	raw, err := s.client.get(ctx, s.opt.Channel, 0)
	if err != nil {
		return "", err
	}
	page := readPreview(raw, s.opt.Channel)
	if !page.Known {
		return "", &collectors.Trouble{Kind: collectors.Denied, Message: "Это не страница канала Telegram. Проверьте имя: оно стоит в адресе после t.me/."}
	}
	return page.Title, nil
}
