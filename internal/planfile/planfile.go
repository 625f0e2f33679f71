// Package planfile is the content plan as a table: what is exported can be
// filled in by a colleague and imported again.
package planfile

import (
	"strconv"
	"strings"

	"otklik/internal/ru"
	"otklik/internal/sheet"
	"otklik/internal/social"
	"otklik/publisher"
)

// Field is what a column of the plan holds.
type Field string

const (
	Key      Field = "key"
	Date     Field = "date"
	Time     Field = "time"
	Pages    Field = "pages"
	Title    Field = "title"
	Text     Field = "text"
	TextVK   Field = "text_vk"
	TextTG   Field = "text_tg"
	Rubric   Field = "rubric"
	Tags     Field = "tags"
	Question Field = "question"
	Options  Field = "options"
)

// Fields lists what can be imported, in the order of the columns.
func Fields() []Field {
	return []Field{Date, Time, Pages, Title, Text, TextVK, TextTG, Rubric, Tags, Question, Options, Key}
}

// Title is the name of the column.
func (f Field) Title() string {
	switch f {
	case Key:
		return "Ключ строки"
	case Date:
		return "Дата"
	case Time:
		return "Время"
	case Pages:
		return "Страницы"
	case Title:
		return "Название"
	case Text:
		return "Текст"
	case TextVK:
		return "Текст для ВКонтакте"
	case TextTG:
		return "Текст для Telegram"
	case Rubric:
		return "Рубрика"
	case Tags:
		return "Метки"
	case Question:
		return "Вопрос опроса"
	case Options:
		return "Ответы опроса"
	}
	return ""
}

// Hint says how the column is filled in.
func (f Field) Hint() string {
	switch f {
	case Key:
		return "по нему строка меняет свой черновик, а не становится вторым; без него узнаём её по содержанию"
	case Date:
		return "23.11.2026, можно вместе со временем"
	case Time:
		return "14:05, время агентства"
	case Pages:
		return "названия или адреса страниц через точку с запятой"
	case Options:
		return "через точку с запятой"
	case Tags:
		return "через запятую"
	}
	return ""
}

// names are other ways in which people head a column, folded.
func (f Field) names() []string {
	switch f {
	case Key:
		return []string{"ключ"}
	case Date:
		return []string{"дата и время", "дата публикации", "день", "когда"}
	case Time:
		return []string{"часы", "время публикации", "время выхода"}
	case Pages:
		return []string{"страница", "площадка", "площадки", "канал", "каналы", "где"}
	case Title:
		return []string{"тема", "заголовок"}
	case Text:
		return []string{"текст поста", "пост", "содержание"}
	case TextVK:
		return []string{"вк", "вконтакте", "текст вк"}
	case TextTG:
		return []string{"тг", "telegram", "телеграм", "текст тг"}
	case Rubric:
		return []string{"раздел"}
	case Tags:
		return []string{"теги", "хештеги", "метка"}
	case Question:
		return []string{"вопрос", "опрос"}
	case Options:
		return []string{"ответы", "варианты", "варианты ответа"}
	}
	return nil
}

// Export is the plan as a table; moments are written by the clock.
func Export(posts []publisher.Post, pages []publisher.Page, clock ru.Clock) sheet.Table {
	t := sheet.Table{Name: "Контент-план"}
	for _, f := range Fields() {
		t.Columns = append(t.Columns, f.Title())
	}
	t.Columns = append(t.Columns, "№", "Состояние", "Ссылки")
	titles := map[string]string{}
	for _, p := range pages {
		titles[p.ID] = p.Title
	}
	for _, p := range posts {
		t.Rows = append(t.Rows, exportRow(p, titles, clock))
	}
	return t
}

func exportRow(p publisher.Post, titles map[string]string, clock ru.Clock) []sheet.Cell {
	var names, links []string
	for _, id := range p.PageIDs() {
		names = append(names, titles[id])
	}
	for _, x := range p.Targets {
		if x.Link != "" {
			links = append(links, x.Link)
		}
	}
	value := map[Field]string{
		// The post itself stands for the row: to import it again makes no second one.
		Key: postKey(p), Pages: strings.Join(names, "; "), Title: p.Title, Text: p.Content.Text,
		TextVK: p.Content.Versions[social.VK], TextTG: p.Content.Versions[social.Telegram], Rubric: p.Rubric, Tags: strings.Join(p.Tags, ", "),
	}
	if !p.At.IsZero() {
		value[Date], value[Time] = clock.Date(p.At), clock.Time(p.At)
	}
	if poll := p.Content.Poll; poll != nil {
		value[Question], value[Options] = poll.Question, strings.Join(poll.Options, "; ")
	}
	var row []sheet.Cell
	for _, f := range Fields() {
		row = append(row, sheet.Text(value[f]))
	}
	return append(row, sheet.Int(int(p.Number)), sheet.Text(p.State.Title()), sheet.Text(strings.Join(links, " ")))
}

// ownKey begins the keys of posts that the program has exported itself.
const ownKey = "otklik-"

// Number is the number of the post that a key of the program's own names.
func Number(key string) (int64, bool) {
	digits, ok := strings.CutPrefix(key, ownKey)
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && err == nil && n > 0
}

func postKey(p publisher.Post) string { return ownKey + strconv.FormatInt(p.Number, 10) }
