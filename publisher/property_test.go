package publisher

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

func contents() *rapid.Generator[Content] {
	return rapid.Custom(func(t *rapid.T) Content {
		c := Content{Text: rapid.SampledFrom([]string{"", "Снег *убран*.", "Вода будет."}).Draw(t, "text")}
		if rapid.Bool().Draw(t, "poll") {
			c.Poll = &PollForm{Question: "Где?", Options: []string{"Там", "Тут"}}
		}
		return c
	})
}

// commands draws any command, most with input that fits.
func commands(p Post, hashes []string) *rapid.Generator[Command] {
	return rapid.Custom(func(t *rapid.T) Command {
		page := rapid.SampledFrom([]string{"vk", "tg"}).Draw(t, "page")
		hash := rapid.SampledFrom(append(hashes, p.Hash(), p.Hash())).Draw(t, "hash")
		text := rapid.SampledFrom([]string{"", "да"}).Draw(t, "reason")
		act := rapid.SampledFrom([]Act{ActEdit, ActDelete, ActPin, ActUnpin}).Draw(t, "act")
		part := 0
		if x, ok := p.Target(page); ok {
			part = len(x.Refs)
		}
		list := []Command{
			Write{Content: contents().Draw(t, "content"), PageIDs: rapid.SampledFrom([][]string{{"vk", "tg"}, {"vk"}, {}}).Draw(t, "pages")},
			Plan{At: rapid.SampledFrom([]time.Time{{}, now, later}).Draw(t, "at")},
			Submit{},
			Rework{text},
			Approve{hash},
			Approve{hash},
			Withdraw{text},
			Cancel{text},
			Reopen{},
			Remark{text},
			ByHand{PageID: page, Link: rapid.SampledFrom([]string{"https://x/", "https://vk.com/wall-1_5", "https://t.me/gorod/6"}).Draw(t, "link"), Rest: rapid.SampledFrom([]string{"", "https://t.me/gorod/7"}).Draw(t, "rest")},
			Found{PageID: page, Ref: social.Ref{Network: social.VK, Owner: "-1", ID: "8"}, PollID: text},
			Amend{contents().Draw(t, "amendment")},
			ApproveAmend{hash},
			DropAmend{},
			Remove{page, text},
			Pin{page, true},
			Release{},
			Release{Held: []string{page}},
			AskLate{},
			Sent{PageID: page, Part: part, Ref: social.Ref{Network: social.VK, Owner: "-1", ID: "7"}},
			Sent{PageID: page, Part: part},
			NotSent{page, "нет"},
			Uncertain{page, "?"},
			Resent{page},
			Changed{page, act},
			NotChanged{page, act, "нет"},
		}
		if p.Amendment != nil {
			list = append(list, ApproveAmend{p.Amendment.Hash(p)}, ApproveAmend{p.Amendment.Hash(p)})
		}
		return rapid.SampledFrom(list).Draw(t, "command")
	})
}

func actors() *rapid.Generator[rights.Actor] {
	return rapid.Custom(func(t *rapid.T) rights.Actor {
		if rapid.IntRange(0, 2).Draw(t, "program") == 0 {
			return rights.System()
		}
		return person(rapid.SampledFrom([]string{"0", "1", "2"}).Draw(t, "who"), rapid.SliceOfN(rapid.SampledFrom(rights.Roles()), 0, 7).Draw(t, "roles")...)
	})
}

func TestNoSequenceOfCommandsBreaksAPost(t *testing.T) {
	t.Parallel()
	reached := map[State]int{}
	sends, halves := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := at(rapid.SampledFrom(States()).Draw(t, "begin at"))
		if rapid.IntRange(0, 4).Draw(t, "half out") == 4 {
			p = with(at(Failed), func(p *Post) {
				p.Amendment = &Amendment{Content: Content{Text: "Снег убран не везде."}, WriterID: "x"}
			})
		}
		hashes := []string{""}
		for range 60 {
			cmd, by := commands(p, hashes).Draw(t, "do"), actors().Draw(t, "by")
			f := facts()
			f.Now = rapid.SampledFrom([]time.Time{now, later}).Draw(t, "now")
			d, err := Apply(p, cmd, by, f)
			if err != nil {
				if code := errs.CodeOf(err); code == errs.Internal || code == errs.NotFound {
					t.Fatalf("%T: %v", cmd, err)
				}
				continue
			}
			checkStep(t, p, d, cmd, by)
			p = d.Post
			hashes = append(hashes, p.Hash())
			reached[p.State]++
			if _, ok := cmd.(ApproveAmend); ok && p.Has(Refused, Waiting) {
				halves++
			}
			sends += len(d.Send)
		}
	})
	for _, s := range States() {
		if reached[s] == 0 {
			t.Errorf("no sequence reached %s: the property says nothing of it", s)
		}
	}
	if halves == 0 {
		t.Error("no post was amended that is out on one page and not on another")
	}
	if sends == 0 {
		t.Error("nothing was ever sent")
	}
}

