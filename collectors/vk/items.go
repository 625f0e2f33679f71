package vk

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	netvk "otklik/internal/network/vk"
	"otklik/internal/social"
)

// mapper turns the network's objects into items.
type mapper struct {
	// own says whether the agency itself speaks under that id.
	own   func(id int) bool
	links netvk.Links
}

func (m mapper) post(p post, who names) social.Item {
	ref := netvk.PostRef(p.OwnerID, p.ID)
	return social.Item{
		Ref: ref, Kind: social.Post, Thread: ref, Author: m.author(p.FromID, who),
		Text: p.Text, Media: append(m.media(p.Attachments), m.copies(p.Copies)...),
		Permalink: m.links.Post(p.OwnerID, p.ID), PublishedAt: moment(p.Date), EditedAt: moment(p.Edited),
	}
}

func (m mapper) comment(c comment, who names) social.Item {
	owner := c.owner()
	item := social.Item{
		Ref: netvk.CommentRef(owner, c.ID), Kind: social.Comment, Thread: netvk.PostRef(owner, c.PostID),
		Author: m.author(c.FromID, who), Text: c.Text, Media: m.media(c.Attachments),
		Permalink: m.links.Comment(owner, c.PostID, c.ID, c.root()), PublishedAt: moment(c.Date),
	}
	if c.ReplyToComment != 0 {
		item.ReplyTo = netvk.CommentRef(owner, c.ReplyToComment)
	} else if root := c.root(); root != 0 {
		// A reply whose target is gone still belongs to its thread.
		item.ReplyTo = netvk.CommentRef(owner, root)
	}
	return item
}

func (m mapper) author(id int, who names) social.Author {
	n := who[id]
	return social.Author{
		ID: strconv.Itoa(id), Name: n.full, FirstName: n.first, URL: m.links.Author(id), Own: m.own(id),
	}
}

// moment reads a Unix time; the network writes zero for none.
func moment(unix int64) time.Time {
	if unix <= 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

func (m mapper) copies(list []copied) []social.Media {
	out := []social.Media{}
	for _, c := range list {
		out = append(out, social.Media{Kind: "link", Title: "Репост: " + beginning(c.Text), Key: social.RepostKey(netvk.PostRef(c.OwnerID, c.ID)), URL: m.links.Post(c.OwnerID, c.ID)})
	}
	return out
}

// beginning is enough of a text to recognise it.
func beginning(text string) string {
	const enough = 80
	if r := []rune(text); len(r) > enough {
		return string(r[:enough]) + "…"
	}
	return text
}

// attachment is what is read of one attachment of any type.
type attachment struct {
	ID       int    `json:"id"`
	OwnerID  int    `json:"owner_id"`
	Title    string `json:"title"`
	URL      string `json:"url"`
	Question string `json:"question"`
	Artist   string `json:"artist"`
	Sizes    []size `json:"sizes"`
}

// size is one of the sizes that the network keeps of a photo.
type size struct {
	Type   string `json:"type"`
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// largest returns the address of the largest size. Old photos come without
// measures; then the letter tells (dev.vk.com/en/reference/objects/photo-sizes).
func largest(list []size) string {
	const letters = "smopqrxyzw"
	best := size{}
	for _, s := range list {
		more := s.Width*s.Height - best.Width*best.Height
		if s.URL != "" && (more > 0 || more == 0 && strings.Index(letters, s.Type) >= strings.Index(letters, best.Type)) {
			best = s
		}
	}
	return best.URL
}

// media notes what is attached. An attachment that cannot be read is noted as
// such and never spoils the item.
func (m mapper) media(list []json.RawMessage) []social.Media {
	var out []social.Media
	for _, raw := range list {
		out = append(out, m.medium(raw))
	}
	return out
}

func (m mapper) medium(raw json.RawMessage) social.Media {
	var outer map[string]json.RawMessage
	var kind string
	var a attachment
	if json.Unmarshal(raw, &outer) != nil || json.Unmarshal(outer["type"], &kind) != nil {
		return social.Media{Kind: "other"}
	}
	if json.Unmarshal(outer[kind], &a) != nil {
		a = attachment{}
	}
	switch kind {
	case "photo":
		return m.photo(a)
	case "video":
		return social.Media{Kind: kind, Title: a.Title, URL: m.object(kind, a)}
	case "doc":
		return social.Media{Kind: "file", Title: a.Title, URL: m.object("doc", a)}
	case "link":
		return social.Media{Kind: "link", Title: a.Title, URL: a.URL}
	case "poll":
		return social.Media{Kind: "poll", Title: a.Question, Key: objectKey(kind, a)}
	case "audio":
		return social.Media{Kind: "audio", Title: a.Artist + " — " + a.Title}
	}
	return social.Media{Kind: "other", Title: kind}
}

func (m mapper) photo(a attachment) social.Media {
	out := social.Media{Kind: "photo", Title: a.Title, URL: m.object("photo", a), File: largest(a.Sizes)}
	out.Key = objectKey("photo", a)
	return out
}

// objectKey is how wall.post would name an attachment, "" without its number.
func objectKey(kind string, a attachment) string {
	if a.ID == 0 {
		return ""
	}
	return kind + strconv.Itoa(a.OwnerID) + "_" + strconv.Itoa(a.ID)
}

func (m mapper) object(kind string, a attachment) string {
	if a.ID == 0 || a.OwnerID == 0 {
		return ""
	}
	return m.links.Object(kind, a.OwnerID, a.ID)
}
