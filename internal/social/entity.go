package social

// Entity marks a part of a text. Offset and Length are UTF-16 units.
type Entity struct {
	Kind   EntityKind `json:"kind"`
	Offset int        `json:"offset"`
	Length int        `json:"length"`
	// URL is where a Linked part leads.
	URL string `json:"url,omitempty"`
}

// EntityKind is what a mark does to its part of the text.
type EntityKind string

const (
	Bold          EntityKind = "bold"
	Italic        EntityKind = "italic"
	Underline     EntityKind = "underline"
	Strikethrough EntityKind = "strikethrough"
	Quote         EntityKind = "quote"
	Code          EntityKind = "code"
	Linked        EntityKind = "link"
)
