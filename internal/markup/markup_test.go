package markup

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/social"
)

func entity(kind social.EntityKind, offset, length int, url string) social.Entity {
	return social.Entity{Kind: kind, Offset: offset, Length: length, URL: url}
}

func TestRenderings(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		source, telegram, vk string
		entities             []social.Entity
	}{
		"plain": {source: "  Снег убран.\r\n", telegram: "Снег убран.", vk: "Снег убран."},
		"bold and italic": {
			source: "*Важно:* вода _завтра_.", telegram: "Важно: вода завтра.", vk: "Важно: вода завтра.",
			entities: []social.Entity{entity(social.Bold, 0, 6, ""), entity(social.Italic, 12, 6, "")},
		},
		"nested": {
			source: "*до _самого_ утра*", telegram: "до самого утра", vk: "до самого утра",
			entities: []social.Entity{entity(social.Bold, 0, 14, ""), entity(social.Italic, 3, 6, "")},
		},
		"astral signs count twice": {
			source: "👍👍 *да*", telegram: "👍👍 да", vk: "👍👍 да",
			entities: []social.Entity{entity(social.Bold, 5, 2, "")},
		},
		"crossing marks do not cross": {
			source: "*а _б* в_", telegram: "а _б в_", vk: "а _б в_",
			entities: []social.Entity{entity(social.Bold, 0, 4, "")},
		},
		"link abroad": {
			source: "Запись [на портале](https://pos.gosuslugi.ru/form/?opaId=1).", telegram: "Запись на портале.",
			vk:       "Запись на портале (https://pos.gosuslugi.ru/form/?opaId=1).",
			entities: []social.Entity{entity(social.Linked, 7, 10, "https://pos.gosuslugi.ru/form/?opaId=1")},
		},
		"link inside VK": {
			source: "[Город](https://vk.com/club7), [пост](https://vk.com/wall-7_1)", telegram: "Город, пост",
			vk:       "[club7|Город], [https://vk.com/wall-7_1|пост]",
			entities: []social.Entity{entity(social.Linked, 0, 5, "https://vk.com/club7"), entity(social.Linked, 7, 4, "https://vk.com/wall-7_1")},
		},
		"mention as VK writes it": {
			source: "[club7|Город] и [public8|Район]", telegram: "Город и Район", vk: "[club7|Город] и [public8|Район]",
			entities: []social.Entity{entity(social.Linked, 0, 5, "https://vk.com/club7"), entity(social.Linked, 8, 5, "https://vk.com/public8")},
		},
		"bold link": {
			source: "*[сайт](https://a.example)*", telegram: "сайт", vk: "сайт (https://a.example)",
			entities: []social.Entity{entity(social.Bold, 0, 4, ""), entity(social.Linked, 0, 4, "https://a.example")},
		},
		"bold within a link": {
			source: "[весь *план*](https://a.example)", telegram: "весь план", vk: "весь план (https://a.example)",
			entities: []social.Entity{entity(social.Linked, 0, 9, "https://a.example"), entity(social.Bold, 5, 4, "")},
		},
		"address written out":    {source: "См. https://a.example/_x_*y*/z.", telegram: "См. https://a.example/_x_*y*/z.", vk: "См. https://a.example/_x_*y*/z."},
		"names with underscores": {source: "@nash_gorod и 2 * 3 * 4", telegram: "@nash_gorod и 2 * 3 * 4", vk: "@nash_gorod и 2 * 3 * 4"},
		"escaped":                {source: `\*не жирно\* и \[так](https://a.example)`, telegram: "*не жирно* и [так](https://a.example)", vk: "*не жирно* и [так](https://a.example)"},
		"open mark":              {source: "*жирно\nнет*", telegram: "*жирно\nнет*", vk: "*жирно\nнет*"},
		"as Markdown has it": {
			source: "**Важно:** __вода__ ***завтра***, 2 ** 3", telegram: "Важно: вода завтра, 2 ** 3", vk: "Важно: вода завтра, 2 ** 3",
			entities: []social.Entity{entity(social.Bold, 0, 6, ""), entity(social.Bold, 7, 4, ""), entity(social.Bold, 12, 6, "")},
		},
		"marks that do not fit": {source: "**а* и _б__", telegram: "**а* и _б__", vk: "**а* и _б__"},
		"a drawn line":          {source: "****** день ******", telegram: "****** день ******", vk: "****** день ******"},
		"nothing between":       {source: "** и __", telegram: "** и __", vk: "** и __"},
		"no script":             {source: "[x](javascript:alert(1))", telegram: "[x](javascript:alert(1))", vk: "[x](javascript:alert(1))"},
		"brackets":              {source: "[важно] и [id|x]", telegram: "[важно] и [id|x]", vk: "[важно] и [id|x]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed := Parse(x.source)
			text, entities := parsed.Telegram()
			if text != x.telegram || parsed.VK() != x.vk {
				t.Errorf("Telegram %q, VK %q", text, parsed.VK())
			}
			if d := cmp.Diff(x.entities, entities); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLengths(t *testing.T) {
	t.Parallel()
	const s = "Снег ❄️ убран 👍"
	if Units(s) != len(utf16.Encode([]rune(s))) || Runes(s) != 15 {
		t.Error(Units(s), Runes(s))
	}
	if got := Parse("[a](https://a.example) [b](https://b.example)").Links(); !cmp.Equal(got, []string{"https://a.example", "https://b.example"}) {
		t.Error(got)
	}
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{"*а* _б_ [в](https://г.example)", "*а _б* в_ 👍*👍*", "[club1|*x*]", "\\*\\", "[[*](http://a)](http://b)", " *a* ", "*[ ](http://a)*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 4096 {
			t.Skip("the checks below compare all entities with each other")
		}
		parsed := Parse(source)
		text, entities := parsed.Telegram()
		units := utf16.Encode([]rune(text))
		if Units(text) != len(units) {
			t.Fatalf("%d units, counted %d", len(units), Units(text))
		}
		for i, e := range entities {
			end := e.Offset + e.Length
			if e.Offset < 0 || e.Length <= 0 || end > len(units) {
				t.Fatalf("%+v of %d units in %q", e, len(units), text)
			}
			if utf16.IsSurrogate(rune(units[e.Offset])) && units[e.Offset] >= 0xDC00 || end < len(units) && units[end] >= 0xDC00 && units[end] <= 0xDFFF {
				t.Fatalf("%+v cuts a sign of %q", e, text)
			}
			for _, o := range entities[:i] {
				if o.Offset+o.Length > e.Offset && o.Offset+o.Length < end {
					t.Fatalf("%+v crosses %+v in %q", e, o, text)
				}
			}
		}
		if strings.TrimFunc(text, unicode.IsSpace) != text {
			t.Fatalf("%q has spaces around", text)
		}
		if again := Parse(Escape(text)); again.Plain() != text || len(again.Links()) != 0 {
			t.Fatalf("%q escaped is %q", text, again.Plain())
		}
		_ = parsed.VK()
	})
}
