package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
)

const (
	// maxPixels bounds what is decoded: a progressive JPEG of that many takes the
	// decoder up to 400 MB for a moment, everything else less.
	maxPixels = 25_000_000
	// fullSide and thumbSide bound the longer side of what is kept.
	fullSide  = 2560
	thumbSide = 320
	// maxKept bounds a kept picture in bytes; a larger one is drawn more coarsely.
	maxKept = 2 << 20
)

// Picture is a photo drawn anew: pixels only, without what cameras and
// programs write beside them.
type Picture struct {
	// Original is the SHA-256 in hexadecimal of the bytes as they came.
	Original string
	// Width and Height are of Full, upright.
	Width, Height int
	Full, Thumb   File
}

// File is bytes under the SHA-256 of themselves.
type File struct {
	Hash  string
	Type  string // "image/jpeg" or, where something shines through, "image/png"
	Bytes []byte
}

// Redraw makes a Picture of any bytes. Every error is a *Trouble.
func Redraw(raw []byte) (p Picture, err error) {
	// A defect of a decoder must not stop the photos behind.
	defer func() {
		if x := recover(); x != nil {
			p, err = Picture{}, refused(notAPicture, fmt.Errorf("decoding panicked: %v", x))
		}
	}()
	if len(raw) > MaxBytes {
		return Picture{}, tooBig(fmt.Errorf("%d bytes", len(raw)))
	}
	img, err := decode(raw)
	if err != nil {
		return Picture{}, err
	}
	return keep(raw, img)
}

const notAPicture = "Файл — не картинка."

type format struct {
	config func([]byte) (image.Config, error)
	decode func([]byte) (image.Image, error)
}

// formatOf tells the format by the bytes themselves, never by what is said of them.
func formatOf(raw []byte) (format, error) {
	has := func(at int, text string) bool {
		return len(raw) >= at+len(text) && string(raw[at:at+len(text)]) == text
	}
	switch {
	case has(0, "\xff\xd8\xff"):
		return format{
			func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
		}, nil
	case has(0, "\x89PNG\r\n\x1a\n"):
		return format{
			func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
		}, nil
	case has(0, "GIF8"):
		return format{
			func(b []byte) (image.Config, error) { return gif.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Image, error) { return gif.Decode(bytes.NewReader(b)) },
		}, nil
	case has(0, "RIFF") && has(8, "WEBP"):
		return format{
			func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) },
		}, nil
	case has(4, "ftyp"):
		return format{}, refused("Фото в формате, который не открывается здесь (HEIC, AVIF или видео).", nil)
	}
	return format{}, refused(notAPicture, errors.New("the format is unknown"))
}

// decode reads the size first, so that no picture takes more memory than is meant for it.
func decode(raw []byte) (image.Image, error) {
	f, err := formatOf(raw)
	if err != nil {
		return nil, err
	}
	c, err := f.config(raw)
	if err != nil {
		return nil, refused(notAPicture, err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return nil, refused(notAPicture, errors.New("the picture is empty"))
	}
	if c.Width > maxPixels/c.Height {
		return nil, tooBig(fmt.Errorf("%d × %d pixels", c.Width, c.Height))
	}
	img, err := f.decode(raw)
	if err != nil {
		return nil, refused("Фото повреждено.", err)
	}
	if img.Bounds().Empty() {
		return nil, refused(notAPicture, errors.New("the picture is empty"))
	}
	return img, nil
}

func keep(raw []byte, img image.Image) (Picture, error) {
	full := turn(shrink(img, fullSide), orientation(raw))
	p := Picture{Original: hash(raw), Width: full.Rect.Dx(), Height: full.Rect.Dy()}
	var err error
	if p.Thumb, err = encode(shrink(full, thumbSide), 78); err != nil {
		return Picture{}, err
	}
	p.Full, err = encode(full, 84)
	// Noise does not compress: draw it more coarsely until it fits.
	for side := fullSide; err == nil && len(p.Full.Bytes) > maxKept && side > thumbSide; side = side * 3 / 4 {
		smaller := shrink(full, side)
		p.Width, p.Height = smaller.Rect.Dx(), smaller.Rect.Dy()
		p.Full, err = encode(opaque(smaller), 72)
	}
	return p, err
}

func encode(img *image.RGBA, quality int) (File, error) {
	var out bytes.Buffer
	f := File{Type: "image/jpeg"}
	var err error
	if img.Opaque() {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	} else {
		f.Type = "image/png"
		err = png.Encode(&out, img)
	}
	if err != nil {
		return File{}, refused("Фото не удалось сохранить.", err)
	}
	f.Bytes = out.Bytes()
	f.Hash = hash(f.Bytes)
	return f, nil
}

// opaque puts a picture on white.
func opaque(img *image.RGBA) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, img, img.Rect.Min, draw.Over)
	return out
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
