package vk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	// The formats that the network takes as photos.
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"

	"otklik/internal/sim/record"
)

// The bounds of uploads: a photo has up to 50 MB, its width and height
// together up to 14,000 pixels, and sides up to 20 to 1
// (dev.vk.com/en/api/upload/overview).
const (
	maxUpload     = 50 << 20
	maxPhotoSides = 14_000
	maxPhotoRatio = 20
)

// File is an uploaded photo, document or video.
type File struct {
	Kind    string // "photo", "doc" or "video"
	ID      int
	OwnerID int
	UserID  int // who uploaded it, zero for a community
	AlbumID int
	Title   string
	Width   int
	Height  int
	Type    string // the media type
	Data    []byte
	Date    time.Time
}

// Name is how attachments name the file.
func (f *File) Name() string { return fileKey(f.Kind, f.OwnerID, f.ID) }

func fileKey(kind string, owner, id int) string {
	return kind + strconv.Itoa(owner) + "_" + strconv.Itoa(id)
}

// AddPhoto puts a photo into the network, as if a user had uploaded it, and
// returns its name for attachments.
func (s *Server) AddPhoto(owner int, data []byte) (string, error) {
	f, err := readPhoto(data)
	if err != nil {
		return "", err
	}
	f.OwnerID = owner
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addFile(f).Name(), nil
}

// AddVideo puts a video into the network and returns its name for attachments.
// Only that it exists is simulated.
func (s *Server) AddVideo(owner int, title string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addFile(&File{Kind: "video", OwnerID: owner, Title: title, Type: "video/mp4"}).Name()
}

func (s *Server) addFile(f *File) *File {
	s.lastFile++
	f.ID, f.Date = s.lastFile, s.dateOr(time.Time{})
	s.files[f.Name()] = f
	return f
}

var errPhoto = errors.New("vk simulator: not a photo that the network takes")

// readPhoto holds data against the bounds of photos.
func readPhoto(data []byte) (*File, error) {
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, errPhoto
	}
	long, short := max(c.Width, c.Height), min(c.Width, c.Height)
	if len(data) > maxUpload || c.Width+c.Height > maxPhotoSides || long > maxPhotoRatio*short {
		return nil, errPhoto
	}
	return &File{Kind: "photo", AlbumID: -7, Width: c.Width, Height: c.Height, Type: "image/" + format, Data: data}, nil
}

// fileObject is a photo, a document or a video as methods and attachments show it.
func (s *Server) fileObject(f *File) object {
	address := s.opt.BaseURL() + "/vkfile/" + f.Name()
	switch f.Kind {
	case "video":
		return object{"id": f.ID, "owner_id": f.OwnerID, "title": f.Title, "date": unix(f.Date), "type": "video", "duration": 60, "views": 0}
	case "doc":
		name, ext := f.Title, ""
		if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
			ext = name[dot+1:]
		}
		return object{
			"id": f.ID, "owner_id": f.OwnerID, "title": f.Title, "size": len(f.Data), "ext": ext,
			"date": unix(f.Date), "type": docType(ext), "url": address,
		}
	}
	o := object{
		"id": f.ID, "owner_id": f.OwnerID, "album_id": f.AlbumID, "date": unix(f.Date), "text": f.Title,
		"has_tags": false, "sizes": []object{
			{"type": "m", "url": address, "width": f.Width, "height": f.Height},
			{"type": "x", "url": address, "width": f.Width, "height": f.Height},
		},
	}
	if f.OwnerID < 0 {
		o["user_id"] = 100 // as the network writes for a community's own photos
	}
	return o
}

// docType is the network's number for a kind of document.
func docType(ext string) int {
	switch strings.ToLower(ext) {
	case "txt", "doc", "docx", "pdf", "xls", "xlsx", "rtf":
		return 1
	case "zip", "rar", "7z":
		return 2
	case "gif":
		return 3
	case "jpg", "jpeg", "png":
		return 4
	case "mp3", "ogg":
		return 5
	case "mp4", "avi":
		return 6
	}
	return 8
}

// upload is one address that was given out for uploading.
type upload struct {
	kind  string // "photo" or "doc"
	owner int
	user  int
	file  *File // once it came
	hash  string
}

// newUpload returns the address for one upload.
func (s *Server) newUpload(u upload) string {
	ticket := randomHex(12)
	s.uploads[ticket] = &u
	return s.opt.BaseURL() + "/vkupload/" + ticket
}

// serveUpload takes one file, as the upload servers do. A photo that is none is
// answered with an error that clients tend to overlook.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	ticket := r.PathValue("ticket")
	rec := record.Call{Network: "vk", Method: "upload"}
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload+1<<20)
	s.serve(w, r, &rec, func(record.Fault) any {
		s.mu.Lock()
		u := s.uploads[ticket]
		s.mu.Unlock()
		if u == nil {
			return object{"error": "ERR_UPLOAD_INVALID_TICKET: upload address is unknown or used up"}
		}
		f, err := u.take(r)
		if err != nil {
			return object{"error": "ERR_UPLOAD_BAD_IMAGE_SIZE: " + err.Error()}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		u.file, u.hash = f, randomHex(16)
		if u.kind == "doc" {
			return object{"file": ticket + "|" + u.hash}
		}
		photo, _ := json.Marshal([]object{{"photo": ticket, "sizes": []any{}, "kid": ""}})
		return object{"server": 1, "photo": string(photo), "hash": u.hash}
	})
}

func (u *upload) take(r *http.Request) (*File, error) {
	field := map[string]string{"photo": "photo", "doc": "file"}[u.kind]
	part, header, err := r.FormFile(field)
	if err != nil {
		return nil, fmt.Errorf("no file in the field %s", field)
	}
	defer func() { _ = part.Close() }()
	data, err := io.ReadAll(part)
	if err != nil {
		return nil, err
	}
	if u.kind == "photo" {
		return readPhoto(data)
	}
	if len(data) == 0 {
		return nil, errors.New("the file is empty")
	}
	return &File{Kind: "doc", Title: header.Filename, Type: "application/octet-stream", Data: data}, nil
}

// serveFile gives out an uploaded file.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.files[r.PathValue("name")]
	s.mu.Unlock()
	if f == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.Type)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write(f.Data)
}
