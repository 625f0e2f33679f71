package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/internal/errs"
	"otklik/internal/social"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// plan is a bundle with a register of two pages.
type plan struct {
	*bundle
	vk, tg string
}

// posForm is a link of the ПОС as it gives them.
const posForm = "https://pos.gosuslugi.ru/form/?opaId=1&utm_source=vk&utm_medium=40&utm_campaign=1024000000001"

// pages is the register with all keys at hand.
func (p *plan) pages() []publisher.Page {
	p.t.Helper()
	list, err := p.s.Pages(p.ctx)
	p.must(err)
	return list
}

func (p *plan) facts() publisher.Facts { return publisher.Facts{Now: p.now, Pages: p.pages()} }

func planOf(b *bundle) *plan {
	b.t.Helper()
	p := &plan{bundle: b, vk: b.source}
	var err error
	p.tg, err = b.s.EnsureSource(b.ctx, collectors.SourceStatus{Network: social.Telegram, Title: "Город в Telegram", Kind: "канал"}, "-100", b.now)
	b.must(err)
	_, err = b.raw.ExecContext(b.ctx, `UPDATE sources SET settings = '{"channel_id":-100,"seen":{"id":-100,"username":"gorod","bot_id":7}}' WHERE id = $1`, p.tg)
	b.must(err)
	zone, err := time.LoadLocation("Europe/Moscow")
	b.must(err)
	for _, kind := range []string{"community", "admin", "bot"} {
		source := p.vk
		if kind == "bot" {
			source = p.tg
		}
		_, err := b.raw.ExecContext(b.ctx, `INSERT INTO source_keys (source_id, kind, sealed, master_id, fingerprint, set_by, set_name, set_us, expires_us, checked_us, abilities, trouble)
			VALUES ($1, $2, '', '', '', '', '', 0, 0, 0, '[]', '')`, source, kind)
		b.must(err)
	}
	for _, id := range []string{p.vk, p.tg} {
		b.must(b.s.SavePage(b.ctx, press, publisher.Page{ID: id, Zone: zone, Category: publisher.Active, Norm: 3, OGRN: "1024000000001", Widgets: []string{posForm}}, b.now))
	}
	return p
}

func (p *plan) begin(text string, at time.Time) publisher.Post {
	p.t.Helper()
	post, ev, err := publisher.Begin(publisher.Write{Content: publisher.Content{Text: text}, PageIDs: []string{p.vk, p.tg}, Title: "О снеге", Rubric: "ЖКХ", Tags: []string{"снег"}},
		publisher.Plan{At: at}, press, p.facts())
	p.must(err)
	post, err = p.s.CreatePost(p.ctx, post, ev, p.now)
	p.must(err)
	return post
}

func (p *plan) apply(id string, expect int, decide func(publisher.Post) (publisher.Decision, error)) (publisher.Post, error) {
	return p.s.ChangePost(p.ctx, id, expect, p.now, decide)
}

// scheduled is a post that leaves at a time.
func (p *plan) scheduled(text string, at time.Time) publisher.Post {
	p.t.Helper()
	post := p.begin(text, at)
	f := p.facts()
	for _, step := range []func(publisher.Post) (publisher.Decision, error){
		func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Submit{}, press, f)
		},
		func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Approve{Hash: x.Hash()}, head, f)
		},
	} {
		var err error
		post, err = p.apply(post.ID, post.Version, step)
		p.must(err)
	}
	return post
}

