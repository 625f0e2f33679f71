// Package telegram reads a channel and its linked discussion group through a
// bot: by its own durable getUpdates, which confirms only what the stored
// cursor covers, or by a webhook that stores before it answers.
//
// The Bot API gives no history, does not report deletions and keeps updates
// for a day; one bot can have one reader, so one Source serves one token.
package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot/models"

	"otklik/collectors"
)

const (
	// pageLimit is how many updates one getUpdates brings at most.
	pageLimit = 100
	// keptFor is how long Telegram keeps updates that nobody fetched.
	keptFor = 24 * time.Hour
	// breather is the pause after an empty answer that came without the wait
	// that was asked for; without it such a server would be asked in a loop.
	breather = time.Second
	// nextPage is the pause between full pages: a backlog is read at twenty calls
	// a second, below the thirty that a bot may make.
	nextPage = 50 * time.Millisecond
	// manyConflicts in a row are no overlap of two runs any more.
	manyConflicts = 3
	conflictPause = 3 * time.Second

	defaultPoll = 25 * time.Second
	maxPoll     = 50 * time.Second
)

// Page is what one source reads and whose voice it knows as the agency's own.
type Page struct {
	BotID           int64
	BotUsername     string
	ChannelID       int64
	ChannelTitle    string
	ChannelUsername string
	// GroupID is the linked discussion group, zero where there is none.
	GroupID    int64
	GroupTitle string
}

// SourceOptions configure a Source.
type SourceOptions struct {
	Client *Client
	// Page is what Client.Inspect found; ChannelID is required.
	Page Page
	// PermalinkBase is what links begin with, "https://t.me/" if empty.
	PermalinkBase string
	// Poll is how long one request waits for updates: 25 s if zero, 50 s at most.
	Poll time.Duration
	Now  func() time.Time
}

// Source reads the updates of one bot. All it knows between two calls is in
// the cursor, so a Fetch can be repeated.
type Source struct {
	client *Client
	mapper mapper
	poll   time.Duration
	now    func() time.Time
	// conflict remembers that another reader may have taken updates.
	conflict atomic.Bool
	stranger atomic.Bool
	// conflicts counts the polls in a row that another reader ended.
	conflicts atomic.Int32
}

// NewSource returns a source for the page.
func NewSource(o SourceOptions) (*Source, error) {
	if o.Client == nil || o.Now == nil || o.Page.ChannelID == 0 {
		return nil, errors.New("telegram: a source needs a client, a clock and a channel")
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	switch o.Page.BotID {
	case 0:
		o.Page.BotID = o.Client.botID()
	case o.Client.botID():
	default:
		return nil, errors.New("telegram: the page was seen by another bot than the client's")
	}
	return &Source{
		client: o.Client, mapper: newMapper(o.Page, o.PermalinkBase),
		poll: min(o.Poll, maxPoll), now: o.Now,
	}, nil
}

// allowedUpdates is what the program asks of a bot.
func allowedUpdates() []string {
	return []string{
		models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage,
		models.AllowedUpdateChannelPost, models.AllowedUpdateEditedChannelPost,
		models.AllowedUpdateMyChatMember, models.AllowedUpdateCallbackQuery, models.AllowedUpdatePoll,
		// Kept raw: the counts under our posts are read from them.
		models.AllowedUpdateMessageReactionCount,
	}
}

// Fetch asks for the updates behind the cursor, which confirms those before it.
func (s *Source) Fetch(ctx context.Context, cursor collectors.Cursor) (collectors.Batch, error) {
	at, err := parsePosition(cursor)
	if err != nil {
		return collectors.Batch{}, err
	}
	began := s.now()
	raw, err := s.client.call(ctx, "getUpdates", map[string]any{
		"offset": at.Offset, "limit": pageLimit, "timeout": int(s.poll / time.Second),
		"allowed_updates": allowedUpdates(),
	}, s.poll)
	if err != nil {
		return collectors.Batch{}, s.conflicted(err)
	}
	s.conflicts.Store(0)
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return collectors.Batch{}, unreadable(err)
	}
	return s.batch(at, list, began, s.now())
}

