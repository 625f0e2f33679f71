package publisher

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWidgetFaultSaysWhichMarkIsWrong(t *testing.T) {
	t.Parallel()
	const ogrn = "1024000000001"
	good := "https://pos.gosuslugi.ru/form/?opaId=214501&utm_source=vk&utm_medium=64&utm_campaign=" + ogrn
	for link, want := range map[string]string{
		good: "",
		"https://pos.gosuslugi.ru/og/org-activities?mun_code=63650101&utm_source=vk2&utm_medium=7114&utm_campaign=" + ogrn: "",
		strings.Replace(good, "vk&", "tg&", 1):          "utm_source: нужно vk, vk1 или vk2, а стоит «tg».",
		strings.Replace(good, "=64", "=6", 1):           "utm_medium: нужно код региона",
		strings.Replace(good, ogrn, "102400000000", 1):  "utm_campaign: нужно ОГРН, 13 цифр, а стоит «102400000000».",
		strings.Replace(good, ogrn, "1024000000012", 1): "utm_campaign: стоит ОГРН 1024000000012",
		strings.Replace(good, "&utm_source=vk", "", 1):  "На месте метки utm_source стоит «utm_medium»",
		strings.TrimSuffix(good, "&utm_campaign="+ogrn): "utm_campaign: метки нет",
		good + "&x=1": "лишнее",
		strings.Replace(good, "https", "http", 1):               "https://",
		"https://example.ru/form/?opaId=1":                      "не адрес pos.gosuslugi.ru",
		"https://pos.gosuslugi.ru/form/?opaId=":                 "opaId",
		"https://pos.gosuslugi.ru/og/org-activities?mun_code=1": "mun_code",
		"https://pos.gosuslugi.ru/other":                        "не похожа",
		strings.Replace(good, "&utm_medium", " &utm_medium", 1): "пробел",
	} {
		if got := WidgetFault(link, ogrn); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
	if WidgetName(good) != "Сообщить о проблеме" || WidgetName("https://pos.gosuslugi.ru/og/org-activities?x") != "Высказать мнение" || WidgetName("x") != "" {
		t.Error("names of widgets")
	}
}

func TestWidgetFaultAgreesWithTheVerdict(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		link := rapid.StringMatching(`https?://pos\.gosuslugi\.ru/(form/\?opaId=\d{0,3}|og/org-activities\?(reg|mun)_code=\d{1,9})(&utm_source=(vk|vk1|ok))?(&utm_medium=\d{1,4})?(&utm_campaign=\d{12,14})?(&a=1)?`).Draw(t, "link")
		v, _ := CheckWidgets([]string{link}, "")
		if fault := WidgetFault(link, ""); (v == WidgetsCorrect) != (fault == "") {
			t.Fatalf("%s: %s, %q", link, v, fault)
		}
	})
}

func TestTheCheckDigitOfAnOGRN(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[1-9]\d{11}`).Draw(t, "digits")
		right := 0
		for d := '0'; d <= '9'; d++ {
			if (Page{OGRN: digits + string(d)}).Check() == nil {
				right++
			}
		}
		if right != 1 {
			t.Fatalf("%s has %d right check digits", digits, right)
		}
	})
	for ogrn, ok := range map[string]bool{"": true, "1024000000001": true, "1024000000002": false, "102400000000": false, "10240000000x1": false} {
		if err := (Page{OGRN: ogrn}).Check(); (err == nil) != ok {
			t.Errorf("%q: %v", ogrn, err)
		}
	}
}
