package vk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"otklik/collectors"
	netvk "otklik/internal/network/vk"
	"otklik/internal/social"
)

// The methods of a search, and what the network gives of one.
const (
	wallSearch     = "wall.search"
	newsfeedSearch = "newsfeed.search"
	searchPage     = 200 // posts of newsfeed.search; wall.search has wallPage
	// searchReach is near the thousand posts of a query that newsfeed.search lists;
	// deleted ones may be missing in its pages.
	searchReach = 800
	// indexLag is how far a pass reaches back behind the last one: posts come
	// into the network's index late.
	indexLag = 30 * time.Minute
	// longLook is how often a pass reaches back a whole day, for what came into
	// the index later still or was edited.
	longLook = 6 * time.Hour
	// maxSearch bounds the calls of one pass.
	maxSearch = 25
)

// SearchOptions of a Search. Client, Query, Names and Now are required; the
// client holds a service key.
type SearchOptions struct {
	Client *netvk.Client
	// Query is what the network is asked for, in its own language: words in all
	// their forms, "exact words" in quotes, -excluded ones.
	Query string
	// Wall is the owner of the one wall that is searched, zero for all of VK.
	Wall  int
	Names *Names
	Links netvk.Links
	// Depth is how far back the first reading goes; zero means 48 hours.
	Depth time.Duration
	// Every is the least time between two passes; zero means a minute.
	Every time.Duration
	Pace  Pace
	// Own says whether the agency itself speaks under an id; nil means never.
	Own func(id int) bool
	Now func() time.Time
}

// Search asks the network again and again for what matches a query. Each pass
// reaches back behind the last one, so that a post may be listed twice but is
// not left out. That something is not found any more says nothing: a search
// never reports a deletion. One Fetch makes one call.
type Search struct {
	opt    SearchOptions
	mapper mapper
	method string
}

var _ collectors.Source = (*Search)(nil)

// NewSearch returns a stream; it makes no call.
func NewSearch(o SearchOptions) *Search {
	if o.Depth == 0 {
		o.Depth = defaultSpan
	}
	if o.Every == 0 {
		o.Every = time.Minute
	}
	s := &Search{opt: o, mapper: mapper{ownOr(o.Own), o.Links}, method: newsfeedSearch}
	if o.Wall != 0 {
		s.method = wallSearch
	}
	return s
}

// searchCursor is where a search stands. Times are Unix microseconds.
type searchCursor struct {
	Pass *searchPass `json:"pass,omitempty"`
	Due  int64       `json:"due,omitempty"`
	// Last is when the last pass began, Calls how many calls it made, Long when
	// the last one began that reached back a whole day.
	Last  int64 `json:"last,omitempty"`
	Calls int   `json:"calls,omitempty"`
	Long  int64 `json:"long,omitempty"`
}

// searchPass is an unfinished pass, from new to old.
type searchPass struct {
	Start int64 `json:"start"`
	From  int64 `json:"from"`
	// To bounds the pass; it moves back when the network lists no further.
	To    int64  `json:"to"`
	Token string `json:"token,omitempty"` // of newsfeed.search
	Read  int    `json:"read,omitempty"`  // posts read below To
	// Oldest is the time of the oldest post read.
	Oldest int64 `json:"oldest,omitempty"`
	Long   bool  `json:"long,omitempty"`
	Found  int   `json:"found,omitempty"`
	Calls  int   `json:"calls,omitempty"`
}

// searchAnswer is what both methods answer with extended=1.
type searchAnswer struct {
	Count int             `json:"count"`
	Total int             `json:"total_count"`
	Next  string          `json:"next_from"`
	Items forgiving[post] `json:"items"`
	authors
}

// Fetch implements collectors.Source.
func (s *Search) Fetch(ctx context.Context, cursor collectors.Cursor) (collectors.Batch, error) {
	var c searchCursor
	if cursor != "" && json.Unmarshal([]byte(cursor), &c) != nil {
		// Searching again costs calls and loses nothing.
		c = searchCursor{}
	}
	now := s.opt.Now()
	if c.Pass == nil {
		if b, resting, err := s.rest(ctx, cursor, &c, now); resting || err != nil {
			return b, err
		}
		c.Pass = s.begin(now, c)
	}
	a, err := s.ask(ctx, c.Pass)
	if err != nil {
		if ctx.Err() != nil {
			return collectors.Batch{}, ctx.Err()
		}
		return collectors.Batch{}, s.trouble(err)
	}
	var b collectors.Batch
	s.report(a, now, c.Pass, &b)
	gap, over := c.Pass.advance(a, s.method)
	if over {
		s.conclude(&c, gap, &b)
	} else if c.Last == 0 {
		b.Progress = fmt.Sprintf("Ищем ранее опубликованное: найдено %d", c.Pass.Found)
	}
	b.Next = writeCursor(c)
	return b, nil
}

func (s *Search) rest(ctx context.Context, cursor collectors.Cursor, c *searchCursor, now time.Time) (collectors.Batch, bool, error) {
	if c.Due == 0 {
		return collectors.Batch{}, false, nil
	}
	if wait := time.UnixMicro(c.Due).Sub(now); wait > 0 {
		return collectors.Batch{Next: cursor, Pause: wait}, true, nil
	}
	if s.opt.Pace == nil {
		return collectors.Batch{}, false, nil
	}
	wait, err := s.opt.Pace.Wait(ctx, s.method, time.UnixMicro(c.Last), c.Calls)
	if err != nil || wait <= 0 {
		return collectors.Batch{}, false, err
	}
	due := now.Add(wait)
	c.Due = due.UnixMicro()
	return collectors.Batch{Next: writeCursor(*c), Due: due, Pause: wait}, true, nil
}

