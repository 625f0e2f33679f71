package telegram_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

func TestParseModesBecomeEntities(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	for _, c := range []struct{ mode, source, text, entities string }{
		{"HTML", "<b>Важно</b> и <i>срочно</i>", "Важно и срочно", "bold 0+5, italic 8+6"},
		{"HTML", "😀 <a href=\"https://gorod.ru/?a=1&amp;b=2\">тут</a> &lt;5&gt; &#33;", "😀 тут <5> !", "text_link 3+3 https://gorod.ru/?a=1&b=2"},
		{"HTML", `<pre><code class="language-go">x := 1</code></pre>`, "x := 1", "pre 0+6 go"},
		{"HTML", "<blockquote expandable>Цитата</blockquote><tg-spoiler>тайна</tg-spoiler>", "Цитататайна", "expandable_blockquote 0+6, spoiler 6+5"},
		{"HTML", "  <b>с краёв</b>  ", "с краёв", "bold 0+7"},
		{"MarkdownV2", `*Важно* и _срочно_ __да__ ~нет~ ||тайна||`, "Важно и срочно да нет тайна", "bold 0+5, italic 8+6, underline 15+2, strikethrough 18+3, spoiler 22+5"},
		{"MarkdownV2", "[тут](https://gorod.ru) \\- 100\\%\\!", "тут - 100%!", "text_link 0+3 https://gorod.ru"},
		{"MarkdownV2", "```go\nx := 1```\n`y`", "x := 1\ny", "pre 0+6 go, code 7+1"},
		{"MarkdownV2", ">Цитата\n>дальше\nответ", "Цитата\nдальше\nответ", "blockquote 0+13"},
		{"", "/help@otklik_bot @mer_goroda #дороги https://gorod.ru/1, priem@gorod.ru", "/help@otklik_bot @mer_goroda #дороги https://gorod.ru/1, priem@gorod.ru", "bot_command 0+16, mention 17+11, hashtag 29+7, url 37+18, email 57+14"},
	} {
		var m struct {
			Text     string
			Entities []struct {
				Type, URL, Language string
				Offset, Length      int
			}
		}
		params := object{"chat_id": w.channel.GroupID, "text": c.source}
		if c.mode != "" {
			params["parse_mode"] = c.mode
		}
		a := w.call("sendMessage", params)
		if err := json.Unmarshal(a.Result, &m); err != nil {
			t.Errorf("%s: %+v", c.source, a)
			continue
		}
		var list []string
		for _, e := range m.Entities {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %d+%d %s%s", e.Type, e.Offset, e.Length, e.URL, e.Language)))
		}
		if got := strings.Join(list, ", "); m.Text != c.text || got != c.entities {
			t.Errorf("%s:\n%q %s\nwant\n%q %s", c.source, m.Text, got, c.text, c.entities)
		}
	}
}

func TestBrokenMarkupIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	for _, c := range []struct{ mode, source, says string }{
		{"HTML", "<b>а", `Can't find end tag corresponding to start tag "b"`},
		{"HTML", "<b>а</i>", `Unmatched end tag at byte offset 5, expected "</b>", found "</i>"`},
		{"HTML", "а</b>", "Unexpected end tag at byte offset 2"},
		{"HTML", "<div>а</div>", `Unsupported start tag "div" at byte offset 0`},
		{"HTML", "5 < 6", "Unclosed start tag at byte offset 2"},
		{"MarkdownV2", "Готово.", `Character '.' is reserved and must be escaped with the preceding '\'`},
		{"MarkdownV2", "*Готово", "Can't find end of Bold entity at byte offset 0"},
		{"MarkdownV2", "`x", "Can't find end of Code entity at byte offset 0"},
		{"MarkdownV2", "[x](http://a", "Can't find end of a URL"},
		{"BBCode", "а", "unsupported parse_mode"},
	} {
		a := w.call("sendMessage", object{"chat_id": w.channel.GroupID, "text": c.source, "parse_mode": c.mode})
		if a.OK || a.Status != 400 || !strings.Contains(a.Description, c.says) {
			t.Errorf("%s %q: %+v", c.mode, c.source, a)
		}
	}
}

// TestNoMarkupBreaksTheParsers writes any mixture of marks: it is refused, or
// its entities stand within the text and have a length.
func TestNoMarkupBreaksTheParsers(t *testing.T) {
	t.Parallel()
	w := setup(t, nil)
	pieces := []string{
		"<b>", "</b>", "<i>", "</i>", "<a href='http://x.y'>", "</a>", "<pre>", "</pre>", `<code class="language-go">`, "</code>", "<", ">", "&amp;",
		"&#x1F600;", "&", "*", "_", "__", "~", "||", "`", "```", "```go\n", "[", "](http://x.y)", ")", "\\", "\n", "\n>", " ", "а", "😀", "@mayor", "/go", "#и",
	}
	rapid.Check(t, func(r *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(r, "pieces"), "")
		mode := rapid.SampledFrom([]string{"HTML", "MarkdownV2", ""}).Draw(r, "mode")
		params := object{"chat_id": w.channel.GroupID, "text": "x" + source}
		if mode != "" {
			params["parse_mode"] = mode
		}
		a := w.call("sendMessage", params)
		if !a.OK {
			if a.Status != 400 || mode == "" {
				r.Fatalf("%q: %+v", source, a)
			}
			return
		}
		var m struct {
			Text     string
			Entities []struct{ Offset, Length int }
		}
		if err := json.Unmarshal(a.Result, &m); err != nil {
			r.Fatal(err)
		}
		length := len(utf16.Encode([]rune(m.Text)))
		for _, e := range m.Entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > length {
				r.Fatalf("%q in %s: %q %+v", source, mode, m.Text, m.Entities)
			}
		}
	})
}
