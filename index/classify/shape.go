package classify

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"otklik/index"
	"otklik/internal/social"
)

// Shape is something that a message has apart from what its words mean.
type Shape string

// The shapes. Stored models hold them by these names.
const (
	shapeQuestion   Shape = "question"
	shapeCry        Shape = "cry"
	shapeImperative Shape = "imperative"
	shapeAddress    Shape = "address"
	shapeNumber     Shape = "number"
	shapeLink       Shape = "link"
	shapeTag        Shape = "tag"
	shapeQuote      Shape = "quote"
	shapeOwnPage    Shape = "own-page"
	shapePost       Shape = "post"
	shapeReply      Shape = "reply"
	shapeToPerson   Shape = "to-person"
	shapeTiny       Shape = "tiny"
	shapeShort      Shape = "short"
	shapeMiddle     Shape = "middle"
	shapeLong       Shape = "long"
	shapeEndless    Shape = "endless"
)

// shapeFact is how people call a shape, and by how much it changes the log odds
// of a complaint before anybody has decided anything.
type shapeFact struct {
	title  string
	weight float64
}

var shapeFacts = sync.OnceValue(func() map[Shape]shapeFact {
	return map[Shape]shapeFact{
		shapeQuestion:   {"есть вопрос", 0.4},
		shapeCry:        {"есть восклицание", 0},
		shapeImperative: {"есть просьба или приказ", 0.2},
		shapeAddress:    {"назван адрес или улица", 1},
		shapeNumber:     {"есть число", 0},
		shapeLink:       {"есть ссылка", -0.6},
		shapeTag:        {"есть хештег", -0.6},
		shapeQuote:      {"есть кавычки", -0.2},
		shapeOwnPage:    {"написано на странице ведомства", 0.4},
		shapePost:       {"это пост", -0.8},
		shapeReply:      {"это ответ на комментарий", -0.3},
		shapeToPerson:   {"обращено к другому читателю", -0.6},
		shapeTiny:       {"одно-два слова", -1.5},
		shapeShort:      {"несколько слов", 0},
		shapeMiddle:     {"две-три фразы", 0.3},
		shapeLong:       {"длинный текст", -0.2},
		shapeEndless:    {"очень длинный текст", -1.5},
	}
})

// Title names a shape for people.
func (s Shape) Title() string { return shapeFacts()[s].title }

// shapesOf lists the shapes of an item, each once.
func shapesOf(item Item, tokens []index.Token) []Shape {
	shapes := make([]Shape, 0, 8)
	note := func(s Shape, holds bool) {
		if holds {
			shapes = append(shapes, s)
		}
	}
	text := item.Text
	note(shapeQuestion, strings.Contains(text, "?"))
	note(shapeCry, strings.Contains(text, "!"))
	note(shapeLink, strings.Contains(text, "://"))
	note(shapeTag, strings.Contains(text, "#"))
	note(shapeQuote, strings.ContainsAny(text, "«»\"“”"))
	note(shapeOwnPage, item.OwnPage)
	note(shapePost, item.Kind == social.Post)
	note(shapeReply, item.Depth > 1)
	note(shapeToPerson, strings.HasPrefix(text, "[") || strings.HasPrefix(text, "@"))
	note(lengthOf(tokens), true)
	var imperative, address, number bool
	for i := range tokens {
		imperative = imperative || isImperative(tokens[i].Form)
		number = number || startsWith(tokens[i].Form, unicode.IsDigit)
		address = address || isAddress(text, tokens, i)
	}
	note(shapeImperative, imperative)
	note(shapeNumber, number)
	note(shapeAddress, address)
	return shapes
}

func lengthOf(tokens []index.Token) Shape {
	switch n := len(tokens); {
	case n < 3:
		return shapeTiny
	case n < 9:
		return shapeShort
	case n < 45:
		return shapeMiddle
	case n < 130:
		return shapeLong
	}
	return shapeEndless
}

// isImperative goes by the ending. Words that only look so are left out.
func isImperative(form string) bool {
	if utf8.RuneCountInString(form) < 5 || !(strings.HasSuffix(form, "йте") || strings.HasSuffix(form, "ите") || strings.HasSuffix(form, "ьте") || strings.HasSuffix(form, "тесь")) {
		return false
	}
	switch form {
	case "хотите", "видите", "говорите", "ходите", "здравствуйте", "извините", "простите", "сидите", "стоите", "любите", "давайте", "смотрите", "платите", "строите":
		return false
	}
	return true
}

// isAddress says whether a place begins at tokens[i]: a word like «улица» beside
// a name or a number, or a street by its name alone («на Перспективной»).
func isAddress(text string, tokens []index.Token, i int) bool {
	beside := func(j int) bool {
		if j < 0 || j >= len(tokens) {
			return false
		}
		return startsWith(text[tokens[j].Start:], unicode.IsUpper) || startsWith(tokens[j].Form, unicode.IsDigit)
	}
	switch tokens[i].Form {
	case "ул", "улица", "улице", "улицы", "улицу", "пр", "просп", "проспект", "проспекте", "проспекту", "пер", "переулок", "переулке",
		"мкр", "микрорайон", "микрорайоне", "пос", "поселок", "поселке", "село", "селе", "бульвар", "бульваре", "шоссе", "площадь", "площади", "проезд", "проезде", "снт":
		return beside(i+1) || beside(i-1)
	case "дом", "дома", "доме", "д", "корп", "корпус", "подъезд", "подъезде", "кв", "квартал", "квартале", "остановке", "остановка", "маршрут", "школа", "школе", "садик":
		return i+1 < len(tokens) && startsWith(tokens[i+1].Form, unicode.IsDigit)
	case "на", "по":
		return i+1 < len(tokens) && startsWith(text[tokens[i+1].Start:], unicode.IsUpper) && isStreetName(tokens[i+1].Form)
	}
	return false
}

// isStreetName goes by the ending: «Ленина», «Садовой», «Перспективном».
func isStreetName(form string) bool {
	for _, ending := range []string{"ской", "ского", "ском", "ная", "ной", "ном", "вой", "вом", "ова", "ева", "ина"} {
		if strings.HasSuffix(form, ending) && utf8.RuneCountInString(form) >= 5 {
			return true
		}
	}
	return false
}

func startsWith(s string, is func(rune) bool) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size > 0 && is(r)
}
