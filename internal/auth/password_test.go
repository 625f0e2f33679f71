package auth

import (
	"strings"
	"testing"

	"otklik/internal/errs"
)

func TestPassword(t *testing.T) {
	t.Parallel()
	first, err := HashPassword("снегопад-2025")
	if err != nil {
		t.Fatal(err)
	}
	second, err := HashPassword("снегопад-2025")
	if err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Error("two hashes of one password are equal: the salt is not random")
	}
	if !VerifyPassword(first, "снегопад-2025") {
		t.Error("the right password does not fit")
	}
	for _, wrong := range []string{"", "снегопад-2026", "Снегопад-2025", strings.Repeat("x", maxPassword+1)} {
		if VerifyPassword(first, wrong) {
			t.Errorf("the wrong password %.20q fits", wrong)
		}
	}
}

func TestPasswordBounds(t *testing.T) {
	t.Parallel()
	if _, err := HashPassword("short"); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("short password: %v, want invalid", err)
	}
	if _, err := HashPassword(strings.Repeat("x", maxPassword+1)); errs.CodeOf(err) != errs.TooLarge {
		t.Errorf("long password: %v, want too large", err)
	}
}

func TestDamagedHashFitsNothing(t *testing.T) {
	t.Parallel()
	good, err := HashPassword("снегопад-2025")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, "$")
	damaged := []string{
		"", "снегопад-2025", "$argon2id$", strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "m=19456", "m=4294967295", 1), strings.Replace(good, "t=2", "t=4000000000", 1),
		strings.Replace(good, "p=1", "p=0", 1), strings.Join(parts[:5], "$") + "$", good[:len(good)-1] + "!",
	}
	for _, hash := range damaged {
		if VerifyPassword(hash, "снегопад-2025") {
			t.Errorf("the damaged hash %q lets somebody in", hash)
		}
	}
}
