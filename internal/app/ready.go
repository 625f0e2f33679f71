package app

import (
	"context"
	"time"

	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/web"
)

// How long work of each kind may wait before the program is not ready. Each is
// many times what it takes on a good day, and short enough that somebody who is
// called can still mend it before citizens notice.
const (
	detectionPatience = time.Minute
	deliveryPatience  = 2 * time.Minute
	planPatience      = 2 * time.Minute
	archivePatience   = 5 * time.Minute
	photoPatience     = 10 * time.Minute
	sourcePatience    = 10 * time.Minute
	auditPatience     = 5 * time.Minute
	// readyTime bounds the look: a base that hangs is not ready.
	readyTime = 2 * time.Second
)

// ready tells how long the oldest work of each kind waits. That the process
// lives is no answer.
func (a *App) ready(ctx context.Context) ([]web.Wait, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	now := a.now()
	w, err := a.store.Waiting(ctx, now)
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "База не отвечает.", err)
	}
	var list []web.Wait
	for _, x := range []struct {
		name     string
		since    time.Time
		patience time.Duration
		trouble  string
	}{
		{"detection", w.Detection, detectionPatience, "Сообщения не разбираются"},
		{"delivery", w.Delivery, deliveryPatience, "Ответы и посты не отправляются"},
		{"plan", w.Plan, planPatience, "Посты по плану не выходят"},
		{"photos", w.Photo, photoPatience, "Фото не загружаются"},
		{"search", moment(a.archived.Load()), archivePatience, "Поисковый указатель не пополняется"},
		{"sources", w.Source, sourcePatience, "Источник не читается"},
		{"audit", w.Audit, auditPatience, "Тревоги не проверяются"},
	} {
		age := max(now.Sub(x.since), 0)
		if x.since.IsZero() {
			age = 0
		}
		list = append(list, web.Wait{Name: x.name, Age: age, Limit: x.patience, Trouble: x.trouble + " уже " + ru.Span(age) + "."})
	}
	return list, nil
}

// moment is a time that is kept as Unix microseconds, zero for none.
func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us)
}
