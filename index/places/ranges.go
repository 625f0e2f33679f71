package places

import (
	"strconv"
	"strings"
)

// span is a stretch of the houses of a street.
type span struct {
	from, to int
	// letter is the rest of a single number: «47а».
	letter string
	parity int // 1 odd, 2 even, 0 both
}

// lastHouse stands for a stretch without an end.
const lastHouse = 100_000

// readHouses reads «1-45 нечёт, 2-60 чёт, 47а, 100-»; false where a part is not
// understood, with that part. An empty text means all houses and gives nothing.
func readHouses(text string) ([]span, string) {
	var out []span
	for part := range strings.FieldsFuncSeq(folded(text), func(r rune) bool { return r == ',' || r == ';' }) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		s, ok := readSpan(part)
		if !ok {
			return nil, part
		}
		out = append(out, s)
	}
	return out, ""
}

func readSpan(part string) (span, bool) {
	s := span{from: 1, to: lastHouse}
	rest := part
	for _, word := range strings.Fields(part) {
		switch strings.Trim(word, ".()") {
		case "нечет", "нечетные", "нечетная":
			s.parity = 1
		case "чет", "четные", "четная":
			s.parity = 2
		case "все":
		default:
			continue
		}
		rest = strings.Replace(rest, word, "", 1)
	}
	rest = strings.ReplaceAll(strings.NewReplacer("–", "-", "—", "-").Replace(rest), " ", "")
	if rest == "" {
		return s, true
	}
	from, to, many := strings.Cut(rest, "-")
	var letter string
	if s.from, letter = number(from); s.from == 0 {
		return s, false
	}
	switch {
	case !many:
		s.to, s.letter = s.from, letter
		return s, true
	case letter != "":
		return s, false
	case to == "":
		return s, true
	}
	if s.to, letter = number(to); s.to < s.from || letter != "" {
		return s, false
	}
	return s, true
}

// number takes the digits at the beginning of the number of a house.
func number(house string) (int, string) {
	n := 0
	for n < len(house) && house[n] >= '0' && house[n] <= '9' {
		n++
	}
	value, err := strconv.Atoi(house[:n])
	if err != nil {
		return 0, house
	}
	return value, house[n:]
}

// holds says that a house lies in one of the stretches; none means all.
func holds(spans []span, house string) bool {
	if len(spans) == 0 {
		return true
	}
	n, letter := number(folded(house))
	for _, s := range spans {
		switch {
		case n < s.from || n > s.to:
		case s.parity == 1 && n%2 == 0, s.parity == 2 && n%2 == 1:
		case s.letter != "" && !strings.HasPrefix(letter, s.letter):
		default:
			return true
		}
	}
	return false
}
