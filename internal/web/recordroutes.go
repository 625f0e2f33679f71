package web

import "otklik/internal/rights"

// recordRoutes are the journal, the terms of keeping and requests of persons.
func (s *server) recordRoutes() []route {
	return []route{
		{"GET /journal", may(rights.ViewJournal), s.journal},
		{"GET /journal/export", may(rights.ViewJournal), s.journalFile},
		{"GET /keeping", may(rights.ManageRecords), s.keeping},
		{"POST /keeping", may(rights.ManageRecords), s.saveKeeping},
		{"GET /persons", may(rights.ManageRecords), s.persons},
		{"POST /persons", may(rights.ManageRecords), s.findPerson},
		{"POST /persons/erase", may(rights.ManageRecords), s.erase},
		{"GET /persons/{number}", may(rights.ManageRecords), s.erasure},
		{"GET /persons/{number}/file", may(rights.ManageRecords), s.erasureFile},
	}
}

func recordFlash(name string) string {
	switch name {
	case "terms-saved":
		return "Сроки хранения сохранены. Ночью удалится то, чей срок вышел."
	case "erase-asked":
		return "Заявка принята, работа уже идёт."
	}
	return ""
}
