// Package deadline tells by when something has to be done: in working hours,
// working days, calendar days or hours by the clock, by the production calendar
// and the hours of an organisation in its own zone. What is due, from which
// moment on and how long, is data (Policy); the code only counts.
package deadline
