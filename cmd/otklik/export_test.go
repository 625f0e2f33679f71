package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/records"
	"otklik/internal/store"
)

// told runs a command line and returns what it wrote.
func told(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, strings.NewReader(""), &out, io.Discard)
	return out.String(), err
}

func TestEverythingIsTakenOutWithoutSecrets(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if _, err := told(t, "user", "add", "--data", data, "--email", "a@b.ru", "--name", "Анна Белова", "--role", "head", "--password", "очень-длинный-пароль"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "all.tar.gz")
	if _, err := told(t, "export", "all", "--data", data, "--out", file); err != nil {
		t.Fatal(err)
	}
	if _, err := told(t, "export", "all", "--data", data, "--out", file); errs.CodeOf(err) != errs.Invalid {
		t.Fatalf("an existing file is written over: %v", err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files, sums := map[string]string{}, map[string]string{}
	for r := tar.NewReader(gz); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(body)
		files[h.Name], sums[h.Name] = string(body), hex.EncodeToString(sum[:])
	}
	var manifest struct{ Files []takenFile }
	if err := json.Unmarshal([]byte(files["manifest.json"]), &manifest); err != nil || len(manifest.Files) != len(files)-1 {
		t.Fatalf("%v: %d files of %d", err, len(manifest.Files), len(files)-1)
	}
	for _, x := range manifest.Files {
		if sums[x.Name] != x.SHA256 {
			t.Errorf("%s is not as the manifest says", x.Name)
		}
	}
	if people := files["tables/people-1.jsonl"]; !strings.Contains(people, "Анна Белова") || strings.Contains(people, "password_hash") || strings.Contains(people, "argon2") {
		t.Errorf("%s", people)
	}
	if !strings.Contains(files["tables/audit-1.jsonl"], "everything") || files["tables/sessions-1.jsonl"] != "" {
		t.Error("the journal is not whole, or sessions are there")
	}
}

func TestTheJournalIsVerifiedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s, err := store.Open(t.Context(), store.FileIn(data))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.Record(t.Context(), records.Entry{At: time.Now(), ActorName: "Анна", Action: records.ReadCase, Subject: "case:1"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := told(t, "audit", "verify", "--data", data)
	_, anchor, ok := strings.Cut(out, "Якорь: ")
	if err != nil || !ok {
		t.Fatal(out, err)
	}
	anchor, _, _ = strings.Cut(anchor, "\n")
	if _, err := told(t, "audit", "verify", "--data", data, "--anchor", anchor); err != nil {
		t.Fatal(err)
	}
	if _, err := told(t, "audit", "verify", "--data", data, "--anchor", "9:abc"); errs.CodeOf(err) != errs.Conflict || !strings.Contains(errs.MessageOf(err), "отрезан") {
		t.Fatalf("a cut end passes: %v", err)
	}
	out, err = told(t, "audit", "export", "--data", data, "--from", time.Now().Format(time.DateOnly))
	if err != nil || strings.Count(out, "\n") != 4 || !strings.Contains(out, `"subject":"case:1"`) {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := told(t, "audit", "export", "--data", data, "--from", "вчера"); errs.CodeOf(err) != errs.Invalid {
		t.Fatal(err)
	}
}
