package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strconv"
	"sync"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/internal/delivery"
	"otklik/internal/demo"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

// kills is how often the program is killed; the variable of the environment sets
// more than the few of an ordinary run.
func kills(t *testing.T, variable string) int {
	s := os.Getenv(variable)
	if s == "" {
		return 4
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// TestKilledAtRandomMoments kills the program while citizens write and people
// answer, and starts it again on the same data: nothing is lost, no case and no
// answer is there twice.
func TestKilledAtRandomMoments(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		w, base := city(t, false)
		p := install(t, w, base, dsn)
		p.start()
		p.ready()
		s, err := store.OpenBeside(t.Context(), p.dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		k := &killing{t: t, world: w, program: p, store: s, desk: incidents.NewDesk(s, time.Now), said: map[social.Ref]bool{}}
		k.run(kills(t, "OTKLIK_KILLS"))
		k.check()
	})
}

type killing struct {
	t       *testing.T
	world   *demo.World
	program *program
	store   *store.Store
	desk    *incidents.Desk
	said    map[social.Ref]bool
	// appeared and again count what a person had to decide.
	appeared, again int
}

// run lets citizens and staff work while the program dies and rises.
func (k *killing) run(times int) {
	ctx, stop := context.WithCancel(k.t.Context())
	var busy sync.WaitGroup
	busy.Go(func() { k.citizens(ctx) })
	busy.Go(func() { k.staff(ctx) })
	for range times {
		time.Sleep(time.Duration(100+rand.IntN(1400)) * time.Millisecond)
		k.program.kill()
		k.program.start()
	}
	stop()
	busy.Wait()
	k.program.ready()
}

func (k *killing) citizens(ctx context.Context) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		network := social.VK
		if n%3 == 2 {
			network = social.Telegram
		}
		text := fmt.Sprintf("Сегодня хорошая погода, запись %d", n)
		if n%4 == 0 {
			text = fmt.Sprintf("На улице Лесной, %d не вывозят мусор третью неделю, контейнеры переполнены, примите меры!", n)
		}
		ref, err := k.world.Say(network, text, n)
		if err != nil {
			k.t.Errorf("say %d: %v", n, err)
			return
		}
		k.said[ref] = true
	}
}

// staff carries every case that appears to an approved answer.
func (k *killing) staff(ctx context.Context) {
	for ctx.Err() == nil {
		page, err := k.store.Inbox(ctx, incidents.Filter{By: rights.System(), Stages: []incidents.Stage{incidents.Moderation}, Limit: 50, Now: time.Now(), TodayEnds: time.Now()})
		if err != nil && ctx.Err() == nil {
			k.t.Errorf("inbox: %v", err)
			return
		}
		for _, row := range page.Rows {
			if err := k.answer(ctx, row); err != nil && ctx.Err() == nil {
				k.t.Errorf("case %d: %v", row.Number, err)
				return
			}
		}
		time.Sleep(30 * time.Millisecond)
	}
}

func (k *killing) answer(ctx context.Context, row incidents.Row) error {
	coordinator := rights.Actor{ID: "c", Name: "Координатор", Roles: []rights.Role{rights.Coordinator}}
	executor := rights.Actor{ID: "e", Name: "Исполнитель", Roles: []rights.Role{rights.Executor}}
	head := rights.Actor{ID: "h", Name: "Руководитель", Roles: []rights.Role{rights.Head}}
	text := fmt.Sprintf("Здравствуйте! Мусор по сообщению № %d вывезут сегодня до 18:00.", row.Number)
	steps := []struct {
		by  rights.Actor
		cmd incidents.Command
	}{
		{coordinator, incidents.Accept{}},
		{coordinator, incidents.Assign{DepartmentID: "blago", DepartmentName: "Благоустройство", ExecutorID: "e", ExecutorName: "Исполнитель"}},
		{executor, incidents.Submit{Text: text}},
		{head, incidents.Approve{Hash: incidents.Answer{Text: text}.Hash()}},
	}
	for _, st := range steps {
		_, err := k.desk.Do(ctx, st.by, row.ID, 0, st.cmd)
		if err != nil && !errors.Is(err, context.Canceled) && errs.CodeOf(err) != errs.Conflict {
			return err
		}
	}
	return nil
}

