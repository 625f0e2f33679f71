package ru

import (
	"math"
	"strconv"
	"strings"
)

// Decimal writes x with a decimal comma and at most so many digits after it,
// noughts at the end left out: «76,56», «1 240,5», «−3».
func Decimal(x float64, digits int) string {
	shift := math.Pow10(digits)
	x = math.Round(x*shift) / shift
	whole, part, _ := strings.Cut(strconv.FormatFloat(math.Abs(x), 'f', digits, 64), ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	out := Number(n)
	if part = strings.TrimRight(part, "0"); part != "" {
		out += "," + part
	}
	if x < 0 {
		out = minus + out
	}
	return out
}
