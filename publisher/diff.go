package publisher

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// DiffOp is what became of a piece of a text.
type DiffOp string

const (
	Same    DiffOp = "same"
	Added   DiffOp = "added"
	Deleted DiffOp = "deleted"
)

// DiffPiece is a run of words with one fate. The pieces that are not added make
// up the old text, those that are not deleted the new one.
type DiffPiece struct {
	Op   DiffOp
	Text string
}

// diffCells bounds the table of a comparison; beyond it the part that differs is
// shown as replaced.
const diffCells = 4 << 20

// Diff compares two texts word by word.
func Diff(before, after string) []DiffPiece {
	a, b := tokens(before), tokens(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out pieces
	out.add(Same, a[:head]...)
	out.middle(a[head:len(a)-tail], b[head:len(b)-tail])
	out.add(Same, a[len(a)-tail:]...)
	return out
}

type pieces []DiffPiece

func (p *pieces) add(op DiffOp, words ...string) {
	text := strings.Join(words, "")
	if text == "" {
		return
	}
	if n := len(*p); n > 0 && (*p)[n-1].Op == op {
		(*p)[n-1].Text += text
		return
	}
	*p = append(*p, DiffPiece{Op: op, Text: text})
}

// middle writes the longest common subsequence of words with what lies between.
func (p *pieces) middle(a, b []string) {
	if len(a) == 0 || len(b) == 0 || len(a)*len(b) > diffCells {
		p.add(Deleted, a...)
		p.add(Added, b...)
		return
	}
	// common[i][k] is the length of what a[i:] and b[k:] have in common.
	width := len(b) + 1
	common := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if a[i] == b[k] {
				common[i*width+k] = common[(i+1)*width+k+1] + 1
			} else {
				common[i*width+k] = max(common[(i+1)*width+k], common[i*width+k+1])
			}
		}
	}
	i, k := 0, 0
	for i < len(a) && k < len(b) {
		switch {
		case a[i] == b[k]:
			p.add(Same, a[i])
			i, k = i+1, k+1
		case common[(i+1)*width+k] >= common[i*width+k+1]:
			p.add(Deleted, a[i])
			i++
		default:
			p.add(Added, b[k])
			k++
		}
	}
	p.add(Deleted, a[i:]...)
	p.add(Added, b[k:]...)
}

// tokens cuts a text into words, spaces and single signs; joined they are the
// text again.
func tokens(s string) []string {
	var out []string
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		end := size
		if class := classOf(r); class != signs {
			for end < len(s) {
				next, n := utf8.DecodeRuneInString(s[end:])
				if classOf(next) != class {
					break
				}
				end += n
			}
		}
		out = append(out, s[:end])
		s = s[end:]
	}
	return out
}

const (
	letters = iota
	spaces
	signs
)

func classOf(r rune) int {
	switch {
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return letters
	case unicode.IsSpace(r):
		return spaces
	}
	return signs
}
