package telegram_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	network "otklik/internal/network/telegram"

	"otklik/internal/delivery"
	"otklik/internal/sim/record"
	sim "otklik/internal/sim/telegram"
	"otklik/internal/sim/telegram/tgschema"
	"otklik/internal/social"
)

const botToken = "7100000001:AAsecretpartofthetoken"

// bench is a simulator with one thread and a sender that talks to it.
type bench struct {
	sim     *sim.Server
	log     *record.Log
	sender  *network.Sender
	channel sim.Channel
	posted  sim.Posted
	user    sim.User
	comment int64
	url     string
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{log: record.NewLog(100)}
	b.sim = sim.New(sim.Options{Now: time.Now, Log: b.log})
	server := httptest.NewServer(tgschema.Check(t, b.sim.APIHandler(), tgschema.Options{Strict: true}))
	t.Cleanup(func() { b.sim.Close(); server.Close() })
	b.url = server.URL
	_, err1 := b.sim.AddBot(sim.Bot{Token: botToken})
	var err2, err3, err4, err5 error
	b.channel, err2 = b.sim.AddChannel(sim.Channel{Title: "Город", Username: "gorod", GroupTitle: "Разговор"})
	b.user, err3 = b.sim.AddUser(sim.User{FirstName: "Олег"})
	b.posted, err4 = b.sim.Post(b.channel.ID, "Работы на улице Лесной")
	b.comment, err5 = b.sim.Comment(sim.Comment{ChannelID: b.channel.ID, PostID: b.posted.MessageID, FromID: b.user.ID, Text: "Когда уберут?"})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	b.sender = newSender(t, b.url, nil)
	return b
}

