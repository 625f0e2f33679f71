package web

import (
	"context"
	"time"

	"otklik/collectors"
	"otklik/internal/alarm"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

func (b *board) Paces(_ context.Context, now time.Time) (map[string]collectors.Pace, error) {
	out := map[string]collectors.Pace{}
	for i, x := range b.sources {
		p := collectors.Pace{Newest: now.Add(-time.Minute)}
		for h := range 25 {
			hour := collectors.PaceHour{Start: now.Truncate(time.Hour).Add(time.Duration(h-24) * time.Hour), Items: (h * (i + 3)) % 40, Usual: float64(h % 13 * 2), Weeks: 4 - i%5}
			if h > 18 && h < 22 {
				hour.Items = 0
			}
			p.Hours = append(p.Hours, hour)
		}
		out[x.ID] = p
	}
	return out, nil
}

func (b *board) WishHistory(_ context.Context, sourceID string, w collectors.Wish, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, x := range b.sources {
		if x.ID == sourceID && x.History != nil {
			w.At = now
			b.wish, b.sources[i].History.Wish = w, &w
			return nil
		}
	}
	return errs.New(errs.NotFound, "У этого источника нет истории, которую можно прочитать.")
}

func (b *board) OpenAlarms(context.Context) ([]alarm.Alarm, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []alarm.Alarm
	for _, a := range b.alarms {
		if a.Open() {
			out = append(out, a)
		}
	}
	return out, b.broken
}

func (b *board) AlarmPage(_ context.Context, f alarm.Filter) (alarm.Page, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := alarm.Page{AuditedAt: b.audited}
	for _, a := range b.alarms {
		if a.Open() {
			p.Open++
		}
		if a.Open() == f.Past || f.SourceID != "" && f.SourceID != a.Detail.SourceID || len(f.Kinds) > 0 && f.Kinds[0] != a.Kind {
			continue
		}
		p.Total++
		p.Alarms = append(p.Alarms, a)
	}
	p.Alarms = p.Alarms[min(f.Offset, len(p.Alarms)):min(f.Offset+f.Limit, len(p.Alarms))]
	return p, b.broken
}

func (b *board) TakeAlarm(_ context.Context, by rights.Actor, id string, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, a := range b.alarms {
		if a.ID == id && a.Loud() {
			b.alarms[i].TakenAt, b.alarms[i].TakenBy = now, by.Name
			return nil
		}
	}
	return errs.New(errs.NotFound, "Такой тревоги нет. Обновите страницу.")
}

// sampleAlarms has an alarm of every kind, one that is taken and one that has passed.
func sampleAlarms(now time.Time) []alarm.Alarm {
	var list []alarm.Alarm
	for i, k := range alarm.Kinds() {
		list = append(list, alarm.Alarm{
			ID: "a" + string(rune('a'+i)), Kind: k, Grade: alarm.Grade(1 + i%2), Mark: int64(i), RaisedAt: now.Add(-time.Hour), SeenAt: now,
			Detail: alarm.Detail{
				SourceID: "s5", Source: "ЖКХ «Города»", Name: string(collectors.AbleToAnswer), Trouble: "ВКонтакте не принял ключ: он отозван.",
				Since: now.Add(-95 * time.Minute), Until: now.Add(50 * time.Hour), Count: 3, Limit: 5000, Usual: 14.6,
			},
		})
	}
	list[1].TakenAt, list[1].TakenBy = now.Add(-10*time.Minute), "Вера Лаптева"
	past := list[0]
	past.ID, past.ClearedAt = "past", now.Add(-20*time.Minute)
	return append(list, past)
}
