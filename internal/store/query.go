package store

import (
	"strconv"
	"strings"
)

// query grows a statement together with its arguments.
type query struct {
	where []string
	args  []any
}

// arg adds an argument and returns its placeholder.
func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *query) and(condition string) { q.where = append(q.where, condition) }

// in adds "column IN (…)" for a list that is not empty.
func in[T ~string](q *query, column string, list []T) {
	if len(list) == 0 {
		return
	}
	q.and(column + " IN " + listed(q, list))
}

// listed is a list that is not empty, for IN.
func listed[T ~string](q *query, list []T) string {
	marks := make([]string, len(list))
	for i, v := range list {
		marks[i] = q.arg(string(v))
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// clause is " WHERE …", or nothing.
func (q *query) clause() string {
	if len(q.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(q.where, " AND ")
}

// like is the pattern that finds text anywhere in a folded column.
func like(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(fold(text)) + "%"
}
