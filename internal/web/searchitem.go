package web

import (
	"net/http"

	"otklik/internal/rights"
)

// itemPage is one message with all its texts.
type itemPage struct {
	Shell    shell
	Row      foundRow
	Text     string
	Link     string
	Gone     stamp
	Versions []itemVersion
	May      bool
	Here     string
}

type itemVersion struct {
	Title string
	At    stamp
	Text  string
}

func (s *server) foundItem(w http.ResponseWriter, r *http.Request, v *visit) error {
	x, versions, err := s.Searching.Items.FoundItem(r.Context(), r.PathValue("item"))
	if err != nil {
		return err
	}
	page := itemPage{
		Shell: s.shell(r, v, "search", "Сообщение"), Row: s.foundRow(x, v), Text: x.Message.Text, Link: webLink(x.Message.Permalink),
		Gone: s.stamp(x.DeletedAt, v.now), May: v.person.Actor().Can(rights.AcceptCase) && x.CaseNumber == 0 && !x.Message.Author.Own, Here: "/search/items/" + x.ID,
	}
	for i, old := range versions {
		if i == len(versions)-1 && old.Text == x.Message.Text {
			continue
		}
		title := "Исправлено"
		at := s.stamp(old.EditedAt, v.now)
		if i == 0 {
			title, at = "Сначала было так", s.stamp(x.Message.PublishedAt, v.now)
		}
		page.Versions = append(page.Versions, itemVersion{title, at, old.Text})
	}
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "item", page)
	return nil
}
