package vk

import (
	"context"
	"errors"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"otklik/internal/delivery"
)

// do makes a call that changes something and says what is known of it after an
// error; nil means that the network confirmed it.
func (c *Client) do(ctx context.Context, method string, params map[string]any, out any) *delivery.Failure {
	var written atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { written.Store(true) },
	})
	if err := c.Call(traced, method, params, out); err != nil {
		return c.outcome(err, written.Load())
	}
	return nil
}

// outcome says what is known after a call that ended with err. written tells
// whether any of the request may have left. All errors of the API but its own
// failures, 1 and 10, mean that nothing was changed.
func (c *Client) outcome(err error, written bool) *delivery.Failure {
	p := c.kind.Explain(err)
	f := &delivery.Failure{Code: p.Code, Message: p.Message, RetryAfter: p.RetryAfter, Cause: err}
	var notCalled *notCalledError
	switch {
	case p.API == 1 || p.API == 10:
		f.Outcome = delivery.Uncertain
	case p.API != 0 && p.Remedy == SlowDown:
		f.Outcome = delivery.NotSent
	case p.API != 0:
		f.Outcome = delivery.Refused
	case !written || errors.As(err, &notCalled):
		f.Outcome = delivery.NotSent
	case refusedByProxy(err):
		// A proxy or the network's edge refused before the API saw the call.
		f.Outcome = delivery.NotSent
	default:
		f.Outcome = delivery.Uncertain
	}
	return f
}

// refusedByProxy says that the answer was an HTTP refusal. Behind a 5xx, on the
// other hand, the call may have been carried out.
func refusedByProxy(err error) bool {
	var e *StatusError
	return errors.As(err, &e) && e.Status < 500
}

// guidOpen says that the network still remembers the guid of a first call. After
// a clock that was set back nobody knows.
func guidOpen(now, first time.Time, window time.Duration) bool {
	age := now.Sub(first)
	return first.IsZero() || age >= 0 && age < window-min(guidMargin, window/2)
}

// harmless turns the failure of a call that may be repeated without any trace:
// it read, or it made something that nobody sees until a post shows it.
func harmless(f *delivery.Failure) *delivery.Failure {
	if f != nil && f.Outcome == delivery.Uncertain {
		f.Outcome = delivery.NotSent
	}
	return f
}

// settled turns the failure of a call that leaves the same state however often
// it is made.
func settled(f *delivery.Failure) *delivery.Failure {
	if f != nil && f.Outcome == delivery.Uncertain {
		f.Repeatable = true
		f.Message = "ВКонтакте не подтвердила изменение; программа повторит его сама."
	}
	return f
}

// asError keeps a nil *Failure from becoming an error that is not nil.
func asError(f *delivery.Failure) error {
	if f == nil {
		return nil
	}
	return f
}

func refusal(code, message string) *delivery.Failure {
	return &delivery.Failure{Outcome: delivery.Refused, Code: code, Message: message}
}
