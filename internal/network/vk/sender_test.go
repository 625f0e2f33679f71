package vk_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/delivery"
	netvk "otklik/internal/network/vk"
	"otklik/internal/sim/record"
	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
	"otklik/internal/social"
)

// desk is a network, a citizen's complaint in it, and a sender.
type desk struct {
	*vktest.Network
	sender    *netvk.Sender
	complaint int
}

func setup(t *testing.T) desk {
	n := vktest.Start(t, vk.Options{})
	return desk{
		Network:   n,
		sender:    newSender(n.URL, vktest.CommunityToken, time.Second, n.Now),
		complaint: n.MustComment(vk.NewComment{Text: "Во дворе третий день нет света"}),
	}
}

func newSender(address, token string, timeout time.Duration, now func() time.Time) *netvk.Sender {
	client := netvk.NewClient(netvk.Config{
		Kind: netvk.CommunityKey, Token: token, BaseURL: address, Timeout: timeout,
		Transport: &http.Transport{DisableKeepAlives: true},
	})
	return netvk.NewSender(netvk.SenderOptions{Client: client, GroupID: vktest.GroupID, Now: now})
}

// answer is a delivery to the citizen's complaint.
func (d desk) answer() delivery.Delivery {
	return delivery.Delivery{
		Kind: delivery.KindAnswer,
		ID:   "01890000-0000-7000-8000-000000000001", Network: social.VK,
		Thread: netvk.PostRef(vktest.OwnerID, d.Post), ReplyTo: netvk.CommentRef(vktest.OwnerID, d.complaint),
		Author: social.Author{ID: "11", Name: "Анна Крылова", FirstName: "Анна"},
		Text:   "Свет вернут к вечеру.", Attempt: 1, FirstSendingAt: d.Now(), SendingAt: d.Now(),
	}
}

// own are the comments that the community wrote.
func (d desk) own() []vk.Comment {
	state, _ := d.Network.Thread(vktest.OwnerID, d.Post)
	var out []vk.Comment
	for _, c := range state.Comments {
		if c.FromID == vktest.OwnerID {
			out = append(out, c)
		}
	}
	return out
}

func TestSendPostsInTheThread(t *testing.T) {
	t.Parallel()
	d := setup(t)
	receipt, err := d.sender.Send(t.Context(), d.answer())
	if err != nil {
		t.Fatal(err)
	}
	own := d.own()
	if len(own) != 1 || own[0].Text != "[id11|Анна], Свет вернут к вечеру." || own[0].ReplyToComment != d.complaint {
		t.Fatalf("the community wrote %+v", own)
	}
	link := fmt.Sprintf("https://vk.com/wall-101_%d?reply=%d&thread=%d", d.Post, own[0].ID, d.complaint)
	if receipt.Ref != netvk.CommentRef(vktest.OwnerID, own[0].ID) || receipt.Permalink != link {
		t.Errorf("the receipt is %+v", receipt)
	}
}

func TestSendUnderThePostItself(t *testing.T) {
	t.Parallel()
	d := setup(t)
	a := d.answer()
	a.ReplyTo = social.Ref{}
	if _, err := d.sender.Send(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if own := d.own(); len(own) != 1 || own[0].ReplyToComment != 0 {
		t.Errorf("the community wrote %+v", own)
	}
}

func TestLostAnswerIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{record.FaultLost, record.FaultTruncated} {
		d := setup(t)
		d.Faults().Add(record.Fault{Method: "wall.createComment", Kind: kind})
		a := d.answer()
		_, err := d.sender.Send(t.Context(), a)
		var f *delivery.Failure
		if !errors.As(err, &f) || f.Outcome != delivery.Uncertain || !f.Repeatable {
			t.Fatalf("%s: the first attempt ended with %v", kind, err)
		}
		a.Attempt = 2
		receipt, err := d.sender.Send(t.Context(), a)
		own := d.own()
		if err != nil || len(own) != 1 || receipt.Ref != netvk.CommentRef(vktest.OwnerID, own[0].ID) {
			t.Errorf("%s: after a repeat %d answers stand, receipt %+v, error %v", kind, len(own), receipt, err)
		}
	}
}

