package rules

import "regexp"

// Piece is a stretch of a comparison: in both texts, only in the later or only
// in the earlier one.
type Piece struct {
	Text           string
	Added, Removed bool
}

// diffWords cuts a condition into words, brackets and the space between.
var diffWords = regexp.MustCompile(`\s+|[()|"«»]|[^\s()|"«»]+`)

// maxDiff bounds the words that are compared one by one.
const maxDiff = 1500

// Diff compares two conditions word by word.
func Diff(before, after string) []Piece {
	a, b := diffWords.FindAllString(before, -1), diffWords.FindAllString(after, -1)
	var out []Piece
	add := func(text string, added, removed bool) {
		if n := len(out); n > 0 && out[n-1].Added == added && out[n-1].Removed == removed {
			out[n-1].Text += text
			return
		}
		out = append(out, Piece{text, added, removed})
	}
	if len(a) > maxDiff || len(b) > maxDiff {
		add(before, false, true)
		add(after, true, false)
		return out
	}
	// same[i][j] is the length of what a[i:] and b[j:] have in common.
	same := make([][]int16, len(a)+1)
	for i := range same {
		same[i] = make([]int16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				same[i][j] = same[i+1][j+1] + 1
			} else {
				same[i][j] = max(same[i+1][j], same[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			add(a[i], false, false)
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || same[i+1][j] >= same[i][j+1]):
			add(a[i], false, true)
			i++
		default:
			add(b[j], true, false)
			j++
		}
	}
	return out
}
