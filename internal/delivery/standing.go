package delivery

import (
	"strings"
	"time"

	"otklik/internal/social"
)

// publicationSlack is by how much the network's clock may be behind ours.
const publicationSlack = 5 * time.Minute

// Recognise says that an item which the collectors saw is the publication: the
// page's own words, or the question of its poll, written after the first call
// began. A publication without words is recognised by the names under which VK
// keeps its media; Telegram tells of no such names, so there it is not.
//
// In Telegram a bot is not told of its own posts. What is seen is their
// automatic copy in the discussion group, whose CopyOf is the post; of an album
// the message that carries the caption. In a channel without a group nothing is
// seen at all.
func Recognise(p Publication, it social.Item) bool {
	if it.Kind != social.Post || !it.Author.Own || it.Ref.Network != p.Network {
		return false
	}
	if !p.FirstSendingAt.IsZero() && it.PublishedAt.Before(p.FirstSendingAt.Add(-publicationSlack)) {
		return false
	}
	if p.Poll != nil && !asks(it, p.Poll.Question) {
		return false
	}
	if p.Poll != nil && p.Network == social.Telegram {
		// Its text stands above the question, where updates do not show it.
		return true
	}
	words := Print(p.Text)
	if words != "" || p.Poll != nil {
		return Print(it.Text) == words
	}
	return Print(it.Text) == "" && len(p.Media) > 0 && shows(it, p.Media)
}

func asks(it social.Item, question string) bool {
	for _, m := range it.Media {
		if m.Kind == "poll" && Print(m.Title) == Print(question) {
			return true
		}
	}
	return false
}

// shows says that the media that were uploaded, and no others, stand under the item.
func shows(it social.Item, media []Medium) bool {
	if len(it.Media) != len(media) {
		return false
	}
	for _, want := range media {
		name, there := want.Uploaded, false
		// "photo-1_2_key" is shown as "photo-1_2".
		if parts := strings.SplitN(name, "_", 3); len(parts) == 3 {
			name = parts[0] + "_" + parts[1]
		}
		for _, m := range it.Media {
			there = there || name != "" && strings.HasSuffix(m.URL, "/"+name)
		}
		if !there {
			return false
		}
	}
	return true
}

// Resembles says that an item may be a publication without words that a person
// says is there: our own post without words and as many media, counting all
// that was sent as one with it.
func Resembles(p Publication, it social.Item, album []social.Item) bool {
	if it.Kind != social.Post || !it.Author.Own || it.Ref.Network != p.Network || p.Poll != nil || Print(p.Text) != "" || len(p.Media) == 0 {
		return false
	}
	if len(album) == 0 {
		album = []social.Item{it}
	}
	media := 0
	for _, x := range album {
		if Print(x.Text) != "" {
			return false
		}
		media += len(x.Media)
	}
	return media == len(p.Media)
}

// PollOf is the network's name of the poll that an item shows, "" if it shows none.
func PollOf(it social.Item) string {
	for _, m := range it.Media {
		if m.Kind == "poll" {
			return m.Key
		}
	}
	return ""
}

// PostOf is the reference of the post itself that an item stands for: of a
// Telegram copy in the discussion group the post in the channel.
func PostOf(it social.Item) social.Ref {
	if !it.CopyOf.IsZero() {
		return it.CopyOf
	}
	return it.Ref
}
