// Package vk reads a VK community: Live is the stream of its Bots Long Poll,
// History lists its wall again and again, so that what the long poll does not
// tell or has lost is found.
package vk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"otklik/collectors"
	netvk "otklik/internal/network/vk"
)

const (
	defaultWait = 25 * time.Second
	// lostCursorSpan is what is declared unknown when a cursor cannot be read.
	lostCursorSpan = 48 * time.Hour
)

// LiveOptions of a Live stream. Client, GroupID, Names and Now are required;
// the client holds the community's key with the right to manage.
type LiveOptions struct {
	Client  *netvk.Client
	GroupID int
	Names   *Names
	Links   netvk.Links
	// Wait is how long the network holds a poll open; zero means 25 seconds.
	Wait time.Duration
	// Transport carries the polls; nil means one of its own.
	Transport http.RoundTripper
	Now       func() time.Time
}

// Live is a community's Bots Long Poll as a stream. The SDK's own loop is not
// used: it ends at the first network error, loses its place, spins on an empty
// answer and overwrites the community's settings.
type Live struct {
	opt    LiveOptions
	mapper mapper
	poller *poller

	mu      sync.Mutex
	session *session // nil until connected and after the key expired
	checked bool     // the settings were found in order
}

var _ collectors.Source = (*Live)(nil)

// session is what groups.getLongPollServer gives. It is not part of the
// cursor: a new key continues the same numbering.
type session struct {
	Server string `json:"server"`
	Key    string `json:"key"`
	Ts     string `json:"ts"`
}

// liveCursor is where the stream stands: everything up to ts is taken, and the
// last answer came at Polled, in Unix microseconds.
type liveCursor struct {
	Ts     string `json:"ts"`
	Polled int64  `json:"polled"`
}

// NewLive returns a stream; it makes no call.
func NewLive(o LiveOptions) *Live {
	if o.Wait == 0 {
		o.Wait = defaultWait
	}
	own := func(id int) bool { return id == -o.GroupID }
	return &Live{opt: o, mapper: mapper{own, o.Links}, poller: newPoller(o.Wait, o.Transport)}
}

// Fetch implements collectors.Source.
func (l *Live) Fetch(ctx context.Context, cursor collectors.Cursor) (collectors.Batch, error) {
	at, err := readLiveCursor(cursor)
	if err != nil {
		return l.start(ctx, l.opt.Now().Add(-lostCursorSpan), "Отметка о прочитанном повреждена, чтение начато заново.")
	}
	if at.Ts == "" {
		return l.start(ctx, time.Time{}, "")
	}
	// A key may expire at any moment; one that is refused right after it was
	// issued is a trouble, not a reason to spin.
	for range 2 {
		s, err := l.connect(ctx)
		if err != nil {
			return collectors.Batch{}, err
		}
		answer, err := l.poller.poll(ctx, s, at.Ts)
		if err != nil {
			l.drop(s)
			return collectors.Batch{}, err
		}
		switch answer.Failed {
		case 0:
			return l.batch(ctx, answer)
		case 1:
			if answer.Ts == "" {
				return l.start(ctx, at.polled(), "Сервер событий ВКонтакте забыл часть событий.")
			}
			return l.jump(answer.Ts, at.polled(), "Сервер событий ВКонтакте забыл часть событий."), nil
		case 2:
			l.drop(s)
		case 3:
			l.drop(s)
			return l.start(ctx, at.polled(), "Сервер событий ВКонтакте потерял сведения об очереди событий.")
		default:
			l.drop(s)
			return collectors.Batch{}, passing(fmt.Errorf("long poll answered failed %d", answer.Failed))
		}
	}
	return collectors.Batch{}, passing(fmt.Errorf("a fresh long poll key was refused"))
}

// start takes the network's own place. from is since when something may have
// been missed, zero on a first connection.
func (l *Live) start(ctx context.Context, from time.Time, reason string) (collectors.Batch, error) {
	s, err := l.reconnect(ctx)
	if err != nil {
		return collectors.Batch{}, err
	}
	return l.jump(s.Ts, from, reason), nil
}

// jump goes on from ts and owns up to what lies before it.
func (l *Live) jump(ts string, from time.Time, reason string) collectors.Batch {
	now := l.opt.Now()
	b := collectors.Batch{Next: writeCursor(liveCursor{Ts: ts, Polled: now.UnixMicro()}), CompleteTo: now}
	// Even a first connection is a gap, though one without length: what came
	// before this moment is found only by a listing that begins after it.
	if from.IsZero() {
		from, reason = now, "Страница подключена."
	}
	b.Gaps = []collectors.Gap{{From: from, To: now, Reason: reason}}
	return b
}

