package store

import (
	"strconv"
	"strings"

	"github.com/google/uuid"
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

// literals is a list of ids of ours as SQL, for where there are thousands of
// them: SQLite looks for each named parameter among all before it, so two
// thousand of those cost more than what they are asked for. What is not an id
// cannot be in the base, and never becomes a part of a statement.
func literals(ids []string) string {
	list := make([]string, 0, len(ids))
	for _, id := range ids {
		if u, err := uuid.Parse(id); err == nil {
			list = append(list, "'"+u.String()+"'")
		}
	}
	if len(list) == 0 {
		return "''"
	}
	return strings.Join(list, ", ")
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
