package storetest

import (
	"strconv"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/incidents/mass"
	"otklik/internal/detect"
	"otklik/internal/social"
)

// spotted stores complaints that name a place and detects them there.
func (b *bundle) spotted(word string, place detect.Place, authors ...int) {
	b.t.Helper()
	for _, a := range authors {
		b.cursor++
		it := comment(word+strconv.Itoa(b.cursor), social.Author{ID: strconv.Itoa(a), Name: "Житель"}, word)
		it.PublishedAt = b.now
		b.commit(created(it))
	}
	items, err := b.s.Pending(b.ctx, 100)
	b.must(err)
	for i := range items {
		items[i].Place = place
	}
	_, err = b.s.Conclude(b.ctx, b.detect, conclusions(items), b.now)
	b.must(err)
}

func (b *bundle) hours(topic, place string) int {
	b.t.Helper()
	return b.count("SELECT COALESCE(SUM(cases), 0) FROM topic_hours WHERE topic_id = $1 AND place_id = $2", topic, place)
}

func (b *bundle) caseNo(number int) string {
	b.t.Helper()
	return b.texts("SELECT id FROM cases WHERE number = $1", number)[0]
}

func TestACaseThatChangesItsTopicChangesItsIncident(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.complain("яма", 1, 2, 3, 4, 5, 6)
		b.complain("течь", 11, 12, 13, 14, 15)
		one := b.caseNo(1)
		b.do(moderator, one, incidents.Classify{TopicID: "leaks", TopicName: "Протечки"})
		rows := b.openMass()
		if len(rows) != 2 || rows[0].Members+rows[1].Members != 11 {
			t.Fatalf("%+v", rows)
		}
		view, err := b.s.View(b.ctx, one, reader("p"), b.now)
		b.must(err)
		if view.Mass.Number != 2 || view.Mass.Members != 6 {
			t.Fatalf("%+v", view.Mass)
		}
		if p, l := b.hours("pits", ""), b.hours("leaks", ""); p != 5 || l != 6 {
			t.Fatalf("hours: %d and %d", p, l)
		}
		// Back again: the case is no stranger to where it was.
		b.do(moderator, one, incidents.Classify{TopicID: "pits", TopicName: "Ямы"})
		if view, err = b.s.View(b.ctx, one, reader("p"), b.now); err != nil || view.Mass.Number != 1 || view.Mass.Members != 6 {
			t.Fatalf("%+v %v", view.Mass, err)
		}
		if p, l := b.hours("pits", ""), b.hours("leaks", ""); p != 6 || l != 5 {
			t.Fatalf("hours: %d and %d", p, l)
		}
	})
}

func TestACaseThatIsRelocatedMovesAndOneThatIsRejectedLeaves(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		south := detect.Place{Territory: "south", Title: "Южный район", From: incidents.FromMessage, Path: []string{"south", "town"}}
		b.spotted("яма", south, 1, 2, 3, 4, 5, 6)
		first := b.openMass()
		if len(first) != 1 || first[0].Members != 6 || first[0].Place.ID != "south" {
			t.Fatalf("%+v", first)
		}
		one := b.caseNo(1)
		b.do(moderator, one, incidents.Locate{Place: incidents.Place{ID: "north", Title: "Северный район", Path: []string{"north", "town"}}})
		if got := b.openMass(); got[0].Members != 5 {
			t.Fatalf("%+v", got)
		}
		if s, n, all := b.hours("pits", "south"), b.hours("pits", "north"), b.hours("pits", "town"); s != 5 || n != 1 || all != 6 {
			t.Fatalf("hours: south %d, north %d, town %d", s, n, all)
		}
		two := b.caseNo(2)
		b.do(moderator, two, incidents.Reject{Ground: incidents.NoMatter})
		if got := b.openMass(); got[0].Members != 4 || got[0].Authors != 4 || b.hours("pits", "") != 5 {
			t.Fatalf("%+v", got)
		}
		view, err := b.s.View(b.ctx, two, reader("p"), b.now)
		b.must(err)
		last := view.History[len(view.History)-1]
		if last.Kind != incidents.EventLeft || view.Case.RejectReason != incidents.NoMatter.Title() {
			t.Fatalf("%+v, %q", last, view.Case.RejectReason)
		}
		// Whom a person has put there stays there until rejected.
		b.complain("течь", 7)
		b.must(b.change(1, mass.Add{Cases: []int64{7}}))
		b.do(moderator, b.caseNo(7), incidents.Classify{TopicID: "pits", TopicName: "Ямы"})
		if got := b.openMass(); got[0].Members != 5 {
			t.Fatalf("%+v", got)
		}
		b.do(moderator, b.caseNo(7), incidents.Reject{Ground: incidents.NoMatter})
		if got := b.openMass(); got[0].Members != 4 || b.count("SELECT COUNT(*) FROM topic_hours WHERE cases < 0") != 0 {
			t.Fatalf("%+v", got)
		}
	})
}

func TestCopiesAreCountedWithTheirOriginal(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		put := func(id, author string, from social.Ref) {
			it := comment(id, social.Author{ID: author, Name: "Житель"}, "яма")
			it.Thread, it.PublishedAt = ref(id), b.now.Add(-3*time.Hour)
			if !from.IsZero() {
				it.Media = []social.Media{{Kind: "link", Key: social.RepostKey(from)}}
			}
			b.commit(created(it))
			b.detectAll()
		}
		put("1", "a", social.Ref{})
		put("2", "b", ref("r1"))
		if n := b.hours("pits", ""); n != 2 {
			t.Fatalf("%d in the hour", n)
		}
		b.do(moderator, b.caseNo(1), incidents.Classify{TopicID: "leaks", TopicName: "Протечки"})
		if p, l := b.hours("pits", ""), b.hours("leaks", ""); p != 0 || l != 2 {
			t.Fatalf("hours: %d and %d", p, l)
		}
	})
}

// A repost without a word is no finding, and is a copy all the same.
func TestARepostWithoutWordsIsACopy(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		first := b.open(comment("1", social.Author{ID: "a", Name: "Житель"}, "яма"))
		bare := comment("2", social.Author{ID: "b", Name: "Сосед"}, "")
		bare.Thread, bare.Media = ref("2"), []social.Media{{Kind: "link", Key: social.RepostKey(ref("r1"))}}
		other := comment("3", social.Author{ID: "c", Name: "Сосед"}, "")
		other.Thread, other.Media = ref("3"), []social.Media{{Kind: "link", Key: social.RepostKey(ref("unknown"))}}
		b.commit(created(bare), created(other))
		b.detectAll()
		v, err := b.s.View(b.ctx, first.ID, reader("p"), b.now)
		b.must(err)
		if len(v.Copies) != 1 || !v.Copies[0].Repost || b.count("SELECT COUNT(*) FROM cases") != 1 {
			t.Fatalf("%+v", v.Copies)
		}
	})
}
