package incidents

// PlaceFrom is how it is known where something happens.
type PlaceFrom string

const (
	FromMessage PlaceFrom = "message" // the message names it
	FromPost    PlaceFrom = "post"    // the post names it under which the message stands
	FromPage    PlaceFrom = "page"    // the page is the page of that place
	FromPerson  PlaceFrom = "person"  // a person said it
)

// Title says it to people.
func (f PlaceFrom) Title() string {
	switch f {
	case FromMessage:
		return "из сообщения"
	case FromPost:
		return "из поста, под которым оно написано"
	case FromPage:
		return "территория страницы"
	case FromPerson:
		return "указал человек"
	}
	return ""
}

// Place is where a case happens; the zero value is not known.
type Place struct {
	// ID is the entry of the gazetteer, "" when the place is known by its words alone.
	ID string `json:"id,omitempty"`
	// Title is the place for people: «улица Ленина, 15 (Заречный район)».
	Title string `json:"title,omitempty"`
	// Words are the words of the message or of the post that name it.
	Words string    `json:"words,omitempty"`
	From  PlaceFrom `json:"from,omitempty"`
	// Path are the ids of the place and of all in which it lies, the place first.
	Path []string `json:"path,omitempty"`
}

// Known says that there is a place.
func (p Place) Known() bool { return p.Title != "" }

// PlaceUses is what depends on a place of the gazetteer and on all that lies in it.
type PlaceUses struct{ Inside, Routes, Pages, Cases int }
