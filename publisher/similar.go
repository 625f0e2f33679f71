package publisher

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode"

	"otklik/internal/markup"
)

// Recent is a post that another one is compared with.
type Recent struct {
	ID    string
	Title string
	Text  string // as it was written
	At    time.Time
}

// Likeness is a recent post that says nearly the same.
type Likeness struct {
	Recent
	// Share is how much of both texts is common, 0 to 1.
	Share float64
}

// Alike is the share from which a text is taken for a repetition, and
// shingle how many words in a row are compared.
const (
	Alike   = 0.6
	shingle = 3
)

// Repeats lists the recent posts that say nearly the same as a text, the most
// alike first: texts are compared by their runs of three words, whatever the
// case, the signs and the marks are.
func Repeats(text string, recent []Recent) []Likeness {
	mine := shingles(text)
	if len(mine) == 0 {
		return nil
	}
	var out []Likeness
	for _, r := range recent {
		if share := jaccard(mine, shingles(r.Text)); share >= Alike {
			out = append(out, Likeness{Recent: r, Share: share})
		}
	}
	slices.SortStableFunc(out, func(a, b Likeness) int {
		switch {
		case a.Share > b.Share:
			return -1
		case a.Share < b.Share:
			return 1
		}
		return 0
	})
	return out
}

// shingles are the runs of words of a text, by their hash; a text of fewer words
// is one run.
func shingles(text string) map[uint64]bool {
	words := strings.FieldsFunc(strings.ReplaceAll(strings.ToLower(markup.Parse(text).Plain()), "ё", "е"), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if len(words) == 0 {
		return nil
	}
	out := map[uint64]bool{}
	for i := 0; i == 0 || i+shingle <= len(words); i++ {
		h := fnv.New64a()
		for _, w := range words[i:min(i+shingle, len(words))] {
			_, _ = h.Write([]byte(w))
			_, _ = h.Write([]byte{0})
		}
		out[h.Sum64()] = true
	}
	return out
}

func jaccard(a, b map[uint64]bool) float64 {
	common := 0
	for x := range a {
		if b[x] {
			common++
		}
	}
	if all := len(a) + len(b) - common; all > 0 {
		return float64(common) / float64(all)
	}
	return 0
}
