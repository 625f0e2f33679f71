package vkschema

import (
	"bytes"
	"fmt"
	"net/url"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// CheckResponse returns what the schema objects to in the body of an answer.
func (s *Schema) CheckResponse(method string, params url.Values, body []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the answer of %s is not JSON: %w", method, err)
	}
	answer, ok := doc.(map[string]any)
	if !ok {
		return fmt.Errorf("the answer of %s is not an object", method)
	}
	if failure, ok := answer["error"]; ok {
		return s.checkError(method, failure)
	}
	m, ok := s.methods[method]
	if !ok {
		return fmt.Errorf("there is no method %s, but it was answered", method)
	}
	err = fmt.Errorf("the schema names no answer of %s", method)
	for _, name := range variants(params) {
		ref, ok := m.Responses[name]
		if !ok {
			continue
		}
		if err = s.validate(ref, doc); err == nil {
			return nil
		}
		err = fmt.Errorf("the answer of %s is not a %s: %w", method, name, err)
		break
	}
	return err
}

// variants are the answers that fit the parameters, the most particular first.
func variants(params url.Values) []string {
	var out []string
	extended := params.Get("extended") == "1" || params.Get("extended") == "true"
	many := params.Get("user_ids") != "" || params.Get("peer_ids") != ""
	switch {
	case extended && many:
		out = append(out, "userIds_Extended_Response", "extendedResponse")
	case extended:
		out = append(out, "extendedResponse")
	case many:
		out = append(out, "userIdsResponse")
	case params.Get("fields") != "":
		out = append(out, "fieldsResponse")
	case params.Get("filter") != "":
		out = append(out, "filterResponse")
	}
	return append(out, "response")
}

// ErrorCode is the code in an answer, zero if it is not an error.
func ErrorCode(body []byte) int {
	var answer struct {
		Error struct {
			Code int `json:"error_code"`
		} `json:"error"`
	}
	if decode(body, &answer) != nil {
		return 0
	}
	return answer.Error.Code
}

func (s *Schema) checkError(method string, failure any) error {
	if err := s.validate("base/objects.json#/closed/base_error", failure); err != nil {
		return fmt.Errorf("the error of %s: %w", method, err)
	}
	var e struct {
		Code int `json:"error_code"`
	}
	if err := into(failure, &e); err != nil {
		return err
	}
	m := s.methods[method]
	if _, known := s.methods[method]; known && !s.global[e.Code] && !m.Errors[e.Code] {
		return fmt.Errorf("%s does not give the error %d", method, e.Code)
	}
	return nil
}