func TestPostIsStoredWhole(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		post := p.begin("Снег *убран*.", b.now.Add(time.Hour))
		if post.Number != 1 || p.begin("Второй", time.Time{}).Number != 2 {
			t.Fatal("numbers")
		}
		f := p.facts()
		rich := publisher.Content{
			Text: "Текст", Versions: map[social.Network]string{social.Telegram: "Иначе"}, Silent: true,
			Media: []publisher.Media{{Kind: publisher.Photo, Hash: "abc", Alt: "двор", Width: 10, Height: 20, Size: 30}},
			Poll:  &publisher.PollForm{Question: "Где?", Options: []string{"а", "б"}, OpenFor: time.Hour},
		}
		changed, err := p.apply(post.ID, post.Version, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Write{Content: rich, PageIDs: []string{p.vk}, Title: "Иное", Tags: []string{"вода"}}, press, f)
		})
		b.must(err)
		got, err := b.s.Post(b.ctx, post.ID)
		b.must(err)
		if got.Hash() != changed.Hash() || got.Title != "Иное" || got.Content.Poll.OpenFor != time.Hour || !got.At.Equal(post.At) || len(got.Targets) != 1 || got.Targets[0].Network != social.VK {
			t.Fatalf("%+v", got)
		}
		_, err = p.apply(post.ID, post.Version, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Cancel{}, press, f)
		})
		if errs.CodeOf(err) != errs.Conflict {
			t.Fatal("an old version was accepted", err)
		}
		_, err = p.apply(post.ID, 0, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Remark{Text: "Проверьте адрес"}, head, f)
		})
		b.must(err)
		v, err := b.s.PostView(b.ctx, post.ID)
		b.must(err)
		if len(v.Versions) != 2 || v.Versions[0].Content.Text != "Текст" || v.Versions[1].By != press.Name || len(v.History) != 3 || v.History[2].Text != "Проверьте адрес" {
			t.Fatalf("%+v", v)
		}
		if _, err := b.s.Post(b.ctx, "none"); errs.CodeOf(err) != errs.NotFound {
			t.Fatal(err)
		}
		if id, err := b.s.PostByNumber(b.ctx, 1); err != nil || id != post.ID {
			t.Fatal(id, err)
		}
		likely, err := b.s.RecentTexts(b.ctx, b.now.Add(-time.Hour), post.ID)
		b.must(err)
		if len(likely) != 1 || likely[0].Text != "Второй" {
			t.Fatalf("%+v", likely)
		}
	})
}

func TestPlanIsFiltered(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		day := 24 * time.Hour
		p.begin("Первый ёж", b.now.Add(day))
		p.begin("Второй", b.now.Add(2*day))
		p.begin("Без времени", time.Time{})
		p.scheduled("Готовый", b.now.Add(3*day))
		for name, x := range map[string]struct {
			f    publisher.Filter
			want []int64
		}{
			"all":         {publisher.Filter{}, []int64{1, 2, 4, 3}},
			"two days":    {publisher.Filter{From: b.now, To: b.now.Add(2*day + time.Hour)}, []int64{1, 2}},
			"until":       {publisher.Filter{To: b.now.Add(day + time.Hour)}, []int64{1}},
			"undated":     {publisher.Filter{Undated: true}, []int64{3}},
			"state":       {publisher.Filter{States: []publisher.State{publisher.Scheduled}}, []int64{4}},
			"text":        {publisher.Filter{Text: "ПЕРВЫЙ ЕЖ"}, []int64{1}},
			"page":        {publisher.Filter{PageIDs: []string{p.tg}, Text: "готов"}, []int64{4}},
			"no page":     {publisher.Filter{PageIDs: []string{"x"}}, nil},
			"rubric":      {publisher.Filter{Rubrics: []string{"ЖКХ"}, Limit: 500}, []int64{1, 2, 4, 3}},
			"other":       {publisher.Filter{Rubrics: []string{"Спорт"}}, nil},
			"second page": {publisher.Filter{Limit: 1, Offset: 1}, []int64{2}},
		} {
			if x.f.Limit == 0 {
				x.f.Limit = 10
			}
			list, err := b.s.Plan(b.ctx, x.f)
			b.must(err)
			var got []int64
			for _, post := range list.Posts {
				got = append(got, post.Number)
			}
			if !slices.Equal(got, x.want) || x.f.Offset == 0 && list.Total != len(x.want) {
				t.Errorf("%s: %v of %d, want %v", name, got, list.Total, x.want)
			}
		}
	})
}

func form(p *plan) publisher.SeriesForm {
	return publisher.SeriesForm{
		Write: publisher.Write{Content: publisher.Content{Text: "Сводка"}, PageIDs: []string{p.vk, p.tg}, Title: "Сводка"}, Zone: "Europe/Moscow", Active: true,
		Rule: publisher.Rule{Repeat: publisher.Weekly, Weekdays: []time.Weekday{time.Monday}, Hour: 10, OnDayOff: publisher.MoveForward},
	}
}

