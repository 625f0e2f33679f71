package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

// scene is what a photo of the demo shows.
type scene string

const (
	snowdrifts scene = "snowdrifts"
	icyPath    scene = "icy path"
	pothole    scene = "pothole"
	bins       scene = "bins"
	rink       scene = "rink"
	square     scene = "square"
)

const pictureWidth, pictureHeight = 1280, 960

// picture draws a scene as a JPEG, the same every time.
func picture(s scene) ([]byte, error) {
	c := &canvas{image.NewRGBA(image.Rect(0, 0, pictureWidth, pictureHeight)), rand.New(rand.NewPCG(7, uint64(len(s))))}
	c.street()
	switch s {
	case snowdrifts:
		for i := range 7 {
			c.oval(90+float64(i)*190, 800+float64(i%3)*50, 190, 120, grey(226+3*i))
		}
		c.oval(640, 700, 150, 40, color.RGBA{70, 82, 110, 255}) // a car under it
		c.oval(640, 680, 120, 44, grey(240))
	case icyPath:
		c.wedge(560, 720, 120, 1160, color.RGBA{186, 208, 226, 255})
		for i := range 9 {
			y := 610 + float64(i)*38
			c.oval(640+float64(i%3-1)*30, y, 40+float64(i)*16, 5+float64(i), color.RGBA{222, 236, 246, 255})
		}
	case pothole:
		c.wedge(500, 780, -200, 1480, grey(96))
		c.oval(660, 800, 260, 84, grey(58))
		c.oval(668, 812, 220, 64, color.RGBA{74, 88, 104, 255})
		c.oval(610, 800, 70, 12, color.RGBA{128, 144, 160, 255})
	case bins:
		for i := range 4 {
			x := 220 + i*220
			c.box(x, 600, x+180, 800, color.RGBA{44, 92, 74, 255})
			for range 14 {
				c.oval(float64(x)+20+140*c.rnd.Float64(), 600-50*c.rnd.Float64(), 34, 26, c.bag())
			}
		}
		for range 26 {
			c.oval(160+920*c.rnd.Float64(), 820+70*c.rnd.Float64(), 36, 24, c.bag())
		}
	case rink:
		c.oval(640, 780, 600, 190, grey(246))
		c.oval(640, 780, 560, 160, color.RGBA{200, 222, 238, 255})
		for i := range 8 {
			c.person(250+i*110, 720+(i%3)*50)
		}
	case square:
		for i := range 5 {
			x := 110 + i*220
			c.box(x, 640, x+170, 760, color.RGBA{150, 104, 70, 255})
			c.box(x-14, 590, x+184, 640, []color.RGBA{{170, 52, 44, 255}, {232, 196, 92, 255}, {58, 108, 150, 255}}[i%3])
		}
		for i := range 10 {
			c.person(130+i*105, 830+(i%2)*30)
		}
	}
	c.grain()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, c.RGBA, &jpeg.Options{Quality: 88}); err != nil {
		return nil, fmt.Errorf("demo picture: %w", err)
	}
	return out.Bytes(), nil
}

// pictures draws several scenes.
func pictures(list []scene) ([][]byte, error) {
	var out [][]byte
	for _, s := range list {
		raw, err := picture(s)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

type canvas struct {
	*image.RGBA
	rnd *rand.Rand
}

func grey(v int) color.RGBA { return color.RGBA{uint8(v), uint8(v), uint8(min(v+6, 255)), 255} }

// street is a winter's day: sky, houses with windows, snow.
func (c *canvas) street() {
	for y := range pictureHeight {
		v := 150 + y*90/560
		c.box(0, y, pictureWidth, y+1, color.RGBA{uint8(min(v, 236)), uint8(min(v+10, 240)), uint8(min(v+26, 246)), 255})
	}
	for i, x := 0, -40; x < pictureWidth; i++ {
		width, top := 240+40*(i%3), 150+60*((i*2)%3)
		wall := []color.RGBA{{176, 150, 128, 255}, {150, 156, 168, 255}, {190, 172, 140, 255}}[i%3]
		c.box(x, top, x+width, 560, wall)
		for wy := top + 30; wy < 520; wy += 70 {
			for wx := x + 24; wx < x+width-40; wx += 58 {
				pane := color.RGBA{74, 88, 106, 255}
				if c.rnd.IntN(5) == 0 {
					pane = color.RGBA{244, 212, 132, 255}
				}
				c.box(wx, wy, wx+30, wy+40, pane)
			}
		}
		x += width + 18
	}
	c.box(0, 560, pictureWidth, pictureHeight, grey(224))
}

func (c *canvas) box(x0, y0, x1, y1 int, k color.RGBA) {
	for y := max(y0, 0); y < min(y1, pictureHeight); y++ {
		for x := max(x0, 0); x < min(x1, pictureWidth); x++ {
			c.SetRGBA(x, y, k)
		}
	}
}

func (c *canvas) oval(cx, cy, rx, ry float64, k color.RGBA) {
	for y := max(int(cy-ry), 0); y < min(int(cy+ry)+1, pictureHeight); y++ {
		half := rx * math.Sqrt(max(0, 1-math.Pow((float64(y)-cy)/ry, 2)))
		c.box(int(cx-half), y, int(cx+half), y+1, k)
	}
}

// wedge is a way that comes towards the viewer: from one span at the houses to
// another at the lower edge.
func (c *canvas) wedge(far0, far1, near0, near1 int, k color.RGBA) {
	for y := 560; y < pictureHeight; y++ {
		c.box(far0+(near0-far0)*(y-560)/400, y, far1+(near1-far1)*(y-560)/400, y+1, k)
	}
}

func (c *canvas) person(x, y int) {
	coat := []color.RGBA{{150, 48, 52, 255}, {46, 84, 120, 255}, {60, 96, 70, 255}, {120, 84, 130, 255}}[c.rnd.IntN(4)]
	c.box(x-12, y-46, x+12, y, coat)
	c.oval(float64(x), float64(y-58), 12, 13, color.RGBA{226, 190, 164, 255})
}

func (c *canvas) bag() color.RGBA {
	return []color.RGBA{{36, 38, 44, 255}, {90, 94, 102, 255}, {206, 208, 212, 255}, {52, 80, 140, 255}}[c.rnd.IntN(4)]
}

// grain is what makes it look less drawn.
func (c *canvas) grain() {
	for i := 0; i < len(c.Pix); i += 4 {
		d := c.rnd.IntN(9) - 4
		for j := range 3 {
			c.Pix[i+j] = uint8(min(max(int(c.Pix[i+j])+d, 0), 255))
		}
	}
}
