package deadline

// Presets are deadlines as published rules set them, for an administrator to
// begin with. The sources are named with each; what a source leaves open is
// filled by the thirty days of the «Платформа обратной связи».
func Presets() []Policy {
	return []Policy{
		pos(),
		preset("Севастополь, 2020: 9 рабочих часов", Rule{Start: FromPublished, Normal: Term{N: 9, Unit: WorkHour}, Raised: Term{N: 4, Unit: WorkHour}}, Term{N: 7, Unit: WorkDay}),
		preset("Крым, 2020: 9 рабочих часов", Rule{Start: FromFound, Normal: Term{N: 9, Unit: WorkHour}}, Term{N: 7, Unit: Day}),
		preset("Башкортостан, 2025: отклик 3 часа, проект 8 рабочих часов", Rule{Start: FromFound, Normal: Term{N: 3, Unit: Hour}, Raised: Term{N: 1, Unit: Hour}}, Term{N: 7, Unit: Day}, Rule{Start: FromFound, Normal: Term{N: 8, Unit: WorkHour}}),
		preset("Сутки с обнаружения", Rule{Start: FromFound, Normal: Term{N: 24, Unit: Hour}}, Term{N: 7, Unit: Day}),
		preset("Трое суток, острое — 3 часа", Rule{Start: FromFound, Normal: Term{N: 72, Unit: Hour}, Raised: Term{N: 3, Unit: Hour}}, Term{N: 7, Unit: Day}),
	}
}

// pos is how the platform counts: thirty calendar days, ten on the fast track.
func pos() Policy {
	return Policy{
		Name: "ПОС: 30 дней, фаст-трек 10 дней",
		Rules: map[Step]Rule{
			First: {Start: FromFound, Normal: Term{N: 1, Unit: WorkDay}, Raised: Term{N: 4, Unit: WorkHour}},
			Draft: {Start: FromFound, Normal: Term{N: 20, Unit: Day}, Fast: Term{N: 7, Unit: Day}},
			Final: {Start: FromFound, Normal: Term{N: 30, Unit: Day}, Fast: Term{N: 10, Unit: Day}},
		},
		AfterInterim: Term{N: 30, Unit: Day}, Longest: Term{N: 60, Unit: Day},
		PauseOn: []Reason{WaitAuthor}, Ladder: DefaultLadder(),
	}
}

func preset(name string, first Rule, afterInterim Term, draft ...Rule) Policy {
	p := pos()
	p.Name, p.Rules[First], p.AfterInterim = name, first, afterInterim
	p.Rules[Draft] = Rule{Start: first.Start, Normal: Term{N: 2, Unit: WorkDay}, Raised: Term{N: 1, Unit: WorkDay}}
	if len(draft) > 0 {
		p.Rules[Draft] = draft[0]
	}
	return p
}
