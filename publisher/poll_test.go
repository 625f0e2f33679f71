package publisher

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

func opened(t interface{ Fatal(...any) }, form PollForm) Poll {
	p := Poll{ID: "p", PostID: "post", Form: form, State: PollOpen}
	for _, x := range []Place{
		{PageID: "vk", Network: social.VK, RemoteID: "poll-1_7"},
		{PageID: "tg", Network: social.Telegram, Ref: social.Ref{Network: social.Telegram, Owner: "-100700", ID: "7"}},
	} {
		var added bool
		if p, added = p.Add(x, now); !added {
			t.Fatal("not added")
		}
		if _, again := p.Add(x, now); again {
			t.Fatal("added twice")
		}
	}
	return p
}

func ask() PollForm {
	return PollForm{Question: "Где скользко?", Options: []string{"Дворы", "Лестницы_*", "Остановки"}, OpenFor: time.Hour}
}

func TestPollClosesOnce(t *testing.T) {
	t.Parallel()
	p := opened(t, ask())
	if p.Due(now.Add(time.Hour-time.Second)) || !p.Due(now.Add(time.Hour)) {
		t.Fatal(p.ClosesAt)
	}
	if _, _, err := p.Close(head, now); errs.CodeOf(err) != errs.Forbidden {
		t.Fatal(err)
	}
	p, open, err := p.Close(rights.System(), now)
	if err != nil || len(open) != 2 || p.State != PollClosing || p.Due(now.Add(time.Hour)) {
		t.Fatal(open, p.State)
	}
	for range 2 {
		if again, open, err := p.Close(writer, now); err != nil || len(open) != 0 || again.Version != p.Version {
			t.Fatal("closing twice does something")
		}
		p = p.PlaceClosed("vk", now)
	}
	p = p.PlaceStuck("tg", "нет прав", now)
	if p.State != PollClosing || p.Places[1].Trouble == "" {
		t.Fatalf("%+v", p)
	}
	if p = p.PlaceClosed("tg", now); p.State != PollClosed || p.ClosedAt != now || p.Places[1].Trouble != "" {
		t.Fatalf("%+v", p)
	}
}

// What comes out after the poll is over has to be closed too, and what nobody
// knows the place of is closed once it is known.
func TestALatePageOfAClosedPoll(t *testing.T) {
	t.Parallel()
	for _, closed := range []bool{false, true} {
		p := Poll{ID: "p", Form: ask(), State: PollOpen}
		p, _ = p.Add(Place{PageID: "vk", Network: social.VK, RemoteID: "poll-1_7"}, now)
		p, _, _ = p.Close(writer, now)
		if closed {
			p = p.PlaceClosed("vk", now)
		}
		p, added := p.Add(Place{PageID: "tg", Network: social.Telegram}, later)
		if _, ok := p.ToClose("tg"); !added || ok || p.State != PollClosing || !p.ClosedAt.IsZero() {
			t.Fatalf("closed %v: %+v", closed, p)
		}
		p, added = p.Add(Place{PageID: "tg", Network: social.Telegram, Ref: social.Ref{Network: social.Telegram, Owner: "-100700", ID: "7"}}, later)
		if x, ok := p.ToClose("tg"); !added || !ok || x.Ref.ID != "7" || len(p.Places) != 2 {
			t.Fatalf("closed %v: %+v", closed, p)
		}
		if p = p.PlaceClosed("vk", later).PlaceClosed("tg", later); p.State != PollClosed {
			t.Fatalf("%+v", p)
		}
	}
	p, _ := Poll{Form: ask(), State: PollOpen}.Add(Place{PageID: "tg", Network: social.Telegram}, now)
	if p, open, _ := p.Close(writer, now); len(open) != 0 || p.Places[0].Trouble == "" || p.State != PollClosing {
		t.Fatalf("%+v", p)
	}
}

