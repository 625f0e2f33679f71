// Package casefile reads cases of another system from a table: which column is
// what, what its words for stages mean, and which rows cannot be taken and why.
package casefile

import (
	"slices"
	"strings"

	"otklik/internal/errs"
)

// Field is what a column of the file may hold.
type Field string

// The fields, by the names under which people map columns to them.
const (
	Number     Field = "номер"
	Created    Field = "создано"
	Text       Field = "текст"
	Status     Field = "статус"
	Topic      Field = "тема"
	Department Field = "ведомство"
	Address    Field = "адрес"
	Author     Field = "автор"
	Link       Field = "ссылка"
	Answer     Field = "ответ"
	Closed     Field = "закрыто"
	Due        Field = "срок"
	Reason     Field = "причина"
)

// Fields lists all fields; the first three are needed.
func Fields() []Field {
	return []Field{Number, Created, Text, Status, Topic, Department, Address, Author, Link, Answer, Closed, Due, Reason}
}

const needed = 3

// names are what programs call such a column, the most telling first.
func (f Field) names() []string {
	switch f {
	case Number:
		return []string{"номер", "№", "номер обращения", "номер сообщения", "id", "ид", "number"}
	case Created:
		return []string{"создано", "дата создания", "дата поступления", "created", "created_at", "дата", "date"}
	case Text:
		return []string{"текст", "текст обращения", "текст сообщения", "сообщение", "text", "message", "описание"}
	case Status:
		return []string{"статус", "стадия", "состояние", "status", "last_status", "stage"}
	case Topic:
		return []string{"тема", "факт", "причина обращения", "подкатегория", "topic", "theme", "reason", "категория", "category"}
	case Department:
		return []string{"ведомство", "исполнитель", "организация", "ответственный", "department", "responsible", "responsible_org", "org"}
	case Address:
		return []string{"адрес", "место", "address", "place"}
	case Author:
		return []string{"автор", "заявитель", "author"}
	case Link:
		return []string{"ссылка", "link", "url"}
	case Answer:
		return []string{"ответ", "текст ответа", "answer"}
	case Closed:
		return []string{"закрыто", "дата закрытия", "дата ответа", "closed", "closed_at"}
	case Due:
		return []string{"срок", "крайний срок", "due", "deadline"}
	case Reason:
		return []string{"причина", "причина отклонения"}
	}
	return nil
}

// Mapping says in which column a field stands, from 0.
type Mapping map[Field]int

// Map finds the columns of the fields: as the person says, the rest by their
// names. Errors: Invalid for a field or a column that there is not, and when the
// number, the date or the text stands nowhere.
func Map(header []string, said map[string]string) (Mapping, error) {
	m, taken := Mapping{}, map[int]bool{}
	for field, column := range said {
		f := Field(fold(field))
		if !slices.Contains(Fields(), f) {
			return nil, errs.Newf(errs.Invalid, "Поля «%s» нет. Есть: %s.", field, words(Fields()))
		}
		at := slices.IndexFunc(header, func(h string) bool { return fold(h) == fold(column) })
		if at < 0 {
			return nil, errs.Newf(errs.Invalid, "В файле нет столбца «%s». Есть: %s.", column, strings.Join(header, ", "))
		}
		m[f], taken[at] = at, true
	}
	for _, f := range Fields() {
		if _, ok := m[f]; !ok {
			guess(m, taken, f, header)
		}
	}
	for _, f := range Fields()[:needed] {
		if _, ok := m[f]; !ok {
			return nil, errs.Newf(errs.Invalid, "Не видно, в каком столбце %s. Добавьте --map '%s=столбец'. В файле есть: %s.", f, f, strings.Join(header, ", "))
		}
	}
	return m, nil
}

func guess(m Mapping, taken map[int]bool, f Field, header []string) {
	for _, name := range f.names() {
		for i, h := range header {
			if !taken[i] && fold(h) == name {
				m[f], taken[i] = i, true
				return
			}
		}
	}
}

func words(list []Field) string {
	s := make([]string, len(list))
	for i, f := range list {
		s[i] = string(f)
	}
	return strings.Join(s, ", ")
}

// fold makes names comparable.
func fold(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(s), " ")), "ё", "е")
}
