package publisher

import (
	"fmt"
	"strings"
	"time"

	"otklik/internal/markup"
	"otklik/internal/social"
)

// PollForm is what a poll asks, the same in both networks.
type PollForm struct {
	Question string   `json:"question"`
	Options  []string `json:"options"`
	Multiple bool     `json:"multiple,omitempty"`
	// Named shows who voted for what, in VK only: in a channel of Telegram every
	// poll is anonymous.
	Named bool `json:"named,omitempty"`
	// OpenFor is how long the program keeps the poll open after it went out;
	// zero leaves it open until a person closes it. The program closes it by
	// itself in each network, because Telegram's own time ends after 30 days.
	OpenFor time.Duration `json:"open_for,omitempty"`
}

// Bounds of polls. VK: polls.create, answers from 1 to 10, up to 100 characters
// each (documented for wall.post). Telegram: sendPoll, options from 1 to 12 of
// up to 100 characters, question up to 300. One option asks nothing, so both
// have two as their least here.
const (
	pollFewest       = 2
	vkOptions        = 10
	telegramOptions  = 12
	vkOption         = 100
	telegramOption   = 100
	vkQuestion       = 255
	telegramQuestion = 300
	pollLongest      = 366 * 24 * time.Hour
)

func (f PollForm) tidy() PollForm {
	f.Question = oneLine(f.Question)
	var options []string
	for _, o := range f.Options {
		if o = oneLine(o); o != "" {
			options = append(options, o)
		}
	}
	f.Options = options
	return f
}

func oneLine(s string) string { return strings.Join(strings.Fields(tidyText(s)), " ") }

// problems lists what a network would not take, or what would mislead people.
func (f PollForm) problems(n social.Network) []Problem {
	f = f.tidy()
	most, option, question, length := vkOptions, vkOption, vkQuestion, markup.Runes
	if n == social.Telegram {
		most, option, question, length = telegramOptions, telegramOption, telegramQuestion, markup.Units
	}
	var out []Problem
	refuse := func(code, format string, args ...any) {
		out = append(out, Problem{Severity: Stop, Network: n, Code: code, Text: n.Title() + ": " + fmt.Sprintf(format, args...)})
	}
	if f.Question == "" {
		refuse("poll.question", "у опроса нет вопроса. Напишите его.")
	} else if have := length(f.Question); have > question {
		refuse("poll.question", "вопрос опроса длиннее, чем можно: %d из %d знаков. Сократите его.", have, question)
	}
	switch {
	case len(f.Options) < pollFewest:
		refuse("poll.options", "в опросе нужно хотя бы два варианта.")
	case len(f.Options) > most:
		refuse("poll.options", "вариантов в опросе %d, можно не больше %d. Уберите лишние.", len(f.Options), most)
	}
	seen := map[string]bool{}
	for i, o := range f.Options {
		if have := length(o); have > option {
			refuse("poll.option", "вариант %d длиннее, чем можно: %d из %d знаков. Сократите его.", i+1, have, option)
		}
		if key := strings.ToLower(o); seen[key] {
			refuse("poll.twice", "вариант «%s» повторяется. Оставьте один.", o)
		} else {
			seen[key] = true
		}
	}
	if f.OpenFor < 0 || f.OpenFor > pollLongest {
		refuse("poll.time", "опрос может идти не больше года.")
	}
	if f.Named && n == social.Telegram {
		out = append(out, Problem{Severity: Note, Network: n, Code: "poll.anonymous", Text: "В канале Telegram опрос будет анонимным: иначе нельзя."})
	}
	return out
}
