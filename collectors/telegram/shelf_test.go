package telegram_test

import (
	"strings"
	"testing"

	sim "otklik/internal/sim/telegram"
)

func TestAShelfIsAClosedChatOfTheBot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	closed, err := b.sim.AddGroup(sim.Group{Title: "Полка"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.sim.SetMember(closed.ID, b.bot.ID, "left"); err != nil {
		t.Fatal(err)
	}
	if s, why, err := b.client.InspectShelf(t.Context(), "gorod", itoa(closed.ID)); err != nil || why == "" || s.ID != 0 {
		t.Errorf("a chat without the bot: %+v %q %v", s, why, err)
	}
	if err := b.sim.SetMember(closed.ID, b.bot.ID, "member"); err != nil {
		t.Fatal(err)
	}
	s, why, err := b.client.InspectShelf(t.Context(), "gorod", itoa(closed.ID))
	if err != nil || why != "" || s.ID != closed.ID || s.Title != "Полка" {
		t.Errorf("%+v %q %v", s, why, err)
	}
	for chat, part := range map[string]string{
		itoa(b.channel.ID): "читают люди", itoa(b.channel.GroupID): "читают люди", "-1009": "не видит", "что-то": "не имя чата",
	} {
		if s, why, err := b.client.InspectShelf(t.Context(), "gorod", chat); err != nil || s.ID != 0 || !strings.Contains(why, part) {
			t.Errorf("%s: %+v %q %v", chat, s, why, err)
		}
	}
}
