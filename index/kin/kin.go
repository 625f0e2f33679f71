// Package kin finds texts that were copied from others: word for word, or with
// a few words changed. It is made to be right rather than to find everything:
// two people who complain of the same thing in their own words, or in the same
// words about another house, are two complaints.
package kin

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"otklik/index"
)

// Window is how long a text is remembered after it was written.
const Window = 14 * 24 * time.Hour

const (
	// shortest is how many words make a text of which nobody thinks twice by
	// chance; shorter ones are copies only of their own author's.
	shortest = 8
	// longish is from how many words a copy may differ in its middle.
	longish = 16
	// alikeShort and alikeLong are the least shares of common pairs of words.
	alikeShort, alikeLong = .75, .5
	// mostPairs bounds what is kept of a text: the smallest numbers stand for all.
	mostPairs = 128
	// mostNames bounds the names and numbers that are kept.
	mostNames = 64
)

// Print is what is kept of a text to know its copies by.
type Print struct {
	// Words is how many words the text has.
	Words int
	// Whole stands for the sequence of all words.
	Whole uint64
	// Pairs are the smallest numbers of pairs of neighbouring words, ascending.
	Pairs []uint32
	// Names are the numbers and the proper names of the text, ascending.
	Names []uint32
}

// Reader makes prints of texts. It is safe for concurrent use.
type Reader struct{ analyzer *index.Analyzer }

// NewReader returns a reader that shares the words of an analyzer.
func NewReader(a *index.Analyzer) *Reader { return &Reader{a} }

// Print reads a text. Forms of one word count as the same word, so prints that
// are kept have to be dropped when the analyzer's dictionary is another.
func (r *Reader) Print(text string) Print {
	tokens := r.analyzer.Tokens(make([]index.Token, 0, 64), text)
	p := Print{Whole: offset}
	var last uint64
	place := 0
	for _, t := range tokens {
		if t.Form == "" || t.Pos == place {
			continue // a hashtag, an emoji, the words of a hashtag
		}
		place = t.Pos
		word := number(t.Term)
		p.Words++
		p.Whole = mix(p.Whole, word)
		p.Pairs = append(p.Pairs, uint32(mix(last, word)>>32))
		if named(text, t) {
			p.Names = append(p.Names, uint32(word>>32))
		}
		last = word
	}
	if p.Words > 0 {
		p.Pairs = append(p.Pairs, uint32(mix(last, 0)>>32))
	}
	p.Pairs, p.Names = smallest(p.Pairs, mostPairs), smallest(p.Names, mostNames)
	return p
}

// named says that a word is a number or, within a sentence, begins with a
// capital letter.
func named(text string, t index.Token) bool {
	raw := text[t.Start:t.End]
	first, size := utf8.DecodeRuneInString(raw)
	if unicode.IsDigit(first) {
		return true
	}
	if !unicode.IsUpper(first) || shouted(raw[size:]) {
		return false
	}
	for before := text[:t.Start]; before != ""; {
		r, n := utf8.DecodeLastRuneInString(before)
		before = before[:len(before)-n]
		switch {
		case r == '.' || r == '!' || r == '?' || r == '…' || r == '\n' || r == ':':
			return false
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == ',' || r == '-':
			return true
		}
	}
	return false // the first word of the text
}

// shouted says that the rest of a word is in capitals too.
func shouted(rest string) bool {
	for _, r := range rest {
		if unicode.IsUpper(r) {
			return true
		}
	}
	return false
}

func smallest(list []uint32, most int) []uint32 {
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.Clip(list[:min(len(list), most)])
}

// Alike is how much two texts have in common, from 0 to 1; it is 0 where they
// are too short to tell, or name different houses, streets or people.
func Alike(a, b Print) float64 {
	if min(a.Words, b.Words) < shortest || disagree(a.Names, b.Names) {
		return 0
	}
	share := common(a.Pairs, b.Pairs)
	least := alikeLong
	if min(a.Words, b.Words) < longish {
		least = alikeShort
	}
	if share < least {
		return 0
	}
	return share
}

// disagree says that each of two lists has something that the other lacks: a
// signature or a telephone may be added to a text, but another house is
// another complaint.
func disagree(a, b []uint32) bool {
	return lacks(a, b) && lacks(b, a)
}

// lacks says that b lacks something of a. Both ascend.
func lacks(a, b []uint32) bool {
	for _, x := range a {
		if _, ok := slices.BinarySearch(b, x); !ok {
			return true
		}
	}
	return false
}

// common estimates which share of all pairs of two texts stands in both. It is
// exact while both are short enough to be kept whole.
func common(a, b []uint32) float64 {
	var both, all, i, j int
	most := mostPairs
	if len(a) < mostPairs && len(b) < mostPairs {
		most = 2 * mostPairs
	}
	for all < most && (i < len(a) || j < len(b)) {
		switch {
		case j == len(b) || i < len(a) && a[i] < b[j]:
			i++
		case i == len(a) || b[j] < a[i]:
			j++
		default:
			both, i, j = both+1, i+1, j+1
		}
		all++
	}
	if all == 0 {
		return 0
	}
	return float64(both) / float64(all)
}

// The numbers of words are kept in the base, so they must be the same in every
// process: FNV-1a with a finish that spreads neighbours.
const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

func number(s string) uint64 {
	h := uint64(offset)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * prime
	}
	return finish(h)
}

func mix(a, b uint64) uint64 { return finish(a*3 ^ b) }

func finish(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Encode writes a print as text for the base.
func (p Print) Encode() string {
	raw := make([]byte, 0, 16+4*(len(p.Pairs)+len(p.Names)))
	raw = binary.AppendUvarint(raw, uint64(p.Words))
	raw = binary.LittleEndian.AppendUint64(raw, p.Whole)
	raw = appendList(raw, p.Pairs)
	raw = appendList(raw, p.Names)
	return base64.RawStdEncoding.EncodeToString(raw)
}

func appendList(raw []byte, list []uint32) []byte {
	raw = binary.AppendUvarint(raw, uint64(len(list)))
	for _, x := range list {
		raw = binary.LittleEndian.AppendUint32(raw, x)
	}
	return raw
}

var errDamaged = errors.New("kin: a kept print is damaged")

// Decode reads what Encode wrote.
func Decode(text string) (Print, error) {
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return Print{}, errDamaged
	}
	words, n := binary.Uvarint(raw)
	if n <= 0 || len(raw) < n+8 {
		return Print{}, errDamaged
	}
	p := Print{Words: int(words), Whole: binary.LittleEndian.Uint64(raw[n:])}
	raw = raw[n+8:]
	if p.Pairs, raw, err = readList(raw, mostPairs); err != nil {
		return Print{}, err
	}
	if p.Names, raw, err = readList(raw, mostNames); err != nil || len(raw) > 0 {
		return Print{}, errDamaged
	}
	return p, nil
}

func readList(raw []byte, most int) ([]uint32, []byte, error) {
	count, n := binary.Uvarint(raw)
	if n <= 0 || count > uint64(most) || len(raw)-n < int(count)*4 {
		return nil, nil, errDamaged
	}
	raw = raw[n:]
	var list []uint32
	for i := range int(count) {
		list = append(list, binary.LittleEndian.Uint32(raw[4*i:]))
	}
	if !slices.IsSorted(list) {
		return nil, nil, errDamaged
	}
	return list, raw[4*count:], nil
}
