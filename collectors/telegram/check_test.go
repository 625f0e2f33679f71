package telegram_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"otklik/collectors"
	"otklik/collectors/telegram"
	"otklik/internal/sim/record"
	sim "otklik/internal/sim/telegram"
)

// ready says that nothing was found that hinders the work.
func ready(r telegram.Report) bool {
	return !slices.ContainsFunc(r.Findings, func(f telegram.Finding) bool { return !f.OK })
}

func TestAPageInOrderIsReadyAndFullyKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"gorod", "@gorod", "https://t.me/gorod", "t.me/s/gorod", itoa(b.channel.ID)} {
		r, err := b.client.Inspect(t.Context(), name)
		if err != nil || !ready(r) {
			t.Fatalf("%s: %+v, %v", name, r, err)
		}
		want := telegram.Page{
			BotID: b.bot.ID, BotUsername: "gorod_bot", ChannelID: b.channel.ID, ChannelTitle: "Город",
			ChannelUsername: "gorod", GroupID: b.channel.GroupID, GroupTitle: "Разговор",
		}
		if r.Page != want || len(r.Findings) != 4 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestEveryObstacleIsNamedWithWhatToDo(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(*bench) error
		says  string
	}{
		"not in the channel": {func(b *bench) error { return b.sim.SetMember(b.channel.ID, b.bot.ID, "left") }, "не администратор канала"},
		"only a member":      {func(b *bench) error { return b.sim.SetMember(b.channel.ID, b.bot.ID, "member") }, "не администратор канала"},
		"kicked":             {func(b *bench) error { return b.sim.SetMember(b.channel.ID, b.bot.ID, "kicked") }, "не видит канал"},
		"privacy mode":       {func(b *bench) error { return b.sim.SetMember(b.channel.GroupID, b.bot.ID, "member") }, "приватности"},
		"not in the group":   {func(b *bench) error { return b.sim.SetMember(b.channel.GroupID, b.bot.ID, "left") }, "бота в ней нет"},
		"muted":              {func(b *bench) error { return b.sim.SetMember(b.channel.GroupID, b.bot.ID, "restricted") }, "запрещено писать"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if err := c.spoil(b); err != nil {
				t.Fatal(err)
			}
			r, err := b.client.Inspect(t.Context(), itoa(b.channel.ID))
			if err != nil || ready(r) {
				t.Fatalf("%+v, %v", r, err)
			}
			var all []string
			for _, f := range r.Findings {
				if !f.OK {
					all = append(all, f.Text)
				}
			}
			if text := strings.Join(all, "\n"); !strings.Contains(text, c.says) {
				t.Errorf("found:\n%s", text)
			}
		})
	}
}

func TestAChannelThatIsNoneOrHasNoGroup(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.sim.AddChannel(sim.Channel{Title: "Без обсуждений", Username: "silent"})
	if err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{
		"@nobody": "не видит канал", "@silent": "нет группы обсуждений", itoa(b.channel.GroupID): "не канал",
	} {
		r, err := b.client.Inspect(t.Context(), name)
		if err != nil || ready(r) || !strings.Contains(r.Findings[len(r.Findings)-1].Text, says) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	b.sim.Faults().Add(record.Fault{Method: "getMe", Kind: record.FaultError, Code: 401})
	_, err = b.client.Inspect(t.Context(), "@gorod")
	var trouble *collectors.Trouble
	if !errors.As(err, &trouble) || trouble.Kind != collectors.Denied {
		t.Errorf("a wrong key: %v", err)
	}
}
