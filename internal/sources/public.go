package sources

import (
	"strconv"
	"strings"
)

// What is read without being the agency's own: nothing can be answered there.
const (
	VKWall          Kind = "vk.wall"          // anybody's open wall, by a service key
	VKSearch        Kind = "vk.search"        // what a query finds, by a service key
	TelegramPreview Kind = "telegram.preview" // a public channel, by the page that shows it to anybody
)

// Public says that a source of this kind is not the agency's own.
func (k Kind) Public() bool { return k == VKWall || k == VKSearch || k == TelegramPreview }

// WallID is the external id of a wall by its owner.
func WallID(owner int) string { return "wall:" + strconv.Itoa(owner) }

// Wall reads an id that WallID made.
func Wall(externalID string) (owner int, ok bool) {
	text, ok := strings.CutPrefix(externalID, "wall:")
	owner, err := strconv.Atoi(text)
	return owner, ok && err == nil && owner != 0
}

// SearchID is the external id of a search: on the wall of an owner, or
// everywhere if that is zero.
func SearchID(owner int, query string) string {
	return "search:" + strconv.Itoa(owner) + ":" + query
}

// Search reads an id that SearchID made.
func Search(externalID string) (owner int, query string, ok bool) {
	text, ok := strings.CutPrefix(externalID, "search:")
	wall, query, found := strings.Cut(text, ":")
	owner, err := strconv.Atoi(wall)
	return owner, query, ok && found && err == nil && query != ""
}

// PreviewID is the external id of a channel that is read from its public page.
func PreviewID(channel string) string { return "preview:" + strings.ToLower(channel) }

// Preview reads an id that PreviewID made.
func Preview(externalID string) (channel string, ok bool) {
	channel, ok = strings.CutPrefix(externalID, "preview:")
	return channel, ok && channel != ""
}
