// Package app wires the program: it opens what is configured, starts the
// workers, and stops everything in the reverse order.
package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the zones are there wherever the program runs

	tgread "otklik/collectors/telegram"
	"otklik/internal/errs"
	"otklik/internal/store"
)

// Config is all that an administrator decides.
type Config struct {
	// Agency is the name that people see at the sign-in.
	Agency string `json:"agency"`
	// Zone is the agency's time zone by its IANA name; "Europe/Moscow" if empty.
	Zone string `json:"zone"`
	// Listen is where the pages are served; "127.0.0.1:8080" if empty.
	Listen string `json:"listen"`
	// PublicURL is the address people type; https there makes cookies secure.
	PublicURL string `json:"public_url"`
	// Data is the folder of the SQLite base and of the search index.
	Data string `json:"data"`
	// DB is a postgres:// address; empty keeps everything in Data.
	DB string `json:"db"`
	// KeyFile holds the master keys under which the keys of pages are encrypted in
	// the database; "keys" in Data if empty, where it is made at the first start.
	KeyFile string `json:"key_file"`
	// MasterKeys are the master keys themselves instead of a file.
	MasterKeys Secret `json:"-"`
	// MetricsToken opens /metrics for whoever shows it as a bearer token; without
	// one there is no such page.
	MetricsToken Secret `json:"metrics_token"`
	// Networks leads pages that name no address of their own to the simulator.
	Networks Networks `json:"networks"`
	// VK and Telegram are the pages that are read and answered from. Others are
	// connected by an administrator while the program runs.
	VK       []VKPage       `json:"vk"`
	Telegram []TelegramPage `json:"telegram"`
}

// Networks are the addresses of the simulator; empty ones mean the real networks.
type Networks struct {
	VKAPI         string `json:"vk_api"`
	VKLinks       string `json:"vk_links"`
	TelegramAPI   string `json:"telegram_api"`
	TelegramLinks string `json:"telegram_links"`
	// TelegramPages is where the public pages of channels are, above /s/.
	TelegramPages string `json:"telegram_pages"`
}

// VKPage is one VK community.
type VKPage struct {
	GroupID int    `json:"group_id"`
	Title   string `json:"title"`
	// CommunityToken reads events and answers; ServiceToken reads the history;
	// AdminToken, of a person who administers it, uploads photos and makes polls.
	CommunityToken Secret `json:"community_token"`
	ServiceToken   Secret `json:"service_token"`
	AdminToken     Secret `json:"admin_token"`
	// APIURL and LinkBase point elsewhere than VK only for the simulator.
	APIURL   string `json:"api_url"`
	LinkBase string `json:"link_base"`
}

// TelegramPage is one channel with its linked discussion group.
type TelegramPage struct {
	Channel  string `json:"channel"` // "@name" or the id
	Title    string `json:"title"`
	BotToken Secret `json:"bot_token"`
	// Shelf is the number of a closed chat that holds files before their posts,
	// zero for none.
	Shelf int64 `json:"shelf"`
	// WebhookSecret makes Telegram send the updates to PublicURL itself, with
	// this word; without it the program asks for them.
	WebhookSecret Secret `json:"webhook_secret"`
	APIURL        string `json:"api_url"`
	LinkBase      string `json:"link_base"`
}

// Secret is a key that cannot be printed. In the configuration it stands as
// "env:NAME", "file:/path" or, for trying things out, as itself.
type Secret struct{ value string }

// NewSecret wraps a key that the program has made itself.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the key for the one call that needs it.
func (s Secret) Reveal() string { return s.value }

// IsZero says that there is no key.
func (s Secret) IsZero() bool { return s.value == "" }

// String and MarshalJSON keep the key out of logs and dumps.
func (s Secret) String() string { return "•••" }

// GoString keeps the key out of %#v.
func (s Secret) GoString() string { return "•••" }

// MarshalJSON never writes the key.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"•••"`), nil }

