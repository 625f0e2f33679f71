package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"otklik/internal/errs"
)

// Parameters of argon2id: the OWASP minimum for a memory of 19 MiB. One check
// takes some 30 ms of one core, and Service bounds how many run at once, so
// that a flood of sign-ins cannot eat the memory.
const (
	hashMemory  = 19 * 1024 // KiB
	hashPasses  = 2
	hashThreads = 1
	hashSalt    = 16 // bytes
	hashLength  = 32 // bytes

	// minPassword and maxPassword bound a password in bytes. The upper bound
	// keeps a request from making the hash read megabytes.
	minPassword = 8
	maxPassword = 1024
)

// HashPassword returns the hash to keep for a password, in the PHC form
// "$argon2id$v=19$m=…,t=…,p=…$salt$hash", so that the parameters may change
// without touching the hashes that exist. Errors: Invalid for a password that
// is too short or too long.
func HashPassword(password string) (string, error) {
	if len(password) < minPassword {
		return "", errs.Newf(errs.Invalid, "Пароль слишком короткий: нужно не меньше %d знаков.", minPassword)
	}
	if len(password) > maxPassword {
		return "", errs.New(errs.TooLarge, "Пароль слишком длинный.")
	}
	salt := make([]byte, hashSalt)
	if _, err := rand.Read(salt); err != nil {
		return "", errs.Wrap(errs.Internal, "", err)
	}
	sum := argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashThreads, hashLength)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashThreads,
		enc.EncodeToString(salt), enc.EncodeToString(sum)), nil
}

// VerifyPassword says whether the password is the one that was hashed. The
// comparison takes the same time wherever the hashes differ. A hash that
// cannot be read fits no password.
func VerifyPassword(hash, password string) bool {
	p, ok := parseHash(hash)
	if !ok || len(password) > maxPassword {
		return false
	}
	sum := argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.threads, uint32(len(p.sum)))
	return subtle.ConstantTimeCompare(sum, p.sum) == 1
}

type parsedHash struct {
	memory, passes uint32
	threads        uint8
	salt, sum      []byte
}

func parseHash(hash string) (parsedHash, bool) {
	var p parsedHash
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.threads); err != nil {
		return p, false
	}
	// A damaged row must not make the check run for minutes or panic.
	if p.memory == 0 || p.memory > 1<<20 || p.passes == 0 || p.passes > 16 || p.threads == 0 {
		return p, false
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, false
	}
	if p.sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(p.sum) < 16 || len(p.sum) > 128 {
		return p, false
	}
	return p, true
}
