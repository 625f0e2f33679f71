package web

import (
	"time"

	"otklik/incidents"
	"otklik/internal/ru"
	"otklik/internal/social"
)

// thread is the conversation in the network around a case.
type thread struct {
	Post    *threadItem
	Items   []threadItem
	Earlier string // «Ещё 19 комментариев выше»
	Link    string
	Open    string // «Открыть во ВКонтакте»
}

// threadItem is one post or comment as shown.
type threadItem struct {
	Ref        string
	Author     string
	At         stamp
	Net        netIcon
	Text       []segment
	Was        []former // the texts that it had before, the first one first
	Edited     stamp
	Deleted    stamp
	Media      []mediaLink
	Photos     photos
	IsMessage  bool
	IsAttached bool
	Own        bool
	Reply      bool
	// ID is the stored message, Strange the topic it has beside the card's, "" for none.
	ID, Strange string
}

type mediaLink struct{ Title, URL string }

func (s *server) thread(view incidents.View, now time.Time) thread {
	net := view.Case.Message.Ref.Network
	t := thread{Link: webLink(view.Case.Message.Permalink), Open: "Открыть в " + net.Title()}
	if net == social.VK {
		t.Open = "Открыть во ВКонтакте"
	}
	if net == social.Imported {
		t.Open = "Открыть в прежней системе"
	}
	if view.Earlier > 0 {
		t.Earlier = "Ещё " + ru.Count(view.Earlier, "комментарий", "комментария", "комментариев") + " выше"
	}
	seen, albums := false, map[string]bool{}
	for _, x := range view.Thread {
		if inAlbum(x, albums) {
			continue
		}
		item := s.threadItem(x, view, now)
		seen = seen || x.IsMessage
		if t.Post == nil && len(t.Items) == 0 && x.Item.Kind == social.Post {
			t.Post = &item
			continue
		}
		t.Items = append(t.Items, item)
	}
	if !seen {
		// The thread could not be read; the message itself is always kept.
		own := incidents.ThreadItem{Item: view.Case.Message, IsMessage: true}
		t.Items = append(t.Items, s.threadItem(own, view, now))
	}
	return t
}

func (s *server) threadItem(x incidents.ThreadItem, view incidents.View, now time.Time) threadItem {
	marks := x.Marks
	if x.IsMessage && len(marks) == 0 && x.Item.Text == view.Case.Message.Text {
		marks = whyMarks(view.Why)
	}
	item := threadItem{
		Ref: x.Item.Ref.String(), Author: authorName(x.Item.Author.Name), At: s.stamp(x.Item.PublishedAt, now),
		Net: iconOfNet(x.Item.Ref.Network), Text: segments(x.Item.Text, marks), Edited: s.stamp(x.Item.EditedAt, now),
		Deleted: s.stamp(x.DeletedAt, now), IsMessage: x.IsMessage, IsAttached: x.IsAttached, Own: x.Item.Author.Own,
		Reply: !x.Item.ReplyTo.IsZero(),
	}
	if x.IsAttached && !x.IsMessage && x.TopicID != "" && x.TopicID != view.Case.TopicID {
		item.ID, item.Strange = x.ID, x.Topic
	}
	item.Was, item.Photos = s.formers(x, view, now), s.photos(x, item.Author, now)
	for _, m := range x.Item.Media {
		if m.Keepable() && shown(x.Photos, m.Key) {
			continue
		}
		item.Media = append(item.Media, mediaLink{Title: mediaTitle(m), URL: webLink(m.URL)})
	}
	return item
}

func whyMarks(why []incidents.Why) []incidents.Span {
	var all []incidents.Span
	for _, w := range why {
		all = append(all, w.Marks...)
	}
	return all
}

func mediaTitle(m social.Media) string {
	name := "Вложение"
	switch m.Kind {
	case "photo":
		name = "Фото"
	case "video":
		name = "Видео"
	case "file":
		name = "Файл"
	case "link":
		name = "Ссылка"
	case "poll":
		name = "Опрос"
	case "audio":
		name = "Звук"
	}
	if m.Title != "" {
		name += ": " + ru.Cut(m.Title, 60)
	}
	return name
}

// preview is what the list shows of a case beside itself.
type preview struct {
	ID        string
	Number    int64
	Version   int
	Back      string
	Stage     stageIcon
	Due       deadline
	Item      threadItem
	More      []threadItem // further messages of the author
	Facts     facts
	DueAt     stamp
	Why       []whyLine
	Can       map[string]bool
	Executors []choiceGroup
	Kept      kept
}
