package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// call runs one command line and returns what it printed and the one line that
// an administrator reads of its error.
func call(t *testing.T, args ...string) (out, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	if err := run(ctx, args, strings.NewReader(""), &stdout, &stderr); err != nil {
		said = sentence(err)
	}
	if strings.Count(said, "\n") > 0 {
		t.Errorf("the error is more than a line: %q", said)
	}
	return stdout.String(), said
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBadInputIsOneClearLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "otklik.db"), bytes.Repeat([]byte("не база "), 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	good := write(t, "texts.tsv", "id\ttext\n1\tнет воды\n")
	for name, x := range map[string]struct {
		args []string
		says string
	}{
		"unknown command":         {[]string{"fly"}, "«fly» здесь не бывает. Посмотрите otklik --help"},
		"almost a command":        {[]string{"user", "ad"}, "похоже на add"},
		"no command":              {nil, "нужна одна из команд: demo, serve, sim, user, vault"},
		"unknown flag":            {[]string{"serve", "--confg", "x"}, "ключа --confg нет, похоже на --config"},
		"missing flag":            {[]string{"user", "add", "--email", "a@b"}, "не хватает ключей: --name, --role."},
		"flag without a value":    {[]string{"demo", "--listen"}, "у ключа --listen нет значения"},
		"no duration":             {[]string{"demo", "--for", "soon"}, "60s"},
		"wrong choice":            {[]string{"demo", "--as", "x"}, "не бывает значения «x», можно: vk-comment, vk-post, tg-post, tg-comment"},
		"list of a wrong folder":  {[]string{"user", "list", "--data", filepath.Join(t.TempDir(), "typo")}, "нет базы"},
		"port in use":             {[]string{"demo", "--for", "1s", "--listen", taken.Addr().String()}, "занят"},
		"replay is missing":       {[]string{"demo", "--for", "1s", "--replay", "/nowhere.csv"}, "/nowhere.csv"},
		"replay has no column":    {[]string{"demo", "--for", "1s", "--replay", good, "--column", "слова"}, "Есть: id, text"},
		"replay is not gzip":      {[]string{"demo", "--for", "1s", "--replay", write(t, "a.csv.gz", "text\nнет")}, "gzip"},
		"replay is empty":         {[]string{"demo", "--for", "1s", "--replay", write(t, "b.csv", "")}, "заголовка"},
		"replay is a folder":      {[]string{"demo", "--for", "1s", "--replay", t.TempDir()}, "папка"},
		"summary has no place":    {[]string{"demo", "--for", "1s", "--summary", "/nowhere/s.json"}, "--summary"},
		"rate is nonsense":        {[]string{"demo", "--for", "1s", "--replay", good, "--rate", "быстро"}, "50/s"},
		"scenario is missing":     {[]string{"demo", "--for", "1s", "--scenario", "/nowhere.json"}, "/nowhere.json"},
		"scenario is a folder":    {[]string{"sim", "--scenario", t.TempDir()}, "не читается"},
		"scenario is wrong":       {[]string{"sim", "--scenario", write(t, "f.json", "[\n{\"at\":\"1s\",\"method\":\"*\",\"fault\":\"lost\"},\n{\"at\":\"soon\",\"method\":\"*\",\"fault\":\"lost\"}]")}, "строка 3, шаг 2: время начала (at)"},
		"seed is no number":       {[]string{"sim", "--seed", "x"}, "у ключа --seed должно быть целое число, а не «x»"},
		"damaged database":        {[]string{"demo", "--for", "1s", "--listen", "127.0.0.1:0", "--data", damaged}, "повреждена"},
		"no PostgreSQL there":     {[]string{"demo", "--for", "1s", "--db", "postgres://u:secret@127.0.0.1:1/x"}, "PostgreSQL"},
		"no configuration":        {[]string{"serve", "--config", "/nowhere.json"}, "/nowhere.json"},
		"no place for the people": {[]string{"user", "list"}, "--data"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, said := call(t, x.args...)
			if !strings.Contains(said, x.says) || strings.Contains(said, "secret") {
				t.Errorf("%v said %q", x.args, said)
			}
		})
	}
	t.Cleanup(func() {
		raw, err := os.ReadFile(filepath.Join(damaged, "otklik.db"))
		if err != nil || !bytes.HasPrefix(raw, []byte("не база")) {
			t.Error("the damaged file was changed")
		}
	})
}

func TestTheDemoSumsUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var lines strings.Builder
	lines.WriteString("id,text\n")
	for i := range 20 { // the same words would be copies
		fmt.Fprintf(&lines, "1,\"На Лесной, %d не вывозят мусор %d дней, примите меры\"\n2,Красивый снег\n", 2*i+1, 30-i)
	}
	summary := filepath.Join(dir, "s.json")
	out, said := call(t, "demo", "--listen", "127.0.0.1:0", "--for", "2s", "--replay", write(t, "r.csv", lines.String()), "--rate", "100/s", "--as", "tg-comment", "--summary", summary)
	if said != "" {
		t.Fatal(said)
	}
	for _, want := range []string{"http://127.0.0.1:", "coordinator@demo.otklik", "otklik-demo"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not printed", want)
		}
	}
	raw, err := os.ReadFile(summary)
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]float64
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	if s["sent"] != 40 || s["stored"] != 40 || s["duplicates"] != 0 || s["matched"] != 20 || s["cases_opened"] != 20 {
		t.Errorf("the summary is %s", raw)
	}
	if p := s["visible_p99_s"]; p <= 0 || s["peak_rss_bytes"] <= 0 {
		t.Errorf("nothing was measured: %s", raw)
	}
}

func TestABrokenReplayIsSummedUpAndTold(t *testing.T) {
	t.Parallel()
	var whole bytes.Buffer
	z := gzip.NewWriter(&whole)
	lines := strings.Repeat("На Лесной не вывозят мусор третью неделю, примите меры\n", 30)
	if _, err := z.Write([]byte("text\n" + lines)); err != nil {
		t.Fatal(err)
	}
	if err := z.Flush(); err != nil {
		t.Fatal(err)
	}
	summary := filepath.Join(t.TempDir(), "s.json")
	// What follows the flush is missing: the end of the archive.
	_, said := call(t, "demo", "--listen", "127.0.0.1:0", "--for", "3s", "--rate", "100/s", "--summary", summary, "--replay", write(t, "r.tsv.gz", whole.String()))
	if !strings.Contains(said, "оборван") || !strings.Contains(said, "30") {
		t.Errorf("it said %q", said)
	}
	raw, err := os.ReadFile(summary)
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]float64
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	if s["sent"] != 30 || s["stored"] != 30 || s["visible_p99_s"] <= 0 {
		t.Errorf("the summary is %s", raw)
	}
}

func TestPeopleAreAddedBesideTheRunningProgram(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	out, said := call(t, "user", "add", "--data", data, "--email", "Petrova@City.Example", "--name", "Анна Петрова", "--role", "executor", "--department", "zkh")
	if said != "" || !strings.Contains(out, "Пароль:") {
		t.Fatalf("%q %q", out, said)
	}
	if _, said = call(t, "user", "add", "--data", data, "--email", "petrova@city.example", "--name", "Другая", "--role", "head"); !strings.Contains(said, "уже есть") {
		t.Errorf("a second one with the address: %q", said)
	}
	if _, said = call(t, "user", "add", "--data", data, "--email", "x@city.example", "--name", "X", "--role", "executor", "--department", "нет"); !strings.Contains(said, "zkh") {
		t.Errorf("an unknown department: %q", said)
	}
	if _, said = call(t, "user", "add", "--data", data, "--email", "x@city.example", "--name", "X", "--role", "executor"); !strings.Contains(said, "--department") {
		t.Errorf("an executor of no department: %q", said)
	}
	for _, x := range [][2]string{{"не почта", "X"}, {"x@city.example", " "}} {
		if _, said = call(t, "user", "add", "--data", data, "--email", x[0], "--name", x[1], "--role", "head"); !strings.Contains(said, "--email") {
			t.Errorf("address %q, name %q: %q", x[0], x[1], said)
		}
	}
	if _, said = call(t, "user", "add", "--data", data, "--email", "y@city.example", "--name", "Y", "--role", "head", "--password", "коротко"); !strings.Contains(said, "короче") {
		t.Errorf("a short password: %q", said)
	}
	out, _ = call(t, "user", "list", "--data", data)
	if !strings.Contains(out, "petrova@city.example") || !strings.Contains(out, "Исполнитель") {
		t.Errorf("the list is %q", out)
	}
	if _, said = call(t, "user", "dismiss", "--data", data, "--email", "Petrova@city.example"); said != "" {
		t.Errorf("the dismissal: %q", said)
	}
	if out, _ = call(t, "user", "list", "--data", data); !strings.Contains(out, "вход закрыт") {
		t.Errorf("the list after a dismissal is %q", out)
	}
	if _, said = call(t, "user", "restore", "--data", data, "--email", "petrova@city.example"); said != "" {
		t.Errorf("the restoration: %q", said)
	}
	if out, _ = call(t, "user", "list", "--data", data); strings.Contains(out, "вход закрыт") {
		t.Errorf("the list after a restoration is %q", out)
	}
	typo := filepath.Join(data, "typo")
	for _, command := range []string{"password", "dismiss", "restore"} {
		if _, said = call(t, "user", command, "--data", typo, "--email", "petrova@city.example"); !strings.Contains(said, "нет базы") {
			t.Errorf("%s in a wrong folder: %q", command, said)
		}
	}
	if _, err := os.Stat(typo); err == nil {
		t.Error("a wrong folder was made")
	}
	if _, said = call(t, "user", "password", "--data", data, "--email", "nobody@city.example"); !strings.Contains(said, "нет") {
		t.Errorf("a password of nobody: %q", said)
	}
}

