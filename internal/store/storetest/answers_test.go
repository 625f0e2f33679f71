package storetest

import (
	"slices"
	"testing"

	"otklik/incidents"
	"otklik/incidents/answers"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

func TestAnswerTemplatesAndWords(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.must(b.s.SaveAnswerTemplate(b.ctx, coordinator, answers.Template{Title: "Яма", FactID: "yama", Text: "Здравствуйте, {имя}!"}, b.now))
		b.must(b.s.SaveAnswerTemplate(b.ctx, coordinator, answers.Template{Title: "Снег", TopicID: "snow", Text: "Уберём."}, b.now))
		list, err := b.s.AnswerTemplates(b.ctx)
		b.must(err)
		if len(list) != 2 || list[0].Title != "Снег" || list[0].TopicID != "snow" || list[1].FactID != "yama" || list[1].EditedBy != coordinator.Name || !list[1].EditedAt.Equal(b.now) {
			t.Fatalf("%+v", list)
		}
		changed := list[1]
		changed.Text = "Здравствуйте!\r\nЗасыпем."
		b.must(b.s.SaveAnswerTemplate(b.ctx, coordinator, changed, b.now))
		b.must(b.s.DropAnswerTemplate(b.ctx, coordinator, list[0].ID, b.now))
		list, err = b.s.AnswerTemplates(b.ctx)
		b.must(err)
		if len(list) != 1 || list[0].Text != "Здравствуйте!\nЗасыпем." {
			t.Errorf("%+v", list)
		}
		for what, err := range map[string]error{
			"a dropped one":  b.s.SaveAnswerTemplate(b.ctx, coordinator, answers.Template{ID: "gone", Title: "а", Text: "б"}, b.now),
			"dropping twice": b.s.DropAnswerTemplate(b.ctx, coordinator, "gone", b.now),
		} {
			if errs.CodeOf(err) != errs.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		words := answers.Words{Abbreviations: []string{"ТОС", "ЕДДС"}, Contacts: []string{"8 (383) 222-11-00"}}
		b.must(b.s.SaveAnswerWords(b.ctx, coordinator, answers.Words{Abbreviations: []string{"ЛКО"}}, b.now))
		b.must(b.s.SaveAnswerWords(b.ctx, coordinator, words, b.now))
		got, err := b.s.AnswerWords(b.ctx)
		b.must(err)
		if !slices.Equal(got.Abbreviations, words.Abbreviations) || !slices.Equal(got.Contacts, words.Contacts) {
			t.Errorf("%+v", got)
		}
		for what, err := range map[string]error{
			"a template": b.s.SaveAnswerTemplate(b.ctx, executor, answers.Template{Title: "а", Text: "б"}, b.now),
			"words":      b.s.SaveAnswerWords(b.ctx, executor, words, b.now),
		} {
			if errs.CodeOf(err) != errs.Forbidden {
				t.Errorf("an executor changes %s: %v", what, err)
			}
		}
	})
}

// What is personal is refused when it is handed in and, where a contact is the
// agency's no more, when it is approved; the case stays where it is.
func TestAPublicAnswerWithPersonalDataIsRefused(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("5", citizen, "яма у дома"))
		b.do(moderator, c.ID, incidents.Accept{})
		b.do(coordinator, c.ID, incidents.Assign{DepartmentID: "roads", DepartmentName: "Дорожная служба"})
		text := "Засыплем завтра. Справки: 8 (383) 222-11-00."
		refused := func(by rights.Actor, cmd incidents.Command, stage incidents.Stage) {
			t.Helper()
			before := b.load(c.ID)
			if _, err := b.try(by, c.ID, 0, cmd); errs.CodeOf(err) != errs.Invalid {
				t.Errorf("%T: %v", cmd, err)
			}
			if after := b.load(c.ID); after.Stage != stage || after.Version != before.Version {
				t.Errorf("%T moved the case to %s", cmd, after.Stage)
			}
		}
		refused(executor, incidents.Submit{Text: text}, incidents.Execution)
		refused(executor, incidents.Interim{Text: text, Promise: b.now.AddDate(0, 0, 3)}, incidents.Execution)
		b.must(b.s.SaveAnswerWords(b.ctx, coordinator, answers.Words{Contacts: []string{"+7 383 222-11-00"}}, b.now))
		handed := b.do(executor, c.ID, incidents.Submit{Text: text})
		b.must(b.s.SaveAnswerWords(b.ctx, coordinator, answers.Words{}, b.now))
		refused(head, incidents.Approve{Hash: handed.Answer.Hash()}, incidents.Approval)
		if n := b.count("SELECT COUNT(*) FROM deliveries"); n != 0 {
			t.Errorf("%d deliveries of a refused answer", n)
		}
	})
}
