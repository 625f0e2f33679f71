package storetest

import (
	"testing"

	"otklik/incidents"
	"otklik/incidents/rubricator"
	"otklik/index/places"
	"otklik/internal/detect"
	"otklik/internal/errs"
)

func TestAPlaceIsRenamedWithAllThatNamesIt(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		list := town(b)
		b.must(b.s.SaveGazetteer(b.ctx, keeper, list, b.now))
		district, street := list[1].ID, list[2].ID
		b.must(b.s.SaveRoute(b.ctx, keeper, incidents.Route{TopicID: "pits", PlaceID: street, DepartmentID: "water"}, b.now))
		b.must(b.s.SavePagePlace(b.ctx, keeper, b.source, district, b.now))
		b.spotted("яма", detect.Place{Territory: street, Title: "улица Мира", From: incidents.FromMessage, Path: []string{street, district, list[0].ID}}, 1)
		e := places.EntryOf(list[1])
		e.Name = "Приречный"
		if _, err := b.s.SavePlace(b.ctx, executor, district, e, b.now); errs.CodeOf(err) != errs.Forbidden {
			t.Fatal(err)
		}
		id, err := b.s.SavePlace(b.ctx, keeper, district, e, b.now)
		b.must(err)
		uses, err := b.s.PlaceUses(b.ctx, id)
		b.must(err)
		if uses != (incidents.PlaceUses{Inside: 1, Routes: 1, Pages: 1, Cases: 1}) {
			t.Fatalf("%+v", uses)
		}
		if p := b.load(b.caseNo(1)).Place; p.Path[1] != id || b.inbox(incidents.Filter{By: reader("p"), Places: []string{id}}).Total != 1 {
			t.Fatalf("%+v", p)
		}
		if _, err := b.s.SavePlace(b.ctx, keeper, "", places.Entry{Type: "село", Name: "Лесное"}, b.now); err != nil {
			t.Fatal(err)
		}
		b.must(b.s.DropPlace(b.ctx, keeper, id, b.now))
		if left, _, _, err := b.s.Gazetteer(b.ctx, -1); err != nil || len(left) != 2 || b.count("SELECT COUNT(*) FROM routes") != 0 || b.count("SELECT COUNT(*) FROM source_places") != 0 {
			t.Fatalf("%+v %v", left, err)
		}
	})
}

func TestFactsAndAnswersAreAdded(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		add := func(f rubricator.Fact) (out rubricator.Fact, err error) {
			err = b.s.EditRubricator(b.ctx, keeper, b.now, func(r rubricator.Rubricator) (rubricator.Rubricator, error) {
				after, x, err := r.Add(f)
				out = x
				return after, err
			})
			return out, err
		}
		f, err := add(rubricator.Fact{Category: "Дороги", Name: "Колея", DepartmentID: "roads", Hours: 24})
		b.must(err)
		if _, err := add(rubricator.Fact{Category: "Дороги", Name: "колея", DepartmentID: "roads", Hours: 24}); errs.CodeOf(err) != errs.Conflict {
			t.Fatal(err)
		}
		if _, err := add(rubricator.Fact{Category: "Дороги", Name: "Люк", DepartmentID: "nobody", Hours: 24}); errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
		second, err := add(rubricator.Fact{Category: "Дороги", Name: "Люк", DepartmentID: "roads", Hours: 24})
		b.must(err)
		answer := func(text string, own bool) {
			b.must(b.s.EditRubricator(b.ctx, keeper, b.now, func(r rubricator.Rubricator) (rubricator.Rubricator, error) {
				return r.SetAnswer(f.ID, text, own)
			}))
		}
		answer("Проверим {адрес}", false)
		answer("Проверим место: {адрес}", false)
		tree, err := b.s.Rubricator(b.ctx)
		b.must(err)
		got, _ := tree.Fact(f.ID)
		a, ok := tree.Answer(got.AnswerID)
		if other, _ := tree.Fact(second.ID); !ok || len(tree.Answers) != 1 || other.AnswerID != "" || a.For("улица Мира") != "Проверим место: улица Мира" {
			t.Fatalf("%+v %+v", tree, a)
		}
	})
}
