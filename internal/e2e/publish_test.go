package e2e

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/demo"
	"otklik/internal/media"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
	"otklik/publisher"
)

// newsroom is the built program on a city, and people who write and approve.
type newsroom struct {
	t       *testing.T
	world   *demo.World
	base    string // of the simulators
	program *program
	store   *store.Store
	desk    *publisher.Desk
	vk, tg  string
	image   publisher.Media
}

func (n *newsroom) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func pressOfficer() rights.Actor {
	return rights.Actor{ID: "p", Name: "Пресс-служба", Roles: []rights.Role{rights.PressOfficer}}
}

func headOfPress() rights.Actor {
	return rights.Actor{ID: "h", Name: "Руководитель", Roles: []rights.Role{rights.Head}}
}

func newNewsroom(t *testing.T, dsn string) *newsroom {
	t.Helper()
	w, base := city(t, false)
	n := &newsroom{t: t, world: w, base: base, program: install(t, w, base, dsn)}
	n.program.start()
	n.program.ready()
	n.open()
	ctx := t.Context()
	list, err := n.store.Sources(ctx, time.Now())
	n.must(err)
	admin := rights.Actor{ID: "a", Name: "Администратор", Roles: []rights.Role{rights.Administrator}}
	for _, s := range list {
		n.must(n.store.SavePage(ctx, admin, publisher.Page{ID: s.ID, Category: publisher.Active}, time.Now()))
		if s.Network == social.VK {
			n.vk = s.ID
		} else {
			n.tg = s.ID
		}
	}
	raw, err := os.ReadFile(drawing(t))
	n.must(err)
	picture, err := media.Redraw(raw)
	n.must(err)
	up, err := n.store.KeepUpload(ctx, pressOfficer(), "двор.png", picture, time.Now())
	n.must(err)
	n.image = publisher.Media{Kind: publisher.Photo, Hash: up.Hash, Alt: "Двор после уборки", Width: up.Width, Height: up.Height, Size: up.Size}
	return n
}

// open looks at the program's base from beside.
func (n *newsroom) open() {
	n.t.Helper()
	s, err := store.OpenBeside(n.t.Context(), n.program.dsn)
	n.must(err)
	n.t.Cleanup(func() { _ = s.Close() })
	n.store, n.desk = s, publisher.NewDesk(s, s, time.Now)
}

func (n *newsroom) scheduled(at time.Time, c publisher.Content) publisher.Post {
	n.t.Helper()
	return n.scheduledOn(at, c, n.vk, n.tg)
}

func (n *newsroom) scheduledOn(at time.Time, c publisher.Content, pages ...string) publisher.Post {
	n.t.Helper()
	ctx := n.t.Context()
	p, err := n.desk.New(ctx, pressOfficer(), publisher.Write{Content: c, PageIDs: pages}, publisher.Plan{At: at})
	n.must(err)
	p, err = n.desk.Do(ctx, pressOfficer(), p.ID, p.Version, publisher.Submit{})
	n.must(err)
	p, err = n.desk.Do(ctx, headOfPress(), p.ID, p.Version, publisher.Approve{Hash: p.Hash()})
	n.must(err)
	return p
}

func (n *newsroom) await(id string, what string, holds func(publisher.Post) bool) publisher.Post {
	n.t.Helper()
	var p publisher.Post
	await(n.t, what, func() (bool, string) {
		var err error
		p, err = n.store.Post(n.t.Context(), id)
		return err == nil && holds(p), fmt.Sprintf("%s %+v %v", p.State, p.Targets, err)
	})
	return p
}

func (n *newsroom) published(id string) publisher.Post {
	n.t.Helper()
	return n.await(id, "the post to be published", func(p publisher.Post) bool { return p.State == publisher.Published })
}

// standing counts where a text stands, in VK and in Telegram.
func (n *newsroom) standing(text string) (vk, tg int) {
	for _, p := range n.world.Published() {
		if p.Text != text {
			continue
		}
		if p.Network == social.VK {
			vk++
		} else {
			tg++
		}
	}
	return vk, tg
}

