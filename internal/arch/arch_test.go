// Package arch holds the architecture to what docs/architecture.md draws: who
// may import whom. The two tables below are the drawing; a package that is not
// in the first one, or an edge that is in neither, fails the build.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "otklik/"

// packages lists every package of ours with what of ours it may import. A name
// that ends in /... stands for the folder and all below it; * stands for all.
func packages() map[string][]string {
	return map[string][]string{
		// Values that every layer shares. They know nothing of each other.
		"internal/errs":   {},
		"internal/social": {},
		"internal/rights": {},
		"internal/lease":  {},
		"internal/live":   {},
		"internal/wake":   {},
		"internal/ru":     {},
		"internal/table":  {"internal/errs"},
		"internal/sign":   {"internal/errs"},
		// Values of the publisher: texts, days, personal data.
		"internal/markup":  {"internal/social"},
		"internal/workcal": {},
		"internal/redact":  {},

		// The domain: no database, no network, no pages.
		"incidents":            {"incidents/answers", "internal/errs", "internal/social", "internal/rights"},
		"incidents/answers":    {"internal/errs", "internal/redact"},
		"incidents/rubricator": {"internal/errs", "internal/table"},
		"incidents/wording":    {},
		"incidents/deadline":   {"internal/errs", "internal/ru", "internal/workcal"},
		"incidents/clock":      {"incidents", "incidents/deadline", "internal/errs", "internal/workcal"},
		"incidents/mass":       {"internal/errs", "internal/rights"},
		"index":                {"internal/errs", "internal/social"},
		"publisher": {
			"internal/errs", "internal/social", "internal/rights", "internal/ru",
			"internal/markup", "internal/workcal", "internal/redact",
		},
		"index/starter":  {"index", "index/classify", "internal/errs"},
		"index/places":   {"index", "internal/errs"},
		"index/kin":      {"index"},
		"index/classify": {"index", "internal/errs", "internal/social"},

		// The way in.
		"collectors":          {"internal/lease", "internal/social", "internal/errs"},
		"collectors/quota":    {},
		"collectors/vk":       {"collectors/quota", "collectors", "internal/social", "internal/errs", "internal/network/vk"},
		"collectors/telegram": {"collectors", "internal/social", "internal/errs", "internal/network/telegram"},
		"internal/media":      {"internal/wake", "internal/lease"},
		"internal/detect":     {"internal/wake", "incidents", "internal/lease", "internal/rights", "internal/social", "internal/errs"},
		"internal/learn": {
			"incidents/rubricator",
			"incidents", "index", "index/classify",
			"internal/detect", "internal/errs", "internal/lease", "internal/social", "internal/wake",
		},
		"internal/rules": {"incidents", "index", "internal/detect", "internal/errs", "internal/lease", "internal/rights", "internal/sheet", "internal/social", "internal/wake"},

		// The way out.
		"internal/delivery":         {"publisher", "internal/media", "internal/wake", "internal/lease", "internal/social", "internal/errs"},
		"internal/network/pace":     {},
		"internal/network/vk":       {"internal/network/pace", "internal/delivery", "internal/social", "internal/errs"},
		"internal/network/telegram": {"internal/network/pace", "internal/delivery", "internal/media", "internal/social", "internal/errs"},

		// What somebody has to know of.
		"internal/alarm":  {"collectors", "internal/finding", "internal/lease"},
		"internal/notice": {"internal/lease"},

		// Keys, and the pages that they are of.
		"internal/vault":   {"internal/errs"},
		"internal/sources": {"collectors", "internal/vault", "internal/rights", "internal/social", "internal/errs"},

		// The journal, terms of keeping, erasing.
		"internal/records": {"internal/errs", "internal/lease", "internal/social"},

		// What people see of the search archive.
		"internal/finding": {"internal/social"},

		// The plan as a file.
		"internal/sheet":    {"internal/errs", "internal/table"},
		"internal/casefile": {"incidents", "internal/errs", "internal/social", "internal/table"},
		"internal/planfile": {"publisher", "internal/errs", "internal/rights", "internal/ru", "internal/sheet", "internal/social"},

		// Counting: posts, pages and polls, as often as they change.
		"internal/measure": {"publisher", "internal/delivery", "internal/errs", "internal/lease", "internal/rights", "internal/social", "internal/wake"},

		// People.
		"internal/auth": {"internal/errs", "internal/rights", "internal/ru"},
		"internal/web": {
			"incidents", "incidents/answers", "incidents/wording", "internal/redact", "incidents/clock", "incidents/deadline", "incidents/mass", "incidents/rubricator", "index", "index/classify", "index/places", "collectors", "publisher", "internal/alarm", "internal/auth", "internal/learn", "internal/notice", "internal/finding", "internal/delivery", "internal/planfile", "internal/sheet",
			"internal/errs", "internal/live", "internal/markup", "internal/media", "internal/records", "internal/rights", "internal/ru", "internal/rules", "internal/social", "internal/sources",
			"internal/workcal",
		},

		// The store knows the domain's types; the domain does not know the store.
		"internal/store": {
			"index/classify",
			"collectors", "collectors/quota", "incidents", "incidents/answers", "incidents/clock", "incidents/deadline", "incidents/mass", "incidents/rubricator", "index/places", "publisher",
			"internal/alarm", "internal/auth", "internal/delivery", "internal/detect", "internal/finding",
			"internal/errs", "internal/learn", "internal/lease", "internal/media", "internal/notice", "internal/records", "internal/rights", "internal/rules", "internal/social", "internal/sources", "internal/workcal",
		},

		// The simulated networks know nothing of the program that they are for.
		"internal/sim/...": {"internal/sim/...", "internal/errs"},

		// What puts the parts together.
		"internal/app":  {"*"},
		"internal/demo": {"*"},
		"cmd/...":       {"*"},

		// What only tests use.
		"internal/testdb":          {"internal/store"},
		"internal/arch":            {},
		"internal/e2e":             {"*"},
		"internal/e2e/hour":        {"*"},
		"internal/store/storetest": {"*"},
		"collectors/collectortest": {"collectors", "internal/lease", "internal/social", "internal/store"},
	}
}

