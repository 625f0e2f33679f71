package vkschema

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// correction is one line of the overlay.
type correction struct {
	File string `json:"file"`
	// At is the path of keys to the value; in methods.json the first is the
	// method's name and a second "parameters" is followed by the parameter's.
	At    []string `json:"at"`
	Value any      `json:"value"`
	Why   string   `json:"why"`
}

func (s *Schema) applyOverlay() error {
	var list []correction
	if err := json.Unmarshal(overlayJSON, &list); err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	for i, c := range list {
		if c.Why == "" {
			return fmt.Errorf("overlay, line %d: it says not why", i+1)
		}
		doc, ok := s.docs[c.File]
		if !ok || len(c.At) == 0 || !set(doc, c.At, normal(c.Value)) {
			return fmt.Errorf("overlay, line %d: %s %v is not there", i+1, c.File, c.At)
		}
	}
	return nil
}

// normal gives a value the form in which the schema's files were read.
func normal(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return v
	}
	out, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		return v
	}
	return out
}

// set replaces the value at a path of keys, of which all but the last must
// exist. Lists of named things are entered by name.
func set(at any, path []string, value any) bool {
	key := path[0]
	object, ok := at.(map[string]any)
	if !ok {
		return false
	}
	if len(path) == 1 {
		object[key] = value
		return true
	}
	for _, list := range []string{"methods", "parameters"} {
		if next, ok := named(object[list], key); ok {
			return set(next, path[1:], value)
		}
	}
	next, ok := object[key]
	return ok && set(next, path[1:], value)
}

func named(list any, name string) (any, bool) {
	items, _ := list.([]any)
	for _, item := range items {
		if o, ok := item.(map[string]any); ok && o["name"] == name {
			return o, true
		}
	}
	return nil, false
}

// mend makes valid JSON schemas of the files: "required" moves from a property
// to its object, and a closed object may be made of several parts, which the
// files' additionalProperties forbids. Afterwards the compiler has them.
func (s *Schema) mend() error {
	s.compiler.DefaultDraft(jsonschema.Draft2019)
	for name, doc := range s.docs {
		if strings.HasSuffix(name, "/methods.json") || name == "errors.json" {
			continue
		}
		delete(doc, "$schema")
		definitions, _ := doc["definitions"].(map[string]any)
		closed := map[string]any{}
		for key, d := range definitions {
			// A response is closed at its root, an object where it is used.
			s.mendOne(d, strings.HasSuffix(name, "/responses.json"), name)
			closed[key] = map[string]any{"$ref": "#/definitions/" + key, "unevaluatedProperties": false}
		}
		doc["closed"] = closed
		if err := s.compiler.AddResource(base+name, doc); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// mendOne mends a schema and all below it. closed says that no other
// properties may stand here than are declared.
func (s *Schema) mendOne(v any, closed bool, file string) {
	o, ok := v.(map[string]any)
	if !ok {
		return
	}
	delete(o, "additionalProperties")
	if _, ok := o["required"].(bool); ok {
		delete(o, "required")
	}
	if properties, ok := o["properties"].(map[string]any); ok {
		required, _ := o["required"].([]any)
		for name, p := range properties {
			if isRequired(p) {
				required = append(required, name)
			}
			s.mendOne(p, true, file)
		}
		if len(required) > 0 {
			o["required"] = required
		}
	}
	s.mendOne(o["items"], true, file)
	for _, key := range []string{"oneOf", "anyOf"} {
		s.mendList(o[key], true, file)
	}
	s.mendList(o["allOf"], false, file)
	if closed && s.declares(o, file, 0) {
		o["unevaluatedProperties"] = false
	}
}

func (s *Schema) mendList(v any, closed bool, file string) {
	list, _ := v.([]any)
	for _, part := range list {
		s.mendOne(part, closed, file)
	}
}

func isRequired(p any) bool {
	o, _ := p.(map[string]any)
	yes, _ := o["required"].(bool)
	return yes
}

// declares says that a schema names properties, itself or where it refers to.
func (s *Schema) declares(o map[string]any, file string, depth int) bool {
	if o["properties"] != nil || o["allOf"] != nil || o["oneOf"] != nil {
		return true
	}
	ref, _ := o["$ref"].(string)
	target, targetFile := s.resolve(ref, file)
	return target != nil && depth < 10 && s.declares(target, targetFile, depth+1)
}

// resolve finds what a reference in a file means.
func (s *Schema) resolve(ref, file string) (map[string]any, string) {
	path, pointer, ok := strings.Cut(ref, "#/")
	if !ok {
		return nil, ""
	}
	if path != "" {
		file = strings.TrimPrefix(path, "../")
	}
	var at any = s.docs[file]
	for key := range strings.SplitSeq(pointer, "/") {
		o, _ := at.(map[string]any)
		at = o[key]
	}
	o, _ := at.(map[string]any)
	return o, file
}
