package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// maxBody bounds one request: a file of 50 MB and its form.
const maxBody = 51 << 20

// upload is one file of a multipart form.
type upload struct {
	name string
	data []byte
}

// params are the parameters of a call, however they were sent: nested values
// are JSON text, as in a form.
type params struct {
	values map[string]string
	files  map[string]upload
}

func readParams(w http.ResponseWriter, r *http.Request) (params, *apiError) {
	p := params{values: map[string]string{}, files: map[string]upload{}}
	for k, v := range r.URL.Query() {
		p.values[k] = v[0]
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "application/json":
		err = p.readJSON(r)
	case "multipart/form-data":
		err = p.readMultipart(r)
	case "application/x-www-form-urlencoded":
		if err = r.ParseForm(); err == nil {
			for k, v := range r.PostForm {
				p.values[k] = v[0]
			}
		}
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return p, &apiError{code: 413, description: "Request Entity Too Large"}
	case err != nil:
		return p, badRequest("can't parse the request's parameters")
	}
	return p, nil
}

func (p params) readJSON(r *http.Request) error {
	var object map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&object); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for k, raw := range object {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			p.values[k] = text
		} else {
			p.values[k] = string(raw)
		}
	}
	return nil
}

func (p params) readMultipart(r *http.Request) error {
	form, err := r.MultipartReader()
	if err != nil {
		return err
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if name, file := FormPart(part.Header.Get("Content-Disposition")); file != "" {
			p.files[name] = upload{file, data}
		} else {
			p.values[name] = string(data)
		}
	}
}

// FormPart reads the Content-Disposition of a part of a form as leniently as
// the network does: grammY writes file names without quotes whatever is in them.
func FormPart(disposition string) (name, file string) {
	if _, attributes, err := mime.ParseMediaType(disposition); err == nil {
		return attributes["name"], attributes["filename"]
	}
	for part := range strings.SplitSeq(disposition, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		value = strings.Trim(value, `"`)
		switch strings.ToLower(key) {
		case "name":
			name = value
		case "filename":
			file = value
		}
	}
	return name, file
}

func (p params) recorded() map[string][]string {
	out := make(map[string][]string, len(p.values)+len(p.files))
	for k, v := range p.values {
		out[k] = []string{v}
	}
	for k, f := range p.files {
		out[k] = []string{fmt.Sprintf("%s, %d bytes", f.name, len(f.data))}
	}
	return out
}

// number is an integer parameter, fallback where it is absent or none.
func (p params) number(name string, fallback int64) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(p.values[name]), 10, 64)
	if err != nil || n == math.MinInt64 {
		return fallback
	}
	return n
}

// flag is a Boolean parameter.
func (p params) flag(name string, fallback bool) bool {
	switch strings.ToLower(p.values[name]) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	return fallback
}

// list is a parameter that holds a JSON array; ok is false if it is none.
func (p params) list(name string, into any) bool {
	raw := p.values[name]
	return raw == "" || json.Unmarshal([]byte(raw), into) == nil
}
