package index

// Token is one term of a text and the place it was read from.
type Token struct {
	// Term is what rules are compared with: the common term of all forms of a
	// word, a hashtag with its sign, an emoji without its skin tone.
	Term string
	// Form is the word as written, folded: small letters, ё as е, look-alike
	// letters replaced. It is empty for hashtags and emoji.
	Form string
	// Start and End are byte offsets into the text that was analyzed.
	Start, End int
	// Pos counts words from one. The first word of a hashtag shares its
	// position with the hashtag; a link or a mention uses up a position, so
	// that no phrase spans it.
	Pos int
}
