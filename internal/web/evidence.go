package web

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/media"
	"otklik/internal/ru"
	"otklik/internal/social"
)

// former is a text that an item had before.
type former struct {
	First bool
	At    stamp
	Text  []segment
}

// formers are all texts of an item but the present one, in their order.
func (s *server) formers(x incidents.ThreadItem, view incidents.View, now time.Time) []former {
	var list []former
	for i, v := range x.Versions {
		if i == len(x.Versions)-1 && v.Text == x.Item.Text {
			continue
		}
		f := former{First: i == 0, At: s.stamp(v.EditedAt, now), Text: segments(v.Text, nil)}
		if f.First {
			f.At = s.stamp(x.Item.PublishedAt, now)
		}
		if x.IsMessage && v.Text == view.Case.Message.Text {
			f.Text = segments(v.Text, whyMarks(view.Why))
		}
		list = append(list, f)
	}
	return list
}

// photos are the photos of an item as shown.
type photos struct {
	Tiles  []tile
	Former []tile // those that the author took away
	Gone   string // «автор убрал 2 фото, показать»
	Note   string // «3 фото сохранены у нас»
	At     stamp
}

// tile is one photo, or why it is not there.
type tile struct {
	Full, Thumb string // addresses; empty where it is not kept
	Alt         string
	Reason      string
	Waits       bool
}

func (s *server) photos(x incidents.ThreadItem, author string, now time.Time) photos {
	var p photos
	kept, last := 0, time.Time{}
	for _, photo := range x.Photos {
		t := tileOf(photo, author)
		if t.Thumb != "" && !photo.Former {
			kept++
			last = later(last, photo.DoneAt)
		}
		if photo.Former {
			p.Former = append(p.Former, t)
		} else {
			p.Tiles = append(p.Tiles, t)
		}
	}
	if kept > 0 {
		p.Note, p.At = ru.Count(kept, "фото сохранено", "фото сохранены", "фото сохранено")+" у\u00a0нас", s.stamp(last, now)
		if kept == 1 {
			p.Note = "Фото сохранено у\u00a0нас"
		}
	}
	if n := len(p.Former); n > 0 {
		p.Gone = "автор убрал " + ru.Number(n) + "\u00a0фото, показать"
	}
	return p
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func tileOf(p incidents.Photo, author string) tile {
	t := tile{Alt: "Фото. " + author}
	switch media.State(p.State) {
	case media.Kept:
		t.Full, t.Thumb = "/media/"+p.Picture, "/media/"+p.Thumb
	case media.Waiting:
		t.Waits, t.Reason = true, "Фото загружается"
		if p.Trouble != "" {
			t.Reason = strings.TrimSuffix(p.Trouble, ".") + ", попробуем ещё раз"
		}
	default:
		t.Reason = strings.TrimSuffix(p.Trouble, ".")
	}
	return t
}

// shown says that the photo of this name is among the tiles.
func shown(list []incidents.Photo, key string) bool {
	return slices.ContainsFunc(list, func(p incidents.Photo) bool { return p.Key == key })
}

// inAlbum says that an item only holds further photos of an album whose first
// item shows them all.
func inAlbum(x incidents.ThreadItem, albums map[string]bool) bool {
	album := social.AlbumOf(x.Item.Media)
	if album == "" {
		return false
	}
	first := !albums[album]
	albums[album] = true
	return !first && x.Item.Text == "" && !x.IsMessage && !x.IsAttached && x.DeletedAt.IsZero() && len(x.Versions) < 2
}

// picture serves a kept photo. Its address is the hash of its bytes, so it
// never changes; only people who may see cases get it.
func (s *server) picture(w http.ResponseWriter, r *http.Request, _ *visit) error {
	hash := r.PathValue("hash")
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(hash) {
		return errs.New(errs.NotFound, "Такого фото нет. Проверьте ссылку.")
	}
	f, err := s.Photos.Picture(r.Context(), hash)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("ETag", `"`+hash+`"`)
	h.Set("Content-Disposition", `inline; filename="photo-`+hash[:8]+extension(f.Type)+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Bytes))
	return nil
}

func extension(contentType string) string {
	if contentType == "image/png" {
		return ".png"
	}
	return ".jpg"
}
