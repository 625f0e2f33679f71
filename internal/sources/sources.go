// Package sources is the registry of the pages that the program reads and
// speaks for: what each of them is, which keys it has, what those can do, and
// what an administrator may change about it while the program runs.
package sources

import (
	"time"

	"otklik/collectors"
	"otklik/internal/social"
	"otklik/internal/vault"
)

// Kind is what a source is. It is stored; the words for people are the pages'.
type Kind string

const (
	VKCommunity     Kind = "vk.community"     // the agency's community: read, answered from
	TelegramChannel Kind = "telegram.channel" // the agency's channel with its discussion group
)

// Kinds lists what can be connected, the agency's own first.
func Kinds() []Kind {
	return []Kind{VKCommunity, TelegramChannel, VKWall, VKSearch, TelegramPreview}
}

// Network is where a source of this kind stands.
func (k Kind) Network() social.Network {
	if k == TelegramChannel || k == TelegramPreview {
		return social.Telegram
	}
	return social.VK
}

// KeyKind is what a key of a source is.
type KeyKind string

const (
	CommunityKey  KeyKind = "community" // VK: a key of the community
	ServiceKey    KeyKind = "service"   // VK: a service key of an application
	AdminKey      KeyKind = "admin"     // VK: a key of a person who administers the community
	BotKey        KeyKind = "bot"       // Telegram: a bot's key
	WebhookSecret KeyKind = "webhook"   // Telegram: the word that updates must come with
)

// Typed lists the kinds of keys that a person gives on the pages, those that it
// cannot do without first. Nobody types the word of a webhook: the program makes
// it, or it stands in the file of settings.
func (k Kind) Typed() []KeyKind {
	switch k {
	case VKCommunity:
		return []KeyKind{CommunityKey, ServiceKey, AdminKey}
	case TelegramChannel:
		return []KeyKind{BotKey}
	case VKWall, VKSearch:
		return []KeyKind{ServiceKey}
	}
	return nil
}

// Needs says that a source of this kind is nothing without the key.
func (k Kind) Needs(key KeyKind) bool {
	switch k {
	case VKCommunity:
		return key == CommunityKey
	case TelegramChannel:
		return key == BotKey
	case VKWall, VKSearch:
		return key == ServiceKey
	}
	return false
}

// Origin is who put a source here.
type Origin string

const (
	FromFile   Origin = "file"   // the file of settings, which alone can change it
	FromPerson Origin = "person" // an administrator, on the pages
)

// Settings are what people decided about a source.
type Settings struct {
	// Title replaces the network's own title where it is not empty.
	Title string `json:"title,omitempty"`
	// APIURL and LinkBase point elsewhere than the network, for the simulator.
	APIURL   string `json:"api_url,omitempty"`
	LinkBase string `json:"link_base,omitempty"`
	// ChannelID is Telegram's own number of the channel, which outlives its name;
	// zero until the network has told it.
	ChannelID int64 `json:"channel_id,omitempty"`
	// Seen is what Telegram told of the channel last, so that a restart reads on
	// before it was asked again; nil until it has told.
	Seen *Channel `json:"seen,omitempty"`
	// Shelf is where the files of a channel are put before their post.
	Shelf Shelf `json:"shelf,omitzero"`
}

// Channel is a channel of Telegram as its bot sees it.
type Channel struct {
	ID          int64  `json:"id"`
	Username    string `json:"username,omitempty"`
	Title       string `json:"title,omitempty"`
	GroupID     int64  `json:"group_id,omitempty"` // of the discussions, zero without
	GroupTitle  string `json:"group_title,omitempty"`
	BotID       int64  `json:"bot_id"`
	BotUsername string `json:"bot_username,omitempty"`
}

// Source is one page in the registry.
type Source struct {
	ID   string
	Kind Kind
	// ExternalID is the network's name of it: a community's number without the
	// minus, a channel's @name or number.
	ExternalID string
	Title      string // as shown
	URL        string
	Settings   Settings
	Origin     Origin
	Paused     bool
	Removed    bool                 // what was collected stays
	Abilities  []collectors.Ability // of all keys together
	Keys       []Key
}

// Stream is the name of one way of reading the source: "updates", "live" or
// "history". Its cursor and its lease are kept under that name.
func (s Source) Stream(way string) string {
	return string(s.Kind.Network()) + ":" + s.ExternalID + ":" + way
}

// Key returns the source's key of a kind.
func (s Source) Key(kind KeyKind) (Key, bool) {
	for _, k := range s.Keys {
		if k.Kind == kind {
			return k, true
		}
	}
	return Key{}, false
}

// Key is one key as the database keeps it: sealed, with what is known of it.
type Key struct {
	Kind   KeyKind
	Sealed vault.Sealed
	// Fingerprint is the same for the same key wherever it stands; empty for
	// words of the program's own.
	Fingerprint string
	SetBy       string // a person's id; empty for the file of settings
	SetByName   string
	SetAt       time.Time
	ExpiresAt   time.Time // zero: it does not expire, or nobody knows
	CheckedAt   time.Time // zero: not yet
	Abilities   []collectors.Ability
	Trouble     string // why the network does not take it, a sentence for people
}

// about is the place of a key, to which its ciphertext is bound.
func about(sourceID string, kind KeyKind) string {
	return "source " + sourceID + " key " + string(kind)
}
