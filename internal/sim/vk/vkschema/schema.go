// Package vkschema holds calls of VK API against the published schema of
// version 5.131: what is asked, by which kind of token, and what is answered.
// It serves tests only. The schema is not part of the project; Find looks for
// it beside the checkout.
package vkschema

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// overlayJSON mends the known errata of the schema, each with the report that
// it follows.
//
//go:embed overlay.json
var overlayJSON []byte

// folder is the schema's folder below that of all specifications.
const folder = "vk-api-schema-v5.131.148"

// base is the address under which the compiler knows the schema's files.
const base = "file:///vk/"

// ErrAbsent says that the schema is not on this machine.
var ErrAbsent = errors.New("the VK schema is absent: set OTKLIK_SPECS to the folder that holds " + folder)

// Find returns the schema's folder: below $OTKLIK_SPECS, or below
// shared/reference/specs in a folder above the working directory.
func Find() (string, error) {
	if dir := os.Getenv("OTKLIK_SPECS"); dir != "" {
		return existing(filepath.Join(dir, folder))
	}
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		dir, err := existing(filepath.Join(at, "shared", "reference", "specs", folder))
		if err == nil {
			return dir, nil
		}
		up := filepath.Dir(at)
		if up == at {
			return "", ErrAbsent
		}
		at = up
	}
}

func existing(dir string) (string, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", ErrAbsent
	}
	return dir, nil
}

// Method is one method as the schema declares it.
type Method struct {
	Name       string
	Tokens     map[string]bool // "user", "group", "service"
	Parameters map[string]parameter
	// Responses are the references of the possible answers by their names:
	// "response", "extendedResponse" and others.
	Responses map[string]string
	Errors    map[int]bool // codes that the method declares as its own
}

// Schema is the whole schema, mended. It may be used concurrently.
type Schema struct {
	methods map[string]Method
	global  map[int]bool // error codes that any method may give
	docs    map[string]map[string]any

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

// Load reads the schema from its folder and applies the overlay.
func Load(dir string) (*Schema, error) {
	s := &Schema{
		methods: map[string]Method{}, global: map[int]bool{}, docs: map[string]map[string]any{},
		compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{},
	}
	if err := s.read(dir); err != nil {
		return nil, err
	}
	if err := s.applyOverlay(); err != nil {
		return nil, err
	}
	if err := s.readMethods(); err != nil {
		return nil, err
	}
	return s, s.mend()
}

func (s *Schema) read(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil {
		return err
	}
	for _, file := range append(files, filepath.Join(dir, "errors.json")) {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		object, ok := doc.(map[string]any)
		if err != nil || !ok {
			return fmt.Errorf("%s is not a JSON object: %w", name, err)
		}
		s.docs[filepath.ToSlash(name)] = object
	}
	return nil
}

// Method returns the declaration of a method.
func (s *Schema) Method(name string) (Method, bool) {
	m, ok := s.methods[name]
	return m, ok
}

// declared is a method as it stands in methods.json.
type declared struct {
	Name       string                     `json:"name"`
	Tokens     []string                   `json:"access_token_type"`
	Parameters []parameter                `json:"parameters"`
	Responses  map[string]reference       `json:"responses"`
	Errors     []reference                `json:"errors"`
	Rest       map[string]json.RawMessage `json:"-"`
}

type reference struct {
	Ref string `json:"$ref"`
}

func (s *Schema) readMethods() error {
	codes := map[string]int{}
	var list struct {
		Errors map[string]struct {
			Code   int  `json:"code"`
			Global bool `json:"global"`
		} `json:"errors"`
	}
	if err := into(s.docs["errors.json"], &list); err != nil {
		return err
	}
	for name, e := range list.Errors {
		codes["../errors.json#/errors/"+name] = e.Code
		s.global[e.Code] = e.Global
	}
	for name, doc := range s.docs {
		if !strings.HasSuffix(name, "/methods.json") {
			continue
		}
		var file struct {
			Methods []declared `json:"methods"`
		}
		if err := into(doc, &file); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, d := range file.Methods {
			s.methods[d.Name] = s.method(d, codes)
		}
	}
	return nil
}

func (s *Schema) method(d declared, codes map[string]int) Method {
	m := Method{
		Name: d.Name, Tokens: map[string]bool{}, Parameters: map[string]parameter{},
		Responses: map[string]string{}, Errors: map[int]bool{},
	}
	for _, t := range d.Tokens {
		m.Tokens[t] = true
	}
	for _, p := range d.Parameters {
		m.Parameters[p.Name] = s.complete(p)
	}
	for name, r := range d.Responses {
		m.Responses[name] = strings.TrimPrefix(r.Ref, "../")
	}
	for _, e := range d.Errors {
		m.Errors[codes[e.Ref]] = true
	}
	return m
}

// into decodes what was decoded freely into a type.
func into(doc any, to any) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, to)
}

// validate holds a value against the definition that ref names:
// "wall/responses.json#/definitions/x", or "wall/objects.json#/closed/x" for
// one that has no other properties than those declared.
func (s *Schema) validate(ref string, value any) error {
	c, err := s.compile(base + ref)
	if err != nil {
		return err
	}
	return c.Validate(value)
}

// compile is done once for each definition that is needed.
func (s *Schema) compile(address string) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.compiled[address]; c != nil {
		return c, nil
	}
	c, err := s.compiler.Compile(address)
	if err != nil {
		return nil, fmt.Errorf("the schema %s does not compile: %w", address, err)
	}
	s.compiled[address] = c
	return c, nil
}

// CompileAll compiles the schema of every answer.
func (s *Schema) CompileAll() error {
	var errs []error
	for _, m := range s.methods {
		for _, ref := range m.Responses {
			if _, err := s.compile(base + ref); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
