package vk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"otklik/collectors"
)

const (
	// maxPollBody bounds one answer of the long poll.
	maxPollBody = 16 << 20
	// pollGrace is how much longer than asked the network may hold a poll.
	pollGrace = 10 * time.Second
)

// poller makes the long poll's requests, which are not API calls: another
// host, another format, another time-out.
type poller struct {
	client *http.Client
	wait   time.Duration
}

func newPoller(wait time.Duration, t http.RoundTripper) *poller {
	if t == nil {
		t = http.DefaultTransport.(*http.Transport).Clone()
	}
	return &poller{
		client: &http.Client{Transport: t, Timeout: wait + pollGrace},
		wait:   wait,
	}
}

// pollAnswer is one answer of the long poll. Ts is never empty when Failed is 0.
type pollAnswer struct {
	Ts      string
	Updates []json.RawMessage
	Failed  int
}

// passing is a trouble of the long poll that mends itself.
func passing(cause error) *collectors.Trouble {
	return &collectors.Trouble{
		Kind: collectors.Passing, Cause: cause,
		Message: "Сервер событий ВКонтакте не ответил как следует; программа повторит обращение сама.",
	}
}

// poll asks for what follows ts. Its error is a *collectors.Trouble, or the
// context's own.
func (p *poller) poll(ctx context.Context, s *session, ts string) (pollAnswer, error) {
	address, err := url.Parse(s.Server)
	if err != nil {
		return pollAnswer{}, passing(errors.New("the long poll server's address cannot be read"))
	}
	q := address.Query()
	q.Set("act", "a_check")
	q.Set("key", s.Key)
	q.Set("ts", ts)
	q.Set("wait", strconv.Itoa(int(p.wait/time.Second)))
	address.RawQuery = q.Encode()
	body, err := p.get(ctx, address.String())
	switch {
	case ctx.Err() != nil:
		return pollAnswer{}, ctx.Err()
	case err != nil:
		return pollAnswer{}, passing(err)
	}
	answer, err := readPollAnswer(body)
	if err != nil {
		return pollAnswer{}, passing(err)
	}
	return answer, nil
}

func (p *poller) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the long poll server's address cannot be used")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("long poll: HTTP status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPollBody+1))
	if err != nil {
		return nil, withoutURL(err)
	}
	if len(body) > maxPollBody {
		return nil, errors.New("long poll: the answer is too large")
	}
	return body, nil
}

// withoutURL drops the address from an error, as it holds the session's key.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return fmt.Errorf("long poll: %w", e.Err)
	}
	return fmt.Errorf("long poll: %w", err)
}

// readPollAnswer decodes an answer. Updates that are not even a list are
// returned as one, so that they are kept and the stream goes on.
func readPollAnswer(body []byte) (pollAnswer, error) {
	var raw struct {
		Ts      json.RawMessage `json:"ts"`
		Updates json.RawMessage `json:"updates"`
		Failed  int             `json:"failed"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return pollAnswer{}, fmt.Errorf("long poll: %w", err)
	}
	// The ts is a string beside updates and a number beside failed.
	a := pollAnswer{Ts: string(bytes.Trim(raw.Ts, `"`)), Failed: raw.Failed}
	if a.Ts == "null" {
		a.Ts = ""
	}
	if a.Failed == 0 && a.Ts == "" {
		return pollAnswer{}, errors.New("long poll: the answer holds no ts")
	}
	if len(raw.Updates) > 0 && json.Unmarshal(raw.Updates, &a.Updates) != nil {
		a.Updates = []json.RawMessage{raw.Updates}
	}
	return a, nil
}
