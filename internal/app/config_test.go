package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/errs"
)

func load(t *testing.T, text string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "otklik.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return LoadConfig(path)
}

func TestConfigSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ text, says string }{
		"not JSON":            {`{"agency": `, "ошибка"},
		"unknown setting":     {`{"agnecy": "Город"}`, "agnecy"},
		"no group id":         {`{"vk": [{"community_token": "k"}]}`, "group_id"},
		"no community key":    {`{"vk": [{"group_id": 1}]}`, "community_token"},
		"no bot key":          {`{"telegram": [{"channel": "@a"}]}`, "bot_token"},
		"one group twice":     {`{"vk": [{"group_id": 1, "community_token": "k"}, {"group_id": 1, "community_token": "k"}]}`, "дважды"},
		"one bot twice":       {`{"telegram": [{"channel": "@a", "bot_token": "1:k"}, {"channel": "@b", "bot_token": "1:k"}]}`, "тот же бот"},
		"webhook over http":   {`{"public_url": "http://a.example", "telegram": [{"channel": "@a", "bot_token": "1:k", "webhook_secret": "s"}]}`, "https"},
		"webhook to a port":   {`{"public_url": "https://a.example:9000", "telegram": [{"channel": "@a", "bot_token": "1:k", "webhook_secret": "s"}]}`, "8443"},
		"webhook secret":      {`{"public_url": "https://a.example", "telegram": [{"channel": "@a", "bot_token": "1:k", "webhook_secret": "тайна"}]}`, "webhook_secret"},
		"unknown zone":        {`{"zone": "Мск"}`, "Часового пояса"},
		"empty variable":      {`{"vk": [{"group_id": 1, "community_token": "env:OTKLIK_TEST_NOWHERE"}]}`, "OTKLIK_TEST_NOWHERE"},
		"key file is missing": {`{"vk": [{"group_id": 1, "community_token": "file:/nowhere/key"}]}`, "/nowhere/key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, x.text)
			if errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), x.says) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestASecretNeverShows(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("очень-тайно\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, `{"vk": [{"group_id": 1, "community_token": "file:`+key+`"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.VK[0].CommunityToken.Reveal(); got != "очень-тайно" {
		t.Errorf("the key is %q", got)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{string(raw), fmt.Sprint(c), fmt.Sprintf("%+v %#v", c, c.VK[0])} {
		if strings.Contains(shown, "тайно") {
			t.Errorf("the key shows in %s", shown)
		}
	}
}

func TestOneProcessPerFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name, unlock, err := openNode(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := openNode(dir); errs.CodeOf(err) != errs.Unavailable || !strings.Contains(errs.MessageOf(err), dir) {
		t.Errorf("a second process got %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, unlock, err := openNode(dir)
	if err != nil || again != name {
		t.Errorf("after a restart the name is %q (%v), it was %q", again, err, name)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
}
