package index

import (
	"strings"
	"testing"
)

func TestHintsTellOperatorsThatAreReadAsWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"вода или свет":          "«или», знак 6: ",
		"(нет и воды)":           "«и», знак 6: ",
		"не горит фонарь":        "«не», знак 1: ",
		"Или вода":               "«Или», знак 1: ",
		"яма нет/3 воды":         "Напишите «нет /3»",
		"нет/3воды":              "Напишите «нет /3 воды»",
		"вода ИЛИ свет":          "",
		"вода И свет НЕ новости": "",
		`="не работает" | =не`:   "",
		"нет /3 воды":            "",
		"24/7 и/или":             "",
		"/мус[оа]р/ сеть:вк":     "",
		"(вода или":              "«или», знак 7: ",
	} {
		var got string
		for _, h := range Hints(text) {
			got += h.Text + " "
		}
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestAFactIsNoWord(t *testing.T) {
	t.Parallel()
	parts := Parts(`яма сеть:вк -вид:пост`)
	if len(parts) != 3 || parts[0].Fact || !parts[1].Fact || !parts[2].Fact {
		t.Fatalf("%+v", parts)
	}
}
