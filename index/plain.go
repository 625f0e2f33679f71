package index

import "math/bits"

// The scanner's next decides what a piece is rune by rune. Nearly all of every
// Russian text needs none of that: words of plain small and capital letters
// between spaces and common punctuation. nextPlain takes these by bytes and
// leaves the rest to next; what comes out is the same.

// byteClass is what the plain path wants to know of a byte.
type byteClass uint8

const (
	byteAsk   byteClass = iota // let next look
	byteGap                    // ends a word, starts nothing
	byteTail                   // ends a word or belongs to a link: . - _ + %
	byteRus                    // first of the two bytes of a letter U+0400–U+047F
	byteDigit                  // 0–9
	byteWide                   // may start a common sign of three or two bytes: « — …
)

// byteClasses is filled by the compiler's initialisation and never changes.
var byteClasses = func() (t [256]byteClass) {
	for c := range byte(0x80) {
		switch {
		case c >= '0' && c <= '9':
			t[c] = byteDigit
		case asciiClass(c) == classLetter, c == '#', c == '@', c == '[', c == '\'', c == '`':
		case c == '.', c == '-', c == '_', c == '+', c == '%':
			t[c] = byteTail
		default:
			t[c] = byteGap
		}
	}
	t[0xd0], t[0xd1] = byteRus, byteRus
	t[0xc2], t[0xe2] = byteWide, byteWide
	return t
}()

// nextPlain returns the next piece, as next would.
func (s *scanner) nextPlain() (piece, bool) {
	text, i := s.text, s.at
	for i < len(text) && i >= s.tagEnd {
		end := i
		switch byteClasses[text[i]] {
		case byteGap, byteTail:
			i++
			continue
		case byteWide:
			if n := wideGap(text, i); n > 0 {
				i += n
				continue
			}
		case byteRus:
			if end = russianRun(text, i); end == i || !endsPlainly(text, end) {
				end = i
			}
		case byteDigit:
			for end < len(text) && byteClasses[text[end]] == byteDigit {
				end++
			}
			if !endsPlainly(text, end) || end+1 < len(text) && text[end] == ',' && byteClasses[text[end+1]] == byteDigit {
				end = i
			}
		}
		if end > i {
			s.at, s.tagEnd = end, 0
			return piece{start: i, end: end, kind: pieceWord}, true
		}
		s.at = i
		return s.next()
	}
	s.at = i
	return s.next()
}

// russianRun returns the end of the run of letters U+0400–U+047F from i on,
// four letters a step: each is 0xd0 or 0xd1 and a byte from 0x80 to 0xbf.
func russianRun(text string, i int) int {
	for i+8 <= len(text) {
		d := load64(text, i)&0xc0fe_c0fe_c0fe_c0fe ^ 0x80d0_80d0_80d0_80d0
		if d != 0 {
			return i + bits.TrailingZeros64(d)>>4<<1
		}
		i += 8
	}
	for i+2 <= len(text) && text[i]&0xfe == 0xd0 && text[i+1]&0xc0 == 0x80 {
		i += 2
	}
	return i
}

// endsPlainly says that whatever ends at i is a word by itself, neither joined
// with what follows nor the beginning of a link.
func endsPlainly(text string, i int) bool {
	for i < len(text) && byteClasses[text[i]] == byteTail {
		i++
	}
	if i == len(text) {
		return true
	}
	switch byteClasses[text[i]] {
	case byteGap:
		return true
	case byteWide:
		return wideGap(text, i) > 0
	}
	return text[i] == '#' || text[i] == '['
}

// wideGap returns the length of a common sign that separates words: the
// no-break space, « », dashes, „ “ ”, the ellipsis; 0 for any other.
func wideGap(text string, i int) int {
	rest := text[i:]
	if len(rest) >= 2 && rest[0] == 0xc2 && (rest[1] == 0xa0 || rest[1] == 0xab || rest[1] == 0xbb) {
		return 2
	}
	if len(rest) >= 3 && rest[0] == 0xe2 && rest[1] == 0x80 {
		switch rest[2] {
		case 0x93, 0x94, 0x9c, 0x9d, 0x9e, 0xa6:
			return 3
		}
	}
	return 0
}
