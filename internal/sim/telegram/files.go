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
	"path"
	"slices"
	"strings"
)

const (
	// maxFiles bounds all uploaded files together; the oldest give way.
	maxFiles = 64 << 20
	maxPhoto = 10 << 20
	maxFile  = 50 << 20
	// maxDownload is what getFile gives away.
	maxDownload = 20 << 20
	// maxPhotoSide bounds the sum of a photo's sides, maxPhotoRatio their ratio.
	maxPhotoSide  = 10000
	maxPhotoRatio = 20
)

// fileKind is what a file is sent as.
type fileKind struct {
	name   string // the parameter, and the field of the message
	prefix string // of its file_id
	folder string
	mime   string
}

func fileKinds() []fileKind {
	return []fileKind{
		{"photo", "AgACAg", "photos", "image/jpeg"},
		{"document", "BQACAg", "documents", "application/octet-stream"},
		{"video", "BAACAg", "videos", "video/mp4"},
		{"animation", "CgACAg", "animations", "video/mp4"},
		{"audio", "CQACAg", "music", "audio/mpeg"},
		{"voice", "AwACAg", "voice", "audio/ogg"},
	}
}

func kindOf(name string) (fileKind, bool) {
	kinds := fileKinds()
	i := slices.IndexFunc(kinds, func(k fileKind) bool { return k.name == name })
	if i < 0 {
		return fileKind{}, false
	}
	return kinds[i], true
}

// fileStore keeps uploaded files in memory. The server's mutex guards it.
type fileStore struct {
	byID   map[string]*storedFile
	byPath map[string]*storedFile
	order  []*storedFile
	total  int
}

// storedFile is one file as it was sent.
type storedFile struct {
	kind          fileKind
	id, unique    string
	path          string
	name          string
	width, height int
	data          []byte
}

// attach puts the file into a message.
func (f *storedFile) attach(w *wireMessage) {
	ref := wireFileRef{FileID: f.id, FileUniqueID: f.unique, FileSize: len(f.data)}
	if f.kind.name == "photo" {
		ref.Width, ref.Height = f.width, f.height
		w.Photo = []wireFileRef{ref}
		return
	}
	ref.FileName, ref.MimeType = f.name, f.kind.mime
	duration := 1
	switch f.kind.name {
	case "document":
		w.Document = &ref
	case "video", "animation":
		ref.Width, ref.Height, ref.Duration = f.width, f.height, &duration
		if f.kind.name == "video" {
			w.Video = &ref
			break
		}
		// An animation is a document too, for old programs.
		w.Animation = &ref
		w.Document = &wireFileRef{FileID: f.id, FileUniqueID: f.unique, FileName: f.name, MimeType: f.kind.mime, FileSize: len(f.data)}
	case "audio":
		ref.Duration = &duration
		w.Audio = &ref
	case "voice":
		ref.Duration, ref.FileName = &duration, ""
		w.Voice = &ref
	}
}

// file is the file that a parameter brings: an upload under its own name or
// another's ("attach://name"), or a known file_id.
func (s *Server) file(p params, value, field string, kind fileKind) (*storedFile, *apiError) {
	if name, attached := strings.CutPrefix(value, "attach://"); attached {
		value, field = "", name
	}
	if f, ok := p.files[field]; ok && value == "" {
		return s.files.put(kind, f.name, f.data)
	}
	switch {
	case value == "":
		return nil, badRequest("there is no " + kind.name + " in the request")
	case strings.HasPrefix(value, "http://"), strings.HasPrefix(value, "https://"):
		// This world has no web from which to fetch it.
		return nil, badRequest("failed to get HTTP URL content")
	}
	f := s.files.byID[value]
	switch {
	case f == nil:
		return nil, badRequest("wrong file identifier/HTTP URL specified")
	case f.kind.name != kind.name:
		return nil, badRequest("can't use file of type " + title(f.kind.name) + " as " + title(kind.name))
	}
	return f, nil
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// put keeps an uploaded file; a photo must be one.
func (f *fileStore) put(kind fileKind, name string, data []byte) (*storedFile, *apiError) {
	switch {
	case len(data) == 0:
		return nil, badRequest("file must be non-empty")
	case len(data) > maxFile || (kind.name == "photo" && len(data) > maxPhoto):
		return nil, &apiError{code: 413, description: "Request Entity Too Large"}
	}
	sum := sha256.Sum256(data)
	unique := hex.EncodeToString(sum[:8])
	if known := f.byID[kind.prefix+unique]; known != nil {
		return known, nil
	}
	file := &storedFile{kind: kind, id: kind.prefix + unique, unique: unique, name: path.Base(name), width: 320, height: 320, data: data}
	if size, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
		file.width, file.height = size.Width, size.Height
	} else if kind.name == "photo" {
		return nil, badRequest("IMAGE_PROCESS_FAILED")
	}
	long, short := max(file.width, file.height), max(min(file.width, file.height), 1)
	if kind.name == "photo" && (long+short > maxPhotoSide || long > maxPhotoRatio*short) {
		return nil, badRequest("PHOTO_INVALID_DIMENSIONS")
	}
	extension := path.Ext(file.name)
	if kind.name == "photo" {
		extension = ".jpg"
	}
	file.path = kind.folder + "/" + unique + extension
	f.keep(file)
	return file, nil
}

func (f *fileStore) keep(file *storedFile) {
	if f.byID == nil {
		f.byID, f.byPath = map[string]*storedFile{}, map[string]*storedFile{}
	}
	for f.total+len(file.data) > maxFiles && len(f.order) > 0 {
		oldest := f.order[0]
		delete(f.byPath, oldest.path)
		delete(f.byID, oldest.id)
		f.order, f.total = f.order[1:], f.total-len(oldest.data)
	}
	f.byID[file.id], f.byPath[file.path] = file, file
	f.order, f.total = append(f.order, file), f.total+len(file.data)
}

func (s *Server) getFile(c *call) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files.byID[c.params.values["file_id"]]
	switch {
	case f == nil:
		return nil, badRequest("invalid file_id")
	case len(f.data) > maxDownload:
		return nil, badRequest("file is too big")
	}
	return wireFile{FileID: f.id, FileUniqueID: f.unique, FileSize: len(f.data), FilePath: f.path}, nil
}

func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, token, path string) {
	s.mu.Lock()
	known := s.byToken[token] != nil
	f := s.files.byPath[path]
	s.mu.Unlock()
	switch {
	case !known:
		writeEnvelope(w, 401, refusal(&apiError{code: 401, description: "Unauthorized"}))
	case f == nil || (r.Method != http.MethodGet && r.Method != http.MethodHead):
		writeEnvelope(w, 404, refusal(&apiError{code: 404, description: "Not Found"}))
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(f.data)
	}
}