// Reader implements collectors.Rereader.
func (l *Live) Reader() int { return readerVersion }

// Reread implements collectors.Rereader. The events of the long poll need
// nothing of the cursor.
func (l *Live) Reread(ctx context.Context, _ collectors.Cursor, list []collectors.KeptUpdate) ([]collectors.KeptUpdate, error) {
	raw := make([]json.RawMessage, len(list))
	for i, u := range list {
		raw[i] = u.Raw
	}
	read, err := l.read(ctx, raw)
	if err != nil {
		return nil, err
	}
	out := make([]collectors.KeptUpdate, len(list))
	for i, u := range read {
		u.Key = list[i].Key
		out[i] = collectors.KeptUpdate{Update: u, ReceivedAt: list[i].ReceivedAt}
	}
	return out, nil
}

// batch reads the updates of a good answer.
func (l *Live) batch(ctx context.Context, a pollAnswer) (collectors.Batch, error) {
	now := l.opt.Now()
	list, err := l.read(ctx, a.Updates)
	if err != nil {
		return collectors.Batch{}, err
	}
	return collectors.Batch{
		Updates: list, Next: writeCursor(liveCursor{Ts: a.Ts, Polled: now.UnixMicro()}), CompleteTo: now,
	}, nil
}

// read understands the updates, each for itself.
func (l *Live) read(ctx context.Context, list []json.RawMessage) ([]collectors.Update, error) {
	read := make([]event, len(list))
	ids := []int{}
	for i, raw := range list {
		read[i] = readEvent(raw)
		ids = append(ids, read[i].authors()...)
	}
	who := l.opt.Names.of(ctx, ids)
	// Names are asked for under ctx; a batch cut short by it is asked for again.
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out []collectors.Update
	for _, e := range read {
		out = append(out, e.update(l.mapper, who))
	}
	return out, nil
}

// Close closes the connection that waits between two polls.
func (l *Live) Close() { l.poller.client.CloseIdleConnections() }

// connect returns the session at hand, or a new one.
func (l *Live) connect(ctx context.Context) (*session, error) {
	l.mu.Lock()
	s := l.session
	l.mu.Unlock()
	if s != nil {
		return s, nil
	}
	return l.reconnect(ctx)
}

// drop forgets a session that does not serve any more.
func (l *Live) drop(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session == s {
		l.session = nil
	}
}

func (l *Live) reconnect(ctx context.Context) (*session, error) {
	if err := l.checkSettings(ctx); err != nil {
		return nil, err
	}
	s := &session{}
	err := l.opt.Client.Call(ctx, "groups.getLongPollServer", map[string]any{"group_id": l.opt.GroupID}, s)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		t := troubleOf(l.opt.Client, err)
		if l.opt.Client.Kind().Explain(err).API == 100 {
			t.Message = longPollOff
		}
		return nil, t
	}
	if s.Key == "" || s.Server == "" || s.Ts == "" {
		return nil, passing(fmt.Errorf("groups.getLongPollServer answered without a key, a server or a ts"))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session = s
	return s, nil
}

const (
	longPollOff  = "В сообществе выключен Long Poll API; включите его: Управление → Работа с API → Long Poll API."
	repliesUnset = "В настройках Long Poll API сообщества не отмечены новые комментарии на стене; отметьте их: Управление → Работа с API → Long Poll API → Типы событий."
)

// checkSettings finds out, once, that the community sends events at all. The
// settings belong to the community's people and are not changed from here.
func (l *Live) checkSettings(ctx context.Context) error {
	l.mu.Lock()
	done := l.checked
	l.mu.Unlock()
	if done {
		return nil
	}
	settings, err := readSettings(ctx, l.opt.Client, l.opt.GroupID)
	if err != nil {
		// What is wrong with the key is told better by the call that follows.
		return ctx.Err()
	}
	switch {
	case !settings.Enabled:
		return &collectors.Trouble{Kind: collectors.Denied, Message: longPollOff}
	case !settings.Events["wall_reply_new"]:
		return &collectors.Trouble{Kind: collectors.Denied, Message: repliesUnset}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.checked = true
	return nil
}

func (c liveCursor) polled() time.Time { return time.UnixMicro(c.Polled).UTC() }

func readLiveCursor(cursor collectors.Cursor) (liveCursor, error) {
	var c liveCursor
	if cursor == "" {
		return c, nil
	}
	err := json.Unmarshal([]byte(cursor), &c)
	if err == nil && c.Ts == "" {
		err = fmt.Errorf("the cursor holds no ts")
	}
	return c, err
}

// writeCursor encodes a cursor; its types hold nothing that JSON cannot.
func writeCursor(v any) collectors.Cursor {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return collectors.Cursor(data)
}