// TestAPostLivesAndDies: a post with a photo and a poll appears on both pages at
// its time, is edited, pinned, its poll closed, and is taken down.
func TestAPostLivesAndDies(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, "")
	ctx := t.Context()
	c := publisher.Content{
		Text: "Сквер открыт после ремонта.", Media: []publisher.Media{n.image},
		Poll: &publisher.PollForm{Question: "Как вам сквер?", Options: []string{"Нравится", "Не нравится"}},
	}
	p := n.published(n.scheduled(time.Now().Add(2*time.Second), c).ID)
	if vk, tg := n.standing(c.Text); vk != 1 || tg != 1 {
		t.Fatalf("it stands %d times in VK and %d times in Telegram", vk, tg)
	}
	for _, x := range n.world.Published() {
		if x.Text == c.Text && (x.Photos != 1 || x.Network == social.VK && x.Polls != 1) {
			t.Errorf("it stands as %+v", x)
		}
	}
	changed := c
	changed.Text = "Сквер открыт после ремонта, фонтан заработает в мае."
	do := func(by rights.Actor, cmd publisher.Command) {
		t.Helper()
		var err error
		p, err = n.desk.Do(ctx, by, p.ID, 0, cmd)
		n.must(err)
	}
	do(pressOfficer(), publisher.Amend{Content: changed})
	do(headOfPress(), publisher.ApproveAmend{Hash: p.Amendment.Hash(p)})
	await(t, "the edit", func() (bool, string) {
		vk, tg := n.standing(changed.Text)
		return vk == 1 && tg == 1, fmt.Sprintf("%d %d %+v", vk, tg, n.world.Published())
	})
	for _, x := range n.world.Published() {
		if x.Text == changed.Text && (x.Photos != 1 || x.Network == social.VK && x.Polls != 1) {
			t.Errorf("the edit cost something: %+v", x)
		}
	}
	for _, id := range []string{n.vk, n.tg} {
		do(pressOfficer(), publisher.Pin{PageID: id, On: true})
	}
	n.await(p.ID, "the pins", func(p publisher.Post) bool {
		return !slices.ContainsFunc(p.Targets, func(t publisher.Target) bool { return !t.Pinned })
	})
	polls, err := n.store.Polls(ctx, 10, 0)
	n.must(err)
	if len(polls) != 1 {
		t.Fatalf("%d polls", len(polls))
	}
	for range 2 {
		_, err = n.store.ClosePoll(ctx, pressOfficer(), polls[0].ID, time.Now())
		n.must(err)
	}
	await(t, "the poll to be closed", func() (bool, string) {
		x, err := n.store.Poll(ctx, polls[0].ID)
		return err == nil && x.State == publisher.PollClosed, fmt.Sprintf("%+v %v", x, err)
	})
	for _, id := range []string{n.vk, n.tg} {
		do(pressOfficer(), publisher.Remove{PageID: id, Reason: "Ошибка в названии."})
	}
	n.await(p.ID, "the removals", func(p publisher.Post) bool {
		return !slices.ContainsFunc(p.Targets, func(t publisher.Target) bool { return t.State != publisher.Taken })
	})
	if vk, tg := n.standing(changed.Text); vk+tg != 0 {
		t.Errorf("it still stands %d times in VK and %d times in Telegram", vk, tg)
	}
}

// TestAStopHoldsWhatIsDue: what falls due during an emergency stop leaves when
// the stop ends, but for what is too late, about which a person is asked.
func TestAStopHoldsWhatIsDue(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, "")
	ctx := t.Context()
	pages, err := n.store.Pages(ctx)
	n.must(err)
	halt, err := publisher.NewHalt([]string{n.tg}, "Проверяем канал", pressOfficer(), publisher.Facts{Now: time.Now(), Pages: pages})
	n.must(err)
	n.must(n.store.AddHalt(ctx, halt, time.Now()))
	held := publisher.Content{Text: "Завтра в городе ярмарка."}
	p := n.scheduled(time.Now().Add(time.Second), held)
	n.await(p.ID, "VK to have it", func(p publisher.Post) bool { t, _ := p.Target(n.vk); return t.State == publisher.Out })
	if tg, _ := n.post(p.ID).Target(n.tg); tg.State != publisher.Waiting {
		t.Fatalf("the stopped page: %+v", tg)
	}
	n.resume()
	n.published(p.ID)
	if vk, tg := n.standing(held.Text); vk != 1 || tg != 1 {
		t.Errorf("it stands %d times in VK and %d times in Telegram", vk, tg)
	}
	// The program was off while another one was due.
	n.program.kill()
	late := n.scheduled(time.Now(), publisher.Content{Text: "Сегодня в городе ярмарка."})
	n.backdate(late.ID, time.Hour)
	n.program.start()
	n.await(late.ID, "a person to be asked", func(p publisher.Post) bool { return p.State == publisher.Check && p.Question != "" })
	if vk, tg := n.standing("Сегодня в городе ярмарка."); vk+tg != 0 {
		t.Error("it left an hour too late")
	}
}

func (n *newsroom) post(id string) publisher.Post {
	n.t.Helper()
	p, err := n.store.Post(n.t.Context(), id)
	n.must(err)
	return p
}

// resume ends all stops, as a press officer does.
func (n *newsroom) resume() {
	n.t.Helper()
	list, err := n.store.Halts(n.t.Context())
	n.must(err)
	for _, h := range list {
		n.must(n.store.EndHalt(n.t.Context(), h.ID, time.Now(), func(h publisher.Halt) (publisher.Halt, error) { return h.End(pressOfficer(), time.Now()) }))
	}
}

