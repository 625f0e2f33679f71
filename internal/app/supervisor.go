package app

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"otklik/collectors"
	"otklik/internal/delivery"
	"otklik/internal/live"
	"otklik/internal/sources"
)

// registryTick is how often the registry is looked at without being told to.
const registryTick = 15 * time.Second

// pages are the sources that this process has open. They follow the registry:
// whoever changes it, in whatever process, needs to tell nobody.
type pages struct {
	a    *App
	mu   sync.RWMutex
	open map[string]*page // by the id of the source
	own  map[int]bool     // the communities of the agency
}

// speaks says whether the agency itself speaks in VK under that id.
func (p *pages) speaks(id int) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.own[-id]
}

// know notes which communities are the agency's own.
func (p *pages) know(list []sources.Source) {
	own := map[int]bool{}
	for _, s := range list {
		if id, err := strconv.Atoi(s.ExternalID); err == nil && s.Kind == sources.VKCommunity {
			own[id] = true
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.own = own
}

// Sender implements delivery.Senders.
func (p *pages) Sender(sourceID string) (delivery.Sender, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	x, ok := p.open[sourceID]
	if !ok || x.sender == nil {
		return nil, false
	}
	return x.sender, true
}

// Connected is how many sources the program has open.
func (a *App) Connected() int {
	a.pages.mu.RLock()
	defer a.pages.mu.RUnlock()
	return len(a.pages.open)
}

// hook is where the updates of a source come in, nil if it asks for them itself.
func (p *pages) hook(sourceID string) *webhook {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if x := p.open[sourceID]; x != nil {
		return x.hook
	}
	return nil
}

// read opens what the registry names, without starting it.
func (p *pages) read(ctx context.Context) error {
	_, err := p.turn(ctx)
	return err
}

// follow keeps the open pages as the registry says, until ctx ends.
func (p *pages) follow(ctx context.Context) {
	p.mu.RLock()
	begin := make([]*page, 0, len(p.open))
	for _, x := range p.open {
		begin = append(begin, x)
	}
	p.mu.RUnlock()
	for _, x := range begin {
		p.start(ctx, x)
	}
	for {
		if p.a.registry.Sleep(ctx, registryTick) != nil {
			return
		}
		fresh, err := p.turn(ctx)
		if err != nil && ctx.Err() == nil {
			p.a.log.Error("sources not followed", "err", err)
		}
		for _, x := range fresh {
			p.start(ctx, x)
		}
	}
}

// turn closes what has changed or gone, and opens what is new. The former page
// has ended before the new one is there, so that this goes on where that stood.
func (p *pages) turn(ctx context.Context) (fresh []*page, err error) {
	list, err := p.a.store.Registry(ctx)
	if err != nil {
		return nil, err
	}
	p.know(list)
	named := map[string]bool{}
	for _, s := range list {
		named[s.ID] = true
		if x := p.renew(ctx, s); x != nil {
			fresh = append(fresh, x)
		}
	}
	gone := p.forget(named)
	for _, x := range gone {
		x.end()
	}
	if len(gone)+len(fresh) > 0 {
		p.a.hub.Publish(live.Sources)
	}
	return fresh, nil
}

// renew opens a source anew if it has changed, and returns it then. A page that
// did not open is tried at every turn.
func (p *pages) renew(ctx context.Context, s sources.Source) *page {
	stamp := stampOf(s)
	p.mu.RLock()
	was := p.open[s.ID]
	p.mu.RUnlock()
	if was != nil && was.stamp == stamp && !was.shut {
		return nil
	}
	x, err := p.a.openPage(ctx, s)
	again := was != nil && was.shut && was.stamp == stamp
	if err != nil {
		if ctx.Err() != nil || again {
			return nil
		}
		p.a.log.Error("source not opened", "source", s.ID, "title", s.Title, "err", err)
		x = &page{id: s.ID, shut: true, sender: silent{code: "closed", message: "Страница не открывается: администратору стоит проверить её ключи в «Источниках»."}}
	}
	if again && x.shut {
		return nil
	}
	x.stamp = stamp
	was.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[s.ID] = x
	return x
}

// forget takes the pages out that the registry does not name any more.
func (p *pages) forget(named map[string]bool) []*page {
	var gone []*page
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, x := range p.open {
		if !named[id] {
			gone = append(gone, x)
			delete(p.open, id)
		}
	}
	return gone
}

// end stops a page's streams and waits for them.
func (x *page) end() {
	if x == nil || x.stop == nil {
		return
	}
	x.stop()
	x.running.Wait()
	for _, free := range x.close {
		free()
	}
	if x.open != nil {
		x.open.Close()
	}
	if x.files != nil {
		x.files.Close()
	}
}

// start lets the streams of a page go.
func (p *pages) start(ctx context.Context, x *page) {
	a := p.a
	ctx, x.stop = context.WithCancel(ctx)
	for _, s := range x.streams {
		r := &collectors.Runner{
			Stream: s.stream, Source: s.source, Book: a.store, Unread: a.store, Now: a.now, Log: a.log, Pace: time.Second,
			Stored: func(int) { a.detect.Ring(); a.project.Ring(); a.photos.Ring(); a.hub.Publish(live.Sources) },
		}
		run := r.Run
		if x.hook != nil {
			x.hook.stored, run = r.Stored, x.hook.during(r.Run)
		}
		x.running.Add(1)
		a.work(func() {
			defer x.running.Done()
			a.keeper.Hold(ctx, s.stream.Name, run)
		})
	}
}

// stampOf is all of a source that its page is opened with. A key that was only
// sealed anew is the same key.
func stampOf(s sources.Source) string {
	set := s.Settings
	set.ChannelID, set.Seen = 0, nil
	out := fmt.Sprintf("%s %s %t %+v", s.Kind, s.ExternalID, s.Paused, set)
	for _, k := range s.Keys {
		out += fmt.Sprintf(" %s:%s:%d", k.Kind, k.Fingerprint, k.SetAt.UnixMicro())
	}
	return out
}
