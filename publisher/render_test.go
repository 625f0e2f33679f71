package publisher

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/social"
)

func photos(n int) []Media {
	var list []Media
	for i := range n {
		list = append(list, Media{Kind: Photo, Hash: strings.Repeat("a", i+1), Alt: "двор"})
	}
	return list
}

// What each network is sent for one content: the preview shows the same parts.
func TestRender(t *testing.T) {
	t.Parallel()
	poll := &PollForm{Question: " Где  скользко? ", Options: []string{"Дворы", " ", "Лестницы"}, Named: true}
	asked := &PollForm{Question: "Где скользко?", Options: []string{"Дворы", "Лестницы"}, Named: true}
	anonymous := &PollForm{Question: "Где скользко?", Options: []string{"Дворы", "Лестницы"}}
	bold := []social.Entity{{Kind: social.Bold, Offset: 0, Length: 4}}
	for name, x := range map[string]struct {
		c      Content
		vk, tg []Part
	}{
		"text": {
			Content{Text: "*Снег* убран"},
			[]Part{{Kind: Message, Text: "Снег убран"}},
			[]Part{{Kind: Message, Text: "Снег убран", Entities: bold}},
		},
		"versions": {
			Content{Text: "Общий", Versions: map[social.Network]string{social.Telegram: "*Свой* текст"}, Silent: true, NoComments: true},
			[]Part{{Kind: Message, Text: "Общий", Silent: true, NoComments: true}},
			[]Part{{Kind: Message, Text: "Свой текст", Entities: bold, Silent: true, NoComments: true}},
		},
		"a photo": {
			Content{Text: "*Снег*", Media: photos(1)},
			[]Part{{Kind: Picture, Text: "Снег", Media: photos(1)}},
			[]Part{{Kind: Picture, Text: "Снег", Entities: bold, Media: photos(1)}},
		},
		"an album": {
			Content{Media: photos(3)},
			[]Part{{Kind: Picture, Media: photos(3)}},
			[]Part{{Kind: Album, Media: photos(3)}},
		},
		"a file, a video and addresses": {
			Content{Text: "Смотрите", Media: []Media{
				{Kind: File, Hash: "f", Name: "план.pdf"},
				{Kind: Video, URL: "https://vk.com/video-7_15?list=1"},
				{Kind: Link, URL: "https://a.example/3,4"},
				{Kind: Link, URL: "https://a.example/1"},
				{Kind: Link, URL: "https://a.example/2"},
			}},
			[]Part{{
				Kind: Picture, Text: "Смотрите\n\nhttps://a.example/3,4\n\nhttps://a.example/2", Media: []Media{{Kind: File, Hash: "f", Name: "план.pdf"}},
				Attach: []string{"video-7_15", "https://a.example/1"},
			}},
			[]Part{{
				Kind: Document, Text: "Смотрите\n\nhttps://vk.com/video-7_15?list=1\n\nhttps://a.example/3,4\n\nhttps://a.example/1\n\nhttps://a.example/2",
				Media: []Media{{Kind: File, Hash: "f", Name: "план.pdf"}},
			}},
		},
		"a poll": {
			Content{Text: "Отметьте", Poll: poll},
			[]Part{{Kind: Message, Text: "Отметьте", Poll: asked}},
			[]Part{{Kind: Message, Text: "Отметьте"}, {Kind: Question, Poll: anonymous, Silent: true}},
		},
		"nothing": {Content{}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(x.vk, Render(social.VK, x.c)); d != "" {
				t.Error("VK", d)
			}
			if d := cmp.Diff(x.tg, Render(social.Telegram, x.c)); d != "" {
				t.Error("Telegram", d)
			}
		})
	}
}

func TestVideoAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://vk.com/video-7_15":                "video-7_15",
		"https://vkvideo.ru/video12_3?x":           "video12_3",
		"https://vk.com/clips?z=video-1_2%2Fclips": "video-1_2",
		"https://rutube.ru/video-7_15":             "",
		"https://vk.com/video":                     "",
		"https://vk.com/video-_1":                  "",
		"https://vk.com/video1":                    "",
		"https://vk.example/video-7_15":            "",
	} {
		if got := vkVideo(address); got != want {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("я", n) }
	for name, x := range map[string]struct {
		change func(*Post)
		codes  []string // of what stops the post
	}{
		"in order":               {func(*Post) {}, nil},
		"empty":                  {func(p *Post) { p.Content = Content{} }, []string{"empty"}},
		"no pages":               {func(p *Post) { p.Targets = nil }, []string{"pages"}},
		"past":                   {func(p *Post) { p.At = begun }, []string{"past"}},
		"at the limit":           {func(p *Post) { p.Content.Text = long(4096) }, nil},
		"above Telegram's":       {func(p *Post) { p.Content.Text = long(4097) }, []string{"text.long"}},
		"marks do not count":     {func(p *Post) { p.Content.Text = "*" + long(4096) + "*" }, nil},
		"signs that count twice": {func(p *Post) { p.Content.Text = strings.Repeat("👍", 2049) }, []string{"text.long"}},
		"a version for Telegram": {func(p *Post) {
			p.Content.Text, p.Content.Versions = long(16000), map[social.Network]string{social.Telegram: "кратко"}
		}, nil},
		"above both":    {func(p *Post) { p.Content.Text = long(16001) }, []string{"text.long", "text.long"}},
		"caption":       {func(p *Post) { p.Content = Content{Text: long(1024), Media: photos(1)} }, nil},
		"long caption":  {func(p *Post) { p.Content = Content{Text: long(1025), Media: photos(1)} }, []string{"text.long"}},
		"ten photos":    {func(p *Post) { p.Content.Media = photos(10) }, nil},
		"eleven photos": {func(p *Post) { p.Content.Media = photos(11) }, []string{"media.many", "media.many"}},
		"ten and a poll": {func(p *Post) {
			p.Content.Media, p.Content.Poll = photos(10), &PollForm{Question: "?", Options: []string{"а", "б"}}
		}, []string{"media.many"}},
		"photo and file": {func(p *Post) { p.Content.Media = append(photos(1), Media{Kind: File, Hash: "f"}) }, []string{"media.mixed"}},
		"not loaded":     {func(p *Post) { p.Content.Media = []Media{{Kind: Photo}} }, []string{"media.missing"}},
		"not an address": {func(p *Post) { p.Content.Media = []Media{{Kind: Video, URL: "javascript:1"}} }, []string{"media.address"}},
		"poll alone":     {func(p *Post) { p.Content = Content{Poll: &PollForm{Question: "?", Options: []string{"а", "б"}}} }, []string{"poll.alone"}},
		"one option":     {func(p *Post) { p.Content.Poll = &PollForm{Question: "?", Options: []string{"а", " "}} }, nil},
		"no options":     {func(p *Post) { p.Content.Poll = &PollForm{Question: "?", Options: []string{" "}} }, []string{"poll.options", "poll.options"}},
		"a moment's poll": {func(p *Post) {
			p.Content.Poll = &PollForm{Question: "?", Options: []string{"а", "б"}, OpenFor: 3 * time.Second}
		}, []string{"poll.time", "poll.time"}},
		"nothing to see":  {func(p *Post) { p.Content.Text = "\u200b\u2060" }, []string{"empty", "empty"}},
		"only Telegram's": {func(p *Post) { p.Content = Content{Versions: map[social.Network]string{social.Telegram: "а"}} }, []string{"empty"}},
		"a large photo":   {func(p *Post) { p.Content.Media = photos(1); p.Content.Media[0].Size = 11 << 20 }, []string{"media.large"}},
		"a strip": {func(p *Post) {
			p.Content.Media = photos(1)
			p.Content.Media[0].Width, p.Content.Media[0].Height = 2100, 100
		}, []string{"media.ratio", "media.ratio"}},
		"a wide photo": {func(p *Post) {
			p.Content.Media = photos(1)
			p.Content.Media[0].Width, p.Content.Media[0].Height = 9000, 4000
		}, []string{"media.sides"}},
		"address by a poor key": {func(p *Post) {
			p.Targets[0].PageID, p.Content.Media = "poor", []Media{{Kind: Link, URL: "https://a.example"}}
		}, []string{"key.attach"}},
		"eleven options": {func(p *Post) {
			p.Content.Poll = &PollForm{Question: "?", Options: strings.Split("абвгдежзикл", "")}
		}, []string{"poll.options"}},
		"thirteen options": {func(p *Post) {
			p.Content.Poll = &PollForm{Question: "?", Options: strings.Split("абвгдежзиклмн", "")}
		}, []string{"poll.options", "poll.options"}},
		"one option twice":    {func(p *Post) { p.Content.Poll = &PollForm{Question: "?", Options: []string{"Да", "да"}} }, []string{"poll.twice", "poll.twice"}},
		"a long option":       {func(p *Post) { p.Content.Poll = &PollForm{Question: "?", Options: []string{long(101), "б"}} }, []string{"poll.option", "poll.option"}},
		"no question":         {func(p *Post) { p.Content.Poll = &PollForm{Options: []string{"а", "б"}} }, []string{"poll.question", "poll.question"}},
		"VK's question":       {func(p *Post) { p.Content.Poll = &PollForm{Question: long(256), Options: []string{"а", "б"}} }, []string{"poll.question"}},
		"a page that is gone": {func(p *Post) { p.Targets[0].PageID = "gone" }, []string{"page"}},
		"text by a poor key":  {func(p *Post) { p.Targets[0].PageID = "poor" }, nil},
		"photo by a poor key": {func(p *Post) { p.Targets[0].PageID, p.Content.Media = "poor", photos(1) }, []string{"key.photo"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := at(Draft)
			x.change(&p)
			var codes []string
			for _, s := range Stops(Preflight(p, facts())) {
				codes = append(codes, s.Code)
			}
			slices.Sort(codes)
			if !slices.Equal(codes, x.codes) {
				t.Errorf("%v, want %v", codes, x.codes)
			}
		})
	}
	list := Preflight(with(at(Draft), func(p *Post) { p.Targets[0].PageID, p.Content.Media = "poor", photos(2); p.Content.Media[0].Alt = "" }), facts())
	if len(list) != 2 || list[0].Text != "Район: нет ключа администратора, поэтому опубликовать фото нельзя. Добавьте ключ или измените пост." ||
		list[1].Text != "Описание для незрячих есть у 1 фото из 2." {
		t.Errorf("%+v", list)
	}
}

