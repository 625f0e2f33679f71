package redact

import (
	"strings"
	"unicode/utf8"
)

// number is a run of digits with the text that it stands in.
type number struct {
	text       string
	start, end int
	digits     string
}

// kind says whose number it is, "" for none that is personal.
func (n number) kind() Kind {
	raw := n.text[n.start:n.end]
	switch {
	case n.isPassport(raw):
		return Passport
	case n.isSNILS(raw):
		return SNILS
	case n.isPhone(raw):
		return Phone
	case n.isINN():
		return INN
	case n.isCard():
		return Card
	}
	return ""
}

// said says that one of the words stands shortly before the number.
func (n number) said(words ...string) bool {
	const near = 60 // bytes
	from := max(0, n.start-near)
	for from < n.start && !utf8.RuneStart(n.text[from]) {
		from++
	}
	before := strings.ToLower(n.text[from:n.start])
	for _, w := range words {
		if strings.Contains(before, w) {
			return true
		}
	}
	return false
}

// isPassport: ten digits after a word that says so, or written as a passport is:
// 40 05 123456, 4005 № 123456.
func (n number) isPassport(raw string) bool {
	if len(n.digits) != 10 || strings.HasPrefix(raw, "+") {
		return false
	}
	if n.said("паспорт", "серия", "серии") {
		return true
	}
	shape := groups(raw)
	return strings.Contains(raw, "№") && strings.HasSuffix(shape, "6") || shape == "2 2 6"
}

// isSNILS: eleven digits whose last two check the others. Written without signs
// it is taken for one only where the text says so, for a phone looks the same.
func (n number) isSNILS(raw string) bool {
	if len(n.digits) != 11 || strings.HasPrefix(raw, "+") {
		return false
	}
	if groups(raw) != "3 3 3 2" && !n.said("снилс") {
		return false
	}
	return snilsChecks(n.digits)
}

func snilsChecks(d string) bool {
	sum := 0
	for i := range 9 {
		sum += int(d[i]-'0') * (9 - i)
	}
	// Numbers up to 001-001-998 were given without check digits.
	if d[:9] <= "001001998" {
		return d[:9] != "000000000"
	}
	check := sum % 101 % 100
	return check == int(d[9]-'0')*10+int(d[10]-'0')
}

// isPhone: a Russian number of ten digits behind +7, 7 or 8, or a mobile one
// without a prefix. Numbers 800 and 804 are hot lines and nobody's own.
func (n number) isPhone(raw string) bool {
	d := n.digits
	switch {
	case len(d) == 11 && (d[0] == '7' || d[0] == '8'):
		d = d[1:]
	case len(d) == 10 && d[0] == '9' && !strings.HasPrefix(raw, "+"):
	default:
		return false
	}
	if strings.HasPrefix(d, "800") || strings.HasPrefix(d, "804") {
		return false
	}
	return d[0] == '9' || d[0] == '3' || d[0] == '4' || d[0] == '8'
}

// isINN: twelve digits of a person, of which the last two check the others. An
// organisation's has ten and is public.
func (n number) isINN() bool {
	d := n.digits
	if len(d) != 12 {
		return false
	}
	check := func(weights ...int) int {
		sum := 0
		for i, w := range weights {
			sum += int(d[i]-'0') * w
		}
		return sum % 11 % 10
	}
	return d != "000000000000" &&
		check(7, 2, 4, 10, 3, 5, 9, 4, 6, 8) == int(d[10]-'0') &&
		check(3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) == int(d[11]-'0')
}

// isCard: sixteen to nineteen digits of a payment system that pass Luhn's check.
func (n number) isCard() bool {
	d := n.digits
	if len(d) < 16 || len(d) > 19 || !strings.ContainsRune("23456", rune(d[0])) {
		return false
	}
	sum := 0
	for i := range len(d) {
		x := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if x *= 2; x > 9 {
				x -= 9
			}
		}
		sum += x
	}
	return sum%10 == 0
}

// groups is the lengths of the groups of digits: «112-233-445 95» is "3 3 3 2".
func groups(raw string) string {
	var b strings.Builder
	run := 0
	end := func() {
		if run > 0 {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteByte(byte('0' + min(run, 9)))
		}
		run = 0
	}
	for _, r := range raw {
		if r >= '0' && r <= '9' {
			run++
			continue
		}
		end()
	}
	end()
	return b.String()
}
