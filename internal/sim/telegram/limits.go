package telegram

import (
	"math"
	"strconv"
	"time"
)

// limit applies the limits that the Bots FAQ names, if they are on, and books n
// messages: 30 a second for a bot, one a second for a chat with a burst of
// three, 20 a minute for a group. Edits count for their chat, answers to
// callback queries do not (tdlib/telegram-bot-api#648).
func (s *Server) limit(b *bot, c *chat, n int) *apiError {
	if !s.limits {
		return nil
	}
	now := s.clock()
	wait := max(b.sent.wait(now, 30, time.Second), c.recent.wait(now, 3, 3*time.Second))
	if c.wire.Type != typePrivate {
		wait = max(wait, c.sent.wait(now, 20, time.Minute))
	}
	if wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		return &apiError{
			code: 429, retryAfter: seconds,
			description: "Too Many Requests: retry after " + strconv.Itoa(seconds),
		}
	}
	for range n {
		b.sent, c.recent, c.sent = append(b.sent, now), append(c.recent, now), append(c.sent, now)
	}
	return nil
}

// window is the moments of the newest calls, for sliding limits.
type window []time.Time

// wait is how long until one more call fits into limit calls per span; it also
// forgets what is older than span.
func (w *window) wait(now time.Time, limit int, span time.Duration) time.Duration {
	old := 0
	for old < len(*w) && now.Sub((*w)[old]) >= span {
		old++
	}
	*w = (*w)[old:]
	if len(*w) < limit {
		return 0
	}
	return span - now.Sub((*w)[len(*w)-limit])
}
