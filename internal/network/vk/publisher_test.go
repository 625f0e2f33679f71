package vk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"slices"
	"strconv"
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

// bureau is a network and a publisher with all three keys.
type bureau struct {
	*vktest.Network
	*netvk.Publisher
}

func newBureau(t *testing.T, change func(*netvk.PublisherOptions)) bureau {
	t.Helper()
	n := vktest.Start(t, vk.Options{})
	o := netvk.PublisherOptions{
		GroupID: vktest.GroupID, Now: n.Now,
		Community: keyOf(n, netvk.CommunityKey, nil), Service: keyOf(n, netvk.ServiceKey, nil), Admin: keyOf(n, netvk.UserKey, nil),
	}
	if change != nil {
		change(&o)
	}
	return bureau{n, netvk.NewPublisher(o)}
}

// free does not pace: the simulator's limits are off.
type free struct{}

func (free) Wait(ctx context.Context) error { return ctx.Err() }

func keyOf(n *vktest.Network, kind netvk.KeyKind, transport http.RoundTripper) *netvk.Client {
	token := map[netvk.KeyKind]string{
		netvk.CommunityKey: vktest.CommunityToken, netvk.ServiceKey: vktest.ServiceToken, netvk.UserKey: vktest.AdminToken,
	}[kind]
	if transport == nil {
		transport = &http.Transport{DisableKeepAlives: true}
	}
	return netvk.NewClient(netvk.Config{Kind: kind, Token: token, BaseURL: n.URL, Limiter: free{}, Timeout: time.Second, Transport: transport})
}

// picture is a photo of some size in bytes.
func picture(t *testing.T, side int) delivery.Medium {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = byte(i * i >> 3)
	}
	img.Set(0, 0, color.Black)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return delivery.Medium{
		Kind: delivery.Photo, Name: "Двор «до».jpg", Type: "image/jpeg", Size: int64(b.Len()),
		Data: bytes.NewReader(b.Bytes()), Alt: "Двор после уборки",
	}
}

func document() delivery.Medium {
	const text = "График уборки"
	return delivery.Medium{Kind: delivery.File, Name: "график.txt", Type: "text/plain", Size: int64(len(text)), Data: strings.NewReader(text)}
}