func TestSeriesIsUnfoldedOnceByMany(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		f := p.facts()
		series, err := b.s.ChangeSeries(b.ctx, "", 0, b.now, func(x publisher.Series) (publisher.Series, error) {
			return publisher.ChangeSeries(x, form(p), press, f)
		})
		b.must(err)
		var made atomic.Int64
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				n, err := b.s.UnfoldSeries(b.ctx, series.ID, workcal.Calendar{}, f, 28*24*time.Hour)
				if err != nil {
					t.Error(err)
				}
				made.Add(int64(n))
			})
		}
		wg.Wait()
		if n := b.count("SELECT COUNT(*) FROM posts"); made.Load() != int64(n) || n != 4 {
			t.Fatalf("%d made, %d stand", made.Load(), n)
		}
		series, err = b.s.ChangeSeries(b.ctx, series.ID, series.Version, b.now, func(x publisher.Series) (publisher.Series, error) {
			return publisher.ApproveSeries(x, x.Hash(), head, f)
		})
		b.must(err)
		n, err := b.s.UnfoldSeries(b.ctx, series.ID, workcal.Calendar{}, f, 28*24*time.Hour)
		if again, _ := b.s.UnfoldSeries(b.ctx, series.ID, workcal.Calendar{}, f, 28*24*time.Hour); err != nil || n != 4 || again != 0 {
			t.Fatal(n, again, err)
		}
		due, err := b.s.DuePosts(b.ctx, b.now.Add(40*24*time.Hour), "", 2)
		b.must(err)
		rest, err := b.s.DuePosts(b.ctx, b.now.Add(40*24*time.Hour), due[1].ID, 10)
		if err != nil || len(due) != 2 || len(rest) != 2 || !due[0].Approval.Inherits || due[0].Slot != "2026-03-09T10:00" {
			t.Fatalf("%v %+v %+v", err, due, rest)
		}
		_, err = b.s.ChangeSeries(b.ctx, series.ID, series.Version-1, b.now, func(x publisher.Series) (publisher.Series, error) { return x, nil })
		if errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		if all, err := b.s.AllSeries(b.ctx); err != nil || len(all) != 1 || all[0].Through.IsZero() || !all[0].Approved() {
			t.Fatalf("%+v %v", all, err)
		}
	})
}

func TestHaltsAndBeats(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		p.scheduled("Скоро", b.now.Add(time.Hour))
		h, err := publisher.NewHalt([]string{p.vk}, "проверка", press, p.facts())
		b.must(err)
		b.must(b.s.AddHalt(b.ctx, h, b.now))
		for range 3 {
			b.must(b.s.AddHalt(b.ctx, publisher.Halt{Cause: publisher.ByRestored, At: b.now}, b.now))
		}
		list, err := b.s.Halts(b.ctx)
		b.must(err)
		if len(list) != 2 || !slices.Equal(list[0].PageIDs, []string{p.vk}) && !slices.Equal(list[1].PageIDs, []string{p.vk}) {
			t.Fatalf("%+v", list)
		}
		for pages, want := range map[string]int{p.vk: 1, "other": 0, "": 1} {
			var ids []string
			if pages != "" {
				ids = []string{pages}
			}
			if held, err := b.s.HeldPosts(b.ctx, ids, 10); err != nil || len(held) != want {
				t.Fatalf("%q holds %d, %v", pages, len(held), err)
			}
		}
		for _, h := range list {
			b.must(b.s.EndHalt(b.ctx, h.ID, b.now, func(h publisher.Halt) (publisher.Halt, error) { return h.End(press, b.now) }))
		}
		if err := b.s.EndHalt(b.ctx, list[0].ID, b.now, func(h publisher.Halt) (publisher.Halt, error) { return h.End(press, b.now) }); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		past, err := b.s.PastHalts(b.ctx, 10)
		if list, _ := b.s.Halts(b.ctx); err != nil || len(list) != 0 || len(past) != 2 || past[0].EndedBy != press.Name {
			t.Fatalf("%+v %+v", list, past)
		}
		b.must(b.s.AddHalt(b.ctx, publisher.Halt{Cause: publisher.ByRestored, At: b.now}, b.now)) // it may come again
	})
}

func TestSignsOfLife(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		before, after, err := b.s.Beat(b.ctx, "one", b.now)
		b.must(err)
		next, second, err := b.s.Beat(b.ctx, "two", b.now.Add(time.Minute))
		if err != nil || before.Seq != 0 || !before.At.IsZero() || next != after {
			t.Fatalf("%+v %+v %+v %v", before, after, next, err)
		}
		for node, want := range map[string]publisher.Signs{
			"one":   {Last: second, Own: after, Other: second},
			"two":   {Last: second, Own: second, Other: after},
			"third": {Last: second, Other: second},
		} {
			if got, err := b.s.Signs(b.ctx, node); err != nil || got != want {
				t.Errorf("%s sees %+v, %v", node, got, err)
			}
		}
	})
}