func TestHashCoversContentAndPagesNotTime(t *testing.T) {
	t.Parallel()
	p := at(Draft)
	p.Content.Poll = &PollForm{Question: "?", Options: []string{"а", "б"}}
	for name, change := range map[string]func(*Post){
		"text":    func(p *Post) { p.Content.Text += "!" },
		"version": func(p *Post) { p.Content.Versions = map[social.Network]string{social.VK: "x"} },
		"photo":   func(p *Post) { p.Content.Media = photos(1) },
		"alt":     func(p *Post) { p.Content.Media = []Media{{Kind: Photo, Hash: "a", Alt: "x"}} },
		"pages":   func(p *Post) { p.Targets = p.Targets[:1] },
		"poll's end": func(p *Post) {
			p.Content.Poll = &PollForm{Question: "?", Options: []string{"а", "б"}, OpenFor: time.Hour}
		},
		"poll":       func(p *Post) { p.Content.Poll = &PollForm{Question: "?", Options: []string{"б", "а"}} },
		"no comment": func(p *Post) { p.Content.NoComments = true },
	} {
		if with(p, change).Hash() == p.Hash() {
			t.Errorf("%s is not covered", name)
		}
	}
	for name, change := range map[string]func(*Post){
		"time":           func(p *Post) { p.At = later },
		"title":          func(p *Post) { p.Title, p.Rubric, p.Tags = "x", "y", []string{"z"} },
		"order of pages": func(p *Post) { slices.Reverse(p.Targets) },
	} {
		if with(p, change).Hash() != p.Hash() {
			t.Errorf("%s is covered", name)
		}
	}
}

func TestWidgets(t *testing.T) {
	t.Parallel()
	const ogrn, good = "1024000000001", "https://pos.gosuslugi.ru/form/?opaId=12&utm_source=vk&utm_medium=40&utm_campaign=1024000000001"
	const opinion = "https://pos.gosuslugi.ru/og/org-activities?mun_code=29701000&utm_source=vk2&utm_medium=40&utm_campaign=1024000000001"
	for name, x := range map[string]struct {
		links []string
		want  WidgetVerdict
	}{
		"both":       {[]string{good, opinion}, WidgetsCorrect},
		"none":       {nil, WidgetsMissing},
		"three":      {[]string{good, opinion, good}, WidgetsTooMany},
		"space":      {[]string{good + " "}, WidgetSpaces},
		"other site": {[]string{"https://pos.example/form/?opaId=12"}, WidgetForeign},
		"no marks":   {[]string{"https://pos.gosuslugi.ru/form/?opaId=12"}, WidgetUTM},
		"short ОГРН": {[]string{strings.TrimSuffix(good, "1")}, WidgetUTM},
		"source vk3": {[]string{strings.Replace(good, "=vk&", "=vk3&", 1)}, WidgetUTM},
		"other ОГРН": {[]string{strings.Replace(good, "0001", "0002", 1)}, WidgetOtherOGRN},
	} {
		if got, _ := CheckWidgets(x.links, ogrn); got != x.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
