package tgschema

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// File stands for an uploaded file among the parameters of a request.
type File struct{}

// Request checks the parameters of a call as they came, each one a decoded JSON
// value, a form's text, or File. It returns what is wrong.
func (s *Schema) Request(method string, params map[string]any) []string {
	m, ok := s.method(method)
	if !ok {
		return []string{method + ": there is no such method"}
	}
	var bad []string
	attached := attachments(params)
	for name, value := range params {
		f, ok := m.field(name)
		if !ok {
			// An upload may stand under any name that another parameter refers to.
			if _, file := value.(File); !file || !slices.Contains(attached, name) {
				bad = append(bad, fmt.Sprintf("%s: there is no parameter %q", method, name))
			}
			continue
		}
		bad = append(bad, s.value(method+"."+name, f.marked(params["parse_mode"]), value, true)...)
	}
	for _, f := range m.Fields {
		if _, given := params[f.Name]; f.Required && !given {
			bad = append(bad, fmt.Sprintf("%s: the parameter %q is missing", method, f.Name))
		}
	}
	slices.Sort(bad)
	return bad
}

// marked is the field without the limits that only hold once the markup is
// taken away, if there is a parse mode.
func (f Field) marked(mode any) Field {
	if text, _ := mode.(string); text != "" {
		f.limits = slices.DeleteFunc(slices.Clone(f.limits), func(l limit) bool { return l.parsed })
	}
	return f
}

func attachments(params map[string]any) []string {
	var out []string
	for _, v := range params {
		raw, _ := json.Marshal(v)
		text := strings.ReplaceAll(string(raw), `\"`, `"`)
		for {
			_, rest, ok := strings.Cut(text, "attach://")
			if !ok {
				break
			}
			name, _, _ := strings.Cut(rest, `"`)
			out, text = append(out, name), rest
		}
	}
	return out
}

// Result checks the result of a method.
func (s *Schema) Result(method string, result any) []string {
	m, ok := s.method(method)
	if !ok {
		return []string{method + ": there is no such method"}
	}
	return s.value(method+" → ", Field{Types: m.Returns}, result, false)
}

// Object checks a value of a type by its name, such as "Update".
func (s *Schema) Object(name string, v any) []string {
	return s.value(name, Field{Types: []string{name}}, v, false)
}

// value checks a value against the types that a field may have; form says that
// it comes from a request, where anything may be written as text.
func (s *Schema) value(at string, f Field, v any, form bool) []string {
	var best []string
	for i, name := range f.Types {
		decoded, bad := s.typed(at, name, v, form)
		if len(bad) == 0 {
			for _, l := range f.limits {
				if text := l.check(decoded); text != "" {
					bad = append(bad, at+": "+text)
				}
			}
			return bad
		}
		if i == 0 || len(bad) < len(best) {
			best = bad
		}
	}
	return best
}

// typed checks a value against one type and returns it decoded.
func (s *Schema) typed(at, name string, v any, form bool) (any, []string) {
	if text, ok := v.(string); ok && form && name != "String" && name != "InputFile" {
		var decoded any
		if json.Unmarshal([]byte(text), &decoded) != nil {
			return v, []string{fmt.Sprintf("%s: %q is no %s", at, cut(text), name)}
		}
		v = decoded
	}
	wrong := func() (any, []string) {
		raw, _ := json.Marshal(v)
		return v, []string{fmt.Sprintf("%s: %s is no %s", at, cut(string(raw)), name)}
	}
	if item, ok := strings.CutPrefix(name, "Array of "); ok {
		list, ok := v.([]any)
		if !ok {
			return wrong()
		}
		var bad []string
		for i, x := range list {
			bad = append(bad, s.value(at+"["+strconv.Itoa(i)+"]", Field{Types: []string{item}}, x, false)...)
		}
		return v, bad
	}
	ok := false
	switch name {
	case "String":
		_, ok = v.(string)
	case "Boolean", "True":
		var b bool
		b, ok = v.(bool)
		ok = ok && (b || name == "Boolean")
	case "Integer":
		var n float64
		n, ok = v.(float64)
		ok = ok && n == math.Trunc(n)
	case "Float":
		_, ok = v.(float64)
	case "InputFile":
		_, ok = v.(File)
	default:
		return s.object(at, name, v)
	}
	if !ok {
		return wrong()
	}
	return v, nil
}

func (s *Schema) object(at, name string, v any) (any, []string) {
	t, known := s.Types[name]
	if !known {
		return v, []string{at + ": there is no type " + name}
	}
	if len(t.Subtypes) > 0 {
		return v, s.subtype(at, t, v)
	}
	fields, ok := v.(map[string]any)
	if !ok {
		raw, _ := json.Marshal(v)
		return v, []string{fmt.Sprintf("%s: %s is no %s", at, cut(string(raw)), name)}
	}
	var bad []string
	for key, x := range fields {
		f, ok := fieldOf(t.Fields, key)
		if !ok {
			bad = append(bad, fmt.Sprintf("%s: %s has no field %q", at, name, key))
			continue
		}
		bad = append(bad, s.value(at+"."+key, f.marked(fields["parse_mode"]), x, false)...)
		bad = append(bad, constant(at+"."+key, f, x)...)
	}
	for _, f := range t.Fields {
		if _, given := fields[f.Name]; f.Required && !given {
			bad = append(bad, fmt.Sprintf("%s: %s lacks the field %q", at, name, f.Name))
		}
	}
	slices.Sort(bad)
	return v, bad
}

// subtype is the complaint of the member of a union that fits best.
func (s *Schema) subtype(at string, t Type, v any) []string {
	var best []string
	for i, name := range t.Subtypes {
		_, bad := s.object(at, name, v)
		if len(bad) == 0 {
			return nil
		}
		if i == 0 || len(bad) < len(best) {
			best = bad
		}
	}
	return best
}

// constant checks the fields that tell the members of a union apart, whose
// descriptions end in "always “x”" or "must be x".
func constant(at string, f Field, v any) []string {
	if f.Name != "type" && f.Name != "status" && f.Name != "source" {
		return nil
	}
	_, want, ok := strings.Cut(f.Description, "always ")
	if !ok {
		if _, want, ok = strings.Cut(f.Description, "must be "); !ok {
			return nil
		}
	}
	want = strings.Trim(want, "\"“”. ")
	if got, _ := v.(string); strings.ContainsAny(want, " ,") || got == want {
		return nil
	}
	return []string{fmt.Sprintf("%s: %v is not %q", at, v, want)}
}

func cut(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
