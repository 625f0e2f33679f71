package records

import (
	"regexp"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/social"
)

// Mode is what is done to a person's data.
type Mode string

const (
	Wipe      Mode = "erase"     // texts, photos and name are erased
	Anonymise Mode = "anonymise" // texts stay, who wrote them does not
)

// Author is a person as a network knows them.
type Author struct {
	Network social.Network
	ID      string
}

// Person's data as they stand in the base.
type Holding struct {
	Author
	Names       []string // under which the person was seen
	Items       int
	Versions    int // texts, former ones included
	Photos      int
	Cases       []int64 // numbers of the person's cases, at most a hundred
	CaseCount   int
	OpenCases   int
	Decisions   int // texts among those that the program learns from
	Updates     int // raw updates in which the number stands
	First, Last time.Time
	Past        []Erasure // earlier requests about the same person
}

// Empty says that nothing is there of the person.
func (h Holding) Empty() bool { return h.Items+h.CaseCount+h.Updates == 0 }

// Tally counts what was erased or changed.
type Tally struct {
	Items     int `json:"items,omitempty"`
	Versions  int `json:"versions,omitempty"`
	Photos    int `json:"photos,omitempty"`
	Cases     int `json:"cases,omitempty"`
	Updates   int `json:"updates,omitempty"`
	Decisions int `json:"decisions,omitempty"`
	Words     int `json:"words,omitempty"` // searches in the journal that named the person
}

// Plus is both together.
func (t Tally) Plus(o Tally) Tally {
	return Tally{
		t.Items + o.Items, t.Versions + o.Versions, t.Photos + o.Photos, t.Cases + o.Cases,
		t.Updates + o.Updates, t.Decisions + o.Decisions, t.Words + o.Words,
	}
}

// Erasure is one request about one person.
type Erasure struct {
	ID     string
	Number int64
	Mode   Mode
	Author
	Alias string // «Заявитель 7», what stands in the place of the name
	Basis string // why, as the administrator wrote it
	// Lasting says that what the person writes later is taken in under the alias.
	Lasting bool
	Done    Tally
	ByID    string
	ByName  string
	AskedAt time.Time
	EndedAt time.Time // zero while the work goes on
}

// Open says that the work is not over yet.
func (e Erasure) Open() bool { return e.EndedAt.IsZero() }

const mostBasis = 300

// Check says what is wrong with a request. Errors: Invalid.
func (e Erasure) Check() error {
	switch {
	case e.Mode != Wipe && e.Mode != Anonymise:
		return errs.New(errs.Invalid, "Выберите, что сделать: стереть или обезличить.")
	case e.ID == "" && (e.Author.ID == "" || e.Network != social.VK && e.Network != social.Telegram):
		return errs.New(errs.Invalid, "Укажите человека: ссылку на его страницу или номер в сети.")
	case strings.TrimSpace(e.Basis) == "":
		return errs.New(errs.Invalid, "Напишите основание: номер и дату заявления или истёкший срок.")
	case len([]rune(e.Basis)) > mostBasis:
		return errs.Newf(errs.Invalid, "Основание длиннее %d знаков. Сократите его.", mostBasis)
	}
	return nil
}

// Whom reads what a person wrote to name an author: a link, a number, a name in
// the network. handle is the end of the page's address where no number is told.
// network is what was chosen beside, and yields to a link.
func Whom(text string, network social.Network) (a Author, handle string, err error) {
	text = strings.TrimSpace(text)
	text = strings.TrimSuffix(strings.SplitN(text, "?", 2)[0], "/")
	for _, prefix := range []string{"https://", "http://", "www.", "m."} {
		text = strings.TrimPrefix(text, prefix)
	}
	for host, n := range map[string]social.Network{"vk.com/": social.VK, "vk.ru/": social.VK, "t.me/": social.Telegram} {
		if rest, ok := strings.CutPrefix(text, host); ok {
			text, network = rest, n
		}
	}
	text = strings.TrimPrefix(text, "@")
	a.Network = network
	if network != social.VK && network != social.Telegram {
		return a, "", errs.New(errs.Invalid, "Выберите сеть или вставьте ссылку на страницу человека целиком.")
	}
	if m := regexp.MustCompile(`^(id|club|public)?(-?[0-9]{1,20})$`).FindStringSubmatch(text); m != nil {
		a.ID = m[2]
		if m[1] == "club" || m[1] == "public" {
			a.ID = "-" + strings.TrimPrefix(a.ID, "-")
		}
		return a, "", nil
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_.]{2,64}$`).MatchString(text) {
		return a, "", errs.New(errs.Invalid, "Это не похоже на страницу человека. Примеры: vk.com/id501, 501, t.me/imya.")
	}
	return a, text, nil
}
