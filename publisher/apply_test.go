package publisher

import (
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

var (
	begun  = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	now    = begun.Add(time.Hour)
	later  = now.Add(5 * time.Hour)
	writer = person("w", rights.PressOfficer)
	other  = person("o", rights.PressOfficer)
	head   = person("h", rights.Head)
	both   = person("b", rights.PressOfficer, rights.Head)
)

func person(id string, roles ...rights.Role) rights.Actor {
	return rights.Actor{ID: id, Name: "Имя " + id, Roles: roles}
}

func facts() Facts {
	full := Kit{Service: true, Community: true, Admin: true, Bot: true}
	return Facts{Now: now, Pages: []Page{
		{ID: "vk", Network: social.VK, Title: "Город", Chat: "-1", Missing: Missing(social.VK, full), Norm: 3},
		{ID: "tg", Network: social.Telegram, Title: "Город в Telegram", Chat: "-100700", Handle: "gorod", Missing: Missing(social.Telegram, full)},
		{ID: "poor", Network: social.VK, Title: "Район", Missing: Missing(social.VK, Kit{Community: true})},
	}}
}

var words = Content{Text: "Снег *убран*."}

// asking is a post with a poll of which Telegram refused the first part.
func asking() Post {
	return with(at(Failed), func(p *Post) {
		form := ask()
		p.Content.Poll = &form
		p.Approval.Hash = p.Hash()
	})
}

// at is a post in a state, as it usually is there.
func at(s State) Post {
	p := Post{
		ID: "p", Number: 5, Version: 3, State: s, StateSince: begun, Content: words, AuthorID: writer.ID, Writers: []string{writer.ID}, At: later, CreatedAt: begun,
		Targets: []Target{{PageID: "vk", Network: social.VK, State: Waiting}, {PageID: "tg", Network: social.Telegram, State: Waiting}},
	}
	ref := func(id string) []social.Ref { return []social.Ref{{Network: social.VK, Owner: "-1", ID: id}} }
	if s != Draft && s != Review {
		p.Approval = Approval{Hash: p.Hash(), ByID: head.ID, At: begun}
	}
	switch s {
	case Approved:
		p.At = time.Time{}
	case Published:
		p.Targets[0].State, p.Targets[0].Refs = Out, ref("1")
		p.Targets[1].State, p.Targets[1].Refs = Out, ref("2")
	case Failed:
		p.Targets[0].State, p.Targets[0].Refs = Out, ref("1")
		p.Targets[1].State = Refused
	case Check:
		p.Targets[0].State = Unsure
		p.Targets[1].State = Leaving
	case Cancelled:
		p.Targets[0].State, p.Targets[1].State = Dropped, Dropped
	}
	return p
}

func with(p Post, change func(*Post)) Post {
	p = p.clone()
	change(&p)
	return p
}

func TestCommands(t *testing.T) {
	t.Parallel()
	read := at(Review).Hash()
	program := rights.System()
	both2 := []string{"vk", "tg"}
	due := func(p *Post) { p.At = now }
	leaving := func(p *Post) { p.Targets[0].State = Leaving }
	for name, x := range map[string]struct {
		p    Post
		cmd  Command
		by   rights.Actor
		code errs.Code
		to   State
		see  func(Decision) bool
	}{
		"write a draft": {p: at(Draft), cmd: Write{Content: Content{Text: " Новое "}, PageIDs: both2, Tags: []string{"#снег", "снег"}}, by: other, to: Draft, see: func(d Decision) bool {
			return d.Post.Content.Text == "Новое" && slices.Contains(d.Post.Writers, "o") && len(d.Post.Tags) == 1
		}},
		"write what is approved":   {p: at(Scheduled), cmd: Write{Content: Content{Text: "Новое"}, PageIDs: both2}, by: writer, to: Draft, see: func(d Decision) bool { return d.Post.Approval.Hash == "" && !d.Recall }},
		"only the title":           {p: at(Scheduled), cmd: Write{Content: words, PageIDs: both2, Title: "Уборка"}, by: writer, to: Scheduled, see: func(d Decision) bool { return d.Post.Approval.Hash != "" }},
		"another page voids":       {p: at(Scheduled), cmd: Write{Content: words, PageIDs: []string{"vk"}}, by: writer, to: Draft, see: func(d Decision) bool { return d.Post.Approval.Hash == "" }},
		"pages in another order":   {p: at(Scheduled), cmd: Write{Content: words, PageIDs: []string{"tg", "vk"}}, by: writer, to: Scheduled},
		"write for no such page":   {p: at(Draft), cmd: Write{Content: words, PageIDs: []string{"x"}}, by: writer, code: errs.Invalid},
		"write while it leaves":    {p: with(at(Scheduled), leaving), cmd: Write{Content: Content{Text: "Новое"}, PageIDs: both2}, by: writer, to: Draft, see: func(d Decision) bool { return d.Recall }},
		"write when a part is out": {p: at(Failed), cmd: Write{Content: Content{Text: "Новое"}, PageIDs: both2}, by: writer, code: errs.Conflict},
		"write what may be out":    {p: at(Check), cmd: Write{Content: Content{Text: "Новое"}, PageIDs: both2}, by: writer, code: errs.Conflict},
		"write as head":            {p: at(Draft), cmd: Write{Content: words, PageIDs: both2}, by: head, code: errs.Forbidden},
		"write a book":             {p: at(Draft), cmd: Write{Content: Content{Text: strings.Repeat("я", maxSource+1)}}, by: writer, code: errs.TooLarge},

		"plan a draft":          {p: at(Draft), cmd: Plan{At: later}, by: writer, to: Draft},
		"plan what is approved": {p: at(Approved), cmd: Plan{At: later, LateBy: time.Hour}, by: writer, to: Scheduled, see: func(d Decision) bool { return d.Post.LateBy == time.Hour }},
		"move":                  {p: at(Scheduled), cmd: Plan{At: later.Add(24 * time.Hour)}, by: writer, to: Scheduled, see: func(d Decision) bool { return d.Post.Approval.Hash != "" }},
		"take off the calendar": {p: at(Scheduled), cmd: Plan{}, by: writer, to: Approved},
		"plan into the past":    {p: at(Scheduled), cmd: Plan{At: now.Add(-time.Hour)}, by: writer, code: errs.Invalid},
		"plan while it leaves":  {p: with(at(Scheduled), leaving), cmd: Plan{At: later}, by: writer, code: errs.Conflict},
		"plan the refused again": {p: at(Failed), cmd: Plan{At: later}, by: writer, to: Scheduled, see: func(d Decision) bool {
			return d.Recall && d.Post.Targets[1].State == Waiting && d.Post.Targets[0].State == Out
		}},
		"late, and now after all": {p: with(at(Scheduled), func(p *Post) { p.State, p.Question = Check, "поздно" }), cmd: Plan{At: now}, by: writer, to: Scheduled, see: func(d Decision) bool { return d.Post.Question == "" }},
		"an endless lateness":     {p: at(Scheduled), cmd: Plan{At: later, LateBy: 48 * time.Hour}, by: writer, code: errs.Invalid},

		"submit":                 {p: at(Draft), cmd: Submit{}, by: writer, to: Review},
		"submit nothing":         {p: with(at(Draft), func(p *Post) { p.Content = Content{} }), cmd: Submit{}, by: writer, code: errs.Invalid},
		"submit to nobody":       {p: with(at(Draft), func(p *Post) { p.Targets = nil }), cmd: Submit{}, by: writer, code: errs.Invalid},
		"submit what fails":      {p: with(at(Draft), func(p *Post) { p.Content.Text = strings.Repeat("я", 5000) }), cmd: Submit{}, by: writer, code: errs.Invalid},
		"rework":                 {p: at(Review), cmd: Rework{"короче"}, by: head, to: Draft},
		"rework silently":        {p: at(Review), cmd: Rework{}, by: head, code: errs.Invalid},
		"approve":                {p: at(Review), cmd: Approve{read}, by: head, to: Scheduled, see: func(d Decision) bool { return d.Post.Approval.ByID == "h" && len(d.Send) == 0 }},
		"approve, no time":       {p: with(at(Review), func(p *Post) { p.At = time.Time{} }), cmd: Approve{read}, by: head, to: Approved},
		"approve another":        {p: at(Review), cmd: Approve{"hash"}, by: head, code: errs.Conflict},
		"approve one's own":      {p: with(at(Review), func(p *Post) { p.Writers = append(p.Writers, "b") }), cmd: Approve{read}, by: both, code: errs.Forbidden},
		"approve as begun":       {p: with(at(Review), func(p *Post) { p.AuthorID = "b" }), cmd: Approve{read}, by: both, code: errs.Forbidden},
		"approve as press":       {p: at(Review), cmd: Approve{read}, by: other, code: errs.Forbidden},
		"approve the past":       {p: with(at(Review), func(p *Post) { p.At = begun.Add(-time.Hour) }), cmd: Approve{read}, by: head, code: errs.Invalid},
		"approve by the API":     {p: at(Draft), cmd: Approve{read}, by: head, code: errs.Conflict},
		"withdraw":               {p: at(Scheduled), cmd: Withdraw{}, by: writer, to: Draft, see: func(d Decision) bool { return d.Post.Approval.Hash == "" }},
		"cancel":                 {p: at(Scheduled), cmd: Cancel{"не нужно"}, by: writer, to: Cancelled},
		"cancel the rest":        {p: at(Failed), cmd: Cancel{}, by: writer, to: Published, see: func(d Decision) bool { return d.Recall && d.Post.Targets[1].State == Dropped }},
		"cancel what may be out": {p: at(Check), cmd: Cancel{}, by: writer, code: errs.Conflict},
		"reopen":                 {p: at(Cancelled), cmd: Reopen{}, by: writer, to: Draft, see: func(d Decision) bool { return d.Post.Approval.Hash == "" && d.Post.Targets[0].State == Waiting }},
		"remark":                 {p: at(Published), cmd: Remark{"хорошо"}, by: head, to: Published},

		"release": {p: with(at(Scheduled), due), cmd: Release{}, by: program, to: Scheduled, see: func(d Decision) bool {
			return len(d.Send) == 2 && d.Send[0].Part.Text == "Снег убран." && d.Send[1].Part.Entities[0].Kind == "bold" && d.Post.Targets[0].State == Leaving
		}},
		"release but the held": {p: with(at(Scheduled), due), cmd: Release{Held: []string{"vk"}}, by: program, to: Scheduled, see: func(d Decision) bool {
			return len(d.Send) == 1 && d.Send[0].PageID == "tg" && d.Post.Targets[0].State == Waiting
		}},
		"release to a page that cannot": {p: with(at(Scheduled), func(p *Post) {
			due(p)
			p.Targets[0].PageID = "gone"
			p.Approval.Hash = p.Hash()
		}), cmd: Release{}, by: program, to: Failed, see: func(d Decision) bool {
			return d.Post.Targets[0].State == Refused && d.Post.Targets[0].Trouble != "" && len(d.Send) == 1
		}},
		"release by a person":    {p: with(at(Scheduled), due), cmd: Release{}, by: both, code: errs.Forbidden},
		"release too early":      {p: at(Scheduled), cmd: Release{}, by: program, code: errs.Conflict},
		"release the unapproved": {p: with(at(Scheduled), func(p *Post) { p.At, p.Content.Text = now, "другое" }), cmd: Release{}, by: program, code: errs.Conflict},
		"ask":                    {p: with(at(Scheduled), due), cmd: AskLate{}, by: program, to: Check, see: func(d Decision) bool { return d.Post.Question != "" }},
		"sent on one of two":     {p: with(at(Scheduled), leaving), cmd: Sent{PageID: "vk", Link: "l"}, by: program, to: Scheduled, see: func(d Decision) bool { return d.Post.Targets[0].State == Out && d.Post.Targets[0].Link == "l" }},
		"sent on the last":       {p: with(at(Published), func(p *Post) { p.State, p.Targets[1].State, p.Targets[1].Refs = Scheduled, Leaving, nil }), cmd: Sent{PageID: "tg"}, by: program, to: Published},
		"sent twice":             {p: at(Published), cmd: Sent{PageID: "vk"}, by: program, code: errs.Conflict},
		"refused":                {p: with(at(Scheduled), leaving), cmd: NotSent{"vk", "закрыто"}, by: program, to: Failed, see: func(d Decision) bool { return d.Post.Targets[0].Trouble == "закрыто" }},
		"uncertain":              {p: with(at(Scheduled), leaving), cmd: Uncertain{"vk", "тишина"}, by: program, to: Check},
		"it appeared":            {p: at(Check), cmd: Sent{PageID: "vk"}, by: program, to: Scheduled},
		"sent again":             {p: at(Check), cmd: Resent{"vk"}, by: program, to: Scheduled},
		"by hand": {p: at(Failed), cmd: ByHand{PageID: "tg", Link: "https://t.me/gorod/1"}, by: writer, to: Published, see: func(d Decision) bool {
			want := social.Ref{Network: social.Telegram, Owner: "-100700", ID: "1"}
			return d.Settled["tg"].Ref == want && slices.Equal(d.Post.Targets[1].Refs, []social.Ref{want})
		}},
		"by hand what was late": {p: with(at(Scheduled), func(p *Post) {
			p.State, p.Question, p.Targets[0].State = Check, "поздно", Dropped
		}), cmd: ByHand{PageID: "tg", Link: "https://t.me/gorod/1"}, by: writer, to: Published, see: func(d Decision) bool { return d.Post.Question == "" }},
		"by hand without a link": {p: at(Failed), cmd: ByHand{PageID: "tg", Link: "javascript:1"}, by: writer, code: errs.Invalid},
		"by hand what stands":    {p: at(Failed), cmd: ByHand{PageID: "vk", Link: "https://vk.com/wall-1_1"}, by: writer, code: errs.Conflict},
		"by hand elsewhere":      {p: at(Failed), cmd: ByHand{PageID: "tg", Link: "https://vk.com/wall-1_1"}, by: writer, code: errs.Invalid},
		"by hand what is lost":   {p: with(at(Published), func(p *Post) { p.Targets[1].Refs = nil }), cmd: ByHand{PageID: "tg", Link: "https://t.me/c/700/3"}, by: writer, to: Published, see: func(d Decision) bool { return d.Post.Targets[1].Refs[0].ID == "3" && !d.Post.Targets[1].Lost() }},
		"by hand the first of two": {p: asking(), cmd: ByHand{PageID: "tg", Link: "https://t.me/gorod/1"}, by: writer, to: Scheduled, see: func(d Decision) bool {
			return len(d.Send) == 1 && d.Send[0].Act == ActPoll && d.Send[0].Number == 1 && d.Post.Targets[1].State == Leaving && d.Opened == nil
		}},
		"by hand both": {p: asking(), cmd: ByHand{PageID: "tg", Link: "https://t.me/gorod/1", Rest: "https://t.me/gorod/2"}, by: writer, to: Published, see: func(d Decision) bool {
			return len(d.Send) == 0 && d.Opened.Ref.ID == "2" && len(d.Post.Targets[1].Refs) == 2
		}},
		"by hand one twice":       {p: asking(), cmd: ByHand{PageID: "tg", Link: "https://t.me/gorod/1", Rest: "https://t.me/gorod/1?single"}, by: writer, code: errs.Invalid},
		"by hand a rest too many": {p: at(Failed), cmd: ByHand{PageID: "tg", Link: "https://t.me/gorod/1", Rest: "https://t.me/gorod/2"}, by: writer, code: errs.Invalid},
		"found more": {p: at(Published), cmd: Found{PageID: "tg", Also: []social.Ref{{Network: social.Telegram, Owner: "-1", ID: "10"}, {Network: social.Telegram, Owner: "-1", ID: "9"}}}, by: program, to: Published, see: func(d Decision) bool {
			return d.Post.Targets[1].Also[0].ID == "9"
		}},
		"found nothing new": {p: at(Published), cmd: Found{PageID: "tg", Ref: social.Ref{ID: "x"}}, by: program, code: errs.Conflict},

		"amend":               {p: at(Published), cmd: Amend{Content{Text: "Снег вывезен."}}, by: other, to: Published, see: func(d Decision) bool { return d.Post.Content.Text == words.Text && len(d.Send) == 0 }},
		"amend nothing":       {p: at(Published), cmd: Amend{words}, by: other, code: errs.Invalid},
		"amend without a key": {p: with(at(Published), func(p *Post) { p.Targets[0].PageID = "poor" }), cmd: Amend{Content{Text: "Иное"}}, by: other, code: errs.Invalid},
		"approve amendment": {p: amended(), cmd: ApproveAmend{amended().Amendment.Hash(amended())}, by: head, to: Published, see: func(d Decision) bool {
			return len(d.Send) == 2 && d.Send[0].Act == ActEdit && d.Send[0].Part.Text == "Иное" && d.Post.Amendment == nil
		}},
		"approve own amendment": {p: amended(), cmd: ApproveAmend{amended().Amendment.Hash(amended())}, by: both, code: errs.Forbidden},
		"approve no amendment":  {p: at(Published), cmd: ApproveAmend{}, by: head, code: errs.Conflict},
		"remove":                {p: at(Published), cmd: Remove{"vk", "ошибка"}, by: writer, to: Published, see: func(d Decision) bool { return d.Send[0].Act == ActDelete && d.Send[0].Refs[0].ID == "1" }},
		"removed":               {p: at(Published), cmd: Changed{"vk", ActDelete}, by: program, to: Published, see: func(d Decision) bool { return d.Post.Targets[0].State == Taken }},
		"vanished":              {p: at(Published), cmd: Vanished{"vk", at(Published).Targets[0].Refs[0]}, by: program, to: Published, see: func(d Decision) bool { return d.Post.Targets[0].State == Taken }},
		"vanished by a person":  {p: at(Published), cmd: Vanished{"vk", at(Published).Targets[0].Refs[0]}, by: head, code: errs.Forbidden},
		"vanished elsewhere":    {p: at(Scheduled), cmd: Vanished{"vk", social.Ref{}}, by: program, code: errs.Conflict},
		"reappeared for no one": {p: at(Published), cmd: Reappeared{"vk", at(Published).Targets[0].Refs[0]}, by: program, code: errs.Conflict},
		"pin":                   {p: at(Published), cmd: Pin{"tg", true}, by: writer, to: Published, see: func(d Decision) bool { return d.Send[0].Act == ActPin }},
		"pinned":                {p: at(Published), cmd: Changed{"tg", ActPin}, by: program, to: Published, see: func(d Decision) bool { return d.Post.Targets[1].Pinned }},
		"not pinned":            {p: at(Published), cmd: NotChanged{"tg", ActPin, "нет прав"}, by: program, to: Published, see: func(d Decision) bool { return d.Post.Targets[1].Trouble == "нет прав" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Apply(x.p, x.cmd, x.by, facts())
			if errs.CodeOf(err) != x.code {
				t.Fatalf("%v, want %q", err, x.code)
			}
			if err != nil {
				return
			}
			_, quiet := x.cmd.(Found)
			if d.Post.State != x.to || d.Post.Version != x.p.Version+1 || quiet != (len(d.Events) == 0) || !quiet && (len(d.Events) != 1 || d.Events[0].Kind != x.cmd.kind()) {
				t.Fatalf("%s, %+v", d.Post.State, d.Events)
			}
			if x.see != nil && !x.see(d) {
				t.Fatalf("%+v", d)
			}
		})
	}
}

func amended() Post {
	return with(at(Published), func(p *Post) {
		p.Amendment = &Amendment{Content: Content{Text: "Иное"}, WriterID: both.ID}
		p.Writers = append(p.Writers, both.ID)
	})
}

// A message and its poll leave one after the other, and never out of order.
func TestPartsLeaveInOrder(t *testing.T) {
	t.Parallel()
	p := at(Draft)
	p.Content.Poll = &PollForm{Question: "Где скользко?", Options: []string{"Лестницы", "Дворы"}}
	p.State, p.At = Scheduled, now
	p.Approval = Approval{Hash: p.Hash(), ByID: "h"}
	step := func(cmd Command) Decision {
		t.Helper()
		d, err := Apply(p, cmd, rights.System(), facts())
		if err != nil {
			t.Fatal(err)
		}
		p = d.Post
		return d
	}
	if d := step(Release{}); len(d.Send) != 2 || d.Send[0].Part.Poll == nil || d.Send[1].Part.Poll != nil {
		t.Fatalf("%+v", d.Send)
	}
	step(Sent{PageID: "vk"})
	d := step(Sent{PageID: "tg", Part: 0, Link: "first"})
	if len(d.Send) != 1 || d.Send[0].Act != ActPoll || d.Send[0].Number != 1 || d.Post.State != Scheduled {
		t.Fatalf("%+v %s", d.Send, d.Post.State)
	}
	if _, err := Apply(p, Sent{PageID: "tg", Part: 0}, rights.System(), facts()); errs.CodeOf(err) != errs.Conflict {
		t.Fatal(err)
	}
	d = step(NotSent{"tg", "нельзя"})
	if d.Post.State != Failed {
		t.Fatal(d.Post.State)
	}
	// The message stands: the rest may be planned again, and is not the message.
	d, err := Apply(p, Plan{At: now}, writer, facts())
	if err != nil || d.Post.State != Scheduled {
		t.Fatal(err)
	}
	p = d.Post
	if d = step(Release{}); len(d.Send) != 1 || d.Send[0].Number != 1 {
		t.Fatalf("%+v", d.Send)
	}
	if d = step(Sent{PageID: "tg", Part: 1}); d.Post.State != Published || d.Post.Targets[1].Link != "first" {
		t.Fatalf("%+v", d.Post)
	}
}
