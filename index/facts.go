package index

import (
	"strings"

	"otklik/internal/social"
)

// Facts are what is known of an item besides its text. Rules ask for them with
// «сеть:», «вид:», «источник:», «автор:» and «территория:». The zero value
// knows nothing.
type Facts struct {
	Network social.Network
	Kind    social.Kind
	// Source and Author are ids as the item carries them.
	Source, Author string
	// Territories are names or ids of places; case and ё do not matter.
	Territories []string
}

// fact is one thing known of an item: a field of the archive and its value.
type fact struct{ field, value string }

// factExpr is a condition on a fact.
type factExpr fact

func (f factExpr) print(b *strings.Builder) {
	b.WriteString(factName(f.field) + ":")
	value := f.value
	switch f.field {
	case fieldNetwork:
		value = networkName(value)
	case fieldKind:
		value = kindName(value)
	}
	if strings.ContainsFunc(value, endsWord) || strings.TrimRight(value, sentenceMarks) != value {
		value = `"` + value + `"`
	}
	b.WriteString(value)
}

func factName(field string) string {
	switch field {
	case fieldNetwork:
		return "сеть"
	case fieldKind:
		return "вид"
	case fieldSource:
		return "источник"
	case fieldAuthor:
		return "автор"
	}
	return "территория"
}

// factField reads the name of a condition; empty for any other word.
func factField(name string) string {
	switch strings.ToLower(name) {
	case "сеть":
		return fieldNetwork
	case "вид":
		return fieldKind
	case "источник":
		return fieldSource
	case "автор":
		return fieldAuthor
	case "территория", "место":
		return fieldTerritory
	}
	return ""
}

func networkName(value string) string {
	switch social.Network(value) {
	case social.VK:
		return "вк"
	case social.Telegram:
		return "тг"
	}
	return value
}

func kindName(value string) string {
	switch social.Kind(value) {
	case social.Post:
		return "пост"
	case social.Comment:
		return "комментарий"
	}
	return value
}

// readFact reads a condition «name:value».
func readFact(field, value string, at int) (exprNode, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil, syntaxError(at, "После «"+factName(field)+":» нужно значение без пробела, например "+factExample(field))
	}
	switch field {
	case fieldNetwork:
		n, ok := networkOf(strings.ToLower(value))
		if !ok {
			return nil, syntaxError(at, "Нет сети «"+value+"», напишите сеть:вк или сеть:тг")
		}
		value = string(n)
	case fieldKind:
		k, ok := kindOf(strings.ToLower(value))
		if !ok {
			return nil, syntaxError(at, "Нет вида «"+value+"», напишите вид:пост или вид:комментарий")
		}
		value = string(k)
	case fieldTerritory:
		value = foldPlace(value)
	}
	return factExpr{field, value}, nil
}

func factExample(field string) string {
	switch field {
	case fieldNetwork:
		return "сеть:вк"
	case fieldKind:
		return "вид:комментарий"
	case fieldTerritory:
		return "территория:\"Заречный район\""
	}
	return factName(field) + ":12345"
}

func networkOf(name string) (social.Network, bool) {
	switch name {
	case "вк", "vk", "вконтакте":
		return social.VK, true
	case "тг", "tg", "telegram", "телеграм", "телеграмм":
		return social.Telegram, true
	}
	return "", false
}

func kindOf(name string) (social.Kind, bool) {
	switch name {
	case "пост", "запись", "post":
		return social.Post, true
	case "комментарий", "коммент", "comment":
		return social.Comment, true
	}
	return "", false
}

// foldPlace brings the name of a place to the form that is compared.
func foldPlace(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(name), " ")), "ё", "е")
}
