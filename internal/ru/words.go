// Package ru writes numbers, dates and deadlines as people in Russia read them.
package ru

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	nbsp  = "\u00a0"
	thin  = "\u202f" // narrow non-breaking space, between thousands
	minus = "\u2212"
)

// Plural chooses the form of a noun for n: 1 сообщение, 2 сообщения,
// 5 сообщений, 21 сообщение.
func Plural(n int, one, few, many string) string {
	if n < 0 {
		n = -n
	}
	if n%100 >= 11 && n%100 <= 14 {
		return many
	}
	switch n % 10 {
	case 1:
		return one
	case 2, 3, 4:
		return few
	}
	return many
}

// Count is the number with the noun in its form, held together by a
// non-breaking space.
func Count(n int, one, few, many string) string {
	return Number(n) + nbsp + Plural(n, one, few, many)
}

// Number writes n with a narrow space between thousands, from 1 000 on.
func Number(n int) string {
	digits, sign := strconv.Itoa(n), ""
	if n < 0 {
		digits, sign = digits[1:], minus
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(thin)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Initials are the first letters of a person's first two words: «ДК».
func Initials(name string) string {
	var b strings.Builder
	for _, word := range strings.Fields(name) {
		r := []rune(strings.Trim(word, "«»„“\"'()№.,"))
		if len(r) == 0 {
			continue
		}
		b.WriteString(strings.ToUpper(string(r[:1])))
		if b.Len() >= 4 {
			break
		}
	}
	return b.String()
}

// Surname is the last word of a name: «Илья Гордеев» gives «Гордеев».
func Surname(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// Cut shortens a text to at most limit characters at the end of a word and
// puts an ellipsis where something is missing.
func Cut(text string, limit int) string {
	text = strings.Join(strings.Fields(text), " ")
	r := []rune(text)
	if len(r) <= limit {
		return text
	}
	head := string(r[:limit])
	if i := strings.LastIndexByte(head, ' '); i > len(head)/2 {
		head = head[:i]
	}
	return strings.TrimRight(head, " ,.;:—–-") + "…"
}

// Capital makes the first letter a capital one.
func Capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + text[size:]
}
