package telegram

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	// The formats whose size a photo reports.
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"net/http"
)

// maxFiles bounds all uploaded files together; the oldest give way.
const maxFiles = 64 << 20

// fileStore keeps uploaded files in memory. The server's mutex guards it.
type fileStore struct {
	byID   map[string]storedFile
	byPath map[string]string
	order  []string
	total  int
}

type storedFile struct {
	photo wirePhoto
	path  string
	data  []byte
}

// photo is the picture a sendPhoto call brings: an upload or a known file_id.
func (s *Server) photo(c *call) (wirePhoto, *apiError) {
	if f, ok := c.params.files["photo"]; ok {
		if len(f.data) == 0 {
			return wirePhoto{}, badRequest("file must be non-empty")
		}
		return s.files.put(f.data), nil
	}
	id := c.params.values["photo"]
	if id == "" {
		return wirePhoto{}, badRequest("there is no photo in the request")
	}
	f, ok := s.files.byID[id]
	if !ok {
		return wirePhoto{}, badRequest("wrong file identifier/HTTP URL specified")
	}
	return f.photo, nil
}

func (f *fileStore) put(data []byte) wirePhoto {
	sum := sha256.Sum256(data)
	unique := hex.EncodeToString(sum[:8])
	id := "AgACAg" + unique
	if known, ok := f.byID[id]; ok {
		return known.photo
	}
	if f.byID == nil {
		f.byID, f.byPath = map[string]storedFile{}, map[string]string{}
	}
	for f.total+len(data) > maxFiles && len(f.order) > 0 {
		oldest := f.byID[f.order[0]]
		delete(f.byPath, oldest.path)
		delete(f.byID, f.order[0])
		f.order, f.total = f.order[1:], f.total-len(oldest.data)
	}
	photo := wirePhoto{FileID: id, FileUniqueID: unique, Width: 320, Height: 320, FileSize: len(data)}
	if size, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
		photo.Width, photo.Height = size.Width, size.Height
	}
	stored := storedFile{photo: photo, path: "photos/" + unique + ".jpg", data: data}
	f.byID[id], f.byPath[stored.path] = stored, id
	f.order, f.total = append(f.order, id), f.total+len(data)
	return photo
}

func (s *Server) getFile(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files.byID[c.params.values["file_id"]]
	if !ok {
		return nil, badRequest("invalid file_id")
	}
	return wireFile{
		FileID: f.photo.FileID, FileUniqueID: f.photo.FileUniqueID,
		FileSize: len(f.data), FilePath: f.path,
	}, nil
}

func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, token, path string) {
	s.mu.Lock()
	known := s.byToken[token] != nil
	f, ok := s.files.byID[s.files.byPath[path]]
	s.mu.Unlock()
	switch {
	case !known:
		writeEnvelope(w, 401, refusal(&apiError{code: 401, description: "Unauthorized"}))
	case !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead):
		writeEnvelope(w, 404, refusal(&apiError{code: 404, description: "Not Found"}))
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(f.data)
	}
}