// check waits until all work is done and compares the program's word with what
// stands in the networks.
func (k *killing) check() {
	ctx := k.t.Context()
	await(k.t, "everything to be stored and judged", func() (bool, string) {
		t, err := k.store.Tally(ctx)
		return err == nil && t.Foreign >= len(k.said) && t.Pending == 0, fmt.Sprintf("%+v of %d, %v, missing %v", t, len(k.said), err, missing(ctx, k.store, k.said))
	})
	for ref := range k.said {
		if _, found, err := k.store.Item(ctx, ref); err != nil || !found {
			k.t.Fatalf("%s was written and is not stored (%v)", ref, err)
		}
	}
	tally, err := k.store.Tally(ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	if tally.Foreign != len(k.said) {
		k.t.Errorf("%d citizens' items are stored, %d were written", tally.Foreign, len(k.said))
	}
	await(k.t, "the ledger to come to rest", func() (bool, string) {
		p, err := k.store.Entries(ctx, delivery.EntryFilter{Tab: delivery.TabWaiting, Limit: 1})
		return err == nil && p.Total == 0, fmt.Sprintf("%d wait, first %+v, %v", p.Total, p.Entries, err)
	})
	k.settleUncertain(ctx)
	k.checkCases(ctx)
}

// settleUncertain does what the press officer does: looks into the thread and
// says whether the answer is there.
func (k *killing) settleUncertain(ctx context.Context) {
	press := rights.Actor{ID: "p", Name: "Пресс-служба", Roles: []rights.Role{rights.PressOfficer}}
	p, err := k.store.Entries(ctx, delivery.EntryFilter{Tab: delivery.TabUnknown, Limit: 200})
	if err != nil {
		k.t.Fatal(err)
	}
	answered := k.world.Answered()
	for _, e := range p.Entries {
		what := delivery.SendAgain
		if answered[e.ReplyTo] > 0 {
			what = delivery.Appeared
			k.appeared++
		} else {
			k.again++
		}
		if err := k.store.Resolve(ctx, press, e.ID, what, time.Now()); err != nil {
			k.t.Errorf("resolve %s: %v", e.ID, err)
		}
	}
	await(k.t, "what was sent again to arrive", func() (bool, string) {
		p, err := k.store.Entries(ctx, delivery.EntryFilter{Tab: delivery.TabWaiting, Limit: 1})
		return err == nil && p.Total == 0, fmt.Sprintf("%d wait, %v", p.Total, err)
	})
}

// missing names what was written and is not stored.
func missing(ctx context.Context, s *store.Store, said map[social.Ref]bool) []string {
	var out []string
	for ref := range said {
		if _, found, err := s.Item(ctx, ref); err == nil && !found {
			out = append(out, ref.String())
		}
	}
	sort.Strings(out)
	return out
}

func (k *killing) checkCases(ctx context.Context) {
	answered := k.world.Answered()
	for ref, n := range answered {
		if n > 1 {
			k.t.Errorf("%s is answered %d times", ref, n)
		}
	}
	seen := map[social.Ref]int64{}
	var done int
	for offset := 0; ; offset += 200 {
		page, err := k.store.Inbox(ctx, incidents.Filter{By: rights.System(), Closed: true, Sort: incidents.Newest, Limit: 200, Offset: offset, Now: time.Now(), TodayEnds: time.Now()})
		if err != nil {
			k.t.Fatal(err)
		}
		for _, row := range page.Rows {
			if other, ok := seen[row.Ref]; ok {
				k.t.Errorf("%s has two cases: %d and %d", row.Ref, other, row.Number)
			}
			seen[row.Ref] = row.Number
			switch row.Stage {
			case incidents.Done:
				done++
				if answered[row.Ref] != 1 {
					k.t.Errorf("case %d is done and its message has %d answers", row.Number, answered[row.Ref])
				}
			case incidents.Publication:
				k.t.Errorf("case %d is still being published", row.Number)
			}
		}
		if len(page.Rows) < 200 {
			break
		}
	}
	k.t.Logf("written %d, cases %d, answered %d; a person was asked about %d answers that were there and %d that were not",
		len(k.said), len(seen), done, k.appeared, k.again)
	if done == 0 {
		k.t.Error("no answer was confirmed: the test has proved nothing about answers")
	}
}
