package incidents

import "otklik/internal/errs"

// Ground is why a message is rejected, in a word that the program understands;
// "" where people wrote it in their own words only.
type Ground string

// The grounds.
const (
	NoMatter Ground = "no_matter"
	Double   Ground = "double"
	NotOurs  Ground = "not_ours"
	Spam     Ground = "spam"
)

// GroundRow is one row of the table of grounds.
type GroundRow struct {
	Ground Ground
	Title  string
	// Teaches says that the message was no complaint at all, so that the program
	// may learn from it not to show the like. A double and what others have to
	// answer are complaints all the same.
	Teaches bool
}

// Grounds is the table, in the order in which people choose.
func Grounds() []GroundRow {
	return []GroundRow{
		{NoMatter, "Не жалоба и не вопрос", true},
		{Double, "Повтор: на это уже отвечаем", false},
		{NotOurs, "Не наша компетенция", false},
		{Spam, "Реклама, спам, оскорбления", true},
	}
}

// Title is the ground as people read it, "" for none.
func (g Ground) Title() string {
	for _, r := range Grounds() {
		if r.Ground == g {
			return r.Title
		}
	}
	return ""
}

// Teaches says whether a rejection on this ground says that no reaction was due.
// Own words say so, too.
func (g Ground) Teaches() bool {
	for _, r := range Grounds() {
		if r.Ground == g {
			return r.Teaches
		}
	}
	return true
}

// reject closes the case without an answer.
func (d *Decision) reject(x Reject, ev *Event) error {
	title, words := x.Ground.Title(), x.Reason
	if x.Ground != "" && title == "" {
		return errs.New(errs.Invalid, "Такой причины нет. Выберите другую или напишите её словами.")
	}
	said, err := required(words, maxReason, "Напишите причину отклонения или выберите её из списка: её увидят коллеги.")
	switch {
	case title != "" && errs.CodeOf(err) == errs.Invalid && err != nil:
		said = title
	case err != nil:
		return err
	case title != "":
		said = title + ". " + said
	}
	ev.Text, d.Case.Outcome, d.Case.RejectReason = said, Rejected, said
	if x.Ground != "" {
		ev.Data["ground"] = string(x.Ground)
	}
	return nil
}
