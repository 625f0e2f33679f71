package social

import "testing"

func TestReplaceMentions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[id1|Анна], здравствуйте":            "Анна, здравствуйте",
		"ответ [club7|Городу] и [public8|ей]": "ответ Городу и ей",
		"[не упоминание] и [id|x] и [id1":     "[не упоминание] и [id|x] и [id1",
		"[[id5|Олег]]": "[Олег]",
		"":             "",
	} {
		if got := ReplaceMentions(text, func(name string) string { return name }); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestLengthIsCountedAsTheNetworkDoes(t *testing.T) {
	t.Parallel()
	const text = "Снег ❄️ убран 👍"
	if vk, tg := VK.Length(text), Telegram.Length(text); vk != 15 || tg != 16 {
		t.Errorf("VK counts %d, Telegram %d", vk, tg)
	}
}
