package delivery_test

import (
	"testing"

	"pgregory.net/rapid"

	"otklik/internal/delivery"
)

func TestPrint(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ a, b string }{
		{"Засыплем завтра!", "засыплем   ЗАВТРА"},
		{"Всё ещё ждём", "Все еще ждем"},
		{"[id501|Анна], засыплем.", "засыплем"},
		{"[club1|Город] и [public2|Район] ответили", "и ответили"},
		{"[id501|Анна], см. [пункт 3] и [важно]", "см. [пункт 3] и [важно]"},
		{"[важно] [id5|Иван], да", "[важно] да"},
		{"скобка [ открыта", "скобка открыта"},
		{"[a|b] это не обращение", "a b это не обращение"},
		{"[id|Анна]", "id анна"},
		{"— 👍 …", ""},
	} {
		if delivery.Print(x.a) != delivery.Print(x.b) {
			t.Errorf("%q: %q, %q: %q", x.a, delivery.Print(x.a), x.b, delivery.Print(x.b))
		}
	}
	if delivery.Print("засыплем завтра") == delivery.Print("засыплем сегодня") {
		t.Error("different words look the same")
	}
}

func TestPrintIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		p := delivery.Print(text)
		if delivery.Print(p) != p {
			t.Fatalf("%q of %q is not its own print", p, text)
		}
		if delivery.Print("[id1|Имя], "+text) != p {
			t.Fatalf("a mention changes the print of %q", text)
		}
	})
}
