//go:build !linux

package learn

// calmly does something; only Linux gives a thread a priority of its own.
func calmly(do func()) { do() }
