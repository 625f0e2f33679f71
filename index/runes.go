package index

import "unicode"

// runeClass is what the scanner wants to know of a rune.
type runeClass uint8

const (
	classOther    runeClass = iota
	classCyrillic           // а letter of the Russian alphabet, or a relative
	classLetter             // a letter of another script
	classDigit
	classMark  // adds to the rune before it, or is not seen at all
	classEmoji // starts a picture
)

const (
	zeroWidthJoiner = '\u200d'
	combiningBreve  = '\u0306'
	combiningDots   = '\u0308'
	keycap          = '\u20e3'
)

// classOf sorts a rune. ASCII and the Russian alphabet, which are nearly all
// of every text, are answered without a table look-up.
func classOf(r rune) runeClass {
	switch {
	case r < 0x80:
		return asciiClass(byte(r))
	case r >= 0x400 && r <= 0x52f:
		if r >= 0x483 && r <= 0x489 {
			return classMark
		}
		return classCyrillic
	case isInvisible(r):
		return classMark
	case isPicture(r):
		return classEmoji
	case unicode.Is(unicode.M, r):
		return classMark
	case unicode.IsLetter(r):
		return classLetter
	case unicode.IsDigit(r):
		return classDigit
	}
	return classOther
}

func asciiClass(c byte) runeClass {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		return classLetter
	case c >= '0' && c <= '9':
		return classDigit
	}
	return classOther
}

// isInvisible names the signs that people paste without knowing: the soft
// hyphen, zero-width spaces and joiners, the byte order mark.
func isInvisible(r rune) bool {
	return r == 0xad || r >= 0x200b && r <= 0x200d || r == 0x2060 || r == 0xfeff
}

func isPicture(r rune) bool {
	switch {
	case r >= 0x1f000 && r <= 0x1faff:
		return !isSkinTone(r)
	case r >= 0x2600 && r <= 0x27bf, r >= 0x2b00 && r <= 0x2bff, r >= 0x2300 && r <= 0x23ff:
		return true
	}
	return r == 0x203c || r == 0x2049
}

func isSkinTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

func isRegional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// isPictureModifier names what may follow a picture without being one.
func isPictureModifier(r rune) bool {
	return r == 0xfe0e || r == 0xfe0f || r == keycap || isSkinTone(r) || r >= 0xe0020 && r <= 0xe007f
}
