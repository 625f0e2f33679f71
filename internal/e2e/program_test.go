package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/demo"
	"otklik/internal/vault"
)

// city starts the demo's city in simulated networks.
func city(t *testing.T, limits bool) (*demo.World, string) {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	base := "http://" + srv.Listener.Addr().String()
	w, err := demo.NewWorld(func() string { return base }, limits, time.UTC, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = w.Sim.Handler()
	srv.Start()
	t.Cleanup(func() { w.Sim.Close(); srv.Close() })
	return w, base
}

// program is the built binary with its data and settings.
type program struct {
	t      *testing.T
	binary string
	config string
	listen string
	dsn    string
	keys   string // the file of master keys
	log    *os.File
	cmd    *exec.Cmd
}

// build compiles the program as it is shipped, once for all tests.
func build(t *testing.T) string {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	used.Store(&binary)
	return binary
}

// used is the program that was built, nil while no test needed it.
var used atomic.Pointer[string]

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "otklik-e2e-")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "otklik")
	cmd := exec.Command("go", "build", "-o", out, "otklik/cmd/otklik")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("go build: %w\n%s", err, msg), os.RemoveAll(dir))
	}
	return out, nil
})

// TestMain removes what was built for the tests. A test that ran without the
// program leaves nothing to remove, and builds nothing here.
func TestMain(m *testing.M) {
	code := m.Run()
	if binary := used.Load(); binary != nil {
		_ = os.RemoveAll(filepath.Dir(*binary))
	}
	os.Exit(code)
}

// install writes the settings that make the program read the city's pages.
func install(t *testing.T, w *demo.World, base, dsn string) *program {
	t.Helper()
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, binary: build(t), config: filepath.Join(dir, "otklik.json"), listen: l.Addr().String(), dsn: dsn, keys: filepath.Join(dir, "keys")}
	if _, err := vault.Rotate(p.keys, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := w.ServeConfig(base)
	cfg["listen"] = p.listen
	cfg["data"] = filepath.Join(dir, "data")
	if strings.HasPrefix(dsn, "postgres://") {
		cfg["db"] = dsn
	} else {
		p.dsn = filepath.Join(dir, "data", "otklik.db")
	}
	raw, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.config, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if p.log, err = os.Create(filepath.Join(dir, "otklik.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			if raw, err := os.ReadFile(p.log.Name()); err == nil {
				t.Logf("the program's log ends:\n%s", raw[max(len(raw)-6000, 0):])
			}
		}
	})
	return p
}

// data is the folder of the program's data.
func (p *program) data() string { return filepath.Join(filepath.Dir(p.config), "data") }

func (p *program) start() {
	p.t.Helper()
	p.cmd = exec.Command(p.binary, "serve", "--config", p.config, "--key-file", p.keys)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// kill ends the program as a power cut would.
func (p *program) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.cmd = nil
}

// ready waits until the pages are served.
func (p *program) ready() {
	p.t.Helper()
	await(p.t, "the program to be ready", func() (bool, string) {
		resp, err := http.Get("http://" + p.listen + "/readyz")
		if err != nil {
			return false, err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode == http.StatusOK, resp.Status
	})
}

// await looks until a condition holds; the condition also says how things stand.
func await(t *testing.T, what string, holds func() (bool, string)) {
	t.Helper()
	awaitFor(t, 30*time.Second, what, holds)
}

// awaitFor is await for what may take longer.
func awaitFor(t *testing.T, most time.Duration, what string, holds func() (bool, string)) {
	t.Helper()
	var stand string
	for end := time.Now().Add(most); time.Now().Before(end); {
		var ok bool
		if ok, stand = holds(); ok {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("waited %s for %s: %s", most, what, stand)
}
