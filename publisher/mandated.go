package publisher

import (
	"slices"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/social"
)

// Adapting is how far a page may change what it has to publish.
type Adapting string

const (
	AsIs   Adapting = "as_is"  // word for word
	Around Adapting = "around" // own words before and after, own pictures beside
	Freely Adapting = "freely" // in own words
)

// Adaptings lists all of them, the strictest first.
func Adaptings() []Adapting { return []Adapting{AsIs, Around, Freely} }

// Title is what the page's people may do.
func (a Adapting) Title() string {
	switch a {
	case AsIs:
		return "слово в слово"
	case Around:
		return "можно дополнить"
	case Freely:
		return "можно своими словами"
	}
	return ""
}

// Mandated is what a post remembers of the mandate that it is for.
type Mandated struct {
	Adapt   Adapting `json:"adapt"`
	Content Content  `json:"content"`
}

// Adapted says that the page's people have changed the content.
func (m Mandated) Adapted(c Content) bool {
	return contentHash(m.Content.tidy(), nil) != contentHash(c.tidy(), nil)
}

// Allows says whether a page may publish a content for the mandate: the text,
// the attachments and the poll are judged, settings such as silence are the
// page's own. Errors: Invalid.
func (m Mandated) Allows(c Content) error {
	c = c.tidy()
	if c.Empty() {
		return errs.New(errs.Invalid, "Обязательный пост нельзя оставить пустым. Если он не для этой страницы, отмените его и напишите почему.")
	}
	if m.Adapt == Freely {
		return nil
	}
	for _, n := range []social.Network{social.VK, social.Telegram} {
		want, have := m.Content.Source(n), c.Source(n)
		if m.Adapt == AsIs && want != have {
			return errs.New(errs.Invalid, "Этот обязательный пост публикуют слово в слово: текст менять нельзя.")
		}
		if !strings.Contains(have, want) {
			return errs.New(errs.Invalid, "Текст обязательного поста должен остаться целиком: своё можно дописать до или после него.")
		}
	}
	for _, x := range m.Content.Media {
		if !slices.ContainsFunc(c.Media, func(y Media) bool { return y.Kind == x.Kind && y.Hash == x.Hash && y.URL == x.URL }) {
			return errs.New(errs.Invalid, "Вложения обязательного поста убирать нельзя.")
		}
	}
	if m.Adapt == AsIs && len(c.Media) != len(m.Content.Media) {
		return errs.New(errs.Invalid, "Этот обязательный пост публикуют как есть: вложения добавлять нельзя.")
	}
	return m.samePoll(c.Poll)
}

func (m Mandated) samePoll(have *PollForm) error {
	want := m.Content.Poll
	switch {
	case want == nil && (have == nil || m.Adapt == Around):
		return nil
	case want != nil && have != nil && want.Question == have.Question && slices.Equal(want.Options, have.Options) && want.Multiple == have.Multiple:
		return nil
	}
	return errs.New(errs.Invalid, "Опрос обязательного поста менять нельзя.")
}

// bound holds a new content and new pages to the mandate that the post is for.
func (p Post) bound(c Content, pageIDs []string) error {
	if p.Mandated == nil {
		return nil
	}
	if !slices.Equal(pageIDs, p.PageIDs()) {
		return errs.New(errs.Invalid, "Обязательный пост назначен этой странице: другую выбрать нельзя.")
	}
	return p.Mandated.Allows(c)
}
