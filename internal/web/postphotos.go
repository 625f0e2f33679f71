package web

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/media"
	"otklik/internal/ru"
	"otklik/publisher"
)

const (
	// maxUpload bounds one request with photos in bytes: three of the largest, or
	// many of the usual size.
	maxUpload = 64 << 20
	// inMemory is how much of it is held in memory; the rest waits in a file.
	inMemory = 8 << 20
	// uploadTime is how long photos may take to arrive over a slow line.
	uploadTime = 5 * time.Minute
	// photosMost is how many photos a post of any network holds.
	photosMost = 10
)

// uploadForm reads a form that may carry files. Errors: TooLarge, Invalid.
func uploadForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return form(r)
	}
	// The server's own bound is meant for forms without files.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime))
	err := r.ParseMultipartForm(inMemory)
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return nil, errs.Wrap(errs.TooLarge, "Файлы слишком большие: за один раз можно до 64 МБ, одно фото до 20 МБ. Вернитесь назад, текст цел, и загрузите их по одному.", err)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "Форма пришла повреждённой: связь могла прерваться. Вернитесь назад и отправьте её ещё раз.", err)
	}
	return url.Values(r.MultipartForm.Value), nil
}

// dropFiles removes what a form has left in files.
func dropFiles(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll()
	}
}

// upload takes the photos of the form. Those that are good are kept even where
// others are not; the sentence names what was not taken.
func (e *edit) upload() error {
	if e.r.MultipartForm == nil {
		return errs.New(errs.Invalid, "Выберите фото на своём устройстве.")
	}
	files := e.r.MultipartForm.File["photo"]
	var wrong []string
	taken := 0
	for _, f := range files {
		if f.Size == 0 && f.Filename == "" {
			continue
		}
		if countPhotos(e.form.Media) >= photosMost {
			wrong = append(wrong, f.Filename+": в посте уже "+ru.Count(photosMost, "фото", "фото", "фото")+", больше не покажет ни одна сеть")
			continue
		}
		u, err := e.take(e.r.Context(), f)
		if err != nil {
			var trouble *media.Trouble
			if !errors.As(err, &trouble) {
				return err
			}
			wrong = append(wrong, f.Filename+": "+strings.ToLower(trouble.Message[:2])+strings.TrimSuffix(trouble.Message[2:], "."))
			continue
		}
		taken++
		e.form.Media = append(e.form.Media, publisher.Media{Kind: publisher.Photo, Hash: u.Hash})
	}
	switch {
	case len(wrong) > 0:
		return errs.New(errs.Invalid, "Не загрузилось. "+strings.Join(wrong, "; ")+". Подходят JPEG, PNG, GIF и WebP до 20 МБ.")
	case taken == 0:
		return errs.New(errs.Invalid, "Выберите фото на своём устройстве.")
	}
	return nil
}

// take draws one photo anew and keeps it. One at a time: a large photo takes
// much memory for a moment.
func (e *edit) take(ctx context.Context, h *multipart.FileHeader) (publisher.Upload, error) {
	if h.Size > media.MaxBytes {
		return publisher.Upload{}, &media.Trouble{State: media.TooBig, Message: "Фото больше 20 МБ."}
	}
	f, err := h.Open()
	if err != nil {
		return publisher.Upload{}, err
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, media.MaxBytes+1))
	if err != nil {
		return publisher.Upload{}, err
	}
	select {
	case e.drawing <- struct{}{}:
		defer func() { <-e.drawing }()
	case <-ctx.Done():
		return publisher.Upload{}, ctx.Err()
	}
	p, err := media.Redraw(raw)
	if err != nil {
		return publisher.Upload{}, err
	}
	return e.Planning.Editing.KeepUpload(ctx, e.v.person.Actor(), ru.Cut(h.Filename, 200), p, e.v.now)
}

func countPhotos(list []publisher.Media) int {
	n := 0
	for _, m := range list {
		if m.Kind == publisher.Photo {
			n++
		}
	}
	return n
}

// keepPost keeps what a person is writing and answers with what follows from
// it: counters, previews, checks. Scripts ask for it while the person writes.
func (s *server) keepPost(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := uploadForm(w, r)
	if err != nil {
		return err
	}
	defer dropFiles(r)
	var view publisher.View
	if r.PathValue("number") != "" {
		if view, err = s.postViewOf(r); err != nil {
			return err
		}
	}
	e := edit{server: s, w: w, r: r, v: v, view: view, f: f, form: readPostForm(f), seen: number(f.Get("version"))}
	if err := e.keep(); err != nil {
		return err
	}
	if r.Header.Get(partHeader) == "" {
		http.Redirect(w, r, e.home(), http.StatusSeeOther)
		return nil
	}
	page, p, err := e.again()
	if err != nil {
		return err
	}
	page.Mode, page.Saved = writeMode, s.stamp(v.now, v.now)
	if err := s.fill(r, v, page, p, e.form); err != nil {
		return err
	}
	s.part(w, v, "post", "live", page)
	return nil
}
