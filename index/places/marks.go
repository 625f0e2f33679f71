package places

import "strings"

// mark is a word that says what kind of place stands beside it.
type mark struct {
	kind Kind
	typ  string
	// dotted marks are letters that mean this only with a full stop: «д. Лесная».
	dotted bool
	// behind says that the word may follow the name: «Садовая улица».
	behind bool
	// loose names may be written small: «ул ленина».
	loose bool
}

// typeForms lists what people write for each type of place; the forms are those
// of index.Token, with е for ё. A hyphen joins two tokens.
func typeForms() map[string]mark {
	out := map[string]mark{}
	add := func(m mark, forms string) {
		for form := range strings.FieldsSeq(forms) {
			out[form] = m
		}
	}
	full := func(kind Kind, typ, forms string) { add(mark{kind: kind, typ: typ, behind: true}, forms) }
	full(Street, "улица", "улица улицы улице улицу улицей")
	full(Street, "проспект", "проспект проспекта проспекту проспектом проспекте")
	full(Street, "переулок", "переулок переулка переулку переулком переулке")
	full(Street, "шоссе", "шоссе")
	full(Street, "набережная", "набережная набережной набережную")
	full(Street, "бульвар", "бульвар бульвара бульвару бульваром бульваре")
	full(Street, "площадь", "площадь площади площадью")
	full(Street, "проезд", "проезд проезда проезду проездом проезде")
	full(Street, "тупик", "тупик тупика тупику тупиком тупике")
	full(Street, "аллея", "аллея аллеи аллее аллею аллеей")
	full(Street, "тракт", "тракт тракта тракту трактом тракте")
	add(mark{kind: Street, typ: "улица", loose: true, behind: true}, "ул")
	add(mark{kind: Street, typ: "проспект", loose: true, behind: true}, "пр-кт пр-кта пр-кту пр-кте пр-том пр-т пр-та просп")
	add(mark{kind: Street, typ: "проспект", dotted: true}, "пр")
	add(mark{kind: Street, typ: "переулок", loose: true, behind: true}, "пер")
	add(mark{kind: Street, typ: "шоссе", dotted: true, behind: true}, "ш")
	add(mark{kind: Street, typ: "набережная", dotted: true, behind: true}, "наб")
	add(mark{kind: Street, typ: "бульвар", loose: true, behind: true}, "б-р б-ра бульв")
	add(mark{kind: Street, typ: "площадь", dotted: true, behind: true}, "пл")
	add(mark{kind: Street, typ: "проезд", loose: true, behind: true}, "пр-д")
	add(mark{kind: Street, typ: "тупик", dotted: true}, "туп")

	full(District, "район", "район района району районом районе")
	full(District, "микрорайон", "микрорайон микрорайона микрорайону микрорайоном микрорайоне")
	full(District, "округ", "округ округа округу округом округе")
	add(mark{kind: District, typ: "район", behind: true}, "р-н р-на р-не р-ну")
	add(mark{kind: District, typ: "микрорайон", behind: true, loose: true}, "мкр мкрн мкр-н мкрне")
	add(mark{kind: District, typ: "микрорайон", behind: true}, "м-н м-не м-на")
	add(mark{kind: District, typ: "квартал", behind: true}, "квартал квартала квартале кв-л")
	add(mark{kind: District, typ: "ЖК"}, "жк")

	add(mark{kind: Settlement, typ: "город"}, "город города городе городу")
	add(mark{kind: Settlement, typ: "город", dotted: true}, "г гор")
	add(mark{kind: Settlement, typ: "посёлок"}, "поселок поселка поселке поселку")
	add(mark{kind: Settlement, typ: "посёлок"}, "пос пгт рп")
	add(mark{kind: Settlement, typ: "посёлок", dotted: true}, "п")
	add(mark{kind: Settlement, typ: "село"}, "село села селе селу")
	add(mark{kind: Settlement, typ: "село", dotted: true}, "с")
	add(mark{kind: Settlement, typ: "деревня"}, "деревня деревни деревне деревню")
	add(mark{kind: Settlement, typ: "деревня", dotted: true}, "д дер")
	add(mark{kind: Settlement, typ: "хутор"}, "хутор хутора хуторе")
	add(mark{kind: Settlement, typ: "хутор", dotted: true}, "х")
	add(mark{kind: Settlement, typ: "станица"}, "станица станицы станице станицу ст-ца")
	add(mark{kind: Settlement, typ: "аул"}, "аул аула ауле")
	add(mark{kind: Settlement, typ: "СНТ"}, "снт")
	return out
}

func settlementType(typ string) bool {
	switch typ {
	case "город", "посёлок", "село", "деревня", "хутор", "станица", "аул", "СНТ":
		return true
	}
	return false
}

// typeOfWord reads what stands in the column «вид» of a gazetteer.
func typeOfWord(word string) (mark, bool) {
	word = folded(strings.TrimSuffix(strings.TrimSpace(word), "."))
	if word == "населенный пункт" {
		return mark{kind: Settlement}, true
	}
	m, ok := typeForms()[word]
	return m, ok
}

// Words that stand before a bare name of a place.
func leads() map[string]bool {
	return set("на по от до возле около напротив вдоль за из с со во в у ул адресу адрес районе")
}

// crossings are the words for a place where two streets meet.
func crossings() map[string]bool {
	return set("пересечение пересечении пересечения перекресток перекрестке перекрестка перекрестку угол углу угла")
}

// houseWords announce the number of a house.
func houseWords() map[string]bool {
	return set("д дом дома доме дому домом домов вл владение")
}

// blockWords part a house from its building, which belongs to its number.
func blockWords() map[string]string {
	return map[string]string{
		"к": "к.", "кор": "к.", "корп": "к.", "корпус": "к.", "корпуса": "к.", "корпусе": "к.", "ст": "стр.",
		"стр": "стр.", "строение": "стр.", "строении": "стр.", "строения": "стр.", "литера": "лит.", "лит": "лит.", "литер": "лит.",
	}
}

// units are what a number counts that is not the number of a house.
func units() []string {
	return strings.Fields(`день дня дней дню днем сутки суток час часа часов минута минуты минут мин сек секунд неделя недели недель неделю
		месяц месяца месяцев год года лет г раз раза рубль рубля рублей руб р тысяча тысячи тысяч тыс млн млрд процент процента процентов
		человек человека чел люди людей метр метра метров м км километр километра километров см мм кг тонн литр литров литра штук штуки шт
		этаж этажа этажей градус градуса градусов балл балла баллов января февраля марта апреля мая июня июля августа сентября октября
		ноября декабря дом дома домов подъезд подъезда подъездов квартир квартиры машин машины автобус автобуса автобусов деревьев дерева
		детей ребенка школ школы место места мест очередь утра вечера ночи ям ямы класс класса класс канал группа группы маршрут маршрута полос полосы`)
}

// usual are names that are ordinary words as well: written small they are not
// taken for places unless something else says so.
func usual() map[string]bool {
	return set(`мир мира победа победы дружба дружбы труд труда весна весны заря зари юность юности октябрь октября май мая восток запад север юг
		центр свобода свободы мечта мечты надежда озерки поляна поляны березка березки луч маяк сосны сосенки луга лес роща рощи родник родники
		гора горы берег дачи дачный новый старый северный южный западный восточный центральный солнечный лесной луговой садовый красный зеленый
		школьный заводской степной полевой горный речной озерный верхний нижний спутник космос прогресс рассвет радуга`)
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}
