package app

import (
	"context"
	"time"

	"otklik/incidents"
	"otklik/index"
	"otklik/index/starter"
	"otklik/internal/delivery"
	"otklik/internal/detect"
	"otklik/internal/lease"
	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/rights"
	"otklik/internal/rules"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/wake"
)

// Backstops: workers are woken by what happens in this process; the tick finds
// what another process or an earlier life left.
const (
	detectTick  = 500 * time.Millisecond
	deliverTick = time.Second
	scanTick    = 2 * time.Second
	watchTick   = 500 * time.Millisecond
	noticeTick  = 30 * time.Second
	// vkWindow is how long VK is taken to recognise a repeated guid. VK names
	// no figure, so the ledger trusts it for less than the hour seen in practice.
	vkWindow = 50 * time.Minute
)

func (a *App) startWorkers(ctx context.Context) {
	a.work(func() { a.pages.follow(ctx) })
	a.work(func() { a.keepVault(ctx) })
	d := &detect.Worker{
		Book: a.store, Now: a.now, Log: a.log, Wake: a.detect, Tick: detectTick, Compile: compile, Locator: a.atlas,
		Found: func(detect.Tally) { a.hub.Publish(live.Cases, live.Incidents) }, Judge: a.judge,
	}
	kin := newKinship(a.store, index.NewAnalyzer(), a.now)
	d.Kin = kin
	a.work(func() { a.keeper.Hold(ctx, "detect", kin.recalling(d.Run)) })
	for network, window := range map[social.Network]time.Duration{social.VK: vkWindow, social.Telegram: 0} {
		w := &delivery.Worker{
			Network: network, Book: notifying{a.store, a}, Senders: a.pages, Now: a.now, Log: a.log,
			Wake: a.wakeFor(network), Tick: deliverTick, Window: window, Before: a.guard.look,
		}
		a.work(func() { a.keeper.Hold(ctx, "deliver:"+string(network), w.Run) })
	}
	scanner := &rules.Scanner{
		Book: a.store, Now: a.now, Log: a.log, Wake: a.scan, Tick: scanTick, Compile: compile, Locator: a.atlas,
		Moved: func() { a.hub.Publish(live.Scans); a.detect.Ring() },
	}
	a.work(func() { a.keeper.Hold(ctx, "rules", scanner.Run) })
	a.work(func() { a.keepPlan(ctx) })
	a.work(func() { a.keepSeries(ctx) })
	a.work(func() { a.watch(ctx) })
	a.startWatch(ctx)
	n := &notice.Worker{Book: a.store, Now: a.now, Log: a.log, Every: noticeTick, Told: func() { a.hub.Publish(live.Notices, live.Cases) }}
	a.work(func() { a.keeper.Hold(ctx, "deadlines", n.Run) })
	a.work(func() { a.keepArchive(ctx) })
	a.work(func() { a.keeper.Hold(ctx, "searches", a.watchSearches) })
	a.work(func() { a.keepPhotos(ctx) })
	a.work(func() { a.keepFigures(ctx) })
	a.work(func() { a.keepLearning(ctx) })
}

func (a *App) wakeFor(n social.Network) wake.Bell {
	if a.deliver[n] == nil {
		a.deliver[n] = wake.New()
	}
	return a.deliver[n]
}

// watch notices what other processes wrote, by the revisions in the database.
func (a *App) watch(ctx context.Context) {
	t := time.NewTicker(watchTick)
	defer t.Stop()
	seen := map[string]int64{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now, err := a.store.Revisions(ctx)
		if err != nil {
			continue
		}
		for region, rev := range now {
			last, ok := seen[region]
			if ok && last != rev {
				a.hub.Publish(live.Region(region))
			}
			// What was changed before the first look is not in what was opened.
			if last != rev && region == "pages" {
				a.registry.Ring()
			}
			seen[region] = rev
		}
	}
}

// notifying tells open pages and waiting workers what a person just changed.
type notifying struct {
	*store.Store
	a *App
}

