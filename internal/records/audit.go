// Package records is what the program keeps of itself: the journal of who has
// read and changed what, for how long each class of data stays, and what becomes
// of the data of a person who asks for it.
package records

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Action is what a row of the journal tells of.
type Action string

const (
	ReadCase    Action = "read.case"    // a case was opened
	ReadList    Action = "read.list"    // a list with people's words
	ReadItem    Action = "read.item"    // one message with its texts
	ReadRaw     Action = "read.raw"     // what the networks sent, as it came
	ReadPhoto   Action = "read.photo"   // a citizen's photo
	ReadPerson  Action = "read.person"  // all that is there of one author
	Search      Action = "read.search"  // a search in the archive
	Export      Action = "read.export"  // data left as a file
	ReadJournal Action = "read.journal" // this journal
	Change      Action = "change"       // something was changed
	Approve     Action = "approve"      // a text was approved
	Send        Action = "send"         // something left for a network
	Setting     Action = "setting"      // a setting was changed
	SignIn      Action = "signin"
	SignInFail  Action = "signin.failed"
	SignOut     Action = "signout"
	Erase       Action = "erase"  // a person's data were erased or anonymised
	Expire      Action = "expire" // data whose time has run out were removed
	Cut         Action = "cut"    // rows of the journal whose time has run out
)

// Actions lists all actions in the order in which people read them.
func Actions() []Action {
	return []Action{
		ReadCase, ReadList, ReadItem, ReadRaw, ReadPhoto, ReadPerson, Search, Export, ReadJournal,
		Change, Approve, Send, Setting, SignIn, SignInFail, SignOut, Erase, Expire, Cut,
	}
}

// Entry is what is to be written into the journal.
type Entry struct {
	At        time.Time
	ActorID   string // "" for the program
	ActorName string
	Action    Action
	// Subject names what it is about: "case:4127", "item:…", "page:/rules".
	Subject string
	// Data tells more, and never in a citizen's words: rows stay for years.
	Data map[string]string
	// Words are what may name a citizen, such as what was searched for. They are
	// kept beside the row and can be erased; the row holds their hash.
	Words string
}

// Row is an entry in its place in the chain.
type Row struct {
	Seq       int64     `json:"seq"`
	At        time.Time `json:"at"`
	ActorID   string    `json:"actor_id"`
	ActorName string    `json:"actor"`
	Action    Action    `json:"action"`
	Subject   string    `json:"subject"`
	Data      string    `json:"data"` // JSON
	Prev      string    `json:"prev"` // hash of the row before, "" for the first
	Hash      string    `json:"hash"`
	// Words stand beside the chain; they are empty once erased.
	Words string `json:"words,omitempty"`
	Salt  string `json:"salt,omitempty"`
}

// wordsKey is where the hash of the words stands in the data of a row.
const wordsKey = "words"

// Seal makes a row of an entry: the next one after prev. salt is secret and
// random, so that erased words cannot be guessed from their hash.
func Seal(e Entry, seq int64, prev, salt string) (Row, error) {
	data := map[string]string{}
	for k, v := range e.Data {
		data[k] = v
	}
	r := Row{Seq: seq, At: e.At.UTC().Truncate(time.Microsecond), ActorID: e.ActorID, ActorName: e.ActorName, Action: e.Action, Subject: e.Subject, Prev: prev}
	if e.Words != "" {
		r.Words, r.Salt = e.Words, salt
		data[wordsKey] = wordsHash(salt, e.Words)
	}
	text, err := json.Marshal(data)
	if err != nil {
		return r, err
	}
	r.Data = string(text)
	r.Hash = r.sum()
	return r, nil
}

func wordsHash(salt, words string) string {
	sum := sha256.Sum256([]byte(salt + "\n" + words))
	return hex.EncodeToString(sum[:])
}