// conflicted softens the first conflicts in a row: a predecessor that is just
// stopping ends by itself, a second program does not.
func (s *Source) conflicted(err error) error {
	if !isConflict(err) {
		return err
	}
	s.conflict.Store(true)
	var t *collectors.Trouble
	if errors.As(err, &t) && s.conflicts.Add(1) < manyConflicts {
		t.Kind, t.RetryAfter = collectors.Passing, conflictPause
	}
	return err
}

// batch turns the answer into a batch; began and now are the moments of the
// request and of its answer.
func (s *Source) batch(at position, list []json.RawMessage, began, now time.Time) (collectors.Batch, error) {
	next := at.clone()
	next.Polled = now.Unix()
	b := collectors.Batch{Gaps: s.gaps(at, list, now)}
	known := false
	inOrder(list)
	seen := s.mapper.session(&next.Posts)
	for _, raw := range list {
		u, _, ok := s.mapper.update(seen, raw)
		known = known || ok
		b.Updates = append(b.Updates, u)
		for _, m := range numbers(raw) {
			if m.Chat.ID == s.mapper.page.ChannelID || m.Chat.ID == s.mapper.page.GroupID {
				next.note(m, now)
			}
		}
	}
	full := len(list) >= pageLimit
	next.Offset = confirmed(at.Offset, list, full)
	b.Gaps = append(b.Gaps, next.lost(now, full)...)
	switch {
	case len(list) > 0 && !known:
		// The cursor could not move: the same answer would come for ever.
		return collectors.Batch{}, unreadable(errors.New("no update_id in any update"))
	case len(list) == 0 && now.Sub(began) < s.poll/2:
		b.Pause = min(breather, s.poll)
	}
	if full {
		b.Pause = nextPage
	} else {
		b.CompleteTo = now
	}
	b.Next = next.cursor()
	s.stranger.Store(seen.stranger)
	return b, nil
}

// SawStranger says that the last batch held words from a group that the page
// does not know: the group of the channel may have been replaced or upgraded.
// A source made anew, asked with the same cursor, reads them.
func (s *Source) SawStranger() bool { return s.stranger.Load() }

// confirmed is the offset after the updates, which are in order. More may wait
// behind a full page, and one of them may have come ahead of its turn: only
// what follows number by number is confirmed then, the rest comes again.
func confirmed(offset int64, list []json.RawMessage, full bool) int64 {
	begun := false
	for _, raw := range list {
		id, ok := updateID(raw)
		switch {
		case !ok || id < offset:
		case full && begun && id > offset:
			return offset
		default:
			offset, begun = id+1, true
		}
	}
	return offset
}

// gaps are the spans in which Telegram surely or probably lost updates.
func (s *Source) gaps(at position, list []json.RawMessage, now time.Time) []collectors.Gap {
	if at.Polled == 0 {
		return nil
	}
	var out []collectors.Gap
	polled := time.Unix(at.Polled, 0)
	if kept := now.Add(-keptFor); polled.Before(kept) {
		out = append(out, collectors.Gap{
			From: polled, To: kept,
			Reason: "Telegram хранит обновления бота сутки и не отдаёт историю: что написали раньше, восстановить нельзя.",
		})
	}
	if len(list) == 0 || at.Offset == 0 || !s.conflict.Load() {
		return out
	}
	if first, ok := updateID(list[0]); ok {
		s.conflict.Store(false)
		if first > at.Offset {
			out = append(out, collectors.Gap{
				From: polled, To: now,
				Reason: "Часть обновлений забрала другая программа с ключом этого бота, и Telegram отдаёт их только один раз.",
			})
		}
	}
	return out
}

// updateID reads the identifier even of an update that is otherwise broken.
func updateID(raw json.RawMessage) (int64, bool) {
	var head struct {
		ID *int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.ID == nil {
		return 0, false
	}
	return *head.ID, true
}

// decode reads one update with the SDK's models. A defect of theirs must not
// stop the updates around it, so a panic counts as an update not understood.
func decode(raw json.RawMessage) (u *models.Update, err error) {
	defer func() {
		if p := recover(); p != nil {
			u, err = nil, fmt.Errorf("decoding panicked: %v", p)
		}
	}()
	u = new(models.Update)
	if err := json.Unmarshal(raw, u); err != nil {
		return nil, err
	}
	return u, nil
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
