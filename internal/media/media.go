// Package media keeps the photos that stand in the networks: it fetches them
// without letting anybody be reached who should not be, draws them anew so that
// nothing but a picture remains, and works off the queue of what waits.
package media

import "time"

// State is what became of a photo.
type State string

const (
	Waiting State = "waiting" // it will be tried, perhaps again
	Kept    State = "kept"
	Gone    State = "gone"    // the network does not have it any more
	Refused State = "refused" // it is no picture, or its address is not to be asked
	TooBig  State = "too_big" // more bytes or pixels than are taken
	Failed  State = "failed"  // it was tried often enough
)

// MaxBytes is how large a photo may be as the network gives it: as much as
// Telegram gives to a bot (Bot API, getFile).
const MaxBytes = 20 << 20

// Job is one photo that waits.
type Job struct {
	ID       string
	SourceID string
	// Address is where the network has it: an https:// address, or the name of a
	// file for which the key of the source has to be shown.
	Address  string
	Attempts int // made before
}

// Trouble is why a photo is not kept. A state of Waiting says that trying again
// may help.
type Trouble struct {
	State State
	// Message is one sentence in Russian for the page that shows the photo.
	Message string
	// RetryAfter is what the network asked for; zero leaves it to the worker.
	RetryAfter time.Duration
	// Unasked says that nobody was asked, so that this was no attempt.
	Unasked bool
	// Cause goes to the log and holds no key.
	Cause error
}

func (t *Trouble) Error() string {
	if t.Cause == nil {
		return string(t.State) + ": " + t.Message
	}
	return string(t.State) + ": " + t.Message + ": " + t.Cause.Error()
}

// Unwrap gives errors.Is and errors.As the cause.
func (t *Trouble) Unwrap() error { return t.Cause }

func tooBig(cause error) *Trouble {
	return &Trouble{State: TooBig, Message: "Фото слишком большое.", Cause: cause}
}

func refused(message string, cause error) *Trouble {
	return &Trouble{State: Refused, Message: message, Cause: cause}
}

func passing(cause error) *Trouble {
	return &Trouble{State: Waiting, Message: "Сеть пока не отдаёт фото.", Cause: cause}
}
