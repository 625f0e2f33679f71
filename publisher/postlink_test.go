package publisher

import (
	"strings"
	"testing"

	"otklik/internal/errs"
	"otklik/internal/social"
)

func TestALinkNamesOnePostOfThePage(t *testing.T) {
	t.Parallel()
	vk := Page{Network: social.VK, Title: "Город", Chat: "-12", URL: "http://127.0.0.1:8080/vk/wall-12"}
	tg := Page{Network: social.Telegram, Title: "Город", Chat: "-100700", Handle: "Gorod"}
	hidden := Page{Network: social.Telegram, Title: "Закрытый", Chat: "-100700"}
	unseen := Page{Network: social.Telegram, Title: "Новый", Handle: "novy"}
	for _, x := range []struct {
		page Page
		link string
		id   string // "" where it is refused
		says string // a part of the refusal
	}{
		{vk, "https://vk.com/wall-12_34", "34", ""},
		{vk, " https://m.vk.com/wall-12_34?own=1 ", "34", ""},
		{vk, "https://vk.ru/club12?w=wall-12_34%2Fall", "34", ""},
		{vk, "https://vk.com/gorod?w=wall-12_34", "34", ""},
		{vk, "http://127.0.0.1:8080/vk/wall-12_34", "34", ""},
		{vk, "https://vk.com/wall-13_34", "", "на другой странице"},
		{vk, "https://vk.com/wall12_34", "", "на другой странице"},
		{vk, "https://vk.com/wall-12_34?reply=5", "", "на комментарий"},
		{vk, "https://vk.com/wall-12", "", "нет поста"},
		{vk, "https://vk.com/wall-12_034", "", "нет поста"},
		{vk, "https://vk.com/photo-12_34", "", "нет поста"},
		{vk, "https://t.me/gorod/34", "", "на Telegram"},
		{vk, "https://news.example/wall-12_34", "", "не на ВКонтакте"},
		{vk, "javascript:wall-12_34", "", "https://"},
		{vk, "wall-12_34", "", "https://"},
		{vk, "", "", "Вставьте ссылку"},
		{vk, "https://vk.com/" + strings.Repeat("a", 600), "", "длинно"},
		{tg, "https://t.me/gorod/12", "12", ""},
		{tg, "https://t.me/s/GOROD/12", "12", ""},
		{tg, "https://t.me/gorod/12?single", "12", ""},
		{tg, "https://t.me/c/700/12", "12", ""},
		{tg, "https://t.me/c/701/12", "", "в другом канале"},
		{tg, "https://t.me/selo/12", "", "в другом канале"},
		{tg, "https://t.me/gorod/12?comment=3", "", "на комментарий"},
		{tg, "https://t.me/gorod", "", "нет поста"},
		{tg, "https://t.me/gorod/0", "", "нет поста"},
		{tg, "https://vk.com/wall-12_34", "", "на ВКонтакте"},
		{hidden, "https://t.me/c/700/12", "12", ""},
		{hidden, "https://t.me/gorod/12", "", "в другом канале"},
	} {
		got, err := x.page.Find(x.link)
		if (x.id == "") != (err != nil) || got.Ref.ID != x.id || err == nil && got.Ref.Owner != x.page.Chat {
			t.Errorf("%s: %+v, %v", x.link, got, err)
		}
		if err != nil && !strings.Contains(errs.MessageOf(err), x.says) {
			t.Errorf("%s: %v", x.link, err)
		}
	}
	if got, err := unseen.Find("https://t.me/novy/3"); err != nil || !got.Ref.IsZero() || got.Link == "" {
		t.Errorf("%+v %v", got, err)
	}
}
