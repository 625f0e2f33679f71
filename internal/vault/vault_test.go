package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/errs"
)

func grown(t rapid.TB, ids ...string) *Ring {
	t.Helper()
	r := &Ring{}
	for _, id := range ids {
		next, err := r.Grown(id)
		if err != nil {
			t.Fatal(err)
		}
		r = next
	}
	return r
}

func TestWhatIsSealedOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ring := grown(t, "old", "new")
		secret := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "secret")
		about := rapid.String().Draw(t, "about")
		s, err := ring.Seal(secret, about)
		if err != nil || s.MasterID != "new" {
			t.Fatal(s.MasterID, err)
		}
		if got, err := ring.Open(s, about); err != nil || !bytes.Equal(got, secret) {
			t.Fatalf("opened as %q, %v", got, err)
		}
		if _, err := ring.Open(s, about+"x"); !errors.Is(err, ErrDamaged) {
			t.Fatalf("in another place: %v", err)
		}
		raw, err := base64.StdEncoding.DecodeString(s.Text)
		if err != nil {
			t.Fatal(err)
		}
		if len(secret) > 3 && bytes.Contains(raw, secret) {
			t.Fatal("the secret stands in the sealed text")
		}
		bit := rapid.IntRange(0, len(raw)*8-1).Draw(t, "bit")
		raw[bit/8] ^= 1 << (bit % 8)
		for _, open := range []func(Sealed, string) error{
			func(s Sealed, about string) error { _, err := ring.Open(s, about); return err },
			func(s Sealed, about string) error {
				moved, err := ring.Rewrap(s, about)
				if err == nil {
					_, err = ring.Open(moved, about)
				}
				return err
			},
		} {
			if err := open(Sealed{base64.StdEncoding.EncodeToString(raw), s.MasterID}, about); !errors.Is(err, ErrDamaged) {
				t.Fatalf("with bit %d turned: %v", bit, err)
			}
		}
	})
}

func FuzzOpenRefusesWhatWasNotSealed(f *testing.F) {
	ring := grown(f, "k")
	good, err := ring.Seal([]byte("тайна"), "place")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good.Text)
	f.Add("")
	f.Add(strings.Repeat("A", 400))
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := ring.Open(Sealed{text, "k"}, "place"); err == nil && text != good.Text {
			t.Errorf("%q opened as %q", text, got)
		}
	})
}

func TestRotationKeepsEverySecret(t *testing.T) {
	t.Parallel()
	old := grown(t, "first")
	s, err := old.Seal([]byte("тайна"), "place")
	if err != nil {
		t.Fatal(err)
	}
	both, err := old.Grown("second")
	if err != nil {
		t.Fatal(err)
	}
	moved, err := both.Rewrap(s, "place")
	if err != nil || moved.MasterID != "second" {
		t.Fatal(moved.MasterID, err)
	}
	alone := &Ring{both.keys[:1]}
	if got, err := alone.Open(moved, "place"); err != nil || string(got) != "тайна" {
		t.Errorf("under the new key alone it is %q, %v", got, err)
	}
	if _, err := alone.Open(s, "place"); !errors.Is(err, ErrNoMaster) {
		t.Errorf("what the former key sealed: %v", err)
	}
	if _, err := alone.Rewrap(s, "place"); !errors.Is(err, ErrNoMaster) {
		t.Errorf("rewrapped without its key: %v", err)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, keySize))
	for name, x := range map[string]struct{ text, ids, says string }{
		"one":                 {"a:" + key, "a", ""},
		"a file":              {"# имя, ключ\n\nnew: " + key + "\r\n old:" + key + "\n", "new, old", ""},
		"a variable":          {"new:" + key + ",old:" + key, "new, old", ""},
		"none":                {"# пусто\n", "", "нет ни одного"},
		"no name":             {"\n" + key, "", "строке 2"},
		"an odd name":         {"имя:" + key, "", "строке 1"},
		"short":               {"a:" + key[:40], "", "32 байта"},
		"no base64":           {"a:очень-тайно", "", "32 байта"},
		"twice":               {"a:" + key + "\na:" + key, "", "дважды"},
		"more than is useful": {manyKeys(key), "", "не больше 100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Parse(x.text)
			if x.says == "" {
				if err != nil || r.String() != x.ids {
					t.Errorf("%v, %v", r, err)
				}
				return
			}
			if errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), x.says) {
				t.Errorf("it said %v", err)
			}
			if strings.Contains(err.Error(), key[:20]) || strings.Contains(err.Error(), "тайно") {
				t.Errorf("the key shows in %v", err)
			}
		})
	}
}

func manyKeys(key string) string {
	var b strings.Builder
	for i := range ringLimit + 1 {
		fmt.Fprintf(&b, "k%d:%s\n", i, key)
	}
	return b.String()
}

func TestAFullRingIsNotMadeUnreadable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for i := range ringLimit {
		if _, err := Rotate(path, now.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Rotate(path, now.Add(time.Hour)); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("one key more: %v", err)
	}
	if v, err := OpenFile(path); err != nil || len(v.Ring().IDs()) != ringLimit {
		t.Errorf("the file afterwards: %v", err)
	}
}

func TestAFileIsFollowed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	first, err := Rotate(path, now)
	if err != nil {
		t.Fatal(err)
	}
	about, err := os.Stat(path)
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the file's rights are %v, %v", about.Mode(), err)
	}
	v, err := OpenFile(path)
	if err != nil || v.Ring().Current() != first {
		t.Fatal(v.Ring(), err)
	}
	if changed, err := v.Refresh(); changed || err != nil {
		t.Error("an untouched file is new", err)
	}
	second, err := Rotate(path, now.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := v.Refresh(); !changed || err != nil || v.Ring().String() != second+", "+first {
		t.Errorf("after a rotation: %t, %v, %v", changed, v.Ring(), err)
	}
	if _, err := Rotate(path, now); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("the same name again: %v", err)
	}
	if err := os.WriteFile(path, []byte("мусор"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Refresh(); errs.CodeOf(err) != errs.Invalid || v.Ring().Current() != second {
		t.Errorf("a broken file: %v, %v", v.Ring(), err)
	}
	if _, err := Rotate(path, now); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("a broken file was written over: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Refresh(); err == nil || v.Ring().Current() != second {
		t.Errorf("a file that is gone: %v, %v", v.Ring(), err)
	}
	if _, err := OpenFile(path); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("no file: %v", err)
	}
}

func TestARingShowsNoKeys(t *testing.T) {
	t.Parallel()
	ring := grown(t, "name")
	raw, err := json.Marshal(struct{ R *Ring }{ring})
	if err != nil {
		t.Fatal(err)
	}
	key := ring.keys[0].secret
	for _, shown := range []string{string(raw), fmt.Sprint(ring), fmt.Sprintf("%v %+v %#v %s", ring, ring, ring, Fixed(ring).Ring())} {
		if strings.Contains(shown, base64.StdEncoding.EncodeToString(key)) || strings.Contains(shown, fmt.Sprint(key)) || strings.Contains(shown, fmt.Sprintf("%x", key)) {
			t.Errorf("the key shows in %s", shown)
		}
	}
}
