package app

import (
	"sync"
	"time"

	"otklik/internal/network/pace"
	tgwrite "otklik/internal/network/telegram"
	vkwrite "otklik/internal/network/vk"
)

// paces holds the pace of every key that was ever used, so that all who use a
// key share it, and a page that is opened anew does not begin to run.
//
// Other processes read other pages with the same key of VK, so each of them
// takes its part of the limits. For a minute after one more has started they may
// exceed them together, which VK refuses without harm (code 6). With a bot of
// Telegram only one process sends, the one that holds the lease.
type paces struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[string]*pace.Gate
	bot map[string]*tgwrite.Limits
	// inHand bounds the calls of a key that are begun and not ended.
	inHand map[string]chan struct{}
	shared int // by so many processes
}

func newPaces(now func() time.Time) *paces {
	return &paces{now: now, of: map[string]*pace.Gate{}, bot: map[string]*tgwrite.Limits{}, inHand: map[string]chan struct{}{}, shared: 1}
}

// share divides the limits of VK's keys among so many processes.
func (p *paces) share(processes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shared == processes {
		return
	}
	p.shared = processes
	for _, gate := range p.of {
		gate.Share(processes)
	}
}

func (p *paces) vk(kind vkwrite.KeyKind, fingerprint string) *pace.Gate {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[fingerprint] == nil {
		p.of[fingerprint] = vkwrite.NewLimiter(kind)
		p.of[fingerprint].Share(p.shared)
	}
	return p.of[fingerprint]
}

func (p *paces) telegram(fingerprint string) *tgwrite.Limits {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bot[fingerprint] == nil {
		p.bot[fingerprint] = tgwrite.NewLimits(p.now)
	}
	return p.bot[fingerprint]
}

func (p *paces) hands(fingerprint string, most int) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inHand[fingerprint] == nil {
		p.inHand[fingerprint] = make(chan struct{}, most)
	}
	return p.inHand[fingerprint]
}
