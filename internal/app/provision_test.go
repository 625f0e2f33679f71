package app

import (
	"strconv"
	"strings"
	"testing"

	"otklik/internal/errs"
)

// TestAChannelIsOneHoweverItIsWritten starts the program with one channel under
// every form of its name that an administrator may write.
func TestAChannelIsOneHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	b := newHookBench(t)
	b.cfg.Telegram[0].WebhookSecret = Secret{}
	var source string
	for i, name := range []string{"@gorod", "Gorod", "https://t.me/GOROD", strconv.FormatInt(b.channel.ID, 10), "gorod"} {
		b.cfg.Telegram[0].Channel = name
		a := b.start()
		b.comment("Не вывозят мусор")
		// The first comment brings its post and the copy of that in the group.
		b.source(a, "the comment under "+name, items(int64(3+i)))
		list, err := a.store.Registry(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("under %q the registry is %+v, %v", name, list, err)
		}
		if source == "" {
			source = list[0].ID
		}
		if list[0].ID != source {
			t.Errorf("%q is another source", name)
		}
		b.stop(a)
	}
}

func TestAFileNamesAChannelOnce(t *testing.T) {
	t.Parallel()
	for says, pages := range map[string][]TelegramPage{
		"указан дважды":  {{Channel: "@gorod", BotToken: NewSecret("1:a")}, {Channel: "t.me/Gorod", BotToken: NewSecret("2:b")}},
		"не имя канала":  {{Channel: "https://t.me/+invite", BotToken: NewSecret("1:a")}},
		"тот же бот":     {{Channel: "@gorod", BotToken: NewSecret("1:a")}, {Channel: "@selo", BotToken: NewSecret("1:a")}},
		"укажите channe": {{BotToken: NewSecret("1:a")}},
	} {
		cfg := Config{Data: t.TempDir(), Telegram: pages}
		if err := cfg.check(); !strings.Contains(errs.MessageOf(err), says) {
			t.Errorf("it should say %q and said %v", says, err)
		}
	}
}
