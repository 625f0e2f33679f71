package measure

import (
	"context"
	"errors"
	"time"

	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/publisher"
)

// closePolls puts the closing of polls whose time is over into the ledger. A
// restart in between leaves them due.
func (s *shift) closePolls(ctx context.Context, now time.Time) error {
	list, err := s.Polls.DuePolls(ctx, now)
	if err != nil {
		return err
	}
	var all error
	for _, p := range list {
		_, err := s.Polls.ClosePoll(ctx, rights.System(), p.ID, now)
		all = errors.Join(all, err)
	}
	return all
}

// lookAtPolls takes a snapshot of every place that is due.
func (s *shift) lookAtPolls(ctx context.Context, now time.Time) error {
	list, err := s.Polls.WatchedPolls(ctx, now)
	if err != nil {
		return err
	}
	var all error
	for _, l := range list {
		for _, x := range l.Due(now, everyPoll) {
			all = errors.Join(all, s.lookAtPlace(ctx, l.Poll, x, now))
		}
	}
	return all
}

func (s *shift) lookAtPlace(ctx context.Context, p publisher.Poll, x publisher.Place, now time.Time) error {
	if now.Before(s.resting[pollKey(p, x)]) {
		return nil
	}
	g, ok := s.gauge(ctx, x.PageID, now)
	if !ok || g.Polls == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, perPage)
	defer cancel()
	r, err := g.Polls.PollResult(ctx, []social.Ref{x.Ref}, x.RemoteID)
	if err != nil {
		// Another poll of the same page may be told: only this one rests.
		s.resting[pollKey(p, x)] = now.Add(rest)
		if ctx.Err() == nil {
			s.Log.Warn("poll was not looked at", "poll", p.ID, "page", x.PageID, "why", messageOf(err))
		}
		return nil
	}
	return s.Polls.AddSnapshot(ctx, publisher.SnapshotOf(p, x.PageID, r, now), now)
}

func pollKey(p publisher.Poll, x publisher.Place) string { return "poll " + p.ID + " " + x.PageID }

// hearPolls keeps what was told of polls that the program knows.
func (s *shift) hearPolls(ctx context.Context, told []ToldPoll, now time.Time) error {
	if len(told) == 0 {
		return nil
	}
	list, err := s.Polls.WatchedPolls(ctx, now)
	if err != nil {
		return err
	}
	for _, t := range told {
		for _, l := range list {
			for _, x := range l.Poll.Places {
				if x.PageID != t.PageID || x.RemoteID != t.Result.Poll || t.Result.Poll == "" || len(t.Result.Answers) == 0 {
					continue
				}
				if err := s.Polls.AddSnapshot(ctx, publisher.SnapshotOf(l.Poll, x.PageID, t.Result, t.At), now); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
