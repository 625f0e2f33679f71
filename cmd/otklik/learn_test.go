package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/errs"
)

func TestLearnImport(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file := filepath.Join(data, "решения.csv")
	say := func(text string, args ...string) (string, error) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"learn", "import", file, "--data", data}, args...), strings.NewReader(""), &out, &out)
		return out.String(), err
	}
	if _, err := say("text,due\nяма,да\n"); errs.CodeOf(err) != errs.NotFound {
		t.Fatalf("a folder without a base: %v", err)
	}
	var out bytes.Buffer
	add := []string{"user", "add", "--email", "a@b.example", "--name", "Анна", "--role", "administrator", "--data", data}
	if err := run(t.Context(), add, strings.NewReader(""), &out, &out); err != nil {
		t.Fatal(err)
	}
	const good = "text,due,topic,at\nНа Речной яма,да,yamy,2026-11-01\nкрасивый закат,нет,,2026-11-02\nпока не решили,,,\n"
	for _, want := range []string{"новых: 2", "новых: 0"} {
		if got, err := say(good, "--topic", "topic", "--at", "at"); err != nil || !strings.Contains(got, want) {
			t.Fatalf("%q, %v; want %s", got, err, want)
		}
	}
	for text, want := range map[string]string{
		"text,due,topic,at\nяма,может быть,,\n": "Строка 1",
		"text,due,topic,at\nяма,да,нигде,\n":    "нет в словаре",
		"text,due,topic,at\nяма,да,,вчера\n":    "нужен день",
		"text,topic,at\nяма,,\n":                "нет столбца",
	} {
		if _, err := say(text, "--topic", "topic", "--at", "at"); errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