func TestOneVoteAPerson(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		poll, err := b.s.AddPoll(b.ctx, publisher.Poll{Form: publisher.PollForm{Question: "Где?", Options: []string{"а", "б"}}, State: publisher.PollOpen, OpenedAt: b.now}, b.now)
		b.must(err)
		var wg sync.WaitGroup
		var kept, refused atomic.Int64
		for i := range 40 {
			wg.Go(func() {
				err := b.s.CastVote(b.ctx, publisher.Vote{PollID: poll.ID, Voter: fmt.Sprintf("vk:%d", i%10), Options: []int{i % 2}, At: b.now})
				switch {
				case err == nil:
					kept.Add(1)
				case errs.CodeOf(err) == errs.Conflict:
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		voters, votes, err := b.s.OwnVotes(b.ctx, poll.ID)
		if err != nil || kept.Load() != 10 || refused.Load() != 30 || voters != 10 || votes[0]+votes[1] != 10 {
			t.Fatal(err, kept.Load(), refused.Load(), voters, votes)
		}
		if err := b.s.CastVote(b.ctx, publisher.Vote{PollID: poll.ID, Voter: "vk:99", Options: []int{7}, At: b.now}); errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
	})
}

func TestSnapshots(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		poll, err := b.s.AddPoll(b.ctx, publisher.Poll{Form: publisher.PollForm{Question: "Где?", Options: []string{"а", "б"}}, State: publisher.PollOpen, OpenedAt: b.now}, b.now)
		b.must(err)
		for i := range 3 {
			x := publisher.Snapshot{PollID: poll.ID, PageID: p.vk, At: b.now.Add(time.Duration(i/2) * time.Minute), Voters: i, Votes: []int{i, 0}}
			b.must(b.s.AddSnapshot(b.ctx, x, b.now))
		}
		seen, err := b.s.Snapshots(b.ctx, poll.ID)
		b.must(err)
		if len(seen) != 2 || seen[1].Voters != 2 || seen[1].Votes[0] != 2 {
			t.Fatalf("%+v", seen)
		}
	})
}

func itemOf(id, text string, at time.Time) social.Item {
	it := post(id, text)
	it.PublishedAt = at
	return it
}

func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		list := p.pages()
		if len(list) != 2 || list[0].ID != p.vk || list[0].Owner != "-1" || list[0].Norm != 3 || list[0].Zone.String() != "Europe/Moscow" || list[0].Widgets[0] != posForm || !list[0].Can(publisher.CanPoll) {
			t.Fatalf("%+v", list)
		}
		for name, x := range map[string]struct {
			page publisher.Page
			code errs.Code
		}{
			"ОГРН":     {publisher.Page{ID: p.vk, OGRN: "12"}, errs.Invalid},
			"category": {publisher.Page{ID: p.vk, Category: "x"}, errs.Invalid},
			"norm":     {publisher.Page{ID: p.vk, Norm: -1}, errs.Invalid},
			"gap":      {publisher.Page{ID: p.vk, Gap: 90 * time.Second}, errs.Invalid},
			"unknown":  {publisher.Page{ID: "x"}, errs.NotFound},
		} {
			if err := b.s.SavePage(b.ctx, press, x.page, b.now); errs.CodeOf(err) != x.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if list[0].LeastGap() != publisher.UsualGap {
			t.Errorf("posts may come %s apart", list[0].LeastGap())
		}
		wide := list[0]
		wide.Gap = 2 * time.Hour
		b.must(b.s.SavePage(b.ctx, press, wide, b.now))
		if got := p.pages()[0].LeastGap(); got != 2*time.Hour {
			t.Errorf("posts may come %s apart", got)
		}
		_, err := b.raw.ExecContext(b.ctx, "UPDATE source_keys SET trouble = 'отозван' WHERE kind = 'admin'")
		b.must(err)
		if poor := p.pages()[0]; poor.Can(publisher.CanPoll) || !poor.Can(publisher.CanText) {
			t.Errorf("%+v", poor.Missing)
		}
		if err := b.s.SavePage(b.ctx, executor, list[0], b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Error(err)
		}
	})
}
