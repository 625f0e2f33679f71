package publisher

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"otklik/internal/social"
)

// MediaKind is what is attached.
type MediaKind string

const (
	Photo MediaKind = "photo" // an image that the program keeps
	File  MediaKind = "file"  // a document that the program keeps
	Video MediaKind = "video" // an address of a video in a network
	Link  MediaKind = "link"  // an address shown under the post
)

// Media is one attachment.
type Media struct {
	Kind MediaKind `json:"kind"`
	// Hash names kept bytes by their content, for photos and files.
	Hash string `json:"hash,omitempty"`
	// URL is for videos and links.
	URL  string `json:"url,omitempty"`
	Name string `json:"name,omitempty"` // of a file, with its ending
	// Alt tells blind people what a photo shows.
	Alt    string `json:"alt,omitempty"`
	Width  int    `json:"width,omitempty"` // pixels
	Height int    `json:"height,omitempty"`
	Size   int64  `json:"size,omitempty"` // bytes
}

// Content is what people will read: all that an approval is given for, together
// with the pages. The time is not part of it: moving a post in the calendar
// leaves its approval, for the approver answers for words and places.
type Content struct {
	// Text is in the markup of internal/markup.
	Text string `json:"text"`
	// Versions replace Text in single networks.
	Versions map[social.Network]string `json:"versions,omitempty"`
	Media    []Media                   `json:"media,omitempty"`
	Poll     *PollForm                 `json:"poll,omitempty"`
	// Silent publishes without a notification where the network can.
	Silent bool `json:"silent,omitempty"`
	// NoComments closes the thread where the network can.
	NoComments bool `json:"no_comments,omitempty"`
	// NoPreview leaves out the preview of the first address.
	NoPreview bool `json:"no_preview,omitempty"`
}

// Source is the text for a network as it was written.
func (c Content) Source(n social.Network) string {
	if v := strings.TrimSpace(c.Versions[n]); v != "" {
		return v
	}
	return c.Text
}

// Empty says that there is nothing to publish.
func (c Content) Empty() bool {
	return strings.TrimSpace(c.Text) == "" && len(c.Versions) == 0 && len(c.Media) == 0 && c.Poll == nil
}

// Hash identifies the content and the pages that an approval is given for.
func (p Post) Hash() string { return contentHash(p.Content, p.PageIDs()) }

// Hash identifies an amendment on the pages of its post.
func (a Amendment) Hash(p Post) string { return contentHash(a.Content, p.PageIDs()) }

// hashForm begins a hash and says of which form it is. The first form had no
// sign and left out how long a poll stays open.
const hashForm = "2:"

func contentHash(c Content, pages []string) string {
	pages = slices.Clone(pages)
	slices.Sort(pages)
	// Maps are encoded in the order of their keys, so equal content gives
	// equal bytes. What cannot be encoded does not occur in these types.
	raw, err := json.Marshal(struct {
		Content Content
		Pages   []string
	}{c, pages})
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(raw)
	return hashForm + hex.EncodeToString(sum[:])
}

// consented says that a hash was given for a content on pages. A consent of the
// first form stays good: every change of the content since has voided it.
func consented(hash string, c Content, pages []string) bool {
	if hash == "" || strings.HasPrefix(hash, hashForm) {
		return hash != "" && hash == contentHash(c, pages)
	}
	if c.Poll != nil {
		poll := *c.Poll
		poll.OpenFor = 0
		c.Poll = &poll
	}
	return hash == strings.TrimPrefix(contentHash(c, pages), hashForm)
}

// Consented says that the post's present content was approved.
func (p Post) Consented() bool { return consented(p.Approval.Hash, p.Content, p.PageIDs()) }

// tidy brings what a person wrote into the one form that is stored, hashed and
// sent.
func (c Content) tidy() Content {
	c.Text = tidyText(c.Text)
	versions := map[social.Network]string{}
	for n, v := range c.Versions {
		if v = tidyText(v); v != "" && v != c.Text {
			versions[n] = v
		}
	}
	c.Versions = versions
	if len(versions) == 0 {
		c.Versions = nil
	}
	c.Media = slices.Clone(c.Media)
	for i := range c.Media {
		m := &c.Media[i]
		m.Alt, m.Name, m.URL = tidyText(m.Alt), tidyText(m.Name), lowerScheme(strings.TrimSpace(m.URL))
	}
	if len(c.Media) == 0 {
		c.Media = nil
	}
	if c.Poll != nil {
		poll := c.Poll.tidy()
		c.Poll = &poll
	}
	return c
}

// lowerScheme writes an address as networks want it: HTTPS:// is none to VK.
func lowerScheme(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	return strings.ToLower(scheme) + "://" + rest
}

func tidyText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
}
