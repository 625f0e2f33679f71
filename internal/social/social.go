// Package social holds the value types that every layer shares when it speaks
// of what stands in a network: which network, which item, who wrote it.
package social

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Network is a social network that the program knows.
type Network string

const (
	VK       Network = "vk"
	Telegram Network = "telegram"
	// Imported is no network: cases that were brought from another system stand there.
	Imported Network = "import"
)

// Title is the network's name as people read it.
func (n Network) Title() string {
	switch n {
	case VK:
		return "ВКонтакте"
	case Telegram:
		return "Telegram"
	case Imported:
		return "Прежняя система"
	}
	return string(n)
}

// TextLimit is how many characters an answer may have in the network, counted
// as the network counts. VK: 16 384 for wall comments is undocumented, 4 096
// is what live reports agree on. Telegram: sendMessage, 4 096 UTF-16 units
// after entities are parsed (Bot API, sendMessage).
func (n Network) TextLimit() int { return 4096 }

// Length is how long a text is as the network counts: VK in characters,
// Telegram in UTF-16 units (Bot API, "Formatting options").
func (n Network) Length(text string) int {
	if n == Telegram {
		return len(utf16.Encode([]rune(text)))
	}
	return utf8.RuneCountInString(text)
}

// Kind is what an item is.
type Kind string

const (
	Post    Kind = "post"
	Comment Kind = "comment"
)

// Ref names one item in one network. It is the identity that everything
// unique hangs on.
//
// VK: Owner is the wall's owner_id in decimal, negative for communities; ID is
// the post id ("12") or, for a comment under a wall post, "r" and its id ("r34").
// Telegram: Owner is the chat id in decimal, ID is the message id.
type Ref struct {
	Network Network `json:"network"`
	Owner   string  `json:"owner"`
	ID      string  `json:"id"`
}

// IsZero says that the reference names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// String is the form for logs and HTML attributes: "vk:-1:r34".
func (r Ref) String() string { return string(r.Network) + ":" + r.Owner + ":" + r.ID }

// Compare orders the items of one owner as they were numbered.
func (r Ref) Compare(o Ref) int {
	return cmp.Or(cmp.Compare(r.Network, o.Network), cmp.Compare(r.Owner, o.Owner), cmp.Compare(len(r.ID), len(o.ID)), cmp.Compare(r.ID, o.ID))
}

// Author is who wrote an item, as far as the network tells.
type Author struct {
	// ID is decimal: VK user id, or negative community id; Telegram user id,
	// or the chat id where a chat speaks for itself.
	ID string `json:"id"`
	// Name is shown to operators; it may be empty when the network gave none.
	Name string `json:"name"`
	// FirstName is for addressing the citizen in an answer.
	FirstName string `json:"first_name,omitempty"`
	// URL leads to the author's page and is empty where there is none.
	URL string `json:"url,omitempty"`
	// Own says that the agency itself speaks here: the community, the channel,
	// its bot. Such items are never taken for complaints.
	Own bool `json:"own,omitempty"`
}

// Media is one attachment, as a note that it exists and where it is shown.
type Media struct {
	Kind  string `json:"kind"` // photo, video, file, link, poll, audio, other
	Title string `json:"title,omitempty"`
	URL   string `json:"url,omitempty"`
	// Key is the network's lasting name of a photo or of a poll. File is where
	// the bytes of a photo are to be had: an address, or the name of a file for
	// which the source's key has to be shown. Both are empty of all else.
	Key  string `json:"key,omitempty"`
	File string `json:"file,omitempty"`
	// Album is common to what was sent as one and stands as several items.
	Album string `json:"album,omitempty"`
}

// Keepable says that the bytes can be fetched and kept.
func (m Media) Keepable() bool { return m.Kind == "photo" && m.Key != "" && m.File != "" }

// AlbumOf returns the album that an item is a part of, "" where it is none.
func AlbumOf(list []Media) string {
	for _, m := range list {
		if m.Album != "" {
			return m.Album
		}
	}
	return ""
}

// repostKey begins the Key of the link that stands for a reposted original.
const repostKey = "repost:"

// RepostKey is the Key of the link to the original of a repost.
func RepostKey(original Ref) string { return repostKey + original.String() }

// Reposts is the original that the item passes on with words of its own, zero
// when it passes nothing on.
func (it Item) Reposts() Ref {
	for _, m := range it.Media {
		name, ok := strings.CutPrefix(m.Key, repostKey)
		if !ok {
			continue
		}
		if parts := strings.SplitN(name, ":", 3); len(parts) == 3 {
			return Ref{Network: Network(parts[0]), Owner: parts[1], ID: parts[2]}
		}
	}
	return Ref{}
}

// Item is one post or comment in the form that all networks share.
type Item struct {
	Ref  Ref  `json:"ref"`
	Kind Kind `json:"kind"`
	// Thread is the post under which the item stands. A post is its own thread.
	Thread Ref `json:"thread"`
	// ReplyTo is the comment that this one answers; zero when it answers the post.
	ReplyTo Ref `json:"reply_to"`
	// CopyOf is the original where the network itself made this copy: Telegram
	// forwards each channel post into the discussion group, and comments hang
	// on that copy. A copy is never searched for complaints.
	CopyOf      Ref       `json:"copy_of"`
	Author      Author    `json:"author"`
	Text        string    `json:"text"`
	Media       []Media   `json:"media,omitempty"`
	Permalink   string    `json:"permalink"`
	PublishedAt time.Time `json:"published_at"`
	// EditedAt is the network's own time of the last edit, zero where it tells none.
	EditedAt time.Time `json:"edited_at"`
}

// ReplaceMentions rewrites every mention of VK, [id1|Имя], [club1|Имя] and
// [public1|Имя], by its name; other brackets are part of the text.
func ReplaceMentions(text string, with func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, after, closed := strings.Cut(rest, "]")
		name, ok := mention(inside)
		if !closed || !ok {
			b.WriteString("[")
			text = rest
			continue
		}
		b.WriteString(with(name))
		text = after
	}
}

// mention returns the name in what stands between the brackets of a mention.
func mention(inside string) (string, bool) {
	target, name, named := strings.Cut(inside, "|")
	if !named {
		return "", false
	}
	for _, kind := range []string{"id", "club", "public"} {
		if digits, ok := strings.CutPrefix(target, kind); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			return name, true
		}
	}
	return "", false
}
