package hour

import (
	"testing"
	"testing/synctest"
	"time"

	netvk "otklik/internal/network/vk"
)

// TestThePaceComesNearTheLimitsAndNeverBreaksThem calls as fast as each client
// lets it, against simulators that refuse what is above the limit.
func TestThePaceComesNearTheLimitsAndNeverBreaksThem(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		kind      netvk.KeyKind
		token     string
		perSecond int
		least     float64 // the part of the bound that has to be reached
	}{
		{netvk.CommunityKey, communityToken, 20, 0.8},
		{netvk.ServiceKey, serviceToken, 5, 0.75},
	} {
		t.Run(string(x.kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCity(t)
				recorded := &calls{log: c.log}
				client := netvk.NewClient(netvk.Config{Kind: x.kind, Token: x.token, BaseURL: "http://" + vkHost, Transport: c.wire})
				begun, done := time.Now(), 0
				for time.Since(begun) < 5*time.Minute {
					var out any
					if err := client.Call(t.Context(), "groups.getById", map[string]any{"group_id": groupID}, &out); err != nil {
						t.Fatalf("call %d after %v: %v", done, time.Since(begun), err)
					}
					done++
				}
				took := time.Since(begun)
				recorded.take()
				most, all := recorded.most(time.Second, func(call) bool { return true })
				rate := float64(all) / took.Seconds()
				t.Logf("%s key: %.1f calls a second of %d, at most %d in a sliding second", x.kind, rate, x.perSecond, most)
				if most > x.perSecond || rate < x.least*float64(x.perSecond) {
					t.Errorf("%d in a second, %.1f on the average, the bound is %d", most, rate, x.perSecond)
				}
				c.close()
			})
		})
	}
}
