package web

import (
	"strings"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/internal/rights"
	"otklik/internal/social"
)

func TestACaseOfAnotherPageSaysBeforehandThatItIsAnsweredByHand(t *testing.T) {
	t.Parallel()
	s := &server{}
	view := incidents.View{Case: incidents.Case{
		Foreign: true, Message: social.Item{Ref: social.Ref{Network: social.VK}, Permalink: "https://vk.com/wall-9_1"},
	}}
	for stage, part := range map[incidents.Stage]string{
		incidents.Moderation: "", incidents.Coordination: "",
		incidents.Execution: "Подготовьте текст", incidents.Approval: "Подготовьте текст",
		incidents.Publication: "закройте карточку ссылкой",
	} {
		view.Case.Stage = stage
		got := s.sending(view, rights.Actor{}, time.Now())
		if part == "" && got == nil {
			continue
		}
		if part == "" || got == nil || !strings.Contains(got.Text, part) || got.Title != "Ответить отсюда нельзя: это не ваша страница." || got.Link == "" || got.Settle || got.Again {
			t.Errorf("%s: %+v", stage, got)
		}
	}
	view.Case.Stage, view.Case.Outcome, view.Case.AnswerLink = incidents.Done, incidents.Resolved, "https://vk.com/wall-9_1?reply=2"
	if got := s.sending(view, rights.Actor{}, time.Now()); got == nil || got.Class != "ok" {
		t.Errorf("once answered: %+v", got)
	}
}