// guarded lists what only some packages may import, whatever the first table
// says: ours by their folder, foreign ones by the beginning of their path.
func guarded() map[string][]string {
	return map[string][]string{
		"github.com/SevereCloud/vksdk":      {"collectors/vk", "internal/network/vk"},
		"github.com/go-telegram/bot":        {"collectors/telegram", "internal/network/telegram"},
		"github.com/blevesearch/":           {"index"},
		"github.com/jackc/pgx":              {"internal/store", "internal/testdb"},
		"github.com/pressly/goose":          {"internal/store"},
		"modernc.org/sqlite":                {"internal/store"},
		"database/sql":                      {"internal/store", "internal/testdb", "collectors/collectortest"},
		"github.com/prometheus/":            {"internal/app"},
		"github.com/robfig/cron":            {"internal/app", "publisher"},
		"github.com/alecthomas/kong":        {"cmd/..."},
		"golang.org/x/crypto":               {"internal/auth"},
		"golang.org/x/net/html":             {"collectors/telegram"},
		"golang.org/x/image":                {"internal/media"},
		"golang.org/x/text":                 {"internal/table"},
		"github.com/xuri/excelize":          {"internal/sheet"},
		"testing":                           {"internal/testdb", "internal/sim/vk/vktest", "internal/sim/vk/vkschema", "internal/sim/telegram/tgschema", "collectors/collectortest"},
		"pgregory.net/rapid":                {},
		"github.com/chromedp":               {},
		module + "cmd":                      {},
		module + "internal/app":             {"internal/demo", "cmd/..."},
		module + "internal/demo":            {"cmd/..."},
		module + "internal/store":           {"internal/app", "internal/demo", "internal/testdb", "cmd/...", "collectors/collectortest"},
		module + "internal/sim":             {"internal/sim/...", "internal/demo", "cmd/..."},
		module + "internal/testdb":          {},
		module + "collectors/collectortest": {},
	}
}

func TestImportsFollowTheDrawing(t *testing.T) {
	t.Parallel()
	rows := packages()
	used := map[string]bool{}
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		row, ok := rowOf(rows, name)
		if !ok {
			t.Errorf("%s is not in the drawing: add it with what it may import, and say why in docs/architecture.md", name)
			continue
		}
		used[row] = true
		for _, imported := range p.Imports {
			if why := refused(rows[row], name, imported); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
	}
	for row := range rows {
		if !used[row] {
			t.Errorf("%s is in the drawing and nowhere else", row)
		}
	}
}

func TestTheDrawingForbids(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ from, to string }{
		{"incidents", "otklik/internal/store"},
		{"incidents", "otklik/collectors"},
		{"incidents", "database/sql"},
		{"publisher", "otklik/internal/store"},
		{"publisher", "database/sql"},
		{"index", "otklik/incidents"},
		{"collectors", "otklik/internal/store"},
		{"collectors/vk", "github.com/go-telegram/bot/models"},
		{"internal/web", "otklik/internal/store"},
		{"internal/web", "github.com/SevereCloud/vksdk/v2/api"},
		{"internal/app", "otklik/internal/sim/vk"},
		{"internal/app", "otklik/internal/testdb"},
		{"internal/app", "github.com/blevesearch/bleve/v2"},
		{"internal/sim/vk", "otklik/collectors"},
		{"internal/store", "testing"},
	} {
		row, ok := rowOf(packages(), x.from)
		if !ok || refused(packages()[row], x.from, x.to) == "" {
			t.Errorf("%s may import %s", x.from, x.to)
		}
	}
}

// refused says why an import is against the drawing, or "".
func refused(may []string, name, imported string) string {
	for path, by := range guarded() {
		if under(imported, path) && !matches(by, name) {
			return "only " + strings.Join(by, ", ") + " and tests may"
		}
	}
	own, ours := strings.CutPrefix(imported, module)
	if ours && !matches(may, own) {
		return "the drawing has no such edge"
	}
	return ""
}

// under says that a path is the other one or stands below it.
func under(path, begin string) bool {
	rest, ok := strings.CutPrefix(path, begin)
	return ok && (rest == "" || strings.HasSuffix(begin, "/") || rest[0] == '/')
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		folder, below := strings.CutSuffix(p, "/...")
		return p == "*" || p == name || below && (name == folder || strings.HasPrefix(name, folder+"/"))
	})
}

// rowOf finds the row of a package: its own, or that of the nearest folder.
func rowOf(rows map[string][]string, name string) (string, bool) {
	if _, ok := rows[name]; ok {
		return name, true
	}
	best := ""
	for row := range rows {
		if strings.HasSuffix(row, "/...") && matches([]string{row}, name) && len(row) > len(best) {
			best = row
		}
	}
	return best, best != ""
}

type listed struct {
	ImportPath string
	Imports    []string // without those of tests
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []listed
	for dec := json.NewDecoder(out); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.ImportPath, module) {
			all = append(all, p)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages were listed", len(all))
	}
	return all
}
