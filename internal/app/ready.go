package app

import (
	"context"
	"time"

	"otklik/internal/errs"
	"otklik/internal/ru"
)

// How long work of each kind may wait before the program is not ready. Each is
// many times what it takes on a good day, and short enough that somebody who is
// called can still mend it before citizens notice.
const (
	detectionPatience = time.Minute
	deliveryPatience  = 2 * time.Minute
	archivePatience   = 5 * time.Minute
	photoPatience     = 10 * time.Minute
	sourcePatience    = 10 * time.Minute
)

// ready says why the program does not do its work now. That the process lives
// is no answer: what counts is the age of the oldest thing that waits.
func (a *App) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	now := a.now()
	w, err := a.store.Waiting(ctx, now)
	if err != nil {
		return errs.Wrap(errs.Unavailable, "База не отвечает.", err)
	}
	for _, x := range []struct {
		since    time.Time
		patience time.Duration
		what     string
	}{
		{w.Detection, detectionPatience, "Сообщения не разбираются"},
		{w.Delivery, deliveryPatience, "Ответы не отправляются"},
		{w.Photo, photoPatience, "Фото не загружаются"},
		{moment(a.archived.Load()), archivePatience, "Поисковый указатель не пополняется"},
		{w.Source, sourcePatience, "Источник не читается"},
	} {
		if age := now.Sub(x.since); !x.since.IsZero() && age > x.patience {
			return errs.Newf(errs.Unavailable, "%s уже %s.", x.what, ru.Span(age))
		}
	}
	return nil
}

// moment is a time that is kept as Unix microseconds, zero for none.
func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us)
}
