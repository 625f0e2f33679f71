package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// words are the names that pages, scripts and handlers can give to elements.
func words(t *testing.T) map[string]bool {
	t.Helper()
	var all strings.Builder
	for _, dir := range []fs.FS{templateFiles, staticFiles} {
		err := fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) == ".css" {
				return err
			}
			data, err := fs.ReadFile(dir, path)
			all.Write(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	out := map[string]bool{}
	for _, w := range regexp.MustCompile(`[A-Za-z][\w-]*`).FindAllString(all.String(), -1) {
		out[w] = true
	}
	for _, p := range pages() {
		out["p-"+p] = true
	}
	return out
}

// TestNoDeadRules finds selectors and animations that nothing uses.
func TestNoDeadRules(t *testing.T) {
	t.Parallel()
	known := words(t)
	css := map[string]string{}
	err := fs.WalkDir(staticFiles, "static/css", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(staticFiles, path)
		css[path] = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(data), "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, text := range css {
		all.WriteString(text)
	}
	selector := regexp.MustCompile(`(?:^|[{};])([^{};@]+)\{`)
	class := regexp.MustCompile(`[.#]([a-zA-Z][\w-]*)`)
	for path, text := range css {
		for _, rule := range selector.FindAllStringSubmatch(text, -1) {
			for _, name := range class.FindAllStringSubmatch(rule[1], -1) {
				if !known[name[1]] {
					t.Errorf("%s: nothing is called %s in %q", path, name[0], strings.TrimSpace(rule[1]))
				}
			}
		}
		for _, m := range regexp.MustCompile(`@keyframes ([\w-]+)`).FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`animation: ` + m[1]).MatchString(all.String()) {
				t.Errorf("%s: the animation %s is not used", path, m[1])
			}
		}
	}
}
