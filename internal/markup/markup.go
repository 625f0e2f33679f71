// Package markup is the small way of writing posts: *bold*, _italic_,
// [words](https://address) and VK's own [club1|name]. One parsed text renders to
// what each network takes, so that a preview shows what is sent. **bold** and
// __bold__, as Markdown has them, are read as *bold*.
//
// A backslash takes the meaning from the sign after it. A mark opens before a
// letter or sign that follows a space or the beginning of a line, and closes
// where a word ends; whatever does not close on its line stays as it was typed.
package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Style is how a run of a text looks.
type Style struct {
	Bold   bool
	Italic bool
	// Link is the address that the run leads to, "" for none.
	Link string
	// The pairs of marks and the link that the run stands in, by number: two
	// that touch each other stay two, so that none crosses another.
	bold, italic, link int
}

// Run is a part of a text in one style.
type Run struct {
	Text string
	Style
}

// Text is a parsed text: its runs in order.
type Text []Run

// Plain is the text without any style.
func (t Text) Plain() string {
	var b strings.Builder
	for _, r := range t {
		b.WriteString(r.Text)
	}
	return b.String()
}

// Links lists the addresses that the text leads to by words, in order.
func (t Text) Links() []string {
	var list []string
	for _, r := range t {
		if r.Link != "" && (len(list) == 0 || list[len(list)-1] != r.Link) {
			list = append(list, r.Link)
		}
	}
	return list
}

// Parse reads a text. Every text is valid; what is not markup stands for itself.
// Bytes that no network takes as text are dropped, line ends are unified, and
// spaces around the whole go, because networks cut them off.
func Parse(source string) Text {
	source = strings.ReplaceAll(strings.ToValidUTF8(source, ""), "\x00", "")
	source = strings.ReplaceAll(strings.ReplaceAll(source, "\r\n", "\n"), "\r", "\n")
	var w writer
	for i, line := range strings.Split(source, "\n") {
		if i > 0 {
			w.add("\n", Style{})
		}
		parseLine(&w, line, Style{})
	}
	w.end()
	return trim(w.runs)
}

// Escape makes a text stand for itself whatever signs it holds.
func Escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		size := 1
		switch {
		case isAddress(s[i:]):
			size = addressLength(s[i:])
		case strings.IndexByte(`\*_[`, s[i]) >= 0:
			b.WriteByte('\\')
		}
		b.WriteString(s[i : i+size])
		i += size
	}
	return b.String()
}

// writer joins neighbouring pieces of one style.
type writer struct {
	runs  Text
	style Style
	words strings.Builder
	pairs int
}

func (w *writer) add(s string, st Style) {
	if s == "" {
		return
	}
	if st != w.style {
		w.end()
		w.style = st
	}
	w.words.WriteString(s)
}

// pair numbers one more pair of marks.
func (w *writer) pair() int {
	w.pairs++
	return w.pairs
}

func (w *writer) toggle(on bool) (bool, int) {
	if on {
		return false, 0
	}
	return true, w.pair()
}

// end closes the run that is being written.
func (w *writer) end() {
	if w.words.Len() > 0 {
		w.runs = append(w.runs, Run{Text: w.words.String(), Style: w.style})
		w.words.Reset()
	}
}

func trim(t Text) Text {
	for len(t) > 0 {
		if t[0].Text = strings.TrimLeftFunc(t[0].Text, unicode.IsSpace); t[0].Text != "" {
			break
		}
		t = t[1:]
	}
	for n := len(t); n > 0; n = len(t) {
		if t[n-1].Text = strings.TrimRightFunc(t[n-1].Text, unicode.IsSpace); t[n-1].Text != "" {
			break
		}
		t = t[:n-1]
	}
	return t
}

// piece is a part of a line: words, a mark that may open or close, or a link.
type piece struct {
	text   string
	mark   byte // '*' or '_', 0 for words
	opens  bool
	closes bool
	paired bool
	link   string
}

func parseLine(w *writer, line string, st Style) {
	pieces := split(line, st.Link == "")
	pair(pieces)
	for _, p := range pieces {
		switch {
		case p.link != "":
			inner := st
			inner.Link, inner.link = p.link, w.pair()
			parseLine(w, p.text, inner)
		case p.mark == '*' && p.paired:
			st.Bold, st.bold = w.toggle(st.Bold)
		case p.mark == '_' && p.paired:
			st.Italic, st.italic = w.toggle(st.Italic)
		default:
			w.add(p.text, st)
		}
	}
}

// split cuts a line into pieces. Addresses written out are taken whole, so that
// the signs in them are no marks.
func split(line string, links bool) []piece {
	var out []piece
	words := 0
	flush := func(to int) {
		if to > words {
			out = append(out, piece{text: line[words:to]})
		}
	}
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && strings.IndexByte(`\*_[`, line[i+1]) >= 0:
			flush(i)
			words = i + 1
			i += 2
		case c == '*' || c == '_':
			flush(i)
			out = append(out, mark(line, i))
			i += len(out[len(out)-1].text)
			words = i
		case c == '[' && links:
			text, target, size := link(line[i:])
			if size == 0 {
				i++
				continue
			}
			flush(i)
			out = append(out, piece{text: text, link: target})
			i += size
			words = i
		case isAddress(line[i:]):
			i += addressLength(line[i:])
		default:
			_, size := utf8.DecodeRuneInString(line[i:])
			i += size
		}
	}
	flush(len(line))
	return out
}

// mark says what the signs at i may do by what stands around them. Two or three
// of one kind are Markdown's way of writing bold; more of them are a line that
// somebody has drawn, and stand for themselves.
func mark(line string, i int) piece {
	n := 1
	for i+n < len(line) && line[i+n] == line[i] {
		n++
	}
	p := piece{text: line[i : i+n], mark: line[i]}
	switch {
	case n > 3:
		return piece{text: p.text}
	case n > 1:
		p.mark = '*'
	}
	before, _ := utf8.DecodeLastRuneInString(line[:i])
	after, _ := utf8.DecodeRuneInString(line[i+n:])
	if i == 0 {
		before = ' '
	}
	if i+n == len(line) {
		after = ' '
	}
	p.opens = !wordy(before) && !unicode.IsSpace(after)
	p.closes = !unicode.IsSpace(before) && !wordy(after)
	return p
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// pair finds the marks that belong together. A pair never crosses another one.
func pair(pieces []piece) {
	var open []int
	for i := range pieces {
		p := &pieces[i]
		if p.mark == 0 {
			continue
		}
		if at := lastOpen(pieces, open, p.mark); p.closes && at >= 0 && open[at] < i-1 && pieces[open[at]].text == p.text {
			pieces[open[at]].paired, p.paired = true, true
			open = open[:at]
			continue
		}
		if p.opens && lastOpen(pieces, open, p.mark) < 0 {
			open = append(open, i)
		}
	}
}

// lastOpen is the place of an open mark in the stack, which holds at most one
// of each kind, or -1.
func lastOpen(pieces []piece, open []int, mark byte) int {
	for k := len(open) - 1; k >= 0; k-- {
		if pieces[open[k]].mark == mark {
			return k
		}
	}
	return -1
}
