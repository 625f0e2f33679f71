package index

import (
	"time"

	"otklik/internal/social"
)

// Doc is one item as the archive knows it.
type Doc struct {
	// ID is unique; a second Doc with the same ID and month of publication
	// replaces the first.
	ID      string
	Text    string
	Network social.Network
	Source  string
	Kind    social.Kind
	Author  string
	Thread  string
	// Territories are names or ids of places, as in Facts.
	Territories []string
	Topic       string // the id of its topic, empty if it has none
	// Case is the id of the item's case, empty if it has none.
	Case string
	// Published is in which month of UTC the document stands, and its place there.
	Published time.Time
	// Revision is the caller's, at least 0; a check compares it.
	Revision int64
}

func (d *Doc) fields() map[string]any {
	fields := map[string]any{fieldText: d.Text, fieldStamp: newStamp(d.Published, d.Revision)}
	for name, value := range map[string]string{
		fieldNetwork: string(d.Network), fieldSource: d.Source, fieldKind: string(d.Kind),
		fieldAuthor: d.Author, fieldThread: d.Thread, fieldTopic: d.Topic,
	} {
		if value != "" {
			fields[name] = value
		}
	}
	if len(d.Territories) > 0 {
		places := make([]string, len(d.Territories))
		for i, t := range d.Territories {
			places[i] = foldPlace(t)
		}
		fields[fieldTerritory] = places
	}
	if d.Case != "" {
		fields[fieldHas] = "case"
	}
	return fields
}

// A stamp is a moment in microseconds, moved so that it is not negative, and a
// revision, both as digits of seven bits: it sorts by time, and holds no byte
// that bleve puts between the values of a document.
const (
	stampDigits = 9
	stampZero   = int64(1) << 61
)

func newStamp(t time.Time, revision int64) string {
	var raw [2 * stampDigits]byte
	at := t.UnixMicro() + stampZero
	for i := stampDigits - 1; i >= 0; i-- {
		raw[i] = byte(at & 0x7f)
		at >>= 7
	}
	n := len(raw)
	for ; revision > 0; revision >>= 7 {
		n--
		raw[n] = byte(revision & 0x7f)
	}
	return string(raw[:stampDigits]) + string(raw[n:])
}

// readStamp returns the microseconds and the revision of a stamp.
func readStamp(raw []byte) (micros, revision int64) {
	if len(raw) < stampDigits {
		return 0, 0
	}
	for _, b := range raw[:stampDigits] {
		micros = micros<<7 | int64(b)
	}
	for _, b := range raw[stampDigits:] {
		revision = revision<<7 | int64(b)
	}
	return micros - stampZero, revision
}

// month names the shard in which a document stands. Moments that no network
// can mean share the first and the last shard.
func month(t time.Time) string {
	const first, last = 2006, 2099
	t = t.UTC()
	switch {
	case t.Year() < first:
		return "2006-00"
	case t.Year() > last:
		return "2099-13"
	}
	return t.Format("2006-01")
}
