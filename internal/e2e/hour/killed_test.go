package hour

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/sim/record"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

const (
	aLife        = 3 * time.Second // on the average
	itemsASecond = 20
	settling     = 4 * time.Minute
)

// killsInTheHour is OTKLIK_HOUR_KILLS; without it the test, which takes minutes
// of real time, is left out.
func killsInTheHour(t *testing.T) int {
	t.Helper()
	v := os.Getenv("OTKLIK_HOUR_KILLS")
	if v == "" {
		t.Skip("OTKLIK_HOUR_KILLS says how often to kill; .ci/run does")
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatal("OTKLIK_HOUR_KILLS is a number")
	}
	return n
}

// TestKilledInTheHourLosesNothing plays the same hour in real time, made
// shorter, before the built program, which is killed with SIGKILL at random
// moments and started again. After the last reconciliation the same has to hold.
func TestKilledInTheHourLosesNothing(t *testing.T) {
	t.Parallel()
	kills, seed := killsInTheHour(t), seed(t)
	binary := filepath.Join(t.TempDir(), "otklik")
	cmd := exec.Command("go", "build", "-o", binary, "otklik/cmd/otklik")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, msg)
	}
	t.Run("engines", func(t *testing.T) {
		for name, dsn := range map[string]func(testing.TB) string{"sqlite": nil, "postgres": testdb.Postgres} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				x := &victim{t: t, binary: binary, data: t.TempDir()}
				x.dsn = filepath.Join(x.data, "otklik.db")
				if dsn != nil {
					x.db = dsn(t)
					x.dsn = x.db
				}
				x.suffer(kills, seed)
			})
		}
	})
}

// victim is the built program with its data.
type victim struct {
	t            *testing.T
	binary, data string
	db, dsn      string
	config       string
	listen       string
	log          *os.File
	cmd          *exec.Cmd
}

func (x *victim) suffer(kills int, seed uint64) {
	t := x.t
	span := time.Duration(kills) * aLife
	c, base := inTheOpen(t)
	x.configure(c, base)
	x.start()
	s := x.beside()
	watch := &program{t: t, dsn: x.dsn, store: s, stats: map[string]*stats{liveName: {}, updatesName: {}}}
	ctx, over := context.WithCancel(t.Context())
	defer over()
	go every(ctx, 250*time.Millisecond, func() { watch.look(ctx) })
	recorded := &calls{log: c.log}
	go every(ctx, time.Second, recorded.take)
	l := newLife(c, seed)
	watch.until(t, time.Minute, "the pages are known", func() bool {
		list, err := s.Sources(t.Context(), time.Now())
		return err == nil && len(list) == 2
	})
	// The networks' times are whole seconds.
	time.Sleep(time.Second)
	// A poll that has nothing to say is not answered for long.
	watch.until(t, time.Minute, "both networks are read", func() bool {
		l.post()
		time.Sleep(time.Second)
		return watch.stats[liveName].claimed(time.Time{}, time.Now()) && watch.stats[updatesName].claimed(time.Time{}, time.Now())
	})
	begun := time.Now()
	c.play(forReading(shorter(scenario(t), span)), seed)
	go c.loseKeys(ctx, span)
	lived := make(chan struct{})
	go func() {
		defer close(lived)
		l.live(ctx, int(span.Seconds()*itemsASecond), span)
	}()
	dice := rand.New(rand.NewPCG(seed, 2))
	for range kills {
		time.Sleep(time.Duration(dice.ExpFloat64() * float64(aLife)))
		x.kill()
		x.start()
	}
	<-lived
	c.calm()
	x.kill()
	x.start()
	ended := time.Now()
	l.post()
	l.commentTelegram()
	watch.reconcile(t, ended, c)
	over()
	x.kill()
	c.close()
	recorded.take()
	count := map[string]int{}
	for _, x := range recorded.list {
		count[x.method]++
	}
	t.Logf("killed %d times in %v; calls: %v", kills, ended.Sub(begun).Round(time.Second), count)
	judge(t, c, l, watch, x.dsn, recorded)
}

// inTheOpen is a city behind a real address.
func inTheOpen(t *testing.T) (*city, string) {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	base := "http://" + srv.Listener.Addr().String()
	c := found(t, func() string { return base })
	mux := http.NewServeMux()
	mux.Handle("/method/", c.vk.APIHandler())
	mux.Handle("/longpoll/", c.vk.APIHandler())
	mux.Handle("/", c.tg.APIHandler())
	srv.Config.Handler = &confirmed{next: mux, told: c.told}
	srv.Start()
	t.Cleanup(srv.Close)
	return c, base
}

// shorter is the scenario of an hour made to fit a span, with all its delays.
func shorter(s record.Scenario, span time.Duration) record.Scenario {
	factor := span.Hours()
	fit := func(d string) string {
		v, err := time.ParseDuration(d)
		if err != nil {
			return d
		}
		return time.Duration(float64(v) * factor).String()
	}
	for i := range s {
		s[i].At, s[i].For = fit(s[i].At), fit(s[i].For)
		s[i].Delay = int(float64(s[i].Delay) * factor)
		if s[i].RetryAfter > 0 {
			s[i].RetryAfter = max(1, int(float64(s[i].RetryAfter)*factor))
		}
	}
	return s
}

