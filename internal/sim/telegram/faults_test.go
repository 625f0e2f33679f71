package telegram_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/sim/record"
	"otklik/internal/sim/telegram"
)

// texts are what the waiting updates say, by their order.
func (w *world) texts(offset int64) (out []string, next int64) {
	w.t.Helper()
	for _, u := range w.updates(offset) {
		out = append(out, fmt.Sprint(at(u, "message", "text")))
		next = max(next, num(at(u, "update_id"))+1)
	}
	return out, next
}

func TestUpdatesAreDroppedDelayedShuffledAndRepeated(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	w := setup(t, func(o *telegram.Options) { o.Now = func() time.Time { return now } })
	fault := func(kind string, delay int) {
		w.sim.Faults().Add(record.Fault{Method: "update:message", Kind: kind, Delay: delay})
	}
	say := func(text string) { must(w.sim.Direct(w.bot.ID, w.user.ID, text))(t) }
	expect := func(offset int64, want string) int64 {
		t.Helper()
		got, next := w.texts(offset)
		if strings.Join(got, " ") != want {
			t.Errorf("got %v, want %s", got, want)
		}
		return next
	}
	fault(record.FaultDrop, 0)
	say("пропало")
	say("раз")
	next := expect(0, "раз")
	fault(record.FaultDelay, 10_000)
	say("поздно")
	say("два")
	next = expect(next, "два")
	now = now.Add(10 * time.Second)
	next = expect(next, "поздно")
	fault(record.FaultShuffle, 0)
	say("четыре")
	say("три")
	next = expect(next, "три четыре")
	fault(record.FaultRepeat, 1000)
	say("снова")
	after := expect(next, "снова")
	expect(after, "")
	now = now.Add(time.Second)
	expect(after, "снова")
	expect(after, "")
}

func TestTheNetworksClockGoesWrongForAWhile(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	w := setup(t, func(o *telegram.Options) { o.Now = func() time.Time { return now } })
	w.sim.Faults().Add(record.Fault{Kind: record.FaultClock, Delay: -3600_000, Until: now.Add(time.Minute)})
	date := func() int64 {
		var m struct{ Date int64 }
		if err := json.Unmarshal(w.call("sendMessage", object{"chat_id": w.channel.GroupID, "text": "Час"}).Result, &m); err != nil {
			t.Fatal(err)
		}
		return m.Date
	}
	if got := date(); got != now.Unix()-3600 {
		t.Errorf("behind: %d", got-now.Unix())
	}
	now = now.Add(time.Minute)
	if got := date(); got != now.Unix() {
		t.Errorf("afterwards: %d", got-now.Unix())
	}
}

func TestATokenIsRevokedInTheMiddle(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	w.sim.Faults().Add(record.Fault{Method: "sendMessage", Kind: record.FaultRevoke})
	if a := w.call("getMe", object{}); !a.OK {
		t.Errorf("%+v", a)
	}
	for range 2 {
		if a := w.call("sendMessage", object{"chat_id": w.channel.GroupID, "text": "а"}); a.Status != 401 {
			t.Errorf("%+v", a)
		}
	}
	w.bot.Token = must(w.sim.RevokeToken(w.bot.ID))(t)
	if a := w.call("sendMessage", object{"chat_id": w.channel.GroupID, "text": "а"}); !a.OK {
		t.Errorf("with the new token: %+v", a)
	}
}

func TestAGroupMigratesUnderACall(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	w.sim.Faults().Add(record.Fault{Method: "send*", Kind: record.FaultMigrate})
	a := w.call("sendMessage", object{"chat_id": w.channel.GroupID, "text": "а"})
	if a.Status != 400 || a.Parameters.MigrateToChatID == 0 {
		t.Fatalf("%+v", a)
	}
	if again := w.call("sendMessage", object{"chat_id": a.Parameters.MigrateToChatID, "text": "а"}); !again.OK {
		t.Errorf("%+v", again)
	}
}

func TestAnAnswerDripsAndArrivesWhole(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	w.sim.Faults().Add(record.Fault{Method: "getMe", Kind: record.FaultDrip, Delay: 40})
	if a := w.call("getMe", object{}); !a.OK || len(a.Result) < 50 {
		t.Errorf("%+v", a)
	}
}

// TestAScenarioHitsTheSameCallsEachRun plays the same scenario twice in virtual
// time and compares what every call met.
func TestAScenarioHitsTheSameCallsEachRun(t *testing.T) {
	t.Parallel()
	scenario, err := record.ParseScenario([]byte(`[
		{"at":"0s","method":"sendMessage","fault":"error","code":429,"retry_after":3,"probability":0.05,"seed":1},
		{"at":"0s","method":"sendMessage","fault":"html","probability":0.05,"seed":2},
		{"at":"10s","for":"20s","method":"update:*","fault":"drop","probability":0.5,"seed":3},
		{"at":"0s","network":"vk","method":"*","fault":"reset"}]`))
	if err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T) (story string) {
		synctest.Test(t, func(t *testing.T) {
			log := record.NewLog(1000)
			sim := telegram.New(telegram.Options{Now: time.Now, Log: log})
			bot := must(sim.AddBot(telegram.Bot{}))(t)
			user := must(sim.AddUser(telegram.User{FirstName: "Пётр"}))(t)
			must(sim.Direct(bot.ID, user.ID, "Привет"))(t)
			sim.Play(scenario)
			for range 100 {
				w := newRecorder()
				body := strings.NewReader(fmt.Sprintf(`{"chat_id":%d,"text":"а"}`, user.ID))
				req := must(http.NewRequest(http.MethodPost, "/bot"+bot.Token+"/sendMessage", body))(t)
				req.Header.Set("Content-Type", "application/json")
				sim.APIHandler().ServeHTTP(w, req)
				must(sim.Direct(bot.ID, user.ID, "Ещё"))(t)
				time.Sleep(time.Second)
			}
			for _, c := range log.Since(0, "") {
				story += fmt.Sprintf("%d%s ", c.Status, c.Fault)
			}
			story += fmt.Sprint(sim.Pending(bot.ID))
		})
		return story
	}
	a, b := run(t), run(t)
	if a != b || !strings.Contains(a, "429error") || !strings.Contains(a, "502html") {
		t.Errorf("%s\n%s", a, b)
	}
	if strings.HasSuffix(a, " 101") {
		t.Error("no update was dropped")
	}
}

// recorder is a ResponseWriter that forgets.
type recorder struct{ header http.Header }

func newRecorder() *recorder { return &recorder{http.Header{}} }

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (r *recorder) WriteHeader(int)             {}