// sum is SHA-256 over the row's fields, each with its length before it, so that
// no two rows have the same bytes.
func (r Row) sum() string {
	h := sha256.New()
	h.Write([]byte("otklik journal 1\n"))
	for _, field := range []string{
		strconv.FormatInt(r.Seq, 10), strconv.FormatInt(r.At.UnixMicro(), 10), r.ActorID, r.ActorName, string(r.Action), r.Subject, r.Data, r.Prev,
	} {
		fmt.Fprintf(h, "%d:%s\n", len(field), field)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Anchor is the head of the chain at some time. One that is kept elsewhere shows
// whether the journal was cut or written anew since.
type Anchor struct {
	Seq  int64
	Hash string
	At   time.Time
}

// String is how people keep an anchor: "4127:9f86…".
func (a Anchor) String() string { return strconv.FormatInt(a.Seq, 10) + ":" + a.Hash }

// Check is what a walk along the chain found.
type Check struct {
	At    time.Time
	First int64 // row of the walk
	Head  Anchor
	// Broken is the first row that does not fit, 0 for none, and Trouble says why.
	Broken  int64
	Trouble string
}

// Whole says that the chain holds.
func (c Check) Whole() bool { return c.Trouble == "" }

// Walker goes along the chain row by row.
type Walker struct {
	check   Check
	next    int64
	prev    string
	anchors map[int64]string
}

// NewWalker returns a walker that begins after a cut, or at the first row where
// nothing was cut, and holds the chain to anchors on its way.
func NewWalker(cut Anchor, anchors []Anchor, now time.Time) *Walker {
	w := &Walker{check: Check{At: now, First: cut.Seq + 1, Head: cut}, next: cut.Seq + 1, prev: cut.Hash, anchors: map[int64]string{}}
	for _, a := range anchors {
		if a.Seq > cut.Seq {
			w.anchors[a.Seq] = a.Hash
		}
	}
	return w
}

// Step looks at the next row and says whether the chain still holds.
func (w *Walker) Step(r Row) bool {
	if !w.check.Whole() {
		return false
	}
	switch {
	case r.Seq != w.next:
		return w.broken(w.next, fmt.Sprintf("записи № %d нет: после № %d стоит № %d", w.next, w.next-1, r.Seq))
	case r.Prev != w.prev:
		return w.broken(r.Seq, fmt.Sprintf("запись № %d не продолжает предыдущую", r.Seq))
	case r.Hash != r.sum():
		return w.broken(r.Seq, fmt.Sprintf("запись № %d изменена", r.Seq))
	case !r.wordsFit():
		return w.broken(r.Seq, fmt.Sprintf("слова при записи № %d изменены", r.Seq))
	}
	if want, ok := w.anchors[r.Seq]; ok && want != r.Hash {
		return w.broken(r.Seq, fmt.Sprintf("запись № %d не та, что была при прежней проверке", r.Seq))
	}
	delete(w.anchors, r.Seq)
	w.next, w.prev = r.Seq+1, r.Hash
	w.check.Head = Anchor{r.Seq, r.Hash, r.At}
	return true
}

func (r Row) wordsFit() bool {
	if r.Words == "" {
		return true
	}
	var data map[string]string
	if json.Unmarshal([]byte(r.Data), &data) != nil {
		return false
	}
	return data[wordsKey] == wordsHash(r.Salt, r.Words)
}

func (w *Walker) broken(seq int64, why string) bool {
	w.check.Broken, w.check.Trouble = seq, why
	return false
}

// End is what the walk found, given how many rows were ever written.
func (w *Walker) End(written int64) Check {
	if !w.check.Whole() {
		return w.check
	}
	last := w.next - 1
	if written > last {
		w.broken(w.next, fmt.Sprintf("конец отрезан: записано %d, последняя — № %d", written, last))
	}
	for seq := range w.anchors {
		if seq > last {
			w.broken(w.next, fmt.Sprintf("конец отрезан: при прежней проверке была запись № %d, последняя — № %d", seq, last))
		}
	}
	return w.check
}

// Filter chooses rows of the journal; zero fields choose all.
type Filter struct {
	ActorID  string
	Actions  []Action
	Subject  string
	From, To time.Time // [From, To)
	Before   int64     // rows below this number, for the next page
	Limit    int
}

// Person is somebody of whom the journal knows.
type Person struct{ ID, Name string }
