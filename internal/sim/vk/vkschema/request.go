package vkschema

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parameter is one parameter of a method.
type parameter struct {
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Ref         string       `json:"$ref"`
	Type        oneOrMany    `json:"type"`
	Required    bool         `json:"required"`
	Minimum     *json.Number `json:"minimum"`
	Maximum     *json.Number `json:"maximum"`
	MaxLength   int          `json:"maxLength"`
	MaxItems    int          `json:"maxItems"`
	Enum        []any        `json:"enum"`
	Items       *parameter   `json:"items"`

	limit int64  // from the prose; zero means none
	or    string // the parameter that may stand instead, from the prose
}

// oneOrMany is the type of a parameter, which may be a list of types.
type oneOrMany []string

// UnmarshalJSON implements json.Unmarshaler.
func (o *oneOrMany) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*o = oneOrMany{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(data, &many)
	*o = many
	return err
}

// complete follows the parameter's references and reads its prose.
func (s *Schema) complete(p parameter) parameter {
	if target, _ := s.resolve(p.Ref, ""); target != nil {
		var named parameter
		if into(target, &named) == nil {
			p.Enum = append(p.Enum, named.Enum...)
			if len(named.Type) > 0 {
				p.Type = named.Type
			}
		}
	}
	if p.Items != nil {
		item := s.complete(*p.Items)
		p.Items = &item
	}
	p.limit, p.or = prose(p.Description)
	return p
}

// prose reads what the description says and the fields do not.
func prose(text string) (limit int64, or string) {
	if m := regexp.MustCompile(`(?i)\bmax(?:imum)?(?: value)?(?: is)? '?(\d[\d ]*\d|\d)'?`).FindStringSubmatch(text); m != nil {
		limit, _ = strconv.ParseInt(strings.ReplaceAll(m[1], " ", ""), 10, 64)
	}
	if m := regexp.MustCompile(`(?i)Required if '(\w+)' is not set`).FindStringSubmatch(text); m != nil {
		or = m[1]
	}
	return limit, or
}

// common may be given to every method.
func common(name string) bool {
	return slices.Contains([]string{"v", "access_token", "lang", "test_mode", "captcha_sid", "captcha_key", "captcha_ts", "captcha_attempt", "success_token"}, name)
}

// CheckRequest returns what the schema objects to in a call by a token of the
// kind "user", "community" or "service".
func (s *Schema) CheckRequest(method, kind string, params url.Values) []error {
	m, ok := s.methods[method]
	if !ok {
		return []error{fmt.Errorf("there is no method %s", method)}
	}
	var out []error
	asDeclared := kind
	if kind == "community" {
		asDeclared = "group"
	}
	if !m.Tokens[asDeclared] {
		out = append(out, fmt.Errorf("%s is not for a token of the kind %s", method, kind))
	}
	for name := range params {
		p, known := m.Parameters[name]
		switch {
		case common(name):
		case !known:
			out = append(out, fmt.Errorf("%s has no parameter %s", method, name))
		default:
			if err := p.check(params.Get(name)); err != nil {
				out = append(out, fmt.Errorf("%s, parameter %s: %w", method, name, err))
			}
		}
	}
	for name, p := range m.Parameters {
		if p.Required && params.Get(name) == "" {
			out = append(out, fmt.Errorf("%s lacks the parameter %s", method, name))
		}
		if other, ok := m.alternative(p.or); ok && params.Get(name) == "" && params.Get(other) == "" {
			out = append(out, fmt.Errorf("%s needs %s or %s", method, name, other))
		}
	}
	return out
}

// alternative finds a parameter that the prose names, in whichever number.
func (m Method) alternative(name string) (string, bool) {
	for _, n := range []string{name, strings.TrimSuffix(name, "s")} {
		if _, ok := m.Parameters[n]; ok && n != "" {
			return n, true
		}
	}
	return "", false
}

// check holds a value against the parameter. An empty value means that it is not set.
func (p parameter) check(value string) error {
	if value == "" || len(p.Type) == 0 {
		return p.checkEnum(value)
	}
	var err error
	for _, kind := range p.Type {
		if err = p.checkAs(kind, value); err == nil {
			return nil
		}
	}
	return err
}

func (p parameter) checkAs(kind, value string) error {
	switch kind {
	case "integer":
		return p.checkInteger(value)
	case "number":
		_, err := strconv.ParseFloat(value, 64)
		return err
	case "boolean":
		if value != "0" && value != "1" {
			return fmt.Errorf("%q is not 0 or 1", value)
		}
	case "array":
		return p.checkList(value)
	case "string":
		if n := utf8.RuneCountInString(value); p.MaxLength > 0 && n > p.MaxLength {
			return fmt.Errorf("%d characters are more than %d", n, p.MaxLength)
		}
		return p.checkEnum(value)
	}
	return nil
}

func (p parameter) checkInteger(value string) error {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return err
	}
	if p.Minimum != nil {
		if low, err := p.Minimum.Int64(); err == nil && n < low {
			return fmt.Errorf("%d is less than %d", n, low)
		}
	}
	high := p.limit
	if p.Maximum != nil {
		high, _ = p.Maximum.Int64()
	}
	if high > 0 && n > high {
		return fmt.Errorf("%d is more than %d", n, high)
	}
	return p.checkEnum(value)
}

func (p parameter) checkList(value string) error {
	items := strings.Split(value, ",")
	if p.MaxItems > 0 && len(items) > p.MaxItems {
		return fmt.Errorf("%d items are more than %d", len(items), p.MaxItems)
	}
	if p.Items == nil {
		return nil
	}
	for _, item := range items {
		if err := p.Items.check(strings.TrimSpace(item)); err != nil {
			return err
		}
	}
	return nil
}

func (p parameter) checkEnum(value string) error {
	if len(p.Enum) == 0 || value == "" {
		return nil
	}
	for _, allowed := range p.Enum {
		if fmt.Sprint(allowed) == value {
			return nil
		}
	}
	return fmt.Errorf("%q is none of %v", value, p.Enum)
}
