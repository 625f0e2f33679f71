package publisher

import "time"

// Upload is a photo that a person has given to the program for posts, drawn
// anew and kept under the hash of its bytes.
type Upload struct {
	Hash   string
	Thumb  string // the hash of the small one
	Name   string // the file's name as it came
	Width  int    // pixels
	Height int
	Size   int64 // bytes
}

// Unsaved is what a person has written in the editor and not saved: it outlives
// a closed window and a restart.
type Unsaved struct {
	// PostID is empty for a post that does not exist yet.
	PostID   string
	PersonID string
	Version  int // of the post that the person saw
	Fields   map[string][]string
	At       time.Time
}

// Facets are the values by which the plan can be narrowed.
type Facets struct {
	Rubrics []string
	Authors []Author
}

// Author is a person who has begun posts.
type Author struct{ ID, Name string }

// Waits counts what waits for a person.
type Waits struct {
	Review int // posts that the person did not write and that wait for approval
	Stuck  int // posts that did not go out, or of which it is not known
}