// forReading keeps Telegram's faults from all but the reading of updates: after each
// start the program asks six times about its page first, and if six in ten calls
// failed it would hardly ever come to read between two kills.
func forReading(s record.Scenario) record.Scenario {
	for i := range s {
		if s[i].Network == "telegram" && s[i].Method == "*" && s[i].Fault != record.FaultClock {
			s[i].Method = "getUpdates"
		}
	}
	return s
}

func (x *victim) configure(c *city, base string) {
	x.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		x.t.Fatal(err)
	}
	x.listen = l.Addr().String()
	cfg := map[string]any{
		"agency": "Администрация Заречного района", "listen": x.listen, "data": x.data, "db": x.db,
		"vk": []map[string]any{{
			"group_id": groupID, "community_token": communityToken, "service_token": serviceToken, "api_url": base,
		}},
		"telegram": []map[string]any{{"channel": "@" + c.channel.Username, "bot_token": c.bot.Token, "api_url": base}},
	}
	raw, err := json.Marshal(cfg)
	if err != nil {
		x.t.Fatal(err)
	}
	x.config = filepath.Join(x.t.TempDir(), "otklik.json")
	if err := os.WriteFile(x.config, raw, 0o600); err != nil {
		x.t.Fatal(err)
	}
	if x.log, err = os.Create(filepath.Join(x.t.TempDir(), "otklik.log")); err != nil {
		x.t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() {
		x.kill()
		if raw, err := os.ReadFile(x.log.Name()); err == nil && x.t.Failed() {
			x.t.Logf("the program's log ends:\n%s", raw[max(len(raw)-4000, 0):])
		}
	})
}

func (x *victim) start() {
	x.t.Helper()
	x.cmd = exec.Command(x.binary, "serve", "--config", x.config)
	x.cmd.Stdout, x.cmd.Stderr = x.log, x.log
	if err := x.cmd.Start(); err != nil {
		x.t.Fatal(err)
	}
}

// kill ends the program as a power cut would.
func (x *victim) kill() {
	if x.cmd == nil {
		return
	}
	_ = x.cmd.Process.Kill()
	_ = x.cmd.Wait()
	x.cmd = nil
}

// beside waits until the program serves its pages and opens its base too.
func (x *victim) beside() *store.Store {
	x.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if resp, err := http.Get("http://" + x.listen + "/readyz"); err == nil {
			_ = resp.Body.Close()
			break
		}
		if time.Now().After(end) {
			x.t.Fatal("the program does not serve its pages")
		}
	}
	s, err := store.OpenBeside(x.t.Context(), x.dsn)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { _ = s.Close() })
	return s
}

// look notes up to when the streams say that they know everything.
func (p *program) look(ctx context.Context) {
	db := open(p.t, p.dsn)
	defer func() { _ = db.Close() }()
	for name, where := range map[string]string{liveName: "vk:%:live", updatesName: "telegram:%"} {
		var upTo int64
		// A base that is busy just now is asked again.
		if db.QueryRowContext(ctx, "SELECT complete_us FROM streams WHERE name LIKE $1", where).Scan(&upTo) != nil || upTo == 0 {
			continue
		}
		x := p.stats[name]
		x.mu.Lock()
		x.claims = append(x.claims, claim{time.Now(), time.UnixMicro(upTo)})
		x.mu.Unlock()
	}
}

// reconcile waits until the updates are heard up to ended and what comes late is
// given up. Then it asks for the history, as a person may: by now everything is
// old enough for a listing that lacks it to mean that it is gone.
func (p *program) reconcile(t *testing.T, ended time.Time, c *city) {
	t.Helper()
	p.until(t, settling, "the updates are heard", func() bool {
		return p.stats[liveName].claimed(ended, time.Now()) && p.stats[updatesName].claimed(ended, time.Now())
	})
	p.until(t, settling, "what Telegram did not send is given up", func() bool {
		v := &verdict{t, map[string]int{}, map[string]string{}}
		v.chats(c, stored(t, p.dsn), named(t, p.dsn)[social.Telegram])
		return len(v.count) == 0
	})
	list, err := p.store.Sources(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if x.Network != social.VK {
			continue
		}
		wish := collectors.Wish{Kind: collectors.WishRead, Days: 2, By: "Дежурный"}
		if err := p.store.WishHistory(t.Context(), x.ID, wish, time.Now()); err != nil {
			t.Fatal(err)
		}
		p.until(t, settling, "the history is read", func() bool {
			w, err := p.store.Wish(t.Context(), x.ID)
			return err == nil && w.State == collectors.WishDone
		})
	}
}

func (p *program) until(t *testing.T, atMost time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(atMost); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("waited %v until %s", atMost, what)
}