func newSender(t *testing.T, url string, change func(*network.Options)) *network.Sender {
	t.Helper()
	o := network.Options{
		Token: botToken, BaseURL: url, PermalinkBase: "https://t.me/",
		Limits: network.NewLimits(time.Now), Timeout: 5 * time.Second,
	}
	if change != nil {
		change(&o)
	}
	s, err := network.NewSender(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bench) ref(id int64) social.Ref {
	return social.Ref{Network: social.Telegram, Owner: strconv.FormatInt(b.channel.GroupID, 10), ID: strconv.FormatInt(id, 10)}
}

func (b *bench) delivery() delivery.Delivery {
	return delivery.Delivery{
		Kind: delivery.KindAnswer,
		ID:   "0190", Network: social.Telegram, Thread: b.ref(b.posted.GroupMessageID),
		ReplyTo: b.ref(b.comment), Text: "Уберут сегодня до 18:00. *Спасибо* <за> сигнал, https://gorod.example",
	}
}

// answers is what of the agency stands in the thread.
func (b *bench) answers() []sim.Message {
	thread, _ := b.sim.Thread(b.channel.GroupID, b.posted.GroupMessageID)
	var out []sim.Message
	for _, m := range thread.Messages {
		if m.Own {
			out = append(out, m)
		}
	}
	return out
}

func failureOf(t *testing.T, err error) *delivery.Failure {
	t.Helper()
	var f *delivery.Failure
	if !errors.As(err, &f) {
		t.Fatalf("not a Failure: %v", err)
	}
	if strings.Contains(err.Error(), "AAsecretpart") {
		t.Errorf("the token is in the error: %v", err)
	}
	if f.Message == "" || f.Repeatable {
		t.Errorf("failure %+v", f)
	}
	return f
}

func TestTheAnswerStandsUnderTheComment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.delivery()
	receipt, err := b.sender.Send(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	got := b.answers()
	if len(got) != 1 || got[0].Text != d.Text || got[0].ReplyTo != b.comment {
		t.Fatalf("the thread holds %+v", got)
	}
	id := strconv.FormatInt(got[0].ID, 10)
	if receipt.Ref != b.ref(got[0].ID) {
		t.Errorf("receipt %+v", receipt)
	}
	bare := strings.TrimPrefix(strconv.FormatInt(b.channel.GroupID, 10), "-100")
	if want := "https://t.me/c/" + bare + "/" + id + "?thread=" + d.Thread.ID; receipt.Permalink != want {
		t.Errorf("link %s, want %s", receipt.Permalink, want)
	}
	call := b.log.Since(0, "sendMessage")[0]
	if call.Params["link_preview_options"][0] != `{"is_disabled":true}` || call.Params["parse_mode"] != nil || call.Params["message_thread_id"] != nil {
		t.Errorf("sent with %v", call.Params)
	}
}

func TestAnAnswerToAPostRepliesToItsCopy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.delivery()
	d.ReplyTo = social.Ref{}
	receipt, err := b.sender.Send(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	got := b.answers()
	if len(got) != 1 || got[0].ReplyTo != b.posted.GroupMessageID {
		t.Fatalf("the thread holds %+v", got)
	}
	want := "https://t.me/gorod/" + strconv.FormatInt(b.posted.MessageID, 10) + "?comment=" + strconv.FormatInt(got[0].ID, 10)
	if receipt.Permalink != want {
		t.Errorf("link %s, want %s", receipt.Permalink, want)
	}
}

func TestEveryAnswerOfTheNetworkIsClassified(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault   record.Fault
		outcome delivery.Outcome
		code    string
		after   time.Duration
		stands  int // how many messages the call left in the thread
	}{
		"429":          {record.Fault{Kind: record.FaultError, Code: 429, RetryAfter: 7}, delivery.NotSent, "tg.429", 7 * time.Second, 0},
		"400":          {record.Fault{Kind: record.FaultError, Code: 400}, delivery.Refused, "tg.400", 0, 0},
		"401":          {record.Fault{Kind: record.FaultError, Code: 401}, delivery.Refused, "tg.401", 0, 0},
		"403":          {record.Fault{Kind: record.FaultError, Code: 403}, delivery.Refused, "tg.403", 0, 0},
		"404":          {record.Fault{Kind: record.FaultError, Code: 404}, delivery.Refused, "tg.404", 0, 0},
		"409":          {record.Fault{Kind: record.FaultError, Code: 409}, delivery.NotSent, "tg.409", 0, 0},
		"500 JSON":     {record.Fault{Kind: record.FaultError, Code: 500}, delivery.Uncertain, "tg.500", 0, 0},
		"502 HTML":     {record.Fault{Kind: record.FaultHTML}, delivery.Uncertain, "tg.502", 0, 0},
		"503 bare":     {record.Fault{Kind: record.FaultStatus, Code: 503}, delivery.Uncertain, "tg.503", 0, 0},
		"302":          {record.Fault{Kind: record.FaultStatus, Code: 302}, delivery.Uncertain, "tg.302", 0, 0},
		"empty":        {record.Fault{Kind: record.FaultEmpty}, delivery.Uncertain, "tg.unreadable", 0, 0},
		"truncated":    {record.Fault{Kind: record.FaultTruncated}, delivery.Uncertain, "tg.unreadable", 0, 1},
		"reset":        {record.Fault{Kind: record.FaultReset}, delivery.Uncertain, "tg.lost", 0, 0},
		"lost answer":  {record.Fault{Kind: record.FaultLost}, delivery.Uncertain, "tg.lost", 0, 1},
		"slow success": {record.Fault{Kind: record.FaultSlow, Delay: 60_000}, delivery.Uncertain, "tg.timeout", 0, 1},
		"hanging":      {record.Fault{Kind: record.FaultHang}, delivery.Uncertain, "tg.timeout", 0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.sender = newSender(t, b.url, func(o *network.Options) {
				if c.code == "tg.timeout" {
					o.Timeout = 200 * time.Millisecond
				}
			})
			c.fault.Method = "sendMessage"
			b.sim.Faults().Add(c.fault)
			_, err := b.sender.Send(t.Context(), b.delivery())
			f := failureOf(t, err)
			if f.Outcome != c.outcome || f.Code != c.code || f.RetryAfter != c.after {
				t.Errorf("classified as %s %s after %v: %v", f.Outcome, f.Code, f.RetryAfter, err)
			}
			if calls := b.log.Counts()["telegram sendMessage"]; calls != 1 {
				t.Errorf("%d calls were made", calls)
			}
			if n := len(b.answers()); n != c.stands {
				t.Errorf("%d answers stand in the thread, want %d", n, c.stands)
			}
		})
	}
}

