package index

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// writerEnv makes the test binary a writer that is going to be killed.
const writerEnv = "OTKLIK_TEST_ARCHIVE"

// TestMain runs the tests, or the writer of TestKilledWriter.
func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		if err := writeForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// perBatch is how many documents the writer puts at a time: batch n holds the
// documents n·perBatch and on, and has the cursor n.
const perBatch = 20

func writeForEver(path string) error {
	a, _, err := Open(path, NewAnalyzer())
	if err != nil {
		return err
	}
	cursor, err := a.Cursor()
	if err != nil {
		return err
	}
	next, _ := strconv.Atoi(cursor)
	for n := next + 1; ; n++ {
		var docs []Doc
		for i := range perBatch {
			docs = append(docs, Doc{ID: fmt.Sprint(n*perBatch + i), Text: "нет воды", Published: noon.AddDate(0, i%5, 0)})
		}
		if err := a.Put(context.Background(), docs, strconv.Itoa(n)); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func TestKilledWriter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index")
	for round := range 6 {
		acknowledged := killWriter(t, path, 3+7*round)
		a, opening := openArchive(t, path)
		cursor, err := a.Cursor()
		if err != nil || opening.Fresh {
			t.Fatalf("opening %+v: %v", opening, err)
		}
		covered, _ := strconv.Atoi(cursor)
		if covered < acknowledged {
			t.Errorf("batch %d was acknowledged, the cursor is %d", acknowledged, covered)
		}
		// Of the batch under way some months may be there, which puts them again.
		n, _ := a.Len()
		if n < covered*perBatch || n > (covered+1)*perBatch {
			t.Errorf("%d documents under the cursor %d, want %d", n, covered, covered*perBatch)
		}
		if _, f := found(t, a, Query{Text: "воды"}); f.Total != n {
			t.Errorf("%d documents are found of %d", f.Total, n)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killWriter lets a writer acknowledge some batches, kills it, and returns the
// last one that it acknowledged.
func killWriter(t *testing.T, path string, batches int) (acknowledged int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerEnv+"="+path)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range batches {
		if !lines.Scan() {
			t.Fatalf("the writer stopped by itself: %s", stderr.String())
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	last := lines.Text()
	for lines.Scan() {
		last = lines.Text()
	}
	_ = cmd.Wait() // it was killed
	acknowledged, err = strconv.Atoi(last)
	if err != nil {
		t.Fatalf("the writer said %q", last)
	}
	return acknowledged
}
