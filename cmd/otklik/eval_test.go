package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wroteTable writes a table of complaints and chatter, made up.
func wroteTable(t *testing.T, name string, from, to int) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("номер,текст,тема,метка\n")
	for i := from; i < to; i++ {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&b, "%d,\"<p>На улице Полевой, %d не горит фонарь, когда&nbsp;почините?</p>\",свет,жалоба\n", i, i)
		case 1:
			fmt.Fprintf(&b, "%d,\"У дома %d не вывозят мусор вторую неделю, контейнеры полные\",мусор,жалоба\n", i, i)
		default:
			fmt.Fprintf(&b, "%d,\"Сегодня посмотрели кино номер %d, очень душевно\",прочее,болтовня\n", i, i)
		}
	}
	fmt.Fprintf(&b, "%d,строка без темы,,\n", to)
	path := filepath.Join(t.TempDir(), name)
	data := b.Bytes()
	if strings.HasSuffix(name, ".gz") {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		data = z.Bytes()
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// figures runs a command and reads its JSON.
func figures(t *testing.T, args ...string) map[string]any {
	t.Helper()
	var out, errOut bytes.Buffer
	if err := run(t.Context(), append(args, "--json"), strings.NewReader(""), &out, &errOut); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	var values map[string]any
	if err := json.Unmarshal(out.Bytes(), &values); err != nil {
		t.Fatalf("%v prints %q: %v", args, out.String(), err)
	}
	return values
}

func TestEvalClassify(t *testing.T) {
	t.Parallel()
	learn, test := wroteTable(t, "learn.csv.gz", 0, 90), wroteTable(t, "test.csv", 80, 140)
	f := figures(t, "eval", "classify", "--train", learn, "--test", test, "--text", "текст", "--label", "тема")
	if f["tested"] != 50.0 || f["repeated"] != 10.0 || f["labels"] != 3.0 {
		t.Errorf("tested, repeated, labels are %v, %v, %v, want 50, 10, 3", f["tested"], f["repeated"], f["labels"])
	}
	for _, key := range []string{"accuracy", "top3", "macro_f1", "weighted_f1"} {
		if v, ok := f[key].(float64); !ok || v < 0.99 {
			t.Errorf("%s is %v on texts that are plainly different", key, f[key])
		}
	}
	if v, ok := f["train_seconds"].(float64); !ok || v <= 0 {
		t.Errorf("train_seconds is %v", f["train_seconds"])
	}
}

func TestEvalDetect(t *testing.T) {
	t.Parallel()
	learn, test := wroteTable(t, "learn.csv", 0, 90), wroteTable(t, "test.csv", 90, 150)
	args := []string{"eval", "detect", "--test", test, "--text", "текст", "--label", "метка", "--positive", "жалоба", "--negative", "болтовня,шум"}
	for name, f := range map[string]map[string]any{"new": figures(t, args...), "trained": figures(t, append(args, "--train", learn)...)} {
		for _, part := range []string{"rules", "combined"} {
			r, ok := f[part].(map[string]any)
			if !ok {
				t.Fatalf("%s: no %s in %v", name, part, f)
			}
			for _, key := range []string{"average_precision", "precision", "recall", "precision_at_recall_80"} {
				if v, ok := r[key].(float64); !ok || v < 0.99 {
					t.Errorf("%s, %s: %s is %v on texts that are plainly different", name, part, key, r[key])
				}
			}
			if r["tested"] != 60.0 || r["due"] != 40.0 {
				t.Errorf("%s, %s: %v of %v are due, want 40 of 60", name, part, r["due"], r["tested"])
			}
		}
	}
}

func TestEvalRules(t *testing.T) {
	t.Parallel()
	f := figures(t, "eval", "rules", "--posts", wroteTable(t, "posts.csv", 0, 30), "--column", "текст")
	if f["posts"] != 31.0 || f["fired"] != 20.0 {
		t.Errorf("%v of %v fire, want 20 of 31", f["fired"], f["posts"])
	}
	rules, ok := f["rules"].(map[string]any)
	if !ok || rules["osveshhenie-fonar"] != 10.0 || rules["musor-vyvoz"] != 10.0 {
		t.Errorf("the rules are %v", f["rules"])
	}
}

func TestEvalOfBadFilesSaysASentence(t *testing.T) {
	t.Parallel()
	good := wroteTable(t, "good.csv", 0, 30)
	empty := filepath.Join(t.TempDir(), "empty.csv")
	if err := os.WriteFile(empty, []byte("текст,тема\n,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		part string
		args []string
	}{
		{"не открывается", []string{"eval", "classify", "--train", "/no/such.csv", "--test", good, "--text", "текст", "--label", "тема"}},
		{"нет столбца «текс»", []string{"eval", "classify", "--train", good, "--test", good, "--text", "текс", "--label", "тема"}},
		{"все тексты проверки есть в обучении", []string{"eval", "classify", "--train", good, "--test", good, "--text", "текст", "--label", "тема"}},
		{"ни одной строки", []string{"eval", "classify", "--train", empty, "--test", good, "--text", "текст", "--label", "тема"}},
		{"нет меток из --positive", []string{"eval", "detect", "--test", good, "--text", "текст", "--label", "метка", "--positive", "да", "--negative", "нет"}},
		{"ни одной с меткой из --positive", []string{"eval", "detect", "--test", good, "--text", "текст", "--label", "метка", "--positive", "да", "--negative", "болтовня"}},
		{"нет ни одного текста", []string{"eval", "rules", "--posts", empty, "--column", "текст"}},
		{"не хватает ключей", []string{"eval", "detect", "--test", good}},
	} {
		var out, errOut bytes.Buffer
		err := run(t.Context(), tt.args, strings.NewReader(""), &out, &errOut)
		if err == nil || !strings.Contains(sentence(err), tt.part) {
			t.Errorf("%v says %v, want %q", tt.args, err, tt.part)
		}
	}
}

func TestTagsAreTakenOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"<p>Яма</p><br>у&nbsp;дома": "Яма у дома",
		"5 < 7 и 8 > 3":             "5 < 7 и 8 > 3",
		"<!-- x --><b>Свет</b>":     "Свет",
		"Ёлка & мишура":             "Ёлка & мишура",
	} {
		if got := plainText(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestRubricatorTables(t *testing.T) {
	t.Parallel()
	output := func(args ...string) string {
		var out, errOut bytes.Buffer
		if err := run(t.Context(), args, strings.NewReader(""), &out, &errOut); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out.String()
	}
	dir := t.TempDir()
	table, mapping := filepath.Join(dir, "table.csv"), filepath.Join(dir, "map.csv")
	for path, text := range map[string]string{table: output("rubricator", "export"), mapping: output("rubricator", "export", "--mapping")} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := output("rubricator", "check", "--file", table, "--map", mapping)
	if !strings.Contains(said, "Сопоставлено: 0. Не сопоставлено: ") || !strings.Contains(said, "не сопоставлено: dorogi.pokrytie.yama, Дороги") {
		t.Errorf("the check says %.300q", said)
	}
}
