package vault

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"otklik/internal/errs"
)

// TestRotationsAtOnceLoseNoKey begins many at the same moment; each has its own
// second, by which keys are named.
func TestRotationsAtOnceLoseNoKey(t *testing.T) {
	t.Parallel()
	const many = 20
	path := filepath.Join(t.TempDir(), "keys")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			if _, err := Rotate(path, now.Add(time.Duration(i)*time.Second)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	v, err := OpenFile(path)
	if err != nil || len(v.Ring().IDs()) != many {
		t.Errorf("the ring is %v, %v", v.Ring(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the file there is %v, %v", left, err)
	}
}

func TestALinkToTheFileStaysALink(t *testing.T) {
	t.Parallel()
	kept, used := filepath.Join(t.TempDir(), "kept"), filepath.Join(t.TempDir(), "keys")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if _, err := Rotate(kept, now); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(kept, used); err != nil {
		t.Fatal(err)
	}
	second, err := Rotate(used, now.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if about, err := os.Lstat(used); err != nil || about.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", about, err)
	}
	if v, err := OpenFile(kept); err != nil || v.Ring().Current() != second {
		t.Errorf("the file that it leads to: %v, %v", v, err)
	}
	if err := os.Remove(kept); err != nil {
		t.Fatal(err)
	}
	if _, err := Rotate(used, now.Add(2*time.Second)); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("a link to nothing: %v", err)
	}
	if _, err := Rotate(filepath.Join(t.TempDir(), "no", "keys"), now); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("no folder: %v", err)
	}
}

func TestTheFileKeepsItsOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	const owner = 54321
	path := filepath.Join(t.TempDir(), "keys")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if _, err := Rotate(path, now); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, owner, owner); err != nil {
		t.Fatal(err)
	}
	if _, err := Rotate(path, now.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	about, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := about.Sys().(*syscall.Stat_t); !ok || s.Uid != owner || s.Gid != owner || about.Mode().Perm() != 0o600 {
		t.Errorf("the file belongs to %d:%d with the rights %v", s.Uid, s.Gid, about.Mode())
	}
}
