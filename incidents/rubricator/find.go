package rubricator

import (
	"slices"
	"strings"
	"unicode"

	"otklik/internal/errs"
)

// Find lists the active facts that have all words of the text at the beginning
// of words of theirs; all active facts for an empty text.
func (r *Rubricator) Find(text string) []Fact {
	return slices.DeleteFunc(r.FindAll(text), func(f Fact) bool { return f.Inactive })
}

// FindAll is Find among inactive facts too.
func (r *Rubricator) FindAll(text string) []Fact {
	asked := words(text)
	var out []Fact
	for _, f := range r.Facts {
		has := words(f.Title())
		missing := slices.ContainsFunc(asked, func(a string) bool {
			return !slices.ContainsFunc(has, func(w string) bool { return strings.HasPrefix(w, a) })
		})
		if !missing {
			out = append(out, f)
		}
	}
	return out
}

// Choose reads a fact that a person has typed or chosen: its title, its id, or
// words that only one fact has. Errors: Invalid.
func (r *Rubricator) Choose(text string) (Fact, error) {
	text = strings.TrimSpace(text)
	for _, f := range r.Facts {
		if !f.Inactive && (f.ID == text || strings.EqualFold(f.Title(), text)) {
			return f, nil
		}
	}
	switch few := r.Find(text); {
	case len(few) == 1:
		return few[0], nil
	case len(few) > 1 && len(few) <= 5:
		var names []string
		for _, f := range few {
			names = append(names, "«"+f.Title()+"»")
		}
		return Fact{}, errs.Newf(errs.Invalid, "Подходит несколько фактов: %s. Напишите точнее.", strings.Join(names, ", "))
	case len(few) > 1:
		return Fact{}, errs.Newf(errs.Invalid, "Под «%s» подходит фактов: %d. Напишите точнее или выберите из подсказок.", text, len(few))
	}
	return Fact{}, errs.Newf(errs.Invalid, "Факта «%s» в рубрикаторе нет. Выберите факт из подсказок.", text)
}

func words(text string) []string {
	text = strings.ReplaceAll(strings.ToLower(text), "ё", "е")
	return strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}
