package vk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/SevereCloud/vksdk/v2/api"

	"otklik/internal/sim/record"
	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

func TestDaysQuota(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{Limits: true})
	c := sdk(n, vktest.ServiceToken)
	search := func() error {
		_, err := c.WallSearch(api.Params{"owner_id": vktest.OwnerID, "query": "двор", "count": 1})
		n.Advance(250 * time.Millisecond)
		return err
	}
	for i := range 1000 {
		if err := search(); err != nil {
			t.Fatalf("call %d: %v", i+1, err)
		}
	}
	wantCode(t, "the 1001st search of a day", search(), 29)
	if _, err := c.WallGet(api.Params{"owner_id": vktest.OwnerID}); err != nil {
		t.Errorf("another method has its own quota: %v", err)
	}
	n.Advance(24*time.Hour - 150*time.Second)
	if err := search(); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

func TestPostsOfADay(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{Limits: true, Switches: vk.Switches{PostsPerDay: 2}})
	c := sdk(n, vktest.CommunityToken)
	post := func() error {
		return second(c.WallPost(api.Params{"owner_id": vktest.OwnerID, "from_group": 1, "message": "Новость"}))
	}
	n.Must(errors.Join(post(), post()))
	wantCode(t, "the third post of the day", post(), 214)
	n.Advance(24 * time.Hour)
	n.Must(post())
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	n.Must(n.AddToken(vk.Token{Value: "new", Kind: vk.UserToken, UserID: vktest.Vera, CommunityID: vktest.GroupID, VKID: true}))
	p := api.Params{"owner_id": vktest.OwnerID, "from_group": 1, "message": "Новость"}
	wantCode(t, "a VK ID token", second(sdk(n, "new").WallPost(p)), 1051)
	n.Must(second(sdk(n, vktest.CommunityToken).WallPost(p)))
	if status, body := call(t, "PUT", n.URL+"/admin/vk/switches", `{"community_cannot_post":true,"image_captcha":true}`); status != 200 {
		t.Fatal(status, body)
	}
	wantCode(t, "a community token by the schema", second(sdk(n, vktest.CommunityToken).WallPost(p)), 27)
	for _, redirect := range []bool{false, true} {
		n.SetSwitches(vk.Switches{ImageCaptcha: !redirect})
		n.Faults().Add(record.Fault{Method: "wall.post", Kind: record.FaultError, Code: 14})
		_, err := sdk(n, vktest.AdminToken).WallPost(p)
		var e *api.Error
		if !errors.As(err, &e) || e.CaptchaSID == "" || (e.RedirectURI != "") != redirect {
			t.Errorf("the captcha came as %+v", e)
		}
	}
}

func TestFaultsOfEvents(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		record.FaultDrop:    "2 3",
		record.FaultShuffle: "2 1 3",
		record.FaultRepeat:  "1 2 1 3",
		record.FaultDelay:   "2 3 | 1",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			n := vktest.Start(t, vk.Options{})
			l := listen(t, n)
			n.Faults().Add(record.Fault{Method: "update:wall_*", Kind: kind, Delay: map[string]int{record.FaultDelay: 60_000}[kind]})
			for i := range 3 {
				n.MustComment(vk.NewComment{Text: fmt.Sprint(i + 1)})
			}
			texts := func() string {
				var out []string
				for _, e := range l.next() {
					_, rest, _ := strings.Cut(string(e.Object), `"text":"`)
					out = append(out, rest[:1])
				}
				return strings.Join(out, " ")
			}
			got := texts()
			n.Advance(2 * time.Minute)
			if late := texts(); late != "" {
				got += " | " + late
			}
			if got != want {
				t.Errorf("the events came as %q, want %q", got, want)
			}
		})
	}
}

func TestScenario(t *testing.T) {
	t.Parallel()
	outcome := func() string {
		n := vktest.Start(t, vk.Options{})
		scenario := `[{"at":"1m","for":"10m","method":"users.get","fault":"error","code":10,"probability":0.5,"seed":7},
			{"at":"20m","method":"users.get","fault":"clock","delay_ms":-3600000},
			{"at":"30m","method":"users.get","fault":"revoke","count":1},
			{"network":"telegram","at":"0s","method":"*","fault":"error","code":9}]`
		if status, body := call(t, "POST", n.URL+"/admin/vk/scenario", scenario); status != 200 {
			t.Fatal(status, body)
		}
		c, out := sdk(n, vktest.AdminToken), ""
		ask := func() {
			if _, err := c.UsersGet(nil); err == nil {
				out += "."
			} else {
				out += fmt.Sprint(int(err.(*api.Error).Code), " ")
			}
		}
		ask()
		n.Advance(2 * time.Minute)
		for range 12 {
			ask()
		}
		n.Advance(20 * time.Minute)
		ask()
		if at, err := sdk(n, vktest.ServiceToken).UtilsGetServerTime(nil); err != nil || n.Now().Sub(time.Unix(int64(at), 0)) < 59*time.Minute {
			t.Errorf("the clock is not behind: %d, %v", at, err)
		}
		n.Advance(10 * time.Minute)
		ask()
		ask()
		return out
	}
	first, again := outcome(), outcome()
	if first != again || !strings.HasPrefix(first, ".") || !strings.HasSuffix(first, ".5 5 ") || strings.Count(first, "10 ") < 2 {
		t.Errorf("the scenario gave %q and %q", first, again)
	}
	n := vktest.Start(t, vk.Options{})
	if status, body := call(t, "POST", n.URL+"/admin/vk/scenario", `[{"at":"soon","fault":"error"}]`); status != 400 || !strings.Contains(body, "строка 1, шаг 1") {
		t.Errorf("a wrong scenario got %d %s", status, body)
	}
}

func TestDrip(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	n.Faults().Add(record.Fault{Method: "users.get", Kind: record.FaultDrip, Delay: 40})
	began := time.Now()
	users, err := sdk(n, vktest.AdminToken).UsersGet(nil)
	if err != nil || len(users) != 1 || time.Since(began) < 30*time.Millisecond {
		t.Errorf("%+v after %v, %v", users, time.Since(began), err)
	}
}

// TestNoFaultIsTakenThatWouldNotBefall posts what would do nothing, or not what
// it says.
func TestNoFaultIsTakenThatWouldNotBefall(t *testing.T) {
	n := vktest.Start(t, vk.Options{})
	for _, body := range []string{
		`{"method":"*","kind":"migrate"}`, `{"method":"*","kind":"slow","probability":7}`, `{"method":"*","kind":"status","code":5}`, `{"kind":"reset"}`,
	} {
		if status, said := call(t, "POST", n.URL+"/admin/vk/faults", body); status != 400 {
			t.Errorf("%s was answered %d: %s", body, status, said)
		}
	}
	if status, said := call(t, "POST", n.URL+"/admin/vk/scenario", `[{"at":"0s","method":"*","fault":"slow"},{"at":"0s","method":"*","fault":"migrate"}]`); status != 400 || !strings.Contains(said, "шаг 2") {
		t.Errorf("a scenario with an unknown fault: %d %s", status, said)
	}
	if status, said := call(t, "GET", n.URL+"/admin/vk/faults", ""); status != 200 || strings.TrimSpace(said) != "[]" {
		t.Errorf("after that wait: %d %s", status, said)
	}
}