// backdate lets a post have been due for a while.
func (n *newsroom) backdate(id string, by time.Duration) {
	n.t.Helper()
	_, err := n.store.ChangePost(n.t.Context(), id, 0, time.Now(), func(p publisher.Post) (publisher.Decision, error) {
		p.At = p.At.Add(-by)
		p.Version++
		return publisher.Decision{Post: p}, nil
	})
	n.must(err)
}

// TestARestoredBaseHoldsEverything: an old copy of the base is put back, in
// which a post that has left is still planned. Nothing leaves before a person
// has looked.
func TestARestoredBaseHoldsEverything(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, "")
	text := "Набережная открыта для прогулок."
	p := n.scheduled(time.Now().Add(3*time.Second), publisher.Content{Text: text})
	copied := filepath.Join(t.TempDir(), "copy.db")
	n.program.kill()
	n.must(n.store.Close())
	n.copy(n.program.dsn, copied)
	n.program.start()
	n.program.ready()
	n.open()
	n.published(p.ID)
	n.program.kill()
	n.must(n.store.Close())
	n.copy(copied, n.program.dsn)
	n.program.start()
	n.open()
	await(t, "everything to be held", func() (bool, string) {
		list, err := n.store.Halts(t.Context())
		return err == nil && len(list) == 1 && list[0].Cause == publisher.ByRestored, fmt.Sprintf("%+v %v", list, err)
	})
	n.program.ready()
	if got := n.post(p.ID); got.State != publisher.Scheduled {
		t.Fatalf("the copy says %s", got.State)
	}
	// The clerk looks every three seconds.
	for end := time.Now().Add(7 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if vk, tg := n.standing(text); vk != 1 || tg != 1 {
			t.Fatalf("it stands %d times in VK and %d times in Telegram", vk, tg)
		}
	}
	// A person finds the post on the pages and says so; then all goes on.
	_, err := n.desk.Do(context.WithoutCancel(t.Context()), pressOfficer(), p.ID, 0, publisher.Cancel{Reason: "Уже вышел."})
	n.must(err)
	n.resume()
	next := n.scheduled(time.Now(), publisher.Content{Text: "Набережная закрывается на ночь."})
	n.published(next.ID)
	if vk, tg := n.standing(text); vk != 1 || tg != 1 {
		t.Errorf("after all it stands %d times in VK and %d times in Telegram", vk, tg)
	}
}

// TestABaseOnANewComputerHoldsEverything: the base is put back from a copy into
// a fresh folder, as after the loss of a machine.
func TestABaseOnANewComputerHoldsEverything(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, dsn string) {
		kept := dsn
		if !strings.HasPrefix(dsn, "postgres") {
			kept = ""
		}
		n := newNewsroom(t, kept)
		text := "Каток открыт для всех."
		p := n.scheduled(time.Now().Add(2*time.Second), publisher.Content{Text: text})
		n.published(p.ID)
		n.program.kill()
		n.must(n.store.Close())
		n.must(os.Remove(filepath.Join(n.program.data(), "beat")))
		n.must(os.Remove(filepath.Join(n.program.data(), "node")))
		n.program.start()
		n.open()
		await(t, "everything to be held", func() (bool, string) {
			list, err := n.store.Halts(t.Context())
			return err == nil && len(list) == 1 && list[0].Cause == publisher.ByRestored, fmt.Sprintf("%+v %v", list, err)
		})
		next := n.scheduled(time.Now(), publisher.Content{Text: "Каток закрывается на ночь."})
		n.clerkLooks()
		if vk, tg := n.standing("Каток закрывается на ночь."); vk+tg != 0 {
			t.Fatal("a post left before a person has looked")
		}
		n.resume()
		n.published(next.ID)
		n.program.kill()
		n.program.start()
		n.program.ready()
		if list, err := n.store.Halts(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("it asks again: %+v %v", list, err)
		}
	})
}

// clerkLooks waits until the clerk, who comes every three seconds, has surely
// looked at the plan: signs of life come every five.
func (n *newsroom) clerkLooks() {
	n.t.Helper()
	begin, err := n.store.Signs(n.t.Context(), "")
	n.must(err)
	await(n.t, "two signs of life", func() (bool, string) {
		now, err := n.store.Signs(n.t.Context(), "")
		return err == nil && now.Last.Seq >= begin.Last.Seq+2, fmt.Sprintf("%+v %v", now, err)
	})
}

// copy copies a base with all that lies beside it.
func (n *newsroom) copy(from, to string) {
	n.t.Helper()
	for _, end := range []string{"", "-wal", "-shm"} {
		n.must(remove(to + end))
		in, err := os.Open(from + end)
		if os.IsNotExist(err) {
			continue
		}
		n.must(err)
		out, err := os.Create(to + end)
		n.must(err)
		_, err = io.Copy(out, in)
		n.must(err)
		n.must(in.Close())
		n.must(out.Close())
	}
}

func remove(path string) error {
	err := os.Remove(path)
	if os.IsNotExist(err) || err != nil && strings.Contains(err.Error(), "no such file") {
		return nil
	}
	return err
}
