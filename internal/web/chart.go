package web

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/ru"
)

// chart is a drawing of lines over time. Its words stand beside the drawing, so
// that they can be read on a telephone and on paper.
type chart struct {
	Lines []curve
	// Bars stand in the place of lines where days are counted one by one.
	Bars []block
	// Ticks are the words of the scale, from the top, each with its height.
	Ticks []string
	// Ends are the words of the axis of time, from the left.
	Ends  []string
	About string // what is drawn, for those who do not see it
}

// curve is one line of a chart.
type curve struct {
	Title  string
	Points []point
	Class  string // c1 to c4
	Path   string // of the drawing, 100 by 100
	Last   string
}

// Heading is the line's title at the beginning of a sentence.
func (c curve) Heading() string { return ru.Capital(c.Title) }

type point struct {
	At    time.Time
	Value float64
}

// block is one bar in a square of 100 by 100.
type block struct {
	X, Y, Width, Height float64
	Hint                string
}

// drawBars draws one bar for each point, which are days that follow each other.
func (s *server) drawBars(l curve, about string) chart {
	if len(l.Points) < 2 {
		return chart{}
	}
	top, total := 0.0, 0.0
	for _, p := range l.Points {
		top, total = max(top, p.Value), total+p.Value
	}
	scale, width := roundUp(top), 100/float64(len(l.Points))
	first, last := l.Points[0].At, l.Points[len(l.Points)-1].At
	c := chart{Ticks: []string{short(scale), short(scale / 2), "0"}, Ends: []string{s.clock.Date(first), s.clock.Date(last)}, Lines: []curve{{Title: l.Title}}}
	for i, p := range l.Points {
		height := round2(100 * p.Value / scale)
		c.Bars = append(c.Bars, block{X: round2(float64(i)*width + width*.15), Y: 100 - height, Width: round2(width * .7), Height: height, Hint: s.clock.Date(p.At) + ": " + short(p.Value)})
	}
	c.About = ru.Capital(about) + " с " + c.Ends[0] + " по " + c.Ends[1] + ", всего " + short(total)
	return c
}

func round2(x float64) float64 { return math.Round(x*100) / 100 }

// maxLines is how many lines can be told apart.
const maxLines = 4

// sortLines puts the line that ends highest first.
func sortLines(lines []curve) {
	end := func(l curve) float64 {
		if len(l.Points) == 0 {
			return 0
		}
		return l.Points[len(l.Points)-1].Value
	}
	slices.SortStableFunc(lines, func(a, b curve) int {
		switch x, y := end(a), end(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
}

// axis is how the moments of a chart are written.
type axis func(s *server, t time.Time) string

func momentAxis(s *server, t time.Time) string { return s.clock.Full(t) }
func dayAxis(s *server, t time.Time) string    { return s.clock.Date(t) }

// draw makes the chart of lines; unit is what is counted, in the genitive.
// Without two points of time there is nothing to draw.
func (s *server) draw(lines []curve, unit string, write axis) chart {
	var from, to time.Time
	top := 0.0
	for _, l := range lines {
		for _, p := range l.Points {
			if from.IsZero() || p.At.Before(from) {
				from = p.At
			}
			if p.At.After(to) {
				to = p.At
			}
			top = max(top, p.Value)
		}
	}
	if !to.After(from) {
		return chart{}
	}
	scale := roundUp(top)
	c := chart{Lines: lines, Ticks: []string{short(scale), short(scale / 2), "0"}, Ends: []string{write(s, from), write(s, to)}}
	var words []string
	for i := range c.Lines {
		l := &c.Lines[i]
		l.Class = []string{"c1", "c2", "c3", "c4"}[i%maxLines]
		if len(l.Points) > 0 {
			l.Last = short(l.Points[len(l.Points)-1].Value)
		}
		l.Path = trace(l.Points, from, to, scale)
		words = append(words, l.Title+": "+l.Last)
	}
	c.About = ru.Capital(unit) + " с " + c.Ends[0] + " по " + c.Ends[1] + ". " + strings.Join(words, "; ")
	return c
}

// trace is the line in a square of 100 by 100.
func trace(points []point, from, to time.Time, scale float64) string {
	var b strings.Builder
	for i, p := range points {
		x := 100 * float64(p.At.Sub(from)) / float64(to.Sub(from))
		y := 100 - 100*p.Value/scale
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatFloat(x, 'f', 2, 64) + "," + strconv.FormatFloat(y, 'f', 2, 64))
	}
	return b.String()
}

// roundUp is the next number that ends a scale well: 1, 2, 4, 5 or 10 of some
// power of ten, so that its half is a round number too.
func roundUp(x float64) float64 {
	if x <= 2 {
		return 2
	}
	power := math.Pow10(int(math.Floor(math.Log10(x))))
	for _, step := range []float64{1, 2, 4, 5, 8, 10} {
		if x <= step*power {
			return step * power
		}
	}
	return 10 * power
}

// short writes a number of a scale: «1,5 тыс.», «2 млн».
func short(x float64) string {
	switch {
	case x >= 1_000_000:
		return ru.Decimal(x/1_000_000, 1) + "\u00a0млн"
	case x >= 10_000:
		return ru.Decimal(x/1_000, 1) + "\u00a0тыс."
	}
	return ru.Decimal(x, 1)
}
