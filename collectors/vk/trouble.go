package vk

import (
	"otklik/collectors"
	netvk "otklik/internal/network/vk"
)

// troubleOf turns an error of a call into what the Runner acts on.
func troubleOf(client *netvk.Client, err error) *collectors.Trouble {
	p := client.Kind().Explain(err)
	t := &collectors.Trouble{Kind: collectors.Passing, Message: p.Message, RetryAfter: p.RetryAfter, Cause: err}
	switch p.Remedy {
	case netvk.SlowDown:
		t.Kind = collectors.Limited
	case netvk.Person, netvk.Hopeless:
		t.Kind = collectors.Denied
	}
	return t
}

// notNow is the trouble of a call that may succeed later as it is, nil for a
// refusal.
func notNow(client *netvk.Client, err error) error {
	if t := troubleOf(client, err); t.Kind != collectors.Denied {
		return t
	}
	return nil
}
