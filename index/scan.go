package index

import (
	"unicode"
	"unicode/utf8"
)

// pieceKind is what the scanner found at a place of the text.
type pieceKind uint8

const (
	pieceWord  pieceKind = iota
	pieceTag             // a hashtag; its words follow as pieces of their own
	pieceEmoji           // one picture with all that modifies it
	pieceAside           // a link, an address or a mention: no content
)

// piece is a stretch of the text, in bytes.
type piece struct {
	start, end int
	kind       pieceKind
	// joined says that the piece stands inside the hashtag before it, as its
	// first word, and shares its position.
	joined bool
}

// scanner cuts a text into pieces in one pass. Bytes that are not UTF-8
// separate words and lose nothing around them.
type scanner struct {
	text string
	at   int
	// tagEnd is where the hashtag being read ends; 0 outside of one.
	tagEnd int
	// tagOpen says that the hashtag has not had its first word yet.
	tagOpen bool
	// plainTo is the end of a run that was looked at and is no link, so that
	// long runs are looked at only once.
	plainTo int
}

// next returns the next piece; false at the end of the text.
func (s *scanner) next() (piece, bool) {
	for s.at < len(s.text) {
		if s.at >= s.tagEnd {
			s.tagEnd = 0
		}
		r, size := utf8.DecodeRuneInString(s.text[s.at:])
		switch classOf(r) {
		case classCyrillic, classLetter, classDigit:
			if s.tagEnd == 0 {
				if end := s.link(); end > 0 {
					return s.take(end, pieceAside), true
				}
			}
			return s.take(s.wordEnd(), pieceWord), true
		case classEmoji:
			return s.take(s.emojiEnd(r, size), pieceEmoji), true
		}
		if p, ok := s.sign(r); ok {
			return p, true
		}
		s.at += size
	}
	return piece{}, false
}

// sign handles what begins with a sign of its own: #tag, @name, [id1|Имя].
func (s *scanner) sign(r rune) (piece, bool) {
	if s.tagEnd > 0 {
		return piece{}, false
	}
	switch r {
	case '#':
		if end := s.nameEnd(s.at + 1); end > s.at+1 {
			p := piece{start: s.at, end: end, kind: pieceTag}
			s.at, s.tagEnd, s.tagOpen = s.at+1, end, true
			return p, true
		}
	case '@':
		if end := s.nameEnd(s.at + 1); end > s.at+1 {
			return s.take(s.dottedEnd(end), pieceAside), true
		}
	case '[':
		if end := vkMention(s.text[s.at:]); end > 0 {
			return s.take(s.at+end, pieceAside), true
		}
	}
	return piece{}, false
}

func (s *scanner) take(end int, kind pieceKind) piece {
	p := piece{start: s.at, end: end, kind: kind}
	if s.tagEnd > 0 && kind == pieceWord {
		p.joined, s.tagOpen = s.tagOpen, false
	}
	s.at = end
	return p
}

// wordEnd finds the end of the word that starts here. A word is a run of
// letters or of digits: «д5» and «16этаж» are two words each, while latin
// letters and digits stay together as in «iphone15».
func (s *scanner) wordEnd() int {
	limit := len(s.text)
	if s.tagEnd > 0 {
		limit = s.tagEnd
	}
	r, size := utf8.DecodeRuneInString(s.text[s.at:limit])
	last, lastClass, i := r, classOf(r), s.at+size
	for i < limit {
		r, size = utf8.DecodeRuneInString(s.text[i:limit])
		class := classOf(r)
		switch {
		case class == classMark:
			i += size
			continue
		case class == classOther:
			if !s.binds(lastClass, r, i+size, limit) {
				return i
			}
		case class == classEmoji || s.parts(last, lastClass, r, class, i+size, limit):
			return i
		default:
			last, lastClass = r, class
		}
		i += size
	}
	return i
}

// parts says whether a new word begins at r, which follows last directly.
func (s *scanner) parts(last rune, lastClass runeClass, r rune, class runeClass, after, limit int) bool {
	if lastClass == classCyrillic && class == classDigit {
		// A nought amid Russian letters is a slip or a disguise: «в0да».
		return r != '0' || !s.cyrillicAt(after, limit)
	}
	if lastClass == classDigit && class == classCyrillic {
		return last != '0' || !s.noughtInWord(after-utf8.RuneLen(r)-1)
	}
	return s.tagEnd > 0 && unicode.IsLower(last) && unicode.IsUpper(r)
}

// noughtInWord says whether the nought at i directly follows a Russian letter.
func (s *scanner) noughtInWord(i int) bool {
	if i <= s.at {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(s.text[s.at:i])
	return classOf(r) == classCyrillic
}

// binds says whether the sign r keeps a word together: the apostrophe written
// for ъ, and the point or comma within a number.
func (s *scanner) binds(lastClass runeClass, r rune, after, limit int) bool {
	switch r {
	case '\'', '’', 'ʼ', '`':
		return lastClass == classCyrillic && s.cyrillicAt(after, limit)
	case '.', ',':
		return lastClass == classDigit && after < limit && asciiClass(s.text[after]) == classDigit
	}
	return false
}

func (s *scanner) cyrillicAt(i, limit int) bool {
	if i >= limit {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s.text[i:limit])
	return classOf(r) == classCyrillic
}

// emojiEnd finds the end of the picture that starts here with the rune r.
func (s *scanner) emojiEnd(r rune, size int) int {
	i := s.at + size
	if isRegional(r) {
		if next, n := utf8.DecodeRuneInString(s.text[i:]); isRegional(next) {
			return i + n
		}
		return i
	}
	for i < len(s.text) {
		next, n := utf8.DecodeRuneInString(s.text[i:])
		switch {
		case isPictureModifier(next):
			i += n
		case next == zeroWidthJoiner:
			joined, m := utf8.DecodeRuneInString(s.text[i+n:])
			if !isPicture(joined) {
				return i + n
			}
			i += n + m
		default:
			return i
		}
	}
	return i
}
