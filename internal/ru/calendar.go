package ru

import (
	"fmt"
	"time"
)

// Month is the name of a month as a heading: «Ноябрь».
func Month(m time.Month) string {
	return []string{"Январь", "Февраль", "Март", "Апрель", "Май", "Июнь", "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь"}[m-1]
}

// MonthOf is the name of a month in a date: «ноября».
func MonthOf(m time.Month) string {
	return []string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}[m-1]
}

// MonthShort is the name of a month where there is little room: «ноя».
func MonthShort(m time.Month) string {
	return []string{"янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"}[m-1]
}

// Weekday is the name of a day of the week: «понедельник».
func Weekday(w time.Weekday) string {
	return []string{"воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"}[w]
}

// WeekdayShort is the name of a day of the week where there is little room: «Пн».
func WeekdayShort(w time.Weekday) string {
	return []string{"Вс", "Пн", "Вт", "Ср", "Чт", "Пт", "Сб"}[w]
}

// Day is a day in words: «24 ноября».
func Day(t time.Time) string { return fmt.Sprintf("%d\u00a0%s", t.Day(), MonthOf(t.Month())) }

// Days are several days in words, both included: «23–29 ноября»,
// «30 ноября – 6 декабря».
func Days(from, to time.Time) string {
	if from.Month() == to.Month() && from.Year() == to.Year() {
		return fmt.Sprintf("%d–%d\u00a0%s", from.Day(), to.Day(), MonthOf(to.Month()))
	}
	return Day(from) + "\u00a0– " + Day(to)
}
