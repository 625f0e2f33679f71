package places

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The labelled messages were written by hand before they were read by the
// program; what it reaches on them must not fall.
const (
	minPrecision = 0.97
	minRecall    = 0.95
)

func TestLabelledMessages(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/labelled.tsv")
	if err != nil {
		t.Fatal(err)
	}
	f := townFinder(t)
	right, found, wanted := 0, 0, 0
	for line := range strings.Lines(string(data)) {
		text, label, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		var want []string
		if label != "" {
			want = strings.Split(label, " | ")
		}
		var got []string
		for _, x := range f.Find(nil, text) {
			got = append(got, x.Title)
		}
		found, wanted = found+len(got), wanted+len(want)
		for _, x := range got {
			if slices.Contains(want, x) {
				right++
			}
		}
		if !slices.Equal(got, want) {
			t.Logf("%q: %q, want %q", text, got, want)
		}
	}
	precision, recall := float64(right)/float64(found), float64(right)/float64(wanted)
	t.Logf("%d places wanted, %d found, %d right: precision %.3f, recall %.3f", wanted, found, right, precision, recall)
	if precision < minPrecision || recall < minRecall {
		t.Errorf("precision %.3f, recall %.3f", precision, recall)
	}
}
