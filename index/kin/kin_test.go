package kin_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/index"
	"otklik/index/kin"
)

func words() []string {
	return strings.Fields(`двор снег трактор подъезд вода труба лифт фонарь остановка автобус яма тротуар школа садик больница очередь
		мусор контейнер площадка качели забор крыша подвал батарея тепло холод диспетчер заявка ответ срок неделя месяц утро вечер ночь
		соседи дети бабушка коляска машина дорога светофор переход знак разметка лужа грязь запах шум стройка ремонт бригада мастер
		обещали приехали починили сломали закрыли открыли вывезли убрали забыли просим напишите помогите сделайте проверьте опять снова
		никто всегда рядом вчера сегодня завтра долго быстро плохо хорошо темно скользко опасно стыдно`)
}

func say(rnd *rand.Rand, n int) []string {
	all := words()
	out := make([]string, n)
	for i := range out {
		out[i] = all[rnd.IntN(len(all))]
	}
	return out
}

func at() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func original(r *kin.Reader, id, author, text string) kin.Original {
	return kin.Original{ID: id, Author: author, At: at(), Print: r.Print(text)}
}

func TestWhatIsACopyAndWhatIsNot(t *testing.T) {
	t.Parallel()
	r := kin.NewReader(index.NewAnalyzer())
	const long = "Третий день во всём доме 18 на Литейной нет горячей воды, в управляющей компании отвечает только автоответчик, дети болеют, греем воду кастрюлями. Когда дадут воду?"
	for _, c := range []struct {
		name, first, second string
		same, copied        bool
	}{
		{"short words of two people", "Нет воды", "нет воды", false, false},
		{"short words of one person", "Нет воды!", "нет воды", true, true},
		{"one word says nothing", "Ужас", "ужас", true, false},
		{"word for word", long, long, false, true},
		{"other letters and signs", long, strings.ToLower(strings.ReplaceAll(long, ",", "")) + "!!!", false, true},
		{"with a beginning of one's own", long, "Соседи пишут: " + long, false, true},
		{"another house", long, strings.Replace(long, "18", "22", 1), false, false},
		{"another street", long, strings.Replace(long, "Литейной", "Заречной", 1), false, false},
		{"two words changed", long, strings.Replace(strings.Replace(long, "болеют", "мёрзнут", 1), "кастрюлями", "вёдрами", 1), false, true},
		{"the same matter in other words", long, "На Литейной который день сидим без горячей воды, до управляющей не дозвониться, моемся у родственников, сколько можно терпеть?", false, false},
		{"another text", long, "Спасибо дорожникам за чистый двор, трактор приехал рано утром и убрал всё до асфальта, очень приятно идти на работу", false, false},
	} {
		shelf := kin.NewShelf(10)
		shelf.Put(original(r, "a", "vk 1", c.first))
		who := "vk 2"
		if c.same {
			who = "vk 1"
		}
		got, ok := shelf.Find(original(r, "b", who, c.second))
		if ok != c.copied || ok && got.Of != "a" {
			t.Errorf("%s: %+v %v", c.name, got, ok)
		}
	}
}

func TestPrintsSurviveTheBase(t *testing.T) {
	t.Parallel()
	r := kin.NewReader(index.NewAnalyzer())
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		p := r.Print(text)
		q, err := kin.Decode(p.Encode())
		if err != nil || q.Words != p.Words || q.Whole != p.Whole || !slices.Equal(p.Pairs, q.Pairs) || !slices.Equal(p.Names, q.Names) {
			t.Fatalf("%v %+v %+v", err, p, q)
		}
		if a := kin.Alike(p, q); p.Words >= 8 && a != 1 {
			t.Fatalf("not like itself: %v", a)
		}
		_, _ = kin.Decode(rapid.String().Draw(t, "damaged"))
	})
}

func TestLikenessIsMutual(t *testing.T) {
	t.Parallel()
	r := kin.NewReader(index.NewAnalyzer())
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SliceOfN(rapid.SampledFrom(words()[:12]), 0, 300)
		a, b := r.Print(strings.Join(draw.Draw(t, "a"), " ")), r.Print(strings.Join(draw.Draw(t, "b"), " "))
		x, y := kin.Alike(a, b), kin.Alike(b, a)
		if x != y || x < 0 || x > 1 {
			t.Fatal(x, y)
		}
	})
}

// A shelf holds no more than it may, and finds what it holds.
func TestShelfIsBounded(t *testing.T) {
	t.Parallel()
	r, rnd := kin.NewReader(index.NewAnalyzer()), rand.New(rand.NewPCG(1, 2))
	shelf := kin.NewShelf(100)
	var texts []string
	for i := range 1000 {
		texts = append(texts, strings.Join(say(rnd, 20), " "))
		shelf.Put(original(r, fmt.Sprint(i), fmt.Sprint(i), texts[i]))
	}
	if shelf.Len() != 100 {
		t.Fatal(shelf.Len())
	}
	for i, text := range texts {
		got, ok := shelf.Find(original(r, "new", "other", text))
		if held := i >= 900; ok != held || held && got.Of != fmt.Sprint(i) {
			t.Fatalf("text %d: %+v %v", i, got, ok)
		}
	}
	late := original(r, "late", "other", texts[999])
	late.At = at().Add(kin.Window + time.Minute)
	if _, ok := shelf.Find(late); ok {
		t.Fatal("a copy after the window")
	}
}

// edited changes n words of a text to others.
func edited(rnd *rand.Rand, text []string, n int) string {
	out := slices.Clone(text)
	for _, i := range rnd.Perm(len(out))[:n] {
		out[i] = words()[rnd.IntN(len(words()))]
	}
	return strings.Join(out, " ")
}

// What is found of generated edits; docs/quality.md holds the figures.
func TestRecallOfEdits(t *testing.T) {
	t.Parallel()
	r, rnd := kin.NewReader(index.NewAnalyzer()), rand.New(rand.NewPCG(7, 7))
	const n = 400
	for _, c := range []struct {
		words, edits int
		least        float64
	}{{12, 0, 1}, {20, 0, 1}, {20, 1, .98}, {20, 2, .8}, {40, 1, .99}, {40, 4, .9}, {80, 8, .9}} {
		shelf, found, wrong := kin.NewShelf(n), 0, 0
		var texts [][]string
		for i := range n {
			texts = append(texts, say(rnd, c.words))
			shelf.Put(original(r, fmt.Sprint(i), "", strings.Join(texts[i], " ")))
		}
		for i, text := range texts {
			got, ok := shelf.Find(original(r, "new", "", edited(rnd, text, c.edits)))
			switch {
			case ok && got.Of == fmt.Sprint(i):
				found++
			case ok:
				wrong++
			}
		}
		share := float64(found) / n
		t.Logf("%d words, %d changed: %.3f found, %d wrong", c.words, c.edits, share, wrong)
		if share < c.least || wrong > 0 {
			t.Errorf("%d words, %d changed: %.3f found, %d wrong", c.words, c.edits, share, wrong)
		}
	}
}

func BenchmarkFindAndPut(b *testing.B) {
	r, rnd := kin.NewReader(index.NewAnalyzer()), rand.New(rand.NewPCG(3, 4))
	var texts []string
	for range 5000 {
		texts = append(texts, strings.Join(say(rnd, 45), " "))
	}
	shelf := kin.NewShelf(50_000)
	for i := 0; b.Loop(); i++ {
		o := original(r, fmt.Sprint(i), "vk 1", texts[i%len(texts)])
		if _, ok := shelf.Find(o); !ok {
			shelf.Put(o)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
