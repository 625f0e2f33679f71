package telegram

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const maxWebhookPause = time.Minute

// hook is one bot's webhook. The server's mutex guards its fields.
type hook struct {
	url            string
	secret         string
	address        string // ip_address
	certificate    bool
	maxConnections int
	stop           context.CancelFunc

	lastError   string
	lastErrorAt time.Time
}

func (b *bot) stopWebhook() {
	if b.hook != nil {
		b.hook.stop()
		b.hook = nil
	}
}

func (s *Server) setWebhook(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	address, secret := c.params.values["url"], c.params.values["secret_token"]
	if address != "" {
		// The real network wants https; the simulator talks to loopback.
		if u, err := url.Parse(address); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, badRequest("bad webhook: invalid webhook URL specified")
		}
	}
	if !validSecret(secret) {
		return nil, badRequest("secret token contains unallowed characters")
	}
	if err := c.bot.allow(c.params); err != nil {
		return nil, err
	}
	if c.params.flag("drop_pending_updates", false) {
		c.bot.queue = nil
	}
	c.bot.stopWebhook()
	if address == "" {
		return true, nil
	}
	select {
	case <-s.done:
		return true, nil
	default:
	}
	ctx, stop := context.WithCancel(context.Background())
	_, certificate := c.params.files["certificate"]
	h := &hook{
		url: address, secret: secret, address: c.params.values["ip_address"], certificate: certificate,
		maxConnections: int(min(max(c.params.number("max_connections", 40), 1), 100)), stop: stop,
	}
	c.bot.hook = h
	if c.bot.poll != nil {
		close(c.bot.poll)
		c.bot.poll = nil
	}
	s.workers.Add(1)
	go func() {
		defer s.workers.Done()
		s.deliver(ctx, c.bot, h)
	}()
	return true, nil
}

func (s *Server) deleteWebhook(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.bot.stopWebhook()
	if c.params.flag("drop_pending_updates", false) {
		c.bot.queue = nil
	}
	return true, nil
}

func (s *Server) getWebhookInfo(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := wireWebhookInfo{PendingUpdateCount: len(c.bot.queue), AllowedUpdates: c.bot.allowed}
	if h := c.bot.hook; h != nil {
		info.URL, info.MaxConnections = h.url, h.maxConnections
		info.IPAddress, info.HasCustomCertificate = h.address, h.certificate
		if h.lastError != "" {
			info.LastErrorDate, info.LastErrorMessage = h.lastErrorAt.Unix(), h.lastError
		}
	}
	return info, nil
}

// deliver sends the bot's updates one by one; an update that was not answered
// with 2xx is sent again and holds back those behind it.
func (s *Server) deliver(ctx context.Context, b *bot, h *hook) {
	pause := s.retry
	for {
		next, wake := s.first(b)
		if next.raw == nil {
			ripe := time.NewTimer(s.ripeIn())
			select {
			case <-wake:
			case <-ripe.C:
			case <-ctx.Done():
			}
			ripe.Stop()
			if ctx.Err() != nil {
				return
			}
			continue
		}
		failure := s.post(ctx, h, next.raw)
		if ctx.Err() != nil {
			return
		}
		if failure == "" {
			s.mu.Lock()
			b.confirm(next.id+1, s.now())
			s.mu.Unlock()
			pause = s.retry
			continue
		}
		s.mu.Lock()
		h.lastError, h.lastErrorAt = failure, s.now()
		s.mu.Unlock()
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		pause = min(2*pause, maxWebhookPause)
	}
}

// first is the oldest update that waits, and what announces one if none does.
func (s *Server) first(b *bot) (update, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ripen()
	b.confirm(0, s.now())
	if len(b.queue) == 0 {
		return update{}, b.wake
	}
	b.queue[0].again = false
	return b.queue[0], b.wake
}

func (s *Server) ripeIn() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.untilRipe()
}

// post makes one delivery and says what went wrong, nothing if it was taken.
func (s *Server) post(ctx context.Context, h *hook, body []byte) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return "Wrong webhook URL"
	}
	req.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	resp, err := s.webhook.Do(req)
	if err != nil {
		return "Connection failed"
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return "Wrong response from the webhook: " + strconv.Itoa(resp.StatusCode) + " " + http.StatusText(resp.StatusCode)
	}
	return ""
}

func validSecret(secret string) bool {
	if len(secret) > 256 {
		return false
	}
	for _, r := range secret {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}
