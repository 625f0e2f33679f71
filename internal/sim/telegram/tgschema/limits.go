package tgschema

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// limit is a bound that the description of a field states in prose.
type limit struct {
	min, max int64
	unit     string // "", "characters", "bytes" or "items"
	// parsed says that the text is measured without its markup.
	parsed bool
}

// mine finds the bounds in the descriptions of fields.
func mine(fields []Field) {
	counted := regexp.MustCompile(`(\d+)-(\d+) (characters|bytes)`)
	listed := regexp.MustCompile(`(?:list of|must include) (\d+)-(\d+) `)
	number := regexp.MustCompile(`(?:[Vv]alues between |[;,] ?)(\d+)-(\d+)(?: are accepted|\. |$)`)
	between := regexp.MustCompile(`be between (\d+) and (\d+)`)
	for i := range fields {
		f := &fields[i]
		add := func(found []string, unit string) {
			if found == nil {
				return
			}
			lo, err1 := strconv.ParseInt(found[1], 10, 64)
			hi, err2 := strconv.ParseInt(found[2], 10, 64)
			if err1 == nil && err2 == nil && lo <= hi {
				f.limits = append(f.limits, limit{lo, hi, unit, strings.Contains(f.Description, "after entit")})
			}
		}
		if m := counted.FindStringSubmatch(f.Description); m != nil {
			add(m, m[3])
		}
		add(listed.FindStringSubmatch(f.Description), "items")
		if len(f.Types) == 1 && f.Types[0] == "Integer" {
			add(number.FindStringSubmatch(f.Description), "")
			add(between.FindStringSubmatch(f.Description), "")
		}
	}
}

// check says what is wrong with a decoded value, nothing if it fits.
func (l limit) check(v any) string {
	var n int64
	switch x := v.(type) {
	case string:
		switch l.unit {
		case "characters":
			n = int64(utf8.RuneCountInString(x))
		case "bytes":
			n = int64(len(x))
		default:
			return ""
		}
	case []any:
		if l.unit != "items" {
			return ""
		}
		n = int64(len(x))
	case float64:
		if l.unit != "" {
			return ""
		}
		n = int64(x)
	default:
		return ""
	}
	if n < l.min || n > l.max {
		return fmt.Sprintf("%d is not within %d-%d %s", n, l.min, l.max, l.unit)
	}
	return ""
}