func TestJointResult(t *testing.T) {
	t.Parallel()
	p := opened(t, ask())
	j := Join(p, []Snapshot{
		{PageID: "vk", At: now.Add(-time.Minute), Voters: 1, Votes: []int{1, 0, 0}},
		{PageID: "vk", At: now, Voters: 60, Votes: []int{10, 50, 0}},
		{PageID: "tg", At: now.Add(time.Minute), Voters: 20, Votes: []int{10, 9, 1}},
	})
	if j.Voters != 80 || j.Votes != 80 || j.Rows[1].Total != 59 || j.Rows[0].Share != 25 || !j.At.Equal(now) || !strings.Contains(j.Note, "голоса, а не люди") {
		t.Fatalf("%+v", j)
	}
	text := ResultPost(DefaultResult, j).Text
	plain, _ := Render(social.Telegram, Content{Text: text})[0].Text, 0
	for _, want := range []string{"Итоги опроса\nГде скользко?\n\nЛестницы_* — 73,8\u00a0% (59\u00a0голосов)\nДворы — 25\u00a0% (20\u00a0голосов)\nОстановки — 1,2\u00a0% (1\u00a0голос)", "Всего 80\u00a0голосов."} {
		if !strings.Contains(plain, want) {
			t.Errorf("%q lacks %q", plain, want)
		}
	}
	form := ask()
	form.Multiple = true
	j = Join(opened(t, form), []Snapshot{{PageID: "vk", At: now, Voters: 10, Votes: []int{10, 5, 0}}})
	if j.Rows[0].Share != 100 || j.Rows[1].Share != 50 || !strings.Contains(j.Note, "несколько ответов") || !strings.Contains(j.Note, "Не все страницы") {
		t.Fatalf("%+v", j)
	}
	if j = Join(p, nil); j.Votes != 0 || j.Rows[0].Share != 0 {
		t.Fatalf("%+v", j)
	}
}

func TestTotalsAreTheNetworks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := opened(t, ask())
		sum := 0
		var list []Snapshot
		for _, page := range []string{"vk", "tg"} {
			votes := rapid.SliceOfN(rapid.IntRange(0, 1000), 3, 3).Draw(t, page)
			voters := votes[0] + votes[1] + votes[2]
			sum += voters
			list = append(list, Snapshot{PageID: page, At: now, Voters: voters, Votes: votes})
		}
		j, share := Join(p, list), 0.0
		for _, r := range j.Rows {
			share += r.Share
			if r.Total != r.Votes[0]+r.Votes[1] {
				t.Fatalf("%+v", r)
			}
		}
		if j.Votes != sum || j.Voters != sum || sum > 0 && (share < 99.99 || share > 100.01) {
			t.Fatalf("%+v, %f", j, share)
		}
	})
}

func TestVotes(t *testing.T) {
	t.Parallel()
	p := opened(t, ask())
	several := p
	several.Form.Multiple = true
	for name, x := range map[string]struct {
		poll Poll
		vote Vote
		code errs.Code
	}{
		"one":       {p, Vote{Voter: "vk:1", Options: []int{2}, At: now}, ""},
		"several":   {several, Vote{Voter: "vk:1", Options: []int{2, 0}, At: now}, ""},
		"too many":  {p, Vote{Voter: "vk:1", Options: []int{2, 0}, At: now}, errs.Invalid},
		"none":      {p, Vote{Voter: "vk:1", At: now}, errs.Invalid},
		"no such":   {p, Vote{Voter: "vk:1", Options: []int{3}, At: now}, errs.Invalid},
		"twice one": {several, Vote{Voter: "vk:1", Options: []int{1, 1}, At: now}, errs.Invalid},
		"nobody":    {p, Vote{Options: []int{1}, At: now}, errs.Invalid},
		"too late":  {p, Vote{Voter: "vk:1", Options: []int{1}, At: now.Add(time.Hour)}, errs.Conflict},
	} {
		if err := x.vote.Check(x.poll); errs.CodeOf(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