// begin plans a pass, which reaches back behind the last one.
func (s *Search) begin(now time.Time, c searchCursor) *searchPass {
	p := &searchPass{Start: now.UnixMicro(), To: now.UnixMicro()}
	from := time.UnixMicro(c.Last).Add(-indexLag)
	switch {
	case c.Last == 0:
		from, p.Long = now.Add(-s.opt.Depth), true
	case now.Sub(time.UnixMicro(c.Long)) >= longLook:
		from, p.Long = earlier(from, now.Add(-24*time.Hour)), true
	}
	p.From = from.UnixMicro()
	return p
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// ask makes the pass's next call.
func (s *Search) ask(ctx context.Context, p *searchPass) (searchAnswer, error) {
	params := map[string]any{"extended": 1}
	if s.method == wallSearch {
		params["owner_id"], params["query"] = s.opt.Wall, s.opt.Query
		params["count"], params["offset"] = wallPage, max(p.Read-wallOverlap, 0)
	} else {
		params["q"], params["count"] = s.opt.Query, searchPage
		// The bounds are whole seconds on both sides.
		params["start_time"], params["end_time"] = time.UnixMicro(p.From).Unix(), time.UnixMicro(p.To).Unix()+1
		if p.Token != "" {
			params["start_from"] = p.Token
		}
	}
	var a searchAnswer
	p.Calls++
	err := s.opt.Client.Call(ctx, s.method, params, &a)
	return a, err
}

// report turns what was found into updates.
func (s *Search) report(a searchAnswer, now time.Time, p *searchPass, b *collectors.Batch) {
	s.opt.Names.learn(a.authors, nil)
	for _, raw := range a.Items.bad {
		b.Updates = append(b.Updates, broken(raw))
	}
	for _, it := range a.Items.good {
		item, ok := s.item(it)
		if !ok || it.Date*1e6 < p.From-int64(time.Second/time.Microsecond) {
			continue
		}
		u := listed(item)
		u.Changes[0].AskedAt = now
		b.Updates = append(b.Updates, u)
		p.Found++
	}
}

// item is what a search found: a post or, among posts, a comment.
func (s *Search) item(p post) (social.Item, bool) {
	if p.ID <= 0 || p.OwnerID == 0 || bool(p.Deleted) || p.Type == "suggest" || p.Type == "postpone" {
		return social.Item{}, false
	}
	who := s.opt.Names.recall([]int{p.FromID})
	if p.Type != "reply" {
		return s.mapper.post(p, who), true
	}
	if p.PostID <= 0 {
		return social.Item{}, false // nobody can say where it stands
	}
	return s.mapper.comment(comment{
		ID: p.ID, OwnerID: p.OwnerID, PostID: p.PostID, FromID: p.FromID, Date: p.Date, Text: p.Text,
		ParentsStack: p.Parents, Attachments: p.Attachments,
	}, who), true
}

// advance moves the pass behind an answer. over says that it is finished, gap is
// what it had to leave out.
func (p *searchPass) advance(a searchAnswer, method string) (gap *collectors.Gap, over bool) {
	oldest := p.To
	for _, it := range a.Items.good {
		if it.Date > 0 && !bool(it.Pinned) {
			oldest = min(oldest, it.Date*1e6)
		}
	}
	p.Oldest = oldest
	if a.Items.len() == 0 || oldest < p.From {
		return nil, true
	}
	if method == wallSearch {
		p.Read = max(p.Read-wallOverlap, 0)
	}
	p.Read += a.Items.len()
	switch {
	case p.Calls >= maxSearch:
		return p.left("По этому запросу находится больше, чем читается за один раз: более ранние записи не прочитаны. Уточните запрос."), true
	case method == wallSearch:
		return nil, p.Read >= a.Count
	case a.Next != "":
		p.Token = a.Next
		return nil, false
	case p.Read >= max(a.Total, a.Count) || p.Read < searchReach:
		return nil, true
	case oldest/1e6 >= p.To/1e6:
		return p.left("В одну секунду ВКонтакте показывает не больше тысячи записей по запросу: остальные не прочитаны. Уточните запрос."), true
	}
	// The network lists no further, but there is more: ask for what is older.
	p.To, p.Token, p.Read = oldest, "", 0
	return nil, false
}

// left is the span that a pass did not reach.
func (p *searchPass) left(reason string) *collectors.Gap {
	return &collectors.Gap{From: time.UnixMicro(p.From).UTC(), To: time.UnixMicro(max(p.Oldest, p.From+1)).UTC(), Reason: reason}
}

func (s *Search) conclude(c *searchCursor, gap *collectors.Gap, b *collectors.Batch) {
	p := c.Pass
	next := searchCursor{Due: s.opt.Now().Add(s.opt.Every).UnixMicro(), Last: p.Start, Calls: p.Calls, Long: c.Long}
	if p.Long {
		next.Long = p.Start
	}
	from := p.From
	if gap != nil {
		from = gap.To.UnixMicro()
		b.Gaps = append(b.Gaps, *gap)
	}
	b.CompleteTo, b.Due = time.UnixMicro(p.Start).UTC(), time.UnixMicro(next.Due).UTC()
	b.Filled = []collectors.Gap{{From: time.UnixMicro(from).UTC(), To: b.CompleteTo}}
	b.Pause = s.opt.Every
	*c = next
}

// trouble explains an error of a call for the search.
func (s *Search) trouble(err error) error {
	t := troubleOf(s.opt.Client, err)
	if unreadable(s.opt.Client, err) {
		t.Message = "ВКонтакте не выполняет этот поиск: страница закрыта или запрос составлен неверно. Проверьте страницу и запрос."
	}
	return t
}
