package delivery

import (
	"io"
	"strings"
	"time"

	"otklik/internal/social"
	"otklik/publisher"
)

// Publication is a post, or a poll, as it leaves for one page: everything about
// its form is decided.
type Publication struct {
	ID       string // UUIDv7; the idempotency key of networks that take one is derived from it
	Network  social.Network
	SourceID string // the page that speaks
	// Text is sent as it is. VK's own marks, [club1|Имя], are part of it.
	Text string
	// Entities are the text's marks for Telegram; VK takes none.
	Entities []social.Entity
	Media    []Medium
	// Poll makes the publication a poll. VK attaches it to the text, Telegram
	// shows the text above its question.
	Poll *Poll
	// Silent asks the network to notify nobody, where it can.
	Silent bool
	// NoComments closes the thread, which VK can.
	NoComments bool
	// NoPreview keeps Telegram from showing what the first address leads to.
	NoPreview bool
	// FirstSendingAt is when the first call began, zero before it; the network's
	// window of idempotency is counted from it.
	FirstSendingAt time.Time
}

// MediumKind is what a medium is shown as.
type MediumKind string

const (
	Photo MediumKind = "photo"
	Video MediumKind = "video" // a file for Telegram; for VK only what is in VK already
	File  MediumKind = "file"
	Link  MediumKind = "link" // an address of a page, or of a video, that the network shows
)

// Medium is one thing attached to a publication.
type Medium struct {
	Kind MediumKind
	// Name is the file's name for people, Type its media type, Size its bytes.
	Name string
	Type string
	Size int64
	// Data is read anew by every attempt; it may be nil once Uploaded is known.
	Data io.ReaderAt
	// Alt describes a photo for those who do not see it.
	Alt string
	// URL is the address of a Link.
	URL string
	// Uploaded is how the network calls the file since it was uploaded:
	// "photo-1_2" in VK, a file_id in Telegram. A medium that has it is not
	// uploaded again.
	Uploaded string
}

// Poll is a poll to be made. Both networks close it by themselves at ClosesAt,
// if that is not zero and within what the network takes.
type Poll struct {
	Question  string
	Answers   []string
	Anonymous bool
	Multiple  bool
	ClosesAt  time.Time
	// Created is how VK calls the poll since it was made: "poll-1_2".
	Created string
}

// Published is the network's confirmation of a publication.
type Published struct {
	// Refs are the messages that make up the post, the first one being what
	// people mean by it. Only a Telegram album has more than one.
	Refs      []social.Ref
	Permalink string
	// Uploaded names the media as Medium.Uploaded does, in their order; empty
	// where nothing was learned.
	Uploaded []string
	// Poll names the poll for its results: "poll-1_2" in VK, the poll's id,
	// which updates carry, in Telegram.
	Poll string
}

// Revision is a post with its new content. Network, SourceID, Refs and Poll
// are those of the post as it stands.
type Revision struct {
	Refs     []social.Ref
	Text     string
	Entities []social.Entity
	// Media are all the media of the post as it shall be. In Telegram their
	// number stays, and those named in Replaced are sent anew.
	Media    []Medium
	Replaced []int
	// Poll is the attached poll, empty if there is none.
	Poll string
	// NoComments and NoPreview are as in a Publication.
	NoComments bool
	NoPreview  bool
}

// Publication is a post or a poll of the ledger in the form that the networks'
// publishers take. The bytes of photos and files are added by whoever keeps
// them, by the hashes in Part.Media, in the same order.
func (d Delivery) Publication() Publication {
	out := Publication{ID: d.ID, Network: d.Network, SourceID: d.SourceID, FirstSendingAt: d.FirstSendingAt}
	if d.Part == nil {
		return out
	}
	out.Text, out.Entities, out.Silent = d.Part.Text, d.Part.Entities, d.Part.Silent
	out.NoComments, out.NoPreview = d.Part.NoComments, d.Part.NoPreview
	for i, m := range d.Part.Media {
		medium := Medium{Kind: File, Name: m.Name, Size: m.Size, Alt: m.Alt}
		if m.Kind == publisher.Photo {
			medium.Kind = Photo
		}
		if i < len(d.Uploaded) {
			medium.Uploaded = d.Uploaded[i]
		}
		out.Media = append(out.Media, medium)
	}
	for _, a := range d.Part.Attach {
		medium := Medium{Kind: Video, Uploaded: a}
		if strings.Contains(a, "://") {
			medium = Medium{Kind: Link, URL: a}
		}
		out.Media = append(out.Media, medium)
	}
	if p := d.Part.Poll; p != nil {
		out.Poll = &Poll{Question: p.Question, Answers: p.Options, Anonymous: !p.Named, Multiple: p.Multiple, Created: d.PollID}
		if p.OpenFor > 0 && !d.SendingAt.IsZero() {
			out.Poll.ClosesAt = d.SendingAt.Add(p.OpenFor)
		}
	}
	return out
}
