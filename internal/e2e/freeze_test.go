package e2e

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"otklik/internal/social"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

// TestAFrozenReaderIsFencedOff lets two programs share a PostgreSQL base. The
// one that reads is frozen past its lease, the other takes over, and the first
// wakes in the middle of what it was doing: nothing is there twice, and what it
// still wants to write is refused.
func TestAFrozenReaderIsFencedOff(t *testing.T) {
	t.Parallel()
	w, base := city(t, false)
	dsn := testdb.Postgres(t)
	first := install(t, w, base, dsn)
	first.start()
	first.ready()
	s, err := store.OpenBeside(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	said := map[social.Ref]bool{}
	say := func(from, to int) {
		for n := from; n < to; n++ {
			network := []social.Network{social.VK, social.Telegram}[n%2]
			ref, err := w.Say(network, fmt.Sprintf("На Лесной, %d не вывозят мусор, примите меры", n), n)
			if err != nil {
				t.Fatal(err)
			}
			said[ref] = true
		}
	}
	stored := func() (bool, string) {
		tally, err := s.Tally(t.Context())
		return err == nil && tally.Foreign == len(said) && tally.Pending == 0, fmt.Sprintf("%+v of %d, %v, missing %v", tally, len(said), err, missing(t.Context(), s, said))
	}
	say(0, 40)
	await(t, "the first program to store all", stored)

	second := install(t, w, base, dsn)
	second.keys = first.keys
	second.start()
	second.ready()
	if err := first.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	say(40, 120)
	await(t, "the second program to take over", stored)
	if err := first.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	say(120, 200)
	await(t, "everything to be stored once", stored)
	await(t, "the first program to notice that it was fenced off", func() (bool, string) {
		raw, err := os.ReadFile(first.log.Name())
		log := string(raw)
		return err == nil && strings.Contains(log, "lease lost"), log[max(len(log)-300, 0):]
	})
	tally, err := s.Tally(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tally.Foreign != len(said) || tally.Cases > len(said) {
		t.Errorf("%+v for %d that were written", tally, len(said))
	}
}
