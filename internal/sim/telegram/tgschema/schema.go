// Package tgschema checks, in tests, every request and every answer of the
// Telegram simulator against the published description of the Bot API.
//
// The description is read from the folder of reference schemas, which is no
// part of this repository: where it is absent, nothing is checked and a test
// says so.
package tgschema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// specFile is the description inside the folder of schemas.
const specFile = "telegram/api-10.1.json"

// Schema is the description of the Bot API.
type Schema struct {
	Version string            `json:"version"`
	Methods map[string]Method `json:"methods"`
	Types   map[string]Type   `json:"types"`
}

// Method is one method: its parameters and what it returns, one of several.
type Method struct {
	Returns []string `json:"returns"`
	Fields  []Field  `json:"fields"`
}

// Type is an object with fields or a choice of other types.
type Type struct {
	Fields   []Field  `json:"fields"`
	Subtypes []string `json:"subtypes"`
}

// Field is a parameter or a field of an object.
type Field struct {
	Name        string   `json:"name"`
	Types       []string `json:"types"`
	Required    bool     `json:"required"`
	Description string   `json:"description"`

	limits []limit
}

// Load reads the schema; nil means that the folder of schemas is not there.
func Load() (*Schema, error) { return load() }

// load reads it once for all tests of a program.
var load = sync.OnceValues(func() (*Schema, error) {
	folder := find()
	if folder == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(filepath.Join(folder, specFile))
	if err != nil {
		return nil, err
	}
	var s Schema
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, err
	}
	for name, m := range s.Methods {
		mine(m.Fields)
		s.Methods[name] = m
	}
	for name, t := range s.Types {
		mine(t.Fields)
		s.Types[name] = t
	}
	s.correct()
	return &s, nil
})

// find is the folder of schemas: what OTKLIK_SPECS names, or shared/reference/specs
// beside any folder above this one. Empty means that there is none.
func find() string {
	if folder := os.Getenv("OTKLIK_SPECS"); folder != "" {
		return folder
	}
	dir, err := os.Getwd()
	for err == nil {
		folder := filepath.Join(dir, "shared", "reference", "specs")
		if _, err := os.Stat(filepath.Join(folder, specFile)); err == nil {
			return folder
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return ""
}

func (m Method) field(name string) (Field, bool) { return fieldOf(m.Fields, name) }

func fieldOf(fields []Field, name string) (Field, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// method finds a method in any case, as the network does.
func (s *Schema) method(name string) (Method, bool) {
	if m, ok := s.Methods[name]; ok {
		return m, true
	}
	for known, m := range s.Methods {
		if strings.EqualFold(known, name) {
			return m, true
		}
	}
	return Method{}, false
}
