package classify

import (
	"errors"
	"hash/fnv"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"otklik/internal/table"
)

// dataDir finds the folder of real texts, which are for measuring and no part
// of the project.
func dataDir(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("OTKLIK_DATA"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		data := filepath.Join(dir, "shared", "data")
		if _, err := os.Stat(data); err == nil {
			return data
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("skipped: no folder shared/data above the project and no OTKLIK_DATA, so there is nothing to measure on")
		}
		dir = parent
	}
}

// split reads a table of texts and labels and parts it by a third column.
func split(t *testing.T, file, text, label, by string, held func(string) bool) (learn, test []Example) {
	t.Helper()
	r, err := table.Open(filepath.Join(dataDir(t), file), text, label, by)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	tags := regexp.MustCompile(`<[^>]*>`)
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return learn, Unseen(test, learn)
		}
		if err != nil {
			t.Fatal(err)
		}
		e := Example{Item: Item{Text: strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(row[0], " ")))}, Label: row[1]}
		switch {
		case e.Text == "" || e.Label == "":
		case held(row[2]):
			test = append(test, e)
		default:
			learn = append(learn, e)
		}
	}
}

// TestRealCases holds the classifier to what it has reached on cases of two
// portals: the last month of one, a fifth of the other.
func TestRealCases(t *testing.T) {
	t.Parallel()
	lastMonth := func(created string) bool { return created >= "2021-02-14" }
	fifth := func(id string) bool {
		h := fnv.New32a()
		_, _ = h.Write([]byte(id)) // never fails
		return h.Sum32()%5 == 0
	}
	for _, tt := range []struct {
		file, text, label, by string
		held                  func(string) bool
		least                 Quality
	}{
		{"spb_cases_dev.csv.gz", "text", "category", "created", lastMonth, Quality{Accuracy: 0.913, Top3: 0.985, MacroF1: 0.81}},
		{"spb_cases_dev.csv.gz", "text", "reason", "created", lastMonth, Quality{Accuracy: 0.74, Top3: 0.912, MacroF1: 0.53}},
		{"kursk_dev.csv.gz", "text_html", "theme", "id", fifth, Quality{Accuracy: 0.57, Top3: 0.75, MacroF1: 0.25}},
	} {
		learn, test := split(t, tt.file, tt.text, tt.label, tt.by, tt.held)
		q := train(t, learn).Test(test)
		t.Logf("%s, %s: %d labels learned from %d: %+v", tt.file, tt.label, len(labelsOf(learn)), len(learn), q)
		if q.Accuracy < tt.least.Accuracy || q.Top3 < tt.least.Top3 || q.MacroF1 < tt.least.MacroF1 {
			t.Errorf("%s, %s: %+v is below what was reached: %+v", tt.file, tt.label, q, tt.least)
		}
	}
}

func labelsOf(examples []Example) map[string]bool {
	labels := map[string]bool{}
	for _, e := range examples {
		labels[e.Label] = true
	}
	return labels
}
