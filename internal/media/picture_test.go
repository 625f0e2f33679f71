package media

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"runtime"
	"testing"
)

// corners is a picture with another colour in each quarter.
func corners(w, h int, alpha uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{A: alpha}
			switch {
			case x < w/2 && y < h/2:
				c.R = 255
			case x >= w/2 && y < h/2:
				c.G = 255
			case x < w/2:
				c.B = 255
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts a camera's notes into a JPEG: how it was held, and where.
func withExif(raw []byte, orientation uint16, order binary.AppendByteOrder) []byte {
	tiff := []byte("II*\x00")
	if order.String() == "BigEndian" {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = order.AppendUint16(tiff, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	body = append(body, "GPS 55.75 37.61"...)
	out := append([]byte{}, raw[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(append(out, body...), raw[2:]...)
}

func redraw(t *testing.T, raw []byte) (Picture, image.Image) {
	t.Helper()
	p, err := Redraw(raw)
	if err != nil {
		t.Fatal(err)
	}
	img, kind, err := image.Decode(bytes.NewReader(p.Full.Bytes))
	if err != nil || "image/"+kind != p.Full.Type {
		t.Fatalf("%s %s %v", kind, p.Full.Type, err)
	}
	if b := img.Bounds(); b.Dx() != p.Width || b.Dy() != p.Height {
		t.Fatalf("%v, said to be %d × %d", b, p.Width, p.Height)
	}
	if p.Original != hash(raw) || p.Full.Hash != hash(p.Full.Bytes) || p.Thumb.Hash != hash(p.Thumb.Bytes) {
		t.Fatal("a hash is not that of its bytes")
	}
	return p, img
}

// at names the colour of a quarter.
func at(img image.Image, right, below bool) string {
	b := img.Bounds()
	x, y := b.Min.X+b.Dx()/4, b.Min.Y+b.Dy()/4
	if right {
		x += b.Dx() / 2
	}
	if below {
		y += b.Dy() / 2
	}
	r, g, bl, _ := img.At(x, y).RGBA()
	switch {
	case r > 0x8000:
		return "r"
	case g > 0x8000:
		return "g"
	case bl > 0x8000:
		return "b"
	}
	return "k"
}

func read(img image.Image) string {
	return at(img, false, false) + at(img, true, false) + at(img, false, true) + at(img, true, true)
}

func TestPhotosAreSetUprightAndForgetTheCamera(t *testing.T) {
	t.Parallel()
	raw := jpegOf(t, corners(64, 32, 255))
	want := map[uint16]string{1: "rgbk", 2: "grkb", 3: "kbgr", 4: "bkrg", 5: "rbgk", 6: "brkg", 7: "kgbr", 8: "gkrb", 9: "rgbk"}
	for o, colours := range want {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			p, img := redraw(t, withExif(raw, o, order))
			if got := read(img); got != colours {
				t.Errorf("orientation %d: %s, want %s", o, got, colours)
			}
			if turned := o >= 5 && o <= 8; turned != (p.Height > p.Width) {
				t.Errorf("orientation %d: %d × %d", o, p.Width, p.Height)
			}
			if bytes.Contains(p.Full.Bytes, []byte("GPS")) || bytes.Contains(p.Full.Bytes, []byte("Exif")) {
				t.Error("the camera's notes were kept")
			}
		}
	}
}

func TestLargePhotosAreMadeSmaller(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ w, h, wantW, wantH int }{
		{3000, 150, 2560, 128}, {150, 3000, 128, 2560}, {2560, 10, 2560, 10}, {5121, 3, 2560, 1}, {100, 100, 100, 100},
	} {
		p, img := redraw(t, jpegOf(t, corners(x.w, x.h, 255)))
		if p.Width != x.wantW || p.Height != x.wantH {
			t.Errorf("%d × %d became %d × %d", x.w, x.h, p.Width, p.Height)
		}
		if x.wantH > 100 && read(img) != "rgbk" {
			t.Errorf("%d × %d: %s", x.w, x.h, read(img))
		}
		thumb, err := jpeg.DecodeConfig(bytes.NewReader(p.Thumb.Bytes))
		if err != nil || max(thumb.Width, thumb.Height) > thumbSide {
			t.Errorf("%+v %v", thumb, err)
		}
	}
}

func TestMeansAreExact(t *testing.T) {
	t.Parallel()
	src := image.NewGray(image.Rect(5, 7, 8, 8)) // three pixels: 0, 90, 240
	copy(src.Pix, []uint8{0, 90, 240})
	// Two of three: each new pixel covers one and a half.
	got := shrink(src, 2)
	if a, b := got.Pix[0], got.Pix[4]; a != 30 || b != 190 {
		t.Errorf("%d %d, want 30 190", a, b)
	}
}

func TestWhatShinesThroughStaysSo(t *testing.T) {
	t.Parallel()
	p, img := redraw(t, pngOf(t, corners(400, 300, 128)))
	if p.Full.Type != "image/png" || p.Thumb.Type != "image/png" {
		t.Fatal(p.Full.Type, p.Thumb.Type)
	}
	if _, _, _, a := img.At(10, 10).RGBA(); a>>8 != 128 {
		t.Fatal(a)
	}
}

func TestNoiseIsKeptWithinBounds(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	img := image.NewNRGBA(image.Rect(0, 0, 1300, 1000))
	for i := range img.Pix {
		img.Pix[i] = uint8(rnd.Uint32())
	}
	p, _ := redraw(t, pngOf(t, img))
	if len(p.Full.Bytes) > maxKept {
		t.Fatalf("%d bytes", len(p.Full.Bytes))
	}
}

func TestOtherFormats(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{color.White, color.Black})
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	if p, _ := redraw(t, b.Bytes()); p.Width != 30 || p.Full.Type != "image/jpeg" {
		t.Error("gif", p.Width, p.Full.Type)
	}
	// One transparent pixel.
	webp, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := redraw(t, webp); p.Width != 1 {
		t.Error("webp", p.Width)
	}
}

// bomb is a PNG that says to be w × h.
func bomb(w, h uint32) []byte {
	body := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	body = append(binary.BigEndian.AppendUint32(body, h), 8, 6, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(body)-4))
	return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
}

func TestWhatIsNoPhotoIsRefused(t *testing.T) {
	t.Parallel()
	whole := jpegOf(t, corners(64, 64, 255))
	for name, x := range map[string]struct {
		raw  []byte
		want State
	}{
		"nothing":     {nil, Refused},
		"a page":      {[]byte("<!doctype html><script>alert(1)</script>"), Refused},
		"a drawing":   {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), Refused},
		"heic":        {[]byte("\x00\x00\x00\x18ftypheic\x00\x00"), Refused},
		"half":        {whole[:len(whole)/2], Refused},
		"head":        {whole[:8], Refused},
		"a wide bomb": {bomb(60000, 60000), TooBig},
		"a long bomb": {bomb(1<<31-1, 1<<31-1), Refused},
		"no width":    {bomb(0, 5), Refused},
		"many bytes":  {make([]byte, MaxBytes+1), TooBig},
	} {
		_, err := Redraw(x.raw)
		var tr *Trouble
		if !errors.As(err, &tr) || tr.State != x.want || tr.Message == "" {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
}

// FuzzRedraw: whatever comes is an error or a picture that decodes, within
// bounds, and takes no more memory than the largest picture may.
func FuzzRedraw(f *testing.F) {
	whole := jpegOf(f, corners(40, 30, 255))
	for _, seed := range [][]byte{whole, withExif(whole, 6, binary.BigEndian), pngOf(f, corners(20, 20, 90)), bomb(1<<20, 3), []byte("GIF89a"), []byte("RIFF\x00\x00\x00\x00WEBPVP8X")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p, err := Redraw(raw)
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<30 {
			t.Fatalf("%d bytes were taken for %d", taken, len(raw))
		}
		var tr *Trouble
		if err != nil {
			if !errors.As(err, &tr) || tr.Message == "" || tr.State == Kept || tr.State == Waiting {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, file := range []File{p.Full, p.Thumb} {
			c, kind, err := image.DecodeConfig(bytes.NewReader(file.Bytes))
			if err != nil || "image/"+kind != file.Type || max(c.Width, c.Height) > fullSide {
				t.Fatalf("%s %+v %v", kind, c, err)
			}
		}
	})
}