// UnmarshalJSON reads the key from where the configuration says it is.
func (s *Secret) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		if s.value = os.Getenv(name); s.value == "" {
			return errs.Newf(errs.Invalid, "Переменная окружения %s пуста: положите в неё ключ.", name)
		}
		return nil
	}
	if path, ok := strings.CutPrefix(text, "file:"); ok {
		const most = 4096
		raw, err := readBounded(path, most)
		if err != nil {
			return errs.Wrap(errs.Invalid, fmt.Sprintf("Файл с ключом %s не читается. Проверьте путь и права.", path), err)
		}
		s.value = strings.TrimSpace(string(raw))
		return nil
	}
	s.value = text
	return nil
}

// LoadConfig reads the configuration file. An unknown field is an error: a
// setting that does nothing would be worse.
func LoadConfig(path string) (Config, error) {
	var c Config
	const most = 1 << 20
	raw, err := readBounded(path, most)
	if err != nil {
		return c, errs.Wrap(errs.Invalid, fmt.Sprintf("Файл настроек %s не читается. Проверьте путь и права.", path), err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		var known *errs.Error
		if errors.As(err, &known) {
			return c, known
		}
		return c, errs.Wrap(errs.Invalid, fmt.Sprintf("В файле настроек %s ошибка: %v.", path, err), err)
	}
	return c, c.check()
}

func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(raw)) > most {
		return nil, fmt.Errorf("larger than %d bytes", most)
	}
	return raw, err
}

func (c *Config) check() error {
	for i, p := range c.VK {
		if p.GroupID <= 0 {
			return errs.Newf(errs.Invalid, "Сообщество ВКонтакте № %d: укажите group_id, положительное число из адреса «Управление → Работа с API».", i+1)
		}
		if p.CommunityToken.IsZero() {
			return errs.Newf(errs.Invalid, "Сообщество ВКонтакте %d: нет ключа сообщества (community_token).", p.GroupID)
		}
	}
	for i, p := range c.Telegram {
		if p.Channel == "" || p.BotToken.IsZero() {
			return errs.Newf(errs.Invalid, "Канал Telegram № %d: укажите channel и bot_token.", i+1)
		}
		if _, ok := tgread.ChatName(p.Channel); !ok {
			return errs.Newf(errs.Invalid, "Канал Telegram № %d: «%s» — не имя канала. Укажите в channel имя, как в адресе после t.me/, или номер канала.", i+1, p.Channel)
		}
		if err := c.checkWebhook(p); err != nil {
			return err
		}
	}
	if err := c.checkTwice(); err != nil {
		return err
	}
	_, err := c.zone()
	return err
}

// checkTwice refuses a page or a bot that is named twice: two readers of one
// bot would take each other's updates.
func (c *Config) checkTwice() error {
	seen := map[string]bool{}
	for _, p := range c.VK {
		key := strconv.Itoa(p.GroupID)
		if seen[key] {
			return errs.Newf(errs.Invalid, "Сообщество ВКонтакте %d указано дважды. Оставьте одно.", p.GroupID)
		}
		seen[key] = true
	}
	for _, p := range c.Telegram {
		name, _ := tgread.ChatName(p.Channel)
		if seen[name] {
			return errs.Newf(errs.Invalid, "Канал %s указан дважды. Оставьте один.", p.Channel)
		}
		seen[name] = true
		if seen[p.BotToken.value] {
			return errs.Newf(errs.Invalid, "У канала %s тот же бот, что у другого канала. Каждому каналу нужен свой бот: иначе они отнимают обновления друг у друга.", p.Channel)
		}
		seen[p.BotToken.value] = true
	}
	return nil
}

func (c *Config) zone() (*time.Location, error) {
	name := c.Zone
	if name == "" {
		name = "Europe/Moscow"
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, fmt.Sprintf("Часового пояса «%s» нет. Пример: Europe/Moscow, Asia/Yekaterinburg.", name), err)
	}
	return z, nil
}

// Where is the address of the database.
func (c *Config) Where() string {
	if c.DB != "" {
		return c.DB
	}
	return store.FileIn(c.Data)
}
