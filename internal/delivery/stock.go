package delivery

import (
	"context"
	"io"

	"otklik/internal/errs"
	"otklik/internal/media"
)

// Stock keeps the bytes of photos and files by their hash. Errors: NotFound.
type Stock interface {
	// PictureSize tells the media type and the size in bytes.
	PictureSize(ctx context.Context, hash string) (kind string, size int64, err error)
	Picture(ctx context.Context, hash string) (media.File, error)
}

// stocked reads one file of the stock. It holds the bytes only while they are
// being read, so that an album is never in memory as a whole.
type stocked struct {
	ctx   context.Context // of the one call that reads it
	stock Stock
	hash  string
	bytes []byte
}

// ReadAt implements io.ReaderAt for one reader that goes from the beginning to
// the end, as often as it likes.
func (s *stocked) ReadAt(p []byte, off int64) (int, error) {
	if s.bytes == nil {
		f, err := s.stock.Picture(s.ctx, s.hash)
		if err != nil {
			return 0, err
		}
		s.bytes = f.Bytes
	}
	if off >= int64(len(s.bytes)) {
		s.bytes = nil
		return 0, io.EOF
	}
	n := copy(p, s.bytes[off:])
	if off+int64(n) == int64(len(s.bytes)) {
		s.bytes = nil
		return n, io.EOF
	}
	return n, nil
}

// unstocked says what a file that is not to be had means for its post.
func unstocked(err error) error {
	if errs.CodeOf(err) == errs.NotFound {
		return &Failure{Outcome: Refused, Code: "no_file", Message: "Вложения поста больше нет в базе. Откройте пост и приложите его заново.", Cause: err}
	}
	return failed(err)
}
