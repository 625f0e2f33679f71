package social

import (
	"strings"
	"unicode"
)

// Bounds are what a network takes in one call. They stand here once: the
// pre-flight refuses by them, and so do the adapters that make the calls.
type Bounds struct {
	// Text and Caption are lengths as the network counts them (Network.Length);
	// a caption stands below files.
	Text, Caption int
	Attachments   int // of one message, with the poll where it is attached
	Files         int // documents among them
	PhotoSize     int64
	FileSize      int64 // bytes
	// PhotoSides is the most that width and height of a photo make together, in
	// pixels; PhotoRatio the most by which one side is longer than the other.
	PhotoSides, PhotoRatio int

	Question                   int // of a poll, its length
	Answer                     int // its length
	FewestAnswers, MostAnswers int
}

// Bounds returns what the network takes. VK: dev.vk.com, wall.post, polls.create
// and the overview of uploads; the length of a post is agreed on by live reports.
// Telegram: Bot API 10.1, sendMessage, sendPhoto, sendMediaGroup, sendPoll.
func (n Network) Bounds() Bounds {
	if n == VK {
		return Bounds{
			Text: 16_000, Caption: 16_000, Attachments: 10, Files: 1, PhotoSize: 50 << 20, FileSize: 200 << 20,
			PhotoSides: 14_000, PhotoRatio: 20, Question: 255, FewestAnswers: 1, MostAnswers: 10, Answer: 100,
		}
	}
	return Bounds{
		Text: 4096, Caption: 1024, Attachments: 10, Files: 10, PhotoSize: 10 << 20, FileSize: 50 << 20,
		PhotoSides: 10_000, PhotoRatio: 20, Question: 300, FewestAnswers: 1, MostAnswers: 12, Answer: 100,
	}
}

// Visible says that people would see something of a text. Networks refuse one
// of spaces and signs without a shape as an empty one.
func Visible(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		const fillers = "\u115f\u1160\u2800\u3164\uffa0"
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Zs, r) && !strings.ContainsRune(fillers, r)
	})
}
