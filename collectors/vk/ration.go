package vk

import (
	"context"
	"errors"
	"time"

	"otklik/collectors/quota"
	netvk "otklik/internal/network/vk"
)

// DayLimits are the quotas of calls a day that the network has by method and
// key, as python273/vk_api#411 quotes them. Other methods have none.
func DayLimits() map[string]quota.Limit {
	return map[string]quota.Limit{
		wallMethod: quota.Grant(5000), wallSearch: quota.Grant(1000), newsfeedSearch: quota.Grant(1000),
	}
}

// Rationed returns the client with its calls counted in a share of the day's
// quota.
func Rationed(client *netvk.Client, s *quota.Share, now func() time.Time) *netvk.Client {
	return client.Rationed(ration{s, now})
}

// ration counts the calls of a client in a share of a quota.
type ration struct {
	share *quota.Share
	now   func() time.Time
}

// Spend implements netvk.Ration.
func (r ration) Spend(ctx context.Context, method string) error {
	err := r.share.Spend(ctx, method)
	if spent, ok := errors.AsType[*quota.SpentError](err); ok {
		return &netvk.RationedError{RetryAfter: max(spent.Until.Sub(r.now()), time.Second), Cause: err}
	}
	return err
}

// Refused implements netvk.Ration.
func (r ration) Refused(ctx context.Context, method string) error {
	return r.share.Refused(ctx, method)
}