func TestRepeatingEndsWithTheWindow(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.Faults().Add(record.Fault{Method: "wall.createComment", Kind: record.FaultLost, Count: 3})
	a := d.answer()
	for _, age := range []time.Duration{50 * time.Minute, 59 * time.Minute, -time.Minute} {
		a.FirstSendingAt = d.Now().Add(-age)
		_, err := d.sender.Send(t.Context(), a)
		var f *delivery.Failure
		if !errors.As(err, &f) || f.Repeatable != (age > 0 && age < 58*time.Minute) {
			t.Errorf("%s after the first call: %v", age, err)
		}
	}
}

func TestFailuresAreClassified(t *testing.T) {
	t.Parallel()
	d := setup(t)
	type want struct {
		outcome delivery.Outcome
		code    string
		wait    bool // a time to wait is named
	}
	apiError := func(code int) record.Fault { return record.Fault{Kind: record.FaultError, Code: code} }
	for _, tc := range []struct {
		fault record.Fault
		want  want
	}{
		{apiError(1), want{delivery.Uncertain, "vk.1", false}},
		{apiError(5), want{delivery.Refused, "vk.5", false}},
		{apiError(6), want{delivery.NotSent, "vk.6", true}},
		{apiError(7), want{delivery.Refused, "vk.7", false}},
		{apiError(9), want{delivery.NotSent, "vk.9", true}},
		{apiError(10), want{delivery.Uncertain, "vk.10", false}},
		{apiError(14), want{delivery.Refused, "vk.14", false}},
		{apiError(15), want{delivery.Refused, "vk.15", false}},
		{apiError(27), want{delivery.Refused, "vk.27", false}},
		{apiError(29), want{delivery.NotSent, "vk.29", true}},
		{apiError(100), want{delivery.Refused, "vk.100", false}},
		{apiError(212), want{delivery.Refused, "vk.212", false}},
		{apiError(213), want{delivery.Refused, "vk.213", false}},
		{apiError(222), want{delivery.Refused, "vk.222", false}},
		{apiError(223), want{delivery.NotSent, "vk.223", true}},
		{apiError(777), want{delivery.Refused, "vk.777", false}},
		{record.Fault{Kind: record.FaultStatus, Code: 503}, want{delivery.Uncertain, "http.503", false}},
		{record.Fault{Kind: record.FaultStatus, Code: 429, RetryAfter: 7}, want{delivery.NotSent, "http.429", true}},
		{record.Fault{Kind: record.FaultStatus, Code: 407}, want{delivery.NotSent, "http.407", false}},
		{record.Fault{Kind: record.FaultStatus, Code: 302}, want{delivery.NotSent, "http.302", false}},
		{record.Fault{Kind: record.FaultHTML}, want{delivery.Uncertain, "http.502", false}},
		{record.Fault{Kind: record.FaultEmpty}, want{delivery.Uncertain, "answer", false}},
		{record.Fault{Kind: record.FaultTruncated}, want{delivery.Uncertain, "answer", false}},
		{record.Fault{Kind: record.FaultReset}, want{delivery.Uncertain, "network", false}},
		{record.Fault{Kind: record.FaultLost}, want{delivery.Uncertain, "network", false}},
		{record.Fault{Kind: record.FaultHang, Delay: 5000}, want{delivery.Uncertain, "timeout", false}},
	} {
		tc.fault.Method = "wall.createComment"
		d.Faults().Add(tc.fault)
		_, err := d.sender.Send(t.Context(), d.answer())
		var f *delivery.Failure
		if !errors.As(err, &f) {
			t.Errorf("%+v: %v is not a failure", tc.fault, err)
			continue
		}
		if got := (want{f.Outcome, f.Code, f.RetryAfter > 0}); got != tc.want {
			t.Errorf("%+v: got %+v, want %+v", tc.fault, got, tc.want)
		}
		if f.Repeatable != (f.Outcome == delivery.Uncertain) {
			t.Errorf("%+v: repeatable is %t", tc.fault, f.Repeatable)
		}
		checkSentence(t, f.Message)
		if strings.Contains(err.Error(), vktest.CommunityToken) {
			t.Errorf("the key is in %v", err)
		}
	}
}

// checkSentence holds a message for people to its form.
func checkSentence(t *testing.T, s string) {
	t.Helper()
	if !strings.HasSuffix(s, ".") || strings.Contains(s, "%!") || strings.ContainsAny(s[:1], "abcdefghijklmnopqrstuvwxyz") {
		t.Errorf("%q is not a sentence", s)
	}
}

