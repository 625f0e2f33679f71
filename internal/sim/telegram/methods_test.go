package telegram_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"otklik/internal/sim/telegram"
	"otklik/internal/sim/telegram/tgschema"
)

func TestEveryMethodIsDescribedAndDocumented(t *testing.T) {
	t.Parallel()
	raw := must(os.ReadFile("../../../docs/simulators.md"))(t)
	_, section, _ := strings.Cut(string(raw), "\n## Telegram\n")
	_, section, _ = strings.Cut(section, "### Methods")
	section, _, _ = strings.Cut(section, "### Updates")
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-zA-Z]+)` \\|").FindAllStringSubmatch(section, -1) {
		documented = append(documented, m[1])
	}
	slices.Sort(documented)
	if !slices.Equal(documented, telegram.Methods()) {
		t.Errorf("docs/simulators.md lists\n%v\nthe simulator knows\n%v", documented, telegram.Methods())
	}
	schema, err := tgschema.Load()
	if err != nil {
		t.Fatal(err)
	}
	if schema == nil {
		t.Skip("Schema tests skipped: there is no folder of reference schemas above this one and OTKLIK_SPECS is not set.")
	}
	for _, name := range telegram.Methods() {
		if _, ok := schema.Methods[name]; !ok {
			t.Errorf("the Bot API has no method %s", name)
		}
	}
}

func TestEveryReactionOfTheBotAPIIsTaken(t *testing.T) {
	t.Parallel()
	schema, err := tgschema.Load()
	if err != nil {
		t.Fatal(err)
	}
	if schema == nil {
		t.Skip("Schema tests skipped: there is no folder of reference schemas above this one and OTKLIK_SPECS is not set.")
	}
	w := setup(t, nil)
	posted := must(w.sim.Post(w.channel.ID, "Пост"))(t)
	n := 0
	for _, f := range schema.Types["ReactionTypeEmoji"].Fields {
		for _, m := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(f.Description, -1) {
			if f.Name != "emoji" {
				continue
			}
			n++
			if err := w.sim.React(w.channel.ID, posted.MessageID, w.user.ID, strings.TrimSpace(m[1])); err != nil {
				t.Errorf("%s: %v", m[1], err)
			}
		}
	}
	if n < 70 {
		t.Errorf("the description names %d reactions", n)
	}
}
