package places

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"otklik/index"
)

func TestLocateChoosesTheMostExact(t *testing.T) {
	t.Parallel()
	f := townFinder(t)
	reka := f.list[0].ID
	for text, want := range map[string]string{
		"На Ленина 15 нет воды":                     "улица Ленина, 15 (Центральный район)",
		"На Ленина 50 нет воды":                     "улица Ленина, 50 (Заречный район)",
		"В Ольховке на Ленина 5 нет воды":           "улица Ленина, 5 (село Ольховка)",
		"Заречный район, ул. Ленина, яма":           "улица Ленина (Заречный район)",
		"В Заречье яма на Новоявленной 5":           "Новоявленная улица, 5 (Заречный район)",
		"мкр. 5 без света":                          "микрорайон 5 (Заречный район)",
		"В Верхнереченске темно":                    "город Верхнереченск",
		"с. Ольховка и ул. Садовая":                 "Садовая улица (Заречный район)",
		"На Ленина темно":                           "улица Ленина (город Верхнереченск)",
		"перекрёсток Ленина и Садовой":              "пересечение: улица Ленина — Садовая улица (Заречный район)",
		"в Дальних Ключах на 1-й Лесной 4 нет воды": "1-я Лесная улица, 4 (посёлок Дальние Ключи)",
	} {
		got, _ := f.Locate(text, reka)
		if got.Title != want {
			t.Errorf("%q is %q, want %q", text, got.Title, want)
		}
		if !strings.Contains(text, got.Words) || got.Words == "" {
			t.Errorf("%q has no words %q", text, got.Words)
		}
	}
	spot, _ := f.Locate("На Садовой 3 нет воды")
	for _, name := range []string{"Садовая", "Садовая улица", "Заречный район", "Заречье", "Верхнереченск", spot.PlaceID, "Садовая улица, 3"} {
		if !strings.Contains("|"+strings.Join(spot.Names, "|")+"|", "|"+name+"|") {
			t.Errorf("a rule does not know the place as %q: %q", name, spot.Names)
		}
	}
	if _, ok := f.Locate("Когда наведёте порядок?"); ok {
		t.Error("a place is found where none is named")
	}
}

// A district and a street may share a name but for its gender.
func TestAStreetIsNotTheDistrictOfItsName(t *testing.T) {
	t.Parallel()
	rows := []Row{
		{2, []string{"город", "Энск", "", "", ""}},
		{3, []string{"район", "Заречный", "Энск", "", ""}},
		{4, []string{"улица", "Заречная", "Энск", "", ""}},
		{5, []string{"микрорайон", "Луговой", "Энск", "", ""}},
	}
	list, bad := Read(Columns(), rows)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	f, without := New(index.NewAnalyzer(), list), New(index.NewAnalyzer(), append(list[:2:2], list[3:]...))
	for text, want := range map[string][2]string{
		"Заречная, 18":             {"Заречная улица, 18"},
		"Заречная 18 без воды":     {"Заречная улица, 18"},
		"на Заречной, 18 яма":      {"Заречная улица, 18", "Заречная улица, 18"},
		"живу на Заречной":         {"Заречная улица"},
		"в Заречном нет воды":      {"Заречный район", "Заречный район"},
		"Заречный, нет воды":       {"Заречный район", "Заречный район"},
		"Заречный р-н, Заречная,5": {"Заречная улица, 5", "Заречный район"},
	} {
		got, _ := f.Locate(text)
		other, _ := without.Locate(text)
		if got.Title != want[0] || other.Title != want[1] {
			t.Errorf("%q is %q and, where nobody knows the street, %q; want %q", text, got.Title, other.Title, want)
		}
	}
}

func TestGazetteerNamesItsMistakes(t *testing.T) {
	t.Parallel()
	rows := []Row{
		{2, []string{"город", "Энск", "", "", ""}},
		{3, []string{"планета", "Марс", "", "", ""}},
		{4, []string{"улица", "", "Энск", "", ""}},
		{5, []string{"улица", "Мира", "Нигде", "", ""}},
		{6, []string{"улица", "Мира", "Энск", "с первого", ""}},
		{7, []string{"район", "Новый", "Старый", "", ""}},
		{8, []string{"район", "Старый", "Новый район", "", ""}},
		{9, []string{"ул.", "Мира", "город Энск", "1-9 нечёт", "Мирная"}},
		{10, []string{"улица", "Мира", "Энск", "", ""}},
		{11, []string{"район", "Энск", "", "5", ""}},
	}
	list, bad := Read(Columns(), rows)
	if len(list) != 2 || list[1].Title() != "улица Мира" || list[1].ParentID != list[0].ID {
		t.Errorf("came through: %+v", list)
	}
	var got []string
	for _, b := range bad {
		got = append(got, b.Error())
	}
	want := []string{
		"Строка 3, столбец «вид»: «планета» — не вид места; бывают город, село, район, микрорайон, улица, проспект и другие.",
		"Строка 4, столбец «название»: пусто.",
		"Строка 5, столбец «входит в»: в таблице нет места «нигде».",
		"Строка 6, столбец «дома»: «с первого» непонятно; пишут «1-45 нечёт, 2-60 чёт, 47а».",
		"Строка 7, столбец «входит в»: места входят друг в друга по кругу.",
		"Строка 8, столбец «входит в»: места входят друг в друга по кругу.",
		"Строка 10: то же место, что в строке 9.",
		"Строка 11, столбец «дома»: дома бывают только у улиц.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, bad := Read([]string{"Название"}, nil); len(bad) != 1 || bad[0].Column != "вид" {
		t.Errorf("a table without kinds: %v", bad)
	}
}

