package starter

import (
	"compress/gzip"
	"encoding/csv"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"otklik/index"
	"otklik/internal/social"
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

// rows reads a gzipped table into one map per row.
func rows(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dataDir(t), file))
	if err != nil {
		t.Skipf("skipped: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var records [][]string
	if strings.Contains(file, ".tsv") {
		raw, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			records = append(records, strings.Split(strings.TrimRight(line, "\r\n"), "\t"))
		}
	} else if records, err = csv.NewReader(z).ReadAll(); err != nil {
		t.Fatal(err)
	}
	out := make([]map[string]string, 0, len(records))
	for _, record := range records[1:] {
		row := make(map[string]string)
		for i, name := range records[0] {
			row[name] = record[i]
		}
		out = append(out, row)
	}
	return out
}

// even says that a labelled row may be looked at while rules are written; the
// others are only counted.
func even(id string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return h.Sum32()%2 == 0
}

func matcher(t *testing.T) *index.Matcher {
	t.Helper()
	m, failed := index.Compile(Rules())
	if failed != nil {
		t.Fatal(failed)
	}
	return m
}

// TestLabelledComments measures the rules on comments that people labelled.
func TestLabelledComments(t *testing.T) {
	t.Parallel()
	m := matcher(t)
	var hit, missed, falseAlarm [2]int
	for _, row := range rows(t, "city_comments_labelled_dev.tsv.gz") {
		half := 1
		if even(row["id"]) {
			half = 0
		}
		matches := m.MatchItem(row["text"], index.Facts{Kind: social.Comment})
		switch fired := len(matches) > 0; {
		case row["label"] == "positive" && fired:
			hit[half]++
		case row["label"] == "positive":
			missed[half]++
			if half == 0 && testing.Verbose() {
				t.Logf("missed: %s", row["text"])
			}
		case row["label"] == "negative" && fired:
			falseAlarm[half]++
			if half == 0 && testing.Verbose() {
				t.Logf("false: %s %q: %s", matches[0].RuleID, matches[0].Words, row["text"])
			}
		}
	}
	for half, name := range []string{"seen half", "unseen half"} {
		found, fired := hit[half]+missed[half], hit[half]+falseAlarm[half]
		t.Logf("%s: recall %d/%d = %.2f, precision %d/%d = %.2f", name,
			hit[half], found, ratio(hit[half], found), hit[half], fired, ratio(hit[half], fired))
	}
	recall := ratio(hit[0]+hit[1], hit[0]+hit[1]+missed[0]+missed[1])
	precision := ratio(hit[0]+hit[1], hit[0]+hit[1]+falseAlarm[0]+falseAlarm[1])
	t.Logf("together: recall %.2f, precision %.2f", recall, precision)
	if recall < minRecall || precision < minPrecision {
		t.Errorf("recall %.2f, precision %.2f are below what was reached: %.2f, %.2f", recall, precision, minRecall, minPrecision)
	}
}

// What the rules have reached; a change must not fall below it.
const (
	minRecall    = 0.75
	minPrecision = 0.4
)

// TestShareThatFires measures how often the rules fire on whole streams.
func TestShareThatFires(t *testing.T) {
	t.Parallel()
	m := matcher(t)
	for _, tt := range []struct {
		file   string
		column string
		kind   social.Kind
		most   float64
		least  float64
	}{
		{"telegram_posts_dev.csv.gz", "text", social.Post, 0.02, 0},
		{"city_posts_dev.csv.gz", "text", social.Post, 0.03, 0},
		{"vk_media_comments_dev.csv.gz", "text", social.Comment, 0.03, 0},
		{"city_comments_unlabelled.tsv.gz", "text", social.Comment, 0.065, 0},
		{"spb_cases_dev.csv.gz", "text", social.Post, 1, 0.7},
		{"kursk_dev.csv.gz", "text_html", social.Post, 1, 0.75},
	} {
		all := rows(t, tt.file)
		// A quarter of a large table says the same and keeps the test quick.
		if len(all) > 20_000 {
			all = all[:len(all)/4]
		}
		fired, byRule := 0, map[string]int{}
		for i, row := range all {
			matches := m.MatchItem(row[tt.column], index.Facts{Kind: tt.kind})
			if len(matches) > 0 {
				fired++
			}
			for _, match := range matches {
				if byRule[match.RuleID]++; testing.Verbose() && tt.most < 0.05 && i%7 == 0 {
					t.Logf("%s %q: %.300s", match.RuleID, match.Words, row[tt.column])
				}
			}
		}
		share := ratio(fired, len(all))
		t.Logf("%s: %d of %d fire, %.2f %%; by rule: %v", tt.file, fired, len(all), 100*share, top(byRule))
		if share > tt.most || share < tt.least {
			t.Errorf("%s: %.1f %% fire, wanted from %.0f to %.0f %%", tt.file, 100*share, 100*tt.least, 100*tt.most)
		}
	}
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

type count struct {
	Rule string
	N    int
}

func top(counts map[string]int) []count {
	var list []count
	for rule, n := range counts {
		list = append(list, count{rule, n})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].N > list[j].N })
	return list[:min(len(list), 15)]
}
