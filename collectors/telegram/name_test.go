package telegram

import "testing"

func TestAChatHasOneName(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"@Gorod_72": "@gorod_72", "gorod_72": "@gorod_72", " https://t.me/Gorod_72 ": "@gorod_72", "t.me/s/gorod_72?before=5": "@gorod_72",
		"http://telegram.me/gorod_72/15": "@gorod_72", "https://t.me/@gorod_72": "@gorod_72", "-1001234": "-1001234", "https://t.me/c/1234/5": "-1001234",
		"": "", "@": "", "https://t.me/": "", "https://t.me/+AbCd": "", "новости города": "", "https://t.me/c/x/5": "", "0": "",
		"https://vk.com/gorod": "",
	} {
		if got, ok := ChatName(typed); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v instead of %q", typed, got, ok, want)
		}
	}
}
