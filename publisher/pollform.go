package publisher

import (
	"fmt"
	"strings"
	"time"

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

// How long the program keeps a poll open: one that ends as it goes out asks
// nobody, and a network refuses it.
const (
	pollShortest = time.Minute
	pollLongest  = 366 * 24 * time.Hour
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
	bounds := n.Bounds()
	var out []Problem
	refuse := func(code, format string, args ...any) {
		out = append(out, Problem{Severity: Stop, Network: n, Code: code, Text: n.Title() + ": " + fmt.Sprintf(format, args...)})
	}
	if !social.Visible(f.Question) {
		refuse("poll.question", "у опроса нет вопроса. Напишите его.")
	} else if have := n.Length(f.Question); have > bounds.Question {
		refuse("poll.question", "вопрос опроса длиннее, чем можно: %d из %d знаков. Сократите его.", have, bounds.Question)
	}
	switch {
	case len(f.Options) < bounds.FewestAnswers:
		refuse("poll.options", "в опросе нет ни одного варианта. Напишите варианты.")
	case len(f.Options) > bounds.MostAnswers:
		refuse("poll.options", "вариантов в опросе %d, можно не больше %d. Уберите лишние.", len(f.Options), bounds.MostAnswers)
	case len(f.Options) == 1:
		out = append(out, Problem{Severity: Note, Network: n, Code: "poll.single", Text: n.Title() + ": в опросе один вариант, выбирать людям не из чего."})
	}
	seen := map[string]bool{}
	for i, o := range f.Options {
		if have := n.Length(o); have > bounds.Answer {
			refuse("poll.option", "вариант %d длиннее, чем можно: %d из %d знаков. Сократите его.", i+1, have, bounds.Answer)
		} else if !social.Visible(o) {
			refuse("poll.option", "в варианте %d не видно ни одного знака. Напишите его.", i+1)
		}
		if key := strings.ToLower(o); seen[key] {
			refuse("poll.twice", "вариант «%s» повторяется. Оставьте один.", o)
		} else {
			seen[key] = true
		}
	}
	if f.OpenFor != 0 && (f.OpenFor < pollShortest || f.OpenFor > pollLongest) {
		refuse("poll.time", "опрос может идти от минуты до года.")
	}
	if f.Named && n == social.Telegram {
		out = append(out, Problem{Severity: Note, Network: n, Code: "poll.anonymous", Text: "В канале Telegram опрос будет анонимным: иначе нельзя."})
	}
	return out
}