func TestGazetteerIsTheSameAfterATable(t *testing.T) {
	t.Parallel()
	list, _ := Read(Columns(), townRows())
	var rows []Row
	for i, cells := range Table(list) {
		rows = append(rows, Row{i + 2, cells})
	}
	again, bad := Read(Columns(), rows)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	if diff := cmp.Diff(list, again); diff != "" {
		t.Error(diff)
	}
}

func TestHousesOfAStreet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ranges, house string
		want          bool
	}{
		{"", "5", true},
		{"1-40", "40", true},
		{"1-40", "41", false},
		{"1-40", "12а", true},
		{"41-", "500", true},
		{"1-45 нечёт", "12", false},
		{"1-45 нечёт", "13", true},
		{"чёт", "8", true},
		{"чётные 2–60", "7", false},
		{"47а", "47", false},
		{"47а", "47а", true},
		{"47", "47/2", true},
		{"1-9; 20", "20", true},
		{"1-9, 20", "15 к. 2", false},
	} {
		spans, wrong := readHouses(c.ranges)
		if wrong != "" || holds(spans, c.house) != c.want {
			t.Errorf("%q holds %q: want %v (%s)", c.ranges, c.house, c.want, wrong)
		}
	}
}

// A street of the gazetteer is found again however its address is written.
func TestAddressesAreFoundAgain(t *testing.T) {
	t.Parallel()
	f := townFinder(t)
	var streets []Place
	for _, p := range f.list {
		if p.Kind == Street && p.Name != "Ленина" {
			streets = append(streets, p)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(streets).Draw(t, "street")
		n := rapid.IntRange(1, 999).Draw(t, "house")
		house := fmt.Sprint(n)
		shape := rapid.SampledFrom([]string{"%s, %s", "%s, д. %s", "%s д.%s", "%s, дом %s, кв. 12", "%s %s", "%s, № %s"}).Draw(t, "shape")
		lead := rapid.SampledFrom([]string{"", "Нет воды: ", "Здравствуйте! Адрес ", "Когда починят крышу на "}).Draw(t, "lead")
		text := lead + fmt.Sprintf(shape, p.Title(), house)
		spot, ok := f.Locate(text)
		if !ok || spot.PlaceID != p.ID || !strings.HasPrefix(spot.Title, p.Title()+", "+house) {
			t.Fatalf("%q gives %+v, want %s", text, spot, p.Title())
		}
		if strings.Contains(spot.Words, "12") && n != 12 && !strings.Contains(house, "12") {
			t.Fatalf("%q keeps the flat: %q", text, spot.Words)
		}
	})
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	f := townFinder(t)
	var got []string
	for _, p := range f.Suggest("зар", 5) {
		got = append(got, p.Title())
	}
	if diff := cmp.Diff([]string{"Заречный район"}, got); diff != "" {
		t.Error(diff)
	}
	for typed, want := range map[string]string{
		"заречный район (город верхнереченск)": "Заречный район (город Верхнереченск)", "Солнечный": "микрорайон Солнечный (Заречный район)",
		"Садовая 5": "Садовая улица, 5 (Заречный район)", "солн": "микрорайон Солнечный (Заречный район)", "ул. Неведомая 3": "Неведомая улица, 3", "нигде": "", "": "",
	} {
		if spot, ok := f.Resolve(typed); spot.Title != want || ok != (want != "") {
			t.Errorf("%q is read as %q, want %q", typed, spot.Title, want)
		}
	}
	if len(f.Suggest("ул лен", 2)) != 2 || f.Suggest(" ", 5) != nil {
		t.Error("suggestions are not bounded")
	}
}

// posts are what people write on pages, most of them without a place.
func posts() []string {
	return []string{
		"Здравствуйте! Подскажите, пожалуйста, когда наконец починят дорогу у нашего дома? Уже третий год обещают, а воз и ныне там. Машину оставить негде, дети ходят по лужам, коляску не провезти. Куда смотрит администрация, непонятно совсем, на письма отвечают отписками.",
		"На улице Садовой, д. 3 второй день нет горячей воды, в управляющей компании трубку не берут. Сколько можно терпеть? Платим исправно, а толку никакого.",
		"Спасибо большое за концерт, очень понравилось всей семье! Ждём следующего праздника, обязательно придём с детьми и внуками.",
		"Почему в Заречном районе опять не ходят автобусы после восьми вечера? Люди с работы добираются пешком через весь город, такси стоит триста рублей.",
		"Сегодня в библиотеке прошла встреча с писателями, 25 школьников прочитали свои рассказы, а потом все вместе пили чай с пирогами и говорили о книгах.",
	}
}

func TestSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("speed is measured without -short")
	}
	f, list := townFinder(t), posts()
	begin, n := time.Now(), 0
	for ; n < 20_000; n++ {
		f.Locate(list[n%len(list)])
	}
	t.Logf("%.0f posts a second", float64(n)/time.Since(begin).Seconds())
}

func BenchmarkLocate(b *testing.B) {
	f, list := townFinder(b), posts()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f.Locate(list[i%len(list)])
	}
}

func BenchmarkLocateNoGazetteer(b *testing.B) {
	f, list := New(index.NewAnalyzer(), nil), posts()
	for i := 0; b.Loop(); i++ {
		f.Locate(list[i%len(list)])
	}
}