func TestMasterKeysAreMadeAndCounted(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file := filepath.Join(data, "keys")
	for range 2 {
		out, said := call(t, "vault", "rotate", "--key-file", file)
		if said != "" && !strings.Contains(said, "через секунду") || said == "" && !strings.Contains(out, "действующий") {
			t.Errorf("%q %q", out, said)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil || strings.Count(string(raw), ":") == 0 {
		t.Errorf("the file is %q, %v", raw, err)
	}
	if _, said := call(t, "vault", "rotate", "--key-file", filepath.Join(data, "nowhere", "keys")); !strings.Contains(said, "не записывается") {
		t.Errorf("where there is no folder: %q", said)
	}
	if _, said := call(t, "vault", "show", "--data", filepath.Join(data, "typo")); !strings.Contains(said, "нет базы") {
		t.Errorf("where there is no base: %q", said)
	}
	if _, said := call(t, "user", "add", "--data", data, "--email", "a@city.example", "--name", "А", "--role", "head"); said != "" {
		t.Fatal(said)
	}
	if out, said := call(t, "vault", "show", "--data", data); said != "" || !strings.Contains(out, "нет ни одного") {
		t.Errorf("of an empty base: %q %q", out, said)
	}
}

func TestTheSimulatorNamesItsRealPort(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"sim", "--listen", "127.0.0.1:0"}, strings.NewReader(""), w, io.Discard)
		ended <- errors.Join(err, w.Close())
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	_, base, _ := strings.Cut(strings.TrimSpace(line), ": ")
	resp, err := http.Get(base + "/vk/")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s answered %s", base, resp.Status)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestServeTellsThatItReadsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	config := write(t, "otklik.json", `{"listen": "127.0.0.1:0", "data": "`+t.TempDir()+`"}`)
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"serve", "--config", config}, strings.NewReader(""), w, io.Discard)
		ended <- errors.Join(err, w.Close())
	}()
	lines := bufio.NewScanner(r)
	for lines.Scan() && !strings.Contains(lines.Text(), "нет ни одной страницы") {
	}
	if !strings.Contains(lines.Text(), config) {
		t.Errorf("it said %q", lines.Text())
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRulesMoveBetweenInstallations(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), t.TempDir()
	for _, dir := range []string{from, to} {
		s, err := database{Data: dir}.make(&environment{ctx: t.Context()})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var table, said, errOut bytes.Buffer
	if err := run(t.Context(), []string{"rules", "export", "--data", from}, nil, &table, &errOut); err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(table.String(), "Ямы и выбоины", "Ямы, выбоины", 1)
	file := filepath.Join(t.TempDir(), "правила.csv")
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"rules", "import", "--data", to, file}, nil, &said, &errOut); err != nil {
		t.Fatal(err)
	}
	if said.String() != "Новых версий правил: 1, списков: 0.\n" {
		t.Fatal(said.String())
	}
}
