package vk

import (
	"context"

	netvk "otklik/internal/network/vk"
)

// settings are a community's Long Poll settings.
type settings struct {
	Enabled bool
	Events  map[string]bool
}

func readSettings(ctx context.Context, client *netvk.Client, groupID int) (settings, error) {
	var raw struct {
		Enabled boolInt            `json:"is_enabled"`
		Events  map[string]boolInt `json:"events"`
	}
	err := client.Call(ctx, "groups.getLongPollSettings", map[string]any{"group_id": groupID}, &raw)
	out := settings{Enabled: bool(raw.Enabled), Events: map[string]bool{}}
	for k, v := range raw.Events {
		out.Events[k] = bool(v)
	}
	return out, err
}
