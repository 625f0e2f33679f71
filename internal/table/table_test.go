package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"otklik/internal/errs"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	data := []byte(text)
	if strings.HasSuffix(name, ".gz") {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		data = packed.Bytes()
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a.csv":    "\uFEFFid,text,label\n1,\"нет, воды\",C\n2,,N\n3, свет ,\n4,\n",
		"a.tsv":    "id\ttext\tlabel\r\n1\tнет, воды\tC\r\n2\t\tN\r\n3\t свет \t\n4",
		"a.csv.gz": "id,text,label\n1,\"нет, воды\",C\n3,свет,\n",
		"a.tsv.gz": "id\ttext\tlabel\n1\t\"нет, воды\"\tC\n3\tсвет\t\n",
	} {
		r, err := Open(write(t, name, text), "text", "label", "id")
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for row, err := r.Next(); err == nil; row, err = r.Next() {
			got = append(got, row)
		}
		if diff := cmp.Diff([][]string{{"нет, воды", "C", "1"}, {"свет", "", "3"}}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestColumnStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	path := write(t, "a.csv", "text\nа\nб\nв\n")
	for limit, want := range map[int]int{0: 3, 2: 2, 9: 3} {
		if got, err := Column(path, "text", limit); err != nil || len(got) != want {
			t.Errorf("limit %d: %q, %v", limit, got, err)
		}
	}
}

func TestWrongFiles(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/nowhere.csv":                     "не открывается",
		t.TempDir():                        "это папка",
		write(t, "a.csv", ""):              "нет строки заголовка",
		write(t, "a.csv", "id,слова\n1,а"): "нет столбца «text». Есть: id, слова",
	} {
		_, err := Column(path, "text", 0)
		if errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	whole, err := os.ReadFile(write(t, "a.csv.gz", "text\n"+strings.Repeat("вода и свет\n", 500)))
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(t.TempDir(), "torn.csv.gz")
	if err := os.WriteFile(torn, whole[:len(whole)-12], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Column(torn, "text", 0); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("a torn archive: %v", err)
	}
}

// What different programs write is the same table.
func TestRowsOfManyHands(t *testing.T) {
	t.Parallel()
	ansi := func(s string) string {
		out, err := charmap.Windows1251.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	type row struct {
		Number int
		Fields []string
	}
	want := []row{{1, []string{"Дата", "Текст"}}, {3, []string{"1", "нет\nводы"}}, {4, []string{"2", "яма, \"большая\""}}}
	const semicolons = "Дата;Текст\r\n\r\n1;\"нет\nводы\"\r\n2;\"яма, \"\"большая\"\"\"\r\n"
	for name, text := range map[string]string{
		"semicolons":   semicolons,
		"with a mark":  "\uFEFF" + semicolons,
		"commas":       "Дата,Текст\n\n1,\"нет\nводы\"\n2,\"яма, \"\"большая\"\"\"",
		"tabs":         strings.ReplaceAll(semicolons, ";", "\t"),
		"Windows-1251": ansi(semicolons),
	} {
		for _, buffer := range []int{16, len(text) + 1} {
			// A buffer that ends within a letter still tells one encoding from another.
			rows := ReadRows(bufio.NewReaderSize(strings.NewReader(text), buffer), Quoted)
			var got []row
			fields, number, err := rows.Next()
			for ; err == nil; fields, number, err = rows.Next() {
				got = append(got, row{number, slices.Clone(fields)})
			}
			if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, io.EOF) {
				t.Errorf("%s, %d bytes: %v %s", name, buffer, err, diff)
			}
		}
	}
}