// Change implements incidents.Book.
func (n notifying) Change(ctx context.Context, caseID string, expect int, now time.Time, decide func(incidents.Case) (incidents.Decision, error)) (incidents.Case, error) {
	c, err := n.Store.Change(ctx, caseID, expect, now, decide)
	if err == nil {
		n.a.told(c.Message.Ref.Network)
	}
	return c, err
}

// Resolve implements web.Ledger.
func (n notifying) Resolve(ctx context.Context, by rights.Actor, id string, what delivery.Resolution, now time.Time) error {
	err := n.Store.Resolve(ctx, by, id, what, now)
	if err == nil {
		n.a.told(social.VK, social.Telegram)
	}
	return err
}

// Finish implements delivery.Book.
func (n notifying) Finish(ctx context.Context, l lease.Lease, d delivery.Delivery, v delivery.Verdict, now time.Time) error {
	err := n.Store.Finish(ctx, l, d, v, now)
	if err == nil {
		n.a.hub.Publish(live.Cases, live.Deliveries)
		if v.State == delivery.Sent && (d.Part != nil && d.Part.Poll != nil || d.Kind == delivery.KindClosePoll) {
			n.a.counted.Ring()
		}
	}
	return err
}

func (a *App) told(networks ...social.Network) {
	for _, n := range networks {
		if bell := a.deliver[n]; bell != nil {
			bell.Ring()
		}
	}
	a.hub.Publish(live.Cases, live.Deliveries)
}

// compile makes the matcher that detection asks.
func compile(from []detect.Rule) (detect.Matcher, []error) {
	list := make([]index.Rule, len(from))
	known := make(map[string]detect.Rule, len(from))
	for i, r := range from {
		list[i] = index.Rule{ID: r.ID, TopicID: r.TopicID, Version: r.Version, Name: r.Name, Expr: r.Expr}
		known[r.ID] = r
	}
	m, wrong := index.Compile(list)
	var left []error
	for _, w := range wrong {
		left = append(left, w)
	}
	return matcher{m, known}, left
}

type matcher struct {
	*index.Matcher
	rules map[string]detect.Rule
}

// Match implements detect.Matcher.
func (m matcher) Match(it detect.Item) []detect.Hit {
	facts := index.Facts{Network: it.Ref.Network, Kind: it.Kind, Source: it.SourceID, Author: it.Author.ID, Territories: it.Place.Names}
	var hits []detect.Hit
	for _, x := range m.MatchItem(it.Text, facts) {
		r := m.rules[x.RuleID]
		if !r.Covers(it.PublishedAt) {
			continue
		}
		h := detect.Hit{
			RuleID: x.RuleID, RuleVersion: x.RuleVersion, RuleName: r.Name, TopicID: x.TopicID, Words: x.Words, Marks: []incidents.Span{},
			DepartmentID: r.DepartmentID, Importance: r.Importance, Auto: r.Auto,
		}
		for _, s := range x.Spans {
			h.Marks = append(h.Marks, incidents.Span{Start: s.Start, End: s.End})
		}
		hits = append(hits, h)
	}
	return hits
}

// starterBook is the dictionary a new installation begins with.
func starterBook() store.Starter {
	var out store.Starter
	for _, d := range starter.Departments() {
		out.Departments = append(out.Departments, incidents.Department{ID: d.ID, Name: d.Name})
	}
	for _, t := range starter.Topics() {
		out.Topics = append(out.Topics, incidents.Topic{ID: t.ID, Name: t.Name, DepartmentID: t.DepartmentID, DueHours: t.DeadlineHours})
	}
	for _, r := range starter.Rules() {
		out.Rules = append(out.Rules, detect.Rule{ID: r.ID, TopicID: r.TopicID, Name: r.Name, Expr: r.Expr})
	}
	out.Spelled = starter.Spelled()
	for _, l := range starter.Lists() {
		out.Lists = append(out.Lists, rules.List{Name: index.FoldListName(l.Name), Expr: l.Expr, Why: "Стартовый словарь"})
	}
	return out
}