func TestTheWorldsOwnRefusalsAreExplained(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(*bench) error
		code  string
		says  string
	}{
		"comment deleted": {func(b *bench) error { return b.sim.DeleteMessage(b.channel.GroupID, b.comment) }, "tg.400", "удалён"},
		"bot kicked":      {func(b *bench) error { return b.sim.SetMember(b.channel.GroupID, 7100000001, "kicked") }, "tg.403", "не может писать"},
		"bot restricted":  {func(b *bench) error { return b.sim.SetMember(b.channel.GroupID, 7100000001, "restricted") }, "tg.400", "запрещено писать"},
		"group migrated":  {func(b *bench) error { _, err := b.sim.Migrate(b.channel.GroupID); return err }, "tg.migrated", "-100"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if err := c.spoil(b); err != nil {
				t.Fatal(err)
			}
			_, err := b.sender.Send(t.Context(), b.delivery())
			f := failureOf(t, err)
			if f.Outcome != delivery.Refused || f.Code != c.code || !strings.Contains(f.Message, c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestWhatCannotBeSentIsRefusedWithoutACall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cases := map[string]func(*delivery.Delivery){
		"tg.empty":    func(d *delivery.Delivery) { d.Text = " \n" },
		"tg.too_long": func(d *delivery.Delivery) { d.Text = strings.Repeat("😀", 2049) },
		"tg.address":  func(d *delivery.Delivery) { d.ReplyTo.ID = "r5" },
	}
	for code, spoil := range cases {
		d := b.delivery()
		spoil(&d)
		_, err := b.sender.Send(t.Context(), d)
		if f := failureOf(t, err); f.Outcome != delivery.Refused || f.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	if n := b.log.Counts()["telegram sendMessage"]; n != 0 {
		t.Errorf("%d calls were made", n)
	}
	d := b.delivery()
	d.Text = strings.Repeat("😀", 2048)
	if _, err := b.sender.Send(t.Context(), d); err != nil {
		t.Errorf("4096 units were refused: %v", err)
	}
}

func TestAnErrorBeforeTheRequestIsWrittenIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := dead.Addr().String()
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	for name, url := range map[string]string{
		"nobody listens":      "http://" + address,
		"no TLS on the other": "https://" + strings.TrimPrefix(plain.URL, "http://"),
	} {
		_, err := newSender(t, url, nil).Send(t.Context(), b.delivery())
		if f := failureOf(t, err); f.Outcome != delivery.NotSent || f.Code != "tg.unreachable" {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.sender.Send(ctx, b.delivery())
	if f := failureOf(t, err); f.Outcome != delivery.NotSent {
		t.Errorf("cancelled before the call: %v", err)
	}
}

func TestAWrongTokenIsNotTaken(t *testing.T) {
	t.Parallel()
	if _, err := network.NewSender(network.Options{Token: "abc", Limits: network.NewLimits(time.Now)}); failureOf(t, err).Code != "tg.token" {
		t.Error(err)
	}
	b := setup(t)
	s := newSender(t, b.url, func(o *network.Options) { o.Token = "1:AAsecretpartother" })
	if _, err := s.Send(t.Context(), b.delivery()); failureOf(t, err).Code != "tg.401" {
		t.Error(err)
	}
}