func (b bureau) must(t *testing.T, name string, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// wall are the posts that the publisher made, with what is attached.
func (b bureau) wall() []vk.Post {
	var out []vk.Post
	state, _ := b.Wall(vktest.OwnerID)
	for _, t := range state.Threads {
		p := t.Post
		if p.ID != b.Post && !p.Deleted {
			out = append(out, p)
		}
	}
	return out
}

func failureOf(t *testing.T, err error) *delivery.Failure {
	t.Helper()
	var f *delivery.Failure
	if !errors.As(err, &f) {
		t.Fatalf("not a failure: %v", err)
	}
	checkSentence(t, f.Message)
	for _, token := range []string{vktest.CommunityToken, vktest.ServiceToken, vktest.AdminToken} {
		if strings.Contains(err.Error(), token) {
			t.Errorf("the key is in %v", err)
		}
	}
	return f
}

func publication(text string, media ...delivery.Medium) delivery.Publication {
	return delivery.Publication{ID: "01890000-0000-7000-8000-00000000000a", Network: social.VK, Text: text, Media: media}
}

func TestAPostWithEverythingAttached(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	first, second, doc := picture(t, 60), picture(t, 80), document()
	video := b.AddVideo(vktest.OwnerID, "Уборка")
	media := []delivery.Medium{first, second, doc, {Kind: delivery.Link, URL: "https://vk.com/" + video + "?list=1"}, {Kind: delivery.Link, URL: "https://rechnoy.example/uborka"}}
	for i := range media {
		name, err := b.Upload(t.Context(), media[i])
		media[i].Uploaded = b.must(t, name, err)
	}
	poll, err := b.CreatePoll(t.Context(), delivery.Poll{Question: "Чисто?", Answers: []string{"Да", "Нет"}, Anonymous: true})
	b.must(t, poll, err)
	pub := publication("Двор убран", media...)
	pub.Poll, pub.NoComments = &delivery.Poll{Created: poll}, true
	got, err := b.Publish(t.Context(), pub)
	if err != nil {
		t.Fatal(err)
	}
	wall := b.wall()
	if len(wall) != 1 || wall[0].FromID != vktest.OwnerID || wall[0].Text != "Двор убран" || len(wall[0].Attachments) != 5 || len(wall[0].Polls) != 1 {
		t.Fatalf("the wall holds %+v", wall)
	}
	if want := netvk.PostRef(vktest.OwnerID, wall[0].ID); len(got.Refs) != 1 || got.Refs[0] != want || got.Permalink != "https://vk.com/wall-101_"+want.ID || got.Poll != poll || got.Uploaded[0] != media[0].Uploaded {
		t.Errorf("the receipt is %+v", got)
	}
	if !wall[0].Closed {
		t.Error("the comments are open")
	}
	for i, part := range []string{"Двор после уборки", "Двор после уборки", "график.txt", "Уборка", "rechnoy.example"} {
		if !strings.Contains(string(wall[0].Attachments[i]), part) {
			t.Errorf("attachment %d is %s", i, wall[0].Attachments[i])
		}
	}
	if data, err := io.ReadAll(getBody(t, b.URL+"/vkfile/"+media[0].Uploaded)); err != nil || int64(len(data)) != first.Size {
		t.Errorf("the photo has %d bytes of %d, %v", len(data), first.Size, err)
	}
}

func getBody(t *testing.T, address string) io.Reader {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp.Body
}

// What every kind of key can do is known before the network is asked, and the
// network agrees.
func TestTheTableOfKeysIsTheNetworks(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	n.Unchecked()
	kinds := []netvk.KeyKind{netvk.CommunityKey, netvk.ServiceKey, netvk.UserKey}
	for _, a := range netvk.Actions() {
		for _, kind := range kinds {
			admitted := slices.Contains(netvk.Needs(a), kind)
			if (netvk.Missing(a, kind) == "") != admitted {
				t.Errorf("%s with %s: needs %v, missing %q", a, kind, netvk.Needs(a), netvk.Missing(a, kind))
			}
			// A key that the network would admit may still not be used: what it
			// really lets a community attach, and whom it lets answer, is not known.
			if stricter := a == netvk.PostMedia && kind == netvk.CommunityKey || a == netvk.AnswerComment && kind == netvk.UserKey; stricter {
				continue
			}
			for _, method := range netvk.Methods(a) {
				err := keyOf(n, kind, nil).Call(t.Context(), method, nil, new(any))
				code := kind.Explain(err).API
				if barred := code == 27 || code == 28; barred == admitted {
					t.Errorf("%s of %s by the key %s: error %d, and the table says %t", method, a, kind, code, admitted)
				}
			}
		}
		checkSentence(t, netvk.Missing(a))
	}
	if netvk.Missing("fly", kinds...) == "" {
		t.Error("an unknown action is possible")
	}
}

func TestWithoutAKeyNothingIsCalled(t *testing.T) {
	t.Parallel()
	b := newBureau(t, func(o *netvk.PublisherOptions) { o.Admin, o.Service = nil, nil })
	ctx, ref := t.Context(), []social.Ref{netvk.PostRef(vktest.OwnerID, 1)}
	for name, call := range map[string]func() error{
		"photo": func() error { _, err := b.Upload(ctx, picture(t, 20)); return err },
		"poll": func() error {
			_, err := b.CreatePoll(ctx, delivery.Poll{Question: "?", Answers: []string{"Да"}})
			return err
		},
		"result": func() error { _, err := b.PollResult(ctx, nil, "poll-101_1"); return err },
		"close":  func() error { _, err := b.ClosePoll(ctx, nil, "poll-101_1"); return err },
		"edit":   func() error { return b.Edit(ctx, delivery.Revision{Refs: ref, Text: "я"}) },
		"delete": func() error { return b.Delete(ctx, ref) },
		"pin":    func() error { return b.Pin(ctx, ref) },
		"unpin":  func() error { return b.Unpin(ctx, ref) },
		"count":  func() error { _, err := b.Count(ctx, ref); return err },
		"reach":  func() error { _, err := b.Reach(ctx, ref); return err },
		"days":   func() error { _, err := b.Days(ctx, b.Now(), b.Now()); return err },
		"media": func() error {
			m := picture(t, 20)
			m.Uploaded = "photo-101_1"
			_, err := b.Publish(ctx, publication("Текст", m))
			return err
		},
	} {
		if f := failureOf(t, call()); f.Outcome != delivery.Refused || f.Code != "vk.key" || !strings.Contains(f.Message, "ключ") {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if calls := b.Log.Since(0, ""); len(calls) != 0 {
		t.Errorf("%d calls were made", len(calls))
	}
	if _, err := b.Publish(ctx, publication("Только текст")); err != nil {
		t.Errorf("a text by the community's key: %v", err)
	}
}

func TestWhatVKWouldRefuseIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	ready := delivery.Medium{Kind: delivery.Photo, Name: "я.jpg", Uploaded: "photo-101_1"}
	for name, p := range map[string]delivery.Publication{
		"empty":          publication(" \n"),
		"long":           publication(strings.Repeat("ж", social.VK.Bounds().Text+1)),
		"eleven":         publication("Текст", slices.Repeat([]delivery.Medium{ready}, 11)...),
		"not uploaded":   publication("Текст", picture(t, 20)),
		"two links":      publication("Текст", delivery.Medium{Kind: delivery.Link, URL: "https://a.example"}, delivery.Medium{Kind: delivery.Link, URL: "https://b.example"}),
		"comma":          publication("Текст", delivery.Medium{Kind: delivery.Link, URL: "https://a.example/1,2"}),
		"poll not made":  {ID: "1", Text: "Текст", Poll: &delivery.Poll{Question: "?"}},
		"poll by itself": {ID: "1", Poll: &delivery.Poll{Created: "poll-101_1"}},
	} {
		if _, err := b.Publish(t.Context(), p); failureOf(t, err).Outcome != delivery.Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	past, far := b.Now().Add(-time.Minute), b.Now().Add(time.Hour)
	for name, p := range map[string]delivery.Poll{
		"no question": {Answers: []string{"Да"}, ClosesAt: far},
		"no answers":  {Question: "?"},
		"eleven":      {Question: "?", Answers: slices.Repeat([]string{"Да"}, 11)},
		"empty one":   {Question: "?", Answers: []string{"Да", " "}},
		"long one":    {Question: "?", Answers: []string{strings.Repeat("ж", 101)}},
		"over":        {Question: "?", Answers: []string{"Да"}, ClosesAt: past},
	} {
		if _, err := b.CreatePoll(t.Context(), p); failureOf(t, err).Outcome != delivery.Refused {
			t.Errorf("poll %s: %v", name, err)
		}
	}
	for name, m := range map[string]delivery.Medium{
		"huge photo": {Kind: delivery.Photo, Size: social.VK.Bounds().PhotoSize + 1, Data: strings.NewReader("я")},
		"huge file":  {Kind: delivery.File, Size: social.VK.Bounds().FileSize + 1, Data: strings.NewReader("я")},
		"nothing":    {Kind: delivery.Photo, Name: "пусто.jpg", Data: strings.NewReader("")},
		"video":      {Kind: delivery.Video, Name: "я.mp4", Size: 5, Data: strings.NewReader("видео")},
	} {
		if _, err := b.Upload(t.Context(), m); failureOf(t, err).Outcome != delivery.Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	if calls := b.Log.Since(0, ""); len(calls) != 0 {
		t.Errorf("%d calls were made", len(calls))
	}
	b.Faults().Add(record.Fault{Method: "upload", Kind: record.FaultStatus, Code: http.StatusRequestEntityTooLarge})
	if _, err := b.Upload(t.Context(), picture(t, 20)); failureOf(t, err).Outcome != delivery.Refused {
		t.Errorf("a file that the upload server finds too large: %v", err)
	}
	lie := delivery.Medium{Kind: delivery.Photo, Name: "программа.jpg", Type: "image/jpeg", Size: 8, Data: strings.NewReader("MZ программа")}
	if _, err := b.Upload(t.Context(), lie); failureOf(t, err).Outcome != delivery.Refused {
		t.Errorf("a file that lies about its type: %v", err)
	}
}

func TestAPollIsClosedOnceAndItsResultIsFinal(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	name, err := b.CreatePoll(t.Context(), delivery.Poll{Question: "Чисто?", Answers: []string{"Да", "Нет"}, ClosesAt: b.Now().Add(time.Hour)})
	b.must(t, name, err)
	id, err := strconv.Atoi(strings.TrimPrefix(name, "poll-101_"))
	if err != nil {
		t.Fatal(err)
	}
	made, _ := b.Poll(vktest.OwnerID, id)
	vote := func(user, answer int) error { return b.Vote(vktest.OwnerID, id, user, []int{made.Answers[answer].ID}) }
	b.Must(errors.Join(vote(vktest.Anna, 0), vote(vktest.Boris, 1)))
	if r, err := b.PollResult(t.Context(), nil, name); err != nil || r.Closed || r.Voters != 2 || r.Answers[0] != (social.PollAnswer{Text: "Да", Votes: 1}) || r.ClosesAt.IsZero() {
		t.Errorf("%+v, %v", r, err)
	}
	_, err = b.ClosePoll(t.Context(), nil, name)
	f := failureOf(t, err)
	if f.Outcome != delivery.NotSent || f.Code != "vk.poll_closing" || f.RetryAfter > 10*time.Second {
		t.Fatalf("%+v", f)
	}
	b.Must(vote(vktest.Vera, 0)) // a last one, counted
	b.Advance(time.Second)
	if _, err := b.ClosePoll(t.Context(), nil, name); failureOf(t, err).Code != "vk.poll_closing" || b.Calls("polls.edit") != 1 {
		t.Errorf("asked again too early: %v, %d edits", err, b.Calls("polls.edit"))
	}
	b.Advance(f.RetryAfter)
	for range 2 {
		r, err := b.ClosePoll(t.Context(), nil, name)
		if err != nil || !r.Closed || r.Voters != 3 || r.Answers[0].Votes != 2 || r.Poll != name {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if err := vote(vktest.Anna, 0); err == nil || b.Calls("polls.edit") != 1 {
		t.Errorf("the poll is still open, or was edited again: %d", b.Calls("polls.edit"))
	}
	for _, wrong := range []string{"", "poll-202_1", "photo-101_1"} {
		if _, err := b.PollResult(t.Context(), nil, wrong); failureOf(t, err).Outcome != delivery.Refused {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestNumbersAreTheNetworks(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	var refs []social.Ref
	for i := range 120 {
		id := b.MustPost(vk.NewPost{Text: fmt.Sprint("Новость ", i), Views: 1000 + i})
		refs = append(refs, netvk.PostRef(vktest.OwnerID, id))
	}
	gone := b.MustPost(vk.NewPost{Text: "Удалённая"})
	b.Must(b.DeletePost(vktest.OwnerID, gone))
	b.MustComment(vk.NewComment{PostID: 121, Text: "Спасибо"})
	b.Must(errors.Join(b.Join(vktest.GroupID, vktest.Anna), b.Join(vktest.GroupID, vktest.Boris)))
	counts, err := b.Count(t.Context(), append(refs, netvk.PostRef(vktest.OwnerID, gone)))
	if err != nil || len(counts) != 120 || counts[119] != (social.PostNumbers{Ref: refs[119], Views: 1119, Comments: 1}) || b.Calls("wall.getById") != 2 {
		t.Errorf("%d counts, %+v, %v", len(counts), counts[len(counts)-1], err)
	}
	reach, err := b.Reach(t.Context(), refs[:40])
	if err != nil || len(reach) != 40 || reach[39].Total != 1039*4/5 || b.Calls("stats.getPostReach") != 2 {
		t.Errorf("%d reaches, %v", len(reach), err)
	}
	days, err := b.Days(t.Context(), b.Now().Add(-48*time.Hour), b.Now().Add(time.Second))
	if err != nil || len(days) < 2 || days[0].Views == 0 || days[0].Comments != 1 || days[0].Subscribed != 2 {
		t.Errorf("%+v, %v", days, err)
	}
	if n, err := b.Members(t.Context()); err != nil || n != 2 {
		t.Errorf("%d members, %v", n, err)
	}
}

func TestDeletingWhatIsGoneIsDone(t *testing.T) {
	t.Parallel()
	b := newBureau(t, nil)
	got, err := b.Publish(t.Context(), publication("Текст"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.Delete(t.Context(), got.Refs); err != nil {
			t.Error(err)
		}
	}
	if f := failureOf(t, b.Edit(t.Context(), delivery.Revision{Refs: got.Refs, Text: "Ещё"})); f.Outcome != delivery.Refused {
		t.Errorf("%+v", f)
	}
	if f := failureOf(t, b.Pin(t.Context(), got.Refs)); f.Outcome != delivery.Refused {
		t.Errorf("%+v", f)
	}
	citizens := b.MustPost(vk.NewPost{FromID: vktest.Anna, Text: "Предложенное"})
	b.Faults().Add(record.Fault{Method: "wall.delete", Kind: record.FaultError, Code: 210})
	if f := failureOf(t, b.Delete(t.Context(), []social.Ref{netvk.PostRef(vktest.OwnerID, citizens)})); f.Code != "vk.210" {
		t.Errorf("what stands and may not be deleted: %+v", f)
	}
	for _, refs := range [][]social.Ref{nil, {netvk.PostRef(-202, 1)}, {netvk.CommentRef(vktest.OwnerID, 1)}} {
		if f := failureOf(t, b.Delete(t.Context(), refs)); f.Code != "vk.ref" {
			t.Errorf("%v: %+v", refs, f)
		}
	}
}
