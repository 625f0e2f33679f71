package ru

import (
	"math"
	"testing"
)

func TestDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		x      float64
		digits int
		want   string
	}{
		{76.5625, 2, "76,56"},
		{100, 2, "100"},
		{0, 1, "0"},
		{1240.5, 1, "1'240,5"},
		{-3.004, 2, "−3"},
		{-0.001, 2, "0"},
		{0.05, 1, "0,1"},
		{3.6, 1, "3,6"},
		{math.Inf(1), 1, "+Inf"},
	} {
		if got := plain(Decimal(c.x, c.digits)); got != c.want {
			t.Errorf("Decimal(%v, %d) = %q, want %q", c.x, c.digits, got, c.want)
		}
	}
}
