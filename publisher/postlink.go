package publisher

import (
	"net/url"
	"slices"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/social"
)

// Find reads the link to one post of the page. A link that leads to another
// network, to another page or to no post is refused. The reference is zero
// where the network has not told the program the channel's number yet.
// Errors: Invalid, TooLarge.
func (p Page) Find(link string) (Standing, error) {
	link, err := required(link, maxLink, "Вставьте ссылку на пост в сети.")
	if err != nil {
		return Standing{}, err
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return Standing{}, errs.New(errs.Invalid, "Ссылка должна начинаться с https://.")
	}
	if other := networkOf(u.Hostname()); other != "" && other != p.Network {
		return Standing{}, errs.Newf(errs.Invalid, "Это ссылка на %s, а страница — в сети %s. Вставьте ссылку на пост этой страницы.", other.Title(), p.Network.Title())
	} else if other == "" && !p.hosts(u) {
		return Standing{}, errs.Newf(errs.Invalid, "Это ссылка не на %s. Откройте пост на странице и скопируйте его адрес.", p.Network.Title())
	}
	switch p.Network {
	case social.VK:
		return p.findVK(u, link)
	case social.Telegram:
		return p.findTelegram(u, link)
	}
	return Standing{}, errs.New(errs.Invalid, "Эту сеть программа не знает.")
}

// networkOf is the network that a host belongs to, "" for all others.
func networkOf(host string) social.Network {
	host = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(host), "www."), "m.")
	switch {
	case slices.Contains([]string{"vk.com", "vk.ru"}, host):
		return social.VK
	case slices.Contains([]string{"t.me", "telegram.me", "telegram.dog"}, host):
		return social.Telegram
	}
	return ""
}

// hosts says that the page itself stands on the link's host: where its networks
// are not the real ones.
func (p Page) hosts(u *url.URL) bool {
	own, err := url.Parse(p.URL)
	return err == nil && own.Host != "" && own.Host == u.Host
}

// isNumber says that s is a number as networks write it.
func isNumber(s string) bool {
	return s != "" && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

func (p Page) findVK(u *url.URL, link string) (Standing, error) {
	name := u.Path[strings.LastIndex(u.Path, "/")+1:]
	q := u.Query()
	if w, _, _ := strings.Cut(q.Get("w"), "/"); w != "" {
		name = w
	}
	wall, named := strings.CutPrefix(name, "wall")
	owner, id, whole := strings.Cut(wall, "_")
	switch {
	case !named || !whole || !isNumber(strings.TrimPrefix(owner, "-")) || !isNumber(id):
		return Standing{}, errs.New(errs.Invalid, "По этой ссылке нет поста. Нажмите на время поста и скопируйте адрес вида https://vk.com/wall-1_2.")
	case q.Has("reply"):
		return Standing{}, errs.New(errs.Invalid, "Это ссылка на комментарий. Вставьте ссылку на сам пост.")
	case p.Chat != "" && owner != p.Chat:
		return Standing{}, errs.Newf(errs.Invalid, "Этот пост стоит на другой странице, а не на «%s». Вставьте ссылку на пост этой страницы.", p.Title)
	}
	return Standing{Ref: social.Ref{Network: social.VK, Owner: owner, ID: id}, Link: link}, nil
}

func (p Page) findTelegram(u *url.URL, link string) (Standing, error) {
	steps := strings.Split(strings.Trim(u.Path, "/"), "/")
	n := len(steps)
	if n < 2 || !isNumber(steps[n-1]) {
		return Standing{}, errs.New(errs.Invalid, "По этой ссылке нет поста. Выберите у поста «Копировать ссылку»: адрес кончается его номером, например https://t.me/kanal/12.")
	}
	if u.Query().Has("comment") || u.Query().Has("thread") {
		return Standing{}, errs.New(errs.Invalid, "Это ссылка на комментарий. Вставьте ссылку на сам пост.")
	}
	at := Standing{Link: link}
	owner, name := p.Chat, steps[n-2]
	mine := p.Handle != "" && strings.EqualFold(name, p.Handle)
	if n > 2 && steps[n-3] == "c" && isNumber(name) {
		owner = "-100" + name
		mine = p.Chat == "" || owner == p.Chat
	}
	if !mine {
		return Standing{}, errs.Newf(errs.Invalid, "Этот пост стоит в другом канале, а не в «%s». Вставьте ссылку на пост этого канала.", p.Title)
	}
	if owner != "" {
		at.Ref = social.Ref{Network: social.Telegram, Owner: owner, ID: steps[n-1]}
	}
	return at, nil
}
