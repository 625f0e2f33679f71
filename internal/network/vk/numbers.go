package vk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// How many posts one call may name.
const (
	maxCounted  = 100
	maxMeasured = 30
)

// Count tells what the network counts under posts. A post that is not there
// any more is left out.
func (p *Publisher) Count(ctx context.Context, refs []social.Ref) ([]social.PostNumbers, error) {
	var out []social.PostNumbers
	for part := range slices.Chunk(refs, maxCounted) {
		names := make([]string, 0, len(part))
		for _, r := range part {
			id, f := p.post([]social.Ref{r})
			if f != nil {
				return nil, f
			}
			names = append(names, fmt.Sprintf("%d_%d", p.owner(), id))
		}
		var posts []countedPost
		if f := p.do(ctx, CountPosts, "wall.getById", map[string]any{"posts": strings.Join(names, ",")}, &posts); f != nil {
			return nil, harmless(f)
		}
		for _, o := range posts {
			if !o.Deleted {
				out = append(out, o.numbers())
			}
		}
	}
	return out, nil
}

type counter struct {
	Count int `json:"count"`
}

type countedPost struct {
	ID       int      `json:"id"`
	OwnerID  int      `json:"owner_id"`
	Deleted  bool     `json:"is_deleted"`
	Views    *counter `json:"views"`
	Likes    counter  `json:"likes"`
	Reposts  counter  `json:"reposts"`
	Comments counter  `json:"comments"`
}

func (o countedPost) numbers() social.PostNumbers {
	n := social.PostNumbers{
		Ref: PostRef(o.OwnerID, o.ID), Views: social.Untold,
		Likes: o.Likes.Count, Reposts: o.Reposts.Count, Comments: o.Comments.Count,
	}
	if o.Views != nil {
		n.Views = o.Views.Count
	}
	return n
}

// Reach tells how many people saw posts. Those of which the network tells
// nothing are left out.
func (p *Publisher) Reach(ctx context.Context, refs []social.Ref) ([]social.PostReach, error) {
	var out []social.PostReach
	for part := range slices.Chunk(refs, maxMeasured) {
		ids := make([]string, 0, len(part))
		for _, r := range part {
			id, f := p.post([]social.Ref{r})
			if f != nil {
				return nil, f
			}
			ids = append(ids, strconv.Itoa(id))
		}
		var list []struct {
			PostID      int `json:"post_id"`
			Total       int `json:"reach_total"`
			Subscribers int `json:"reach_subscribers"`
			Links       int `json:"links"`
			Joined      int `json:"join_group"`
			Hidden      int `json:"hide"`
			Reported    int `json:"report"`
			Unsubscribe int `json:"unsubscribe"`
		}
		params := map[string]any{"owner_id": strconv.Itoa(p.owner()), "post_ids": strings.Join(ids, ",")}
		if f := p.do(ctx, MeasureReach, "stats.getPostReach", params, &list); f != nil {
			return nil, harmless(f)
		}
		for _, o := range list {
			out = append(out, social.PostReach{
				Ref: PostRef(p.owner(), o.PostID), Total: o.Total, Subscribers: o.Subscribers, Links: o.Links,
				Joined: o.Joined, Hidden: o.Hidden, Complaints: o.Reported, Unsubscribe: o.Unsubscribe,
			})
		}
	}
	return out, nil
}

// Days tells the community's statistics for the days between two moments, the
// newest first. The network's days are those of Moscow.
func (p *Publisher) Days(ctx context.Context, from, to time.Time) ([]social.PageDay, error) {
	var list []struct {
		From     int64 `json:"period_from"`
		To       int64 `json:"period_to"`
		Visitors struct {
			Views    int `json:"views"`
			Visitors int `json:"visitors"`
		} `json:"visitors"`
		Reach struct {
			Reach int `json:"reach"`
		} `json:"reach"`
		Activity struct {
			Likes        int `json:"likes"`
			Copies       int `json:"copies"`
			Comments     int `json:"comments"`
			Subscribed   int `json:"subscribed"`
			Unsubscribed int `json:"unsubscribed"`
		} `json:"activity"`
	}
	f := p.do(ctx, MeasurePage, "stats.get", map[string]any{
		"group_id": p.opt.GroupID, "timestamp_from": from.Unix(), "timestamp_to": to.Unix(), "interval": "day",
	}, &list)
	if f != nil {
		return nil, harmless(f)
	}
	out := make([]social.PageDay, 0, len(list))
	for _, o := range list {
		out = append(out, social.PageDay{
			From: time.Unix(o.From, 0).UTC(), To: time.Unix(o.To, 0).UTC(),
			Views: o.Visitors.Views, Visitors: o.Visitors.Visitors, Reach: o.Reach.Reach,
			Likes: o.Activity.Likes, Reposts: o.Activity.Copies, Comments: o.Activity.Comments,
			Subscribed: o.Activity.Subscribed, Unsubscribed: o.Activity.Unsubscribed,
		})
	}
	return out, nil
}

// Members is how many people follow the community.
func (p *Publisher) Members(ctx context.Context) (int, error) {
	var list []struct {
		Members *int `json:"members_count"`
	}
	f := p.do(ctx, CountMembers, "groups.getById", map[string]any{"group_id": p.opt.GroupID, "fields": "members_count"}, &list)
	switch {
	case f != nil:
		return 0, harmless(f)
	case len(list) == 0 || list[0].Members == nil:
		return 0, &delivery.Failure{
			Outcome: delivery.NotSent, Code: "vk.members",
			Message: "ВКонтакте не сообщила число подписчиков; программа спросит позже.",
		}
	}
	return *list[0].Members, nil
}
