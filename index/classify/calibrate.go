package classify

import "math"

// curve turns a raw probability into one that keeps its word: Platt's logistic
// curve over log odds. The zero value is not usable; identity changes nothing.
type curve struct{ slope, shift float64 }

func identity() curve { return curve{slope: 1} }

func (c curve) of(p float64) float64 { return logistic1(c.slope*logit(p) + c.shift) }

func logistic1(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// logit is bounded, since a probability of one would have no end.
func logit(p float64) float64 {
	p = min(max(p, 1e-6), 1-1e-6)
	return math.Log(p / (1 - p))
}

// fitCurve finds the curve under which what happened was the most probable. As
// Platt advises, ones and zeros are softened by how few of them there are. The
// slope stays above zero, so the order of messages never turns round.
func fitCurve(raw []float64, happened []bool) curve {
	var yes, no float64
	for _, h := range happened {
		if h {
			yes++
		} else {
			no++
		}
	}
	if yes == 0 || no == 0 {
		return identity()
	}
	high, low := (yes+1)/(yes+2), 1/(no+2)
	c := identity()
	for range 50 {
		// A step of Newton on two unknowns; the ridge keeps the curve near the
		// identity where there is little to go by.
		const ridge = 1.0
		gs, gb := ridge*(c.slope-1), ridge*c.shift
		hss, hsb, hbb := ridge, 0.0, ridge
		for i, p := range raw {
			x, want := logit(p), low
			if happened[i] {
				want = high
			}
			q := logistic1(c.slope*x + c.shift)
			w := q * (1 - q)
			gs, gb = gs+(q-want)*x, gb+(q-want)
			hss, hsb, hbb = hss+w*x*x, hsb+w*x, hbb+w
		}
		det := hss*hbb - hsb*hsb
		ds, db := (hbb*gs-hsb*gb)/det, (hss*gb-hsb*gs)/det
		c.slope, c.shift = max(c.slope-ds, 0.05), c.shift-db
		if math.Abs(ds)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return c
}
