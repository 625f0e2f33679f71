// Package clients lets independent clients from npm drive the simulators: what
// our own clients and our own simulators misunderstand alike, they do not.
package clients

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/png"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"otklik/internal/sim"
	"otklik/internal/sim/telegram"
	"otklik/internal/sim/telegram/tgschema"
	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

//go:embed package.json package-lock.json *.mjs
var scripts embed.FS

// patience bounds one script, installing included.
const patience = 5 * time.Minute

const (
	groupID  = 101
	citizen  = 11
	official = 12
)

func TestIndependentClientsDriveTheSimulators(t *testing.T) {
	t.Parallel()
	folder := install(t)
	for _, script := range []string{"telegram.mjs", "vk.mjs"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			run(t, folder, script)
		})
	}
}

// run starts a world of its own and has the script drive it; every line that
// the script prints is a check.
func run(t *testing.T, folder, script string) {
	network, url, world := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", filepath.Join(folder, script))
	cmd.Env = append(os.Environ(), "SIM_URL="+url, "SIM_WORLD="+world)
	out, err := cmd.Output()
	passed := 0
	for line := range strings.Lines(string(out)) {
		name := strings.TrimSpace(line)
		if !strings.HasPrefix(name, "ok ") {
			t.Error(name)
			continue
		}
		passed++
		t.Log(name)
	}
	if err != nil || passed == 0 {
		t.Errorf("%s: %d checks passed, %v\n%s", script, passed, err, stderr(err))
	}
	client, prefix := "grammY", "telegram "
	if script == "vk.mjs" {
		client, prefix = "vk-io", "vk "
	}
	counts := network.Log.Counts()
	for method, documented := range documentedFor(t, client, script == "vk.mjs") {
		if called := counts[prefix+method] > 0; called != documented {
			t.Errorf("%s: docs/simulators.md says that %s drives it: %t, in truth: %t", method, client, documented, called)
		}
	}
}

// documentedFor says of every method of a network's list in docs/simulators.md
// whether the client stands beside it.
func documentedFor(t *testing.T, client string, vkList bool) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile("../../../docs/simulators.md")
	if err != nil {
		t.Fatal(err)
	}
	ofVK, ofTelegram, _ := strings.Cut(string(raw), "\n## Telegram\n")
	list := ofTelegram
	if vkList {
		list = ofVK
	}
	out := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-zA-Z]+(?:\\.[a-zA-Z]+)?)` \\|.*\\|$").FindAllStringSubmatch(list, -1) {
		if strings.Contains(m[1], ".") == vkList {
			out[m[1]] = strings.Contains(m[0], client)
		}
	}
	return out
}

func stderr(err error) string {
	if exit, ok := err.(*exec.ExitError); ok {
		return string(exit.Stderr)
	}
	return ""
}

// start runs both networks with a community, a channel and two people, every
// call checked against the description of its network.
func start(t *testing.T) (network *sim.World, url, world string) {
	t.Helper()
	var server *httptest.Server
	w := sim.New(sim.Options{Now: time.Now, BaseURL: func() string { return server.URL }, Zone: time.UTC})
	checked := vktest.Check(t, w.Handler(), w.VK, func(err error) { t.Error(err) })
	server = httptest.NewServer(tgschema.Check(t, checked, tgschema.Options{}))
	t.Cleanup(func() {
		w.Close()
		server.CloseClientConnections()
		server.Close()
	})
	bot, err1 := w.Telegram.AddBot(telegram.Bot{})
	channel, err2 := w.Telegram.AddChannel(telegram.Channel{Title: "Город Зареченск", Username: "zarechensk", GroupTitle: "Обсуждение"})
	user, err3 := w.Telegram.AddUser(telegram.User{FirstName: "Мария", LastName: "Ким"})
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 64, 48))); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(map[string]any{
		"picture": base64.StdEncoding.EncodeToString(picture.Bytes()),
		"telegram": map[string]any{
			"token": bot.Token, "bot": bot.ID, "channel": channel.ID, "group": channel.GroupID,
			"username": channel.Username, "user": user.ID,
		},
		"vk": populateVK(t, w.VK),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, server.URL, string(raw)
}

func populateVK(t *testing.T, s *vk.Server) map[string]any {
	t.Helper()
	s.AddCommunity(vk.Community{ID: groupID, Name: "Администрация Зареченска", ScreenName: "zarechensk"})
	s.AddUser(vk.User{ID: citizen, FirstName: "Анна", LastName: "Крылова"})
	s.AddUser(vk.User{ID: official, FirstName: "Вера", LastName: "Лис"})
	keys := map[string]string{}
	for _, token := range []vk.Token{
		{Value: "service-key", Kind: vk.ServiceToken},
		{Value: "community-key", Kind: vk.CommunityToken, CommunityID: groupID},
		{Value: "admin-key", Kind: vk.UserToken, UserID: official, CommunityID: groupID},
	} {
		if err := s.AddToken(token); err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(token.Value, "-")
		keys[kind] = token.Value
	}
	post, err := s.AddPost(vk.NewPost{OwnerID: -groupID, FromID: -groupID, Text: "Когда уберут снег"})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"owner": -groupID, "group": groupID, "post": post, "user": citizen, "keys": keys}
}

// install puts the scripts beside their modules in a folder outside this tree,
// which is kept from run to run and named by what the lock file says.
func install(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("Client tests skipped: %s is not installed.", tool)
		}
	}
	lock, err := scripts.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	sum := sha256.Sum256(lock)
	home := filepath.Join(cache, "otklik-sim-clients", hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(home); err != nil {
		npm(t, home)
	}
	folder, err := os.MkdirTemp(home, "run-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	unpack(t, folder)
	return folder
}

// npm installs the modules into a folder of its own and renames it to home, so
// that half an installation is never used.
func npm(t *testing.T, home string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(home), "install-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(fresh)
	unpack(t, fresh)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = fresh
	if out, err := cmd.CombinedOutput(); err != nil {
		if regexp.MustCompile(`ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|E403|ENETUNREACH`).Match(out) {
			t.Skipf("Client tests skipped: the npm registry is not reachable: %s", out)
		}
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	// Another run may have been faster.
	if err := os.Rename(fresh, home); err != nil {
		if _, missing := os.Stat(home); missing != nil {
			t.Fatal(err)
		}
	}
}

func unpack(t *testing.T, folder string) {
	t.Helper()
	files, err := scripts.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := scripts.ReadFile(f.Name())
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, f.Name()), raw, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