func checkStep(t *rapid.T, before Post, d Decision, cmd Command, by rights.Actor) {
	after := d.Post
	r, ok := ruleFor(cmd.kind())
	switch {
	case !ok || !slices.Contains(r.from, before.State):
		t.Fatalf("%T was allowed at %s", cmd, before.State)
	case !r.leads(before.State, after.State):
		t.Fatalf("%T led from %s to %s", cmd, before.State, after.State)
	case after.Version != before.Version+1:
		t.Fatalf("version %d after %d", after.Version, before.Version)
	case by.IsSystem() != (r.action == "") || r.action != "" && !by.Can(r.action):
		t.Fatalf("%T by %+v", cmd, by)
	}
	checkApproval(t, before, d)
	checkTargets(t, before, d)
	if _, reopened := cmd.(Reopen); before.State == Cancelled && !reopened && after.State != Cancelled {
		t.Fatalf("%T revived a cancelled post", cmd)
	}
}

// checkApproval: what is approved is what leaves, and never by its writers.
func checkApproval(t *rapid.T, before Post, d Decision) {
	after := d.Post
	approved := after.Approval.Hash != ""
	switch {
	case (after.State == Draft || after.State == Review) && approved:
		t.Fatalf("%s with an approval", after.State)
	case (after.State == Approved || after.State == Scheduled) && after.Approval.Hash != after.Hash():
		t.Fatalf("%s, and another content was approved", after.State)
	case approved && after.Approval != before.Approval && slices.Contains(after.Writers, after.Approval.ByID):
		t.Fatalf("%s approved what they wrote", after.Approval.ByID)
	case after.State == Scheduled && after.At.IsZero():
		t.Fatal("scheduled for no time")
	}
	for _, x := range d.Send {
		if x.Act == ActPost && !before.Approval.At.IsZero() && after.Approval.Hash != after.Hash() {
			t.Fatalf("%+v leaves without approval", x)
		}
		if x.Act == ActEdit && (after.Approval == before.Approval || before.Amendment == nil) {
			t.Fatal("an edit leaves without approval")
		}
	}
}

// checkTargets: nothing that is out, or may be, is sent again or forgotten.
func checkTargets(t *rapid.T, before Post, d Decision) {
	after := d.Post
	for _, x := range before.Targets {
		y, kept := after.Target(x.PageID)
		switch {
		case !kept && (x.State == Out || x.State == Unsure || len(x.Refs) > 0):
			t.Fatalf("%+v is forgotten", x)
		case kept && len(y.Refs) < len(x.Refs) && after.State != Draft:
			t.Fatalf("%+v became %+v", x, y)
		case kept && x.State == Unsure && (y.State == Waiting || y.State == Dropped):
			t.Fatalf("%+v became %+v", x, y)
		case kept && x.State == Leaving && (y.State == Waiting || y.State == Dropped) && !d.Recall:
			t.Fatalf("%+v became %+v and the ledger does not know", x, y)
		}
	}
	for _, s := range d.Send {
		x, ok := after.Target(s.PageID)
		if (s.Act == ActPost || s.Act == ActPoll) && (!ok || x.State != Leaving || s.Number != len(x.Refs)) {
			t.Fatalf("%+v leaves for %+v", s, x)
		}
	}
	for _, s := range d.Send {
		x, _ := before.Target(s.PageID)
		if s.Act == ActEdit && (len(x.Refs) == 0 || before.Has(Leaving, Unsure) || before.Has(Refused) && !d.Recall) {
			t.Fatalf("%+v is edited beside what may still leave as it was: %+v", s, before.Targets)
		}
	}
	if after.State == Published && after.Has(Waiting, Leaving, Refused, Unsure) {
		t.Fatalf("published: %+v", after.Targets)
	}
	if after.State == Cancelled && after.Has(Waiting, Leaving, Out, Unsure, Refused) {
		t.Fatalf("cancelled: %+v", after.Targets)
	}
	if after.State == Check && !after.Has(Unsure) && after.Question == "" {
		t.Fatalf("nothing to check: %+v", after.Targets)
	}
}

func TestPossibleAgreesWithApply(t *testing.T) {
	t.Parallel()
	f := facts()
	for _, s := range States() {
		for _, p := range []Post{at(s), with(at(s), func(p *Post) { p.Amendment = &Amendment{Content: Content{Text: "Иное"}, WriterID: "x"} })} {
			for _, role := range rights.Roles() {
				by := person("p1", role)
				possible := Possible(p, by)
				amendment := ""
				if p.Amendment != nil {
					amendment = p.Amendment.Hash(p)
				}
				for _, cmd := range []Command{
					Approve{p.Hash()},
					Rework{"x"},
					Submit{},
					Write{Content: Content{Text: "Новый"}, PageIDs: []string{"vk", "tg"}},
					Plan{At: later},
					Withdraw{},
					ByHand{PageID: "tg", Link: "https://t.me/gorod/9"},
					ApproveAmend{amendment},
					Amend{Content{Text: "Свежее"}},
					DropAmend{},
					Pin{"vk", true},
					Remove{"vk", "x"},
					Reopen{},
					Cancel{},
					Remark{"x"},
				} {
					_, err := Apply(p, cmd, by, f)
					if _, byHand := cmd.(ByHand); byHand && err != nil {
						_, err = Apply(p, ByHand{PageID: "vk", Link: "https://vk.com/wall-1_9"}, by, f)
					}
					if got, want := slices.Contains(possible, cmd.kind()), err == nil; got != want {
						t.Errorf("%s, %s by %s: possible %v, but Apply says %v", s, cmd.kind(), role, got, err)
					}
				}
			}
		}
	}
}
