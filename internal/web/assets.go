package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"time"

	"otklik/internal/errs"
)

//go:embed static
var staticFiles embed.FS

//go:embed templates
var templateFiles embed.FS

// assets are the embedded files under an address that changes whenever any of
// them does, so that browsers may keep them for ever and modules may import
// one another by relative names.
type assets struct {
	files   fs.FS
	version string
}

func loadAssets() (*assets, error) {
	files, err := fs.Sub(staticFiles, "static")
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum.Write([]byte(name))
		sum.Write(data)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &assets{files: files, version: hex.EncodeToString(sum.Sum(nil))[:12]}, nil
}

// url is the address of a file, such as "css/app.css".
func (a *assets) url(name string) string { return "/static/" + a.version + "/" + name }

// contentType names the types we ship; the machine's own table may differ.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

func (s *server) static(w http.ResponseWriter, r *http.Request, _ *visit) error {
	name := r.PathValue("path")
	data, err := fs.ReadFile(s.assets.files, name)
	if err != nil {
		return errs.Wrap(errs.NotFound, "Такого файла нет.", err)
	}
	w.Header().Set("Content-Type", contentType(name))
	// A page opened before an update may ask for files of the old version.
	if r.PathValue("version") == s.assets.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
	return nil
}
