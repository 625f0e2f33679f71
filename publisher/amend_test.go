package publisher

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// A post that one page took and another refused is mended where it stands; what
// the ledger holds for the other page is taken back, and the new words go there
// when somebody plans it again.
func TestAHalfPublishedPostIsAmended(t *testing.T) {
	t.Parallel()
	f := facts()
	do := func(p Post, cmd Command, by rights.Actor) Decision {
		t.Helper()
		d, err := Apply(p, cmd, by, f)
		if err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
		return d
	}
	p := do(at(Failed), Amend{Content{Text: "Снег убран не везде."}}, writer).Post
	d := do(p, ApproveAmend{p.Amendment.Hash(p)}, head)
	if len(d.Send) != 1 || d.Send[0].Act != ActEdit || d.Send[0].PageID != "vk" || !d.Recall || d.Post.State != Failed || !d.Post.Consented() {
		t.Fatalf("%+v", d)
	}
	p = do(d.Post, Plan{At: now}, writer).Post
	d = do(p, Release{}, rights.System())
	if len(d.Send) != 1 || d.Send[0].PageID != "tg" || d.Send[0].Part.Text != "Снег убран не везде." {
		t.Fatalf("%+v", d.Send)
	}
	if _, err := Apply(with(d.Post, func(p *Post) { p.Amendment = &Amendment{Content: words, WriterID: "x"} }), ApproveAmend{d.Post.Hash()}, head, f); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("amended while it leaves: %v", err)
	}
}

func TestAnEditDoesNotChangeTheShapeOfAPost(t *testing.T) {
	t.Parallel()
	p := at(Published)
	p.Content = Content{Versions: map[social.Network]string{social.VK: "Где скользко?"}, Poll: &PollForm{Question: "Где?", Options: []string{"Там", "Тут"}}}
	p.Approval.Hash = p.Hash()
	c := p.Content
	c.Text = "Отметьте"
	if _, err := Apply(p, Amend{c}, writer, facts()); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("a text for Telegram, where only the poll stands: %v", err)
	}
	c.Text, c.Versions = "", map[social.Network]string{social.VK: "Где сейчас скользко?"}
	d, err := Apply(p, Amend{c}, writer, facts())
	if err != nil {
		t.Fatal(err)
	}
	if d, err = Apply(d.Post, ApproveAmend{d.Post.Amendment.Hash(d.Post)}, head, facts()); err != nil || len(d.Send) != 1 || d.Send[0].PageID != "vk" {
		t.Errorf("%+v, %v", d.Send, err)
	}
}

// An approval that was given before the hash covered the closing of a poll.
func TestAnApprovalOfTheFirstFormStaysGood(t *testing.T) {
	t.Parallel()
	p := at(Scheduled)
	p.Content.Poll = &PollForm{Question: "Где?", Options: []string{"Там", "Тут"}}
	pages := p.PageIDs()
	slices.Sort(pages)
	raw, err := json.Marshal(struct {
		Content Content
		Pages   []string
	}{p.Content, pages})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	p.Approval.Hash = hex.EncodeToString(sum[:])
	p.Content.Poll.OpenFor = 24 * time.Hour
	if !p.Consented() {
		t.Error("an old approval is forgotten")
	}
	d, err := Apply(p, Write{Content: with(p, func(p *Post) { poll := *p.Content.Poll; poll.OpenFor = time.Hour; p.Content.Poll = &poll }).Content, PageIDs: p.PageIDs()}, writer, facts())
	if err != nil || d.Post.State != Draft || d.Post.Approval.Hash != "" {
		t.Errorf("another end of the poll: %s, %v", d.Post.State, err)
	}
	p.Content.Text = "Другое"
	if p.Consented() {
		t.Error("an old approval covers another text")
	}
}

func TestTheKeyThatThePostNeedsIsTheOneWatched(t *testing.T) {
	t.Parallel()
	page := Page{ID: "vk", Network: social.VK, Title: "Город"}
	page.Keys([]KeyEnd{
		{Kit{Service: true}, now},
		{Kit{Community: true}, time.Time{}},
		{Kit{Admin: true}, later},
	})
	f := Facts{Now: now, Pages: []Page{page}}
	p := at(Draft)
	p.Targets, p.At = p.Targets[:1], later.Add(time.Hour)
	if list := Stops(Preflight(p, f)); len(list) != 0 {
		t.Errorf("a text goes by the community's key: %+v", list)
	}
	p.Content.Media = photos(1)
	if list := Stops(Preflight(p, f)); len(list) != 1 || list[0].Code != "key.ends" {
		t.Errorf("a photo does not: %+v", list)
	}
	if !page.KeyEnds.Equal(now) || page.Ends[CanPoll] != later || !page.Ends[CanText].IsZero() {
		t.Errorf("%+v", page.Ends)
	}
}

func TestTheRegisterRefusesWhatIsNoLinkOfThePOS(t *testing.T) {
	t.Parallel()
	const good = "https://pos.gosuslugi.ru/form/?opaId=12&utm_source=vk&utm_medium=40&utm_campaign=1024000000001"
	for link, want := range map[string]string{
		good: "", strings.Replace(good, "0001", "0012", 1): "",
		"https://pos.gosuslugi.example/form/?opaId=12":     "не адрес pos.gosuslugi.ru",
		"https://pos.gosuslugi.ru.example.org/form/":       "не адрес pos.gosuslugi.ru",
		"https://example.org/?u=https://pos.gosuslugi.ru/": "не адрес pos.gosuslugi.ru",
		strings.Replace(good, "https", "http", 1):          "https://",
		strings.Replace(good, "=12", "=x", 1):              "opaId",
		strings.Replace(good, "=40", "=4", 1):              "",
		good + " ":                                         "пробел",
		"javascript:alert(1)":                              "не адрес pos.gosuslugi.ru",
	} {
		err := Page{Widgets: []string{link}}.Check()
		if (err == nil) != (want == "") || err != nil && (errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), want)) {
			t.Errorf("%s: %v", link, err)
		}
	}
}
