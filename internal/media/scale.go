package media

import (
	"image"
	"image/draw"
)

// fit returns the size of w × h within a square of side most, never enlarged.
func fit(w, h, most int) (int, int) {
	long := max(w, h)
	if long <= most {
		return w, h
	}
	return max(1, (w*most+long/2)/long), max(1, (h*most+long/2)/long)
}

// shrink draws a picture so that its longer side is most at most: each new
// pixel is the mean of the area it covers. Beside both pictures it needs memory
// for a few rows only.
func shrink(src image.Image, most int) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	dw, dh := fit(w, h, most)
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	if dw == w && dh == h {
		draw.Draw(dst, dst.Rect, src, b.Min, draw.Src)
		return dst
	}
	row := image.NewRGBA(image.Rect(0, 0, w, 1))
	mean, now, next := make([]float32, 4*dw), make([]float32, 4*dw), make([]float32, 4*dw)
	step := float64(h) / float64(dh)
	for y, at := 0, 0; y < h; y++ {
		draw.Draw(row, row.Rect, src, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		narrow(mean, row.Pix, w, dw)
		// The row lies in the strip of one new row, or across its lower edge.
		edge := float64(at+1) * step
		part := float32(min(1, edge-float64(y)))
		for i, v := range mean {
			now[i] += v * part
			next[i] += v * (1 - part)
		}
		if float64(y+1) < edge && y < h-1 || at >= dh {
			continue
		}
		flush(dst.Pix[at*dst.Stride:], now, float32(step))
		now, next = next, now
		clear(next)
		at++
	}
	return dst
}

// narrow takes the means of a row of w pixels into one of dw.
func narrow(out []float32, pix []uint8, w, dw int) {
	step := float64(w) / float64(dw)
	for x := range dw {
		from, to := float64(x)*step, min(float64(x+1)*step, float64(w))
		var sum [4]float32
		for i := int(from); i < w && float64(i) < to; i++ {
			part := float32(min(float64(i+1), to) - max(float64(i), from))
			for c := range sum {
				sum[c] += part * float32(pix[4*i+c])
			}
		}
		for c := range sum {
			out[4*x+c] = sum[c] / float32(step)
		}
	}
}

func flush(pix []uint8, sums []float32, step float32) {
	for i, v := range sums {
		pix[i] = uint8(min(v/step+0.5, 255))
	}
}