func TestWhatNeverLeftIsNotSent(t *testing.T) {
	t.Parallel()
	d := setup(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	_ = listener.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, send := range map[string]func() error{
		"nobody listens": func() error {
			_, err := newSender(closed, vktest.CommunityToken, time.Second, d.Now).Send(t.Context(), d.answer())
			return err
		},
		"stopped before the call": func() error {
			_, err := d.sender.Send(cancelled, d.answer())
			return err
		},
	} {
		var f *delivery.Failure
		if err := send(); !errors.As(err, &f) || f.Outcome != delivery.NotSent {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := d.Calls("wall.createComment"); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func TestWrongTargetsAreRefusedWithoutACall(t *testing.T) {
	t.Parallel()
	d := setup(t)
	for name, spoil := range map[string]func(*delivery.Delivery){
		"another network":        func(a *delivery.Delivery) { a.Thread.Network = social.Telegram },
		"a comment for a thread": func(a *delivery.Delivery) { a.Thread.ID = "r1" },
		"another community":      func(a *delivery.Delivery) { a.Thread.Owner = "-202"; a.ReplyTo = social.Ref{} },
		"a post for a comment":   func(a *delivery.Delivery) { a.ReplyTo.ID = "1" },
		"another wall's comment": func(a *delivery.Delivery) { a.ReplyTo.Owner = "-202" },
		"no text":                func(a *delivery.Delivery) { a.Text = " \n" },
		"too long a text":        func(a *delivery.Delivery) { a.Text = strings.Repeat("ж", 4097) },
	} {
		a := d.answer()
		spoil(&a)
		_, err := d.sender.Send(t.Context(), a)
		var f *delivery.Failure
		if !errors.As(err, &f) || f.Outcome != delivery.Refused {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkSentence(t, f.Message)
	}
	if n := d.Calls("wall.createComment"); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func TestDeletedComplaintIsRefused(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.Must(d.DeleteComment(vktest.OwnerID, d.complaint))
	_, err := d.sender.Send(t.Context(), d.answer())
	var f *delivery.Failure
	if !errors.As(err, &f) || f.Outcome != delivery.Refused || f.Code != "vk.100" {
		t.Errorf("got %v", err)
	}
}

func TestSuccessBehindAServerErrorIsNotBelieved(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"response":{"comment_id":5}}`))
	}))
	t.Cleanup(server.Close)
	d := setup(t)
	_, err := newSender(server.URL, "k", time.Second, d.Now).Send(t.Context(), d.answer())
	var f *delivery.Failure
	if !errors.As(err, &f) || f.Outcome != delivery.Uncertain {
		t.Errorf("got %v", err)
	}
}

func TestWithMention(t *testing.T) {
	t.Parallel()
	anna := social.Author{ID: "11", Name: "Анна Крылова", FirstName: "Анна"}
	for _, tc := range []struct {
		text   string
		author social.Author
		want   string
	}{
		{"Сделаем.", anna, "[id11|Анна], Сделаем."},
		{"[id11|Аня], сделаем.", anna, "[id11|Аня], сделаем."},
		{"@id11 (Анна), сделаем.", anna, "@id11 (Анна), сделаем."},
		{"[id1|Пётр], сделаем.", anna, "[id11|Анна], [id1|Пётр], сделаем."},
		{"Сделаем.", social.Author{ID: "-5", Name: "ТСЖ «Дом»"}, "[club5|ТСЖ «Дом»], Сделаем."},
		{"Сделаем.", social.Author{ID: "11", Name: "А|н[н]а"}, "[id11|Анна], Сделаем."},
		{"Сделаем.", social.Author{ID: "11"}, "Сделаем."},
		{"Сделаем.", social.Author{}, "Сделаем."},
		{"Сделаем.", social.Author{ID: "-101", Name: "Мы", Own: true}, "Сделаем."},
		{strings.Repeat("ж", 4096), anna, strings.Repeat("ж", 4096)},
	} {
		if got := netvk.WithMention(tc.text, tc.author); got != tc.want {
			t.Errorf("%.40q for %+v became %.60q", tc.text, tc.author, got)
		}
	}
}
